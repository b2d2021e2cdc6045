from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.datasets.pages.layout import Layout, SetRow, lay_out
from app.datasets.pages.variation import PageVariation
from app.datasets.rows.shapes import WrittenRow

EVEN = PageVariation().turned(unevenness=0, slant_deg=0, pitch=2)


def _cell(text: str, width: float = 3.0) -> WrittenRow:
    stroke = np.array([[0.5, 0.0], [0.5 + width, 1.0]], np.float32)
    return WrittenRow(text, [stroke], "", [(0, len(text))])


def _layout(kind: str, rows: list[SetRow], variation: PageVariation = EVEN, seed: int = 0) -> Layout:
    return lay_out(kind, rows, variation.draw(np.random.default_rng(0)), np.random.default_rng(seed))


def _lefts(layout: Layout) -> list[list[float]]:
    return [[float(stroke[0, 0]) for stroke in row.strokes] for row in layout.rows]


def test_rows_stand_on_baselines_one_below_the_other():
    layout = _layout("note", [SetRow([_cell("a")]) for _ in range(4)])
    assert layout.baselines == pytest.approx([1, 3, 5, 7])
    for row, baseline in zip(layout.rows, layout.baselines, strict=True):
        assert (row.strokes[0][0, 1], row.strokes[0][1, 1]) == pytest.approx((baseline - 1, baseline))


def test_a_heading_is_larger_and_has_room_below():
    heading, row = _layout("list", [SetRow([_cell("a")], scale=1.5), SetRow([_cell("b")])]).rows
    assert np.ptp(heading.strokes[0][:, 1]) == pytest.approx(1.5)
    assert row.strokes[0][0, 1] - heading.strokes[0][1, 1] > 1


def test_an_indented_row_begins_farther_right():
    (first,), (second,) = _lefts(_layout("list", [SetRow([_cell("a")]), SetRow([_cell("b")], indent=3)]))
    assert second - first == pytest.approx(3, abs=0.5)


def test_cells_of_a_column_begin_below_each_other_and_beside_the_widest():
    rows = [SetRow([_cell("a", width), _cell("b")]) for width in (1.0, 6.0, 2.0)]
    seconds = [lefts[1] for lefts in _lefts(_layout("table", rows))]
    assert max(seconds) - min(seconds) < 0.5
    assert min(seconds) > 6.5


def test_a_grid_has_columns_at_equal_distances_that_do_not_touch():
    (lefts,) = _lefts(_layout("grid", [SetRow([_cell(char, 2.0) for char in "OOOO"])]))
    steps = [other - one for one, other in pairwise(lefts)]
    assert steps == pytest.approx([steps[0]] * 3)
    assert steps[0] > 2.2


def test_the_text_of_a_row_is_that_of_its_cells_and_strokes_know_their_part():
    (row,) = _layout("form", [SetRow([_cell("Name:"), _cell("Ada B")])]).rows
    assert row.text == "Name: Ada B"
    assert [row.text[start:stop] for start, stop in row.spans] == ["Name:", "Ada B"]


def test_only_a_form_has_fields_and_they_have_room_for_the_widest():
    rows = [SetRow([_cell("a"), _cell("b", width)]) for width in (1.0, 5.0)]
    assert _layout("table", rows).fields == []
    layout = _layout("form", rows)
    assert [field.width for field in layout.fields] == pytest.approx([5, 5])
    assert [field.baseline for field in layout.fields] == layout.baselines


def test_slant_leans_to_the_right_and_keeps_the_baseline():
    (row,) = _layout("note", [SetRow([_cell("a", 0.0)])], EVEN.turned(slant_deg=45)).rows
    top, bottom = row.strokes[0]
    assert top[0] - bottom[0] == pytest.approx(1)


def test_uneven_rows_rise_and_fall():
    rows = [SetRow([_cell("a") for _ in range(6)]) for _ in range(5)]
    layout = _layout("note", rows, EVEN.turned(unevenness=0.2))
    lifts = np.array([[stroke[1, 1] for stroke in row.strokes] for row in layout.rows])
    lifts -= np.array(layout.baselines)[:, None]
    assert 0.1 < np.std(lifts) < 1.5
