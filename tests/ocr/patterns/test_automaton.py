"""Patterns against Python's own regular expressions: what fits, and which of all that fit is likeliest."""

from __future__ import annotations

import re
from itertools import product

import numpy as np
import pytest

from app.errors import InvalidInput
from app.ocr.patterns.automaton import Pattern

KNOWN = "AB01-l"
PATTERNS = [
    r"[A-C]{2}\d{2}",
    r"(A|B1)*0?",
    r"\w-?\d+",
    r"A{0,2}(B|01)+",
    r"^(?:AB|BA)+$",
    r"[^A ]{1,3}",
    r"\d\d\s\d+",
    r"\d+( \d+)*",
    r"(A*)*l?",
    r"[A-B ]+",
    r"(|A)B",
    r"[^\d ]+\d{2,}",
    r"[A\-0]+",
    r"\S{2,3}",
    r"((A?B?){2}){1,2}",
]


def _written(classes, spaces):
    return "".join(KNOWN[char] + " " * int(space) for char, space in zip(classes, [*spaces, False], strict=True))


def _all_texts(glyphs, pattern):
    """Give every reading of some glyphs that Python takes for a match: characters and spaces."""
    for spaces in product([False, True], repeat=glyphs - 1):
        if any(spaces) and not pattern.has_spaces:
            continue
        for classes in product(range(len(KNOWN)), repeat=glyphs):
            if re.fullmatch(pattern.source, _written(classes, spaces)):
                yield classes, spaces


@pytest.mark.parametrize("source", PATTERNS)
@pytest.mark.parametrize("glyphs", [1, 2, 3])
def test_the_likeliest_text_that_python_matches_is_found(source, glyphs, rng):
    pattern = Pattern.compile(source, KNOWN)
    p, p_space = rng.dirichlet(np.full(len(KNOWN), 0.5), glyphs), rng.uniform(size=glyphs - 1)

    def score(classes, spaces):
        gaps = np.where(spaces, p_space, 1 - p_space) if pattern.has_spaces else np.ones(glyphs - 1)
        return np.log(p[np.arange(glyphs), classes]).sum() + np.log(gaps).sum()

    texts = list(_all_texts(glyphs, pattern))
    fit = pattern.fit(p, p_space)
    if fit is None:
        assert texts == []
        return
    classes, spaces = max(texts, key=lambda text: score(*text))
    assert (tuple(fit.classes), tuple(fit.is_space)) == (classes, spaces)
    best_gaps = np.maximum(p_space, 1 - p_space) if pattern.has_spaces else np.ones(glyphs - 1)
    best_of_all = np.log(p.max(axis=1)).sum() + np.log(best_gaps).sum()
    assert fit.cost == pytest.approx(best_of_all - score(classes, spaces))


@pytest.mark.parametrize("source", PATTERNS)
def test_what_may_stand_in_a_place_is_what_python_still_matches(source, rng):
    pattern = Pattern.compile(source, KNOWN)
    for glyphs in (1, 2, 3, 4):
        fit = pattern.fit(rng.dirichlet(np.full(len(KNOWN), 0.5), glyphs), rng.uniform(size=glyphs - 1))
        if fit is None:
            continue
        exchangeable = pattern.exchangeable(fit)
        for place, char in product(range(glyphs), range(len(KNOWN))):
            changed = [*fit.classes[:place], char, *fit.classes[place + 1 :]]
            matches = re.fullmatch(source, _written(changed, fit.is_space)) is not None
            assert exchangeable[place, char] == matches


@pytest.mark.parametrize("source", PATTERNS)
def test_a_text_is_accepted_where_python_matches_it(source):
    pattern = Pattern.compile(source, KNOWN)
    for glyphs in (1, 2, 3):
        for classes in product(range(len(KNOWN)), repeat=glyphs):
            for spaces in product([False, True], repeat=glyphs - 1):
                text = _written(classes, spaces)
                assert pattern.accepts(text) == (re.fullmatch(source, text) is not None), text
    assert not pattern.accepts("")


def test_a_point_takes_everything_but_a_space():
    pattern = Pattern.compile("..", KNOWN)
    assert not pattern.has_spaces
    assert pattern.accepts("A-")
    assert not pattern.accepts("A -")


def test_only_allowed_characters_fit():
    pattern = Pattern.compile(r"\w\d", KNOWN, np.array([char in "B0" for char in KNOWN]))
    fit = pattern.fit(np.full((2, len(KNOWN)), 1 / len(KNOWN)), np.array([0.5]))
    assert fit is not None
    assert _written(fit.classes, fit.is_space) in ("B0", "00")


@pytest.mark.parametrize("source", ["", "A{0}", "(())*", r"\s", "^$", "((){200}){200}"])
def test_a_pattern_that_fits_nothing_that_can_be_written_is_refused(source):
    with pytest.raises(InvalidInput, match="some text of the allowed characters"):
        Pattern.compile(source, KNOWN)


def test_a_pattern_and_an_allow_list_that_exclude_each_other_are_refused():
    with pytest.raises(InvalidInput, match="some text of the allowed characters"):
        Pattern.compile(r"\d+", KNOWN, np.array([char in "AB" for char in KNOWN]))


@pytest.mark.parametrize("source", ["(A{150}){150}", "(((A{5}){5}){5}){5}", "A{121}", "(A?){200}"])
def test_a_pattern_that_grows_too_large_is_refused(source):
    with pytest.raises(InvalidInput, match="at most 120 characters, repetitions written out"):
        Pattern.compile(source, KNOWN)


def test_a_pattern_with_too_many_ways_is_refused():
    with pytest.raises(InvalidInput, match="expected a simpler one"):
        Pattern.compile("(A?B?){60}", KNOWN)
