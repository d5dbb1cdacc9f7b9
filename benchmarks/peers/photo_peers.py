"""Each way from JPEG files to vectors, as a function of paths; all run the weights of one network.

The network is timm's mobilenetv2_100 with drawn weights (seed 0), exported once to ONNX; speed does not
depend on what weights say. Every peer but fastembed letterboxes to 224 px on white; all give unit
vectors.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.embedding import LOOP_BATCH, SIZE_PX, plain_loop, prepared

from lookalike.catalogue.items import View
from lookalike.embedding.pipeline import Embedded, embed_views
from lookalike.embedding.runtime import open_model
from lookalike.embedding.torchvision_shim import mend_torchvision

Way = Callable[[list[Path]], np.ndarray]
SCALING = ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))


def network() -> Any:
    import torch

    mend_torchvision()
    import timm

    torch.manual_seed(0)
    return timm.create_model("mobilenetv2_100", pretrained=False, num_classes=0).eval()


def export(folder: Path) -> Path:
    """The network as ONNX, output ``features``."""
    import torch

    path = folder / "network.onnx"
    example = torch.zeros(1, 3, SIZE_PX, SIZE_PX)
    batch = {"images": {0: "batch"}, "features": {0: "batch"}}
    torch.onnx.export(
        network(),
        (example,),
        str(path),
        input_names=["images"],
        output_names=["features"],
        dynamic_axes=batch,
        dynamo=False,
    )
    return path


def unit(rows: np.ndarray) -> np.ndarray:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def ours(model: Path, precision: str) -> Way:
    embedder = open_model(model, precision=precision, scaling=SCALING)

    def run(paths: list[Path]) -> np.ndarray:
        outcomes = list(embed_views(map(View, paths), embedder))
        return np.stack([one.vector for one in outcomes if isinstance(one, Embedded)])

    return run


def onnx_loop(model: Path) -> Way:
    """A batch of 32 after the other in one thread of Python."""
    return plain_loop(model)


def fastembed(model: Path) -> Way:
    """fastembed's image embedding, our network in the folder of one of its models.

    It knows no letterbox: the short side is resized to 224 px and the middle cut out, as it does for its own.
    """
    from fastembed import ImageEmbedding

    folder = model.parent / "fastembed"
    folder.mkdir()
    shutil.copy(model, folder / "model.onnx")
    scaling = {"do_normalize": True, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    cut = {
        "do_resize": True,
        "size": {"shortest_edge": SIZE_PX},
        "do_center_crop": True,
        "crop_size": SIZE_PX,
    }
    papers = {"image_processor_type": "CLIPImageProcessor", "do_rescale": True, "resample": 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(papers | cut | scaling))
    embedding = ImageEmbedding("Qdrant/resnet50-onnx", specific_model_path=str(folder))

    def run(paths: list[Path]) -> np.ndarray:
        return unit(np.stack(list(embedding.embed([str(path) for path in paths], batch_size=LOOP_BATCH))))

    return run


def sentence_transformers(_: Path) -> Way:
    """SentenceTransformer.encode over Pillow images, the network as its one module."""
    import torch
    from PIL import Image
    from sentence_transformers import SentenceTransformer

    class Photos(torch.nn.Module):
        """What encode() asks of a module: photos to tensors, tensors to a sentence's vector."""

        modalities = ("image",)

        def __init__(self) -> None:
            super().__init__()
            self.network = network()

        def preprocess(self, inputs: list[Any], *_: Any, **__: Any) -> dict[str, Any]:
            return {"photos": torch.from_numpy(np.stack([letterboxed(one) for one in inputs]))}

        tokenize = preprocess

        def forward(self, features: dict[str, Any], **_: Any) -> dict[str, Any]:
            return features | {"sentence_embedding": self.network(features["photos"])}

        def get_sentence_embedding_dimension(self) -> int:
            return 1280

        get_embedding_dimension = get_sentence_embedding_dimension

    model = SentenceTransformer(modules=[Photos()], device="cpu")

    def run(paths: list[Path]) -> np.ndarray:
        pictures = [Image.open(path).convert("RGB") for path in paths]
        return unit(np.asarray(model.encode(pictures, batch_size=LOOP_BATCH, show_progress_bar=False)))

    return run


