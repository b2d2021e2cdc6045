"""Images of single characters in one ``.npz``, as people cut them from their own photographs.

``x`` uint8 (N, H, W), ink dark on light paper; ``y`` (N,), one character each; optionally ``source`` (N,), the
photograph or writer that each comes from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.sources.npz import read_npz


def load_crops(path: Path) -> GlyphSet:
    """Read such a file; ``source`` takes the place of the writers.

    Raises
    ------
    DatasetNotFound : there is no such file
    DamagedDataset : it is not of this form; the message says where
    """
    arrays = read_npz(path, ("x", "y"), ("source",))
    if fault := _fault(**arrays):
        raise damaged(path, fault)
    labels = arrays["y"]
    return GlyphSet(255 - arrays["x"], labels, arrays.get("source", np.full(len(labels), "")))


def _fault(x: NDArray[Any], y: NDArray[Any], source: NDArray[Any] | None = None) -> str | None:
    """Tell what is wrong with the arrays of a file, None if nothing is."""
    if x.dtype != np.uint8 or x.ndim != 3 or not x.size:
        return f"expected x to be uint8 (N, H, W), got {x.dtype} {x.shape}"
    if y.dtype.kind != "U" or y.shape != x.shape[:1] or np.any(np.char.str_len(y) != 1):
        return f"expected y to be {len(x)} characters, got {y.dtype} {y.shape}"
    if source is not None and (source.dtype.kind != "U" or source.shape != y.shape):
        return f"expected source to be {len(x)} names, got {source.dtype} {source.shape}"
    return None
