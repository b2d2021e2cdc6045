"""Turns a correction, a place on a page and what is really written there, into a lesson for the networks."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput, ShapeMismatch
from app.nn import BLANK, Array
from app.ocr.patterns.syntax import SPACE
from app.ocr.reader import Reader
from app.ocr.recognisers.row_reader import RowReader
from app.ocr.spelling.alignment import align
from app.ocr.teaching.lesson import Lesson, TaughtChar
from app.vision import (
    Box,
    Picture,
    RowOfInk,
    Segmentation,
    assign_ink,
    crop_glyph,
    crop_row,
    cut_between,
    glyph_of_image,
    glyph_of_row,
)

# Where the network sees some character, each character gets at least this share of its probability: so the text of a
# person is aligned to what was misread, too. Likewise for blank and space between characters.
_ANY = 0.01
_TINY = 1e-12
# A text belongs to a row if at least the share _PLACED of its characters is aligned to just one character that the
# network saw, and if the text has at least that share of the characters that the network saw: otherwise it may be for
# another row, or for a part of this one. Of a text of more than _LONGER characters at least the share _READ must also
# have been read rightly, or misread in the same way each time.
_PLACED, _READ, _LONGER = 0.5, 0.25, 3


def correct_image(reader: Reader, picture: Picture, text: str) -> Lesson:
    """Teach that an image shows one character and nothing else.

    Raises
    ------
    InvalidInput : there is no ink, or `text` is no character that the network for glyphs knows.
    """
    return _one_char(reader, text, glyph_of_image(picture.grey), Box(0, 0, picture.height, picture.width))


def correct_glyph(reader: Reader, found: Segmentation, picture: Picture, box: Box, text: str) -> Lesson:
    """Teach what one character of a page is.

    Parameters
    ----------
    box : in pixels of the upload

    Raises
    ------
    InvalidInput : there is no ink in the box, or `text` is no character that the network for glyphs knows.
    """
    return _one_char(reader, text, crop_glyph(found, picture, box), box)


def correct_row(reader: Reader, found: Segmentation, picture: Picture, box: Box, text: str) -> Lesson:
    """Teach what a row of a page says, or a part of a row.

    Each character of the text is aligned to its ink. It becomes an example for the glyph network if there is no doubt
    about its ink: the row network saw just one character, of whatever class, in its place and in those of its
    neighbours, and its ink is not joined to theirs.

    Parameters
    ----------
    box : around one row, or a part of one, in pixels of the upload
    text : words with single spaces between them

    Raises
    ------
    InvalidInput : there is not one row in the box, no network for rows, a character that it does not know, or the text
        is far from what is there.
    """
    if reader.rows is None:
        raise InvalidInput("level: expected glyph, as there is no network for rows here, got row")
    _refuse_unknown(text, reader.rows.alphabet.chars)
    row = crop_row(found, picture, box)
    if not reader.rows.is_short_enough(row.strip):
        raise InvalidInput("expected a box around a row of some 200 characters at most, got a longer one")
    [log_p] = reader.rows.predict([row.strip])
    spelling = reader.rows.spell(log_p)
    read = reader.rows.text(spelling)
    chars = [char for char in text if char != SPACE]
    columns = _columns(reader.rows, log_p, text, read)
    cuts = cut_between(row.strip, columns.tolist())
    x = row.strip.middles(spelling.columns)
    seen = [reader.rows.alphabet.chars[index] for index in spelling.p.argmax(axis=1)] if len(x) else []
    by_char = _territories(np.searchsorted(cuts, x), seen, len(chars))
    _refuse_another_text(chars, by_char, text, read)
    labels = [label for piece in row.pieces for label in piece.labels]
    inks = assign_ink(labels, found.components, cuts, row.strip.middles(columns))
    taught = []
    for char, is_sure, ink in zip(chars, _sure(by_char), inks, strict=True):
        image = None
        if is_sure and ink is not None and not ink.is_joined and char in reader.alphabet.chars:
            image = _as_bytes(glyph_of_row(found, row, ink.box))
        taught.append(TaughtChar(char, None if ink is None else found.on_upload(ink.box, picture), image))
    return Lesson(text, read, tuple(taught), row.strip, found.on_upload(_around(row), picture))


def _one_char(reader: Reader, text: str, glyph: NDArray[np.float32], box: Box) -> Lesson:
    if len(text) != 1:
        raise InvalidInput(f"text: expected one character for one glyph, got {text!r}")
    _refuse_unknown(text, reader.alphabet.chars)
    read = reader.alphabet.chars[int(reader.glyphs.network.predict(glyph[None, None])[0].argmax())]
    return Lesson(text, read, (TaughtChar(text, box, _as_bytes(glyph)),), None, box)


def _refuse_unknown(text: str, known: str) -> None:
    if unknown := "".join(sorted(set(text) - set(known))):
        detail = f"text: expected characters out of {known.strip()}, got {unknown} as well"
        raise InvalidInput(detail, unknown=unknown, known=known)


def _columns(rows: RowReader, log_p: Array, text: str, read: str) -> NDArray[np.intp]:
    """Return the column of each character of a text, spaces left out."""
    classes = 1 + rows.alphabet.encode(text)
    space = 1 + rows.alphabet.chars.index(SPACE)
    try:
        peaks = align(_softened(log_p, space), classes.tolist()).peaks
    except ShapeMismatch as exc:
        raise _another_text(text, read) from exc
    return peaks[classes != space]


def _softened(log_p: Array, space: int) -> Array:
    """Raise the probability of every character where one is seen, and of space and blank where none is, to `_ANY`."""
    p = np.exp(log_p, dtype=np.float64)
    between = p[:, BLANK] + p[:, space]
    softened = np.maximum(p, _ANY * np.maximum(1 - between, 0)[:, None])
    softened[:, BLANK], softened[:, space] = (np.maximum(p[:, each], _ANY * between) for each in (BLANK, space))
    return np.log(softened + _TINY)


def _territories(numbers: NDArray[np.intp], seen: list[str], count: int) -> list[list[str]]:
    """Return for each of `count` characters those that the network saw between the cuts around it."""
    found: list[list[str]] = [[] for _ in range(count)]
    for number, char in zip(numbers.tolist(), seen, strict=True):
        found[number].append(char)
    return found


def _sure(by_char: list[list[str]]) -> NDArray[np.bool_]:
    """Tell which characters are aligned to just one that was seen, as are both neighbours."""
    one = np.array([True, *(len(seen) == 1 for seen in by_char), True])
    return one[:-2] & one[1:-1] & one[2:]


def _refuse_another_text(chars: list[str], by_char: list[list[str]], text: str, read: str) -> None:
    pairs = [(char.casefold(), seen[0].casefold()) for char, seen in zip(chars, by_char, strict=True) if len(seen) == 1]
    # A hand that is odd throughout is misread throughout, but each time alike.
    times = Counter(pairs)
    agreed = sum(char == seen or times[char, seen] > 1 for char, seen in pairs)
    are_placed = len(pairs) >= _PLACED * len(chars) and len(chars) >= _PLACED * sum(map(len, by_char))
    if not are_placed or (len(chars) > _LONGER and agreed < _READ * len(chars)):
        raise _another_text(text, read)


def _another_text(text: str, read: str) -> InvalidInput:
    detail = f"text: expected what is written in the box, which reads {read!r}, got {text!r}: they cannot be aligned"
    return InvalidInput(detail, read=read, text=text)


def _as_bytes(glyph: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.rint(glyph * 255).astype(np.uint8)


def _around(row: RowOfInk) -> Box:
    return Box.around(piece.box for piece in row.pieces)
