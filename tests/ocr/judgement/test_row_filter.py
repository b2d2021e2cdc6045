"""Rows that are no writing, or none that is known, are not read, and the answer says what there is instead."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import cycle, islice

import numpy as np
import pytest
from PIL import Image

from app.ocr import EVIDENCE, Kind, Likeness, Limits, ReadOptions
from app.ocr.first_pass import first_pass
from app.ocr.judgement.row_filter import keep_written_rows
from app.vision import Box, segment
from tests.ocr.test_reading_rows import LINES, PAGE, Told
from tests.vision.conftest import write_page

FOUND = segment(PAGE.grey)
UPPER, LOWER = (Box.around(piece.box for piece in row.pieces) for row in FOUND.rows)


class Judging(Likeness):
    """Has made up its mind on every row, and at the end of them begins again."""

    def __init__(self, *kinds):
        super().__init__(
            np.zeros((1 + 2 * len(EVIDENCE), 3)), np.zeros(len(EVIDENCE)), np.ones(len(EVIDENCE)), Limits(0.0, 1.0)
        )
        self._kinds = cycle(kinds)

    def judge(self, evidence):
        assert evidence.shape[1] == len(EVIDENCE)
        return list(islice(self._kinds, len(evidence)))


def _read(by, *kinds, lines=LINES, grey=PAGE.grey, **options):
    file = BytesIO()
    Image.fromarray(grey).save(file, "PNG")
    with_both = replace(by, rows=Told(lines), likeness=Judging(*kinds))
    return with_both.read(file.getvalue(), ReadOptions(**options))


def _keep(told, *kinds):
    return keep_written_rows(FOUND, told.predict([row.strip for row in FOUND.rows]), told, Judging(*kinds))


def test_writing_is_kept_with_what_the_network_says_of_it():
    told = Told(LINES)
    kept = _keep(told, Kind.NOTHING, Kind.WRITING)
    assert kept.found.rows == FOUND.rows[1:]
    assert np.array_equal(kept.seen[0], told.predict([row.strip for row in FOUND.rows])[1])
    assert kept.foreign == []


def test_rows_in_another_script_become_a_region():
    assert _keep(Told(LINES), Kind.FOREIGN, Kind.WRITING).foreign == [UPPER]
    assert _keep(Told(LINES), Kind.FOREIGN, Kind.FOREIGN).foreign == [Box.around([UPPER, LOWER])]


def test_a_row_that_is_too_long_to_be_looked_at_is_kept_unjudged():
    told = Told(LINES)
    told.is_short_enough = lambda strip: strip is not FOUND.rows[0].strip
    assert _keep(told, Kind.NOTHING).found.rows == FOUND.rows[:1]


@pytest.mark.parametrize("which", ["auto", "rows"])
def test_what_is_no_writing_is_not_read(reader, which):
    page = _read(reader, Kind.WRITING, Kind.NOTHING, reader=which)
    assert page.text == LINES[0]
    assert page.warnings == ()


def test_a_page_without_writing_says_so(reader):
    page = _read(reader, Kind.NOTHING, Kind.NOTHING)
    assert page.rows == ()
    assert [notice.code for notice in page.warnings] == ["no-text"]


@pytest.fixture
def panel():
    """The page in white above black lines, which make it look as if all writing were dark."""
    grey = np.pad(180 + (255 - PAGE.grey) // 5, ((0, 200), (0, 0)), constant_values=180)
    for top in range(len(PAGE.grey) + 10, len(grey) - 10, 40):
        grey[top : top + 6] = 0
    return grey


def test_where_nothing_is_writing_panels_may_be_in_another_script(reader, panel):
    page = _read(reader, *3 * [Kind.NOTHING], Kind.FOREIGN, grey=panel)
    [notice] = page.warnings
    assert (notice.code, notice.box.top) == ("unsupported-script", pytest.approx(LOWER.top, abs=2))


def test_panels_beside_writing_may_be_in_another_script(reader, panel):
    at_first = Kind.NOTHING, Kind.WRITING
    assert len(_read(reader, *at_first, *2 * [Kind.WRITING], grey=panel).rows) == 1
    page = _read(reader, *at_first, Kind.WRITING, Kind.FOREIGN, grey=panel)
    assert page.text == LINES[0]
    assert [notice.code for notice in page.warnings] == ["unsupported-script"]


def test_where_nothing_is_writing_light_writing_is_looked_for(reader, panel):
    page = _read(reader, *4 * [Kind.NOTHING], *2 * [Kind.WRITING], grey=panel)
    assert page.text.splitlines() == LINES
    assert page.warnings == ()


def test_light_writing_may_be_in_another_script(reader, panel):
    page = _read(reader, *5 * [Kind.NOTHING], Kind.FOREIGN, grey=panel)
    [notice] = page.warnings
    assert (notice.code, notice.box.top) == ("unsupported-script", pytest.approx(LOWER.top, abs=2))


def test_light_writing_that_was_seen_as_such_is_not_looked_at_again(reader):
    page = _read(reader, Kind.NOTHING, Kind.NOTHING, Kind.WRITING, grey=255 - PAGE.grey)
    assert [notice.code for notice in page.warnings] == ["no-text"]


def test_a_page_that_was_turned_for_nothing_may_be_in_another_script_as_it_came(reader, monkeypatch):
    def turn(ink, *how):
        page = first_pass(ink, *how)
        return replace(page, found=replace(page.found, orientation_deg=180), as_it_came=page)

    monkeypatch.setattr("app.ocr.reader.first_pass", turn)
    page = _read(reader, *2 * [Kind.NOTHING], Kind.NOTHING, Kind.FOREIGN)
    assert [(notice.code, notice.box) for notice in page.warnings] == [("unsupported-script", LOWER)]


def test_nothing_tells_how_a_page_stands_that_is_not_read(reader):
    turned = write_page(LINES, angle_deg=5.0).grey
    assert _read(reader, Kind.WRITING, Kind.WRITING, grey=turned).angle_deg == pytest.approx(5, abs=1)
    page = _read(reader, Kind.NOTHING, Kind.NOTHING, grey=turned)
    assert (page.angle_deg, page.orientation_deg) == (0, 0)


def test_a_page_in_another_script_says_where_it_is(reader):
    page = _read(reader, Kind.FOREIGN, Kind.FOREIGN)
    assert page.rows == ()
    [notice] = page.warnings
    assert (notice.code, notice.box) == ("unsupported-script", Box.around([UPPER, LOWER]))


def test_glyphs_alone_are_not_judged(reader):
    assert len(_read(reader, Kind.NOTHING, Kind.NOTHING, reader="glyphs").rows) == 2
