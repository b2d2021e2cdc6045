"""Fonts as writers: each has written every character once, as the centre lines of its outlines."""

from __future__ import annotations

import csv
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from app.datasets.dataset import RemoteFile
from app.datasets.faults import damaged
from app.datasets.pens.centre_lines import trace_strokes
from app.datasets.pens.strokes import StrokeSet, scale_strokes, stack_strokes
from app.datasets.sources.unipen import relative_size
from app.datasets.splits import Split, split_of
from app.errors import DatasetNotFound

# The files in such a folder.
PATTERNS = ("*.woff", "*.ttf", "*.otf")
_CHARS = "".join(map(chr, range(33, 127)))
_EM_PX = 128
_ADDRESS = "https://cdn.jsdelivr.net/npm/@fontsource/{font}@{version}/files/{font}-{subset}-400-normal.woff"
NOT_A_CHARACTER = "\uffff"  # every font draws this as it draws characters that it lacks


def published_fonts(table: str = "fonts.tsv") -> tuple[RemoteFile, ...]:
    """Return the addresses of the fonts in a table, which lists their licences and authors, too."""
    lines = resources.files("app.datasets").joinpath(table).read_text(encoding="utf-8").splitlines()
    return tuple(
        RemoteFile(f"{row['font']}.woff", _ADDRESS.format_map(row), checksum=f"sha256:{row['sha256']}")
        for row in csv.DictReader(lines, delimiter="\t")
    )


def fonts_in(folder: Path, split: Split) -> list[Path]:
    """Return the font files of a folder that belong to a split.

    A hash of the file's name decides about the split: train, or for one font in ten valid. None is kept for tests.
    """
    return sorted(
        path
        for pattern in PATTERNS
        for path in folder.glob(pattern)
        if (split_of(path.stem) == "valid") == (split == "valid")
    )


def load_fonts(folder: Path, split: Split) -> StrokeSet:
    """Trace the printable ASCII of every font in a folder that belongs to a split, see `fonts_in`.

    Raises
    ------
    DatasetNotFound : there is no font of this split, or none with any of these characters.
    DamagedDataset : a file is not a font, or damaged; the message names it.
    """
    drawn_by = {path.stem: _trace_font(path) for path in fonts_in(folder, split)}
    written = [(font, char, *scale_strokes(drawn)) for font, known in drawn_by.items() for char, drawn in known.items()]
    if not written:
        detail = f"expected fonts of the split {split} with printable ASCII in {folder}, found none"
        raise DatasetNotFound(detail, path=str(folder))
    writers, labels, extents, strokes = (list(each) for each in zip(*written, strict=True))
    files = np.unique(writers, return_inverse=True)[1].astype(np.int32)
    size = relative_size(np.array(labels), files, np.array(extents, np.float32))
    return stack_strokes(labels, writers, size, strokes)


def _trace_font(path: Path) -> dict[str, list[NDArray[np.float32]]]:
    try:
        font = ImageFont.truetype(path, _EM_PX)
        lacking = ink_of(font, NOT_A_CHARACTER)
        drawn = {char: ink_of(font, char) for char in _CHARS}
    except OSError as exc:
        raise damaged(path, f"expected a font, {exc}") from exc
    known = {char: ink for char, ink in drawn.items() if ink.any() and not np.array_equal(ink, lacking)}
    return {char: trace_strokes(ink) for char, ink in known.items()}


def ink_of(font: ImageFont.FreeTypeFont, text: str) -> NDArray[np.bool_]:
    """Set a text as its script does, letters joined where they are; (H, W), True where there is ink."""
    left, top, right, bottom = (round(side) for side in font.getbbox(text))
    image = Image.new("L", (max(right - left, 1), max(bottom - top, 1)))
    ImageDraw.Draw(image).text((-left, -top), text, fill=255, font=font)
    return np.asarray(image) > 127
