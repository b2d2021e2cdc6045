"""Images of single characters in one ``.npz``, as people cut them from their own photographs.

``x`` uint8 (N, H, W), ink dark on light paper; ``y`` (N,), one character each; optionally ``source`` (N,), the
photograph or writer that each comes from.
"""

from __future__ import annotations

import zipfile
import zlib
from pathlib import Path

import numpy as np

from app.datasets.glyph_set import GlyphSet
from app.errors import DamagedDataset

# All that NumPy and zipfile are known to raise on damaged archives; NotImplementedError is a RuntimeError.
_DAMAGE = (OSError, ValueError, TypeError, EOFError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error)


def load_crops(path: Path) -> GlyphSet:
    """Read such a file; ``source`` takes the place of the writers.

    Raises
    ------
    DamagedDataset : it is missing or not of this form; the message says where.
    """
    try:
        with path.open("rb") as file, np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
            arrays = {name: np.asarray(archive[name]) for name in archive.files if name in ("x", "y", "source")}
    except _DAMAGE as exc:
        raise DamagedDataset(f"{path}: expected an .npz of plain arrays; {exc}", path=str(path)) from exc
    if missing := {"x", "y"} - arrays.keys():
        raise DamagedDataset(f"{path}: expected the arrays x and y, found no {min(missing)}", path=str(path))
    images, labels = arrays["x"], arrays["y"]
    if images.dtype != np.uint8 or images.ndim != 3 or not images.size:
        raise DamagedDataset(
            f"{path}: expected x to be uint8 (N, H, W), got {images.dtype} {images.shape}", path=str(path)
        )
    if labels.dtype.kind != "U" or labels.shape != images.shape[:1] or np.any(np.char.str_len(labels) != 1):
        raise DamagedDataset(f"{path}: expected y to be {len(images)} characters", path=str(path))
    writers = arrays.get("source", np.full(len(labels), ""))
    if writers.dtype.kind != "U" or writers.shape != labels.shape:
        raise DamagedDataset(f"{path}: expected source to be {len(images)} names", path=str(path))
    return GlyphSet(255 - images, labels, writers)
