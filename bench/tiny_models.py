"""Models so small that they are trained in a moment, for what is measured of the service around them."""

from __future__ import annotations

from pathlib import Path

from app.datasets import Augmentation, plain_glyphs
from app.datasets.pens.pen_font import load_pen_font
from app.datasets.sources.synthetic import synthesise
from app.ocr import Alphabet
from app.store import CHAMPION, ModelStore
from app.training import Data, GlyphDataset, GlyphRecipe, Phase, publish_run, train_recipe

MODEL = "handprint"
_CHARS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def publish_tiny_models(store: Path) -> list[str]:
    """Publish two versions of a network for glyphs, of which the first is the champion; returns the versions."""
    alphabet = Alphabet("".join(char for char in load_pen_font().chars if char in _CHARS))
    train, valid = (synthesise(alphabet.chars, writers, writers, seed) for seed, writers in ((10, 8), (11, 2)))
    glyphs = plain_glyphs(valid)
    data = GlyphDataset(train, valid, alphabet, train.fingerprint(), glyphs, alphabet.encode(valid.labels), {})
    models = ModelStore(store)
    versions = []
    for seed in (0, 1):
        recipe = GlyphRecipe(
            model=MODEL,
            description="Names capitals and digits, not well.",
            data=Data(name="synthetic"),
            network={"name": "glyph-cnn", "stages": [[8], [16]], "hidden": 32, "dropout": 0.0},
            phases=(Phase(epochs=2, lr=5e-3, augmentation=Augmentation()),),
            batch_size=32,
            seed=seed,
        )
        versions.append(publish_run(models, train_recipe(data, recipe, workers=0), data).version)
    models.set_alias(MODEL, CHAMPION, versions[0])
    return versions
