"""Rows that are no writing, or none that is known, are not read, and the answer says what there is instead."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from itertools import cycle, islice

import numpy as np
import pytest
from PIL import Image

from app.ocr import EVIDENCE, Kind, Likeness, Limits, ReadOptions
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


def read_judged(by, *kinds, lines=LINES, grey=PAGE.grey, **options):
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
def test_what_is_no_writing_is_notread_judged(reader, which):
    page = read_judged(reader, Kind.WRITING, Kind.NOTHING, reader=which)
    assert page.text == LINES[0]
    assert page.warnings == ()


def test_a_page_without_writing_says_so(reader):
    page = read_judged(reader, Kind.NOTHING, Kind.NOTHING)
    assert page.rows == ()
    assert [notice.code for notice in page.warnings] == ["no-text"]


def test_nothing_tells_how_a_page_stands_that_is_notread_judged(reader):
    turned = write_page(LINES, angle_deg=5.0).grey
    assert read_judged(reader, Kind.WRITING, Kind.WRITING, grey=turned).angle_deg == pytest.approx(5, abs=1)
    page = read_judged(reader, Kind.NOTHING, Kind.NOTHING, grey=turned)
    assert (page.angle_deg, page.view.orientation_deg) == (0, 0)


def test_a_page_in_another_script_says_where_it_is(reader):
    page = read_judged(reader, Kind.FOREIGN, Kind.FOREIGN)
    assert page.rows == ()
    [notice] = page.warnings
    assert (notice.code, notice.box) == ("unsupported-script", Box.around([UPPER, LOWER]))


def test_glyphs_alone_are_not_judged(reader):
    assert len(read_judged(reader, Kind.NOTHING, Kind.NOTHING, reader="glyphs").rows) == 2
