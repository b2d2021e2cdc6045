"""Puts a version of a model to glyphs, rows or pages, and notes how each single one came out, to compare versions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from app.datasets import PageVariation, Strip, draw_page
from app.datasets.pages.writers import ImaginedWriters
from app.nn import Array, Inference
from app.ocr import Alphabet, Reader, ReadOptions, RowReader
from app.training.fitting.confidence import check_page
from app.training.measuring.cases import ROWS_AT_ONCE, name_some
from app.training.measuring.edits import edit_distance, pair_up
from app.training.measuring.pages import strict
from app.training.measuring.row_measure import Checkpoint, judge_chars, spell_some

_PAGES_SEED = 7  # of those that the gate draws
_PAGES_KEPT = 64  # each of some 100 kB: drawing one takes longer than reading it, and a retraining asks twice


class DrawnPage(NamedTuple):
    """A photograph of a page, and what is written on it."""

    file: bytes
    text: str


@dataclass(frozen=True)
class Outcome:
    """How a version read N things: glyphs, rows or pages.

    Attributes
    ----------
    errors, chars : (N,), edits from what was read to what is written, and characters written, for each thing
    written, right : (M,), the single characters written, and whether each was read rightly; empty for pages
    confidence, sound : (K,), how sure the version was of each character it read, and whether that is right
    """

    errors: NDArray[np.intp]
    chars: NDArray[np.intp]
    written: NDArray[np.str_]
    right: NDArray[np.bool_]
    confidence: NDArray[np.float64]
    sound: NDArray[np.bool_]

    @property
    def error_rate(self) -> float:
        """Errors over characters."""
        return float(self.errors.sum() / max(1, self.chars.sum()))


def name_glyphs(
    network: Inference,
    alphabet: Alphabet,
    temperature: float,
    glyphs: Array,
    labels: NDArray[np.str_],
    checkpoint: Checkpoint,
) -> Outcome:
    """Let a glyph network name glyphs (N, 1, 32, 32) with true labels (N,); unknown labels count as wrong."""
    p = name_some(network, temperature, glyphs, checkpoint)
    right = np.array(list(alphabet.chars))[p.argmax(axis=1)] == labels
    ones = np.ones(len(labels), np.intp)
    return Outcome((~right).astype(np.intp), ones, labels, right, p.max(axis=1).astype(np.float64), right)


def spell_rows(reader: RowReader, rows: Sequence[tuple[str, Strip]], checkpoint: Checkpoint) -> Outcome:
    """Let a row network spell rows, each given with its text."""
    errors, written, right = [], [], []
    confidence: list[float] = []
    sound: list[bool] = []
    for text, _, spelling, read in spell_some(reader, rows, ROWS_AT_ONCE, checkpoint):
        errors.append(edit_distance(text, read))
        written += list(text)
        right += [j is not None and text[i] == read[j] for i, j in pair_up(text, read) if i is not None]
        sure, correct = judge_chars(spelling, text, read)
        confidence += sure
        sound += correct
    return _outcome(errors, [len(text) for text, _ in rows], written, right, confidence, sound)


def read_pages(reader: Reader, pages: Sequence[DrawnPage], options: ReadOptions, checkpoint: Checkpoint) -> Outcome:
    """Let a reader read whole pages, with its language, confidence and likeness."""
    errors, chars = [], []
    confidence: list[float] = []
    sound: list[bool] = []
    for drawn in pages:
        truth = strict(drawn.text)
        page = next(reader.read_pages(drawn.file, options, checkpoint=checkpoint)).page
        errors.append(edit_distance(truth, strict(page.text)))
        chars.append(len(truth))
        confidence += [glyph.confidence for row in page.rows for word in row.words for glyph in word.glyphs]
        sound += check_page(page, truth).right["glyph"]
    return _outcome(errors, chars, [], [], confidence, sound)


def draw_pages(count: int, checkpoint: Checkpoint) -> list[DrawnPage]:
    """Draw pages that are always the same, by imagined writers whom no training saw."""
    pages = []
    for number in range(count):
        checkpoint()
        pages.append(_draw(number))
    return pages


@lru_cache(_PAGES_KEPT)
def _draw(number: int) -> DrawnPage:
    page = draw_page(ImaginedWriters("test"), PageVariation(), _PAGES_SEED, number)
    return DrawnPage(page.encoded("jpg"), page.text)


def _outcome(*columns: ArrayLike) -> Outcome:
    """Make an `Outcome` of lists, in the order of its fields."""
    kinds = (np.intp, np.intp, np.str_, bool, np.float64, bool)
    return Outcome(*(np.array(column, kind) for column, kind in zip(columns, kinds, strict=True)))
