"""The lines of ruled and squared paper go, even those that a threshold breaks, and what is written on them stays."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from app.vision.ink.binarise import Levels
from app.vision.marks.ruled_paper import without_ruling
from tests.vision.conftest import write_page

LEVELS = Levels(faint=60, sure=120, floor=12)
PEN, LINE = 220, 55  # how dark they are; some pixels of such a line are ink and some are not
TEXT = ["THE ROAD TO THE MILL", "IS LONG AND WIDE", "TELL THE OTHERS"]


def _written(dark=PEN):
    """Ink (H, W) of a page as a pen of this darkness writes it."""
    page = write_page(TEXT, height_px=36)
    return ((255 - page.grey) * (dark / 255)).astype(np.uint8)


def _with_lines(ink, rng, *, dark=LINE, pitch=50, first=7, slope=0.0, bend=0.0, thickness=2):
    """Rule a page from left to right, unevenly, darker where there is ink already."""
    height, width = ink.shape
    y, x = np.mgrid[:height, :width]
    across = x / width
    offset = (y - first - slope * x - bend * across * (1 - across)) % pitch
    line = np.clip(thickness / 2 + 0.5 - np.abs(offset - pitch / 2), 0, 1)
    uneven = rng.normal(1, 0.2, ink.shape)
    return np.maximum(ink, np.clip(line * dark * uneven, 0, 255)).astype(np.uint8)


@pytest.mark.parametrize("turned", [False, True], ids=["level", "upright"])
@pytest.mark.parametrize("how", [{}, {"slope": 0.02}, {"bend": 24.0}, {"thickness": 3}])
def test_lines_that_a_threshold_breaks_are_cleared(turned, how, rng):
    blank = np.zeros((500, 700), np.uint8)
    ruled = _with_lines(blank, rng, **how)
    cleared = without_ruling(ruled.T if turned else ruled, LEVELS)
    assert np.count_nonzero(ruled >= LEVELS.faint) > 2000
    assert np.count_nonzero(cleared >= LEVELS.faint) < 40


@pytest.mark.parametrize("slope", [0.1, -0.14, 0.2, -0.26])
def test_squares_of_a_sheet_that_lies_askew_are_cleared_and_letters_stay(slope, rng):
    written = _written()
    squared = _with_lines(written, rng, dark=90, pitch=18, slope=slope)
    squared = _with_lines(squared.T, rng, dark=90, pitch=18, slope=-slope).T
    cleared, beside = without_ruling(squared, LEVELS), written == 0
    assert (cleared[beside] >= LEVELS.faint).mean() < 0.2 * (squared[beside] >= LEVELS.faint).mean()
    assert (cleared[written >= LEVELS.sure] >= LEVELS.faint).mean() > 0.9


@pytest.mark.parametrize("dark, kept", [(LINE, 0.995), (90, 0.95)])
def test_letters_that_stand_on_lines_stay(dark, kept, rng):
    """But for some of their edges, where noise makes a line as dark."""
    written = _written()
    ruled = _with_lines(_with_lines(written, rng, dark=dark).T, rng, dark=dark).T
    cleared = without_ruling(ruled, LEVELS)
    letters = written >= LEVELS.sure
    assert (cleared[letters] >= LEVELS.faint).mean() > kept
    left = (cleared >= LEVELS.faint) & (written == 0)
    assert left.sum() < 0.05 * ((ruled >= LEVELS.faint) & (written == 0)).sum()


def test_strokes_hardly_darker_than_the_lines_that_they_cross_stay(rng):
    written = _written(dark=100)
    ruled, levels = _with_lines(written, rng, dark=60), Levels(faint=40, sure=85, floor=12)
    cleared = without_ruling(ruled, levels)
    beside = written == 0
    assert (cleared[beside] >= levels.faint).sum() < 0.5 * (ruled[beside] >= levels.faint).sum()
    assert (cleared[written >= levels.sure] >= levels.faint).mean() > 0.95


def test_where_two_lines_cross_they_are_darker_and_cleared_all_the_same(rng):
    squared = _with_lines(_with_lines(np.zeros((500, 700), np.uint8), rng).T, rng).T
    across, down = (np.median(squared, axis=axis) > 20 for axis in (1, 0))
    squared[np.ix_(across, down)] = LEVELS.sure + 20
    cleared = without_ruling(squared, LEVELS)
    assert np.count_nonzero(squared >= LEVELS.sure) > 200
    assert not (cleared >= LEVELS.sure).any()


@pytest.mark.parametrize("broad, dark", [(2.0, 100), (3.0, 100), (3.6, 100), (4.2, 80)])
def test_where_blurred_lines_cross_nothing_is_left(broad, dark):
    """Their edges are too pale for ink, but add up."""
    away = (np.arange(700) % 60) - 30
    line = dark * np.exp(-((away / broad) ** 2))
    squared = (line[:500, None] + line).astype(np.uint8)
    squared[40:80, 40:80] = PEN
    assert ((without_ruling(squared, LEVELS) >= LEVELS.faint) == (squared == PEN)).all()


def _with_bars(ink, tops, *, left=20, right=680, thickness=3):
    drawn = ink.copy()
    for top in tops:
        drawn[top : top + thickness, left:right] = PEN
    return drawn


def test_letters_beside_a_line_hardly_bend_it(rng):
    """Bars close above one end of each line, as of a row of thick writing."""
    ruled = _with_lines(np.zeros((500, 700), np.uint8), rng, pitch=100)
    for top in range(57, 480, 100):
        ruled[top - 24 : top, 500:] = PEN
    cleared = without_ruling(ruled, LEVELS)
    assert np.count_nonzero(cleared[:, :490] >= LEVELS.faint) < 0.25 * np.count_nonzero(ruled[:, :490] >= LEVELS.faint)
    assert (cleared[ruled == PEN] == PEN).mean() > 0.95


def test_rows_that_a_pen_has_struck_out_keep_their_strokes():
    boxes = write_page(TEXT, height_px=36).boxes
    struck = _with_bars(_written(), [(row[0].top + row[0].bottom) // 2 for row in boxes])
    assert without_ruling(struck, LEVELS) is struck


def test_frames_of_fields_that_are_as_dark_as_a_pen_keep_their_lines():
    fields = np.zeros((500, 700), np.uint8)
    for top in (20, 160, 300):
        fields = _with_bars(fields, [top, top + 70])
        fields[top : top + 73, [20, 21, 22, 677, 678, 679]] = PEN
    assert without_ruling(fields, LEVELS) is fields


def test_a_page_without_lines_is_left_as_it_is():
    written = _written()
    assert without_ruling(written, LEVELS) is written


@pytest.mark.parametrize("pitch, cleared", [(160, True), (300, False)])
def test_one_or_two_lines_are_the_frame_of_a_field(pitch, cleared, rng):
    ruled = _with_lines(np.zeros((500, 700), np.uint8), rng, pitch=pitch)
    assert (without_ruling(ruled, LEVELS) is not ruled) == cleared


def test_on_a_small_page_a_line_is_as_long_as_the_page(rng):
    ruled = _with_lines(np.zeros((400, 200), np.uint8), rng)
    assert np.count_nonzero(without_ruling(ruled, LEVELS) >= LEVELS.faint) < 40


@pytest.mark.parametrize("shape", [(1, 1), (5, 700), (700, 5)])
def test_no_image_is_too_small(shape):
    ink = np.full(shape, 200, np.uint8)
    assert without_ruling(ink, LEVELS) is ink


def test_where_noise_made_lines_as_dark_as_between_them_and_the_pen_nothing_is_left(rng):
    written, levels = _written(dark=140), Levels(faint=32, sure=65, floor=12)
    ruled = _with_lines(_with_lines(written, rng, dark=75).T, rng, dark=75).T
    cleared = without_ruling(ruled, levels) >= levels.faint
    pieces, count = ndimage.label(cleared, np.ones((3, 3)))
    alone = np.setdiff1d(np.arange(1, count + 1), pieces[written > 0])
    assert not len(alone)
    assert cleared[written >= 100].mean() > 0.9


def test_lines_no_darker_than_noise_may_be_are_cleared(rng):
    written, levels = _written(dark=140), Levels(faint=36, sure=70, floor=36)
    squared = _with_lines(_with_lines(written, rng, dark=30).T, rng, dark=30).T
    noisy = np.clip(squared + rng.normal(0, 6, squared.shape), 0, 255).astype(np.uint8)
    on_lines = (squared > 0) & (written == 0) & (noisy >= levels.faint)
    assert on_lines.sum() > 1000
    assert np.count_nonzero(without_ruling(noisy, levels)[on_lines]) < 0.1 * on_lines.sum()


def test_a_dash_that_was_written_on_a_line_stays(rng):
    ruled = _with_lines(_written(), rng)
    middle = round(float(np.median(np.flatnonzero(ruled[:, :20].mean(axis=1) > LINE / 2)[:2])))
    ruled[middle - 1 : middle + 2, 5:25] = PEN + 20
    assert (without_ruling(ruled, LEVELS)[middle, 6:24] >= LEVELS.faint).all()
