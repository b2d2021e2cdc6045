"""Which way up a page is, decided by whatever tells how sure it is of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.nn import Array
from app.ocr.orientation import Legibility, find_orientation, find_slant, is_read_better, is_read_well
from app.vision import RowOfInk, Segmentation, View, row_direction, segment
from tests.vision.conftest import write_page

GREY = write_page(["STAND UP", "STRAIGHT"]).grey
SURE, UNSURE = np.full(20, -0.1), np.full(20, -0.5)
_NEW = np.full((1, 1), -1, np.float32)


def _difference(shown, rows):
    def apart(a, b):
        return np.abs(a - b.astype(float)).mean() if a.shape == b.shape else 255

    return sum(min(apart(row.strip.pixels, other.strip.pixels) for other in rows) for row in shown)


def _show(rows):
    """Stand for a network of which nobody asks what it sees, but whether it was shown a row for the first time."""
    return [_NEW] * len(rows)


def _answers(legibility):
    return dict.fromkeys((0, 90, 180, 270), legibility)


def _found(orientation_deg, answers):
    """Turn the page, and ask by `answers`: orientation of the rows that are shown, to their legibility."""
    page = np.rot90(GREY, orientation_deg // 90)
    rows = {way: segment(page, View(way)).rows for way in (0, 90, 180, 270)}

    def legibility(shown, _):
        return answers[min(rows, key=lambda way: _difference(shown, rows[way]))]

    found = segment(page)
    seen = [np.zeros((1, 1), np.float32)] * len(found.rows)
    direction = row_direction(found.components)

    def turned(way):
        return segment(page, View(way))

    return find_orientation(found, seen, _show, legibility, turned, direction)


@pytest.mark.parametrize("orientation_deg", [0, 90, 180, 270])
def test_the_way_up_that_is_read_best_is_found_with_its_rows(orientation_deg):
    answers = _answers(Legibility(UNSURE)) | {orientation_deg: Legibility(SURE)}
    found = _found(orientation_deg, answers)
    assert found.view.orientation_deg == orientation_deg
    upright = segment(GREY)
    assert [len(row.pieces) for row in found.rows] == [len(row.pieces) for row in upright.rows]


@pytest.mark.parametrize(
    "here, there",
    [
        (UNSURE, UNSURE + 0.04),  # hardly better
        (UNSURE[:4], UNSURE[:4] + 0.1),  # better, but who could tell by four characters
        (UNSURE, SURE[:2]),
        (UNSURE - 2, UNSURE - 1),  # no text whichever way
        (UNSURE[:0], UNSURE[:0]),
    ],
    ids=["alike", "few", "two", "noise", "nothing"],
)
def test_a_page_is_left_alone_when_that_is_not_clear(here, there):
    answers = _answers(Legibility(there)) | {0: Legibility(here)}
    assert _found(180, answers).view.orientation_deg == 0


def test_a_page_on_which_nothing_is_seen_is_turned_to_where_something_is():
    answers = _answers(Legibility(UNSURE[:0])) | {180: Legibility(SURE)}
    assert _found(180, answers).view.orientation_deg == 180


@pytest.mark.parametrize("orientation_deg", [0, 90, 180, 270])
def test_a_language_tells_where_the_network_is_in_doubt(orientation_deg):
    answers = _answers(Legibility(UNSURE)) | {orientation_deg: Legibility(UNSURE, lambda: 10.0)}
    assert _found(orientation_deg, answers).view.orientation_deg == orientation_deg


def test_a_page_of_words_stays_though_clearer_letters_are_seen_another_way_up():
    answers = _answers(Legibility(UNSURE + 0.2)) | {0: Legibility(UNSURE, lambda: 10.0)}
    assert _found(180, answers).view.orientation_deg == 0


@pytest.mark.parametrize("worse, orientation_deg", [(0.05, 180), (0.15, 0)])
def test_words_make_up_for_letters_that_are_a_little_less_clear(worse, orientation_deg):
    """Twenty characters are less clear from about 0.09 on."""
    answers = _answers(Legibility(UNSURE - 1)) | {0: Legibility(UNSURE), 180: Legibility(UNSURE - worse, lambda: 10.0)}
    assert _found(180, answers).view.orientation_deg == orientation_deg


def test_a_language_is_not_asked_of_a_page_that_is_read_clearly_best_as_it_stands():
    def asked():
        pytest.fail("the network had no doubt")

    answers = _answers(Legibility(UNSURE - 0.3, asked)) | {0: Legibility(UNSURE, asked)}
    assert _found(0, answers).view.orientation_deg == 0


def test_one_sure_letter_is_no_reason_to_leave_a_page_on_its_side():
    letter = Legibility(SURE[:1])
    assert not is_read_well(letter.certainty)
    answers = _answers(letter) | {90: Legibility(UNSURE + 0.3)}
    assert _found(90, answers).view.orientation_deg == 90


def test_what_is_read_well_need_not_be_turned():
    assert is_read_well(SURE)
    assert not is_read_well(UNSURE)
    assert not is_read_well(np.zeros(0))


def test_only_what_is_clearly_easier_to_read_is_better():
    assert is_read_better(UNSURE + 0.2, UNSURE)
    assert not is_read_better(UNSURE + 0.04, UNSURE)
    assert not is_read_better(UNSURE[:4] + 0.1, UNSURE[:4])  # who could tell by four characters
    assert not is_read_better(UNSURE - 1, UNSURE - 2)  # no text either way
    assert is_read_better(SURE, UNSURE[:0])


def test_strokes_that_lean_as_most_do_are_left_alone():
    assert find_slant(segment(write_page(["LEAN", "HITHER"], hand=Hand(slant_deg=6)).grey)) == 0
    assert find_slant(segment(write_page(["LEAN", "HITHER"], hand=Hand(slant_deg=35)).grey)) > 0.5
    assert find_slant(segment(np.full((60, 60), 255, np.uint8))) == 0


def test_a_page_that_would_become_too_large_is_left_leaning(monkeypatch):
    leaning = segment(write_page(["LEAN"] * 3, hand=Hand(slant_deg=35)).grey)
    assert find_slant(leaning) > 0.5
    monkeypatch.setattr("app.ocr.orientation.may_shear_back", lambda shape, slant: shape != leaning.ink.shape)
    assert find_slant(leaning) == 0


def test_few_rows_tell_that_a_page_is_upright_and_those_that_were_seen_are_not_shown_again():
    found = segment(write_page(["STAND UP STRAIGHT"] * 12).grey)
    seen, shown = [np.full((1, 1), number, np.float32) for number in range(len(found.rows))], []

    def predict(rows: Sequence[RowOfInk]) -> list[Array]:
        shown.append(len(rows))
        return _show(rows)

    def legibility(rows: Sequence[RowOfInk], known: Sequence[Array]) -> Legibility:
        if known[0] is _NEW:
            return Legibility(UNSURE)
        assert [found.rows[int(each[0, 0])] for each in known] == rows
        return Legibility(SURE)

    assert find_orientation(found, seen, predict, legibility, lambda way: found, 10.0) is found
    assert len(shown) == 1
    assert shown[0] < len(found.rows) / 2


def test_where_it_is_not_clear_by_few_rows_others_are_shown_as_well():
    found = segment(write_page(["STAND UP STRAIGHT"] * 12).grey)
    seen = [np.zeros((1, 1), np.float32)] * len(found.rows)
    shown: list[list[RowOfInk]] = []
    judged: list[int] = []

    def predict(rows: Sequence[RowOfInk]) -> list[Array]:
        shown.append(list(rows))
        return _show(rows)

    def legibility(rows: Sequence[RowOfInk], known: Sequence[Array]) -> Legibility:
        judged.append(len(known))
        return Legibility(UNSURE - 0.1 * (known[0] is _NEW))

    find_orientation(found, seen, predict, legibility, lambda way: found, 10.0)
    few, others = shown
    assert not any(row is before for row in others for before in few)
    assert judged == [12, len(few), len(few) + len(others)]


def test_of_a_way_up_that_few_rows_rule_out_no_more_are_shown():
    found, aside = (segment(write_page([text] * 12).grey) for text in ("STAND UP STRAIGHT", "LIE ON YOUR SIDE"))
    seen: list[Array] = [np.zeros((1, 1), np.float32)] * len(found.rows)
    shown: list[bool] = []

    def predict(rows: Sequence[RowOfInk]) -> list[Array]:
        shown.append(any(rows[0] is row for row in aside.rows))
        return _show(rows)

    def legibility(rows: Sequence[RowOfInk], known: Sequence[Array]) -> Legibility:
        return Legibility(UNSURE if known[0] is not _NEW or shown[-1] else UNSURE - 0.5)

    assert find_orientation(found, seen, predict, legibility, lambda way: aside, 0.0) is found
    assert shown == [False, True, False, True]  # 180, 90 and 270 degrees, then what is left


def test_where_rows_run_decides_whether_a_page_may_lie_on_its_side() -> None:
    found = segment(np.rot90(GREY))
    asked: list[int] = []

    def turned(way: int) -> Segmentation:
        asked.append(way)
        return segment(np.rot90(GREY), View(way))

    for direction, expected in ((10.0, []), (0.0, [90])):
        asked.clear()
        seen = [np.zeros((1, 1), np.float32)] * len(found.rows)
        find_orientation(found, seen, _show, lambda *_: Legibility(UNSURE), turned, direction)
        assert asked == expected
