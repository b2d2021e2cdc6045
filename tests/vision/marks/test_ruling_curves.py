"""A chain of dark stretches has one line as a rule; where thick letters join two, both are found."""

from __future__ import annotations

import numpy as np
import pytest

from app.vision.marks.ruling_curves import curves_in

STRETCHES, LEAST = 24, 10
X = np.arange(STRETCHES)
BENT = 60 - 0.05 * (X - 12) ** 2


def _chain(*lines, height=80):
    """Stretches (H, N) with these lines, each the row of its middle in every stretch and three rows thick."""
    chain = np.zeros((height, STRETCHES), bool)
    for line in lines:
        for stretch, row in enumerate(np.rint(line).astype(int)):
            chain[row - 1 : row + 2, stretch] = True
    return chain


def _rows(curve):
    return np.polyval(curve.coefficients, X)


@pytest.mark.parametrize("line", [20 + 0 * X, 20 + 0.8 * X, BENT], ids=["level", "sloping", "bent"])
def test_a_single_line_is_followed_from_end_to_end(line):
    [curve] = curves_in(_chain(line), LEAST)
    assert (curve.begin, curve.end) == (0, STRETCHES)
    assert np.abs(_rows(curve) - line).max() < 1


def test_two_lines_that_a_thick_letter_joins_are_both_found():
    upper, lower = 20 + 0.5 * X, 50 + 0.6 * X
    chain = _chain(upper, lower)
    chain[20:70, 10:12] = True
    found = sorted(curves_in(chain, LEAST), key=lambda curve: _rows(curve)[0])
    assert [(curve.begin, curve.end) for curve in found] == [(0, STRETCHES)] * 2
    for curve, line in zip(found, (upper, lower), strict=True):
        assert np.abs(_rows(curve) - line).max() < 1.5


def test_letters_that_a_line_touches_do_not_bend_it():
    line = 40 + 0.3 * X
    chain = _chain(line)
    chain[28:36, 6:9] = chain[28:44, 7] = chain[30:39, 15:18] = True
    [curve] = curves_in(chain, LEAST)
    assert np.abs(_rows(curve) - line).max() < 1.5


def test_a_line_that_is_too_short_is_none():
    chain = _chain(30 + 0 * X)
    chain[:, LEAST - 1 :] = False
    assert curves_in(chain, LEAST) == []
    chain[29:32, LEAST - 1] = True
    assert len(curves_in(chain, LEAST)) == 1


def test_thick_letters_alone_are_no_line():
    chain = np.zeros((80, STRETCHES), bool)
    chain[10:40] = True
    assert curves_in(chain, LEAST) == []
