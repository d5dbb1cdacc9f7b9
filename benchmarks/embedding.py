"""How fast JPEG files become vectors: our pipeline, a plain loop, and what this machine allows at most.

python -m benchmarks.embedding [--data ../shared/data] [--photos 96] [--rounds 5]

Contenders, interleaved in every round, on the same files of 1,000 px and the same model (mobilenet_v2):
- pipeline: ``embed_views`` with the runtime that ``open_model`` chooses on this machine
- loop: a batch of 32 at a time as text-embedding libraries do it for images: Pillow decodes at full
  size and resizes, then the model in fp32 with default options. The model is an ONNX file, so it runs
  in ONNX Runtime, which is the faster of the two such libraries use.
- torch: the same loop around the same network (timm's mobilenetv2_100, untrained) in eager PyTorch, fp32
- decode: our decoding alone, on all cores; forward: our model alone, on photos already decoded
The ceiling is what both need together on the same cores: 1 / (1 / decode + 1 / forward).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from benchmarks.machine import describe
from PIL import Image

from lookalike.catalogue.items import View
from lookalike.catalogue.photos import read_photo
from lookalike.embedding.embedder import Embedder
from lookalike.embedding.pipeline import DEFAULT_PACE, Embedded, embed_views
from lookalike.embedding.runtime import open_model
from lookalike.embedding.torchvision_shim import mend_torchvision

SEED, LONG_SIDE_PX, SIZE_PX, LOOP_BATCH = 0, 1000, 224, 32
RESULT = Path(__file__).parent / "results" / "embedding.json"


def large_photos(data: Path, folder: Path, count: int) -> list[Path]:
    """Real photos enlarged to 1,000 px with a camera's grain, as JPEG of quality 90."""
    rng = np.random.default_rng(SEED)
    sources = sorted((data / "clothing").rglob("*.jpg")) or sorted(data.rglob("*.jpg"))
    chosen = [sources[at] for at in rng.choice(len(sources), count, replace=False)]
    paths = []
    for number, source in enumerate(chosen):
        picture = Image.open(source).convert("RGB")
        scale = LONG_SIDE_PX / max(picture.size)
        picture = picture.resize((round(picture.width * scale), round(picture.height * scale)))
        grain = rng.normal(0, 4, (picture.height, picture.width, 1))
        pixels = (np.asarray(picture) + grain).clip(0, 255).astype(np.uint8)
        paths.append(folder / f"{number}.jpg")
        Image.fromarray(pixels).save(paths[-1], quality=90)
    return paths


def plain_loop(model: Path) -> Callable[[list[Path]], np.ndarray]:
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    entrance = session.get_inputs()[0].name

    return loop_around(lambda batch: session.run(["features"], {entrance: batch})[0])


def torch_loop() -> Callable[[list[Path]], np.ndarray]:
    import torch

    mend_torchvision()
    import timm

    network = timm.create_model("mobilenetv2_100", pretrained=False, num_classes=0).eval()

    def features(batch: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            return network(torch.from_numpy(batch)).numpy()

    return loop_around(features)


def loop_around(features: Callable[[np.ndarray], np.ndarray]) -> Callable[[list[Path]], np.ndarray]:
    def run(paths: list[Path]) -> np.ndarray:
        found = []
        for start in range(0, len(paths), LOOP_BATCH):
            vectors = features(np.stack([prepared(path) for path in paths[start : start + LOOP_BATCH]]))
            found.append(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))
        return np.concatenate(found)

    return run


def prepared(path: Path) -> np.ndarray:
    picture = Image.open(path).convert("RGB")
    picture.thumbnail((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC, reducing_gap=None)
    square = Image.new("RGB", (SIZE_PX, SIZE_PX), "white")
    square.paste(picture, ((SIZE_PX - picture.width) // 2, (SIZE_PX - picture.height) // 2))
    return (np.asarray(square, np.float32) / 127.5 - 1).transpose(2, 0, 1)


def contenders(paths: list[Path], model: Path, embedder: Embedder) -> dict[str, Callable[[], int]]:
    loop, eager = plain_loop(model), torch_loop()
    photos = [read_photo(path, size_px=SIZE_PX) for path in paths]

    def pipeline() -> int:
        outcomes = embed_views(map(View, paths), embedder)
        return sum(isinstance(each, Embedded) for each in outcomes)

    def decode() -> int:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return sum(1 for _ in threads.map(lambda path: read_photo(path, size_px=SIZE_PX), paths))

    def forward() -> int:
        starts = range(0, len(photos), DEFAULT_PACE.batch)
        return sum(len(embedder.encode(photos[at : at + DEFAULT_PACE.batch])) for at in starts)

    return {
        "pipeline": pipeline,
        "loop": lambda: len(loop(paths)),
        "torch": lambda: len(eager(paths)),
        "decode": decode,
        "forward": forward,
    }


def rate(work: Callable[[], int]) -> tuple[float, float]:
    """Photos a second by the clock, and a CPU-second; on a busy machine only the second means anything."""
    start, start_cpu = time.perf_counter(), time.process_time()
    done = work()
    return done / (time.perf_counter() - start), done / (time.process_time() - start_cpu)


def summary(rounds: list[dict[str, float]]) -> dict[str, object]:
    ceilings = [1 / (1 / each["decode"] + 1 / each["forward"]) for each in rounds]
    return {
        "photos_per_s": {name: spread([each[name] for each in rounds]) for name in rounds[0]},
        "times_the_loop": spread([each["pipeline"] / each["loop"] for each in rounds]),
        "times_torch": spread([each["pipeline"] / each["torch"] for each in rounds]),
        "share_of_ceiling": spread(
            [each["pipeline"] / ceiling for each, ceiling in zip(rounds, ceilings, strict=True)]
        ),
    }


def spread(values: list[float]) -> dict[str, float]:
    return {
        name: round(float(of(values)), 3)
        for name, of in (("median", np.median), ("least", min), ("most", max))
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--photos", type=int, default=96)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runtime", help="onnxruntime or openvino; by default the faster here")
    parser.add_argument("--precision", default="fast")
    options = parser.parse_args()
    model = options.data / "reference_models" / "mobilenet_v2_imagenet.onnx"
    embedder = open_model(model, runtime=options.runtime, precision=options.precision)
    with tempfile.TemporaryDirectory() as folder:
        paths = large_photos(options.data, Path(folder), options.photos)
        kilobytes = float(np.mean([path.stat().st_size for path in paths])) / 1e3
        works = contenders(paths, model, embedder)
        for work in works.values():
            work()
        rounds = [{name: rate(work) for name, work in works.items()} for _ in range(options.rounds)]
    result = {
        "protocol": __doc__,
        "machine": describe(),
        "load_average": os.getloadavg()[0],
        "seed": SEED,
        "photos": options.photos,
        "mean_kilobytes": round(kilobytes, 1),
        "runtime": embedder.runtime,
        "precision": embedder.card.precision,
        "by_the_clock": summary([{name: pair[0] for name, pair in each.items()} for each in rounds]),
        "by_cpu_time": summary([{name: pair[1] for name, pair in each.items()} for each in rounds]),
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    print(json.dumps({key: value for key, value in result.items() if key != "protocol"}, indent=2))


if __name__ == "__main__":
    main()
