"""What its surroundings say about a glyph: its place in the row, and the company it keeps."""

from __future__ import annotations

import numpy as np
import pytest

from app.datasets import char_extents
from app.ocr import Alphabet, Context
from app.ocr.priors.context import RowGlyphs

ALPHABET = Alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,'-_!?|()")
EXTENTS = char_extents(ALPHABET.chars)
CONTEXT = Context(ALPHABET, EXTENTS)
EM = 40.0  # pixels
PEN = 0.08  # em; ink reaches half of it beyond the strokes


def _looks_like(*candidates):
    """Log-probabilities of one glyph: the candidates, which share it evenly, and hardly anything else."""
    p = np.full(len(ALPHABET), 1e-4)
    p[ALPHABET.encode(candidates)] = 1 / len(candidates)
    return np.log(p / p.sum())


def _written(text, slope=0.0, em=EM):
    """Where a hand writes the characters of a row: middle from the left, top and bottom, in pixels."""
    x = 30.0 + 0.8 * em * np.arange(len(text))
    extents = np.array([EXTENTS[char] for char in text])
    edges = em * (extents + [-PEN / 2, PEN / 2])
    return np.column_stack([x, (100 + slope * x)[:, None] + edges])


def _alone(log_p, places, words, context=CONTEXT):
    """Probabilities of a row that is a page by itself."""
    return context.weigh([RowGlyphs(log_p, places, words)]).p[0]


def _weigh(text, doubts, *, words=None, slope=0.0, context=CONTEXT, em=EM):
    """Probabilities of a row that is written as `text`; `doubts` are the places that look like several characters."""
    log_p = np.array([_looks_like(*doubts.get(place, char)) for place, char in enumerate(text)])
    numbers = np.zeros(len(text), int) if words is None else np.repeat(np.arange(len(words)), words)
    return _alone(log_p, _written(text, slope, em), numbers, context)


def _read(*arguments, **options):
    return "".join(ALPHABET.chars[index] for index in _weigh(*arguments, **options).argmax(axis=1))


@pytest.mark.parametrize("text", ["Hand,print", "Hand'print", "12,50", "don't"])
@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.1])
def test_a_comma_and_an_apostrophe_are_told_apart_by_their_place(text, slope):
    place = next(place for place, char in enumerate(text) if char in ",'")
    assert _read(text, {place: ",'"}, slope=slope) == text


@pytest.mark.parametrize("text", ["Missouri", "MISSOURI", "kiss", "Sass", "auxiliary", "AUXILIARY"])
@pytest.mark.parametrize("slope", [-0.1, 0.0, 0.1])
def test_small_letters_and_capitals_of_one_shape_are_told_apart_by_their_height(text, slope):
    doubts = {place: char.upper() + char.lower() for place, char in enumerate(text) if char.lower() in "souxvwzc"}
    assert _read(text, doubts, slope=slope) == text


def test_a_place_that_a_network_has_seen_counts_less():
    log_p, places = np.array([_looks_like(*each) for each in ("s", "S", "Ss", "n")]), _written("sSsn")
    unseen, seen = (
        CONTEXT.weigh([RowGlyphs(log_p, places, np.zeros(4, int))], places_seen=places_seen).p[0][2]
        for places_seen in (False, True)
    )
    capital, small = ALPHABET.encode("Ss")
    assert unseen[small] / unseen[capital] > seen[small] / seen[capital] > 1


@pytest.mark.parametrize("text", ["1O7", "2O26", "55O"])
def test_among_digits_a_ring_is_a_zero(text):
    assert _read(text, {text.index("O"): "0O"}) == text.replace("O", "0")


@pytest.mark.parametrize("text", ["T0P", "N0TE", "HELL0"])
def test_among_letters_a_ring_is_an_o(text):
    assert _read(text, {text.index("0"): "0O"}) == text.replace("0", "O")


def test_the_word_counts_more_than_the_rest_of_the_row():
    assert _read("ROOM1O7", {1: "0O", 2: "0O", 5: "0O"}, words=[4, 3]) == "ROOM107"


