from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from app.errors import CorruptModel
from app.ocr import Alternative, Break, Confidence, Curve, Glyph, Row, Word
from app.ocr.judgement.confidence import curve_scale, row_score, word_scores
from app.vision import Box

SAME = Curve(curve_scale(np.linspace(0.001, 0.999, 999)), np.linspace(0.001, 0.999, 999))
LINEAGES = [("a", "a-before"), ("b",), None]
HALF = Curve(np.zeros(1), np.array([0.5]))


def _glyph(confidence, p_space, others=()):
    box = Box(0, 0, 9, 5)
    return Glyph("A", confidence, box, Break("none", 1.0, p_space), tuple(Alternative("B", p) for p in others))


ROW = Row(
    (
        Word((_glyph(0.9, 0.2, [0.06, 0.03]), _glyph(0.5, 0.75, [0.4, 0.1]))),
        Word((_glyph(0.8, 1.0, [0.2]),)),
    )
)


def _glyphs(row):
    return [glyph for word in row.words for glyph in word.glyphs]


def test_a_word_is_as_likely_as_its_glyphs_and_the_gaps_around_them():
    assert word_scores(ROW) == pytest.approx([0.9 * 0.5 * 0.8 * 0.75, 0.8 * 0.75])
    assert row_score(ROW) == pytest.approx(0.9 * 0.5 * 0.8 * 0.8 * 0.75)


def test_each_level_follows_its_curve():
    [row] = Confidence(HALF, Curve(np.zeros(1), np.array([0.25])), Curve(np.zeros(1), np.array([0.125]))).apply([ROW])
    assert [glyph.confidence for glyph in _glyphs(row)] == [0.5] * 3
    assert [word.confidence for word in row.words] == [0.25] * 2
    assert row.confidence == 0.125
    assert (row.text, row.box) == (ROW.text, ROW.box)


def test_words_are_weighed_with_the_new_confidences_of_their_glyphs():
    [row] = Confidence(HALF, SAME, SAME).apply([ROW])
    assert row.words[1].confidence == pytest.approx(0.5 * 0.75, abs=2e-3)
    assert row.confidence == pytest.approx(0.5**3 * 0.8 * 0.75, abs=2e-3)


@pytest.mark.parametrize("share", [0.01, 0.2, 0.5, 0.9, 0.999, 1.0])
def test_alternatives_share_what_is_left_and_are_never_likelier_than_the_glyph(share):
    [row] = Confidence(Curve(np.zeros(1), np.array([share])), SAME, SAME).apply([ROW])
    for glyph in _glyphs(row):
        confidences = [glyph.confidence, *(other.confidence for other in glyph.alternatives)]
        assert sum(confidences) <= 1 + 1e-9
        assert all(one >= other for one, other in pairwise(confidences))


def test_a_curve_never_falls_and_stays_level_beyond_its_ends():
    curve = Curve(curve_scale(np.array([0.3, 0.6, 0.9])), np.array([0.2, 0.2, 0.7]))
    values = [curve(p) for p in np.linspace(0, 1, 101)]
    assert all(before <= after for before, after in pairwise(values))
    assert (values[0], values[-1]) == (0.2, 0.7)
    assert curve(0.6) == pytest.approx(0.2)


def test_what_is_stored_is_what_comes_back():
    stored = Confidence(SAME, HALF, SAME)
    again = Confidence.from_card({"fitted_for": ["a", "b", None]}, stored.arrays(), LINEAGES)
    assert again is not None
    assert again.apply([ROW]) == stored.apply([ROW])


def test_curves_count_for_what_was_trained_on_from_what_they_were_fitted_for():
    stored = Confidence(SAME, HALF, SAME)
    assert Confidence.from_card({"fitted_for": ["a-before", "b", None]}, stored.arrays(), LINEAGES) is not None


@pytest.mark.parametrize(
    "fitted_for", [["a", "c", None], ["a", None, None], ["b", "a", None], ["a", "b", "c"], ["a", "b"], None]
)
def test_curves_of_other_networks_do_not_count(fitted_for):
    assert Confidence.from_card({"fitted_for": fitted_for}, Confidence(SAME, HALF, SAME).arrays(), LINEAGES) is None


@pytest.mark.parametrize(
    "change",
    [
        {"word.places": np.array([1.0, 0.0]), "word.shares": np.array([0.5, 0.6])},
        {"word.places": np.array([0.0, 1.0]), "word.shares": np.array([0.6, 0.5])},
        {"word.places": np.zeros(0), "word.shares": np.zeros(0)},
        {"word.places": np.array([0.0, 1.0])},
    ],
    ids=["falling places", "falling shares", "nothing", "other lengths"],
)
def test_what_is_no_curve_is_refused(change):
    with pytest.raises(CorruptModel, match="as word"):
        Confidence.from_arrays({**Confidence(SAME, HALF, SAME).arrays(), **change})


def test_a_missing_curve_is_refused_by_name():
    arrays = Confidence(SAME, HALF, SAME).arrays()
    del arrays["row.shares"]
    with pytest.raises(CorruptModel, match=r"row\.shares"):
        Confidence.from_arrays(arrays)
