from __future__ import annotations

import numpy as np
import pytest

from app.errors import InvalidInput
from app.nn import BLANK, log_softmax
from app.ocr.spelling.allow_list import allow_only
from app.ocr.spelling.beam_search import beam_search

ALLOWED = np.array([False, True, False, True])


def test_characters_share_what_those_had_that_are_not_allowed(rng):
    log_p = log_softmax(rng.normal(size=(5, 4)))
    p, shared = np.exp(log_p), np.exp(allow_only(log_p, ALLOWED))
    np.testing.assert_allclose(shared.sum(axis=1), 1)
    np.testing.assert_allclose(shared[:, BLANK], p[:, BLANK])
    np.testing.assert_array_equal(shared[:, 2], 0)
    np.testing.assert_allclose(shared[:, 1] / shared[:, 3], p[:, 1] / p[:, 3])


def test_no_character_is_lost_for_not_being_allowed():
    log_p = np.log([[0.98, 0.01, 0.005, 0.005], [0.02, 0.004, 0.975, 0.001], [0.98, 0.01, 0.005, 0.005]])
    text, _ = beam_search(allow_only(log_p, ALLOWED), 4)
    assert text == (1,)


def test_allowing_nothing_is_refused():
    with pytest.raises(InvalidInput, match="expected at least one character"):
        allow_only(np.zeros((3, 4)), np.array([True, False, False, False]))
