from __future__ import annotations

import pytest

from bench.growth import lines_of


@pytest.mark.parametrize("glyphs", [1, 7, 25, 800])
def test_rows_hold_exactly_as_many_glyphs_as_asked_for(glyphs):
    assert sum(len(word) for line in lines_of(glyphs) for word in line.split()) == glyphs


def test_more_glyphs_make_more_rows_as_well_as_longer_ones():
    few, many = lines_of(50), lines_of(800)
    assert len(many) > 2 * len(few)
    assert max(map(len, many)) > 2 * max(map(len, few))
