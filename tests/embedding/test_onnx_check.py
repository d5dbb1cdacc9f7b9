"""Model files are looked through before a runtime may load them."""

import numpy as np
import pytest

from lookalike.embedding.onnx_check import inspect_onnx
from lookalike.embedding.protobuf import WireError, fields, write_field
from lookalike.embedding.untrained import untrained_model
from lookalike.errors import ModelFileError


def model_of(*graph_parts: bytes) -> bytes:
    return write_field(1, 8) + write_field(7, b"".join(graph_parts))


def node(**parts: object) -> bytes:
    numbers = {"op_type": 4, "attribute": 5, "domain": 7}
    return write_field(1, b"".join(write_field(numbers[key], value) for key, value in parts.items()))


def constant(dims: list[int], *, element: int = 1, extra: bytes = b"") -> bytes:
    sides = b"".join(write_field(1, side) for side in dims)
    return sides + write_field(2, element) + write_field(8, "weights") + extra


EXTERNAL = write_field(13, write_field(1, "location") + write_field(2, "../../etc/passwd"))


def test_inputs_and_outputs_of_a_model_are_told():
    ports = inspect_onnx(untrained_model(0), where="model.onnx")

    assert [(port.name, port.element, port.shape) for port in ports.inputs] == [
        ("images", 1, (None, 3, 96, 96))
    ]
    assert [(port.name, port.shape) for port in ports.outputs] == [("features", (None, 256))]


def test_it_agrees_with_the_onnx_package_on_a_reference_model(shared):
    onnx = pytest.importorskip("onnx", reason="SKIPPED FOR WANT OF onnx")
    path = shared / "reference_models" / "mobilenet_v2_imagenet.onnx"
    graph = onnx.load(path).graph

    ports = inspect_onnx(path.read_bytes(), where=str(path))

    assert [port.name for port in ports.inputs] == [value.name for value in graph.input]
    assert [port.name for port in ports.outputs] == [value.name for value in graph.output]
    assert ports.inputs[0].shape == (None, 3, 224, 224)


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (model_of(write_field(5, constant([2], extra=EXTERNAL))), "external data"),
        (model_of(write_field(5, constant([2], extra=write_field(14, 1)))), "external data"),
        (
            model_of(node(op_type="Constant", attribute=write_field(5, constant([2], extra=EXTERNAL)))),
            "external",
        ),
        (
            model_of(
                node(op_type="If", attribute=write_field(6, write_field(5, constant([1], extra=EXTERNAL))))
            ),
            "ext",
        ),
        (model_of(write_field(15, write_field(1, constant([2], extra=EXTERNAL)))), "external data"),
        (model_of(write_field(5, constant([1 << 40, 1 << 20]))), "claims"),
        (
            model_of(write_field(5, constant([1000], extra=write_field(9, b"1234")))),
            "claims 1000 values in 4 bytes",
        ),
        (model_of(node(op_type="Evil", domain="my.library")), "foreign library"),
        (model_of(node(op_type="EPContext", domain="com.microsoft")), "reaches outside"),
        (write_field(25, write_field(7, write_field(7, "my.library"))) + model_of(), "foreign library"),
        (b"", "0 graphs"),
        (model_of() + model_of(), "2 graphs"),
        (write_field(7, 5), "number stands where bytes belong"),
        (b"\x80PNG not a model", "not a model"),
        (b"\xff" * 40, "more than ten bytes"),
    ],
)
def test_what_is_unsafe_or_senseless_is_refused_with_the_reason(model, reason):
    with pytest.raises(ModelFileError, match=reason) as caught:
        inspect_onnx(model, where="model.onnx")

    assert "model.onnx" in str(caught.value)


def test_graphs_nested_without_end_are_refused():
    graph = b""
    for _ in range(200):
        graph = node(op_type="If", attribute=write_field(6, graph))

    with pytest.raises(ModelFileError, match="nested"):
        inspect_onnx(model_of(graph), where="model.onnx")


def test_truncations_and_flipped_bits_give_ports_or_the_typed_error():
    whole = untrained_model(0)
    rng = np.random.default_rng(0)
    refused = 0

    for kept in [*range(60), *rng.integers(60, len(whole), 60)]:
        with pytest.raises(ModelFileError):
            inspect_onnx(whole[:kept], where="model.onnx")
    for bit in rng.integers(0, 8 * 200, 300):  # the head of the file and the first nodes
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        try:
            inspect_onnx(bytes(flipped), where="model.onnx")
        except ModelFileError:
            refused += 1

    assert refused > 0


def test_the_wire_format_is_that_of_protocol_buffers():
    assert write_field(1, 150) == b"\x08\x96\x01"  # the example of the format's own documentation
    assert write_field(2, "testing") == b"\x12\x07testing"
    assert list(fields(memoryview(b"\x08\x96\x01"))) == [(1, 150)]
    with pytest.raises(WireError, match="wire type 3"):
        list(fields(memoryview(b"\x0b")))
