"""Model files at work: options, runtimes, precision, threads, and files that do not fit."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import onnxruntime
import pytest

from lookalike.catalogue.photos import Photo
from lookalike.embedding import runtime_choice, sessions
from lookalike.embedding.card import Card
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.protobuf import write_field
from lookalike.embedding.runtime import choose_precision, open_model
from lookalike.embedding.untrained import SIZE_PX, untrained_model
from lookalike.errors import EmbedderError, MissingExtra, ModelFileError

CARD = Card("net", 256, SIZE_PX, "", mean=(120.0, 110.0, 100.0), scale=(60.0, 61.0, 62.0))
OPENVINO = pytest.mark.skipif(not sessions.openvino_is_installed(), reason="SKIPPED FOR WANT OF openvino")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    write_model(tmp_path / "net", CARD, untrained_model(1))
    return tmp_path / "net"


def photos(count, *, size_px=SIZE_PX):
    rng = np.random.default_rng(5)
    pixels = rng.integers(0, 256, (count, size_px, size_px, 3), np.uint8)
    return [Photo(each, (0, 0, size_px, size_px), size_px, size_px) for each in pixels]


def cosine(one, other):
    return float((one * other).sum(axis=1).min())


@OPENVINO
def test_both_runtimes_give_the_same_vectors_and_the_same_fingerprint(folder):
    by_onnx, by_openvino = (open_model(folder, runtime=name) for name in ("onnxruntime", "openvino"))
    batch = photos(5)

    assert cosine(by_onnx.encode(batch), by_openvino.encode(batch)) > 0.99999
    assert by_onnx.card.fingerprint == by_openvino.card.fingerprint


def test_pixels_enter_as_the_card_says(folder):
    import onnxruntime

    photo = photos(1)[0]
    scaled = (photo.pixels - np.array(CARD.mean)) / np.array(CARD.scale)
    plain = onnxruntime.InferenceSession(untrained_model(1), providers=["CPUExecutionProvider"])
    raw = plain.run(None, {"images": scaled.transpose(2, 0, 1)[None].astype(np.float32)})[0]

    expected = raw / np.linalg.norm(raw)
    np.testing.assert_allclose(open_model(folder, runtime="onnxruntime").encode([photo]), expected, atol=1e-5)


@OPENVINO
def test_bf16_has_a_fingerprint_of_its_own_and_nearly_the_same_vectors(folder):
    if not sessions.has_fast_bf16():
        pytest.skip("SKIPPED FOR WANT OF A CPU WITH BF16")
    exact, fast = open_model(folder, runtime="openvino"), open_model(folder, precision="fast")
    batch = photos(4)

    assert fast.card.precision == "bf16"
    assert fast.runtime == "openvino"
    assert fast.card.fingerprint != exact.card.fingerprint
    assert not np.array_equal(fast.encode(batch), exact.encode(batch))
    assert cosine(fast.encode(batch), exact.encode(batch)) > 0.999


@pytest.mark.parametrize("runtime", ["onnxruntime", pytest.param("openvino", marks=OPENVINO)])
def test_many_threads_at_once_get_the_vectors_of_their_own_photos(folder, runtime):
    embedder = open_model(folder, runtime=runtime, threads=2)
    batch = photos(24)
    alone = [embedder.encode([photo]) for photo in batch]

    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(lambda photo: embedder.encode([photo]), batch))

    for one, other in zip(alone, together, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-6)


def test_a_bare_file_opens_with_a_derived_card(tmp_path):
    (tmp_path / "plain.onnx").write_bytes(untrained_model(1))
    usual = open_model(tmp_path / "plain.onnx", runtime="onnxruntime")
    other = open_model(
        tmp_path / "plain.onnx", runtime="onnxruntime", scaling=((0.0, 0.0, 0.0), (255.0, 255.0, 255.0))
    )

    assert (usual.card.name, usual.card.width, usual.card.size_px) == ("plain", 256, SIZE_PX)
    assert usual.card.mean == usual.card.scale == (127.5, 127.5, 127.5)
    assert usual.card.fingerprint != other.card.fingerprint
    assert cosine(usual.encode(photos(2)), other.encode(photos(2))) < 0.99999


def test_a_reference_model_gives_its_features_or_its_logits(shared):
    path = shared / "reference_models" / "mobilenet_v2_imagenet.onnx"
    features = open_model(path, runtime="onnxruntime")
    logits = open_model(path, runtime="onnxruntime", features="logits")

    assert (features.card.width, logits.card.width) == (1280, 1001)
    assert features.card.fingerprint != logits.card.fingerprint
    assert logits.encode(photos(1, size_px=224)).shape == (1, 1001)
    with pytest.raises(ModelFileError, match=r"features, logits|no output 'words'"):
        open_model(path, features="words")


def test_a_model_that_takes_raw_bytes_is_fed_raw_bytes(tmp_path):
    onnx = pytest.importorskip("onnx", reason="SKIPPED FOR WANT OF onnx")
    from onnx import TensorProto, helper

    nodes = [
        helper.make_node("Cast", ["photo"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("ReduceMean", ["floats"], ["vector"], axes=[1, 2], keepdims=0),
    ]
    photo = helper.make_tensor_value_info("photo", TensorProto.UINT8, ["batch", 16, 16, 3])
    vector = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", 3])
    graph = helper.make_graph(nodes, "mean", [photo], [vector])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    (tmp_path / "mean.onnx").write_bytes(model.SerializeToString())
    batch = photos(2, size_px=16)
    means = np.stack([each.pixels.reshape(-1, 3).mean(axis=0) for each in batch])
    expected = means / np.linalg.norm(means, axis=1, keepdims=True)

    runtimes = ["onnxruntime"] + ["openvino"] * sessions.openvino_is_installed()
    for name in runtimes:
        embedder = open_model(tmp_path / "mean.onnx", runtime=name)
        np.testing.assert_allclose(embedder.encode(batch), expected, atol=1e-6)
    assert onnx.__name__ == "onnx"
    with pytest.raises(ModelFileError, match="raw bytes"):
        open_model(tmp_path / "mean.onnx", scaling=((1.0, 1.0, 1.0), (1.0, 1.0, 1.0)))


def test_a_card_of_another_width_is_refused_at_the_first_forward_pass(tmp_path):
    write_model(tmp_path / "net", replace(CARD, width=255), untrained_model(1))

    with pytest.raises(ModelFileError, match="256 values, its card says 255"):
        open_model(tmp_path / "net", runtime="onnxruntime")


def test_a_card_of_another_photo_size_is_refused(tmp_path):
    write_model(tmp_path / "net", replace(CARD, size_px=64), untrained_model(1))

    with pytest.raises(ModelFileError, match="64 px, the model takes 96 px"):
        open_model(tmp_path / "net")


@pytest.mark.parametrize("runtime", ["onnxruntime", pytest.param("openvino", marks=OPENVINO)])
def test_a_sound_file_that_no_runtime_understands_is_refused(tmp_path, runtime):
    senseless = untrained_model(1).replace(b"GlobalAveragePool", b"GlobalAverageLoop")
    write_model(tmp_path / "net", CARD, senseless)

    with pytest.raises(ModelFileError, match=f"cannot be loaded by {runtime}"):
        open_model(tmp_path / "net", runtime=runtime)


def test_external_data_is_refused_before_a_runtime_sees_it(tmp_path, monkeypatch):
    monkeypatch.setattr(sessions, "load_session", pytest.fail)
    external = write_field(1, 2) + write_field(2, 1) + write_field(13, write_field(1, "location"))
    write_model(tmp_path / "net", CARD, untrained_model(1) + write_field(7, write_field(5, external)))
    evil = write_field(1, 8) + write_field(7, write_field(5, external))
    write_model(tmp_path / "evil", CARD, evil)

    with pytest.raises(ModelFileError, match="2 graphs"):
        open_model(tmp_path / "net")
    with pytest.raises(ModelFileError, match="external data"):
        open_model(tmp_path / "evil")


def test_bare_files_with_flipped_bits_never_crash_the_process(tmp_path):
    (tmp_path / "whole.onnx").write_bytes(untrained_model(1))
    trial = """