def letterboxed(picture: Any) -> np.ndarray:
    from PIL import Image

    picture = picture.convert("RGB")
    picture.thumbnail((SIZE_PX, SIZE_PX), Image.Resampling.BICUBIC, reducing_gap=None)
    square = Image.new("RGB", (SIZE_PX, SIZE_PX), "white")
    square.paste(picture, ((SIZE_PX - picture.width) // 2, (SIZE_PX - picture.height) // 2))
    return (np.asarray(square, np.float32) / 127.5 - 1).transpose(2, 0, 1)


def timm_loader(_: Path) -> Way:
    """timm in eager PyTorch behind a DataLoader with a worker process for each core."""
    import torch

    net = network()

    class Files(torch.utils.data.Dataset):  # type: ignore[type-arg]
        def __init__(self, paths: list[Path]) -> None:
            self.paths = paths

        def __len__(self) -> int:
            return len(self.paths)

        def __getitem__(self, at: int) -> Any:
            return torch.from_numpy(prepared(self.paths[at]))

    def run(paths: list[Path]) -> np.ndarray:
        loader = torch.utils.data.DataLoader(
            Files(paths), batch_size=LOOP_BATCH, num_workers=os.cpu_count() or 1
        )
        with torch.inference_mode():
            return unit(np.concatenate([net(batch).numpy() for batch in loader]))

    return run


def daft_query(model: Path) -> Way:
    """A Daft query in its own words: download, then a class of its own that runs ONNX Runtime on batches."""
    import io

    import daft
    from PIL import Image

    @daft.cls
    class Vectors:
        def __init__(self, path: str) -> None:
            import onnxruntime

            self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])

        @daft.method.batch(return_dtype=daft.DataType.python(), batch_size=LOOP_BATCH)
        def of(self, photos: daft.Series) -> list[Any]:
            batch = np.stack([letterboxed(Image.open(io.BytesIO(one))) for one in photos.to_pylist()])
            return list(self.session.run(["features"], {"images": batch})[0])

    vectors = Vectors(str(model))

    def run(paths: list[Path]) -> np.ndarray:
        frame = daft.from_pydict({"path": [str(path) for path in paths]})
        frame = frame.with_column("photo", frame["path"].download())
        found = frame.select(vectors.of(frame["photo"]).alias("vector")).to_pydict()["vector"]
        return unit(np.stack(found))

    return run


def ray_data(model: Path) -> Way:
    """Ray Data: map_batches over a pool of one actor a core, each with a session of its own."""
    import ray
    import ray.data

    ray.init(num_cpus=os.cpu_count(), include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False

    class Vectors:
        def __init__(self) -> None:
            import onnxruntime

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            self.session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )

        def __call__(self, batch: dict[str, Any]) -> dict[str, Any]:
            photos = np.stack([prepared(Path(path)) for path in batch["path"]])
            return {"vector": self.session.run(["features"], {"images": photos})[0], "path": batch["path"]}

    def run(paths: list[Path]) -> np.ndarray:
        rows = ray.data.from_items([{"path": str(path)} for path in paths])
        pool = ray.data.ActorPoolStrategy(size=max(1, (os.cpu_count() or 1) - 1))
        done = rows.map_batches(Vectors, batch_size=16, compute=pool).take_all()
        by_path = {row["path"]: row["vector"] for row in done}
        return unit(np.stack([by_path[str(path)] for path in paths]))

    return run


WAYS: dict[str, tuple[str, Callable[[Path], Way]]] = {
    # name: (package, how to make it)
    "lookalike, f32": ("lookalike", lambda model: ours(model, "f32")),
    "lookalike, fast (bf16)": ("lookalike", lambda model: ours(model, "fast")),
    "ONNX Runtime loop": ("onnxruntime", onnx_loop),
    "fastembed": ("fastembed", fastembed),
    "sentence-transformers": ("sentence-transformers", sentence_transformers),
    "timm + DataLoader": ("timm", timm_loader),
    "Daft": ("daft", daft_query),
    "Ray Data": ("ray", ray_data),
}
