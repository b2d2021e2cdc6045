from __future__ import annotations

import numpy as np
import pytest

from app.corrections import same_ink
from app.corrections.same_ink import contradict


def _row(*chars):
    return {"chars": [[char, box] for char, box in chars]}


def _share(one, other):
    """Return the share that two boxes have in common of what they cover, pixel by pixel."""
    masks = np.zeros((2, 40, 40), bool)
    for mask, (top, left, bottom, right) in zip(masks, (one, other), strict=True):
        mask[top:bottom, left:right] = True
    return (masks[0] & masks[1]).sum() / (masks[0] | masks[1]).sum()


def _twin(one, other):
    return any(
        char != another and _share(box, another_box) >= 0.5
        for char, box in one["chars"]
        for another, another_box in other["chars"]
        if box is not None and another_box is not None
    )


def test_rows_contradict_each_other_where_a_count_of_pixels_says_so(rng):
    def drawn():
        starts = rng.integers(0, 16, (3, 2))
        ends = starts + rng.integers(8, 20, (3, 2))
        boxes = np.hstack([starts, ends]).tolist()
        return _row(*zip(rng.choice(list("AB"), 3).tolist(), [*boxes[:2], None], strict=True))

    pairs = [(drawn(), drawn()) for _ in range(300)]
    told = [contradict(*pair) for pair in pairs]
    assert told == [_twin(*pair) for pair in pairs]
    assert 20 < sum(told) < 280


@pytest.mark.parametrize("other", [_row(), _row(("B", None)), _row(("B", [0, 10, 20, 20]))])
def test_rows_that_share_no_ink_are_not_compared_char_by_char(monkeypatch, other):
    monkeypatch.setattr(same_ink, "_shares", None)
    assert not contradict(_row(("A", [0, 0, 20, 10])), other)
