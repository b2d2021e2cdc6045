"""What the documentation says of every address that looks into a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.api.answers import HEADERS, MEDIA_TYPES
from app.api.openapi import EXAMPLES, documented_headers, problem_responses

_PROBLEMS = ("model-not-found", "not-acceptable", "invalid-input", "damaged-model")


def documented(
    path: str, *problems: str, csv: bool = False, pictures: Sequence[str] = (), instance: str | None = None
) -> dict[int | str, dict[str, Any]]:
    """Document an answer in its forms, and its problems: FastAPI's ``responses``.

    Parameters
    ----------
    path : as the documentation has it, under which ``examples.json`` keeps an answer in JSON and one in CSV
    problems : codes beside those that all these addresses share
    instance : the address in the problems; `path` if not given
    """
    content: dict[str, Any] = {"application/json": {"example": EXAMPLES["inspection"].get(path)}}
    if csv:
        content[MEDIA_TYPES["csv"]] = {
            "schema": {"type": "string"},
            "example": EXAMPLES["inspection"].get(f"{path} as CSV"),
        }
    for form in pictures:
        content[MEDIA_TYPES[form]] = {"schema": {"type": "string", "format": "binary"}}
    answer = {"content": content, "headers": documented_headers(HEADERS)}
    return {200: answer, **problem_responses(instance or path, *_PROBLEMS, *problems)}