def test_the_rest_of_the_row_decides_where_a_word_cannot():
    assert _read("17O95", {2: "0O"}, words=[2, 1, 2]) == "17095"
    assert _read("TOOBE", {1: "0O", 2: "0O"}, words=[1, 2, 2]) == "TOOBE"


@pytest.mark.parametrize("text", ["BIN", "TIME", "I"])
def test_among_letters_a_stroke_is_an_i_and_no_bar(text):
    assert _read(text, {text.index("I"): "|I"}) == text


def test_a_bar_that_looks_like_nothing_else_stays_one():
    assert _read("A|B", {}) == "A|B"


@pytest.mark.parametrize("text", ["A1B2", "x9", "3D"])
def test_mixed_words_stay_possible(text):
    assert _read(text, {}) == text


@pytest.mark.parametrize("char", "Ss0,")
def test_a_clear_shape_in_a_strange_place_stays_what_it_looks_like(char):
    text = f"ab{char}de"
    places = _written(text)
    places[2, 1:] += 0.35 * EM
    log_p = np.array([_looks_like(char) for char in text])
    p = _alone(log_p, places, np.zeros(5, int))
    assert ALPHABET.chars[p[2].argmax()] == char


@pytest.mark.parametrize("text", ["A", "g", ",", "-", "1"])
def test_a_row_of_one_glyph_works(text):
    p = _weigh(text, {})
    assert p.shape == (1, len(ALPHABET))
    assert p.sum() == pytest.approx(1.0)
    assert ALPHABET.chars[p[0].argmax()] == text


@pytest.mark.parametrize("chars", ["-", "-_", "_"])
@pytest.mark.parametrize("count", [1, 4])
def test_a_row_of_nothing_but_dashes_works(chars, count):
    """They are all of no height, so nothing but the pen says how large the writing is."""
    context = Context(Alphabet(chars), char_extents(chars))
    places = np.stack([20.0 * np.arange(count), np.full(count, 50.0), np.full(count, 54.0)], axis=1)
    p = _alone(np.zeros((count, len(chars))), places, np.zeros(count, int), context)
    np.testing.assert_allclose(p.sum(axis=1), 1.0)


def test_what_is_not_allowed_stays_impossible():
    text = "12,50"
    log_p = np.array([_looks_like(char) for char in text])
    forbidden = np.zeros(len(ALPHABET), bool)
    forbidden[ALPHABET.encode("2,'")] = True
    log_p[:, forbidden] = -np.inf
    p = _alone(log_p, _written(text), np.zeros(5, int))
    assert (p[:, forbidden] == 0).all()
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    assert ALPHABET.chars[p[0].argmax()] == "1"


def test_probabilities_of_every_glyph_sum_to_one(rng):
    log_p = rng.normal(0, 3, (12, len(ALPHABET)))
    places = np.cumsum(rng.uniform(1, 30, (12, 3)), axis=1)
    p = _alone(log_p, places, np.repeat([0, 1, 2], 4))
    np.testing.assert_allclose(p.sum(axis=1), 1.0)
    assert (p >= 0).all()


def test_where_the_row_lies_on_the_page_does_not_matter():
    text, doubts = "Some text, 1979", {0: "sS", 4: "tT", 9: ",'", 12: "9g"}
    text = text.replace(" ", "")
    log_p = np.array([_looks_like(*doubts.get(place, char)) for place, char in enumerate(text)])
    places, words = _written(text), np.repeat([0, 1, 2], [4, 5, 4])
    moved = places + [900, 2000, 2000]
    np.testing.assert_allclose(_alone(log_p, moved, words), _alone(log_p, places, words), atol=1e-6)


@pytest.mark.parametrize("em", [12.0, 90.0, 300.0])
def test_how_large_a_row_is_written_does_not_matter(em):
    text, doubts = "Sass,kiss", {0: "Ss", 2: "Ss", 3: "Ss", 4: ",'", 7: "Ss", 8: "Ss"}
    np.testing.assert_allclose(_weigh(text, doubts, em=em), _weigh(text, doubts), atol=0.01)


