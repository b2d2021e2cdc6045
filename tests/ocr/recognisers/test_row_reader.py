"""What a row network says at each column, to characters with their places; the network is made up."""

from __future__ import annotations

import numpy as np
import pytest

from app.errors import CorruptModel, UnknownArchitecture
from app.nn import BLANK
from app.ocr import Alphabet, RowReader, build_network
from app.ocr.spelling.beam_search import LANGUAGE_WEIGHT
from app.ocr.spelling.prefix_scorer import PrefixScorer, PrefixState
from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip, segment
from tests.conftest import TINY_ROWS
from tests.vision.conftest import write_page

ALPHABET = Alphabet(" ABC")


def _card(**changes):
    card = {
        "alphabet": ALPHABET.chars,
        "architecture": {**TINY_ROWS, "classes": 5},
        "calibration": {"temperature": 1.0},
    }
    return card | changes


@pytest.fixture(scope="module")
def arrays():
    return build_network(_card()["architecture"], np.random.default_rng(0)).arrays()


@pytest.fixture(scope="module")
def reader(arrays):
    return RowReader.from_card(_card(), arrays)


def _columns(said, sure=0.99):
    """Log-probabilities (T, 5) of a row that says a character, or - for none, at each column."""
    p = np.full((len(said), 5), (1 - sure) / 4)
    for column, char in enumerate(said):
        p[column, BLANK if char == "-" else 1 + ALPHABET.chars.index(char)] = sure
    return np.log(p)


@pytest.mark.parametrize(
    "said, text",
    [
        ("--AA-B--", "AB"),
        ("AAA", "A"),
        ("A-A", "AA"),
        ("AB- -C", "AB C"),
        ("- A -", "A"),
        ("---", ""),
        ("-   -", ""),
    ],
)
def test_a_row_is_spelt_without_repetitions_and_blanks(reader, said, text):
    assert reader.text(reader.spell(_columns(said))) == text


def test_a_crowded_page_is_searched_with_less_effort_row_by_row(reader):
    row = _columns("-" * 1000)
    thorough, hasty = reader.effort([row] * 12), reader.effort([row] * 13)
    assert hasty.beam_width < thorough.beam_width
    assert hasty.least > thorough.least
    assert reader.text(reader.spell(_columns("AA-B"), effort=hasty)) == "AB"


def test_a_character_is_where_the_network_is_surest_of_it(reader):
    log_p = _columns("--AAA--B-")
    log_p[3] = _columns("A", sure=0.999)[0]
    assert reader.spell(log_p).columns.tolist() == [3, 7]


def test_probabilities_are_those_of_the_alternatives_and_leave_room_for_none(reader):
    log_p = _columns("-A-")
    log_p[1] = np.log([0.1, 0.02, 0.6, 0.25, 0.03])
    spelling = reader.spell(log_p)
    a, b, c = spelling.p[0, 1:]
    assert a > b > c > 0
    assert b / a == pytest.approx(0.25 / 0.6, rel=0.1)
    assert spelling.p[0, 0] == 0, "a space is no character that is written"
    assert 0.8 < spelling.p.sum() < 1


def test_how_sure_a_space_is_comes_with_every_pair(reader):
    unsure = _columns("A- -B-C")
    unsure[2] = np.log([0.3, 0.6, 0.03, 0.03, 0.04])
    between = reader.spell(unsure).p_space
    assert 0.5 < between[0] < 0.8
    assert between[1] < 0.05


def test_of_two_spaces_one_may_be_doubtful(reader):
    log_p = _columns("A- - -B")
    log_p[2] = np.log([0.4, 0.57, 0.01, 0.01, 0.01])
    (between,) = reader.spell(log_p).p_space
    assert between > 0.95


def test_what_is_not_allowed_becomes_something_else_and_is_not_lost(reader):
    log_p = _columns("-A--B-")
    log_p[1] = np.log([0.05, 0.02, 0.6, 0.03, 0.3])
    allowed = ALPHABET.mask("BC")
    assert reader.text(reader.spell(log_p, allowed)) == "CB"


@pytest.mark.parametrize("said, text", [("-AB-", "CC"), ("ABAB", "CCCC"), ("AB BA", "CC CC"), ("AAB", "CC")])
def test_neighbours_that_become_the_same_character_stay_two(reader, said, text):
    spelling = reader.spell(_columns(said), ALPHABET.mask("C"))
    assert reader.text(spelling) == text
    assert spelling.p.shape[0] == len(text.replace(" ", ""))
    assert (spelling.p[:, [ALPHABET.chars.index(char) for char in "AB"]] == 0).all()


def test_an_allow_list_keeps_the_words_apart(reader):
    assert reader.text(reader.spell(_columns("A- -A"), ALPHABET.mask("A"))) == "A A"


