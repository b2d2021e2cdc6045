from __future__ import annotations

import json

import numpy as np
import pytest

from app.training.gate.contest import Outcome
from app.training.gate.verdict import (
    CALIBRATION_MARGIN,
    Check,
    Verdict,
    check_calibration,
    check_classes,
    check_errors,
    check_taught,
)


def _of(right, written=None, confidence=None):
    """An outcome on single glyphs."""
    right = np.array(right, bool)
    return Outcome(
        (~right).astype(np.intp),
        np.ones(len(right), np.intp),
        np.array(["b"] * len(right) if written is None else list(written)),
        right,
        np.full(len(right), 0.5) if confidence is None else np.array(confidence),
        right,
    )


@pytest.mark.parametrize(
    "lost, gained, passes", [(4, 0, True), (5, 0, False), (9, 5, True), (20, 5, False), (0, 9, True)]
)
def test_more_errors_fail_where_chance_does_not_explain_them(lost, gained, passes):
    champion = _of([True] * lost + [False] * gained + [True] * 50)
    candidate = _of([False] * lost + [True] * gained + [True] * 50)
    check = check_errors("errors-on-synthetic", "glyphs", candidate, champion)
    assert check.passed is passes
    assert (check.figures["worse"], check.figures["better"]) == (lost, gained)


def test_a_character_that_is_hardly_read_any_more_fails():
    written = "a" * 30 + "b" * 30
    check = check_classes("classes", "glyphs", _of([True] * 50 + [False] * 10, written), _of([True] * 60, written))
    assert not check.passed
    [fallen] = check.figures["fallen"]
    assert (fallen["char"], fallen["support"]) == ("b", 30)
    assert fallen["drop"] == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    "support, lost", [(19, 19), (30, 6), (200, 19)], ids=["too few samples", "chance", "within the margin"]
)
def test_a_character_does_not_fall_by(support, lost):
    candidate = _of([False] * lost + [True] * (support - lost))
    assert check_classes("classes", "glyphs", candidate, _of([True] * support)).passed


def test_of_look_alikes_more_may_be_lost_to_each_other():
    for lost, passes in ((8, True), (12, False)):
        candidate = _of([False] * lost + [True] * (30 - lost), "O" * 30)
        assert check_classes("classes", "glyphs", candidate, _of([True] * 30, "O" * 30)).passed is passes


def test_a_candidate_may_be_a_little_less_honest_than_the_champion():
    right = [True, False] * 50
    honest = _of(right)
    for error, passes in ((CALIBRATION_MARGIN - 0.01, True), (CALIBRATION_MARGIN + 0.01, False)):
        boaster = _of(right, confidence=[0.5 + error] * 100)
        check = check_calibration("calibration", "glyphs", boaster, honest)
        assert check.passed is passes
        assert check.figures["candidate_calibration_error"] == pytest.approx(error)


@pytest.mark.parametrize(
    "candidate, champion, passes",
    [
        ([1, 1, 0], [1, 0, 0], True),
        ([1, 0, 0], [0, 1, 0], False),
        ([1, 0, 0], [1, 1, 0], False),
        ([1, 1], [1, 1], True),
    ],
    ids=["fewer errors", "as many", "more", "none left to mend"],
)
def test_of_corrections_something_must_have_been_learnt(candidate, champion, passes):
    assert check_taught("errors-on-corrections", "glyphs", _of(candidate), _of(champion)).passed is passes


def test_a_verdict_names_what_failed_and_is_json():
    good, bad = Check("a", True, "all is well", {}), Check("b", False, "too many errors", {"count": 3})
    verdict = Verdict("seed", "2", "1", (good, bad))
    assert not verdict.passed
    assert "too many errors" in verdict.sentence
    assert "all is well" not in verdict.sentence
    assert Verdict("seed", "2", "1", (good,)).passed
    document = json.loads(json.dumps(verdict.document()))
    assert document["passed"] is False
    assert document["sentence"] == verdict.sentence
    assert [check["code"] for check in document["checks"]] == ["a", "b"]