def test_what_was_handed_in_is_left_as_it_is():
    log_p = np.array([_looks_like(char) for char in "Abc"])
    places, words = _written("Abc"), np.zeros(3, int)
    before = [array.copy() for array in (log_p, places, words)]
    _alone(log_p, places, words)
    for array, copy in zip((log_p, places, words), before, strict=True):
        np.testing.assert_array_equal(array, copy)


# The rest of the page


def _page(texts, doubts):
    """Probabilities of rows, each a word: `doubts` are (row, place) that look like several characters."""
    glyphs = []
    for number, text in enumerate(texts):
        log_p = [_looks_like(*doubts.get((number, place), char)) for place, char in enumerate(text)]
        glyphs.append(RowGlyphs(np.array(log_p), _written(text), np.zeros(len(text), int)))
    return CONTEXT.weigh(glyphs).p


def _chars(p):
    return "".join(ALPHABET.chars[index] for index in p.argmax(axis=1))


def test_on_a_page_of_one_character_a_doubtful_one_is_it_too():
    p = _page(["AAAAA", "HHHHH", "AAAAA", "AAAAA"], {(1, place): "HHA" for place in range(5)})
    assert _chars(p[1]) == "AAAAA"


def test_nobody_practises_exclamation_marks():
    p = np.full((8, len(ALPHABET)), 1e-4)
    p[:, ALPHABET.encode("!1")] = 0.55, 0.45
    p /= p.sum(axis=1, keepdims=True)
    rows = [RowGlyphs(np.log(p), _written("!" * 8), np.arange(8))] * 3
    assert all(_chars(row) == "1" * 8 for row in CONTEXT.weigh(rows).p)


def _drill(shares, written=None):
    """A row of eight glyphs that look like several characters, in such shares, as high as the likeliest or another."""
    p = np.full(len(ALPHABET), 1e-4)
    for char, share in shares.items():
        p[ALPHABET.chars.index(char)] = share
    return RowGlyphs(
        np.log(np.tile(p / p.sum(), (8, 1))), _written(8 * (written or max(shares, key=shares.get))), np.arange(8)
    )


def test_on_a_sheet_of_digits_a_row_that_looks_like_a_letter_is_a_digit():
    doubtful = {"Z": 0.9, "2": 0.1}
    rows = CONTEXT.weigh([*[_drill({digit: 1}) for digit in "71458"], _drill(doubtful)]).p
    assert _chars(rows[5]) == "2" * 8
    assert _chars(CONTEXT.weigh([_drill(doubtful)]).p[0]) == "Z" * 8


def test_a_slip_keeps_what_is_said_for_it_when_the_drills_agree():
    [*others, row] = [_drill({letter: 1}) for letter in "EKMRA"]
    row.log_p[3] = np.log(np.where(np.isin(list(ALPHABET.chars), ["A", "H"]), 0.5, 1e-4))
    p = CONTEXT.weigh([*others, row]).p[4]
    assert _chars(p) == "A" * 8
    h = ALPHABET.chars.index("H")
    assert p[3, h] > 1.2 * p[2, h]
    np.testing.assert_allclose(p.sum(axis=1), 1.0)


def test_on_a_sheet_of_small_letters_a_row_of_rings_is_of_small_ones():
    rows = [letter * 8 for letter in "amrek"]
    doubts = {(5, place): "0Oo" for place in range(8)}
    assert _chars(_page([*rows, "o" * 8], doubts)[5]) == "o" * 8


def test_a_row_as_high_as_the_small_letters_of_its_sheet_is_of_small_ones_though_it_looks_like_capitals():
    sure = [_drill({letter: 1}) for letter in "nrT"]
    for written in "vV":
        rows = CONTEXT.weigh([*sure, _drill({"V": 0.9, "v": 0.09}, written)]).p
        assert _chars(rows[3]) == written * 8


