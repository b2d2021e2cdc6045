from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from app.nn import BLANK, ctc_loss, log_softmax
from app.ocr.spelling.alignment import align
from app.ocr.spelling.posteriors import character_posteriors
from tests.ocr.all_paths import spelt


def _by_all_paths(p, text, peaks, place):
    """Sum over all paths between the neighbours' peaks of those that spell one character, or none."""
    before, after = text[:place][-1:], text[place + 1 :][:1]
    start = peaks[place - 1] + 1 if before else 0
    stop = peaks[place + 1] if after else len(p)
    total = np.zeros(p.shape[1])
    for path in product(range(p.shape[1]), repeat=stop - start):
        between = spelt((*before, *path, *after))
        for label in range(p.shape[1]):
            if between == before + ((label,) if label != BLANK else ()) + after:
                total[label] += np.prod(p[np.arange(start, stop), path])
    return total / total.sum()


@pytest.mark.parametrize("text", [(1,), (1, 2), (1, 1), (1, 2, 1), (2, 2, 3), (3, 1, 2, 2)])
@pytest.mark.parametrize("sharpness", [1, 4])
def test_the_columns_between_the_neighbours_are_asked_by_all_paths(text, sharpness, rng):
    for _ in range(3):
        log_p = log_softmax(sharpness * rng.normal(size=(6, 4)))
        alignment = align(log_p, text)
        expected = [_by_all_paths(np.exp(log_p), text, alignment.peaks, place) for place in range(len(text))]
        np.testing.assert_allclose(character_posteriors(log_p, text, alignment), expected, atol=1e-7)


def _peaky(text, every, rivals=()):
    """A row (T, 10) that spells the text, a character in every so many columns; rivals are (place, class, logit)."""
    logits = np.zeros((every * len(text), 10))
    logits[:, BLANK] = 9
    for place, label in enumerate(text):
        at = every * place + every // 2
        logits[at : at + 2, BLANK] = 4
        logits[at : at + 2, label] = 10
    for place, label, logit in rivals:
        at = every * place + every // 2
        logits[at : at + 2, label] = logit
    return log_softmax(logits)


def test_the_whole_row_says_the_same_where_neighbours_are_clear():
    """The text with one character replaced or left out, beside all such texts: what the short sum stands for."""
    text = (3, 3, 7, 1)
    log_p = _peaky(text, 6, [(1, 5, 9.5), (2, BLANK, 9.5)])
    posteriors = character_posteriors(log_p, text, align(log_p, text))
    for place in range(len(text)):
        others = [text[:place] + ((label,) if label != BLANK else ()) + text[place + 1 :] for label in range(10)]
        logs = [
            -ctc_loss(log_p[None], np.array([len(log_p)]), np.array([other]), np.array([len(other)]))[0]
            for other in others
        ]
        expected = np.exp(logs) / np.exp(logs).sum()
        np.testing.assert_allclose(posteriors[place], expected, atol=0.01)
    assert posteriors[1].argsort()[-2:].tolist() == [5, 3]
    assert posteriors[2].argsort()[-2:].tolist() == [BLANK, 7]


def test_columns_agree_on_a_character_so_two_are_surer_than_one():
    log_p = _peaky((4,), 8, [(0, 6, 9)])
    (posteriors,) = character_posteriors(log_p, (4,), align(log_p, (4,)))
    column = np.exp(log_p[4])
    assert posteriors[4] / posteriors[6] > 1.5 * column[4] / column[6]


@pytest.mark.parametrize("every", [2, 3, 100])
def test_each_place_adds_up_to_one_and_a_clear_character_is_sure(every):
    text = (1, 2, 2, 9, 1) if every > 2 else (1, 2, 3, 9, 1)
    log_p = _peaky(text, every).astype(np.float32)
    posteriors = character_posteriors(log_p, text, align(log_p, text))
    np.testing.assert_allclose(posteriors.sum(axis=1), 1)
    assert (posteriors[np.arange(5), text] > 0.95).all()


def test_even_a_text_out_of_the_question_gets_probabilities(rng):
    log_p = log_softmax(60 * rng.normal(size=(90, 6)))
    log_p[:, 4] = -np.inf
    text = (1, 4, 2, 4)
    posteriors = character_posteriors(log_p, text, align(log_p, text))
    np.testing.assert_allclose(posteriors.sum(axis=1), 1)
    np.testing.assert_array_equal(posteriors[:, 4], 0)


def test_no_text_has_no_places():
    log_p = _peaky((1,), 6)
    assert character_posteriors(log_p, (), align(log_p, ())).shape == (0, 10)
