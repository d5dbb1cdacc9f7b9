"""One model loaded in one runtime: a photo's pixels in, its raw vector out, from any number of threads.

Each call runs on one core, as many at once as there are cores. It takes one photo, or a few together where
the runtime is faster then; a vector cannot depend on the photos that it came with (see ``together``).
"""

from __future__ import annotations

import queue
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lookalike.embedding.card import Card
from lookalike.embedding.entrances import Entrance, find_entrance
from lookalike.embedding.onnx_check import Ports
from lookalike.embedding.quiet import load_onnxruntime, load_openvino
from lookalike.embedding.together import Together
from lookalike.errors import EmbedderError, MissingExtra, ModelFileError

Provider = str | tuple[str, dict[str, str]]
CUDA_NAME = "CUDAExecutionProvider"
CPU: tuple[Provider, ...] = ("CPUExecutionProvider",)
CUDA: tuple[Provider, ...] = ((CUDA_NAME, {"use_tf32": "0"}), *CPU)
"""TF32 off: it keeps ten bits of each factor, which is not the arithmetic that the card names."""


class Session(ABC):
    """A loaded model."""

    @abstractmethod
    def vector(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """The raw vector, shape (width,), of one photo (size, size, 3); safe from several threads."""

    def vectors(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Those of several, shape (photos, width), one after the other or together, on the caller's core."""
        return np.stack([self.vector(each) for each in photos])


class OnnxRuntimeSession(Session):
    """The model in ONNX Runtime; normalised in one pass of numpy, unless the model takes raw bytes."""

    def __init__(
        self,
        model: bytes,
        card: Card,
        *,
        entrance: Entrance,
        output: str,
        providers: Sequence[Provider] = CPU,
    ) -> None:
        onnxruntime = load_onnxruntime()

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # parallel by photo
        options.log_severity_level = 4  # failures arrive as exceptions
        self._session = onnxruntime.InferenceSession(model, options, providers=list(providers))
        self.provider = str(self._session.get_providers()[0])
        """Where it really runs: ONNX Runtime falls back to the CPU without an error."""
        self._entrance, self._output = entrance, output
        shape = (3, 1, 1) if entrance.channels_first else (3,)
        self._factor = (1 / np.array(card.scale)).astype(np.float32).reshape(shape)
        self._shift = (-np.array(card.mean) / np.array(card.scale)).astype(np.float32).reshape(shape)
        self._together = Together(self.vector, self._raw)

    def vector(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `Session.vector`."""
        vector: NDArray[np.float32] = self._raw(pixels[None])[0]
        return vector

    def vectors(self, photos: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """See `Session.vectors`."""
        return self._together.vectors(photos)

    def _raw(self, photos: NDArray[np.uint8]) -> NDArray[np.float32]:
        found = np.asarray(self.values(photos, [self._output])[0], np.float32)
        return found.reshape(len(photos), -1)

    def values(self, photos: NDArray[np.uint8], names: Sequence[str]) -> list[NDArray[Any]]:
        """Outputs by name, of photos (photos, size, size, 3) in one run; safe from several threads."""
        laid: NDArray[Any] = photos.transpose(0, 3, 1, 2) if self._entrance.channels_first else photos
        if not self._entrance.raw:
            laid = np.multiply(laid, self._factor, dtype=np.float32, order="C")
            laid += self._shift
        feed = {self._entrance.name: np.ascontiguousarray(laid)}
        values: list[NDArray[Any]] = self._session.run(list(names), feed)
        return values


class OpenVinoSession(Session):
    """The model in OpenVINO, normalisation folded into it; one stream and one waiting request a core.

    The precision is asked for by name: left alone, OpenVINO takes bf16 where the CPU has it.
    """

    def __init__(self, model: bytes, card: Card, *, entrance: Entrance, output: str, threads: int) -> None:
        openvino = load_openvino()
        core = openvino.Core()
        network = core.read_model(model)
        size = card.size_px
        network.reshape([1, 3, size, size] if entrance.channels_first else [1, size, size, 3])
        settings = {
            "INFERENCE_PRECISION_HINT": "bf16" if card.precision == "bf16" else "f32",
            "NUM_STREAMS": str(threads),
            "INFERENCE_NUM_THREADS": str(threads),
        }
        # Other outputs (a classifier's logits) would be computed for nothing.
        network = openvino.Model([network.output(output)], network.get_parameters())
        compiled = core.compile_model(_with_raw_entrance(network, card, entrance=entrance), "CPU", settings)
        self._tensor, self._output = openvino.Tensor, compiled.output(output)
        self._idle: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for _ in range(threads):
            self._idle.put(compiled.create_infer_request())

    def vector(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """See `Session.vector`."""
        request = self._idle.get()
        try:
            request.infer({0: self._tensor(np.ascontiguousarray(pixels)[None])})
            return np.array(request.get_tensor(self._output).data, np.float32).reshape(-1)
        finally:
            self._idle.put(request)


def _with_raw_entrance(network: Any, card: Card, *, entrance: Entrance) -> Any:
    from openvino import Layout, Type
    from openvino.preprocess import PrePostProcessor

    steps = PrePostProcessor(network)
    steps.input().tensor().set_element_type(Type.u8).set_layout(Layout("NHWC"))
    steps.input().model().set_layout(Layout("NCHW" if entrance.channels_first else "NHWC"))
    if not entrance.raw:
        normalised = steps.input().preprocess().convert_element_type(Type.f32)
        normalised.mean([float(value) for value in card.mean]).scale([float(value) for value in card.scale])
    return steps.build()


def openvino_is_installed() -> bool:
    """Whether the ``fast`` extra is there; nothing is loaded."""
    from importlib.util import find_spec

    return find_spec("openvino") is not None


def has_fast_bf16() -> bool:
    """Whether OpenVINO is installed and this CPU computes in bf16 by itself."""
    if not openvino_is_installed():
        return False
    return "BF16" in load_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


def cuda_is_offered() -> bool:
    """Whether the ONNX Runtime that is installed is one for NVIDIA GPUs; if there is one, shows when used."""
    return CUDA_NAME in load_onnxruntime().get_available_providers()


def load_session(
    runtime: str, model: bytes, card: Card, *, ports: Ports, output: str, threads: int
) -> Session:
    """The model in the named runtime (``onnxruntime``, ``openvino``, ``cuda``).

    Raises:
        MissingExtra: OpenVINO was asked for and is not installed.
        EmbedderError: a GPU was asked for and there is none that can be used.
        ModelFileError: the runtime does not take the model.
    """
    entrance, _ = find_entrance(ports, where=card.name)
    if runtime == "openvino" and not openvino_is_installed():
        raise MissingExtra("Running models by OpenVINO", extra="fast")
    if runtime == "cuda" and not cuda_is_offered():
        raise _no_gpu("the ONNX Runtime that is installed is not the one for GPUs")
    try:
        if runtime == "openvino":
            return OpenVinoSession(model, card, entrance=entrance, output=output, threads=threads)
        providers = CUDA if runtime == "cuda" else CPU
        session = OnnxRuntimeSession(model, card, entrance=entrance, output=output, providers=providers)
    except Exception as error:  # the runtimes' own errors share no base class
        raise ModelFileError(
            f"{card.name} cannot be loaded by {runtime}: {_first_line(error)}",
            hint="Try another runtime, or export the model again.",
        ) from error
    if runtime == "cuda" and session.provider != CUDA_NAME:
        raise _no_gpu("ONNX Runtime found no GPU, or not the CUDA and cuDNN that it was built for")
    return session


def _no_gpu(reason: str) -> EmbedderError:
    return EmbedderError(
        f"The model cannot run on a GPU: {reason}.",
        hint="Leave the runtime out, or: pip uninstall onnxruntime && pip install onnxruntime-gpu",
    )


def _first_line(error: Exception) -> str:
    return next((line for line in str(error).splitlines() if line.strip()), type(error).__name__)[:200]
