from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pages.layout import Field, Layout, PlacedRow
from app.datasets.pages.paper import PAPERS, PENS, choose_paper, choose_pen, flow, paper_colour, print_lines


def _layout(fields: list[Field] | None = None) -> Layout:
    rows = [PlacedRow("a", [np.array([[0.0, y], [10.0, y + 1]])], [(0, 1)]) for y in (0.0, 2.0)]
    return Layout(rows, [1.0, 3.0], fields or [])


def _lines(paper: str, rng: np.random.Generator, fields: list[Field] | None = None) -> list[np.ndarray]:
    return [line.points for line in print_lines(paper, _layout(fields), 2.0, rng)]


def test_plain_paper_has_no_lines(rng):
    assert _lines("plain", rng) == []


def test_ruled_paper_has_a_line_near_each_baseline_and_on_beyond_the_writing(rng):
    lines = _lines("ruled", rng)
    heights = [line[0, 1] for line in lines]
    assert np.diff(heights) == pytest.approx([2.0] * (len(heights) - 1))
    assert 0.9 < heights[0] < 1.4
    assert heights[-1] > 10
    assert all(line[0, 0] < -5 and line[1, 0] > 15 for line in lines)


def test_squared_paper_has_as_wide_columns_as_rows(rng):
    lines = _lines("squared", rng)
    level = [line[0, 1] for line in lines if line[0, 1] == line[1, 1]]
    upright = [line[0, 0] for line in lines if line[0, 0] == line[1, 0]]
    assert np.diff(level)[0] == pytest.approx(np.diff(upright)[0])
    assert len(level) + len(upright) == len(lines) > 20


def test_fields_are_marked_in_several_ways_below_what_is_filled_in(rng):
    field = Field(5.0, 3.0, 4.0)
    ways = {len(_lines("plain", np.random.default_rng(seed), [field])) for seed in range(30)}
    assert {0, 1, 4} < ways
    for seed in range(10):
        for line in _lines("plain", np.random.default_rng(seed), [field]):
            assert 4 < line[:, 0].min() < line[:, 0].max() + 1e-9 < 11
            assert line[:, 1].max() > 3 or line[:, 1].min() < 2


def test_all_papers_and_pens_are_used_or_those_asked_for(rng):
    assert {choose_paper((), rng) for _ in range(200)} == set(PAPERS)
    assert {choose_paper(("dotted",), rng) for _ in range(5)} == {"dotted"}
    assert {choose_pen(rng) for _ in range(200)} == set(PENS)


@pytest.mark.parametrize("pen", PENS)
def test_every_pen_is_as_dark_as_black_to_the_eye(pen):
    assert np.array(PENS[pen]) @ [0.299, 0.587, 0.114] == pytest.approx(1, abs=0.06)


def test_without_a_cast_paper_is_grey(rng):
    assert paper_colour(0.8, 0.0, rng) == pytest.approx([0.8] * 3)
    assert np.ptp(paper_colour(0.8, 0.3, rng)) > 0.01


def test_a_pencil_leaves_more_of_the_paper_white(rng):
    pencil, ink = (flow(pen, rng, (60, 80)) for pen in ("pencil", "black"))
    assert pencil.mean() < ink.mean() - 0.1
    assert 0 <= pencil.min() < ink.max() <= 1
