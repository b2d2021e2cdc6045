"""What every layer of a network makes of an input."""

from __future__ import annotations

from collections.abc import Iterator

from app.nn import Array, Layer, Residual, Sequential


def each_layer(network: Sequential, prefix: str = "") -> Iterator[tuple[str, Layer]]:
    """Give all layers by name in the order of work; those inside a `Residual`, before it, as ``<residual>.<layer>``."""
    for name, layer in network.layers.items():
        if isinstance(layer, Residual) and isinstance(layer.body, Sequential):
            yield from each_layer(layer.body, f"{prefix}{name}.")
        yield prefix + name, layer


def trace(network: Sequential, x: Array, prefix: str = "") -> Iterator[tuple[str, Layer, Array]]:
    """Carry an input forward and give what each layer makes of it, in the order of `each_layer`.

    Nothing is kept: a caller who wants one layer needs no memory for the others.

    Parameters
    ----------
    x : (N, ...), not changed
    """
    for name, layer in network.layers.items():
        if isinstance(layer, Residual) and isinstance(layer.body, Sequential):
            change = x
            for inner, part, change in trace(layer.body, x, f"{prefix}{name}."):
                yield inner, part, change
            x = x + change
        else:
            x, _ = layer.forward(x)
        yield prefix + name, layer, x
