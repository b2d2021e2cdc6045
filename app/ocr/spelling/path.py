"""Choose which pieces of ink are one glyph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.vision import Hypothesis

# What joining two pieces costs in nats, for each row height of white between them: letters are set apart, strokes of
# one letter are not.
_COST_OF_WHITE = 6.0


def best_path(hypotheses: Sequence[Hypothesis], fit: NDArray[np.floating], gaps: NDArray[np.floating]) -> list[int]:
    """Cover a row's pieces once, from left to right, with the most plausible glyphs.

    A glyph of several pieces counts once for each of them, so that joining is not favoured for making fewer glyphs.
    Found by dynamic programming over the places between pieces.

    Parameters
    ----------
    hypotheses : of one row; each piece alone must be among them
    fit : (len(hypotheses),) log-probability that this looks like some character
    gaps : (pieces - 1,) white between neighbouring pieces in heights of the row, negative where they overlap

    Returns
    -------
    list of int : indices into `hypotheses`
    """
    pieces = len(gaps) + 1
    white = np.concatenate([[0.0], np.cumsum(_COST_OF_WHITE * np.maximum(gaps, 0.0))])
    best = np.full(pieces + 1, -np.inf)
    best[0] = 0.0
    choice = np.full(pieces + 1, -1)
    # Of equals the first wins, so pieces stay apart where nothing speaks for joining them.
    order = sorted(range(len(hypotheses)), key=lambda index: (hypotheses[index].stop, -hypotheses[index].start))
    for index in order:
        start, stop = hypotheses[index].start, hypotheses[index].stop
        score = best[start] + (stop - start) * float(fit[index]) - (white[stop - 1] - white[start])
        if score > best[stop]:
            best[stop], choice[stop] = score, index
    path = []
    place = pieces
    while place > 0:
        path.append(int(choice[place]))
        place = hypotheses[path[-1]].start
    return path[::-1]
