from __future__ import annotations

from app.formats.tsv import write_tsv
from app.ocr import Page
from tests.formats.conftest import MODEL, in_blocks, make_page, make_sheet


def _table(*pages: Page) -> list[list[str]]:
    lines = write_tsv(map(make_sheet, pages), MODEL).decode().split("\n")
    assert lines.pop() == ""
    return [line.split("\t") for line in lines]


def test_a_page_is_told_as_tesseract_tells_it():
    expected = """
level page_num block_num par_num line_num word_num left top width height conf text
1     1        0         0       0        0        0    0   640   400    -1
2     1        1         0       0        0        30   30  96    20     -1
3     1        1         1       0        0        30   30  96    20     -1
4     1        1         1       1        0        30   30  96    20     -1
5     1        1         1       1        1        30   30  36    20     90.0 TO
5     1        1         1       1        2        90   30  36    20     90.0 DO
"""
    table = _table(make_page("TO DO"))
    assert {len(row) for row in table} == {12}
    assert [" ".join(row).split() for row in table] == [line.split() for line in expected.strip().splitlines()]


def test_pages_rows_and_words_are_numbered():
    _, *rows = _table(make_page("A"), make_page(), make_page("B C", "D"))
    assert [(row[1], row[4], row[5], row[11]) for row in rows if row[0] == "5"] == [
        ("1", "1", "1", "A"),
        ("3", "1", "1", "B"),
        ("3", "1", "2", "C"),
        ("3", "2", "1", "D"),
    ]
    assert [row[0] for row in rows if row[1] == "2"] == ["1"]


def test_blocks_are_counted_and_the_lines_of_each_anew():
    _, *rows = _table(in_blocks(make_page("A", "B", "C"), 0, 3, 3))
    assert [tuple(row[:5]) for row in rows if row[0] in "24"] == [
        ("2", "1", "1", "0", "0"),
        ("4", "1", "1", "1", "1"),
        ("2", "1", "2", "0", "0"),
        ("4", "1", "2", "1", "1"),
        ("4", "1", "2", "1", "2"),
    ]


def test_no_character_breaks_the_table():
    _, *rows = _table(make_page('"\t\n\r'))
    assert [len(row) for row in rows] == [12] * 5
    assert rows[-1][-1] == '"   '
