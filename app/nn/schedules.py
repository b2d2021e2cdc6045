"""How the learning rate moves during a run."""

from __future__ import annotations

from math import cos, pi


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
