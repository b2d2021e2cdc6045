"""A recipe and data small enough to train in a second."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from app.datasets import PLAIN, StrokeSet, render_glyphs
from app.nn import Array
from app.ocr import Alphabet
from app.training.recipe import Recipe
from tests.conftest import write_samples

TINY = Recipe(
    architecture={"name": "glyph-cnn", "stages": [[4], [8]], "hidden": 16, "dropout": 0.1},
    epochs=3,
    batch_size=24,
    lr=1e-2,
    seed=1,
)


def as_validation(samples: StrokeSet, alphabet: Alphabet) -> tuple[Array, NDArray[np.int64]]:
    """Draw every sample plainly: glyphs and their classes."""
    glyphs = render_glyphs(samples, np.arange(len(samples)), PLAIN, np.random.default_rng(0))
    return glyphs, alphabet.encode(samples.labels)


@pytest.fixture(scope="session")
def validation(pen_samples: StrokeSet) -> tuple[Array, NDArray[np.int64]]:
    """Give the characters of `pen_samples` by three other writers."""
    return as_validation(write_samples(pen_samples.alphabet, writers=3, seed=1), Alphabet(pen_samples.alphabet))
