"""What the OpenAPI document says of answers: their headers, problems and examples.

Examples are answers that the service gave, kept in ``examples.json`` by ``make examples``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from app.api.answers import HEADERS, MEDIA_TYPES
from app.api.problems import KINDS, MEDIA_TYPE
from app.formats import FORMATS

FILE = Path(__file__).with_name("examples.json")
# By kind (reading, format, problem, other) and name. A new name has none before `make examples` has been run.
EXAMPLES: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))

# With which every address answers that takes an image.
IMAGE_PROBLEMS = ("malformed-request", "too-many-bytes", "not-an-image", "unreadable-image", "too-many-pixels")


def reading_content() -> dict[str, Any]:
    """Document the forms of a reading: the ``content`` of an OpenAPI response."""
    readings = {name: {"summary": name.capitalize(), "value": value} for name, value in EXAMPLES["reading"].items()}
    content: dict[str, Any] = {FORMATS["json"].media_type: {"examples": readings}}
    for name, format_ in FORMATS.items():
        if name != "json":
            is_shown = name in EXAMPLES["format"]
            schema = {"type": "string"} if is_shown else {"type": "string", "format": "binary"}
            content[format_.media_type] = {"schema": schema, "example": EXAMPLES["format"].get(name)}
    return content


def answer_example(
    path: str, status: int = 200, headers: Mapping[str, Any] | None = None
) -> dict[int | str, dict[str, Any]]:
    """Document what an address answers when all is well: FastAPI's ``responses``."""
    response = {"content": {"application/json": {"example": EXAMPLES["other"].get(path)}}}
    return {status: response if headers is None else {**response, "headers": headers}}


def documented_headers(meanings: Mapping[str, str]) -> dict[str, Any]:
    """Document the headers of an answer by what they mean."""
    return {name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in meanings.items()}


def inspection_responses(
    path: str, *problems: str, csv: bool = False, pictures: Sequence[str] = (), instance: str | None = None
) -> dict[int | str, dict[str, Any]]:
    """Document what an address that looks into a version answers, in its forms, and its problems.

    Parameters
    ----------
    path : as the documentation has it, under which ``examples.json`` keeps an answer in JSON and one in CSV
    problems : codes beside those that all these addresses share
    instance : the address in the problems; `path` if not given
    """
    examples = EXAMPLES["inspection"]
    content: dict[str, Any] = {"application/json": {"example": examples.get(path)}}
    if csv:
        content[MEDIA_TYPES["csv"]] = {"schema": {"type": "string"}, "example": examples.get(f"{path} as CSV")}
    for form in pictures:
        content[MEDIA_TYPES[form]] = {"schema": {"type": "string", "format": "binary"}}
    answer = {"content": content, "headers": documented_headers(HEADERS)}
    shared = ("model-not-found", "not-acceptable", "invalid-input", "damaged-model")
    return {200: answer, **problem_responses(instance or path, *shared, *problems)}


def problem_responses(instance: str, *codes: str) -> dict[int | str, dict[str, Any]]:
    """Document the problems that an address answers with: FastAPI's ``responses``."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        response = responses.setdefault(kind.status, {"description": "", "content": _problem_content()})
        response["description"] = "; ".join(filter(None, [response["description"], kind.title]))
        response["content"][MEDIA_TYPE]["examples"] |= _problem_example(code, instance)
    return responses


def other_problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Document that any address may answer with a problem, among others with these."""
    content = _problem_content()
    for code in codes:
        content[MEDIA_TYPE]["examples"] |= _problem_example(code, "/ocr")
    return {"default": {"description": "A problem", "content": content}}


def document_what_may_be_left_out(document: dict[str, Any]) -> None:
    """Say of parameters that can be left out what they are if they are not: there is no way to write null."""
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                schema = parameter["schema"]
                schema.update(*schema.pop("anyOf", [])[:1])


def _problem_content() -> dict[str, dict[str, Any]]:
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}}


def _problem_example(code: str, instance: str) -> dict[str, Any]:
    if code not in EXAMPLES["problem"]:
        return {}
    return {code: {"summary": KINDS[code].title, "value": {**EXAMPLES["problem"][code], "instance": instance}}}
