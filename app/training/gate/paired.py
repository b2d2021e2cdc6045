"""A paired test of whether one of two models is worse on the same things, beyond chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def p_worse(more_errors: NDArray[np.integer]) -> float:
    """Return the probability that chance alone makes the first model look so much worse than the second, or more.

    This is the exact sign-flip test, one-sided: if both models were equally good, the difference on each thing would
    have either sign with the same probability. If all differences are -1, 0 or 1, as for single glyphs, it is McNemar's
    exact test.

    Parameters
    ----------
    more_errors : (N,), for each thing the errors of the first model minus those of the second

    Returns
    -------
    float
        0 to 1; 1 if the first is not worse at all. The distribution is computed exactly, without random draws.

    References
    ----------
    Fisher (1935), The design of experiments, section 21. McNemar (1947), Note on the sampling error of the difference
    between correlated proportions or percentages.
    """
    differ = more_errors[more_errors != 0].astype(int)
    observed, reach = int(differ.sum()), int(np.abs(differ).sum())
    if observed <= 0:
        return 1.0
    p = np.zeros(2 * reach + 1)  # of each sum from -reach to reach
    p[reach] = 1.0
    for size in np.abs(differ).tolist():
        p = (np.roll(p, size) + np.roll(p, -size)) / 2  # never around the ends: no sum is beyond reach
    return float(min(1.0, p[reach + observed :].sum()))
