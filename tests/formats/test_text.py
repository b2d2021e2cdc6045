from __future__ import annotations

from app.formats.text import write_text
from tests.formats.conftest import MODEL, make_page, make_sheet


def test_rows_are_lines(sheet):
    assert write_text([sheet], MODEL).decode() == 'TO DO\n<R&D> "1"\n'


def test_a_form_feed_stands_between_pages():
    pages = [make_page("A"), make_page(), make_page("B", "C")]
    assert write_text(map(make_sheet, pages), MODEL) == b"A\n\f\n\fB\nC\n"
