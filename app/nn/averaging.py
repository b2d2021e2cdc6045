"""Weights averaged along the way of a run: steadier than the last ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.nn.namespace import array_namespace
from app.nn.types import Params


@dataclass(frozen=True)
class ExponentialAverage:
    """``average = d * average + (1 - d) * array`` after every step, ``d = min(decay, (1 + steps) / (10 + steps))``.

    The smaller d of the first steps lets the average forget quickly where the run began. It averages
    parameters and state (running statistics) alike. Like an optimiser, the object holds its settings only; the averages
    are a dict of arrays that the caller keeps.

    References
    ----------
    Polyak, Juditsky (1992), Acceleration of stochastic approximation by averaging; with exponential weights and the
    warm-up of TensorFlow's ``tf.train.ExponentialMovingAverage(decay, num_updates)``.
    """

    decay: float = 0.999

    def memory(self, arrays: Params) -> Params:
        """Return the memory before the first step: copies of the arrays, and the count of steps."""
        averages = {
            f"average.{name}": array_namespace(array).asarray(array, copy=True) for name, array in arrays.items()
        }
        return averages | {"steps": np.zeros(1)}

    def update(self, arrays: Params, memory: Params) -> None:
        """Take in the arrays as they are after a step; changes `memory` in place."""
        memory["steps"] += 1
        steps = float(memory["steps"][0])
        decay = min(self.decay, (1 + steps) / (10 + steps))
        for name, array in arrays.items():
            average = memory[f"average.{name}"]
            average += (1 - decay) * (array - average)

    def averages(self, memory: Params) -> Params:
        """Return the averages by the names of the arrays: what to load for evaluation. Not copies."""
        return {name.removeprefix("average."): array for name, array in memory.items() if name != "steps"}
