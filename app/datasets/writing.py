"""Words and rows as somebody wrote them: ``words_train.npz`` and ``texts_train.npz`` of the prepared UNIPEN."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.datasets.npz import read_npz
from app.errors import DamagedDataset

_ARRAYS = {
    "labels": "U",
    "writer_group": "U",
    "style": "U",
    "quality": "U",
    "width_logratio": "f",
    "stroke_ptr": "i",
    "point_ptr": "i",
    "points": "i",
}
# Logarithm of the width over that of the label's letters; farther from 0 the label is wrong, or some of it is missing.
_FARTHEST = 0.4


@dataclass(frozen=True)
class Writing:
    """N words or rows as pen strokes.

    Attributes
    ----------
    labels : (N,) unicode, what is written: printable ASCII
    writers : (N,) unicode; splits never share a writer
    styles : (N,) unicode: PRINTED, MIXED, CURSIVE, or nothing where it is not known
    stroke_ptr, point_ptr, points : as `app.datasets.StrokeSet` has them
    """

    labels: NDArray[np.str_]
    writers: NDArray[np.str_]
    styles: NDArray[np.str_]
    stroke_ptr: NDArray[np.int32]
    point_ptr: NDArray[np.int32]
    points: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.labels)

    def strokes(self, index: int) -> list[NDArray[np.float32]]:
        """Return the strokes of one sample, each float32 (points, 2) as x, y."""
        ends = self.point_ptr[self.stroke_ptr[index] : self.stroke_ptr[index + 1] + 1]
        return [self.points[a:b].astype(np.float32) for a, b in pairwise(ends)]


def load_writing(folder: Path, what: Literal["words", "texts"], split: str) -> tuple[Writing, NDArray[np.intp]]:
    """Read one split of the words or the rows.

    Returns
    -------
    writing, sound : all samples, and the indices of those whose label can be trusted and written in printable ASCII

    Raises
    ------
    DatasetNotFound : there is no such file.
    DamagedDataset : the file is truncated, pickled, or lacks an array, or its arrays do not fit together.
    """
    path = folder / f"{what}_{split}.npz"
    arrays = read_npz(path, _ARRAYS, ("rows",))
    for name, kind in _ARRAYS.items():
        if arrays[name].dtype.kind != kind:
            raise DamagedDataset(f"{path}: array {name!r} is {arrays[name].dtype}", path=str(path))
    labels, count = arrays["labels"], len(arrays["labels"])
    per_sample = ("writer_group", "style", "quality", "width_logratio")
    strokes, points = arrays["stroke_ptr"], arrays["point_ptr"]
    if (
        any(len(arrays[name]) != count for name in per_sample)
        or len(strokes) != count + 1
        or strokes[-1] != len(points) - 1
        or points[-1] != len(arrays["points"])
        or np.any(np.diff(strokes) < 1)
        or np.any(np.diff(points) < 1)
    ):
        raise DamagedDataset(f"{path}: its arrays do not fit together", path=str(path))
    sound = (np.abs(arrays["width_logratio"]) <= _FARTHEST) & (arrays["quality"] != "BAD")
    sound &= np.array([label.isascii() and label.isprintable() and label.strip() != "" for label in labels.tolist()])
    if "rows" in arrays:
        sound &= arrays["rows"] == 1
    writing = Writing(labels, arrays["writer_group"], arrays["style"], strokes, points, arrays["points"])
    return writing, np.flatnonzero(sound)
