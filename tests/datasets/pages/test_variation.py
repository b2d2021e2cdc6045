from __future__ import annotations

import numpy as np
import pytest

from app.datasets import PageVariation, describe_knobs
from app.errors import InvalidInput


def _drawn(variation: PageVariation, seed: int = 0) -> dict[str, float]:
    return vars(variation.draw(np.random.default_rng(seed)))


def test_pages_draw_every_knob_from_its_usual_range():
    pages = [_drawn(PageVariation(), seed) for seed in range(40)]
    for knob in describe_knobs():
        values = [page[knob.name] for page in pages]
        assert knob.usual.low <= min(values) <= max(values) <= knob.usual.high
        assert knob.usual.low == knob.usual.high or max(values) - min(values) > 0.7 * (knob.usual.high - knob.usual.low)


def test_what_is_usual_is_possible():
    for knob in describe_knobs():
        assert PageVariation().turned(**{knob.name: knob.usual}).ranges == {knob.name: knob.usual}


def test_a_knob_that_is_turned_leaves_the_others_where_they_were():
    usual = _drawn(PageVariation())
    turned = _drawn(PageVariation().turned(blur=0.5, noise=(50, 60)))
    assert turned["blur"] == 0.5
    assert 50 <= turned["noise"] <= 60
    others = usual.keys() - {"blur", "noise"}
    assert {name: turned[name] for name in others} == {name: usual[name] for name in others}


@pytest.mark.parametrize(
    "ranges, says",
    [
        ({"blurr": 1}, "one of the knobs size_px, pen, .* got 'blurr'"),
        ({"contrast": 1.5}, "contrast: .* within 0.01 to 1, got 1.5"),
        ({"noise": (5, 2)}, "a rising range"),
        ({"blur": float("nan")}, "got nan"),
    ],
)
def test_what_cannot_be_turned_so_is_refused(ranges, says):
    with pytest.raises(InvalidInput, match=says):
        PageVariation().turned(**ranges)
