"""Whether a network is right as often as it says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class ReliabilityBin:
    """What was held to be about equally sure.

    Attributes
    ----------
    low, high : the bin's edges; the upper one belongs to the next bin
    count : answers in it
    confidence, accuracy : their means; 0 if there are none
    """

    low: float
    high: float
    count: int
    confidence: float
    accuracy: float


def reliability_curve(
    confidence: NDArray[np.floating], right: NDArray[np.bool_], bins: int = 15
) -> list[ReliabilityBin]:
    """Sort answers (N,) into bins of equal width by their confidence, from 0 to 1.

    References
    ----------
    DeGroot, Fienberg (1983), The comparison and evaluation of forecasters.
    Guo, Pleiss, Sun, Weinberger (2017), On calibration of modern neural networks, figure 1.
    """
    number = np.minimum((confidence * bins).astype(int), bins - 1)
    counts = np.bincount(number, minlength=bins)
    sums = (np.bincount(number, weights, bins) for weights in (confidence, right))
    sure, hits = (total / np.maximum(counts, 1) for total in sums)
    edges = np.linspace(0.0, 1.0, bins + 1).tolist()
    return [
        ReliabilityBin(*each)
        for each in zip(edges, edges[1:], counts.tolist(), sure.tolist(), hits.tolist(), strict=False)
    ]
