from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from app.formats.hocr import write_hocr
from app.ocr import Page, Row, Word
from tests.formats.conftest import MODEL, in_blocks, make_page, make_sheet, turn

XHTML = "{http://www.w3.org/1999/xhtml}"
# Which class stands inside which.
PARENTS = {
    "ocr_carea": "ocr_page",
    "ocr_par": "ocr_carea",
    "ocr_line": "ocr_par",
    "ocrx_word": "ocr_line",
    "ocrx_cinfo": "ocrx_word",
    "alternatives": "ocrx_cinfo",
    "alt": "alternatives",
}


def _numbers(element: ElementTree.Element, name: str) -> list[float]:
    found = re.search(rf"(?:^|; ){name} ([^;]*)(?:;|$)", element.get("title", ""))
    return [float(number) for number in found[1].split()]


def _box(element: ElementTree.Element) -> list[float]:
    return _numbers(element, "x_bboxes" if element.get("class") == "ocrx_cinfo" else "bbox")


def _of_class(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return root.findall(f".//*[@class='{name}']")


def _parse(*pages: Page) -> ElementTree.Element:
    return ElementTree.fromstring(write_hocr(map(make_sheet, pages), MODEL))


def _without_alternatives(page: Page) -> Page:
    rows = [[[replace(glyph, alternatives=()) for glyph in word.glyphs] for word in row.words] for row in page.rows]
    return replace(page, rows=tuple(Row(tuple(Word(tuple(word)) for word in row)) for row in rows))


def test_elements_are_nested_and_lie_inside_their_parents(odd_sheet):
    root = ElementTree.fromstring(write_hocr([odd_sheet], MODEL))
    pairs = [(parent, child) for parent in root.iter() for child in parent if child.get("class") in PARENTS]
    assert bool(pairs) == bool(odd_sheet.page.rows)
    for parent, child in pairs:
        assert parent.get("class") == PARENTS[child.get("class")]
        if not child.get("class").startswith("alt"):
            left, top, right, bottom = _box(child)
            outer_left, outer_top, outer_right, outer_bottom = _box(parent)
            assert outer_left <= left <= right <= outer_right
            assert outer_top <= top <= bottom <= outer_bottom


def test_it_says_what_made_it_and_what_it_can_hold(sheet):
    root = ElementTree.fromstring(write_hocr([sheet, sheet], MODEL))
    meta = {element.get("name"): element.get("content") for element in root.iter(f"{XHTML}meta")}
    assert meta["ocr-system"].startswith("Inkrow (handprint 3 sha256:")
    assert meta["ocr-number-of-pages"] == "2"
    used = {element.get("class") for element in root.iter() if element.get("class", "").startswith("ocr")}
    assert used <= set(meta["ocr-capabilities"].split())


def test_each_block_is_an_area():
    root = _parse(in_blocks(make_page("A", "B", "C"), 0, 1, 1))
    areas = [[line.get("id") for line in _of_class(area, "ocr_line")] for area in _of_class(root, "ocr_carea")]
    assert areas == [["page1_row1"], ["page1_row2", "page1_row3"]]


def test_ids_occur_once(sheet):
    ids = re.findall(rb' id="([^"]*)"', write_hocr([sheet, sheet], MODEL))
    assert len(ids) == len(set(ids)) > 0


def test_a_glyph_has_its_confidence_and_its_readings_from_likely_to_unlikely(sheet):
    root = ElementTree.fromstring(write_hocr([sheet], MODEL))
    glyph = _of_class(root, "ocrx_cinfo")[0]
    assert glyph.get("title") == "x_bboxes 30 30 46 50; x_confs 90.0"
    assert [(reading.tag, reading.text, _numbers(reading, "nlp")) for reading in glyph[0]] == [
        (f"{XHTML}ins", "T", [0.105]),
        (f"{XHTML}del", "<", [2.773]),
        (f"{XHTML}del", "&", [20.723]),  # impossible, but still a number
    ]
    assert [_numbers(word, "x_wconf") for word in _of_class(root, "ocrx_word")] == [[90.0]] * 4


def test_without_alternatives_the_text_is_the_text_of_the_elements():
    page = _without_alternatives(make_page("TO DO", '<R&D> "1"'))
    lines = _of_class(_parse(page), "ocr_line")
    assert ["".join(line.itertext()) for line in lines] == ["TO DO", '<R&D> "1"']


@pytest.mark.parametrize("pages", [[make_page()], [make_page(), make_page("A"), make_page()]])
def test_no_element_is_written_as_one_tag_that_html_would_leave_open(pages):
    document = write_hocr(map(make_sheet, pages), MODEL).decode()
    assert set(re.findall(r"<(\w+)[^>]*/>", document)) == {"meta"}


def test_the_file_is_named_without_breaking_the_title(odd_sheet):
    page = _of_class(ElementTree.fromstring(write_hocr([odd_sheet], MODEL)), "ocr_page")[0]
    assert page.get("title").startswith("image \"<a 'b' & 'c'>\ufffd\ufffd.jpg\"; bbox 0 0 ")


@pytest.mark.parametrize("quarters, angles", [(0, []), (1, [90]), (2, [180]), (3, [270])])
def test_rows_that_do_not_run_across_tell_their_angle(quarters, angles):
    [line] = _of_class(_parse(turn(make_page("UP"), quarters)), "ocr_line")
    assert ("textangle" in line.get("title")) == bool(angles)
    if angles:
        assert _numbers(line, "textangle") == angles
