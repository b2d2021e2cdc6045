"""Fonts of other scripts than Latin: their letters, and words of these as ink."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from unicodedata import category

import numpy as np
from numpy.typing import NDArray
from PIL import ImageFont

from app.datasets.faults import damaged
from app.datasets.pens.centre_lines import trace_strokes
from app.datasets.pens.strokes import StrokeSet, scale_strokes, stack_strokes
from app.datasets.sources.fonts import NOT_A_CHARACTER, fonts_in, ink_of
from app.datasets.splits import Split
from app.errors import DatasetNotFound

_EM_PX = 64
_SKETCH_PX = 16  # size at which a font is asked what it has
_LATIN_ENDS, _PLANE_ENDS = 0x370, 0x10000


class ScriptFont:
    """A font of a script.

    Attributes
    ----------
    name : of its file
    letters : that it has, of any script but Latin
    marks : that it has, and that a letter before may bear
    height : of its letters, the median, in pixels of `ink`

    Raises
    ------
    DamagedDataset : the file is no font, or has no such letter.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        try:
            self._font = ImageFont.truetype(path, _EM_PX)
            # With the basic layout, single characters are drawn as they are, whatever their script does with words.
            sketching = ImageFont.truetype(path, _SKETCH_PX, layout_engine=ImageFont.Layout.BASIC)
            self.letters, self.marks = _known(sketching)
        except OSError as exc:
            raise damaged(path, f"expected a font, {exc}") from exc
        if not self.letters:
            raise damaged(path, "expected letters of another script than Latin, found none")
        boxes = [self._font.getbbox(letter) for letter in self.letters]
        self.height = float(np.median([bottom - top for _, top, _, bottom in boxes]))

    def ink(self, text: str) -> NDArray[np.bool_]:
        """Set a text in this font, see `ink_of`."""
        return ink_of(self._font, text)


def load_script_fonts(folder: Path, split: Split) -> list[ScriptFont]:
    """Read every font in a folder that belongs to a split, see `fonts_in`.

    Raises
    ------
    DatasetNotFound : there is none.
    DamagedDataset : see `ScriptFont`.
    """
    found = [ScriptFont(path) for path in fonts_in(folder, split)]
    if not found:
        raise DatasetNotFound(f"expected fonts of the split {split} in {folder}, found none", path=str(folder))
    return found


def load_script_letters(folder: Path, split: Split) -> StrokeSet:
    """Trace the letters of these fonts one by one, with the errors of `load_script_fonts`."""
    labels, writers, sizes, strokes = [], [], [], []
    for font in load_script_fonts(folder, split):
        for letter in font.letters:
            extent, drawn = scale_strokes(trace_strokes(font.ink(letter)))
            labels.append(letter)
            writers.append(font.name)
            sizes.append(extent / font.height)
            strokes.append(drawn)
    return stack_strokes(labels, writers, np.array(sizes, np.float32), strokes)


def _known(font: ImageFont.FreeTypeFont) -> tuple[list[str], list[str]]:
    """Return the letters and the marks that a font draws."""
    lacking = bytes(font.getmask(NOT_A_CHARACTER))
    known = [char for char in _candidates() if bytes(font.getmask(char)) not in (lacking, b"")]
    return ([char for char in known if _is_letter(char)], [char for char in known if not _is_letter(char)])


@cache
def _candidates() -> list[str]:
    chars = map(chr, range(_LATIN_ENDS, _PLANE_ENDS))
    return [char for char in chars if _is_letter(char) or category(char) in ("Mn", "Mc")]


def _is_letter(char: str) -> bool:
    return category(char) in ("Lo", "Lu", "Ll")
