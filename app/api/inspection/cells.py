"""One cell of a confusion matrix: which one an address names, and which glyphs were counted in it."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import numpy as np
from fastapi import Request
from numpy.typing import NDArray

from app.api.inspection.grids import data_uri, glyph_png
from app.api.problems import sent_path
from app.errors import InvalidInput, NotFound
from app.training.measuring.cases import Cases

_CODE_POINT = re.compile(r"U\+([0-9A-Fa-f]{4,6})")
_ALTERNATIVES = 4
_LEAST = 1e-4  # probability; less likely characters are not listed as alternatives


def label_names(request: Request) -> tuple[str, str]:
    """Return the two characters of an address such as ``/confusion/%2F/U+0025``.

    Either character may be a ``/``. In the decoded path, by which routes are found, it could not be told from one
    between two parts; so the parts are taken from the path as it was sent.

    Raises
    ------
    NotFound : there are not two parts.
    InvalidInput : a part is neither a character nor a code point.
    """
    path = sent_path(request)
    parts = path.rpartition("/confusion/")[2].split("/")
    if len(parts) != 2:
        raise NotFound(f"there is nothing at {path}")
    return _character(unquote(parts[0])), _character(unquote(parts[1]))


def _character(part: str) -> str:
    if code := _CODE_POINT.fullmatch(part):
        number = int(code[1], 16)
        if number <= 0x10FFFF and not 0xD800 <= number < 0xE000:
            return chr(number)
    if len(part) != 1:
        raise InvalidInput(f"expected one character, or its code point as U+002F, got {part!r}", got=part)
    return part


def find_labels(wanted: tuple[str, str], labels: str) -> None:
    """Refuse characters that the model does not know.

    Raises
    ------
    NotFound
    """
    if unknown := [label for label in wanted if label not in labels]:
        raise NotFound(f"the model knows {labels}, not {' or '.join(map(repr, unknown))}", labels=labels)


def describe_cell(cases: Cases, labels: tuple[str, str], found: NDArray[np.intp], limit: int) -> dict[str, Any]:
    """Return what is in a cell, and the first few examples, in JSON's types."""
    true, predicted = labels
    written = int((cases.y_true == cases.labels.index(true)).sum())
    return {
        "true": true,
        "predicted": predicted,
        "count": len(found),
        "share": len(found) / max(written, 1),
        "examples": [_example(cases, index) for index in found[:limit].tolist()],
    }


def _example(cases: Cases, index: int) -> dict[str, Any]:
    p = cases.p[index]
    ranked = [place for place in np.argsort(-p, kind="stable")[: _ALTERNATIVES + 1].tolist() if p[place] >= _LEAST]
    return {
        "image": data_uri(glyph_png(cases.images[index])),
        "confidence": float(cases.confidence[index]),
        "alternatives": [
            {"char": cases.labels[place], "confidence": float(p[place])}
            for place in ranked
            if place != cases.y_pred[index]
        ],
        "writer": str(cases.writers[index]) or None,
    }
