"""Words and rows as somebody wrote them: ``words_train.npz`` and ``texts_train.npz`` of the prepared UNIPEN."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged
from app.datasets.pens.flat import KINDS, find_fault
from app.datasets.pens.strokes import PenStrokes
from app.datasets.sources.npz import read_npz

_ARRAYS = KINDS | {"style": "U", "quality": "U", "width_logratio": "f"}
_ROWS = {"rows": "i"}  # the number of rows of a sample, in files where it may be more than one
# Logarithm of the width relative to that of the label's letters. If it is farther from 0 (a factor of about 1.5), the
# label is wrong, or some of it is missing. Set by eye.
_FARTHEST = 0.4


@dataclass(frozen=True)
class Writing(PenStrokes):
    """N words or rows as pen strokes.

    Attributes
    ----------
    labels : (N,) unicode, what is written: printable ASCII
    writers : (N,) unicode; splits never share a writer
    styles : (N,) unicode: PRINTED, MIXED, CURSIVE, or empty if not known
    stroke_ptr, point_ptr, points : as in `app.datasets.StrokeSet`
    """

    labels: NDArray[np.str_]
    writers: NDArray[np.str_]
    styles: NDArray[np.str_]
    stroke_ptr: NDArray[np.int32]
    point_ptr: NDArray[np.int32]
    points: NDArray[np.int16]


def load_writing(folder: Path, what: Literal["words", "texts"], split: str) -> tuple[Writing, NDArray[np.intp]]:
    """Read one split of the words or the rows.

    Returns
    -------
    writing, sound : all samples, and the indices (M,) of those on a single row with a trustworthy label of printable
        ASCII

    Raises
    ------
    DatasetNotFound : there is no such file.
    DamagedDataset : the file is truncated, pickled, or lacks an array, or its arrays do not fit together.
    """
    path = folder / f"{what}_{split}.npz"
    arrays = read_npz(path, _ARRAYS, _ROWS)
    if fault := find_fault(arrays, _ARRAYS | (_ROWS if "rows" in arrays else {})):
        raise damaged(path, fault)
    labels = arrays["labels"]
    sound = (np.abs(arrays["width_logratio"]) <= _FARTHEST) & (arrays["quality"] != "BAD")
    readable = [label.isascii() and label.isprintable() and label.strip() != "" for label in labels.tolist()]
    sound &= np.array(readable, bool)
    if "rows" in arrays:
        sound &= arrays["rows"] == 1
    strokes = arrays["stroke_ptr"], arrays["point_ptr"], arrays["points"]
    writing = Writing(labels, arrays["writer_group"], arrays["style"], *strokes)
    return writing, np.flatnonzero(sound)
