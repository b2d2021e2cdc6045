"""Labelled images of single characters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from app.datasets.fingerprint import fingerprint


@dataclass(frozen=True)
class GlyphSet:
    """N characters as images of one size, cut and placed as in their data set.

    Attributes
    ----------
    images : (N, H, W) uint8, ink 255 on paper 0
    labels : (N,) unicode, one character each
    writers : (N,) unicode, who wrote each; empty if that is not known
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.str_]
    writers: NDArray[np.str_]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def alphabet(self) -> str:
        """The different labels, sorted by code point."""
        return "".join(np.unique(self.labels))

    def fingerprint(self) -> str:
        """Return ``sha256:...`` over all arrays, by which cards identify training data."""
        return fingerprint(self)

    def select(self, keep: NDArray[np.bool_]) -> GlyphSet:
        """Return the samples where `keep` (N,) is True."""
        return GlyphSet(self.images[keep], self.labels[keep], self.writers[keep])
