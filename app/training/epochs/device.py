"""Where a run computes: on the CPU with NumPy, or on a GPU with an array library of the same standard (CuPy)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

from app.errors import InvalidInput
from app.nn import Array, Inference, Sequential, fold_batch_norm


@dataclass(frozen=True)
class Device:
    """Where the weights of a run lie and its batches are computed.

    Attributes
    ----------
    to_device : copies a NumPy array to the device
    to_host : copies an array of the device to NumPy; returns NumPy's own arrays as they are
    is_cpu : if so, threads compute the parts of a batch at the same time, and inference reuses its buffers. On a GPU
        threads would not gain, as its work waits in one queue
    """

    to_device: Callable[[Array], Array]
    to_host: Callable[[Array], Array]
    is_cpu: bool = False

    def predictor(self, network: Sequential, at_once: int) -> Callable[[Array], Array]:
        """Return what computes the outputs of a network, so many samples together, from and to the device's arrays."""
        if self.is_cpu:
            return Inference(network, batch_size=at_once).predict
        return partial(fold_batch_norm(network).predict, batch_size=at_once)


CPU = Device(lambda array: array, lambda array: array, is_cpu=True)
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
