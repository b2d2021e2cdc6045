"""Weighs the lines of a page by all priors: first the spaces between words, then the characters, each by the others."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from app.ocr.line import Line
from app.ocr.priors.context import Context, RowGlyphs
from app.ocr.priors.practice.practice_spacing import set_apart
from app.ocr.priors.prior import Decoded, Prior, word_numbers
from app.ocr.priors.spacing import space_probabilities
from app.vision import Box


def decode_lines(
    lines: Sequence[Line],
    slope: float,
    context: Context,
    priors: Sequence[Prior] = (),
    *,
    may_be_practice: bool = True,
) -> list[Decoded]:
    """Return the probabilities of all characters and spaces of a page; see `app.ocr.priors` for the steps.

    Parameters
    ----------
    lines : every row with what the networks say of it
    slope : of the rows, in pixels down for each pixel to the right
    context : weighs the characters by each other
    priors : weigh words and dates, one prior after the other
    may_be_practice : whether spaces may be put between the characters of an alphabet in order, or of a row that repeats
        one character

    Returns
    -------
    list of Decoded : one for each line
    """
    spaces = space_probabilities(lines, context.is_mark_between)
    glyphs = [
        RowGlyphs(line.log_p, _places(line.boxes, slope), word_numbers(p_space))
        for line, p_space in zip(lines, spaces, strict=True)
    ]
    weighed = context.weigh(glyphs, places_seen=any(line.p_space is not None for line in lines))
    p = weighed.p
    for prior in priors:
        p = prior.weigh([*map(Decoded, p, spaces)])
    if may_be_practice:
        spaces = set_apart(lines, spaces, weighed)
    return [*map(Decoded, p, spaces)]


def _places(boxes: Sequence[Box], slope: float) -> NDArray[np.float64]:
    """Return (N, 3): the middle of each box from the left, its top and its bottom, as if the rows were level."""
    sides = np.array(boxes, np.float64)
    middle = (sides[:, 1] + sides[:, 3]) / 2
    return np.stack([middle, sides[:, 0] - slope * middle, sides[:, 2] - slope * middle], axis=1)
