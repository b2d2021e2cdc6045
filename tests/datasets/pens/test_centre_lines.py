"""Centre lines of ink as pen strokes."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.glyphs.draw import draw_strokes
from app.datasets.pens.centre_lines import trace_strokes

PEN_PX = 9.0
# Ends of strokes as x, y in a square of 100 pixels.
DRAWN = {
    "a line": [[(20, 20), (80, 70)]],
    "a corner": [[(20, 20), (20, 80), (75, 80)]],
    "a cross": [[(50, 15), (50, 85)], [(15, 50), (85, 50)]],
    "a fork": [[(20, 20), (50, 50)], [(80, 20), (50, 50)], [(50, 50), (50, 85)]],
    "two strokes": [[(25, 20), (25, 80)], [(70, 20), (70, 80)]],
    "a ring": [[(50 + 30 * np.cos(t), 50 + 30 * np.sin(t)) for t in np.linspace(0, 2 * np.pi, 60)]],
}


def _ink(strokes: list[list[tuple[float, float]]]) -> np.ndarray:
    return draw_strokes([np.array(stroke, np.float32) for stroke in strokes], (100, 100), PEN_PX) > 127


@pytest.mark.parametrize("what", DRAWN)
def test_drawn_again_along_its_centre_lines_ink_stays_where_it_was(what: str) -> None:
    ink = _ink(DRAWN[what])
    again = draw_strokes([stroke + 0.5 for stroke in trace_strokes(ink)], ink.shape, PEN_PX) > 127
    both = np.count_nonzero(ink & again)
    assert both > 0.85 * np.count_nonzero(ink | again)


@pytest.mark.parametrize(
    "what, count", [("a line", 1), ("a corner", 1), ("two strokes", 2), ("a ring", 1), ("a fork", 3)]
)
def test_a_stroke_goes_from_fork_to_fork_or_end(what: str, count: int) -> None:
    assert len(trace_strokes(_ink(DRAWN[what]))) == count


def test_a_ring_ends_where_it_began() -> None:
    (ring,) = trace_strokes(_ink(DRAWN["a ring"]))
    np.testing.assert_array_equal(ring[0], ring[-1])


def test_a_single_pixel_is_a_dot() -> None:
    ink = np.zeros((5, 7), bool)
    ink[2, 4] = True
    (dot,) = trace_strokes(ink)
    np.testing.assert_array_equal(dot, [[4, 2]])


def test_corners_of_a_thick_outline_are_no_strokes() -> None:
    bar = np.zeros((40, 100), bool)
    bar[10:30, 10:90] = True
    (stroke,) = trace_strokes(bar)
    assert np.ptp(stroke[:, 1]) < 3


def test_paper_has_no_strokes() -> None:
    assert trace_strokes(np.zeros((10, 10), bool)) == []
