"""Rows that spread, as on a sheet seen from one side, and rows that do not."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.ink.components import Components
from app.vision.layout.fan import Fan, find_fan
from app.vision.layout.rows import find_rows

HEIGHT, WIDTH, PITCH, STEP = 40, 28, 72, 44  # of the letters, from row to row, and from letter to letter
FAN = Fan(600.0, 400.0, 0.02, 3e-4)  # the slope of a row changes by 0.2 within the page below


def _page(boxes):
    """Pieces of ink that fill their boxes."""
    boxes = np.rint(np.array(boxes)).astype(np.int32).reshape(-1, 4)
    areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
    size = boxes[:, 2:].max(axis=0, initial=1)
    return Components(np.zeros(size, np.int32), np.arange(1, len(boxes) + 1), boxes, areas.astype(np.int64), 4.0)


def _table(rows=10, columns=4, letters=5):
    """Rows of cells, five letters wide each, with white between them that is as wide."""
    lefts = [STEP * (2 * letters * column + place) for column in range(columns) for place in range(letters)]
    tops = range(100, 100 + PITCH * rows, PITCH)
    return np.array([(top, left, top + HEIGHT, left + WIDTH) for top in tops for left in lefts], float)


def _spread(boxes, fan):
    """Move level boxes to where rows that spread have them."""
    across = (boxes[:, [1]] + boxes[:, [3]]) / 2 - fan.x
    seen = boxes.copy()
    seen[:, [0, 2]] = fan.y + fan.slope * across + (boxes[:, [0, 2]] - fan.y) * (1 + fan.spread * across)
    return seen


def _shaken(boxes, rng, share=0.1):
    """Each letter higher or lower by this share of its height."""
    return boxes + rng.normal(0, share * HEIGHT, (len(boxes), 1)) * [1, 0, 1, 0]


def test_straightened_rows_are_level_and_all_letters_as_high():
    boxes = _table()
    straight = FAN.straightened(_page(_spread(boxes, FAN)))
    np.testing.assert_allclose(straight.boxes[:, [0, 2]], boxes[:, [0, 2]], atol=1)


def test_the_margin_of_a_page_that_is_turned_becomes_upright():
    fan = Fan(0.0, 0.0, 0.05, 1e-6)
    margin = np.array([(y, -0.05 * y, y + HEIGHT, WIDTH - 0.05 * y) for y in range(0, 720, PITCH)])
    assert np.ptp(fan.straightened(_page(margin)).boxes[:, 1]) <= 1


@pytest.mark.parametrize("slope", [-0.04, 0.0, 0.02])
@pytest.mark.parametrize("spread", [-3e-4, 1e-4, 3e-4])
def test_rows_that_spread_are_noticed(slope, spread, rng):
    boxes = _spread(_table(), FAN._replace(slope=slope, spread=spread))
    fan = find_fan(_page(_shaken(boxes, rng)))
    at_y = fan.slope + fan.spread * (FAN.y - fan.y)
    assert at_y == pytest.approx(slope, abs=0.02)
    assert fan.spread == pytest.approx(spread, abs=6e-5)


@pytest.mark.parametrize("spread", [-3e-4, 3e-4])
def test_rows_that_spread_are_found_across_wide_gaps_once_they_are_straightened(spread, rng):
    page = _page(_shaken(_spread(_table(), FAN._replace(spread=spread)), rng))
    rows = np.arange(len(page)).reshape(10, -1).tolist()
    assert [row.tolist() for row in find_rows(page)[0]] != rows
    assert [row.tolist() for row in find_rows(find_fan(page).straightened(page))[0]] == rows


@pytest.mark.parametrize("slope", [-0.15, -0.05, 0.0, 0.1])
def test_parallel_rows_do_not_spread_whatever_they_slope(slope, rng):
    page = _page(_shaken(_spread(_table(), FAN._replace(slope=slope, spread=0.0)), rng))
    assert find_fan(page) == Fan()
    assert Fan().straightened(page) is page


@pytest.mark.parametrize("seed", range(20))
def test_a_hand_whose_rows_rise_and_fall_at_random_does_not_spread_them(seed):
    rng = np.random.default_rng(seed)
    boxes = _table(columns=1, letters=12)
    slopes = np.repeat(rng.normal(0, 0.02, 10), 12)[:, None]
    boxes[:, [0, 2]] += slopes * (boxes[:, [1]] - 240)
    assert find_fan(_page(_shaken(boxes, rng))) == Fan()


def test_rows_that_bow_do_not_spread(rng):
    """As on a sheet that is bent, or beside the fold of a book: their slope changes from left to right."""
    boxes = _table()
    boxes[:, [0, 2]] += 60 * ((boxes[:, [1]] - FAN.x) / FAN.x) ** 2
    assert find_fan(_page(_shaken(boxes, rng))) == Fan()


def test_a_few_stretches_that_lead_astray_do_not_spread_rows(rng):
    """Links may lead from the end of one row into the next."""
    boxes = _table()
    astray = np.array([(top, 2000 + 40 * i, top + HEIGHT, 2028 + 40 * i) for i, top in enumerate((700, 716, 732))])
    assert find_fan(_page(np.concatenate([_shaken(boxes, rng), astray]))) == Fan()


@pytest.mark.parametrize("boxes", [[], _table(rows=3, columns=1), _table(columns=1, letters=2)])
def test_a_page_with_few_stretches_of_letters_does_not_spread(boxes):
    page = _page(_spread(np.array(boxes, float).reshape(-1, 4), FAN))
    assert find_fan(page) == Fan()


def test_a_straightened_piece_is_as_wide_and_never_empty():
    dot = np.array([[60.0, 1700.0, 61.0, 1701.0]])
    page = _page(np.concatenate([_spread(_table(), FAN), dot]))
    straight = FAN.straightened(page)
    assert straight.heights.min() >= 1
    np.testing.assert_allclose(straight.widths, page.widths, atol=1)


def test_of_pieces_far_beside_the_letters_the_upper_one_stays_above_the_other():
    far = np.array([[500.0, -9000.0, 540.0, -8972.0], [600.0, -9000.0, 640.0, -8972.0]])
    tops = FAN.straightened(_page(far)).boxes[:, 0]
    assert tops[0] < tops[1]
