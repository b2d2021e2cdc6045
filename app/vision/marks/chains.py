"""Pieces of ink that follow one another, such as the dots of a line."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray


def find_chains(
    after: NDArray[np.intp], fewest: int, places: NDArray[np.float64] | None = None, off: float = np.inf
) -> Iterator[list[int]]:
    """Yield the numbers of pieces that follow one another, of chains of so many or more.

    A piece that another chain went on from ends a chain.

    Parameters
    ----------
    after : (N,), the number of the piece behind each, -1 for none
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
