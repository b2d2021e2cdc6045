"""Check pen strokes in flat arrays, as files hold them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

# The arrays that files of characters, words and rows all have, with NumPy's letter for the kind of their values.
KINDS = {"labels": "U", "writer_group": "U", "stroke_ptr": "i", "point_ptr": "i", "points": "i"}
_OF_STROKES = ("stroke_ptr", "point_ptr", "points")


def find_fault(arrays: Mapping[str, NDArray[Any]], kinds: Mapping[str, str]) -> str | None:
    """Return what is wrong with the arrays of a file; None if nothing is.

    Parameters
    ----------
    arrays : by name: labels (N,), stroke_ptr (N + 1,), point_ptr (strokes + 1,), points (points, 2); all others (N,)
    kinds : NumPy's letter for the kind of values that each array must hold
    """
    for name, kind in kinds.items():
        if arrays[name].dtype.kind != kind or arrays[name].ndim != (2 if name == "points" else 1):
            return f"array {name!r} is {arrays[name].dtype} {arrays[name].shape}"
    samples = len(arrays["labels"])
    for name in kinds:
        if name not in _OF_STROKES and len(arrays[name]) != samples:
            return f"expected {samples} values in {name!r}, one for each label, got {len(arrays[name])}"
    if arrays["points"].shape[1] != 2:
        return f"expected points (n, 2), got {arrays['points'].shape}"
    for name, owners, parts in (
        ("stroke_ptr", samples, len(arrays["point_ptr"]) - 1),
        ("point_ptr", len(arrays["point_ptr"]) - 1, len(arrays["points"])),
    ):
        ptr = arrays[name]
        if len(ptr) != owners + 1 or ptr[0] != 0 or ptr[-1] != parts or (ptr[1:] <= ptr[:-1]).any():
            return f"{name!r} does not add up: expected {owners + 1} rising numbers from 0 to {parts}"
    return None
