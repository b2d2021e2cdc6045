"""Whether a bracket has its other half."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr.priors.brackets import log_bracket_prior
from app.ocr.priors.page_rows import PageRows

CHARS = "()[]1a"
PAIRS = [(0, 1), (2, 3)]


def _prior(rows: list[np.ndarray]) -> list[np.ndarray]:
    page = PageRows.of(rows)
    return page.split(log_bracket_prior(np.concatenate(rows), page, PAIRS))


def _sure(text: str) -> np.ndarray:
    return np.eye(len(CHARS))[[CHARS.index(char) for char in text]]


def _expected(*rows: str) -> list[str]:
    """Each row with a question mark for every bracket that is not expected where it stands."""
    priors = _prior([_sure(row) for row in rows])
    return [
        "".join("?" if prior[place, CHARS.index(char)] < -1 else char for place, char in enumerate(row))
        for row, prior in zip(rows, priors, strict=True)
    ]


@pytest.mark.parametrize(
    "row, expected",
    [
        ("a(1)a", "a(1)a"),
        ("a(1a", "a?1a"),
        ("aaa1)a", "aaa1?a"),
        ("(1]aa]", "?1]aa?"),  # a bracket early in the row may end its label
        ("aa)a(aa", "aa)a?aa"),
        ("aaa)a(aa", "aaa?a?aa"),
        ("[a(1)a]", "[a(1)a]"),
        ("11a", "11a"),
    ],
)
def test_a_bracket_is_expected_where_its_other_half_is(row: str, expected: str) -> None:
    assert _expected(row) == [expected]


@pytest.mark.parametrize("label", ["1)aaaa", "a)aaaa", "11)aaaa"])
def test_a_label_before_a_row_ends_in_a_bracket_that_nothing_opened(label: str) -> None:
    assert _expected(label) == [label]


def test_the_other_half_may_be_in_the_next_row_and_no_farther() -> None:
    assert _expected("aaa(1", "aaaa1)") == ["aaa(1", "aaaa1)"]
    assert _expected("aaa(1", "aaa", "aaaa1)") == ["aaa?1", "aaa", "aaaa1?"]


def test_the_less_sure_the_other_half_the_less_a_bracket_is_expected() -> None:
    row = _sure("(aaa1")
    priors = []
    for p in (0.0, 0.1, 0.5, 1.0):
        row[-1] = p * _sure(")")[0] + (1 - p) * _sure("1")[0]
        priors.append(_prior([row])[0][0, 0])
    assert priors == sorted(priors)
    assert priors[0] < -3
    assert priors[-1] == pytest.approx(0)


def test_what_is_no_bracket_is_left_alone(rng: np.random.Generator) -> None:
    rows = [rng.dirichlet(np.ones(len(CHARS)), count) for count in (1, 7)]
    for prior in _prior(rows):
        assert (prior[:, 4:] == 0).all()
        assert (prior <= 1e-12).all()


def test_it_is_what_products_over_glyphs_say(rng: np.random.Generator) -> None:
    rows = [rng.dirichlet(np.full(len(CHARS), 0.3), size) for size in (1, 7, 4, 1, 12)]
    priors = _prior(rows)
    for number, (row, prior) in enumerate(zip(rows, priors, strict=True)):
        after = rows[number + 1] if number + 1 < len(rows) else np.zeros((0, len(CHARS)))
        before = rows[number - 1] if number else np.zeros((0, len(CHARS)))
        for opening, closing in PAIRS:
            for place in range(len(row)):
                lonely = np.prod(1 - row[place + 1 :, closing]) * np.prod(1 - after[:, closing])
                assert prior[place, opening] == pytest.approx(np.log(0.03 + 0.97 * (1 - lonely)), abs=1e-9)
                lonely = np.prod(1 - row[:place, opening]) * np.prod(1 - before[:, opening])
                expected = 0.0 if place < 3 else np.log(0.03 + 0.97 * (1 - lonely))
                assert prior[place, closing] == pytest.approx(expected, abs=1e-9)
