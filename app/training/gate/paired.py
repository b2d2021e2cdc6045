"""Whether one of two models is worse than the other on the same things, or only seems to be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def p_worse(more_errors: NDArray[np.integer]) -> float:
    """Return how likely chance alone makes the first model look this much worse, or more, than the second.

    The exact sign-flip test, one-sided: were both equally good, each thing's difference would as soon have had the
    other sign. Where differences are only -1, 0 and 1, as of single glyphs, this is McNemar's exact test.

    Parameters
    ----------
    more_errors : (N,), for each thing the errors of the first model less those of the second

    Returns
    -------
    float
        0 to 1; 1 if the first is not worse at all. The whole distribution is computed, so that equal input gives
        equal output: no drawing of lots.

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
