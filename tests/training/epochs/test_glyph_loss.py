from __future__ import annotations

import numpy as np
import pytest

from app.nn import Array, cross_entropy, numerical_gradient
from app.training.epochs.glyph_loss import loss_and_gradient

GROUP = np.array([False, True, True, False, True])
CLASSES = np.array([1, 0, 4, 3, 2, 1])


@pytest.fixture
def logits(rng: np.random.Generator) -> Array:
    return rng.normal(0.0, 2.0, (6, 5))


def _among(logits: Array, cls: int) -> float:
    """Cross-entropy of one sample among the classes of the group."""
    chosen = np.exp(logits[GROUP])
    return float(-np.log(np.exp(logits[cls]) / chosen.sum()))


@pytest.mark.parametrize("weight", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_gradient_agrees_with_central_differences(logits: Array, weight: float, smoothing: float) -> None:
    _, grad = loss_and_gradient(logits, CLASSES, smoothing, GROUP, weight)

    expected = numerical_gradient(lambda: loss_and_gradient(logits, CLASSES, smoothing, GROUP, weight)[0], logits)
    np.testing.assert_allclose(grad, expected, atol=1e-8)


def test_only_samples_of_the_group_are_asked_for_the_choice_among_it(logits: Array) -> None:
    loss, _ = loss_and_gradient(logits, CLASSES, group=GROUP, group_weight=0.25)

    losses = []
    for row, cls in zip(logits, CLASSES, strict=True):
        among_all = float(np.log(np.exp(row).sum()) - row[cls])
        losses.append(0.75 * among_all + 0.25 * _among(row, cls) if GROUP[cls] else among_all)
    assert loss == pytest.approx(np.mean(losses))


@pytest.mark.parametrize("group, weight", [(None, 0.0), (GROUP, 0.0), (np.arange(5) == 9, 0.5)])
def test_without_a_group_it_is_the_cross_entropy(logits: Array, group: np.ndarray | None, weight: float) -> None:
    loss, grad = loss_and_gradient(logits, CLASSES, 0.1, group, weight)

    expected_loss, expected_grad = cross_entropy(logits, CLASSES, 0.1)
    assert loss == expected_loss
    np.testing.assert_array_equal(grad, expected_grad)
