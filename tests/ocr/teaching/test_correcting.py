"""What is taught by a text for a place of a page; by the shipped networks, on a sample page that they read rightly."""

from __future__ import annotations

import dataclasses
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.cli.shell import load_reader
from app.config import Settings
from app.datasets.pages.odd_page import load_odd_ways
from app.datasets.pages.sample_page import draw_sample_page
from app.datasets.pens.hand import Hand
from app.errors import CorruptCorrection, InvalidInput
from app.ocr import Reader, ReadOptions
from app.ocr.teaching.correcting import correct_glyph, correct_image, correct_row
from app.ocr.teaching.lesson import Lesson
from app.vision import Box, Picture, cut_region, segment
from tests.vision.conftest import write_form

SAMPLE = Path(__file__).resolve().parents[3] / "samples" / "parts_label.png"


@pytest.fixture(scope="module")
def shipped():
    return load_reader(Settings(), "champion").reader


@pytest.fixture(scope="module")
def reading(shipped):
    return next(shipped.read_pages(SAMPLE.read_bytes(), ReadOptions(language="none")))


@pytest.fixture(scope="module")
def teach(shipped, reading):
    """Say what a row of the page says."""

    def say(row, text, box=None):
        return correct_row(shipped, reading.found, reading.picture, box or reading.page.rows[row].box, text)

    return say


def _glyphs(row):
    return [glyph for word in row.words for glyph in word.glyphs]


def test_the_text_that_is_there_gives_every_glyph_the_box_and_the_input_that_reading_gave_it(shipped, reading, teach):
    row = reading.page.rows[0]
    lesson = teach(0, row.text)
    assert lesson.read == lesson.text == row.text
    assert [(char.char, char.box) for char in lesson.chars] == [(glyph.char, glyph.box) for glyph in _glyphs(row)]
    assert lesson.strip is reading.found.rows[0].strip
    row = reading.found.rows[0]
    inputs = row.cut(row.hypotheses)
    assert all(
        char.image is not None and np.abs(inputs[:, 0] * 255 - char.image).max(axis=(1, 2)).min() < 0.51
        for char in lesson.chars
    )


def test_what_was_misread_is_taught_where_it_stands(reading, teach):
    row = reading.page.rows[0]
    places = [number for number, char in enumerate(row.text) if char != " "][1::2]
    other = "".join("X" if number in places else char for number, char in enumerate(row.text))
    lesson = teach(0, other)
    assert [char.box for char in lesson.chars] == [glyph.box for glyph in _glyphs(row)]
    assert all(char.image is not None for char in lesson.chars)


@pytest.mark.parametrize("change", ["left out", "added"])
def test_beside_a_character_that_is_left_out_or_added_no_glyph_is_taught(reading, teach, change):
    row = reading.page.rows[0]
    text = row.text[:6] + row.text[7:] if change == "left out" else row.text[:6] + "W" + row.text[6:]
    lesson = teach(0, text)
    assert lesson.strip is not None
    assert lesson.text == text
    by_box = {glyph.box: glyph.char for glyph in _glyphs(row)}
    taught = [char for char in lesson.chars if char.image is not None]
    assert len(row.text) / 2 < len(taught) < len(lesson.chars)
    assert all(by_box[char.box] == char.char for char in taught)


def test_a_box_around_a_word_teaches_that_word_alone(reading, teach):
    word = reading.page.rows[0].words[1]
    lesson = teach(0, word.text, word.box)
    assert lesson.read == word.text
    assert [char.box for char in lesson.chars] == [glyph.box for glyph in word.glyphs]


def test_a_row_of_a_label_and_its_value_is_taught_as_a_whole(shipped):
    file = BytesIO()
    Image.fromarray(write_form({"NAME": "PAULA", "CITY": "YORK", "DATE": "12/03"})).save(file, "PNG")
    reading = next(shipped.read_pages(file.getvalue(), ReadOptions()))
    [_, row, _] = reading.page.rows
    lesson = correct_row(shipped, reading.found, reading.picture, row.box, "CITY YORK")
    assert row.text == lesson.read == "CITY YORK"
    assert [char.char for char in lesson.chars if char.image is not None] == list("CITYYORK")
    assert [char.box for char in lesson.chars] == [glyph.box for glyph in _glyphs(row)]
    assert Lesson.unpack(lesson.pack()).text == "CITY YORK"


def test_a_text_far_from_what_is_there_is_refused_with_both(reading, teach):
    with pytest.raises(InvalidInput, match="cannot be aligned") as caught:
        teach(0, "QWERTY UIOPQ WJKLM")
    assert caught.value.context == {"read": reading.page.rows[0].text, "text": "QWERTY UIOPQ WJKLM"}


@pytest.mark.parametrize("length", [1, 3, 4, 7])
def test_a_text_for_less_than_half_of_what_is_in_the_box_is_refused(reading, teach, length):
    whole = reading.page.rows[0].text
    with pytest.raises(InvalidInput, match="cannot be aligned") as caught:
        teach(0, whole[:length])
    assert caught.value.context == {"read": whole, "text": whole[:length]}


