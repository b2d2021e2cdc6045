"""Rules that move parameters against their gradients.

An optimiser is its settings; what it remembers between steps is a dict of arrays that the caller keeps (and saves in
a checkpoint). Parameters and memory are changed in place.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from app.nn.namespace import array_namespace
from app.nn.types import Params


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent with momentum: ``v = momentum * v + grad``, ``param -= lr * v``.

    References
    ----------
    Polyak (1964); in the form of Sutskever et al. (2013), without their Nesterov step.
    """

    momentum: float = 0.9

    def __post_init__(self) -> None:
        _check_decay("SGD", momentum=self.momentum)

    def memory(self, params: Params) -> Params:
        """Return the memory before the first step: a velocity of zero for every parameter, nothing without momentum."""
        if not self.momentum:
            return {}
        return {f"velocity.{name}": array_namespace(array).zeros_like(array) for name, array in params.items()}

    def step(self, params: Params, grads: Params, memory: Params, lr: float) -> None:
        """Take one step of size `lr`."""
        for name, param in params.items():
            velocity = grads[name]
            if self.momentum:
                velocity = memory[f"velocity.{name}"]
                velocity *= self.momentum
                velocity += grads[name]
            param -= lr * velocity


@dataclass(frozen=True)
class AdamW:
    """Adam with decoupled weight decay.

    With ``m``, ``v`` the bias-corrected averages of the gradient and of its square:
    ``param -= lr * (m / (sqrt(v) + epsilon) + weight_decay * param)``. Only arrays of two or more axes decay: biases
    and normalisation have no reason to be small.

    References
    ----------
    Kingma, Ba (2015), algorithm 1; Loshchilov, Hutter (2019), algorithm 2.
    """

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.01

    def __post_init__(self) -> None:
        _check_decay("AdamW", beta1=self.beta1, beta2=self.beta2)

    def memory(self, params: Params) -> Params:
        """Return the memory before the first step: zero averages, and the count of steps."""
        averages = {
            f"{kind}.{name}": array_namespace(array).zeros_like(array)
            for kind in ("first", "second")
            for name, array in params.items()
        }
        return averages | {"steps": np.zeros(1)}  # NumPy's own everywhere: a count is no work for a GPU

    def step(self, params: Params, grads: Params, memory: Params, lr: float) -> None:
        """Take one step of size `lr`."""
        memory["steps"] += 1
        steps = float(memory["steps"][0])
        correct1, correct2 = 1 - self.beta1**steps, 1 - self.beta2**steps
        for name, param in params.items():
            grad, first, second = grads[name], memory[f"first.{name}"], memory[f"second.{name}"]
            first += (1 - self.beta1) * (grad - first)
            second += (1 - self.beta2) * (grad * grad - second)
            if param.ndim > 1:
                param *= 1 - lr * self.weight_decay
            param -= (lr / correct1) * first / ((second / correct2) ** 0.5 + self.epsilon)


def _check_decay(optimiser: str, **decays: float) -> None:
    """Raise ValueError unless what is remembered fades: with 1 or more it grows without end."""
    for name, decay in decays.items():
        if not 0 <= decay < 1:
            raise ValueError(f"{optimiser} expects {name} in [0, 1), got {decay}")
