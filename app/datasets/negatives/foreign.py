"""Rows in scripts that a reader does not know, set from the letters of fonts in any order.

What they say is nothing, and need not be: a reader is to see that it cannot read them. Their centre lines are written
with a pen, as rows of Latin letters are, so that nothing but the letters tells them apart.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from app.datasets.catalogue import SCRIPTS, find
from app.datasets.pens.centre_lines import trace_strokes
from app.datasets.rows.shapes import WrittenRow
from app.datasets.sources.script_fonts import ScriptFont, load_script_fonts
from app.datasets.splits import Split

_INVENTORY = 12  # letters that a row chooses from: a text repeats its letters
_WORDS, _LETTERS = (1, 4), (1, 9)  # of a row and of a word, from the first to before the last
_MARKED = 0.25  # of letters


class Foreign:
    """Writes rows in the script of a font."""

    def __init__(self, font: ScriptFont) -> None:
        self._font = font

    def write(self, rng: np.random.Generator) -> WrittenRow:
        """Write a row of words."""
        letters = rng.choice(self._font.letters, _INVENTORY).tolist()
        words = ["".join(self._letters(letters, rng)) for _ in range(rng.integers(*_WORDS))]
        strokes = trace_strokes(self._font.ink(" ".join(words)))
        return WrittenRow("", [(stroke / self._font.height).astype(np.float32) for stroke in strokes], "")

    def _letters(self, letters: list[str], rng: np.random.Generator) -> list[str]:
        word = rng.choice(letters, int(rng.integers(*_LETTERS))).tolist()
        marks = self._font.marks
        return [letter + str(rng.choice(marks)) if marks and rng.uniform() < _MARKED else letter for letter in word]


def load_foreign(root: Path, split: Split) -> list[Foreign]:
    """Return a writer for each font of other scripts that belongs to a split; `root` has all data sets.

    Raises
    ------
    DatasetNotFound, DamagedDataset : see `load_script_fonts`.
    """
    folder, _ = find(SCRIPTS, root)
    return [Foreign(font) for font in load_script_fonts(folder, split)]
