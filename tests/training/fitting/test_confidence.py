"""Curves of confidence, on readings that are made up."""

from __future__ import annotations

import pytest

from app.ocr import Break, Confidence, Glyph, Page, Row, Word
from app.training.fitting.confidence import check_page, cross_fit, fit_confidence, measure_calibration
from app.vision import Box


def _page(text, confidence=lambda: 0.9):
    """Read rows of words as they stand, each glyph with a confidence of its own."""
    rows = []
    for line in text.splitlines():
        words = []
        for word in line.split():
            glyphs = [Glyph(char, confidence(), Box(0, 0, 9, 9), Break("none", 1.0, 0.0)) for char in word]
            words.append(Word(tuple(glyphs)))
        rows.append(Row(tuple(words)))
    return Page(100, 100, 0.0, tuple(rows))


@pytest.mark.parametrize(
    "truth, read, glyphs, words, rows",
    [
        ("AB C", "AB C", "111", "11", "1"),
        ("AB C", "AX C", "101", "01", "0"),
        ("ABD C", "AB C", "111", "01", "0"),  # the D is missed
        ("AB C", "ABC", "111", "0", "0"),  # the space is missed
        ("ABC", "AB C", "111", "00", "0"),
        ("AB C", "AB C XX", "11100", "110", "0"),  # there is nothing where XX was read
        ("AB C DE", "AB C\nDE", "11111", "111", "11"),
        ("AB C", "AB", "11", "1", "1"),
        ("", "AB", "00", "0", "0"),
    ],
)
def test_what_is_right_is_told_of_glyphs_words_and_rows(truth, read, glyphs, words, rows):
    right = check_page(_page(read), truth).right
    assert {level: "".join(str(int(one)) for one in right[level]) for level in right} == {
        "glyph": glyphs,
        "word": words,
        "row": rows,
    }


def _checked(rng, pages, writers=6):
    """Read pages by a reader that is far too sure: of 0.9 two thirds are right, of 0.99 nine tenths."""

    def read():
        truth = [["".join(rng.choice(list("ABCDEF"), 3)) for _ in range(4)] for _ in range(3)]
        page = _page("\n".join(map(" ".join, truth)), lambda: rng.choice([0.9, 0.99]))
        rows = []
        for row in page.rows:
            words = []
            for word in row.words:
                glyphs = []
                for glyph in word.glyphs:
                    wrong = rng.uniform() > (0.9 if glyph.confidence == 0.99 else 0.667)
                    glyphs.append(Glyph("x" if wrong else glyph.char, glyph.confidence, glyph.box, glyph.break_after))
                words.append(Word(tuple(glyphs)))
            rows.append(Row(tuple(words)))
        return Page(100, 100, 0.0, tuple(rows)), " ".join(map(" ".join, truth))

    return [check_page(*read(), f"writer {number % writers}") for number in range(pages)]


def test_curves_make_another_pages_confidences_honest(rng):
    pages, others = _checked(rng, 100), _checked(rng, 100)
    confidence = fit_confidence(pages)
    assert confidence.glyph(0.9) == pytest.approx(0.667, abs=0.05)
    assert confidence.glyph(0.99) == pytest.approx(0.9, abs=0.05)
    before = measure_calibration(others)
    after = measure_calibration([type(page)(confidence.apply(page.rows), page.right) for page in others])
    for level, least in (("glyph", 0.1), ("word", 0.3), ("row", 0.5)):
        assert before[level].ece > least
        assert after[level].ece < 0.06
        assert after[level].right == before[level].right


def test_nobody_is_measured_by_curves_that_his_own_pages_made(rng):
    """One half is always right, the other half never: each is told what holds for the other."""
    pages = _checked(rng, 8, writers=2)
    pages = [
        type(page)(
            page.rows,
            {level: [page.writer == "writer 0"] * len(page.right[level]) for level in page.right},
            page.writer,
        )
        for page in pages
    ]
    for page in cross_fit(pages):
        confidences = [glyph.confidence for row in page.rows for word in row.words for glyph in word.glyphs]
        assert all(confidence < 0.1 for confidence in confidences) == page.right["glyph"][0]


def test_a_page_without_text_is_measured_too():
    empty = check_page(Page(9, 9, 0.0, ()), "AB")
    assert {level: (of.count, of.ece) for level, of in measure_calibration([empty]).items()} == {
        "glyph": (0, 0.0),
        "word": (0, 0.0),
        "row": (0, 0.0),
    }


def test_curves_of_little_are_curves():
    confidence = fit_confidence([check_page(_page("A"), "A")])
    assert isinstance(confidence, Confidence)
    assert 0.5 < confidence.row(0.5) < 1


def test_curves_never_fall():
    """What is surer and less often right is taken together with what is less sure."""
    pages = [check_page(_page("ABC"), "ABC"), check_page(_page("ABC", lambda: 0.99), "XYZ")]
    glyph = fit_confidence(pages).glyph
    assert glyph(0.9) == glyph(0.99)
    assert 0.3 < glyph(0.9) < 0.7
