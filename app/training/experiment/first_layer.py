"""The first layer of a network in a few kilobytes, to be looked at while it learns."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.nn import Array
from app.training.epochs.run import Run

_LEVELS = 127  # on each side of 0: a picture has no more


def first_layer(run: Run) -> dict[str, Any]:
    """Pack the first weights of a run as they stand, averaged where the recipe has that, in JSON's types.

    Returns
    -------
    dict
        ``layer`` names it, ``values`` has its weights as int8 in base64, `_LEVELS` standing for ``scale``.
    """
    arrays = run.trained().arrays()
    name = next(name for name in arrays if name.endswith(".weight"))
    scale = float(np.abs(arrays[name]).max()) or 1.0
    levels = np.rint(arrays[name] * (_LEVELS / scale)).astype(np.int8)
    return {
        "layer": name.removesuffix(".weight"),
        "shape": list(levels.shape),
        "scale": scale,
        "values": base64.b64encode(levels.tobytes()).decode(),
    }


def unpack_layer(packed: Mapping[str, Any]) -> Array:
    """Return the weights that `first_layer` packed, rounded to a 127th of its scale."""
    try:
        levels: NDArray[np.int8] = np.frombuffer(base64.b64decode(packed["values"]), np.int8)
        return levels.reshape(packed["shape"]).astype(np.float32) * np.float32(packed["scale"] / _LEVELS)
    except (KeyError, TypeError, ValueError) as exc:
        raise InvalidInput(f"expected the packed weights of a layer; {exc}") from exc
