"""Draws docs/images/variance.svg: how far signals carry through ten layers, by the scale of the weights.

Run it from the project's folder with ``python -m docs.draw_variance``; the same code draws the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from app.nn import Array, Dense, Initialiser, Layer, Tanh, glorot_uniform

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PICTURE = Path(__file__).parent / "images" / "variance.svg"


def normal(std: float) -> Initialiser:
    """Return an initialiser that asks for no layer's size: N(0, std^2)."""

    def initialiser(shape: tuple[int, ...], fan_in: int, fan_out: int, rng: np.random.Generator | None) -> Array:
        assert rng is not None
        return rng.normal(0.0, std, shape).astype(np.float32)

    return initialiser


def spreads(
    activation: Callable[[], Layer],
    initialiser: Initialiser,
    *,
    depth: int = 10,
    width: int = 256,
    samples: int = 256,
    seed: int = 0,
) -> tuple[Array, Array]:
    """Send N(0, 1) through a chain of equal layers, and a gradient of N(0, 1) back.

    Returns
    -------
    outputs, gradients : ndarrays of shape (depth,), first layer first: how much a unit's output differs from sample to
        sample, and the size of the gradient that arrives at it (both as root mean square over the layer's units)
    """
    rng = np.random.default_rng(seed)
    chain = [layer for _ in range(depth) for layer in (Dense(width, width, rng, initialiser), activation())]
    chain = [layer.astype(np.float64) for layer in chain]  # what fades is followed further down than float32 reaches
    x: Array = rng.normal(size=(samples, width))
    outputs, caches, gradients = [], [], []
    for layer in chain:
        x, cache = layer.forward(x)
        outputs.append(np.sqrt(x.var(axis=0).mean()))
        caches.append(cache)
    grad: Array = rng.normal(size=x.shape)
    for layer, cache in zip(reversed(chain), reversed(caches), strict=True):
        gradients.append(np.sqrt(np.square(grad).mean()))
        grad, _ = layer.backward(grad, cache)
    after_activations = slice(1, None, 2)
    return np.array(outputs)[after_activations], np.array(gradients[::-1])[after_activations]


def draw(path: Path) -> None:
    """Write the picture as SVG."""
    import matplotlib as mpl  # here, so that measuring alone does without it
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {
        "svg.hashsalt": "variance",  # otherwise the names inside the file are random
        "font.size": 10,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.edgecolor": "#555555",
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "xtick.color": "#555555",
        "ytick.color": "#555555",
    }
    with mpl.rc_context(style):
        figure = Figure(figsize=(9, 3.8), layout="constrained")
        forward, backward = figure.subplots(1, 2, sharey=True)
        lines = [
            ("#d55e00", 1.6, *spreads(Tanh, normal(1.0))),
            ("#7b3294", 1.6, *spreads(Tanh, normal(0.01))),
            ("#0072b2", 2.6, *spreads(Tanh, glorot_uniform)),
        ]
        for colour, width, outputs, gradients in lines:
            _line(forward, outputs, colour, width)
            _line(backward, gradients, colour, width)
        _label(forward, 1.0, 7e0, "#d55e00", "std 1: units stuck near −1 or 1")
        _label(forward, 5.0, 1.1e-2, "#0072b2", "Glorot: a signal throughout")
        _label(forward, 1.0, 1e-6, "#7b3294", "std 0.01: fades to nothing")
        _label(backward, 3.6, 6e3, "#d55e00", "std 1: grows threefold a layer")
        _label(backward, 2.4, 4.0e0, "#0072b2", "Glorot: arrives")
        _label(backward, 5.0, 1e-6, "#7b3294", "std 0.01: never arrives")
        forward.set_title("Forward: spread of each layer's output")
        backward.set_title("Backward: size of the gradient at each layer")
        figure.savefig(path, format="svg", metadata=dict.fromkeys(("Date", "Creator", "Format", "Type")))


def _line(axes: Axes, values: Array, colour: str, width: float) -> None:
    layers = range(1, len(values) + 1)
    axes.semilogy(layers, values, color=colour, linewidth=width, marker="o", markersize=1.8 * width, clip_on=False)
    axes.set_xticks(layers[1::2])
    axes.set_xlabel("layer of 256 tanh units")
    axes.set_yticks([1e-8, 1e-4, 1e0, 1e4])
    axes.set_ylim(1e-9, 1e5)
    axes.minorticks_off()
    axes.grid(axis="y", color="#e5e5e5", linewidth=0.8)


def _label(axes: Axes, layer: float, value: float, colour: str, text: str) -> None:
    axes.text(layer, value, text, color=colour, va="center")


if __name__ == "__main__":
    draw(PICTURE)
