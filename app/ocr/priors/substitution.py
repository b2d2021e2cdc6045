"""What a character may really be that was read as another: from how often the network confuses the two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel

# Weight of the confusions counted on other writing; the rest is what the networks see in this glyph.
_SHARE = 0.3
_IMAGINED = 0.1  # imagined glyphs of each character, spread over all readings, so that no confusion is impossible


def substitution_matrix(card: Mapping[str, Any], classes: int) -> NDArray[np.float64]:
    """Return (K, K): the share of what is read as one character that is really another; rows add up to 1.

    Parameters
    ----------
    card : of a network for glyphs, with confusion counts (true characters in rows) under ``substitutions`` or else
        ``confusion``; without counts the result is the identity
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
    # All characters count as equally frequent, however many of each the data set happens to have.
    given_true = (counts + _IMAGINED / classes) / (counts.sum(axis=1, keepdims=True) + _IMAGINED)
    given_read = given_true / given_true.sum(axis=0)
    return np.asarray((1 - _SHARE) * own + _SHARE * given_read.T)
