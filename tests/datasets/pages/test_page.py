"""Whole pages with their truth."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from app.datasets import PageVariation, PageWriters, SyntheticPage, draw_page, load_page_writers
from app.datasets.pages.page import ALL_KINDS
from app.errors import InvalidInput
from app.vision import Box
from tests.conftest import save_unipen, save_writing, write_samples

# Nothing but ink and paper, so that dark is what somebody wrote.
BARE = PageVariation(papers=("plain",)).turned(
    shade=0, blur=0, noise=0, grain=0, cast=0, contrast=0.9, brightness=1, perspective=0, rotation_deg=0, size_px=24
)


@pytest.fixture(scope="module")
def imagined() -> PageWriters:
    return load_page_writers("synthetic", "valid", Path("nowhere"))


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> PageWriters:
    root = tmp_path_factory.mktemp("data")
    (root / "unipen").mkdir()
    save_unipen(root / "unipen", "valid", write_samples("0123456789AB", writers=3))
    save_writing(root / "unipen", "words", "valid", ["baa", "cab"], writers=2)
    save_writing(root / "unipen", "texts", "valid", ["to be"])
    return load_page_writers("unipen", "valid", root)


def _dark(page: SyntheticPage) -> NDArray[np.bool_]:
    return np.asarray(page.image.min(axis=2) < 150)


def _boxes(page: SyntheticPage) -> list[Box]:
    return [glyph.box for row in page.rows for word in row.words for glyph in word.glyphs]


@pytest.fixture(scope="module", params=[kind for kind in ALL_KINDS if kind not in ("joined", "form")])
def bare_page(request: pytest.FixtureRequest, imagined: PageWriters) -> SyntheticPage:
    return draw_page(imagined, PageVariation((BARE.ranges), (request.param,), BARE.papers), 3, 0)


def test_a_page_is_the_same_whatever_is_drawn_before_it(imagined: PageWriters) -> None:
    variation = PageVariation().turned(size_px=20)
    draw_page(imagined, variation, 5, 0)
    late = draw_page(imagined, variation, 5, 1)
    early = draw_page(load_page_writers("synthetic", "valid", Path("nowhere")), variation, 5, 1)
    assert late.encoded("jpg") == early.encoded("jpg")
    assert late.document() == early.document()
    others = [draw_page(imagined, variation, seed, number) for seed, number in ((5, 2), (6, 1))]
    assert all(other.text != late.text and other.writer != late.writer for other in others)


def test_all_ink_lies_in_the_boxes_of_the_glyphs(bare_page: SyntheticPage) -> None:
    dark = _dark(bare_page)
    inked = int(dark.sum())
    for box in _boxes(bare_page):
        dark[box.top : box.bottom, box.left : box.right] = False
    assert inked > 100
    assert not dark.any()


def test_the_box_of_a_glyph_is_no_larger_than_its_ink(bare_page: SyntheticPage) -> None:
    dark, pen_px = _dark(bare_page), bare_page.knobs.pen * bare_page.knobs.size_px
    for box in _boxes(bare_page):
        rows, columns = (
            np.flatnonzero(dark[box.top : box.bottom, box.left : box.right].any(axis=axis)) for axis in (1, 0)
        )
        spare = rows[0], columns[0], box.height - 1 - rows[-1], box.width - 1 - columns[-1]
        assert max(spare) <= 2 + pen_px / 2, box


def test_rows_words_and_glyphs_say_the_same(bare_page: SyntheticPage) -> None:
    assert bare_page.text == "\n".join(row.text for row in bare_page.rows)
    for row in bare_page.rows:
        assert [word.text for word in row.words] == row.text.split()
        for word in row.words:
            assert "".join(glyph.char for glyph in word.glyphs) == word.text
            assert word.box == Box.around(glyph.box for glyph in word.glyphs)


def test_a_turned_sheet_is_the_same_sheet(imagined: PageWriters) -> None:
    upright, on_its_side = (draw_page(imagined, BARE.turned(rotation_deg=angle), 1, 0) for angle in (0, 90))
    assert upright.text == on_its_side.text
    height, width, _ = upright.image.shape
    assert on_its_side.image.shape[:2] == pytest.approx((width, height), abs=2)
    for box, turned in zip(_boxes(upright), _boxes(on_its_side), strict=True):
        assert (turned.top, turned.left) == pytest.approx((width - box.right, box.top), abs=3)


@pytest.mark.parametrize(
    "knob, few, many",
    [("size_px", 16, 32), ("spacing", 0.0, 0.5), ("pitch", 1.6, 3.0), ("word_space", 0.4, 2.0)],
)
def test_some_knobs_make_a_page_larger(imagined: PageWriters, knob: str, few: float, many: float) -> None:
    small, large = (
        draw_page(imagined, PageVariation(BARE.ranges, ("note",)).turned(**{knob: value}), 4, 0).image.shape
        for value in (few, many)
    )
    assert large[0] * large[1] > 1.08 * small[0] * small[1]


def test_every_other_knob_changes_the_picture_and_not_what_is_written(imagined: PageWriters) -> None:
    variation = PageVariation(BARE.ranges, ("codes",), ("ruled",)).turned(show_through=0, ruling=0.1)
    plain = draw_page(imagined, variation, 2, 0)
    changed = {
        "pen": 0.14,
        "unevenness": 0.1,
        "slant_deg": 20,
        "perspective": 0.2,
        "contrast": 0.4,
        "brightness": 0.6,
        "cast": 0.3,
        "grain": 5,
        "ruling": 0.6,
        "show_through": 0.5,
        "shade": 0.6,
        "blur": 0.1,
        "noise": 10,
    }
    for knob, value in changed.items():
        page = draw_page(imagined, variation.turned(**{knob: value}), 2, 0)
        assert page.text == plain.text, knob
        assert page.image.shape != plain.image.shape or np.abs(page.image.astype(int) - plain.image).max() > 10, knob


def test_contrast_is_the_share_of_light_that_ink_takes(imagined: PageWriters) -> None:
    for contrast in (0.2, 0.6):
        page = draw_page(imagined, BARE.turned(contrast=contrast, pen=0.15, size_px=40), 1, 0)
        grey = page.image @ np.array([0.299, 0.587, 0.114])
        assert np.percentile(grey, 99) == pytest.approx(255, abs=2)
        assert grey.min() == pytest.approx(255 * (1 - contrast), abs=20)


def test_an_image_file_is_what_was_drawn(imagined: PageWriters) -> None:
    page = draw_page(imagined, BARE.turned(quality=90), 1, 0)
    np.testing.assert_array_equal(np.asarray(Image.open(BytesIO(page.encoded("png")))), page.image)
    lossy = Image.open(BytesIO(page.encoded("jpg")))
    assert lossy.format == "JPEG"
    assert np.abs(np.asarray(lossy).astype(int) - page.image).mean() < 8


def test_people_write_only_what_they_are_known_to_write(real: PageWriters) -> None:
    for number, kind in enumerate(("note", "codes", "form", "grid")):
        page = draw_page(real, PageVariation(BARE.ranges, (kind,)), 0, number)
        assert set(page.text.replace("\n", " ")) <= set("0123456789AB ")
        assert _boxes(page)


def test_of_words_as_written_the_boxes_are_known_and_no_glyphs(real: PageWriters) -> None:
    page = draw_page(real, PageVariation(BARE.ranges, ("joined",), BARE.papers), 0, 0)
    words = [word for row in page.rows for word in row.words]
    assert {word.text for word in words} <= {"baa", "cab"}
    assert not any(word.glyphs for word in words)
    dark = _dark(page)
    for word in words:
        assert word.box is not None
        dark[word.box.top : word.box.bottom, word.box.left : word.box.right] = False
    assert not dark.any()


@pytest.mark.parametrize(
    "variation, says",
    [
        (PageVariation(kinds=("poem",)), "kinds of pages out of note.*got poem"),
        (PageVariation(kinds=("joined",)), "got joined"),
        (PageVariation(papers=("silk",)), "papers out of plain.*got silk"),
    ],
)
def test_what_nobody_can_draw_is_refused(imagined: PageWriters, variation: PageVariation, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        draw_page(imagined, variation, 0, 0)
