"""How the learning rate moves during a run.

Each schedule is called as ``schedule(step, steps, peak_lr)``: `step` counts from 0 to steps - 1, and `peak_lr` is the
largest rate of the run, to which all others are proportional.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi


def constant(step: int, steps: int, peak_lr: float) -> float:
    """Return `peak_lr` at every step."""
    return peak_lr


def step_decay(
    step: int, steps: int, peak_lr: float, *, drops: Sequence[float] = (0.5, 0.75), factor: float = 0.1
) -> float:
    """Return the learning rate of a step: `peak_lr`, multiplied by `factor` at each of `drops`.

    Parameters
    ----------
    drops : shares of the run, in [0, 1]

    References
    ----------
    He, Zhang, Ren, Sun (2016), Deep residual learning for image recognition, section 4.2, whose drops the defaults are.
    """
    return peak_lr * factor ** sum(step >= drop * steps for drop in drops)


def cosine(step: int, steps: int, peak_lr: float, *, floor: float = 0.0) -> float:
    """Return the learning rate of a step: half a cosine from `peak_lr` down to `floor` at the end of the run.

    Parameters
    ----------
    floor : the last rate as a share of `peak_lr`

    References
    ----------
    Loshchilov, Hutter (2017), SGDR: stochastic gradient descent with warm restarts, eq. 5; without the restarts.
    """
    return peak_lr * (floor + (1 - floor) * 0.5 * (1 + cos(pi * step / steps)))


def one_cycle(step: int, steps: int, peak_lr: float, *, warmup: float = 0.15, start: float = 0.04) -> float:
    """Return the learning rate of a step: a cosine up to `peak_lr`, then a longer cosine down to nothing.

    Parameters
    ----------
    step : 0 to steps - 1
    steps : length of the whole run
    peak_lr : the largest rate, reached after the share `warmup` of the run
    start : the first rate as a share of `peak_lr`

    References
    ----------
    Smith, Topin (2018), Super-convergence; the shape with cosines is fast.ai's.
    """
    rise = warmup * steps
    if step < rise:
        return peak_lr * (start + (1 - start) * 0.5 * (1 - cos(pi * step / rise)))
    return peak_lr * 0.5 * (1 + cos(pi * (step - rise) / (steps - rise)))