def test_on_a_page_of_digits_a_letter_becomes_the_digit_that_it_may_be():
    p = _page(["8088", "gggg", "1818"], {(1, place): "g8" for place in range(4)})
    assert _chars(p[1]) == "8888"


def test_on_a_page_of_digits_a_ring_that_stands_alone_is_a_zero():
    assert _chars(_page(["7145", "O", "8263"], {(1, 0): "0O"})[1]) == "0"


def test_a_number_on_a_page_of_letters_stays_one():
    assert _chars(_page(["ONIONS", "TOMATO", "750", "COCOA"], {(2, 2): "0O"})[2]) == "750"


def test_a_doubtful_letter_of_an_alphabet_is_the_one_whose_turn_it_is():
    assert _chars(_page(["ABCQEFGH"], {(0, 3): "QOD"})[0]) == "ABCDEFGH"


def test_a_row_of_one_letter_in_both_its_cases_has_both():
    doubts = {(row, place): "CcCc" for row in range(1, 4) for place in range(8)}
    assert _chars(_page(["CCCCCCC", *["CcCcCcCc"] * 3], doubts)[1]) == "CcCcCcCc"


@pytest.mark.parametrize("allowed", ["0123456789", "AaBbCcDdEe"])
def test_practice_within_an_allow_list_stays_a_probability(allowed):
    mask = ALPHABET.mask(allowed)
    texts = [allowed[:8], allowed[0] * 8, allowed[1] * 8]
    glyphs = []
    for text in texts:
        log_p = np.where(mask, [_looks_like(char) for char in text], -np.inf)
        glyphs.append(RowGlyphs(log_p, _written(text), np.zeros(len(text), int)))
    for p, text in zip(CONTEXT.weigh(glyphs).p, texts, strict=True):
        np.testing.assert_allclose(p.sum(axis=1), 1.0)
        assert not p[:, ~mask].any()
        assert _chars(p) == text


def test_what_looks_like_nothing_else_stays_on_a_page_of_one_character():
    assert _chars(_page(["AAAAA", "AAHAA", "AAAAA"], {})[1]) == "AAHAA"


def test_on_a_varied_page_hardly_anything_is_made_of_what_is_common():
    """One glyph looks like two letters, of which the page has one twice and the other not at all."""
    texts = ["ETHICS", "JUMPED", "BROWN", "QVALYK"]
    alone = _page([texts[3]], {(0, 2): "AF"})[0]
    [*_, together] = _page(texts, {(3, 2): "AF"})
    a, f = ALPHABET.encode("AF")
    assert abs(together[2, a] - alone[2, a]) < 0.1
    assert together[2, f] > 0.3


def test_a_page_of_no_row_has_nothing_to_weigh():
    assert CONTEXT.weigh([]).p == []


def test_a_stroke_that_opens_a_bracket_which_is_never_closed_is_a_digit_or_letter() -> None:
    assert _read("12(99", {2: "1("}) == "12199"
    assert _read("12(9)9", {}) == "12(9)9"


def test_a_bracket_whose_other_half_may_not_come_out_is_no_less_likely() -> None:
    log_p = np.array([_looks_like(*char) for char in ("1", "2", "1(", "9", "9")])
    free = _alone(log_p, _written("12(99"), np.zeros(5, int))
    log_p[:, ALPHABET.encode(")")] = -np.inf
    alone = _alone(log_p, _written("12(99"), np.zeros(5, int))
    opening = ALPHABET.encode("(")
    assert alone[2, opening] > 5 * free[2, opening]


def test_a_sentence_begins_with_a_capital_where_the_height_does_not_tell():
    assert _read("stop.kind", {5: "Kk"}, words=[5, 4]) == "stop.Kind"
    assert _read("stop,kind", {5: "Kk"}, words=[5, 4]) == "stop,kind"
    assert _read("manykinds", {4: "Kk"}, words=[4, 5]) == "manykinds"
    assert _read("(stop.)kind", {7: "Kk"}, words=[7, 4]) == "(stop.)Kind"
    assert _read("stop.(kind", {6: "Kk"}, words=[5, 5]) == "stop.(Kind"
