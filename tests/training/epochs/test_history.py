from __future__ import annotations

import pytest

from app.training.epochs.history import Epoch, best_epoch


def _history(*figures: float) -> list[Epoch]:
    return [Epoch(number, 0.1, 1.0, 0.5, figure, figure, 1.0) for number, figure in enumerate(figures)]


@pytest.mark.parametrize(
    "losses, min_delta, best",
    [((3.0,), 0.0, 0), ((3.0, 2.0, 2.0, 2.5), 0.0, 1), ((3.0, 2.9, 2.8, 2.7), 0.15, 2), ((1.0, 2.0), 0.0, 0)],
)
def test_the_best_epoch_is_the_last_that_gained_enough_on_the_best_before(
    losses: tuple[float, ...], min_delta: float, best: int
) -> None:
    assert best_epoch(_history(*losses), "loss", min_delta) == best


def test_of_accuracies_the_highest_is_the_best() -> None:
    assert best_epoch(_history(0.2, 0.7, 0.6), "accuracy") == 1
