"""Holes of a spiral are told from bullets, digits and letters."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.ink.binarise import Levels
from app.vision.ink.components import Components
from app.vision.marks.binder_holes import are_binder_holes
from app.vision.segment import segment
from app.vision.writing import find_components, keep_writing, without_holes

STROKE, HIGH = 4, 24


def _components(ink: np.ndarray) -> Components:
    return find_components(ink, Levels(faint=60, sure=120))


def _page() -> np.ndarray:
    return np.zeros((480, 480), np.uint8)


def _letter(ink: np.ndarray, top: float, left: float) -> None:
    """Draw an H, or what is nearly one, of the page's pen."""
    top, left = round(top), round(left)
    ink[top : top + HIGH, left : left + STROKE] = 200
    ink[top : top + HIGH, left + 12 : left + 12 + STROKE] = 200
    ink[top + 10 : top + 10 + STROKE, left : left + 14] = 200


def _disc(ink: np.ndarray, y: float, x: float, radius: float = 9, hollow: float = 0) -> None:
    rows, columns = np.ogrid[: ink.shape[0], : ink.shape[1]]
    away = (rows - y) ** 2 + (columns - x) ** 2
    ink[(away <= radius**2) & (away >= hollow**2)] = 200


def _lines(ink: np.ndarray, step: float, left: int = 90) -> None:
    """Draw rows of letters, the first 60 pixels from the top."""
    for top in np.arange(60, 400, step):
        for place in range(left, 300, 24):
            _letter(ink, top, place)


def _holes(ink: np.ndarray) -> tuple[np.ndarray, Components]:
    page = _components(ink)
    return are_binder_holes(page), page


def _are_discs(page: Components, x: float) -> np.ndarray:
    return np.abs(page.boxes[:, 1::2].mean(axis=1) - x) < 20


@pytest.mark.parametrize("place", ["left", "right", "top"])
def test_holes_along_a_side_are_found_and_letters_stay(place: str) -> None:
    ink = _page()
    _lines(ink, 50)
    for along in np.arange(20, 460, 36):
        _disc(ink, *((20, along) if place == "top" else (along, 30 if place == "left" else 450)))
    holes, page = _holes(ink)
    assert np.count_nonzero(holes) == 13
    assert (page.heights[~holes] == HIGH).all()
    assert len(keep_writing(without_holes(page))) == np.count_nonzero(~holes)


def test_holes_nearer_to_one_another_with_the_distance_and_past_a_gap_are_found() -> None:
    ink, y = _page(), 20.0
    _lines(ink, 50)
    count = 0
    for number in range(13):
        if number not in (8, 9):
            _disc(ink, y, 30 + 0.05 * y)
            count += 1
        y += 40 * 0.985**number
    holes, _ = _holes(ink)
    assert np.count_nonzero(holes) == count


def test_digits_and_letters_in_the_strip_of_the_holes_stay() -> None:
    """Two 7s in a column of discs, and the first letters of rows beside holes."""
    ink = _page()
    _lines(ink, 50)
    for number, y in enumerate(range(20, 460, 36)):
        if number in (6, 9):
            ink[y - 12 : y - 8, 432:448] = 200
            ink[y - 12 : y + 12, 444:448] = 200
        else:
            _disc(ink, y, 440, 14)
    for y in range(38, 460, 72):
        ink[y - 8 : y + 8, 414 : 414 + STROKE] = 200
    holes, page = _holes(ink)
    assert np.count_nonzero(holes) == 11
    assert (page.boxes[holes, 3] - page.boxes[holes, 1] > 20).all()


def test_bullets_that_text_follows_stay() -> None:
    ink = _page()
    _lines(ink, 36)
    for top in np.arange(60, 400, 36):
        _disc(ink, top + HIGH / 2, 60)
    assert not _holes(ink)[0].any()


def test_bullets_in_a_row_of_text_stay() -> None:
    ink = _page()
    _lines(ink, 50)
    for left in range(20, 460, 60):
        _disc(ink, 30, left)
        ink[18 : 18 + HIGH, left + 20 : left + 20 + STROKE] = 200
    assert not _holes(ink)[0].any()


def test_bullets_of_a_list_with_an_empty_entry_stay() -> None:
    ink = _page()
    _lines(ink, 36)
    for top in np.arange(60, 400, 36):
        _disc(ink, top + HIGH / 2, 60)
    ink[60 + 4 * 36 : 60 + 4 * 36 + HIGH, 80:] = 0
    assert not _holes(ink)[0].any()


def _bar(ink: np.ndarray, y: float, x: float) -> None:
    """Draw a thick upright stroke."""
    ink[round(y) - 18 : round(y) + 18, round(x) - 6 : round(x) + 6] = 200


def _disc_with_a_tail(ink: np.ndarray, y: float, x: float) -> None:
    _disc(ink, y - 8, x - 8)
    for along in range(24):
        ink[round(y) - 8 + along : round(y) - 5 + along, round(x) - 8 + along : round(x) - 5 + along] = 200


NO_HOLES = {
    "rings": lambda ink, y, rng: _disc(ink, y, 430, 12, 7),
    "dots of the page's pen": lambda ink, y, rng: _disc(ink, y, 430, 4),
    "thick bars": lambda ink, y, rng: _bar(ink, y, 430),
    "tails": lambda ink, y, rng: _disc_with_a_tail(ink, y, 430),
    "unevenly spaced": lambda ink, y, rng: _disc(ink, y + rng.normal(0, 5), 430),
    "unlike": lambda ink, y, rng: _disc(ink, y, 430, (7, 10, 13)[int(y) % 3]),
}


@pytest.mark.parametrize("draw", NO_HOLES.values(), ids=NO_HOLES)
def test_what_is_written_in_a_column_that_no_text_follows_stays(draw, rng) -> None:
    ink = _page()
    _lines(ink, 50)
    for y in np.arange(25, 460, 50 if draw is NO_HOLES["thick bars"] else 34):
        draw(ink, y, rng)
    assert not _holes(ink)[0].any()


def test_five_discs_are_no_chain() -> None:
    ink = _page()
    _lines(ink, 50)
    for y in np.arange(20, 200, 36):
        _disc(ink, y, 440)
    assert not _holes(ink)[0].any()


def test_writing_paler_than_the_holes_is_found() -> None:
    ink = _page()
    _lines(ink, 50)
    ink = np.where(ink, np.linspace(60, 105, ink.shape[1]), 0).astype(np.uint8)
    for along in np.arange(20, 460, 36):
        _disc(ink, along, 450)
    assert [len(row.pieces) for row in segment(230 - ink).rows] == [9] * 7