def test_the_temperature_makes_a_network_less_sure(arrays):
    strip = Strip(np.random.default_rng(1).integers(0, 256, (STRIP_HEIGHT, 60)).astype(np.uint8), 0, 1.0)
    cool, warm = (
        RowReader.from_card(_card(calibration={"temperature": t}), arrays).predict([strip])[0] for t in (1.0, 4.0)
    )
    assert cool.shape == warm.shape == (60 // COLUMN_PX, 5)
    assert np.ptp(warm) < np.ptp(cool)
    np.testing.assert_allclose(np.exp(warm).sum(axis=1), 1, rtol=1e-5)


def test_a_character_is_as_sure_as_its_shape_or_roughly_as_all_that_look_like_it(arrays):
    alphabet = Alphabet(" 9gC")
    p = np.array([[0.02, 0.02, 0.5, 0.4, 0.06], [0.9, 0.025, 0.025, 0.025, 0.025], [0.02, 0.02, 0.02, 0.04, 0.9]])
    reader = RowReader.from_card(_card(alphabet=alphabet.chars), arrays)
    np.testing.assert_allclose(np.exp(reader.certainty(np.log(p))), [0.5, 0.9])
    np.testing.assert_allclose(np.exp(reader.certainty(np.log(p), roughly=True)), [0.9, 0.9])


def test_a_row_longer_than_anybody_writes_says_nothing_and_costs_the_others_nothing(reader):
    rng = np.random.default_rng(1)
    short, longest, longer = (
        Strip(rng.integers(0, 256, (STRIP_HEIGHT, columns * COLUMN_PX)).astype(np.uint8), 0, 1.0)
        for columns in (8, 1200, 1201)
    )
    said = reader.predict([longer, short, longest])
    assert [len(log_p) for log_p in said] == [1, 8, 1200]
    np.testing.assert_allclose(said[1], reader.predict([short])[0], atol=1e-5)
    for allowed in (None, ALPHABET.mask("A")):
        assert reader.text(reader.spell(said[0], allowed)) == ""


def test_every_character_gets_the_box_of_its_ink(reader):
    page = write_page(["ABC"])
    found = segment(page.grey)
    [row] = found.rows
    said = ["-"] * row.strip.columns
    for char, box in zip("ABC", page.boxes[0], strict=True):
        said[row.strip.column((box[1] + box[3]) / 2)] = char
    line = reader.line(row, reader.spell(_columns(said)), found.components, Alphabet("CBA"))
    np.testing.assert_allclose(line.boxes, page.boxes[0], atol=2)
    assert line.log_p.argmax(axis=1).tolist() == [2, 1, 0], "in the order of the alphabet that was asked for"
    assert line.joined == 0
    assert line.p_space is not None
    assert len(line.p_space) == 2


def test_two_characters_on_one_piece_of_ink_share_it(reader):
    page = write_page(["U"])
    found = segment(page.grey)
    [row] = found.rows
    said = ["-"] * row.strip.columns
    said[1], said[-2] = "B", "C"
    line = reader.line(row, reader.spell(_columns(said)), found.components, ALPHABET)
    left, right = line.boxes
    assert left.right <= right.left + 1
    assert (left.left, right.right) == (row.pieces[0].box.left, row.pieces[0].box.right)
    assert line.joined == 1


def test_a_row_in_which_nothing_was_seen_is_no_line(reader):
    found = segment(write_page(["A"]).grey)
    [row] = found.rows
    nothing = reader.spell(_columns("-" * row.strip.columns))
    assert reader.line(row, nothing, found.components, ALPHABET) is None


def test_a_row_in_which_nothing_is_seen_is_no_line(reader):
    found = segment(write_page(["ABC"]).grey)
    [row] = found.rows
    said = ["-"] * row.strip.columns
    assert reader.line(row, reader.spell(_columns(said)), found.components, ALPHABET) is None
    said[1] = "A"
    assert reader.line(row, reader.spell(_columns(said)), found.components, ALPHABET) is not None


@pytest.mark.parametrize(
    "changes, error, match",
    [
        ({"alphabet": "ABCD"}, CorruptModel, "a space"),
        ({"calibration": {"temperature": 0.0}}, CorruptModel, "above 0"),
        ({"calibration": {}}, CorruptModel, "temperature"),
        ({"architecture": {"name": "row-lstm", "classes": 5}}, UnknownArchitecture, "row-lstm"),
    ],
)
def test_a_card_that_makes_no_sense_is_refused(arrays, changes, error, match):
    with pytest.raises(error, match=match):
        RowReader.from_card(_card(**changes), arrays)


def test_what_a_row_gains_by_a_language_is_what_its_text_does(reader, english):
    scorer = PrefixScorer(english, ALPHABET)
    state = scorer.extend(PrefixState(), (1 + ALPHABET.encode("CAB A")).tolist())
    assert reader.log_gain(_columns("CC-A-B- A--"), scorer) == LANGUAGE_WEIGHT * scorer.log_gain(state, ended=True) != 0
    assert reader.log_gain(_columns("---"), scorer) == 0
