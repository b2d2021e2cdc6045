"""Pieces of ink that follow one another, such as the dots of a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray


def find_next(
    places: NDArray[np.float64], reach: NDArray[np.floating] | float, fits: Callable[[int, slice], NDArray[np.bool_]]
) -> NDArray[np.intp]:
    """Return the number of the first piece behind each (N,), within reach, that may follow it; -1 for none.

    Parameters
    ----------
    places : (N,), ascending
    reach : from each piece, or from every one, to the last that may follow it
    fits : tells which of the pieces in a slice may follow a piece
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
    """Yield the numbers of pieces that follow one another, of chains of so many or more.

    A chain ends at a piece that another went on from, or that another ended at because the next step was uneven.

    Parameters
    ----------
    after : (N,), the number of the piece behind each, as of `find_next`
    places : (N,), along the chain; None if pieces need not be evenly spaced
    off : in the way from one piece to the next: how much longer or shorter the next such way may be
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
