"""What a worker and the process of a job say to each other: one JSON document a line."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Order:
    """What a process is to do."""

    work: str  # "module:name" of what has the work by its kind
    kind: str
    job_id: str
    parameters: Mapping[str, Any]
    folder: str


def to_line(document: Mapping[str, Any]) -> bytes:
    """Write a document; arrays and numbers of NumPy become lists and numbers."""
    return json.dumps(document, default=_plain).encode() + b"\n"


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    return str(value)
