"""Hand print whose every box is known: drawn with our own pen font."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.datasets.glyphs.draw import draw_strokes
from app.datasets.pages.camera import rotation
from app.datasets.pages.truth import box_of_ink
from app.datasets.pens.hand import Hand, write_row
from app.vision import Box

PLAIN = Hand()
_MARGIN = 0.8  # white around the writing, in heights of a capital


@dataclass(frozen=True)
class WrittenPage:
    """Dark ink (0) on white paper (255), and for each row the boxes of its characters, spaces left out."""

    grey: NDArray[np.uint8]
    boxes: list[list[Box]]


def write_page(
    rows: Sequence[str],
    *,
    height_px: float = 40.0,
    pitch: float = 2.0,
    angle_deg: float = 0.0,
    hand: Hand = PLAIN,
    seed: int = 0,
) -> WrittenPage:
    """Write rows of capitals `height_px` high, `pitch` times that apart, turned by `angle_deg` against the clock."""
    rng = np.random.default_rng(seed)
    written = [write_row(text, hand, rng, height_px=height_px) for text in rows]
    turn = rotation(angle_deg)
    placed = [
        [(stroke.char_index, (stroke.points + [0, number * pitch * height_px]) @ turn) for stroke in row]
        for number, row in enumerate(written)
    ]
    points = np.concatenate([points for row in placed for _, points in row])
    corner = _MARGIN * height_px - points.min(axis=0)
    width, height = np.ceil(np.ptp(points, axis=0) + 2 * _MARGIN * height_px).astype(int)
    pen_px = hand.pen * height_px
    ink = draw_strokes(
        [(points + corner).astype(np.float32) for row in placed for _, points in row],
        (height, width),
        pen_px,
    )
    boxes = [
        [
            box_of_ink(np.concatenate([points + corner for index, points in row if index == char]), pen_px)
            for char in dict.fromkeys(index for index, _ in row)
        ]
        for row in placed
    ]
    return WrittenPage(255 - ink, boxes)


def write_form(fields: Mapping[str, str], hand: Hand = PLAIN) -> NDArray[np.uint8]:
    """Write labels, and on the baseline of each what is filled in beside it, three times as high."""
    page = np.full((240 * len(fields) + 20, 900), 255, np.uint8)
    for number, field in enumerate(fields.items()):
        for text, height_px, left in zip(field, (30, 90), (20, 250), strict=True):
            part = write_page([text], height_px=height_px, hand=hand).grey
            bottom = 240 * number + 180 + round(_MARGIN * height_px)
            place = (slice(bottom - part.shape[0], bottom), slice(left, left + part.shape[1]))
            page[place] = np.minimum(page[place], part)
    return page


ROWS, COLUMNS, SQUARE, LETTER = 4, 8, 30, 25
"""Of `letters_in_squares`; the height of a square and of a letter in pixels."""


def letters_in_squares(fall: float = 0.0, pen_px: int = 5) -> NDArray[np.uint8]:
    """Draw an H in each square, with a thin stroke down to the one below, so that columns of them are one piece."""
    ink = np.zeros((260, 340), np.uint8)
    for row in range(ROWS):
        for column in range(COLUMNS):
            left = 30 + column * 36
            top = 40 + row * SQUARE + round(fall * left)
            ink[top : top + LETTER, left : left + pen_px] = 200
            ink[top : top + LETTER, left + 24 - pen_px : left + 24] = 200
            ink[top + 10 : top + 10 + pen_px, left : left + 24] = 200
            ink[top + LETTER : top + SQUARE, left : left + 3] = 200
    return ink
