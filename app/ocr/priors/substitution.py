"""What else a character may be that was read as this one: how often a network has taken one for the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel

# How much the confusions of others' writing count beside what the networks see in this glyph.
_SHARE = 0.3
_IMAGINED = 0.1  # glyphs of every character, spread over all readings: what never happened yet may happen


def substitution_matrix(card: Mapping[str, Any], classes: int) -> NDArray[np.float64]:
    """Return (K, K): of what is read as the first character, the share that is the second; rows add up to 1.

    Parameters
    ----------
    card : of a network for glyphs, whose confusion counts have true characters in rows, those under
        ``substitutions`` before those under ``confusion``; without counts nothing is ever taken for something else
    classes : K

    Raises
    ------
    CorruptModel : the counts are not those of K classes.
    """
    own = np.eye(classes)
    confusion = card.get("substitutions", card.get("confusion"))
    if confusion is None:
        return own
    try:
        counts = np.asarray(confusion["counts"], np.float64).reshape(classes, classes)
    except (KeyError, TypeError, ValueError) as exc:
        raise CorruptModel(f"the card cannot be used: confusion counts, {type(exc).__name__} {exc}") from exc
    # Every character is taken for as frequent as any other: of which there are many in a data set is its own matter.
    given_true = (counts + _IMAGINED / classes) / (counts.sum(axis=1, keepdims=True) + _IMAGINED)
    given_read = given_true / given_true.sum(axis=0)
    return np.asarray((1 - _SHARE) * own + _SHARE * given_read.T)
