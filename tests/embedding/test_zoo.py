"""The table of known embedders: names, folders, plugins, weights from files and hubs."""

import sys
import threading
from importlib.metadata import EntryPoint

import pytest

from lookalike.embedding import hub, zoo
from lookalike.embedding.card import Card
from lookalike.embedding.model_folder import write_model
from lookalike.embedding.spec import EmbedderSpec, take_apart
from lookalike.embedding.untrained import SIZE_PX, open_untrained, untrained_model
from lookalike.errors import EmbedderError, MissingExtra, ModelFileError, UnknownEmbedder

CARD = Card("net", 256, SIZE_PX, "")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(UnknownEmbedder, match=r"descriptor.*timm.*untrained"):
        zoo.open_embedder("resnet")


def test_a_folder_opens_by_path_and_by_its_written_path(tmp_path):
    write_model(tmp_path / "net", CARD, untrained_model(0))

    for way in (tmp_path / "net", str(tmp_path / "net")):
        assert zoo.open_embedder(way, runtime="onnxruntime").card.name == "net"


def test_the_packaged_model_becomes_the_default_once_it_is_there(tmp_path, monkeypatch):
    monkeypatch.setattr(zoo, "PACKAGED", tmp_path / "model")
    assert zoo.default_embedder_name() == "descriptor"
    assert zoo.open_embedder().card.name == "descriptor"
    assert "lookalike" not in zoo.known_names()
    with pytest.raises(EmbedderError, match="holds no trained model"):
        zoo.open_embedder("lookalike")

    write_model(tmp_path / "model", CARD, untrained_model(0))
    assert zoo.default_embedder_name() == "lookalike"
    assert zoo.open_embedder("default", runtime="onnxruntime").card.name == "net"
    assert "lookalike" in zoo.known_names()


@pytest.mark.parametrize("name", ["descriptor", "pixels", "histogram", "untrained"])
def test_options_that_an_embedder_would_not_follow_are_refused(name):
    with pytest.raises(EmbedderError, match="no option 'precision'"):
        zoo.open_embedder(name, precision="bf16")
    with pytest.raises(EmbedderError, match="no option 'weights'"):
        zoo.open_embedder(f"{name}?weights=none")


def test_a_name_is_taken_apart_and_paths_keep_their_signs():
    spec = take_apart("timm:vit?weights=/a+b/c%20d.safetensors&size=32", running={})

    assert (spec.kind, spec.detail, spec.size_px) == ("timm", "vit", 32)
    assert str(spec.weights) == "/a+b/c%20d.safetensors"
    with pytest.raises(EmbedderError, match="no settings"):
        take_apart("timm:vit?weights", running={})
    with pytest.raises(EmbedderError, match="no photo size"):
        _ = take_apart("timm:vit?size=huge", running={}).size_px


def outsider(spec: EmbedderSpec):
    """What a plugin's entry point names."""
    assert spec.detail == "big"
    return open_untrained(seed=3, threads=1)


def test_outsiders_join_by_an_entry_point_that_is_loaded_only_when_asked_for(monkeypatch):
    good = EntryPoint("outsider", "tests_outsider:open_it", zoo.ENTRY_POINTS)
    broken = EntryPoint("broken", "no_such_module_anywhere:open_it", zoo.ENTRY_POINTS)
    monkeypatch.setattr(zoo, "entry_points", lambda *, group: (good, broken))
    monkeypatch.setattr(EntryPoint, "load", lambda self: outsider if self.name == "outsider" else {}["gone"])

    assert "broken" in zoo.known_names()
    assert zoo.open_embedder("outsider:big").card.notes.startswith("Random weights of seed 3")
    with pytest.raises(EmbedderError, match="plugin no_such_module_anywhere"):
        zoo.open_embedder("broken")


@pytest.mark.parametrize("name", ["timm:resnet10t", "open_clip:RN50", "transformers:some/model"])
def test_without_pytorch_the_install_line_is_told(monkeypatch, name):
    monkeypatch.setitem(sys.modules, "torch", None)

    with pytest.raises(MissingExtra, match=r"lookalike\[train\]"):
        zoo.open_embedder(name)


def test_an_unreachable_hub_is_an_error_at_once_without_the_clients_retries(monkeypatch):
    pytest.importorskip("huggingface_hub", reason="SKIPPED FOR WANT OF huggingface_hub")
    import huggingface_hub

    monkeypatch.setattr(hub, "answers", lambda address: False)
    monkeypatch.setattr(huggingface_hub, "hf_hub_download", pytest.fail)

    with pytest.raises(EmbedderError, match="hub cannot be reached"):
        hub.hub_file("nobody/nothing-of-this-name", "model.safetensors", model="timm:x")


def test_a_name_lookup_that_hangs_counts_as_no_answer(monkeypatch):
    asked, released, ended = threading.Event(), threading.Event(), threading.Event()

    def hanging(address, timeout):
        asked.set()
        released.wait()
        ended.set()
        raise OSError("no such name")

    monkeypatch.setattr(hub, "KNOCK_S", 0.2)
    monkeypatch.setattr(hub.socket, "create_connection", hanging)

    assert hub.answers("https://hub.invalid") is False
    released.set()
    assert ended.wait(30)
    assert asked.is_set()


def test_a_server_that_listens_answers():
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        assert hub.answers(f"http://127.0.0.1:{server.getsockname()[1]}") is True


def test_weights_in_a_pickle_are_refused_before_they_are_opened(tmp_path):
    pytest.importorskip("torch", reason="SKIPPED FOR WANT OF torch")
    from lookalike.embedding.torch_embedder import read_weights

    (tmp_path / "weights.pt").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    (tmp_path / "lying.safetensors").write_bytes((1 << 60).to_bytes(8, "little") + b"{}")

    with pytest.raises(ModelFileError, match="can run code"):
        read_weights(tmp_path / "weights.pt")
    with pytest.raises(ModelFileError, match="not a whole safetensors"):
        read_weights(tmp_path / "lying.safetensors")
    with pytest.raises(ModelFileError, match="no weights at"):
        read_weights(tmp_path / "absent.safetensors")
