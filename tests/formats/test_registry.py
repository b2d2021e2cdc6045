from __future__ import annotations

import pytest

from app.errors import InvalidInput
from app.formats import FORMATS, find_format
from tests.formats.conftest import MODEL, make_page, make_sheet


@pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
def test_every_format_writes_every_odd_page(format_, odd_sheet):
    assert len(format_.write([odd_sheet], MODEL)) > 0


@pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
def test_the_same_pages_give_the_same_bytes(format_, sheet):
    assert format_.write([sheet], MODEL) == format_.write([sheet], MODEL)


@pytest.mark.parametrize("format_", FORMATS.values(), ids=FORMATS)
def test_pages_may_come_one_by_one_and_many_are_written_or_refused(format_, sheet):
    sheets = [sheet, make_sheet(make_page("2"), number=2)]
    if format_.many_pages:
        assert format_.write(iter(sheets), MODEL) == format_.write(sheets, MODEL)
    else:
        with pytest.raises(InvalidInput, match=r"holds one page, got more: choose one by pages= or --pages"):
            format_.write(iter(sheets), MODEL)


def test_a_format_can_be_asked_for_by_its_media_type():
    assert len({format_.media_type for format_ in FORMATS.values()}) == len(FORMATS)


def test_text_says_how_it_is_encoded():
    assert find_format("tsv").content_type == "text/tab-separated-values; charset=utf-8"
    assert find_format("json").content_type == "application/json"
