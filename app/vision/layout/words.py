"""Which gaps of a row are word spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box

# What is believed before the page has shown its own gaps, in heights of the writing:
_LETTER_GAP = 0.2  # mean between letters,
_LETTER_GAP_SPREAD = 0.35  # and its standard deviation over writers
_EXTRA_OF_SPACE = 0.9  # how much wider a space is,
_EXTRA_SPREAD = 0.45  # and the standard deviation of its logarithm
_SHARE_OF_SPACES = 0.2  # of all gaps
# Within one page gaps of a kind vary (standard deviations)
_LEAST_SPREAD = 0.1  # by at least so much,
_LEAST_LABELLED_SPREAD = 0.05  # less where somebody has said of which kind each is,
_RELATIVE_SPREAD = 0.3  # and by about this share of their mean.
# How many of a row's own gaps count as much as the page:
_PAGE_WEIGHT = 6.0
_LABELLED_PAGE_WEIGHT = 20.0  # more where somebody has said of which kind each is, as the page is known better then
_STEPS = 6  # of expectation maximisation for a row
_SPACED_OUT = 0.45  # in heights of the writing; where letters stand farther apart than this they are spaced out


def gap_widths(boxes: Sequence[Box]) -> NDArray[np.float64]:
    """Return the free width (N - 1,) in pixels between each box of a row and the next; negative where they overlap.

    Parameters
    ----------
    boxes : at least one, from left to right
    """
    sides = np.array(boxes, np.float64)
    return np.asarray(sides[1:, 1] - np.maximum.accumulate(sides[:-1, 3]))


@dataclass(frozen=True)
class GapModel:
    """Two normal distributions, of gaps between letters and of gaps between words, in heights of the writing.

    Attributes
    ----------
    means, spreads, shares : (letter, word)
    weight : so many gaps of a row count as much as the page
    """

    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    shares: NDArray[np.float64]
    weight: float = _PAGE_WEIGHT

    @classmethod
    def fit(cls, gaps: NDArray[np.floating]) -> Self:
        """Fit all gaps (N,) of a page by the split into narrow and wide that is most likely a posteriori.

        Every split of the sorted gaps is tried, the two that leave one side empty included: a grid of single
        characters has word gaps only, and one word has none.
        """
        x = np.sort(gaps)
        n = len(x)
        sizes = np.stack([np.arange(n + 1), n - np.arange(n + 1)])  # (2, N + 1) letters and words of each split
        sums, squares = (np.concatenate([[0.0], np.cumsum(x**power)]) for power in (1, 2))
        sums, squares = np.stack([sums, sums[-1] - sums]), np.stack([squares, squares[-1] - squares])
        means, spreads = _moments(sizes, sums, squares)
        deviation = squares - 2 * means * sums + sizes * means**2
        shares = _shares(sizes)
        likelihood = (sizes * (np.log(shares) - np.log(spreads)) - 0.5 * deviation / spreads**2).sum(axis=0)
        prior = -0.5 * ((means[0] - _LETTER_GAP) / _LETTER_GAP_SPREAD) ** 2
        extra = np.log(np.maximum(means[1] - means[0], 1e-3) / _EXTRA_OF_SPACE)
        best = int(np.argmax(likelihood + prior - 0.5 * (extra / _EXTRA_SPREAD) ** 2))
        return cls(means[:, best], spreads[:, best], shares[:, best])

    @classmethod
    def fit_labelled(cls, gaps: NDArray[np.floating], p_space: NDArray[np.floating]) -> Self:
        """Fit all gaps (N,) of a page, given how likely each is a word space (N,): a step of maximisation."""
        weights = np.stack([1 - p_space, p_space])
        sizes, sums, squares = (weights @ np.stack([np.ones_like(gaps), gaps, gaps**2]).T).T[..., None]
        means, spreads = _moments(sizes, sums, squares, _LEAST_LABELLED_SPREAD)
        return cls(means[:, 0], spreads[:, 0], _shares(sizes)[:, 0], _LABELLED_PAGE_WEIGHT)

    @property
    def is_spaced_out(self) -> bool:
        """Whether letters of a word stand as far apart as words usually do."""
        return bool(self.means[0] > _SPACED_OUT)

    def space_probability(self, gaps: NDArray[np.floating]) -> NDArray[np.float64]:
        """Return for each gap (N,) of one row, in heights of the writing, the probability that it is a word space.

        The page's model is first moved towards the row by expectation maximisation: nobody spaces all rows alike.
        """
        means, spreads = self.means, self.spreads
        posterior = np.zeros((2, len(gaps)))
        for _ in range(_STEPS):
            density = self.shares[:, None] / spreads[:, None]
            density = density * np.exp(-0.5 * ((gaps - means[:, None]) / spreads[:, None]) ** 2) + 1e-12
            posterior = density / density.sum(axis=0)
            counts = posterior.sum(axis=1)
            means = (posterior @ gaps + self.weight * self.means) / (counts + self.weight)
        # The wider a gap, the more it is a space, also far out in the tail of both distributions.
        order = np.argsort(gaps)
        probability = np.empty(len(gaps))
        widening = np.where(gaps[order] < means[0], 0.0, np.where(gaps[order] > means[1], 1.0, posterior[1, order]))
        probability[order] = np.maximum.accumulate(widening)
        return probability


def _shares(sizes: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float64]:
    """Share of letter gaps and word gaps (2, M) among so many of each (2, M), held near what is usual."""
    return np.asarray((sizes + [[1 - _SHARE_OF_SPACES], [_SHARE_OF_SPACES]]) / (sizes.sum(axis=0) + 1))


def _moments(
    sizes: NDArray[np.floating] | NDArray[np.integer],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    least_spread: float = _LEAST_SPREAD,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Means and spreads (2, N + 1) of both sides of each split, held near what is usual where there are few gaps."""
    letter = (sums[0] + _LETTER_GAP) / (sizes[0] + 1)
    word = (sums[1] + letter + _EXTRA_OF_SPACE) / (sizes[1] + 1)
    means = np.stack([letter, word])
    deviation = squares - 2 * means * sums + sizes * means**2
    usual = np.maximum(_RELATIVE_SPREAD * means, least_spread)
    spreads = np.sqrt((np.maximum(deviation, 0) + 2 * usual**2) / (sizes + 2))
    return means, np.maximum(spreads, least_spread)
