"""UNIPEN train_r01_v07 as its foundation published it: single characters in some ten thousand text files.

These are less clean than the prepared ``chars_train.npz``: labels are those of the donors, without doubts, and a person
who wrote under two names counts as two.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged
from app.datasets.pens.strokes import StrokeSet, scale_strokes, stack_strokes
from app.datasets.sources.unipen import relative_size
from app.datasets.sources.unipen_file import Points, UnipenFile, read_unipen_file
from app.datasets.splits import Split, split_of
from app.errors import DamagedDataset, DatasetNotFound

# Isolated digits, capitals, small letters, symbols; all of these mixed; and characters cut from words and texts.
CATEGORIES = ("1a", "1b", "1c", "1d", "2", "3")
# The archive has this folder inside another one, and may have been unpacked into a third.
PATTERNS = tuple(f"{above}data/{category}" for above in ("", "*/", "*/*/") for category in CATEGORIES)
# A few files of the distribution cannot be read; if more than this share cannot, the copy is damaged.
_MOST_DAMAGED = 0.1

_log = logging.getLogger(__name__)


class _Sample(NamedTuple):
    identity: bytes
    """The same for the same ink with the same label, in any category."""
    label: str
    writer: str
    sheet: int
    extent: float
    strokes: list[NDArray[np.int16]]


def load_unipen_raw(folder: Path, split: Split) -> StrokeSet:
    """Read one split of the characters below `folder`, out of some hundred megabytes of text.

    A hash of the writer's name decides on the split. Segments without a label of one printable ASCII character, those
    marked BAD, and repeats are left out. So are those that cannot be read, which is logged.

    Raises
    ------
    DatasetNotFound : there is no ``data/1a`` and so on in `folder`, nor in a folder within
    DamagedDataset : more than a tenth of the files are damaged, or the split is empty
    """
    data = _data_folder(folder)
    include = data.parent / "include"
    read_ink = lru_cache(maxsize=32)(lambda place: read_unipen_file(place, include))
    samples: dict[bytes, _Sample] = {}
    sheets: dict[tuple[str, ...], int] = {}
    faults: list[DamagedDataset] = []
    files = _files(data)
    for path in files:
        sheet = path.relative_to(data).parts[1:]
        try:
            content = read_unipen_file(path, include, read_ink)
            for sample in _samples(content, sheet[0], sheets.setdefault(sheet, len(sheets))):
                if split_of(sample.writer.partition(":")[2].casefold()) == split:
                    samples.setdefault(sample.identity, sample)
        except DamagedDataset as exc:
            _log.warning("left out, all or in part: %s", exc.detail)
            faults.append(exc)
    if len(faults) > _MOST_DAMAGED * len(files):
        raise damaged(data, f"{len(faults)} of {len(files)} files cannot be read; the first: {faults[0].detail}")
    if not samples:
        raise damaged(data, f"expected characters of the split {split}, found none")
    return _stroke_set(list(samples.values()))


def _data_folder(folder: Path) -> Path:
    found = next((place for pattern in PATTERNS for place in sorted(folder.glob(pattern))), None)
    if found is None:
        detail = f"expected UNIPEN's folders data/1a, data/1b and so on in {folder}, found none"
        raise DatasetNotFound(detail, path=str(folder))
    return found.parent


def _files(data: Path) -> list[Path]:
    """List the files of all categories; files about the same ink are adjacent, so that it is read only once."""
    files = (path for category in CATEGORIES for path in (data / category).rglob("*.dat"))
    return sorted(files, key=lambda path: (path.relative_to(data).parts[1:], path.relative_to(data).parts[0]))


def _samples(content: UnipenFile, donor: str, sheet: int) -> Iterator[_Sample]:
    """Yield every usable character of a file, then raise if a segment was damaged."""
    fault: DamagedDataset | None = None
    for segment in content.segments:
        label = segment.label
        if label is None or len(label) != 1 or not "!" <= label <= "~" or segment.quality.upper() == "BAD":
            continue
        try:
            strokes, writer = content.strokes(segment)
        except DamagedDataset as exc:
            fault = fault or exc
            continue
        if strokes:
            extent, scaled = scale_strokes([stroke * [1, -1] for stroke in strokes])  # y downwards
            # Without names, all samples of a donor count as one writer's, so that nobody is in two splits.
            yield _Sample(_identity(label, writer, strokes), label, f"{donor}:{writer or donor}", sheet, extent, scaled)
    if fault:
        raise fault


def _identity(label: str, writer: str, strokes: list[Points]) -> bytes:
    digest = hashlib.blake2b(f"{label}{writer}".encode(), digest_size=16)
    for stroke in strokes:
        digest.update(stroke.tobytes())
    return digest.digest()


def _stroke_set(samples: list[_Sample]) -> StrokeSet:
    labels = np.array([sample.label for sample in samples])
    return stack_strokes(
        labels.tolist(),
        [sample.writer for sample in samples],
        relative_size(
            labels,
            np.array([sample.sheet for sample in samples], np.int32),
            np.array([sample.extent for sample in samples], np.float32),
        ),
        [sample.strokes for sample in samples],
    )
