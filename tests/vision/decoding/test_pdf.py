"""Pages of a PDF."""

from __future__ import annotations

import gc
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from importlib import import_module

import numpy as np
import pytest

from app.errors import InvalidInput, TooManyPages, UnreadableImage
from app.vision import DecodeLimits, PageRange, decode, decode_pages
from tests.vision.drawn import DRAW_SHEET, SHEET, encode, pdf_file

LOCKED = "/ID[<00><00>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<{}>/U<{}>>>".format("00" * 32, "11" * 32)


def _assert_is_sheet(picture, sheet=SHEET):
    """Look at the middle of every 8 by 8 points, which are of one brightness."""
    down, across = picture.height / sheet.shape[0], picture.width / sheet.shape[1]
    rows = ((np.arange(4, sheet.shape[0], 8)) * down).astype(int)
    columns = ((np.arange(4, sheet.shape[1], 8)) * across).astype(int)
    np.testing.assert_allclose(picture.grey[np.ix_(rows, columns)].astype(int), sheet[4::8, 4::8], atol=2)


def test_a_page_is_drawn_as_scans_are_made():
    picture = decode(pdf_file(DRAW_SHEET))
    assert (picture.width, picture.height) == (267, 167)  # 64 by 40 points at 300 pixels an inch
    assert picture.scale == (1.0, 1.0)
    _assert_is_sheet(picture)


def test_a_large_page_is_drawn_with_as_many_pixels_as_reading_needs():
    for box in ("0 0 595 842", "0 0 9000 12000", "0 0 1 200000", "0 0 .001 999999999"):
        picture = decode(pdf_file(DRAW_SHEET, box=box))
        assert 2_000_000 < picture.grey.size <= 3_000_000 or box == "0 0 1 200000"


@pytest.mark.parametrize("limit", [2, 100, 9999, 30_000])
def test_no_page_is_drawn_with_more_pixels_than_the_limit(limit):
    for box in ("0 0 64 40", "0 0 7 900", "0 0 2000 2000"):
        assert decode(pdf_file(DRAW_SHEET, box=box), DecodeLimits(limit)).grey.size <= limit


def test_every_page_is_drawn_in_its_turn():
    pictures = list(decode_pages(pdf_file(DRAW_SHEET, b"", DRAW_SHEET)))
    _assert_is_sheet(pictures[0])
    assert pictures[1].grey.min() == 255
    _assert_is_sheet(pictures[2])


def test_only_the_pages_that_are_wanted_are_drawn(monkeypatch):
    module = import_module("app.vision.decoding.pdf")
    draw, drawn = module._draw, []
    monkeypatch.setattr(
        module, "_draw", lambda document, index, most: (drawn.append(index), draw(document, index, most))[1]
    )
    data = pdf_file(b"", DRAW_SHEET, b"", b"", DRAW_SHEET)
    pictures = list(decode_pages(data, wanted=PageRange.parse("2,5-")))
    assert drawn == [1, 4]
    assert [picture.number for picture in pictures] == [2, 5]
    for picture in pictures:
        _assert_is_sheet(picture)


def test_without_any_of_the_wanted_pages_it_says_how_many_there_are():
    with pytest.raises(InvalidInput, match="the 2 pages that the file has, got 3-"):
        next(decode_pages(pdf_file(DRAW_SHEET, DRAW_SHEET), wanted=PageRange.parse("3-")))


def test_a_page_is_turned_as_it_says():
    _assert_is_sheet(decode(pdf_file(DRAW_SHEET, page="/Rotate 90")), np.rot90(SHEET, -1))


def test_colours_become_grey_as_in_other_files():
    red_and_blue = b"1 0 0 rg 0 0 32 40 re f 0 0 1 rg 32 0 32 40 re f"
    grey = decode(pdf_file(red_and_blue)).grey
    np.testing.assert_allclose(grey[80, [60, 200]], [76, 29], atol=1)


def test_a_scanned_page_is_read_from_its_image():
    _assert_is_sheet(decode(encode(SHEET, "PDF")))


def test_words_before_the_first_line_do_no_harm():
    _assert_is_sheet(decode(b"X-Mailer: none\n" + pdf_file(DRAW_SHEET)))


# What is refused


@pytest.mark.parametrize(
    "data, why",
    [
        (pdf_file(DRAW_SHEET, trailer=LOCKED), "encrypted"),
        (pdf_file(), "without"),
        (pdf_file(DRAW_SHEET)[:100], "damaged"),
        (b"%PDF-1.7\n", "damaged"),
    ],
    ids=["encrypted", "no-pages", "truncated", "first-line-only"],
)
def test_a_pdf_that_cannot_be_opened_says_why(data, why):
    with pytest.raises(UnreadableImage, match=why):
        decode(data)


def test_pages_are_counted_before_any_is_drawn(monkeypatch):
    data = pdf_file(DRAW_SHEET, DRAW_SHEET, DRAW_SHEET)
    assert len(list(decode_pages(data, DecodeLimits(max_pages=3)))) == 3
    monkeypatch.setattr(import_module("app.vision.decoding.pdf"), "_draw", lambda *_: pytest.fail("a page was drawn"))
    with pytest.raises(TooManyPages) as refusal:
        decode(data, DecodeLimits(max_pages=2))
    assert refusal.value.context == {"limit": 2, "actual": 3}


def test_the_limit_counts_only_what_is_wanted():
    data = pdf_file(*[DRAW_SHEET] * 5)
    assert len(list(decode_pages(data, DecodeLimits(max_pages=2), PageRange.parse("2,5-9")))) == 2
    with pytest.raises(TooManyPages, match="at most 2 pages, got 3; the option pages"):
        next(decode_pages(data, DecodeLimits(max_pages=2), PageRange.parse("3-")))


def test_a_damaged_page_is_told_by_its_number_after_those_before_it():
    data = pdf_file(DRAW_SHEET, DRAW_SHEET, DRAW_SHEET).replace(b"5 0 R 7 0 R", b"5 1 R 7 0 R")
    pictures = decode_pages(data.replace(b"5 1 R", b"9 9 R"))
    _assert_is_sheet(next(pictures))
    with pytest.raises(UnreadableImage, match="page 2 of 3"):
        next(pictures)


# PDFium bears one thread at a time


def test_threads_draw_the_same_as_one_does():
    files = [pdf_file(*[DRAW_SHEET] * pages) for pages in (1, 2, 3)] * 4
    with ThreadPoolExecutor(6) as threads:
        for pictures in threads.map(lambda data: list(decode_pages(data)), files):
            for picture in pictures:
                _assert_is_sheet(picture)


def test_the_lock_is_free_while_a_page_is_being_read():
    with closing(decode_pages(pdf_file(DRAW_SHEET, DRAW_SHEET))) as pictures, ThreadPoolExecutor(1) as thread:
        next(pictures)
        _assert_is_sheet(thread.submit(decode, pdf_file(DRAW_SHEET)).result(timeout=60))


def test_a_file_that_nobody_reads_to_its_end_is_closed(monkeypatch):
    closed = []
    module = import_module("app.vision.decoding.pdf")
    open_ = module._open

    def watched(data):
        document = open_(data)
        close = document.close
        monkeypatch.setattr(document, "close", lambda: (closed.append(True), close()))
        return document

    monkeypatch.setattr(module, "_open", watched)
    decode(pdf_file(DRAW_SHEET, DRAW_SHEET))
    gc.collect()
    assert closed == [True]
