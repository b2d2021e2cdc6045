from __future__ import annotations

import pytest

from bench.kinds import KINDS, OTHER, kind_of, kinds_of


@pytest.mark.parametrize(
    "name, kind",
    [
        ("04_deep.jpg", "the four photos of the original experiment"),
        ("05_star.jpg", "block capitals, digits, form fields"),
        ("50_form_birth.png", "block capitals, digits, form fields"),
        ("40_cursive_big.jpg", "joined writing"),
        ("41_graph_ink.jpg", "graph paper, thick pens"),
        ("43_htr_sample1.png", "joined writing"),
        ("shopping_list.jpg", OTHER),
        ("99_new.jpg", OTHER),
    ],
)
def test_the_number_of_a_page_tells_its_kind(name, kind):
    assert kind_of(name) == kind


def test_no_number_has_two_kinds():
    numbers = [number for ranges in KINDS.values() for one in ranges for number in one]
    assert len(numbers) == len(set(numbers))


def test_kinds_keep_the_order_of_the_table_with_others_last():
    assert kinds_of(["mine.png", "60_grid.jpg", "01_list.jpg"]) == [
        "the four photos of the original experiment",
        "grids of one character",
        OTHER,
    ]
