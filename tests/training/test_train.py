from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace

from app.datasets import Augmentation
from app.errors import Conflict, InvalidInput
from app.training.glyph_data import GlyphData
from app.training.recipe import Phase
from app.training.train import train_recipe
from tests.training.conftest import TINY


def test_fewer_glyphs_than_a_batch_are_refused(data: GlyphData) -> None:
    with pytest.raises(InvalidInput, match=r"1 to 108 .* got 128"):
        train_recipe(data, replace(TINY, batch_size=128), workers=0)


@pytest.mark.parametrize(
    "finish", [None, Phase(epochs=1, lr=1e-3, augmentation=Augmentation(), balance=0.5)], ids=["one", "two phases"]
)
def test_a_run_stopped_and_resumed_gives_the_same_weights(
    data: GlyphData, tmp_path: Path, finish: Phase | None
) -> None:
    first = replace(TINY.phases[0], epochs=2 if finish is None else 1)
    recipe = replace(TINY, phases=(first,) if finish is None else (first, finish))
    checkpoint = tmp_path / "run.ckpt"
    whole = train_recipe(data, recipe, checkpoint=tmp_path / "whole.ckpt", workers=1)

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_recipe(data, recipe, checkpoint=checkpoint, workers=0, on_epoch=stop)
    resumed = train_recipe(data, recipe, checkpoint=checkpoint, workers=0, resume=True)

    np.testing.assert_equal(resumed.network.arrays(), whole.network.arrays())
    with pytest.raises(Conflict):
        train_recipe(data, replace(recipe, seed=9), checkpoint=checkpoint, workers=0, resume=True)
