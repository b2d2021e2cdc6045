"""Full stops that a network saw and did not say."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr import Alphabet, RowReader, build_network
from app.ocr.spelling.points import insert, overlooked_points
from app.ocr.spelling.spelling import Spelling
from app.vision import COLUMN_PX, STRIP_HEIGHT, Box, Strip
from app.vision.inputs.glyphs import Piece
from app.vision.segment import RowOfInk
from tests.conftest import TINY_ROWS

HEIGHT = 40
LETTER = Box(0, 0, HEIGHT, 30)
COLUMNS = 20


def _row(*boxes):
    """A row of 20 columns, each as wide as that many pixels of the page."""
    strip = Strip(np.zeros((STRIP_HEIGHT, COLUMNS * COLUMN_PX), np.uint8), left=0, scale=1.0)
    pieces = [Piece((number,), box) for number, box in enumerate(boxes)]
    return RowOfInk(
        pieces, [], float(HEIGHT), float(HEIGHT), strip, lambda chosen: np.zeros((len(chosen), 1, 1, 1), np.float32)
    )


def _speck(column, *, top=HEIGHT - 8, height=8, width=8):
    middle = round((column + 0.5) * COLUMN_PX)
    return Box(top, middle - width // 2, top + height, middle + width // 2)


def _seen(*columns, p=0.4):
    p_point = np.zeros(COLUMNS)
    p_point[list(columns)] = p
    return p_point


def test_of_three_stops_of_which_one_is_said_two_are_found():
    row = _row(LETTER, _speck(8), _speck(10), _speck(12))
    assert overlooked_points(row, _seen(8, 10, 12), [10]) == [8, 12]
    assert overlooked_points(row, _seen(8, 10, 12), [8, 12]) == [10]
    assert overlooked_points(row, _seen(8, 10, 12), [8, 10, 12]) == []
    assert overlooked_points(row, _seen(8), [8, 10]) == []


@pytest.mark.parametrize("column, found", [(6, []), (10, []), (5, [8]), (11, [8])])
def test_a_stop_that_is_said_two_columns_away_is_the_speck_itself(column, found):
    assert overlooked_points(_row(LETTER, _speck(8)), _seen(8), [column]) == found


def test_what_is_said_counts_once():
    """A stroke with a stop close to it on both sides, of which the one behind is said."""
    row = _row(LETTER, _speck(8, width=4), Box(0, 54, HEIGHT, 55), _speck(9, width=4))
    assert overlooked_points(row, _seen(9), [9]) == [8]
    assert overlooked_points(row, _seen(9), [8, 9]) == []


@pytest.mark.parametrize(
    "speck",
    [
        _speck(8, height=3, width=4),
        _speck(8, width=22),
        _speck(8, top=2),
        _speck(8, top=22, height=6),
        _speck(8)._replace(left=LETTER.right - 2),
        _speck(8)._replace(right=64),
    ],
    ids=["dirt", "too large", "an apostrophe", "a dash", "below a letter", "below the next"],
)
def test_no_other_ink_is_a_stop(speck):
    others = LETTER, Box(0, 62, HEIGHT, 90)
    assert overlooked_points(_row(*others, _speck(8)), _seen(*range(COLUMNS)), []) == [8]
    assert overlooked_points(_row(*others, speck), _seen(*range(COLUMNS)), []) == []


def test_a_colon_that_is_written_aslant_is_no_two_stops():
    row = _row(LETTER, _speck(8, top=25, height=7), _speck(10))
    assert overlooked_points(row, _seen(8, 10), []) == []


def test_nor_is_what_the_network_has_not_seen_as_one():
    row = _row(LETTER, _speck(8))
    assert overlooked_points(row, _seen(9), []) == [8]
    assert overlooked_points(row, _seen(9, p=0.1), []) == []
    assert overlooked_points(row, _seen(11), []) == []


def test_a_row_of_nothing_but_stops_has_them_all():
    assert overlooked_points(_row(_speck(3), _speck(5)), _seen(3, 5), [3]) == [5]


@pytest.mark.parametrize(
    "points, columns, p_space",
    [
        ([6], [2, 5, 6, 9], [0.1, 0.0, 0.8]),
        ([3, 7, 8], [2, 3, 5, 7, 8, 9], [0.0, 0.1, 0.0, 0.0, 0.8]),
        ([1], [1, 2, 5, 9], [0.0, 0.1, 0.8]),
        ([11], [2, 5, 9, 11], [0.1, 0.8, 0.0]),
        ([], [2, 5, 9], [0.1, 0.8]),
    ],
    ids=["behind a letter", "several", "before all", "behind all", "none"],
)
def test_a_stop_stands_close_to_what_is_before_it(points, columns, p_space):
    p = np.eye(4)[:3]
    spelling = Spelling(p, np.array([2, 5, 9]), np.array([0.1, 0.8]))
    found = insert(spelling, np.array(points, np.intp), np.tile(np.eye(4)[3], (len(points), 1)))
    assert found.columns.tolist() == columns
    assert found.p_space.tolist() == p_space
    assert found.p.argmax(axis=1).tolist() == [3 if column in points else [2, 5, 9].index(column) for column in columns]


@pytest.fixture(scope="module")
def reader():
    architecture = {**TINY_ROWS, "classes": 4}
    return RowReader(build_network(architecture, np.random.default_rng(0)), Alphabet(" A."))


def test_a_stop_that_was_found_is_what_the_network_thinks_of_its_column(reader):
    p = np.tile([0.97, 0.01, 0.01, 0.01], (COLUMNS, 1))
    p[2] = [0.01, 0.01, 0.97, 0.01]
    p[9] = [0.5, 0.1, 0.1, 0.3]
    row, spelling = _row(LETTER, _speck(8)), reader.spell(np.log(p))
    assert reader.text(spelling) == "A"
    found = reader.with_points(spelling, np.log(p), row)
    assert reader.text(found) == "A."
    assert found.columns.tolist() == [2, 8]
    np.testing.assert_allclose(found.p[1], [0.0, 0.1, 0.3])


@pytest.mark.parametrize("said, p", [("A.", [0.01, 0.01, 0.28, 0.7]), ("AA", [0.01, 0.01, 0.7, 0.28])])
def test_what_stands_beside_a_speck_is_not_said_once_more(reader, said, p):
    log_p = np.log(np.tile([0.97, 0.01, 0.01, 0.01], (COLUMNS, 1)))
    log_p[2], log_p[7] = np.log([0.01, 0.01, 0.97, 0.01]), np.log(p)
    row = _row(LETTER, _speck(8))
    assert reader.text(reader.with_points(reader.spell(log_p), log_p, row)) == said


def test_a_speck_where_a_letter_is_seen_best_is_a_part_of_it(reader):
    p = np.tile([0.97, 0.01, 0.01, 0.01], (COLUMNS, 1))
    p[8], p[9] = [0.01, 0.01, 0.97, 0.01], [0.6, 0.01, 0.01, 0.38]
    assert reader.text(reader.with_points(reader.spell(np.log(p)), np.log(p), _row(LETTER, _speck(8)))) == "A"


def test_a_network_that_knows_no_stops_says_none():
    reader = RowReader(build_network({**TINY_ROWS, "classes": 3}, np.random.default_rng(0)), Alphabet(" A"))
    log_p = np.log(np.tile([0.4, 0.2, 0.4], (COLUMNS, 1)))
    spelling = reader.spell(log_p)
    assert reader.with_points(spelling, log_p, _row(LETTER, _speck(8))) is spelling


def test_a_row_that_is_too_long_to_be_seen_says_none(reader):
    too_long = np.log([[0.97, 0.01, 0.01, 0.01]])
    assert not len(reader.with_points(reader.spell(too_long), too_long, _row(LETTER, _speck(8))).columns)


def test_a_stop_that_is_not_allowed_stays_away(reader):
    p = np.tile([0.2, 0.2, 0.2, 0.4], (COLUMNS, 1))
    spelling = Spelling(np.array([[0.0, 0.9, 0.0]]), np.array([2]), np.zeros(0))
    assert len(reader.with_points(spelling, np.log(p), _row(LETTER, _speck(8))).columns) == 2
    allowed = reader.alphabet.mask(" A")
    assert len(reader.with_points(spelling, np.log(p), _row(LETTER, _speck(8)), allowed).columns) == 1
