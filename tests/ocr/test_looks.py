"""What is done where a first look finds hardly any writing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.ocr import Kind
from app.ocr.first_pass import first_pass
from app.vision import View
from tests.ocr.judgement.test_row_filter import LOWER, read_judged
from tests.ocr.test_reading_rows import LINES, PAGE


@pytest.fixture
def panel():
    """The page in white above black lines, which make it look as if all writing were dark."""
    grey = np.pad(180 + (255 - PAGE.grey) // 5, ((0, 200), (0, 0)), constant_values=180)
    for top in range(len(PAGE.grey) + 10, len(grey) - 10, 40):
        grey[top : top + 6] = 0
    return grey


def test_where_nothing_is_writing_panels_may_be_in_another_script(reader, panel):
    page = read_judged(reader, *3 * [Kind.NOTHING], Kind.FOREIGN, grey=panel)
    [notice] = page.warnings
    assert (notice.code, notice.box.top) == ("unsupported-script", pytest.approx(LOWER.top, abs=2))


def test_panels_beside_writing_may_be_in_another_script(reader, panel):
    at_first = Kind.NOTHING, Kind.WRITING
    assert len(read_judged(reader, *at_first, *2 * [Kind.WRITING], grey=panel).rows) == 1
    page = read_judged(reader, *at_first, Kind.WRITING, Kind.FOREIGN, grey=panel)
    assert (page.text, page.view) == (LINES[0], View(panels=True))
    assert [notice.code for notice in page.warnings] == ["unsupported-script"]


def test_writing_is_not_given_up_for_panels_in_another_script(reader, panel):
    page = read_judged(reader, Kind.NOTHING, Kind.WRITING, Kind.FOREIGN, Kind.FOREIGN, grey=panel)
    assert len(page.rows) == 1
    assert page.warnings == ()


def test_where_nothing_is_writing_light_writing_is_looked_for(reader, panel):
    page = read_judged(reader, *4 * [Kind.NOTHING], *2 * [Kind.WRITING], grey=panel)
    assert (page.text.splitlines(), page.view) == (LINES, View(inverted=True))
    assert page.warnings == ()


def test_light_writing_may_be_in_another_script(reader, panel):
    page = read_judged(reader, *5 * [Kind.NOTHING], Kind.FOREIGN, grey=panel)
    [notice] = page.warnings
    assert (notice.code, notice.box.top) == ("unsupported-script", pytest.approx(LOWER.top, abs=2))


def test_light_writing_that_was_seen_as_such_is_not_looked_at_again(reader):
    page = read_judged(reader, Kind.NOTHING, Kind.NOTHING, Kind.WRITING, grey=255 - PAGE.grey)
    assert [notice.code for notice in page.warnings] == ["no-text"]


def test_a_page_that_was_turned_for_nothing_may_be_in_another_script_as_it_came(reader, monkeypatch):
    def turn(ink, *how):
        page = first_pass(ink, *how)
        return replace(page, found=replace(page.found, view=View(orientation_deg=180)), as_it_came=page)

    monkeypatch.setattr("app.ocr.looks.first_pass", turn)
    page = read_judged(reader, *2 * [Kind.NOTHING], Kind.NOTHING, Kind.FOREIGN)
    assert [(notice.code, notice.box) for notice in page.warnings] == [("unsupported-script", LOWER)]


@pytest.mark.parametrize("apart, rows", [(Kind.WRITING, 2), (Kind.NOTHING, 0), (Kind.FOREIGN, 0)])
def test_rows_that_were_cut_apart_count_if_they_are_writing_then(reader, monkeypatch, apart, rows):
    monkeypatch.setattr("app.ocr.looks.rows_apart", lambda page, *_: page)
    page = read_judged(reader, *2 * [Kind.NOTHING], *2 * [apart], *2 * [Kind.NOTHING])
    assert len(page.rows) == rows
    assert [notice.code for notice in page.warnings] == ([] if rows else ["no-text"])


@pytest.mark.parametrize("before, rows", [(Kind.FOREIGN, 1), (Kind.NOTHING, 0)])
def test_some_writing_is_found_by_cutting_rows_apart_where_there_are_letters(reader, monkeypatch, before, rows):
    monkeypatch.setattr("app.ocr.looks.rows_apart", lambda page, *_: page)
    page = read_judged(reader, Kind.NOTHING, before, Kind.WRITING, Kind.NOTHING, *2 * [Kind.NOTHING])
    assert len(page.rows) == rows
    assert [notice.code for notice in page.warnings] == ([] if rows else ["no-text"])


@pytest.mark.parametrize("apart", [(Kind.WRITING, Kind.FOREIGN), (Kind.FOREIGN, Kind.NOTHING)])
def test_rows_cut_apart_do_not_count_if_as_many_are_in_another_script(reader, monkeypatch, apart):
    monkeypatch.setattr("app.ocr.looks.rows_apart", lambda page, *_: page)
    page = read_judged(reader, Kind.NOTHING, Kind.FOREIGN, *apart)
    assert page.rows == ()
    assert [notice.code for notice in page.warnings] == ["unsupported-script"]


def test_rows_cut_apart_do_not_count_if_another_script_appears_by_it(reader, monkeypatch):
    def double(page, *_):
        return replace(page, found=replace(page.found, rows=2 * page.found.rows), seen=2 * page.seen)

    monkeypatch.setattr("app.ocr.looks.rows_apart", double)
    page = read_judged(reader, Kind.NOTHING, Kind.WRITING, *2 * [Kind.WRITING], Kind.FOREIGN, Kind.NOTHING)
    assert len(page.rows) == 1
    assert page.warnings == ()
