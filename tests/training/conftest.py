"""A recipe and data small enough to train in a second."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from app.datasets import Augmentation, StrokeSet, plain_glyphs
from app.nn import Array
from app.ocr import Alphabet
from app.training.epochs.glyph_data import GlyphDataset, load_glyph_data
from app.training.recipes.recipe import Data, GlyphRecipe, Loss, Phase
from tests.conftest import save_unipen, write_samples

TINY = GlyphRecipe(
    model="tiny",
    description="Is trained in a second.",
    data=Data(name="unipen", max_doubt=8),
    network={"name": "glyph-cnn", "stages": [[4], [8]], "hidden": 16, "dropout": 0.1},
    phases=(Phase(epochs=3, lr=1e-2, augmentation=Augmentation()),),
    batch_size=24,
    shards=2,
    loss=Loss(smoothing=0.05),
    seed=1,
)


CHARS = "0123456789ABO.l"


def phased(recipe: GlyphRecipe = TINY, **changes: object) -> GlyphRecipe:
    """Return the recipe with its only phase changed."""
    return replace(recipe, phases=(replace(recipe.phases[0], **changes),))


@pytest.fixture(scope="session")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root with UNIPEN's files, small; every tenth label of either is doubtful."""
    root = tmp_path_factory.mktemp("data")
    (root / "unipen").mkdir()
    for seed, (split, writers) in enumerate({"train": 8, "valid": 2}.items()):
        samples = write_samples(CHARS, writers, seed)
        doubt = np.where(np.arange(len(samples)) % 10 == 0, 9, 0).astype(np.int16)
        save_unipen(root / "unipen", split, dataclasses.replace(samples, doubt=doubt))
    return root


@pytest.fixture(scope="session")
def data(root: Path) -> GlyphDataset:
    return load_glyph_data(TINY.data, root)


def as_validation(samples: StrokeSet, alphabet: Alphabet) -> tuple[Array, NDArray[np.int64]]:
    """Draw every sample plainly: glyphs and their classes."""
    glyphs = plain_glyphs(samples)
    return glyphs, alphabet.encode(samples.labels)


@pytest.fixture(scope="session")
def validation(pen_samples: StrokeSet) -> tuple[Array, NDArray[np.int64]]:
    """Give the characters of `pen_samples` by three other writers."""
    return as_validation(write_samples(pen_samples.alphabet, writers=3, seed=1), Alphabet(pen_samples.alphabet))
