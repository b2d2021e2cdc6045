"""Which letters of a word are capitals."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr.priors.letter_case import Letters, capital_share

UNSURE = 0.5  # of capital and small, where the height does not tell


def _read(*words: str, sentences: tuple[int, ...] = ()) -> str:
    """Return words in the case that they get; of a letter before a question mark nobody knows which it looks like.

    ``sentences`` are the numbers of words with which one begins.
    """
    looks, starts, chars = [], [], []
    for word in words:
        starts.append(len(looks))
        for place, char in enumerate(word):
            if char == "?":
                continue
            unsure = word[place + 1 : place + 2] == "?"
            chars.append(char)
            looks.append(
                [0.0, UNSURE, 1 - UNSURE]
                if unsure
                else [float(char.isdigit()), float(char.isupper()), float(char.islower())]
            )
    places = np.zeros((len(words), 3))
    places[:, 2] = 1
    places[list(sentences)] = [1, 0, 0]
    letters = Letters(np.array(looks), np.array(starts), places)
    share = capital_share(letters, np.full(len(chars), 0.5))
    assert ((share > 0) & (share < 1)).all()
    for place, char in enumerate(chars):
        if char.isalpha() and sum(looks[place]) == 1 and looks[place][1] == UNSURE:
            chars[place] = char.upper() if share[place] > 0.5 else char.lower()
    ends = [*starts[1:], len(chars)]
    return " ".join("".join(chars[start:end]) for start, end in zip(starts, ends, strict=True))


@pytest.mark.parametrize(
    "seen, text",
    [
        ("Nov?eMber", "NoveMber"),
        ("ThU?rsday", "Thursday"),
        ("MISs?OURI", "MISSOURI"),
        ("miS?souri", "missouri"),
        ("AH1166H7X?", "AH1166H7X"),
    ],
)
def test_a_letter_within_a_word_is_as_the_others(seen: str, text: str) -> None:
    assert _read(seen) == text


def test_the_first_word_of_a_sentence_has_a_capital_first() -> None:
    assert _read("s?crews", "and", "c?ups", sentences=(0,)) == "Screws and cups"


def test_a_page_of_capitals_has_them_in_doubtful_words_too() -> None:
    assert _read("OPEN", "THE", "V?ZX?", "DOOR") == "OPEN THE VZX DOOR"


def test_a_page_on_which_words_begin_with_capitals_has_one_there_too() -> None:
    assert _read("Name", "Town", "Road", "Date", "Item", "s?urname") == "Name Town Road Date Item Surname"


def test_a_capital_within_a_word_that_is_surely_one_stays() -> None:
    looks = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.97, 0.03], *[[0.0, 0.0, 1.0]] * 5])  # McDonald
    share = capital_share(Letters(looks, np.array([0]), np.array([[0.0, 0.0, 1.0]])), np.full(8, 0.5))
    assert share[2] * 0.97 > (1 - share[2]) * 0.03


def test_a_small_letter_among_capitals_has_to_be_surer_than_a_capital_among_small_ones() -> None:
    looks = np.array([*[[0.0, 1.0, 0.0]] * 4, [0.0, 0.03, 0.97]])  # RADIo
    share = capital_share(Letters(looks, np.array([0]), np.array([[0.0, 0.0, 1.0]])), np.full(5, 0.5))
    assert share[4] * 0.03 > (1 - share[4]) * 0.97


def test_a_page_of_numbers_is_no_page_of_capitals() -> None:
    assert _read("open", "the", *["4711"] * 16, "c?ow?s?").endswith("cows")


@pytest.mark.parametrize(
    "looks", [[[0.0, 0.5, 0.5]], [[0.0, 0.5, 0.5], [0.0, 0.0, 0.0]], [[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]]]
)
def test_of_a_letter_by_itself_nothing_is_said_but_what_is_usual(looks: list[list[float]]) -> None:
    letters = Letters(np.array(looks), np.array([0]), np.array([[1.0, 0.0, 0.0]]))
    assert capital_share(letters, np.full(len(looks), 0.3)) == pytest.approx(0.3)
