"""Lines that were printed or drawn are erased, and letters stay whole."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from app.vision.rules import _LONG, _run_lengths, erase_rules
from tests.vision.conftest import write_page

STROKE_PX = 3


def _erase(binary):
    """Return what is left, and whether anything was erased."""
    left = binary.copy()
    label_image, _ = ndimage.label(left, np.ones((3, 3)))
    return left, erase_rules(left, ndimage.find_objects(label_image), STROKE_PX)


def _letters(text):
    """Ink (H, W) of a row in a pen of the usual width, and the pixel row on which it stands."""
    page = write_page([text], height_px=36)
    return page.grey < 128, max(box.bottom for box in page.boxes[0])


def _loop_run_lengths(binary):
    lengths = np.zeros(binary.shape, int)
    for row, column in zip(*np.nonzero(binary), strict=True):
        left = right = column
        while left > 0 and binary[row, left - 1]:
            left -= 1
        while right + 1 < binary.shape[1] and binary[row, right + 1]:
            right += 1
        lengths[row, column] = right - left + 1
    return lengths


@pytest.mark.parametrize("density", [0.1, 0.5, 0.9, 1.0])
@pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (12, 17)], ids=str)
def test_run_lengths_agree_with_their_loop_written_twin(shape, density, rng):
    binary = rng.random(shape) < density
    np.testing.assert_array_equal(_run_lengths(binary), _loop_run_lengths(binary))


def test_run_lengths_of_a_typed_row():
    binary = np.array([[1, 1, 0, 1, 0, 0, 1, 1, 1]], bool)
    assert _run_lengths(binary).tolist() == [[2, 2, 0, 1, 0, 0, 3, 3, 3]]


@pytest.mark.parametrize("turned", [False, True], ids=["level", "upright"])
@pytest.mark.parametrize("thickness", [1, 3, 5])
def test_a_line_alone_is_erased_wholly(thickness, turned):
    page = np.zeros((40, 200), bool)
    page[20 : 20 + thickness, 10:180] = True
    left, erased = _erase(page.T if turned else page)
    assert erased
    assert not left.any()


@pytest.mark.parametrize("length, erased", [(_LONG - 1, False), (_LONG, True)])
def test_a_line_is_what_is_longer_than_any_part_of_a_letter(length, erased):
    page = np.zeros((20, 120), bool)
    page[8:11, 20 : 20 + round(length * STROKE_PX)] = True
    left, told = _erase(page)
    assert told == erased
    assert left.any() != erased


@pytest.mark.parametrize("slope", [0.01, -0.02, 0.03])
def test_a_line_that_slopes_a_little_is_erased(slope):
    page = np.zeros((60, 600), bool)
    columns = np.arange(20, 580)
    for thickness in range(3):
        page[np.rint(30 + slope * (columns - 300)).astype(int) + thickness, columns] = True
    left, _ = _erase(page)
    assert left.sum() < 0.05 * page.sum()


def test_a_torn_line_is_erased_with_its_shreds():
    page = np.zeros((30, 200), bool)
    page[15:18, 10:120] = True
    page[15:18, 124:131] = True  # torn off, shorter than a line
    assert not _erase(page)[0].any()


def test_letters_that_stand_on_an_underline_stay_whole():
    letters, foot = _letters("FORM 27B")
    page = letters.copy()
    page[foot - 1 : foot + 2, 4:-4] = True
    left, erased = _erase(page)
    assert erased
    assert (left & letters)[: foot - 1].sum() > 0.995 * letters[: foot - 1].sum()  # all ink above the line,
    assert left[foot - 1 :].sum() < 0.4 * page[foot - 1 :].sum()  # and of the line only where letters touch it
    _, count = ndimage.label(left, np.ones((3, 3)))
    assert count == ndimage.label(letters, np.ones((3, 3)))[1]


def test_letters_that_an_underline_crosses_stay_whole():
    letters, _ = _letters("gypjq")
    baseline = write_page(["x"], height_px=36).boxes[0][0].bottom
    page = letters.copy()
    page[baseline : baseline + 2, 2:-2] = True
    left, erased = _erase(page)
    assert erased
    assert (left & letters).sum() > 0.97 * letters.sum()
    assert (left & ~letters).sum() < 0.2 * (page & ~letters).sum()


def test_a_frame_around_a_letter_goes_and_the_letter_stays():
    page = np.zeros((120, 120), bool)
    page[[5, 6, 113, 114], 5:115] = True
    page[5:115, [5, 6, 113, 114]] = True
    page[40:80, 55:59] = True
    left, _ = _erase(page)
    assert left[40:80, 55:59].all()
    assert left.sum() < 40 * 4 + 20  # a few pixels of the corners, no more


@pytest.mark.parametrize("text", ["TEETH", "HELL", "ZZZ", "-=+_", "EFTLH"])
def test_no_bar_of_a_letter_is_erased(text):
    letters, _ = _letters(text)
    left, erased = _erase(letters)
    assert not erased
    np.testing.assert_array_equal(left, letters)


def test_a_page_without_ink_has_nothing_to_erase():
    left, erased = _erase(np.zeros((9, 9), bool))
    assert not erased
    assert not left.any()
