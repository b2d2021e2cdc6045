from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace

from app.errors import InvalidInput
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.history import Epoch
from app.training.epochs.train import train_recipe
from app.training.retraining.sweep import Trial, try_rate
from tests.training.conftest import TINY, phased

SHORT = phased(epochs=2)


def test_a_trial_is_the_recipe_at_another_rate(data: GlyphDataset) -> None:
    trial = try_rate(data, SHORT, 3e-3, workers=0)

    run = train_recipe(data, SHORT.changed(lr=3e-3), workers=0)
    assert [epoch.valid_loss for epoch in trial.curves] == [epoch.valid_loss for epoch in run.history]
    assert (trial.lr, trial.diverged) == (3e-3, None)
    assert trial.seconds > 0


def test_a_rate_that_diverges_is_a_result(data: GlyphDataset) -> None:
    epochs: list[Epoch] = []

    trial = try_rate(data, SHORT, 1e30, workers=0, on_epoch=epochs.append)

    assert trial.diverged is not None
    assert "lr" in trial.diverged
    assert trial.curves == epochs


def test_the_best_epoch_is_that_of_the_lowest_validation_loss() -> None:
    curves = [Epoch(number, 0.1, 1.0, 0.5, loss, 0.5, 1.0) for number, loss in enumerate([3.0, 1.0, 2.0])]

    assert Trial(0.1, 1.0, curves).best == curves[1]
    assert Trial(0.1, 1.0, [], "diverged").best is None
    assert Trial(0.1, 1.0, []).accuracy == 0


def test_a_rate_below_zero_is_refused(data: GlyphDataset) -> None:
    with pytest.raises(InvalidInput, match="> 0"):
        try_rate(data, replace(TINY), -1.0, workers=0)


def test_trials_start_from_the_same_weights(data: GlyphDataset) -> None:
    first, second = (try_rate(data, phased(epochs=1), rate, workers=0) for rate in (1e-12, 2e-12))

    assert first.curves[0].train_loss == pytest.approx(second.curves[0].train_loss, rel=1e-6)
    assert np.isfinite(first.curves[0].train_loss)
