from __future__ import annotations

from string import ascii_uppercase, digits, printable

import numpy as np
import pytest

from app.datasets.pages.text import KINDS, TextRow, imagine_page, writable

ASCII = printable[:94]


def _pages(kind: str, chars: str = ASCII, count: int = 30) -> list[list[TextRow]]:
    return [imagine_page(kind, chars, np.random.default_rng(seed)) for seed in range(count)]


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_has_a_few_rows_none_of_them_empty(kind):
    for page in _pages(kind):
        assert 1 <= len(page) <= 12
        assert all(row.text == " ".join(row.text.split()) != "" for row in page)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("chars", ["ABC123", digits, ascii_uppercase + digits])
def test_only_what_may_be_written_is(kind, chars):
    for page in _pages(kind, chars, 10):
        assert {char for row in page for char in row.text} <= {*chars, " "}


def test_words_that_cannot_be_written_are_left_out_whole_and_marks_alone():
    row = TextRow(("SEE THE OX, & (NOW)", "ELK", "ONE/SEW."), indent=2.0)
    assert writable(row, "EOXSNW,&") == TextRow(("SEE OX, & NOW", "ONE SEW"), indent=2.0)


def test_notes_are_in_mixed_case_with_all_marks():
    text = " ".join(row.text for page in _pages("note", count=60) for row in page)
    assert set(".,!?'\"-:;()/&@#") <= set(text)
    assert not text.islower()
    assert not text.isupper()


def test_capitals_are_capitals():
    for kind in ("capitals", "spaced"):
        assert all(row.text == row.text.upper() for page in _pages(kind) for row in page)


def test_lists_are_numbered_and_go_on_indented():
    pages = _pages("list")
    assert any(page[1].text.startswith("1.") and page[2].text.startswith("2.") for page in pages)
    assert any(row.indent > 0 for page in pages for row in page)


def test_forms_and_tables_have_cells_and_grids_one_character_each():
    assert all(len(row.cells) == 2 for page in _pages("form") for row in page)
    for page in _pages("table"):
        assert len({len(row.cells) for row in page}) == 1 < len(page[0].cells) < 4
    assert all(len(cell) == 1 for page in _pages("grid") for row in page for cell in row.cells)


def test_codes_have_digits_and_separators():
    text = " ".join(row.text for page in _pages("codes") for row in page)
    assert set(digits + "-/.:") <= set(text)
