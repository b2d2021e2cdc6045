from __future__ import annotations

import numpy as np
import pytest

from app.errors import InvalidInput
from app.ocr import Alphabet
from app.ocr.alphabet import look_alike_groups, shape_groups


def test_labels_are_encoded_by_their_place():
    classes = Alphabet("xyz").encode("zxxy")
    assert classes.tolist() == [2, 0, 0, 1]
    assert classes.dtype == np.int64
    assert Alphabet("xyz").encode(np.array(["y", "z"])).tolist() == [1, 2]
    assert Alphabet("xyz").encode([]).tolist() == []


def test_an_alphabet_counts_its_characters():
    assert len(Alphabet("aAß€")) == 4


@pytest.mark.parametrize("chars", ["", "aba"])
def test_an_alphabet_without_characters_or_with_one_twice_is_refused(chars):
    with pytest.raises(InvalidInput, match="each once"):
        Alphabet(chars)


def test_a_label_that_is_not_in_the_alphabet_is_refused_by_name():
    with pytest.raises(InvalidInput, match="'é€'"):
        Alphabet("abc").encode("a€bé€")


def test_a_mask_is_true_for_what_is_allowed():
    assert Alphabet("abcd").mask("db").tolist() == [False, True, False, True]
    assert Alphabet("abcd").mask("aaa").tolist() == [True, False, False, False]


@pytest.mark.parametrize("allowed", ["", "ax"])
def test_a_mask_of_nothing_or_of_unknown_characters_is_refused(allowed):
    with pytest.raises(InvalidInput):
        Alphabet("abcd").mask(allowed)


def test_cases_and_rings_have_one_shape():
    alphabet = Alphabet("aA0oil1|9g8")
    alike = (shape_groups(alphabet) @ shape_groups(alphabet).T).astype(bool)
    same = {tuple(sorted(alphabet.chars[place] for place in np.flatnonzero(row))) for row in alike}
    assert same == {("A", "a"), ("0", "o"), ("i",), ("1", "l", "|"), ("9",), ("g",), ("8",)}


def test_look_alikes_are_together_and_no_shape_is_parted():
    alphabet = Alphabet("".join(map(chr, range(33, 127))))
    alike, roughly = (groups(alphabet) @ groups(alphabet).T for groups in (shape_groups, look_alike_groups))
    assert (alike <= roughly).all()
    for pair, similar in {"9g": 1, "8B": 1, "5S": 1, "il": 1, "9a": 0, "68": 1, "A4": 0}.items():
        assert roughly[tuple(alphabet.encode(pair))] == similar
