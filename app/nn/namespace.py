"""Which library an array belongs to."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import array_api_compat
import numpy as np
from numpy.typing import NDArray


def array_namespace(*arrays: NDArray[Any]) -> ModuleType:
    """Return the module whose functions compute with `arrays`, named as in the array API standard.

    NumPy's arrays are recognised here, because to ask for their module took an eighth of a small network's step.
    """
    if all(type(array) is np.ndarray for array in arrays):
        return np
    return array_api_compat.array_namespace(*arrays)
