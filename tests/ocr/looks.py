"""Glyphs that look like one character or like another, for what weighs whole words."""

from __future__ import annotations

import numpy as np

from app.ocr.priors.prior import Decoded


def looks(text, alphabet):
    """Probabilities (N, K) of glyphs; ``[0O]`` is one that looks most like the first and a little less like others."""
    glyphs: list[str] = []
    for part in text.replace("[", " [").replace("]", " ").split():
        glyphs += [part[1:]] if part.startswith("[") else list(part)
    p = np.full((len(glyphs), len(alphabet)), 1e-5)
    for row, chars in zip(p, glyphs, strict=True):
        row[alphabet.encode(chars)] = np.linspace(1.2, 1.0, len(chars))
    return p / p.sum(axis=1, keepdims=True)


def read(prior, text, alphabet, words=None):
    """Return what glyphs become by a prior; `words` are the lengths of those that they make, one if not given."""
    p = looks(text, alphabet)
    p_space = np.zeros(len(p) - 1)
    p_space[np.cumsum(words or [len(p)])[:-1] - 1] = 1.0
    [weighed] = prior.weigh([Decoded(p, p_space)])
    np.testing.assert_allclose(weighed.sum(axis=1), 1.0)
    return "".join(alphabet.chars[index] for index in weighed.argmax(axis=1))
