"""Which pages are wanted, as people write it."""

from __future__ import annotations

import pytest

from app.errors import InvalidInput
from app.vision import ALL_PAGES, PageRange


@pytest.mark.parametrize(
    "text, of_ten",
    [
        ("3", [3]),
        ("2-5", [2, 3, 4, 5]),
        ("7-", [7, 8, 9, 10]),
        ("1,3,8-10", [1, 3, 8, 9, 10]),
        ("1,2-3,4-", [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
        ("9-12,14", [9, 10]),
        ("4-4", [4]),
        (" 1, 3 - 4 ,6 -", [1, 3, 4, 6, 7, 8, 9, 10]),
    ],
)
def test_pages_are_named_as_when_printing(text, of_ten):
    pages = PageRange.parse(text)
    assert pages.of(10) == of_ten
    assert [number for number in range(1, 11) if number in pages] == of_ten


@pytest.mark.parametrize("text", ["3", "2-5", "7-", "1,3,8-10"])
def test_a_range_is_written_as_it_is_read(text):
    assert str(PageRange.parse(text)) == text


def test_ranges_of_the_same_pages_are_equal():
    assert PageRange.parse("3, 5-5,7 -") == PageRange.parse("3,5,7-")
    assert PageRange.parse("1-") == ALL_PAGES


@pytest.mark.parametrize(
    "text",
    [
        "",
        ",",
        "1,",
        "0",
        "0-3",
        "-3",
        "5-2",
        "3,1",
        "3,3",
        "1-4,4",
        "3-,5",
        "1--2",
        "1-2-3",
        "1 2",
        "all",
        "1.5",
        "\u0663",
    ]
    + ["1234567890", "9" * 5000],
)
def test_anything_else_is_refused_with_what_was_expected(text):
    with pytest.raises(InvalidInput) as refusal:
        PageRange.parse(text)
    assert refusal.value.detail.startswith(
        "pages: expected ascending numbers from 1 such as 3, 2-5, 7- or 1,3,8-10, got "
    )
    assert refusal.value.detail.endswith(repr(text))


def test_the_next_page_is_told_for_every_place():
    pages = PageRange.parse("2,4-5,8-")
    assert [pages.after(number) for number in range(10)] == [2, 2, 4, 4, 5, 8, 8, 8, 9, 10]
    assert PageRange.parse("2,4").after(4) is None


def test_a_file_without_any_of_the_pages_says_how_many_it_has():
    with pytest.raises(InvalidInput, match="expected some of the 3 pages that the file has, got 4-6,9") as refusal:
        PageRange.parse("4-6,9").of(3)
    assert refusal.value.context == {"count": 3}
    with pytest.raises(InvalidInput, match="expected 1, the only page that the file has, got 2-"):
        PageRange.parse("2-").of(1)
