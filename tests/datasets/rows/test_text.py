from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pytest

from app.datasets.rows.text import imagine_text, imagine_word


def _texts(vocabulary: tuple[str, ...] = ("alpha",), chars: str = "~") -> list[str]:
    return [imagine_text(np.random.default_rng(seed), vocabulary, chars).text for seed in range(400)]


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """Rows where there is one word, and one character to choose by chance."""
    return _texts()


def test_the_same_seed_gives_the_same_text(texts: list[str]) -> None:
    assert _texts() == texts
    assert len(set(texts)) > 200


def test_texts_are_printable_ascii_and_begin_and_end_with_a_character(texts: list[str]) -> None:
    for text in [*texts, *_texts((), "aB3?")]:
        assert text.isascii()
        assert text.isprintable()
        assert text == text.strip() != ""


KINDS: dict[str, Callable[[str], object]] = {
    "a word": lambda text: text == "alpha",
    "in capitals": lambda text: text == "ALPHA",
    "with a capital": lambda text: text == "Alpha",
    "several words": lambda text: text in ("alpha alpha", "alpha alpha alpha"),
    "with a mark behind it": re.compile(r"alpha[.,!?:;]").fullmatch,
    "a code": re.compile(r"(?=.*[A-Z])(?=.*\d)[A-Z\d]{2,8}").fullmatch,
    "a number": re.compile(r"\d{3,4}").fullmatch,
    "a date or a time": re.compile(r"\d+([-/.:])\d+(\1\d+)?").fullmatch,
    "groups of digits": re.compile(r"\d+ \d+( \d+)?").fullmatch,
    "one character again and again": re.compile(r"~~~+").fullmatch,
    "each for itself": re.compile(r"~ ~( ~)*").fullmatch,
    "a word and a number": re.compile(r"(?i:alpha)[.,!?:;]? \d[-/.:\d ]*").fullmatch,
}


@pytest.mark.parametrize("is_of_the_kind", KINDS.values(), ids=KINDS)
def test_there_are_texts_of_every_kind_and_none_is_all_there_is(
    texts: list[str], is_of_the_kind: Callable[[str], object]
) -> None:
    assert 0 < sum(bool(is_of_the_kind(text)) for text in texts) < 0.3 * len(texts)


def test_what_is_chance_says_so() -> None:
    imagined = [imagine_text(np.random.default_rng(seed), ("alpha",), "~") for seed in range(400)]

    assert {text for text, at_random in imagined if at_random} == {text for text, _ in imagined if "~" in text}


def test_where_it_is_chance_only_the_characters_given_are_chosen(texts: list[str]) -> None:
    by_chance = [text for text in texts if "~" in text]
    assert 0.05 < len(by_chance) / len(texts) < 0.25
    assert all(set(text) <= {"~", " "} for text in by_chance)


def test_without_a_vocabulary_words_are_made_of_syllables() -> None:
    words = [imagine_word(np.random.default_rng(seed)) for seed in range(50)]
    assert len(set(words)) > 45
    assert all(re.fullmatch(r"[a-z]*[aeiou][a-z]*", word) for word in words)
    assert not any("alpha" in text.lower() for text in _texts(()))
    assert any(re.fullmatch(r"[a-z]{3,}", text) for text in _texts(()))
