from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from app.inspection import Order, group_by_kind, order_classes

COUNTS = np.array(
    [  # A  b  7  0  O
        [8, 0, 0, 0, 2],
        [0, 1, 0, 0, 9],
        [0, 0, 0, 0, 0],
        [0, 0, 0, 5, 5],
        [0, 0, 0, 4, 6],
    ]
)
LABELS = "Ab70O"


def test_kinds_are_grouped_and_sorted_within():
    groups = group_by_kind("b!A0 a9")
    assert {name: "".join("b!A0 a9"[k] for k in members) for name, members in groups.items()} == {
        "digits": "09",
        "capitals": "A",
        "small letters": "ab",
        "marks": " !",
    }


@pytest.mark.parametrize("order", get_args(Order))
def test_every_order_has_every_class_once(order):
    assert sorted(order_classes(LABELS, COUNTS, order)) == [0, 1, 2, 3, 4]


def test_by_recall_the_worst_come_first_and_those_without_a_glyph_last():
    assert [LABELS[k] for k in order_classes(LABELS, COUNTS, "recall")] == ["b", "0", "O", "A", "7"]


def test_what_is_taken_for_each_other_stands_side_by_side():
    places = {LABELS[k]: place for place, k in enumerate(order_classes(LABELS, COUNTS, "likeness"))}
    assert abs(places["0"] - places["O"]) == 1
    assert order_classes("AB", COUNTS[:2, :2], "likeness") == [0, 1]
