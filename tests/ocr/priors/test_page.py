"""How much a page's characters say about each other."""

from __future__ import annotations

import numpy as np

from app.ocr.priors.page import log_page_prior


def _sure(classes, of=20):
    return np.eye(of)[list(classes)]


def test_it_is_a_probability_for_each_glyph(rng):
    p = rng.dirichlet(np.full(20, 0.1), 50)
    np.testing.assert_allclose(np.exp(log_page_prior(p)).sum(axis=1), 1.0)


def test_a_glyph_says_nothing_of_itself():
    """Each of two glyphs is told of the other alone."""
    prior = log_page_prior(_sure([3, 7]))
    assert prior[0].argmax() == 7
    assert prior[1].argmax() == 3


def test_the_fewer_characters_a_page_shows_the_less_a_new_one_is_expected():
    one, some, many = (log_page_prior(_sure(np.arange(60) % different))[0] for different in (1, 5, 20))
    assert one.min() < some.min() < many.min()
    assert one.max() > some.max() > many.max()


def test_the_longer_a_page_of_one_character_the_surer_it_is():
    lacks = [np.ptp(log_page_prior(_sure([4] * count))[0]) for count in (2, 10, 50)]
    assert lacks == sorted(lacks)
    assert lacks[0] < 1.5 < lacks[1]


def test_the_only_glyph_of_a_page_may_be_anything():
    np.testing.assert_allclose(log_page_prior(_sure([5])), np.log(1 / 20))
