"""All corrections as training examples: glyphs and rows as the networks see them, with their true text."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptCorrection
from app.ocr.reader import Reader
from app.ocr.teaching.lesson import Lesson
from app.vision import Strip

_log = logging.getLogger(__name__)

_ONE_IN = 5  # corrections: one in so many is held out


@dataclass(frozen=True)
class TaughtGlyph:
    """One character that somebody named.

    Attributes
    ----------
    image : (GLYPH_SIZE, GLYPH_SIZE) float32, ink 1 on paper 0: the glyph network's input
    source : id of the correction
    held_out : whether it is measured on and never trained on; the same correction is always the one or the other
    """

    image: NDArray[np.float32]
    char: str
    source: str
    held_out: bool


@dataclass(frozen=True)
class TaughtRow:
    """One row of writing that somebody spelt.

    Attributes
    ----------
    strip : the row network's input
    source, held_out : as of `TaughtGlyph`
    """

    strip: Strip
    text: str
    source: str
    held_out: bool


class Taught(Protocol):
    """A correction as it is kept: ``seen`` is what `Lesson.pack` made of it."""

    @property
    def id(self) -> str: ...
    @property
    def seen(self) -> bytes: ...


def load_taught(corrections: Iterable[Taught], reader: Reader) -> tuple[list[TaughtGlyph], list[TaughtRow]]:
    """Turn corrections into examples for the networks of a reader; characters that these do not know are left out.

    About one correction in five is held out, by its id, to be measured on instead; of five or more, at least one.

    A correction that is damaged, or stored in a format that this release does not know, is skipped; the log says so.
    """
    glyphs: list[TaughtGlyph] = []
    rows: list[TaughtRow] = []
    known = list(corrections)
    held = held_out([each.id for each in known])
    for each in known:
        try:
            lesson = Lesson.unpack(each.seen)
        except CorruptCorrection as exc:
            _log.warning("correction %s teaches nothing: %s", each.id, exc.detail)
            continue
        is_held = each.id in held
        glyphs += [
            TaughtGlyph(char.image.astype(np.float32) / np.float32(255), char.char, each.id, is_held)
            for char in lesson.chars
            if char.image is not None and char.char in reader.alphabet.chars
        ]
        if lesson.strip is not None and reader.rows is not None and set(lesson.text) <= set(reader.rows.alphabet.chars):
            rows.append(TaughtRow(lesson.strip, lesson.text, each.id, is_held))
    return glyphs, rows


def held_out(ids: list[str]) -> frozenset[str]:
    """Choose the corrections to measure on instead of training: by their ids, or of five and more the least id.

    Parameters
    ----------
    ids : hexadecimal digests
    """
    held = frozenset(each for each in ids if int(each[-8:], 16) % _ONE_IN == 0)
    return held if held or len(ids) < _ONE_IN else frozenset([min(ids)])
