"""Where a run computes: with NumPy on the CPU, or with the arrays of another library that follows the same standard."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal, TypeAlias

from app.errors import InvalidInput
from app.nn import Array, Inference, Sequential, fold_batch_norm

# Makes of a network, and of how many samples go through together, what computes its outputs alone.
_MakePredict: TypeAlias = Callable[[Sequential, int], Callable[[Array], Array]]


def _as_it_is(array: Array) -> Array:
    return array


def _in_buffers(network: Sequential, at_once: int) -> Callable[[Array], Array]:
    return Inference(network, batch_size=at_once).predict


def _layer_by_layer(network: Sequential, at_once: int) -> Callable[[Array], Array]:
    return partial(fold_batch_norm(network).predict, batch_size=at_once)


@dataclass(frozen=True)
class Device:
    """What a run must know of the place that holds its weights and to which it brings its batches.

    Attributes
    ----------
    to_device : makes of NumPy's array one of the device
    to_host : makes of an array of the device NumPy's, and leaves NumPy's as it is
    make_predict : see `_MakePredict`; takes and gives arrays of the device
    side_by_side : whether the parts of a batch are computed in threads; what a GPU is told to do waits in one queue
        anyway
    """

    to_device: Callable[[Array], Array]
    to_host: Callable[[Array], Array]
    make_predict: _MakePredict = _layer_by_layer
    side_by_side: bool = False


CPU = Device(_as_it_is, _as_it_is, _in_buffers, side_by_side=True)
"""NumPy's arrays, which need not be moved."""


def find_device(name: Literal["cpu", "gpu"]) -> Device:
    """Return the CPU, or the GPU that CuPy uses.

    Raises
    ------
    InvalidInput : there is no CuPy, or it finds no GPU.
    """
    if name == "cpu":
        return CPU
    try:
        import cupy
    except ImportError as exc:
        why = exc.__cause__ or exc  # CuPy itself wraps its cause in a page of advice
        raise InvalidInput(f"a GPU is used where CuPy is installed: .venv/bin/pip install -e '.[gpu]'; {why}") from exc
    if not cupy.cuda.is_available():
        raise InvalidInput(f"expected a GPU for CuPy {cupy.__version__}, found none that it can use")
    return Device(cupy.asarray, cupy.asnumpy)
