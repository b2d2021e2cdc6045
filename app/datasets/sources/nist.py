"""NIST36 and NIST26: 32 x 32 images of capitals, with digits in the former, as ``nist36_train.mat``.

The data of the experiment that this project grew from: 300 training, 100 validation and 50 test images a class.
"""

from __future__ import annotations

from pathlib import Path
from string import ascii_uppercase, digits
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.sources.matfile import matrix, read_mat
from app.datasets.splits import Split

SIDE_PX = 32
# In the order of the one-hot columns.
CLASSES = {36: ascii_uppercase + digits, 26: ascii_uppercase}


def load_nist(folder: Path, split: Split, classes: Literal[36, 26] = 36) -> GlyphSet:
    """Read one split; who wrote what is not known.

    Raises
    ------
    DatasetNotFound : there is no such file
    DamagedDataset : the file is damaged, or its arrays are not N x 1024 and one-hot N x `classes`; the message names it
    """
    path = folder / f"nist{classes}_{split}.mat"
    variables = read_mat(path)
    images, one_hot = (matrix(path, variables, f"{split}_{name}") for name in ("data", "labels"))
    if images.shape[1] != SIDE_PX**2 or one_hot.shape[1] != classes or len(images) != len(one_hot):
        raise damaged(
            path, f"expected images (N, {SIDE_PX**2}) and labels (N, {classes}), got {images.shape} and {one_hot.shape}"
        )
    if not (np.isin(one_hot, (0, 1)).all() and (one_hot.sum(axis=1) == 1).all()):
        raise damaged(path, "expected labels with a single 1 in each row, the rest 0")
    # MATLAB stores an image column by column.
    stored = _ink(path, images).reshape(-1, SIDE_PX, SIDE_PX)
    labels = np.array(list(CLASSES[classes]))[one_hot.argmax(axis=1)]
    return GlyphSet(np.ascontiguousarray(stored.transpose(0, 2, 1)), labels, np.full(len(labels), "", "U1"))


def _ink(path: Path, images: NDArray[Any]) -> NDArray[np.uint8]:
    """Turn dark ink on white, as 0 to 1 or 0 to 255, into ink 255 on paper 0."""
    full = 255 if images.dtype == np.uint8 and images.max(initial=0) > 1 else 1
    low, high = float(images.min(initial=0)), float(images.max(initial=0))
    if not 0 <= low <= high <= full:  # also if one of them is not a number
        raise damaged(
            path, f"expected images of values from 0 to 1, or of uint8, got {images.dtype} from {low} to {high}"
        )
    return np.rint((full - images.astype(np.float32)) * (255 / full)).astype(np.uint8)