def test_a_hand_that_is_misread_throughout_but_alike_is_taught(shipped):
    hand = dataclasses.replace(Hand(), own=load_odd_ways())
    grey = draw_sample_page(["E74 47E 4E7"], np.random.default_rng(5), hand=hand, size_px=(300, 1200))[..., 1]
    lesson = correct_row(shipped, segment(grey), Picture(grey, 1200, 300), Box(0, 0, 300, 1200), "E74 47E 4E7")
    assert not set(lesson.read) & set("E4")
    assert [char.char for char in lesson.chars if char.image is not None] == list("E7447E4E7")


def test_a_text_that_is_much_too_long_is_refused(teach):
    with pytest.raises(InvalidInput, match="cannot be aligned"):
        teach(0, "A" * 400)


def test_characters_that_no_network_knows_are_named(teach):
    with pytest.raises(InvalidInput, match="got ж語 as well") as caught:
        teach(0, "語 TEXT ж")
    assert caught.value.context["unknown"] == "ж語"


def test_a_box_around_two_rows_or_none_is_refused(reading, teach):
    with pytest.raises(InvalidInput, match="one row of writing, got one around 4"):
        teach(0, "TEXT", Box(0, 0, reading.page.height, reading.page.width))
    with pytest.raises(InvalidInput, match="with writing in it"):
        teach(0, "TEXT", Box(0, 0, 3, 3))


def test_without_a_network_for_rows_a_row_is_refused(shipped, reading):
    with pytest.raises(InvalidInput, match="no network for rows"):
        correct_row(Reader(shipped.glyphs), reading.found, reading.picture, reading.page.rows[0].box, "TEXT")


def test_a_glyph_of_a_page_is_taught_as_it_was_seen(shipped, reading):
    glyph = _glyphs(reading.page.rows[0])[0]
    lesson = correct_glyph(shipped, reading.found, reading.picture, glyph.box, "4")
    [char] = lesson.chars
    assert (lesson.text, lesson.read, lesson.strip, char.box) == ("4", glyph.char, None, glyph.box)
    row = reading.found.rows[0]
    np.testing.assert_array_equal(char.image, np.rint(row.cut(row.hypotheses[:1])[0, 0] * 255))


def test_an_image_of_one_glyph_is_taught_as_a_whole(shipped):
    grey = np.full((50, 40), 230, np.uint8)
    grey[8:42, 18:22] = 30
    lesson = correct_image(shipped, Picture(grey, 40, 50), "I")
    assert lesson.chars[0].image.max() == 255
    with pytest.raises(InvalidInput, match="one character"):
        correct_image(shipped, Picture(grey, 40, 50), "II")
    with pytest.raises(InvalidInput, match="got ж as well"):
        correct_image(shipped, Picture(grey, 40, 50), "ж")


def test_a_lesson_that_was_packed_is_the_same_again(reading, teach):
    lesson = teach(1, reading.page.rows[1].text)
    again = Lesson.unpack(lesson.pack())
    assert (again.text, again.read, again.box, again.strip.left) == (
        lesson.text,
        lesson.read,
        lesson.box,
        lesson.strip.left,
    )
    np.testing.assert_array_equal(again.strip.pixels, lesson.strip.pixels)
    for one, other in zip(again.chars, lesson.chars, strict=True):
        assert (one.char, one.box) == (other.char, other.box)
        np.testing.assert_array_equal(one.image, other.image)


def test_what_a_lesson_is_about_is_told_without_its_pixels(reading, teach):
    lesson = teach(1, reading.page.rows[1].text)
    packed = lesson.pack()
    outline = Lesson.outline(packed)
    assert outline.has_row
    assert list(outline.chars) == [(char.char, char.box, char.image is not None) for char in lesson.chars]
    assert Lesson.outline(packed[: len(packed) // 2]) == outline


NO_HEADER = zlib.compress(bytes(4) + b'{"format": 1}')
OTHER_FORMAT = zlib.compress((13).to_bytes(4, "big") + b'{"format": 2}')


@pytest.mark.parametrize("packed", [b"", b"nonsense", NO_HEADER, OTHER_FORMAT, zlib.compress(b"\0\0\0\5[1,2]")])
@pytest.mark.parametrize("read", [Lesson.unpack, Lesson.outline])
def test_what_is_no_lesson_is_refused(read, packed):
    with pytest.raises(CorruptCorrection, match="as this release keeps them"):
        read(packed)


def test_a_lesson_that_is_cut_off_is_refused(reading, teach):
    packed = teach(1, reading.page.rows[1].text).pack()
    with pytest.raises(CorruptCorrection, match="cut off"):
        Lesson.unpack(packed[:-20])


def test_a_lesson_can_be_placed_on_a_part_of_the_page(reading, teach):
    lesson = teach(0, reading.page.rows[0].text)
    region = cut_region(reading.picture, lesson.box)
    placed = lesson.placed(region.inside)
    assert placed.box.left == lesson.box.left - region.box.left
    assert placed.chars[0].box.top == lesson.chars[0].box.top - region.box.top
