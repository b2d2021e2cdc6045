"""Evidence tells rows apart by what a network says and by how strokes run."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr import Alphabet
from app.ocr.judgement.evidence import EVIDENCE, RowEvidence
from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip

ALPHABET = Alphabet(" aAb1.")
GATHER = RowEvidence(ALPHABET)
COLUMNS = 20


def _strip(ink=None):
    pixels = np.zeros((STRIP_HEIGHT, COLUMNS * COLUMN_PX), np.uint8)
    if ink is not None:
        pixels[ink] = 255
    return Strip(pixels, 0, 1.0)


def _said(text, p=0.99, between=2):
    """Columns that say a text, each character in one, blanks between."""
    left = (1 - p) / len(ALPHABET)
    probabilities = np.full((COLUMNS, len(ALPHABET) + 1), left)
    probabilities[:, 0] = p
    for place, char in enumerate(text):
        column = 1 + between * place
        probabilities[column] = left
        probabilities[column, 1 + ALPHABET.chars.index(char)] = p
    return np.log(probabilities)


def _evidence(strip, log_p):
    return dict(zip(EVIDENCE, GATHER.of(strip, log_p), strict=True))


def test_every_number_has_a_name_of_its_own():
    assert len(GATHER.of(_strip(), _said("ab"))) == len(EVIDENCE) == len(set(EVIDENCE))


def test_evidence_tells_how_sure_the_network_is():
    sure, unsure = _evidence(_strip(), _said("abab")), _evidence(_strip(), _said("abab", 0.6))
    assert sure["sure"] == pytest.approx(np.log(0.99), abs=0.01)
    assert sure["sure"] > unsure["sure"]
    assert sure["entropy"] < unsure["entropy"]


def test_two_cases_of_one_shape_are_no_doubt():
    log_p = _said("b")
    log_p[1] = np.log(0.001)
    log_p[1, [2, 3]] = np.log(0.497)  # a and A
    assert _evidence(_strip(), log_p)["sure"] == pytest.approx(np.log(0.994), abs=0.01)


def test_evidence_counts_characters_by_kind():
    seen = _evidence(_strip(), _said("Ab1.a A"))
    assert seen["characters"] == pytest.approx(np.log1p(6))
    assert (seen["capitals"], seen["digits"], seen["signs"]) == pytest.approx((2 / 6, 1 / 6, 1 / 6))
    assert seen["spaces"] == pytest.approx(1 / 7)
    assert seen["changes"] == 1.0
    assert _evidence(_strip(), _said("abab"))["changes"] == 0.0


def test_a_character_over_several_columns_is_one():
    log_p = _said("")
    log_p[3:6] = _said("b")[1]
    assert _evidence(_strip(), log_p)["characters"] == pytest.approx(np.log(2))


def test_evidence_measures_strokes():
    down, across = np.s_[:, ::12], np.s_[::12, :]
    bars, lines = _evidence(_strip(down), _said("")), _evidence(_strip(across), _said(""))
    assert bars["level"] > 0.9
    assert lines["level"] < -0.9
    assert bars["strokes-down"] == pytest.approx(0.0)  # each column of ink is one run
    assert lines["strokes-down"] == pytest.approx(np.log(4))
    assert bars["ink"] == pytest.approx(np.log(1 / 12))
    assert bars["spread-across"] == bars["spread-down"] == 0.0


def test_a_thicker_pen_shows():
    thin, thick = (np.s_[20 : 20 + pen, :] for pen in (2, 6))
    assert _evidence(_strip(thick), _said(""))["pen"] > _evidence(_strip(thin), _said(""))["pen"] + 1


def test_a_strip_without_ink_or_text_has_finite_evidence():
    empty = Strip(np.zeros((STRIP_HEIGHT, 1), np.uint8), 0, 1.0)
    assert np.isfinite(GATHER.of(empty, _said("")[:1])).all()
