"""From what the glyphs of a page look like to what they are: words first, then characters in view of each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.ocr.context import Context, Sight
from app.ocr.join import join_spaces
from app.ocr.line import Line
from app.ocr.word_prior import WordPrior
from app.vision import Box, GapModel


class Decoded(NamedTuple):
    """The N characters of one row.

    Attributes
    ----------
    p : (N, K), probability of each class
    p_space : (N - 1,), probability of a space after each character but the last
    words : (N,), number of the word that it is in, ascending from 0
    """

    p: NDArray[np.float64]
    p_space: NDArray[np.float64]
    words: NDArray[np.intp]


def decode(lines: Sequence[Line], slope: float, context: Context, word_prior: WordPrior | None = None) -> list[Decoded]:
    """Decide on the words and characters of all rows of a page.

    Parameters
    ----------
    slope : of the page's rows, downwards in pixels for each one to the right
    word_prior : of the language that helps
    """
    # How far words stand apart is learnt from all rows of the page.
    spacing = GapModel.fit(np.concatenate([np.zeros(0), *(line.gaps for line in lines)]))
    spaces = [_space_probability(line, spacing) for line in lines]
    words = [np.concatenate([[0], np.cumsum(p_space > 0.5)]).astype(np.intp) for p_space in spaces]
    sights = [
        Sight(line.log_p, _places(line.boxes, slope), numbers) for line, numbers in zip(lines, words, strict=True)
    ]
    weighed = context.weigh(sights)
    if word_prior is not None:
        weighed = word_prior.weigh(list(zip(weighed, words, strict=True)))
    return [Decoded(*row) for row in zip(weighed, spaces, words, strict=True)]


def _space_probability(line: Line, spacing: GapModel) -> NDArray[np.float64]:
    by_gaps = spacing.space_probability(line.gaps)
    return by_gaps if line.p_space is None else join_spaces(line.p_space, by_gaps, spaced_out=spacing.is_spaced_out)


def _places(boxes: Sequence[Box], slope: float) -> NDArray[np.float64]:
    """Return (N, 3): middle from the left, top and bottom of each box, the page's slope taken out."""
    sides = np.array(boxes, np.float64)
    middle = (sides[:, 1] + sides[:, 3]) / 2
    return np.stack([middle, sides[:, 0] - slope * middle, sides[:, 2] - slope * middle], axis=1)