import sys
from pathlib import Path
import numpy as np
from lookalike.embedding.runtime import open_model
from lookalike.errors import ModelFileError
whole = Path(sys.argv[1]).read_bytes()
rng = np.random.default_rng(3)
head = [int(bit) for bit in rng.integers(0, 8 * 150, 12)]
tail = [8 * len(whole) - 1 - int(bit) for bit in rng.integers(0, 8 * 150, 12)]
refused = 0
for bit in head + tail:
    flipped = bytearray(whole)
    flipped[bit // 8] ^= 1 << bit % 8
    Path(sys.argv[2]).write_bytes(flipped)
    try:
        open_model(Path(sys.argv[2]), runtime="onnxruntime", threads=1)
    except ModelFileError:
        refused += 1
print(refused)
"""
    paths = [str(tmp_path / name) for name in ("whole.onnx", "flipped.onnx")]
    done = subprocess.run([sys.executable, "-c", trial, *paths], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 4


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"runtime": "tensorrt"}, "no runtime 'tensorrt'"),
        ({"precision": "int8"}, "cannot run in 'int8'"),
        ({"precision": "f64"}, "cannot run in 'f64'"),
        ({"precision": "bf16", "runtime": "onnxruntime"}, "cannot run in bf16"),
        ({"scaling": ((0.0,) * 3, (1.0,) * 3)}, "has a card"),
        ({"features": "words"}, "no output 'words'"),
    ],
)
def test_options_that_cannot_be_followed_are_refused(folder, options, said):
    with pytest.raises(EmbedderError, match=said):
        open_model(folder, **options)


def test_without_openvino_everything_runs_by_onnx_runtime_and_asking_for_it_says_how(folder, monkeypatch):
    for module in ("lookalike.embedding.runtime", "lookalike.embedding.sessions"):
        monkeypatch.setattr(f"{module}.openvino_is_installed", lambda: False)

    assert open_model(folder).runtime == "onnxruntime"
    assert open_model(folder, precision="fast").card.precision == "f32"
    with pytest.raises(MissingExtra, match=r"lookalike\[fast\]"):
        open_model(folder, runtime="openvino")
    with pytest.raises(EmbedderError, match="cannot run in bf16"):
        open_model(folder, precision="bf16")


def test_an_int8_model_keeps_its_precision():
    assert choose_precision(None, replace(CARD, precision="int8"), runtime=None) == "int8"
    assert choose_precision("fast", replace(CARD, precision="int8"), runtime=None) == "int8"
    with pytest.raises(EmbedderError, match="model of int8"):
        choose_precision("f32", replace(CARD, precision="int8"), runtime=None)


@OPENVINO
def test_the_faster_runtime_is_measured_once_and_remembered(folder, tmp_path, monkeypatch):
    measured = []

    def stopwatch(loaded, *, size_px):
        measured.append(sorted(loaded))
        return {"onnxruntime": 0.02, "openvino": 0.01}

    monkeypatch.setattr(runtime_choice, "seconds_a_photo", stopwatch)

    assert [open_model(folder).runtime for _ in range(2)] == ["openvino", "openvino"]
    assert measured == [["onnxruntime", "openvino"]]
    [note] = (tmp_path / "cache" / "runtimes").iterdir()
    assert json.loads(note.read_text())["runtime"] == "openvino"

    note.write_text('{"runtime": "evil"}')  # a damaged note only means measuring again
    assert open_model(folder).runtime == "openvino"
    assert len(measured) == 2


@OPENVINO
def test_a_cache_that_cannot_be_written_is_no_obstacle(folder, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("LOOKALIKE_CACHE", str(tmp_path / "file"))

    assert open_model(folder).encode(photos(1)).shape == (1, 256)


class OnGpu:
    """ONNX Runtime as its GPU build behaves, with a GPU or without; the work is done on the CPU."""

    def __init__(self, monkeypatch, *, gpu):
        self.asked, self.gpu, real = [], gpu, onnxruntime.InferenceSession
        offered = ["CUDAExecutionProvider", "CPUExecutionProvider"]
        monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: offered)

        class Opened:
            def __init__(this, model, options, providers):  # noqa: N805
                self.asked.append(providers)
                this.real = real(model, options, providers=["CPUExecutionProvider"])
                this.run = this.real.run
                names = [one if isinstance(one, str) else one[0] for one in providers]
                this.get_providers = lambda: names if gpu else ["CPUExecutionProvider"]

        monkeypatch.setattr(onnxruntime, "InferenceSession", Opened)


def test_a_gpu_is_taken_where_the_installed_onnx_runtime_can_use_one(folder, monkeypatch):
    before = open_model(folder, runtime="onnxruntime")
    wanted = OnGpu(monkeypatch, gpu=True)
    found = open_model(folder)
    assert found.runtime == "cuda"
    assert wanted.asked == [[("CUDAExecutionProvider", {"use_tf32": "0"}), "CPUExecutionProvider"]]
    assert found.card.fingerprint == before.card.fingerprint
    np.testing.assert_array_equal(found.encode(photos(3)), before.encode(photos(3)))


def test_without_a_gpu_that_works_the_cpu_is_taken_and_asking_for_it_says_why(folder, monkeypatch):
    OnGpu(monkeypatch, gpu=False)
    assert open_model(folder).runtime in ("onnxruntime", "openvino")
    with pytest.raises(EmbedderError, match="found no GPU"):
        open_model(folder, runtime="cuda")
    monkeypatch.setattr(onnxruntime, "get_available_providers", lambda: ["CPUExecutionProvider"])
    with pytest.raises(EmbedderError, match="not the one for GPUs") as refused:
        open_model(folder, runtime="cuda")
    assert "onnxruntime-gpu" in refused.value.hint


def test_bf16_is_no_arithmetic_of_a_gpu_here(folder):
    with pytest.raises(EmbedderError, match="bf16"):
        open_model(folder, runtime="cuda", precision="bf16")
