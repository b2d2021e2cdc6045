"""Which of the gaps between the glyphs of a row are word spaces."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from app.vision.box import Box

# What is expected before the gaps of the page are seen. In heights of the writing:
_LETTER_GAP = 0.2  # mean gap between letters
_LETTER_GAP_SPREAD = 0.35  # its standard deviation over writers
_EXTRA_OF_SPACE = 0.9  # by how much a space is wider than a gap between letters
_EXTRA_SPREAD = 0.45  # standard deviation of the logarithm of that
_SHARE_OF_SPACES = 0.2  # of all gaps
# Standard deviation of the gaps of one kind on one page:
_RELATIVE_SPREAD = 0.3  # expected, as a share of their mean
_LEAST_SPREAD = 0.1  # at least, in heights of the writing
_LEAST_LABELLED_SPREAD = 0.05  # the same if the kind of each gap is known
# Gaps of a row that count as much as what the page tells:
_PAGE_WEIGHT = 6.0
_LABELLED_PAGE_WEIGHT = 20.0  # if the kind of each gap is known, because the page tells more then
_STEPS = 6  # of expectation maximisation for a row
_SPACED_OUT = 0.45  # mean gap between letters that are spaced out, at least, in heights of the writing


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
    """Two normal distributions: of the gaps between letters and of those between words, in heights of the writing.

    Attributes
    ----------
    means, spreads, shares : (2,), for gaps between letters and between words: mean, standard deviation, share of all
        gaps
    weight : how many gaps of a row count as much as the page
    """

    means: NDArray[np.float64]
    spreads: NDArray[np.float64]
    shares: NDArray[np.float64]
    weight: float = _PAGE_WEIGHT

    @classmethod
    def fit(cls, gaps: NDArray[np.floating]) -> Self:
        """Fit the gaps (N,) of a page by the most likely split into narrow and wide ones (maximum a posteriori).

        Every split of the sorted gaps is tried, also the two that leave one side empty: a grid of single characters has
        word gaps only, and a single word has none.
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
        """Fit the gaps (N,) of a page to the probability (N,) of each to be a word space: one step of maximisation."""
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

        The page's model is first fitted to the row by expectation maximisation, because nobody spaces all rows alike.
        """
        means, spreads = self.means, self.spreads
        posterior = np.zeros((2, len(gaps)))
        for _ in range(_STEPS):
            density = self.shares[:, None] / spreads[:, None]
            density = density * np.exp(-0.5 * ((gaps - means[:, None]) / spreads[:, None]) ** 2) + 1e-12
            posterior = density / density.sum(axis=0)
            counts = posterior.sum(axis=1)
            means = (posterior @ gaps + self.weight * self.means) / (counts + self.weight)
        # The wider a gap is, the likelier it must be a space, also in the tails, where the two densities may cross
        # again.
        order = np.argsort(gaps)
        probability = np.empty(len(gaps))
        widening = np.where(gaps[order] < means[0], 0.0, np.where(gaps[order] > means[1], 1.0, posterior[1, order]))
        probability[order] = np.maximum.accumulate(widening)
        return probability


def _shares(sizes: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.float64]:
    """Return the shares of letter gaps and of word gaps (2, M), given their numbers (2, M), drawn towards the usual."""
    return np.asarray((sizes + [[1 - _SHARE_OF_SPACES], [_SHARE_OF_SPACES]]) / (sizes.sum(axis=0) + 1))


def _moments(
    sizes: NDArray[np.floating] | NDArray[np.integer],
    sums: NDArray[np.float64],
    squares: NDArray[np.float64],
    least_spread: float = _LEAST_SPREAD,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the means and the spreads (2, M) of both kinds of gaps, drawn towards the usual if there are few gaps.

    Parameters
    ----------
    sizes, sums, squares : (2, M), for gaps between letters and between words: number, sum and sum of squares
    """
    letter = (sums[0] + _LETTER_GAP) / (sizes[0] + 1)
    word = (sums[1] + letter + _EXTRA_OF_SPACE) / (sizes[1] + 1)
    means = np.stack([letter, word])
    deviation = squares - 2 * means * sums + sizes * means**2
    usual = np.maximum(_RELATIVE_SPREAD * means, least_spread)
    spreads = np.sqrt((np.maximum(deviation, 0) + 2 * usual**2) / (sizes + 2))
    return means, np.maximum(spreads, least_spread)
