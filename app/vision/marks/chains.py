"""Pieces of ink that follow one another, such as the dots of a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray


def find_next(
    places: NDArray[np.float64], reach: NDArray[np.floating] | float, fits: Callable[[int, slice], NDArray[np.bool_]]
) -> NDArray[np.intp]:
    """Return for each piece the index (N,) of the first one behind it that may follow it; -1 if there is none.

    Parameters
    ----------
    places : (N,), where the pieces are along the line, ascending
    reach : how far behind a piece the one that follows it may be; (N,), or one number for all
    fits : tells which of the pieces in a slice may follow the piece with an index
    """
    after = np.full(len(places), -1)
    for number, stop in enumerate(np.searchsorted(places, places + reach, "right").tolist()):
        following = np.flatnonzero(fits(number, slice(number + 1, stop)))
        if len(following):
            after[number] = number + 1 + following[0]
    return after


def find_chains(
    after: NDArray[np.intp], fewest: int, places: NDArray[np.float64] | None = None, off: float = np.inf
) -> Iterator[list[int]]:
    """Yield chains of at least `fewest` pieces, each as the indices of pieces that follow one another.

    A chain ends where no piece follows, where the step to the next is uneven, or at a piece from which another chain
    has gone on already.

    Parameters
    ----------
    after : (N,), index of the piece that follows each, as of `find_next`
    places : (N,), where the pieces are along the line; None if they need not be evenly spaced
    off : share of the last step by which the next one may be longer or shorter
    """
    begun = np.zeros(len(after), bool)
    for first in range(len(after)):
        chain = [first]
        while not begun[chain[-1]] and (following := int(after[chain[-1]])) >= 0:
            begun[chain[-1]] = True
            if places is not None and len(chain) > 1:
                step, last = places[following] - places[chain[-1]], places[chain[-1]] - places[chain[-2]]
                if abs(step - last) > off * last:
                    break
            chain.append(following)
        if len(chain) >= fewest:
            yield chain
