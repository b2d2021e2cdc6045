"""What a page says of its own characters: whatever else it is full of, a doubtful glyph is likelier to be, too.

A page of digits, a form in capitals, a sheet on which somebody practised one letter: their sure glyphs speak for the
doubtful ones. This is a cache model whose weight the page itself sets. Characters are drawn as from Polya's urn: most
are others of the page once more, some are new. Where a page shows few different ones, hardly any are new; where it
shows many, it says next to nothing.

References
----------
Kuhn, De Mori (1990), A cache-based natural language model for speech recognition.
Blackwell, MacQueen (1973), Ferguson distributions via Polya urn schemes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

# Glyphs that are imagined beside those of the page, evenly of all shapes, for each shape that the page shows; from 10
# to 30 the choice hardly matters.
_IMAGINED = 20.0
_TINY = 1e-12


def log_page_prior(p: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log-probability (N, G) of each shape for each glyph of a page, by what the others are.

    Parameters
    ----------
    p : (N, G), N at least 1, what shape each glyph is thought to have so far
    """
    counts = p.sum(axis=0)
    share = counts / counts.sum()
    different = np.exp(-(share * np.log(share + _TINY)).sum())  # equally common shapes would be as uncertain
    imagined = _IMAGINED * different
    others = np.maximum(counts - p, 0.0)
    return np.asarray(np.log((others + imagined / p.shape[1]) / (len(p) - 1 + imagined)))
