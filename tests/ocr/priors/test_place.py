"""Where a glyph stands between the lines of its row, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr.priors.page_rows import PageRows
from app.ocr.priors.place import log_height_likelihood, log_place_likelihood

# Top and bottom in em of an S, which reaches from the cap line to the baseline, and of an s, of two thirds of that.
EXTENTS = np.array([[0.0, 1.0], [1 / 3, 1.0]])
# Two rows of S and s, the second twice as large: middle from the left, top and bottom, in pixels.
PLACES = np.array([[10, 100, 130], [30, 110, 130], [10, 200, 260], [50, 220, 260]], float)
ROWS = PageRows.of(["Ss", "Ss"])
IS = np.eye(2)[[0, 1, 0, 1]]


def test_a_glyph_is_as_likely_of_a_class_as_its_top_and_bottom_are_near_where_that_has_them():
    log_p = log_place_likelihood(IS, PLACES, ROWS, EXTENTS, spread=1 / 9)
    # All lie on the lines of what they are. For what they are not the tops are off by a third of an em, three spreads:
    # by Student's t with three degrees of freedom, -(3 + 1) / 2 * log(1 + 3**2 / 3) = -2 * log(4). The bottoms agree.
    off = -2 * np.log(4)
    np.testing.assert_allclose(log_p, [[0, off], [off, 0], [0, off], [off, 0]], atol=1e-9)


def test_an_s_is_a_tenth_as_likely_an_s_that_is_a_capital():
    log_p = log_place_likelihood(IS, PLACES, ROWS, EXTENTS)
    assert np.exp(log_p[1, 0] - log_p[1, 1]) == pytest.approx(0.1, abs=0.005)


def test_rows_as_high_as_two_classes_of_one_em_are_of_these():
    log_p = log_height_likelihood(np.array([30.0, 20.0]), EXTENTS)
    best = log_p.max(axis=2).sum(axis=1).argmax()  # of the em tried, that which suits both rows
    assert log_p[best].argmax(axis=1).tolist() == [0, 1]
