"""The few statistics that the figures need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np


def percentile(values: Sequence[float], percent: float) -> float:
    """Return the value that `percent` of all are below, straight between the two nearest."""
    return float(np.percentile(np.asarray(values, np.float64), percent))


@dataclass(frozen=True)
class Line:
    """The straight line nearest to points, by least squares: ``y = intercept + slope * x``.

    Attributes
    ----------
    r2 : share of the variance of y that the line explains, 1 if all points lie on it
    """

    slope: float
    intercept: float
    r2: float

    @classmethod
    def fit(cls, x: Sequence[float], y: Sequence[float]) -> Self:
        """Fit points of which at least two differ in x."""
        across, up = np.asarray(x, np.float64), np.asarray(y, np.float64)
        away = across - across.mean()
        slope = float(away @ up / (away @ away))
        intercept = float(up.mean() - slope * across.mean())
        variance = float(((up - up.mean()) ** 2).sum())
        left = float(((up - intercept - slope * across) ** 2).sum())
        return cls(slope, intercept, 1.0 - left / variance if variance else 1.0)
