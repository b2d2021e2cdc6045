"""A reader of capitals, trained in seconds on our own pen font, and a language of a few words."""

from __future__ import annotations

import fcntl
import string

import numpy as np
import pytest

from app.datasets import Augmentation, GlyphStream, char_extents, plain_glyphs
from app.ocr import LANGUAGE_ARCHITECTURE, Alphabet, Language, Reader
from app.training import Run, build_language
from app.training.epochs.loop import train_phase
from app.training.recipes.recipe import Data, GlyphRecipe, Loss, Phase
from app.training.recipes.tables import AdamWTable
from tests.conftest import write_samples

CAPITALS = Alphabet(string.ascii_uppercase)
RECIPE = GlyphRecipe(
    model="capitals",
    description="Names capitals of imagined writers.",
    data=Data("imagined"),
    network={"name": "glyph-cnn", "stages": [[8], [16]], "hidden": 48, "dropout": 0.0},
    phases=(Phase(epochs=6, lr=4e-3, augmentation=Augmentation(capital_px=(16.0, 60.0), elastic=0.0, light=0.0)),),
    batch_size=64,
    shards=2,
    loss=Loss(smoothing=0.05),
    optimiser=AdamWTable(weight_decay=0.02),
)


@pytest.fixture(scope="session")
def trained_arrays(tmp_path_factory, testrun_uid):
    """Train a network that names the capitals of imagined writers; its arrays are not to be changed.

    That takes seconds: of the processes that share a run of the tests, the first to ask does it for all.
    """
    file = tmp_path_factory.getbasetemp().parent / f"capitals-{testrun_uid}.npz"
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            np.savez(file, **_train().arrays())
    with np.load(file) as arrays:
        return dict(arrays)


class _DrawnTwice(GlyphStream):
    """Draws two epochs, and shows them again and again: drawing takes longer than learning."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self._seen = {}

    def epoch(self, epoch):
        if epoch % 2 not in self._seen:
            self._seen[epoch % 2] = list(super().epoch(epoch))
        return iter(self._seen[epoch % 2])


def _train():
    writers, others = write_samples(CAPITALS.chars, 40), write_samples(CAPITALS.chars, 2, seed=1)
    glyphs = plain_glyphs(others)
    run = Run(RECIPE, CAPITALS, writers.fingerprint())
    augmentation = RECIPE.phases[0].augmentation
    with _DrawnTwice(writers, augmentation, batch_size=RECIPE.batch_size, seed=0, workers=0) as stream:
        train_phase(run, stream, [(glyphs, CAPITALS.encode(others.labels))])
    return run.network


@pytest.fixture(scope="session")
def card():
    """Describe the trained network with what a reader needs to know of it."""
    return {
        "alphabet": CAPITALS.chars,
        "architecture": {**RECIPE.network, "classes": len(CAPITALS)},
        "char_extents": char_extents(CAPITALS.chars),
        "calibration": {"temperature": 1.0},
    }


@pytest.fixture(scope="session")
def reader(card, trained_arrays):
    return Reader.from_card(card, trained_arrays)


@pytest.fixture(scope="session")
def english():
    """Know a few words, of which some are commoner, and what follows two of them."""
    counts = {
        "the": 900,
        "hello": 50,
        "world": 60,
        "road": 80,
        "bolt": 40,
        "barn": 30,
        "bam": 1,
        "dont": 20,
        "list": 50,
    }
    counts |= {"mill": 20, "milk": 60, "silk": 20, "till": 90, "code": 40, "coda": 2}
    arrays = build_language(counts, {("the", "road"): 300, ("the", "code"): 10, ("hello", "world"): 50})
    return Language.from_card({"architecture": {"name": LANGUAGE_ARCHITECTURE}}, arrays)
