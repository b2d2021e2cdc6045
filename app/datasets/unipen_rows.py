"""The words and rows of text of UNIPEN train_r01_v07, as ``words_train.npz`` and ``texts_train.npz``."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.datasets.npz import read_npz
from app.errors import DamagedDataset

_ARRAYS = ("labels", "writer_group", "source_file", "extent_mm", "stroke_ptr", "point_ptr", "points")
_GAUGES = ("quality", "width_logratio")
# The log of a row's width over what its label leads one to expect; beyond this, the label is wrong or incomplete.
_ODD_WIDTH = 0.6


@dataclass(frozen=True)
class StrokeRows:
    """N words or rows of text as pen strokes; the arrays are those of a `StrokeSet`, but for long labels.

    Attributes
    ----------
    labels : (N,) unicode, what is written, spaces included
    writers : (N,) unicode
    files : (N,) which file, in which one person wrote at one size, each row comes from
    extent_mm : (N,) larger side; 0 where it is not known
    stroke_ptr, point_ptr, points : as in `StrokeSet`; a row is 500 units high
    """

    labels: NDArray[np.str_]
    writers: NDArray[np.str_]
    files: NDArray[np.int32]
    extent_mm: NDArray[np.float32]
    stroke_ptr: NDArray[np.int32]
    point_ptr: NDArray[np.int32]
    points: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.labels)

    def strokes(self, index: int) -> list[NDArray[np.int16]]:
        """Return the strokes of one row, each (points, 2) as x, y."""
        ends = self.point_ptr[self.stroke_ptr[index] : self.stroke_ptr[index + 1] + 1]
        return [self.points[a:b] for a, b in pairwise(ends)]


def load_unipen_rows(path: Path) -> tuple[StrokeRows, NDArray[np.bool_]]:
    """Read one file of words or texts, and tell which (N,) of them are well labelled single rows.

    Raises
    ------
    DatasetNotFound : there is no such file
    DamagedDataset : it is not what it should be; the message names it
    """
    arrays = read_npz(path, (*_ARRAYS, *_GAUGES), ("rows",))
    labels = arrays["labels"]
    if any(len(arrays[name]) != len(labels) for name in ("writer_group", "source_file", "extent_mm", *_GAUGES)):
        raise DamagedDataset(f"{path}: expected as many values in every array as labels, {len(labels)}", path=str(path))
    if len(arrays["stroke_ptr"]) != len(labels) + 1 or arrays["point_ptr"][-1] != len(arrays["points"]):
        raise DamagedDataset(f"{path}: 'stroke_ptr' or 'point_ptr' does not add up", path=str(path))
    good = (arrays["quality"] != "BAD") & (np.abs(arrays["width_logratio"]) < _ODD_WIDTH)
    good &= arrays.get("rows", np.ones(len(labels), np.int16)) == 1
    rows = StrokeRows(*(arrays[name] for name in _ARRAYS))
    return rows, good
