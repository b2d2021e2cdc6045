"""The three parts of a data set, and which of them a sample goes to if the data set itself does not say."""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "valid", "test"]


def place(key: str) -> float:
    """Return a number in [0, 1) that depends on `key` only, uniform over many keys.

    It is a hash, not a random draw: samples that are added to a data set later do not move those already there.
    """
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def split_of(key: str) -> Split:
    """Return the split of a key: train for four fifths of all keys, valid and test for a tenth each."""
    where = place(key)
    return "valid" if where < 0.1 else "test" if where < 0.2 else "train"
