"""The single characters of UNIPEN train_r01_v07, as ``chars_train.npz`` and ``chars_valid.npz``.

Pen strokes of some 420 writers, split by writer, published under CC BY 4.0 (doi 10.5281/zenodo.1195803).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged
from app.datasets.pens.flat import KINDS, find_fault
from app.datasets.pens.strokes import StrokeSet
from app.datasets.sources.npz import read_npz
from app.datasets.splits import Split

LICENCE = "CC BY 4.0"
ATTRIBUTION = (
    "The International Unipen Foundation (1999), UNIPEN train_r01_v07. I. Guyon, L. Schomaker, R. Plamondon, "
    "M. Liberman, S. Janet: UNIPEN project of on-line data exchange and recognizer benchmarks, ICPR 1994. "
    "Changed: characters, words and rows selected, repeats removed, scaled, smoothed, thinned."
)
# The arrays that are read.
_ARRAYS = KINDS | {"source_file": "i", "extent_mm": "f", "agree_rank": "i"}
# With fewer capitals and digits in a file, the usual size of its writer's capitals is not known well enough.
_ENOUGH_CAPITALS = 5


def load_unipen(folder: Path, split: Split) -> StrokeSet:
    """Read one split of the characters, train or valid; there are no files of a test split.

    Raises
    ------
    DatasetNotFound : there is no such file.
    DamagedDataset : the file is truncated, pickled, or lacks an array, or its arrays do not fit together; the message
        names it.
    """
    path = folder / f"chars_{split}.npz"
    arrays = read_npz(path, _ARRAYS)
    fault = find_fault(arrays, _ARRAYS)
    labels = arrays["labels"]
    if fault is None and np.any(np.char.str_len(labels) != 1):
        fault = "expected labels of one character each"
    if fault is not None:
        raise damaged(path, fault)
    return StrokeSet(
        labels=labels,
        writers=arrays["writer_group"],
        relative_size=relative_size(labels, arrays["source_file"], arrays["extent_mm"]),
        doubt=arrays["agree_rank"],
        stroke_ptr=arrays["stroke_ptr"],
        point_ptr=arrays["point_ptr"],
        points=arrays["points"],
    )


def relative_size(
    labels: NDArray[np.str_], files: NDArray[np.int32], extent_mm: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Divide each extent by that of the median capital or digit in its file; without enough, use the class's median.

    Parameters
    ----------
    labels : (N,) unicode, one character each
    files : (N,) number of the file of each sample; one person wrote all of a file in one size
    extent_mm : (N,) larger side, in any unit that is the same within a file; 0 if not known
    """
    capital = np.char.isdigit(labels) | np.char.isupper(labels)
    size = np.full(len(labels), np.nan, np.float32)
    order = np.argsort(files, kind="stable")
    for members in np.split(order, np.flatnonzero(np.diff(files[order])) + 1):
        measured = members[extent_mm[members] > 0]
        reference = measured[capital[measured]]
        if len(reference) >= _ENOUGH_CAPITALS:
            size[measured] = extent_mm[measured] / np.median(extent_mm[reference])
    for label in np.unique(labels):
        of_label = labels == label
        known = size[of_label & np.isfinite(size)]
        size[of_label & ~np.isfinite(size)] = np.median(known) if len(known) else 1.0
    return size
