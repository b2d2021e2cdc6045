"""The decision whether a row is read: one row alone, and all rows of a page."""

from __future__ import annotations

import numpy as np
import pytest

from app.errors import CorruptModel
from app.ocr import EVIDENCE, Kind, Likeness, Limits, seen_together

E = len(EVIDENCE)
WRITING, NOTHING, FOREIGN = np.eye(3) * 0.98 + 0.01 * (1 - np.eye(3))


def _likeness(read=0.05, foreign=0.5, written=0.0):
    """Writing is sure, nothing is not; what is long and unsure is foreign."""
    weight = np.zeros((1 + 2 * E, 3))
    weight[1 + EVIDENCE.index("sure")] = [4, -4, 0]
    weight[1 + EVIDENCE.index("length")] = [0, -2, 2]
    return Likeness(weight, np.zeros(E), np.ones(E), Limits(read, foreign, written))


def _evidence(sure, length=0.0):
    numbers = np.zeros(E)
    numbers[EVIDENCE.index("sure")], numbers[EVIDENCE.index("length")] = sure, length
    return numbers


def _card(**changes):
    return {"evidence": list(EVIDENCE), "limits": {"read": 0.05, "foreign": 0.5}, **changes}


def test_rows_are_judged_by_their_evidence():
    page = np.array([_evidence(2), _evidence(2, -1), _evidence(-2)])
    assert _likeness().p(page).argmax(axis=1).tolist() == [Kind.WRITING, Kind.WRITING, Kind.NOTHING]
    assert _likeness().p(page).sum(axis=1) == pytest.approx(1)
    assert _likeness().p(np.array([_evidence(-1, 3)])).argmax() == Kind.FOREIGN


def test_evidence_farther_out_than_any_seen_counts_no_more():
    assert _likeness().p(np.array([_evidence(-100)])) == pytest.approx(_likeness().p(np.array([_evidence(-4)])))


def test_a_row_is_read_unless_hardly_anything_speaks_for_it():
    page = np.array([_evidence(-0.3)])
    assert _likeness(0.05).judge(page) == [Kind.WRITING]
    assert _likeness(0.9).judge(page) == [Kind.NOTHING]


def test_a_page_is_written_on_only_if_one_row_surely_is():
    page = np.array([_evidence(0.1), _evidence(-0.1)])
    surest = seen_together(_likeness().p(page))[:, Kind.WRITING].max()
    assert _likeness(written=surest).judge(page) == [Kind.WRITING, Kind.WRITING]
    assert _likeness(written=surest + 0.01).judge(page) == [Kind.NOTHING, Kind.NOTHING]


def test_a_page_without_rows_has_nothing_to_judge():
    assert _likeness().judge(np.zeros((0, E))) == []


def test_one_doubtful_row_on_a_page_of_writing_is_writing():
    doubtful = np.array([0.3, 0.2, 0.5])
    assert seen_together(np.array([doubtful] + [WRITING] * 10))[0].argmax() == Kind.WRITING


def test_a_row_of_writing_that_looks_foreign_is_read_among_many_others():
    """Of a list of ten, nine are surely writing: the tenth is no reason why the page should hold another script."""
    looks_foreign = np.array([0.03, 0.004, 0.966])
    assert seen_together(np.array([looks_foreign] + [WRITING] * 9))[0].argmax() == Kind.WRITING
    assert seen_together(np.array([looks_foreign, WRITING]))[0].argmax() == Kind.FOREIGN


def test_one_doubtful_row_on_a_page_in_another_script_is_foreign():
    doubtful = np.array([0.4, 0.2, 0.4])
    assert seen_together(np.array([doubtful] + [FOREIGN] * 10))[0].argmax() == Kind.FOREIGN


def test_a_page_is_in_another_script_only_if_one_row_surely_is():
    page = np.array([_evidence(-1, 3), _evidence(-1, 1)])
    assert _likeness(foreign=0.9).judge(page) == [Kind.FOREIGN, Kind.FOREIGN]
    assert _likeness(foreign=1.0).judge(page) == [Kind.NOTHING, Kind.NOTHING]


def test_a_stored_decision_decides_as_before():
    page = np.array([_evidence(0.4, 0.2)])
    again = Likeness.from_card(_card(), _likeness().arrays())
    assert again.p(page) == pytest.approx(_likeness().p(page))
    assert again.limits == Limits(0.05, 0.5)


@pytest.mark.parametrize(
    "card, changes",
    [
        ({"evidence": ["sure"]}, {}),
        ({"limits": {"read": "much", "foreign": 0.5}}, {}),
        ({"limits": {"read": 0.1}}, {}),
        ({}, {"weight": np.zeros((3, 3))}),
        ({}, {"mean": np.zeros(2)}),
        ({}, {"spread": np.zeros(E)}),
    ],
)
def test_a_decision_about_other_evidence_is_refused(card, changes):
    with pytest.raises(CorruptModel):
        Likeness.from_card(_card(**card), {**_likeness().arrays(), **changes})


def test_a_card_that_lacks_something_is_refused():
    with pytest.raises(CorruptModel, match="limits"):
        Likeness.from_card({"evidence": list(EVIDENCE)}, _likeness().arrays())
