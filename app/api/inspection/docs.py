"""What the documentation says of every address that looks into a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.api.examples import EXAMPLES, problem_responses
from app.api.inspection.artefacts import HEADERS, MEDIA_TYPES

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
    headers = {name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in HEADERS.items()}
    return {200: {"content": content, "headers": headers}, **problem_responses(instance or path, *_PROBLEMS, *problems)}
