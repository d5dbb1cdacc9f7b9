"""The reference classifier in PyTorch says what the runtime says."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")
pytestmark = pytest.mark.train

from onnx import TensorProto, helper, numpy_helper  # noqa: E402

from lookalike.errors import TrainingError  # noqa: E402
from lookalike.training.own_model.teacher import Teacher  # noqa: E402
from lookalike.training.own_model.torch_teacher import TorchTeacher  # noqa: E402

CPU = torch.device("cpu")


def convolution(source, target, *, stride=1, pads=(1, 1, 1, 1), group=1):
    inputs = [source, f"{target}_weight", f"{target}_bias"]
    return helper.make_node(
        "Conv",
        inputs,
        [target],
        strides=[stride, stride],
        pads=list(pads),
        group=group,
        dilations=[1, 1],
        kernel_shape=[3, 3],
    )


@pytest.fixture
def classifier(tmp_path):
    """A small network of every operation, with the uneven margins of a halving convolution."""
    rng = np.random.default_rng(0)
    shapes = {"first": (8, 3), "deep": (8, 1), "side": (8, 8)}
    weights = {f"{name}_weight": rng.normal(0, 0.3, (*shape, 3, 3)) for name, shape in shapes.items()}
    weights |= {f"{name}_bias": rng.normal(0, 0.3, shape[0]) for name, shape in shapes.items()}
    weights |= {"none": np.array(0.0), "six": np.array(6.0)}
    nodes = [
        convolution("images", "first", stride=2, pads=(0, 0, 1, 1)),
        helper.make_node("Clip", ["first", "none", "six"], ["clipped"]),
        convolution("clipped", "deep", group=8),
        helper.make_node("Relu", ["deep"], ["bright"]),
        convolution("bright", "side"),
        helper.make_node("Add", ["side", "clipped"], ["sum"]),
        helper.make_node("GlobalAveragePool", ["sum"], ["features"]),
    ]
    graph = helper.make_graph(
        nodes,
        "classifier",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, None)],
        [numpy_helper.from_array(value.astype(np.float32), name) for name, value in weights.items()],
    )
    file = tmp_path / "classifier.onnx"
    onnx.save(
        helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8),
        file,
    )
    return file


def test_inner_activations_are_those_of_the_runtime(classifier):
    pixels = np.random.default_rng(1).uniform(0, 255, (2, 3, 20, 20)).astype(np.float32)
    wanted = ["clipped", "sum"]
    expected = Teacher(classifier, wanted, threads=1)(pixels)
    found = TorchTeacher(classifier, wanted, device=CPU)(torch.from_numpy(pixels / 127.5 - 1))
    for ours, theirs in zip(found, expected, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, atol=1e-4)


def test_an_operation_that_it_does_not_have_is_named(classifier):
    with pytest.raises(TrainingError, match="GlobalAveragePool"):
        TorchTeacher(classifier, ["features"], device=CPU)


def test_an_activation_that_is_not_there_is_named(classifier):
    with pytest.raises(TrainingError, match="no activation elsewhere"):
        TorchTeacher(classifier, ["sum", "elsewhere"], device=CPU)
