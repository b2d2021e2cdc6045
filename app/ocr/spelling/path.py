"""Divides a row's pieces of ink into glyphs, where the glyph network reads alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.vision import Hypothesis

# Nats that it costs to join two pieces into a glyph, for each row height of white between them: there is white between
# letters, but hardly any between the strokes of one letter.
_COST_OF_WHITE = 6.0


def best_path(hypotheses: Sequence[Hypothesis], fit: NDArray[np.floating], gaps: NDArray[np.floating]) -> list[int]:
    """Choose the hypotheses that cover each piece of a row exactly once and are the most plausible together.

    The fit of a glyph counts once for each of its pieces. Otherwise joining would be favoured, as fewer glyphs have
    fewer factors. Dynamic programming over the places between pieces finds the best choice.

    Parameters
    ----------
    hypotheses : of one row; each single piece must be one of them
    fit : (len(hypotheses),) log-probability that the hypothesis looks like some character
    gaps : (pieces - 1,) white between neighbouring pieces in heights of the row, negative where they overlap

    Returns
    -------
    list of int : indices into `hypotheses`, from left to right
    """
    pieces = len(gaps) + 1
    white = np.concatenate([[0.0], np.cumsum(_COST_OF_WHITE * np.maximum(gaps, 0.0))])
    best = np.full(pieces + 1, -np.inf)
    best[0] = 0.0
    choice = np.full(pieces + 1, -1)
    # Among equals the first wins. Hypotheses with fewer pieces come first, so that pieces stay apart in case of doubt.
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
