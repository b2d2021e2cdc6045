"""The messages between a worker and the process of a job: one JSON document a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Order:
    """The first message: tells a process which work to do."""

    work: str  # "module:name" of a mapping from kinds to `Work`
    kind: str
    job_id: str
    parameters: Mapping[str, Any]
    folder: str


def to_line(document: Mapping[str, Any]) -> bytes:
    """Encode a document as a line; NumPy's arrays and numbers become lists and numbers."""
    return json.dumps(document, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
