"""Glyphs that look like one character or like another, for what weighs whole words."""

from __future__ import annotations

import numpy as np


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
    numbers = np.zeros(len(p), np.intp) if words is None else np.repeat(np.arange(len(words)), words)
    [weighed] = prior.weigh([(p, numbers)])
    np.testing.assert_allclose(weighed.sum(axis=1), 1.0)
    return "".join(alphabet.chars[index] for index in weighed.argmax(axis=1))
