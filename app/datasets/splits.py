"""The three parts of a data set, and which of them a sample belongs to when the data set itself does not say."""

from __future__ import annotations

import hashlib
from typing import Literal

Split = Literal["train", "valid", "test"]


def place(key: str) -> float:
    """Return a number in [0, 1) that is always the same for `key` and evenly spread over many keys.

    A hash, not a random draw: what is added to a data set later moves nothing that is there already.
    """
    digest = hashlib.sha256(key.encode()).digest()
    return int.from_bytes(digest[:6], "big") / 2**48


def split_of(key: str) -> Split:
    """Give four fifths of all keys to train, a tenth each to valid and test."""
    where = place(key)
    return "valid" if where < 0.1 else "test" if where < 0.2 else "train"
