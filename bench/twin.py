"""A network of ours once more, in PyTorch and in ONNX: the same layers with the same weights."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from app.nn import (
    BatchNorm,
    Columns,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    Layer,
    MaxPool2D,
    ReLU,
    Residual,
    Sequential,
    Sigmoid,
    fold_batch_norm,
)


def to_torch(network: Sequential) -> torch.nn.Sequential:
    """Build the network in PyTorch, the way PyTorch's own tutorials would."""
    return torch.nn.Sequential(*(_TORCH[type(layer)](layer) for layer in network.layers.values()))


class _Sum(torch.nn.Module):
    def __init__(self, body: torch.nn.Module) -> None:
        super().__init__()
        self.body = body

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.body(x)


def _torch_conv(layer: Conv2D) -> torch.nn.Conv2d:
    twin = torch.nn.Conv2d(
        layer.in_channels, layer.out_channels, layer.kernel_size, layer.stride, layer.padding, layer.dilation
    )
    return _filled(twin, weight=layer.params["weight"], bias=layer.params["bias"])


def _torch_dense(layer: Dense) -> torch.nn.Linear:
    twin = torch.nn.Linear(layer.in_features, layer.out_features)
    return _filled(twin, weight=layer.params["weight"].T, bias=layer.params["bias"])


def _torch_norm(layer: BatchNorm) -> torch.nn.Module:
    return _filled(
        _AnyBatchNorm(layer.channels, layer.epsilon, layer.momentum),
        weight=layer.params["scale"],
        bias=layer.params["shift"],
        running_mean=layer.state["mean"],
        running_var=layer.state["variance"],
    )


class _AnyBatchNorm(torch.nn.modules.batchnorm._BatchNorm):  # of features and of images, as ours
    def _check_input_dim(self, x: torch.Tensor) -> None:
        pass


def _filled(module: Any, **arrays: np.ndarray) -> Any:
    with torch.no_grad():
        for name, array in arrays.items():
            getattr(module, name).copy_(torch.from_numpy(np.ascontiguousarray(array)))
    return module


class _Columns(torch.nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.squeeze(2).transpose(1, 2)


_TORCH: dict[type[Layer], Callable[[Any], torch.nn.Module]] = {
    Columns: lambda layer: _Columns(),
    Conv2D: _torch_conv,
    Dense: _torch_dense,
    BatchNorm: _torch_norm,
    Dropout: lambda layer: torch.nn.Dropout(layer.rate),
    Flatten: lambda layer: torch.nn.Flatten(),
    MaxPool2D: lambda layer: torch.nn.MaxPool2d(layer.size),
    ReLU: lambda layer: torch.nn.ReLU(),
    Sigmoid: lambda layer: torch.nn.Sigmoid(),
    Sequential: to_torch,
    Residual: lambda layer: _Sum(to_torch(layer.body)),
}


def to_onnx(network: Sequential, input_shape: tuple[int, ...]) -> bytes:
    """Write the network, normalisation folded as ONNX Runtime would do it, for inputs (N, *input_shape)."""
    graph = _Graph()
    last = graph.chain("x", fold_batch_norm(network))
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["N", *input_shape])]
    outputs = [helper.make_tensor_value_info(last, TensorProto.FLOAT, ["N", "K"])]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "network", inputs, outputs, graph.weights),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=9,
    )
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


class _Graph:
    """Nodes and weights on their way into an ONNX file; values are named by number."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []

    def chain(self, x: str, network: Sequential) -> str:
        for layer in network.layers.values():
            x = self.add(x, layer)
        return x

    def add(self, x: str, layer: Layer) -> str:
        match layer:
            case Conv2D():
                arrays = layer.params["weight"], layer.params["bias"]
                return self.node(
                    "Conv",
                    x,
                    *arrays,
                    kernel_shape=layer.kernel_size,
                    strides=layer.stride,
                    pads=layer.padding * 2,  # before (down, across), after (down, across)
                    dilations=layer.dilation,
                )
            case Dense():
                return self.node("Gemm", x, layer.params["weight"], layer.params["bias"])
            case Residual(body=Sequential() as body):
                return self.node("Add", x, self.chain(x, body))
            case MaxPool2D():
                return self.node("MaxPool", x, kernel_shape=[layer.size] * 2, strides=[layer.size] * 2)
            case ReLU():
                return self.node("Relu", x)
            case Sigmoid():
                return self.node("Sigmoid", x)
            case Flatten():
                return self.node("Flatten", x)
        raise TypeError(f"no ONNX form for {type(layer).__name__}")

    def node(self, kind: str, *inputs: str | np.ndarray, **attributes: Any) -> str:
        y = f"v{len(self.nodes)}"
        names = []
        for number, value in enumerate(inputs):
            if isinstance(value, np.ndarray):
                name = f"{y}_{number}"
                self.weights.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
                value = name
            names.append(value)
        self.nodes.append(helper.make_node(kind, names, [y], **attributes))
        return y
