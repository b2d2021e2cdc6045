from __future__ import annotations

import re

import numpy as np
import pytest

from app.ocr.patterns.automaton import Pattern
from app.ocr.patterns.spelling import spell_pattern
from tests.ocr.all_paths import all_paths, spelt

# Classes of the row network: the blank, 1, a space, A, B. The pattern's characters are in another order.
CHARS = " 1 AB"
KNOWN = "AB1"
ORDER = np.array([3, 4, 1, 2])


@pytest.mark.parametrize("source", [r"[A-B]\d", "A+", "(A|B1)*", "AA?", r"A\s?B", r"\w( \w)*", "B{2}"])
@pytest.mark.parametrize("seed", range(4))
def test_the_likeliest_path_is_found_of_all_that_fit(source, seed):
    rng = np.random.default_rng(seed)
    pattern = Pattern.compile(source, KNOWN)
    p = rng.dirichlet(np.full(5, 0.4), 4)

    def seen(path):
        """Read a path as the pattern does; spaces that do not matter are blanks."""
        if not pattern.has_spaces:
            path = [0 if label == 2 else label for label in path]
        return spelt(path)

    heard = p.copy()
    if not pattern.has_spaces:
        heard[:, 0], heard[:, 2] = p[:, 0] + p[:, 2], 0
    fitting = [
        (total, seen(path))
        for path, total in all_paths(heard)
        if (text := "".join(CHARS[label] for label in seen(path))) and re.fullmatch(source, text)
    ]
    best, text = max(fitting)
    found = spell_pattern(np.log(p), pattern, ORDER)
    assert found is not None
    assert tuple(found[0]) == text
    assert found[1] == pytest.approx(np.log(best), rel=1e-4)


def test_a_row_too_short_for_any_text_that_fits_has_none():
    p = np.full((3, 5), 0.2)
    assert spell_pattern(np.log(p), Pattern.compile("AAA", KNOWN), ORDER) is None  # two blanks are needed between
    assert spell_pattern(np.log(p), Pattern.compile("ABA", KNOWN), ORDER) is not None
