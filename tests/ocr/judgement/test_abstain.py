from __future__ import annotations

from app.ocr import Alternative, Break, Doubt, Glyph, Row, Word
from app.ocr.judgement.abstain import UNSURE, abstain
from app.vision import Box

BOX = Box(0, 0, 9, 5)


def _word(*glyphs):
    """Make a word of (character, confidence); each might also be an X."""
    others = (Alternative("X", 0.0625),)
    return Word(tuple(Glyph(char, confidence, BOX, Break("none", 1.0, 0.1), others) for char, confidence in glyphs))


ROWS = (
    Row((_word(("A", 0.5), ("B", 0.9)), _word(("C", 0.75)))),
    Row((_word(("?", 0.99), ("D", 0.25), ("E", 0.5)),)),
)


def test_unsure_glyphs_become_question_marks():
    rows, _ = abstain(ROWS, 0.75)
    assert [row.text for row in rows] == ["?B C", "???"]


def test_the_review_begins_with_what_is_least_sure_and_keeps_the_order_of_the_page_among_equals():
    _, review = abstain(ROWS, 0.75)
    assert review == (
        Doubt(1, 0, 1, "D", 0.25, BOX),
        Doubt(0, 0, 0, "A", 0.5, BOX),
        Doubt(1, 0, 2, "E", 0.5, BOX),
    )


def test_every_place_of_the_review_is_that_of_a_question_mark_whose_first_alternative_is_the_guess():
    rows, review = abstain(ROWS, 1.0)
    assert len(review) == 6
    for doubt in review:
        glyph = rows[doubt.row].words[doubt.word].glyphs[doubt.glyph]
        assert glyph.char == UNSURE
        assert glyph.confidence == doubt.confidence
        assert glyph.alternatives[0] == Alternative(doubt.char, doubt.confidence)
        assert glyph.alternatives[1:] == (Alternative("X", 0.0625),)


def test_what_is_said_of_words_and_rows_stays():
    rows, _ = abstain(ROWS, 0.9)
    for row, before in zip(rows, ROWS, strict=True):
        assert (row.box, row.confidence) == (before.box, before.confidence)
        assert [word.confidence for word in row.words] == [word.confidence for word in before.words]


def test_a_threshold_of_zero_changes_nothing():
    assert abstain(ROWS, 0.0) == (ROWS, ())


def test_exactly_as_sure_as_asked_for_is_sure_enough():
    rows, review = abstain(ROWS, 0.25)
    assert (rows, review) == (ROWS, ())
