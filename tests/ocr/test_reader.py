"""From a file's bytes to text, with a network that was trained in seconds on our own pen font."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from importlib import import_module
from io import BytesIO
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image, ImageDraw

from app.datasets.pens.hand import Hand
from app.errors import CorruptModel, InvalidInput, NotAnImage, ShapeMismatch, TooManyPixels, UnknownArchitecture
from app.ocr import MOST_ALTERNATIVES, Reader, ReadOptions
from app.vision import Box, DecodeLimits, PageRange
from tests.vision.conftest import write_page

LINES = ["HELLO WORLD", "THIS IS A PAGE", "OF HAND PRINT"]
HAND = Hand(letter_gap=0.05, word_gap=0.6)
PAGE = write_page(LINES, hand=HAND)

# Turns of an upright picture into what a camera held that way stores.
STORED = {1: lambda a: a, 3: lambda a: a[::-1, ::-1], 6: np.rot90, 8: lambda a: np.rot90(a, -1)}


def _png(grey, orientation=1):
    tags = Image.Exif()
    tags[0x0112] = orientation
    file = BytesIO()
    Image.fromarray(np.ascontiguousarray(STORED[orientation](grey))).save(file, "PNG", exif=tags)
    return file.getvalue()


def _glyphs(page):
    return [[glyph for word in row.words for glyph in word.glyphs] for row in page.rows]


def _boxes(page):
    return [[glyph.box for glyph in row] for row in _glyphs(page)]


def _assert_boxes(page, truth, atol):
    assert [len(row) for row in _boxes(page)] == [len(row) for row in truth]
    for boxes, true_boxes in zip(_boxes(page), truth, strict=True):
        np.testing.assert_allclose(boxes, true_boxes, atol=atol)


@pytest.fixture(scope="module")
def page(reader):
    return reader.read(_png(PAGE.grey), ReadOptions(alternatives=MOST_ALTERNATIVES))


@pytest.fixture
def quarter_is_enough(monkeypatch):
    """Reduce the page to half its width and height before it is read."""
    monkeypatch.setattr(import_module("app.vision.decoding.picture"), "ENOUGH_PX", PAGE.grey.size // 4)


def test_a_written_page_is_read(page):
    assert page.text == "\n".join(LINES)
    assert page.warnings == ()


@pytest.mark.parametrize("seed", range(3))
def test_other_hands_are_read_too(reader, seed):
    hand = replace(Hand.random(np.random.default_rng(seed)), word_gap=0.6)
    assert reader.read(_png(write_page(LINES, hand=hand, seed=seed).grey)).text == "\n".join(LINES)


def test_a_scan_in_black_and_white_is_read(reader):
    assert reader.read(_png(np.where(PAGE.grey < 128, 0, 255).astype(np.uint8))).text == "\n".join(LINES)


def test_every_character_has_its_box(page):
    _assert_boxes(page, PAGE.boxes, atol=2)


@pytest.mark.parametrize("orientation", STORED)
def test_boxes_are_those_of_the_upright_picture(reader, orientation):
    page = reader.read(_png(PAGE.grey, orientation))
    assert (page.height, page.width) == PAGE.grey.shape
    assert page.text == "\n".join(LINES)
    _assert_boxes(page, PAGE.boxes, atol=2)


@pytest.mark.usefixtures("quarter_is_enough")
@pytest.mark.parametrize("orientation", STORED)
def test_boxes_are_in_pixels_of_the_upload_though_a_smaller_picture_was_read(reader, orientation):
    page = reader.read(_png(PAGE.grey, orientation))
    assert (page.height, page.width) == PAGE.grey.shape
    assert page.text == "\n".join(LINES)
    _assert_boxes(page, PAGE.boxes, atol=3)
    for box in (box for row in _boxes(page) for box in row):
        assert 0 <= box.left < box.right <= page.width
        assert 0 <= box.top < box.bottom <= page.height


@pytest.mark.usefixtures("quarter_is_enough")
def test_gaps_are_in_pixels_of_the_upload_too(reader):
    for glyphs in _glyphs(reader.read(_png(PAGE.grey))):
        for glyph, after in pairwise(glyphs):
            assert glyph.break_after.gap_px == pytest.approx(after.box.left - glyph.box.right, abs=3)


@pytest.mark.parametrize("angle_deg", [-5.0, 5.0])
def test_a_turned_page_is_read_and_its_angle_told(reader, angle_deg):
    page = reader.read(_png(write_page(LINES, hand=HAND, angle_deg=angle_deg).grey))
    assert page.text == "\n".join(LINES)
    assert page.angle_deg == pytest.approx(angle_deg, abs=1.0)


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_on_its_side_or_head_is_read_with_its_boxes_where_they_are(reader, quarters):
    page = reader.read(_png(np.rot90(PAGE.grey, quarters)))
    assert page.text == "\n".join(LINES)
    assert (page.view.orientation_deg, page.angle_deg) == (90 * quarters, 0)
    assert (page.height, page.width) == np.rot90(PAGE.grey, quarters).shape
    _assert_boxes(page, [[box.turned(quarters, PAGE.grey.shape) for box in row] for row in PAGE.boxes], atol=2)


@pytest.mark.parametrize("angle_deg", [-15.0, 12.0])
def test_boxes_of_a_turned_page_are_tight_around_what_is_written(reader, angle_deg):
    turned = write_page(LINES, hand=HAND, angle_deg=angle_deg)
    page = reader.read(_png(turned.grey))
    assert page.text == "\n".join(LINES)
    _assert_boxes(page, turned.boxes, atol=3)


def test_breaks_say_where_words_and_rows_end(page):
    for row in page.rows:
        for word in row.words:
            *inside, last = [glyph.break_after for glyph in word.glyphs]
            assert all(after.kind == "none" and after.p_space <= 0.5 for after in inside)
            if word is row.words[-1]:
                assert last.kind == "row"
            else:
                assert last.kind == "space"
                assert last.p_space > 0.5
                assert last.gap_px > max(after.gap_px for after in inside) if inside else last.gap_px > 0


def test_confidences_are_probabilities(page):
    for row in page.rows:
        assert 0.5 < row.confidence <= 1.0
    for glyph in (glyph for row in _glyphs(page) for glyph in row):
        assert 0.0 < glyph.confidence <= 1.0


# Alternatives


@pytest.mark.parametrize("count", range(MOST_ALTERNATIVES + 1))
def test_alternatives_are_as_many_as_asked_for_from_likely_to_unlikely(reader, page, count):
    read = reader.read(_png(PAGE.grey), ReadOptions(alternatives=count))
    assert read.text == page.text
    for glyphs, full in zip(_glyphs(read), _glyphs(page), strict=True):
        for glyph, with_all in zip(glyphs, full, strict=True):
            assert glyph.alternatives == with_all.alternatives[:count]
            assert len(glyph.alternatives) == count
            confidences = [glyph.confidence, *(other.confidence for other in glyph.alternatives)]
            assert confidences == sorted(confidences, reverse=True)
            assert sum(confidences) <= 1.0 + 1e-9
            assert len({glyph.char, *(other.char for other in glyph.alternatives)}) == count + 1


@pytest.mark.parametrize("count", [-1, MOST_ALTERNATIVES + 1])
def test_a_number_of_alternatives_that_makes_no_sense_is_refused(count):
    with pytest.raises(InvalidInput, match="0 to 10"):
        ReadOptions(alternatives=count)


# Abstaining


def test_what_is_less_sure_than_asked_for_is_withheld_and_listed(reader, page):
    confidences = sorted(glyph.confidence for row in _glyphs(page) for glyph in row)
    below = confidences[3]
    read = reader.read(_png(PAGE.grey), ReadOptions(abstain_below=below))
    assert read.text.count("?") == 3
    assert [doubt.confidence for doubt in read.review] == confidences[:3]
    for doubt in read.review:
        glyph = page.rows[doubt.row].words[doubt.word].glyphs[doubt.glyph]
        assert (doubt.char, doubt.box) == (glyph.char, glyph.box)
    assert page.review == ()


@pytest.mark.parametrize("below", [-0.1, 1.1, float("nan")])
def test_a_threshold_that_is_no_probability_is_refused(below):
    with pytest.raises(InvalidInput, match="0 to 1"):
        ReadOptions(abstain_below=below)


# The allow-list


def test_an_allow_list_shares_probabilities_out_anew(reader, page):
    allowed = "HELOWRDTIS"
    read = reader.read(_png(PAGE.grey), ReadOptions(alternatives=MOST_ALTERNATIVES, alphabet=allowed))
    for glyph in (glyph for row in _glyphs(read) for glyph in row):
        assert {glyph.char, *(other.char for other in glyph.alternatives)} <= set(allowed)
        total = glyph.confidence + sum(other.confidence for other in glyph.alternatives)
        assert total == pytest.approx(1.0)
    assert read.rows[0].text == LINES[0]


def test_an_allow_list_may_name_the_space_which_comes_out_anyhow(reader):
    with_space = reader.read(_png(PAGE.grey), ReadOptions(alphabet="HELO WRDTIS"))
    assert with_space.text == reader.read(_png(PAGE.grey), ReadOptions(alphabet="HELOWRDTIS")).text


@pytest.mark.parametrize("allowed", ["X", "XY", "AEIOU", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"])
def test_an_allow_list_drops_no_glyph(reader, page, allowed):
    read = reader.read(_png(PAGE.grey), ReadOptions(alphabet=allowed))
    assert _boxes(read) == _boxes(page)
    assert set(read.text) <= {*allowed, " ", "\n"}


def test_an_allow_list_decides_between_two_letters_and_one(card, trained_arrays):
    """Two upright strokes are an H to this network, and one is perhaps an I."""

    class Strokes:
        def predict(self, glyphs):
            strokes = np.diff((glyphs[:, 0, 16] > 0.5).astype(int), axis=1, prepend=0) == 1
            two = strokes.sum(axis=1, keepdims=True) == 2
            logits = np.where(two, 9.0, 3.0) * (np.where(two, "H", "I") == list(card["alphabet"]))
            return logits.astype(np.float32)

    reader = Reader.from_card(card, trained_arrays)
    reader.glyphs.network = Strokes()
    strokes = _png(write_page(["II"], hand=Hand(letter_gap=-0.2)).grey)
    assert reader.read(strokes).text == "H"
    assert reader.read(strokes, ReadOptions(alphabet="HI")).text == "H"
    assert reader.read(strokes, ReadOptions(alphabet="IL")).text == "II"


def test_an_allow_list_of_everything_changes_nothing(reader, page):
    read = reader.read(_png(PAGE.grey), ReadOptions(MOST_ALTERNATIVES, reader.alphabet.chars))
    assert read.rows == page.rows


@pytest.mark.parametrize("allowed", ["", "ABC1", "abc"])
def test_an_allow_list_of_unknown_characters_is_refused_before_the_image_is_decoded(reader, allowed):
    with pytest.raises(InvalidInput, match=r"expected characters|at least one"):
        reader.read(b"not even an image", ReadOptions(alphabet=allowed))


# Pages of every kind


def test_a_blank_page_has_no_rows_and_says_so(reader):
    page = reader.read(_png(np.full((80, 120), 240, np.uint8)))
    assert page.rows == ()
    assert page.text == ""
    assert [notice.code for notice in page.warnings] == ["no-text"]
    assert (page.width, page.height) == (120, 80)


def test_of_a_page_with_too_much_ink_the_topmost_rows_are_read_and_it_is_told(reader, monkeypatch):
    monkeypatch.setattr(import_module("app.vision.writing"), "_MOST", 21)  # of the first two rows
    page = reader.read(_png(PAGE.grey))
    assert page.text == "\n".join(LINES[:2])
    [notice] = page.warnings
    assert notice.code == "too-much-ink"
    assert notice.detail.endswith("of 32 pieces the topmost 21 were read")


def test_a_page_on_which_all_is_crossed_out_says_that_and_that_nothing_else_is_there(reader):
    written = write_page(["REMOVE"])
    word = Box.around(written.boxes[0])
    image = Image.fromarray(written.grey)
    y = (word.top + word.bottom) // 2 + 4
    ImageDraw.Draw(image).line((word.left - 6, y, word.right + 6, y), fill=0, width=4)
    page = reader.read(_png(np.asarray(image)))
    assert page.rows == ()
    assert [notice.code for notice in page.warnings] == ["struck-out", "no-text"]
    assert page.warnings[1].detail == "no other writing was found on this image"


@pytest.mark.parametrize("text", ["A", "W O W"])
def test_a_page_of_a_few_letters_is_read(reader, text):
    assert reader.read(_png(write_page([text]).grey)).text.replace(" ", "") == text.replace(" ", "")


@pytest.mark.parametrize("stage", range(4))
def test_a_reading_that_nobody_waits_for_any_more_ends_before_the_next_stage(reader, stage):
    class NobodyWaits(Exception):
        pass

    calls = []

    def checkpoint():
        calls.append("asked")
        if len(calls) > stage:
            raise NobodyWaits

    with pytest.raises(NobodyWaits):
        next(reader.read_pages(_png(PAGE.grey), checkpoint=checkpoint))
    assert len(calls) == stage + 1


def test_every_stage_is_timed(page):
    assert list(page.timing_ms) == ["decode", "segment", "classify", "language"]
    assert all(ms > 0 for ms in page.timing_ms.values())


def test_what_cannot_be_decoded_is_refused(reader):
    with pytest.raises(NotAnImage):
        reader.read(b"HELLO")
    with pytest.raises(TooManyPixels):
        reader.read(_png(PAGE.grey), limits=DecodeLimits(1000))


def test_threads_that_share_a_reader_give_the_same_answers_as_one(reader):
    files = [_png(write_page([line], hand=HAND).grey) for line in LINES] * 4
    one_by_one = [replace(reader.read(file), timing_ms={}) for file in files]
    with ThreadPoolExecutor(6) as threads:
        at_once = [replace(page, timing_ms={}) for page in threads.map(reader.read, files)]
    assert at_once == one_by_one


def test_a_higher_temperature_makes_the_same_reader_less_sure(card, trained_arrays, page):
    calibration = {"temperature": 3.0}
    doubtful = Reader.from_card({**card, "calibration": calibration}, trained_arrays).read(_png(PAGE.grey))
    assert doubtful.text == page.text
    for row, sure in zip(doubtful.rows, page.rows, strict=True):
        assert row.confidence < sure.confidence


# What a card has to say


@pytest.mark.parametrize("entry", ["alphabet", "architecture", "char_extents", "calibration"])
def test_a_card_that_lacks_an_entry_is_refused_by_its_name(card, trained_arrays, entry):
    lacking = {key: value for key, value in card.items() if key != entry}
    with pytest.raises(CorruptModel, match=entry):
        Reader.from_card(lacking, trained_arrays)


@pytest.mark.parametrize(
    "change, named",
    [
        ({"calibration": {}}, "temperature"),
        ({"calibration": {"temperature": "warm"}}, "warm"),
        ({"calibration": {"temperature": 0.0}}, "temperature"),
        ({"char_extents": {"B": (0.0, 1.0)}}, "'A'"),
        ({"alphabet": "ABA"}, "each once"),
    ],
    ids=str,
)
def test_a_card_with_an_entry_that_makes_no_sense_is_refused(card, trained_arrays, change, named):
    with pytest.raises(CorruptModel, match=named):
        Reader.from_card({**card, **change}, trained_arrays)


def test_a_card_that_asks_for_another_network_is_refused(card, trained_arrays):
    with pytest.raises(UnknownArchitecture, match="glyph-transformer"):
        Reader.from_card({**card, "architecture": {"name": "glyph-transformer"}}, trained_arrays)
    wider = {**card["architecture"], "hidden": 5}
    with pytest.raises(ShapeMismatch):
        Reader.from_card({**card, "architecture": wider}, trained_arrays)


def test_only_the_pages_that_are_asked_for_are_read(reader):
    first, second = (Image.fromarray(write_page([text], hand=HAND).grey) for text in ("AT", "HELLO"))
    file = BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=[second])
    (reading,) = reader.read_pages(file.getvalue(), ReadOptions(pages=PageRange.parse("2-")))
    assert (reading.page.text, reading.picture.number) == ("HELLO", 2)
    assert reader.read(file.getvalue(), ReadOptions(pages=PageRange.parse("2"))).text == "HELLO"
