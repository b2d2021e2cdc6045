"""How far strokes lean."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets.pens.hand import Hand
from app.vision import Strip, deslanted, segment, stroke_slant
from tests.vision.conftest import write_page

WORDS = ["HIT THE TILE", "FIT NINE LIDS"]


@pytest.mark.parametrize("slant_deg", [-40, -20, 0, 20, 40])
def test_the_lean_of_a_hand_is_found(slant_deg):
    strips = [row.strip for row in segment(write_page(WORDS, hand=Hand(slant_deg=slant_deg)).grey).rows]
    assert stroke_slant(strips) == pytest.approx(np.tan(np.radians(slant_deg)), abs=0.15)


def test_where_there_is_no_ink_nothing_leans():
    assert stroke_slant([]) == 0
    assert stroke_slant([Strip(np.zeros((48, 30), np.uint8), 0, 1.0)]) == 0


@pytest.mark.parametrize("slant_deg", [-35, 35])
def test_strokes_are_made_upright_and_boxes_stay_where_they_were(slant_deg):
    page = write_page(WORDS, hand=Hand(slant_deg=slant_deg))
    found = deslanted(segment(page.grey), float(np.tan(np.radians(slant_deg))))
    assert [len(row.pieces) for row in found.rows] == [len(boxes) for boxes in page.boxes]
    assert stroke_slant([row.strip for row in found.rows]) == pytest.approx(0, abs=0.1)
    for row, boxes in zip(found.rows, page.boxes, strict=True):
        for piece, box in zip(row.pieces, boxes, strict=True):
            there = (box.top, box.left, box.bottom, box.right)
            np.testing.assert_allclose(found.on_page(piece.box), there, atol=3)
