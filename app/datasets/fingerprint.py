"""Digests that identify training data in the cards of models."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np


def fingerprint(samples: Any) -> str:
    """Return ``sha256:...`` over every array of a dataclass of arrays."""
    digest = hashlib.sha256()
    for field in fields(samples):
        digest.update(np.ascontiguousarray(getattr(samples, field.name)).tobytes())
    return f"sha256:{digest.hexdigest()}"


def joint_fingerprint(fingerprints: Iterable[str]) -> str:
    """Return ``sha256:...`` over several fingerprints."""
    return f"sha256:{hashlib.sha256(' '.join(fingerprints).encode()).hexdigest()}"
