"""Figures that look nearly like a date become one, and others stay as they look."""

from __future__ import annotations

import numpy as np
import pytest

from app.ocr import Alphabet
from app.ocr.priors.dates import DatePrior
from app.ocr.priors.prior import Decoded
from tests.ocr.looks import looks, read

ALPHABET = Alphabet("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.,'-!/:()$")
PRIOR = DatePrior(ALPHABET)


def _read(text, words=None):
    return read(PRIOR, text, ALPHABET, words)


@pytest.mark.parametrize(
    "seen, text",
    [
        ("04[1/]05/2015", "04/05/2015"),
        ("04[1/]05[1/]2015", "04/05/2015"),
        ("1[17]:45", "11:45"),
        ("1[7.]45", "1745"),
        ("[Z2]8.[I1]0.25", "28.10.25"),
        ("28.10.[S5]5", "28.10.55"),
        ("2015-[81]0-04", "2015-10-04"),
        ("[(1]3/05/2015", "13/05/2015"),
        ("17[.:]26", "17:26"),
    ],
)
def test_what_is_nearly_a_date_becomes_one(seen, text):
    assert _read(seen) == text


@pytest.mark.parametrize("text", ["(3/05/2015)", "$28.10.25", "28.10.25,", "17:26!", "(17:26)"])
def test_marks_around_a_date_stay(text):
    assert _read(text) == text


@pytest.mark.parametrize(
    "seen, text",
    [
        ("[1/]26", "126"),
        ("44[1/]65/2015", "44165/2015"),
        ("A[1/]2B3C", "A12B3C"),
        ("9[1/]8[1/]7654", "9181" + "7654"),
        ("44[1:]99", "44199"),
        ("code[1l]", "code1"),
        ("codes1:2[Z3]", "codes1:2Z"),
    ],
)
def test_what_is_no_date_stays_as_it_looks(seen, text):
    assert _read(seen) == text


def test_each_word_is_by_itself():
    assert _read("04[1/]05/2015", words=[5, 5]) == "04105/2015"


def test_what_is_sure_is_not_touched():
    p = looks("0410512015", ALPHABET)
    [weighed] = PRIOR.weigh([Decoded(p, np.zeros(len(p) - 1))])
    np.testing.assert_array_equal(weighed, p)


def test_an_alphabet_without_marks_has_no_dates():
    digits = Alphabet("0123456789")
    p = np.full((8, 10), 0.1)
    [weighed] = DatePrior(digits).weigh([Decoded(p, np.zeros(7))])
    np.testing.assert_allclose(weighed, p)


def test_what_is_not_allowed_does_not_come_out():
    p = looks("04[1/]05[1/]2015", ALPHABET)
    p[:, ALPHABET.encode("/")] = 0
    [weighed] = PRIOR.weigh([Decoded(p, np.zeros(len(p) - 1))])
    assert not weighed[:, ALPHABET.encode("/")].any()


def test_a_row_without_glyphs_is_no_date():
    [weighed] = PRIOR.weigh([Decoded(np.zeros((0, len(ALPHABET))), np.zeros(0))])
    assert weighed.shape == (0, len(ALPHABET))
