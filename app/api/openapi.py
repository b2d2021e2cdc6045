"""What the OpenAPI document says of answers: their headers, problems and examples.

Examples are answers that the service gave, kept in ``examples.json`` by ``make examples``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from app.api.answers import HEADERS, MEDIA_TYPES
from app.api.problems import KINDS, MEDIA_TYPE
from app.formats import FORMATS

FILE = Path(__file__).with_name("examples.json")
# By kind of example, then by name; a new name has none until `make examples` is run. Of the kinds, `problem` has one
# document for each kind of problem, `own` the problems that an operation (such as `GET /models`) words in its own way,
# and `body` what was sent to an operation.
EXAMPLES: dict[str, dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))

# Kinds of problems that each operation words in its own way, so that the sentence of another would mislead.
WORDED_BY_EACH = {
    "conflict",
    "dataset-not-found",
    "invalid-input",
    "method-not-allowed",
    "model-not-found",
    "not-acceptable",
    "not-found",
    "not-ready",
    "scope-needed",
}

# Problems of every address that takes an image.
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


def binary_answer(media_type: str, **more: Any) -> dict[int | str, dict[str, Any]]:
    """Document an answer that is a file: FastAPI's ``responses``, with `more` of its fields, such as ``headers``."""
    return {200: {"content": {media_type: {"schema": {"type": "string", "format": "binary"}}}, **more}}


def documented_headers(meanings: Mapping[str, str]) -> dict[str, Any]:
    """Document the headers of an answer by what they mean."""
    return {name: {"description": meaning, "schema": {"type": "string"}} for name, meaning in meanings.items()}


def inspection_responses(
    path: str, *problems: str, csv: bool = False, pictures: Sequence[str] = (), of_version: bool = True
) -> dict[int | str, dict[str, Any]]:
    """Document the answers of an address that inspects a version of a model, in each format, and its problems.

    Parameters
    ----------
    path : template of the address, under which ``examples.json`` keeps an answer in JSON and one in CSV
    problems : codes beside those that all these addresses share
    of_version : whether it inspects a version of the store, which may be missing or damaged
    """
    examples = EXAMPLES["inspection"]
    content: dict[str, Any] = {"application/json": {"example": examples.get(path)}}
    if csv:
        content[MEDIA_TYPES["csv"]] = {"schema": {"type": "string"}, "example": examples.get(f"{path} as CSV")}
    for form in pictures:
        content[MEDIA_TYPES[form]] = {"schema": {"type": "string", "format": "binary"}}
    answer = {"content": content, "headers": documented_headers(HEADERS)}
    shared = ["not-acceptable", "invalid-input", *["model-not-found", "damaged-model"] * of_version]
    return {200: answer, **problem_responses(*shared, *problems)}


def problem_responses(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Document the problems that an address answers with: FastAPI's ``responses``."""
    responses: dict[int | str, dict[str, Any]] = {}
    for code in codes:
        kind = KINDS[code]
        response = responses.setdefault(kind.status, {"description": "", "content": _problem_content()})
        response["description"] = "; ".join(filter(None, [response["description"], kind.title]))
        response["content"][MEDIA_TYPE]["examples"] |= _problem_example(code)
    return responses


def other_problems(*codes: str) -> dict[int | str, dict[str, Any]]:
    """Document that any address may answer with a problem, among others with these."""
    content = _problem_content()
    for code in codes:
        content[MEDIA_TYPE]["examples"] |= _problem_example(code)
    return {"default": {"description": "A problem", "content": content}}


def document_own_examples(document: dict[str, Any]) -> None:
    """Give each operation examples of its own: what is sent to it, and its problems with its own address and words."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            name = f"{method.upper()} {path}"
            own = EXAMPLES["own"].get(name, {})
            address = own.get("method-not-allowed", {}).get("instance", path)
            operation["responses"] = deepcopy(operation["responses"])  # several routes share one
            for response in operation["responses"].values():
                problems = response.get("content", {}).get(MEDIA_TYPE, {}).get("examples", {})
                for code, example in list(problems.items()):
                    if code in own:
                        example["value"] = own[code]
                    elif code in WORDED_BY_EACH:
                        del problems[code]
                    else:
                        example["value"]["instance"] = address
            for media_type, body in EXAMPLES["body"].get(name, {}).items():
                operation["requestBody"]["content"][media_type]["example"] = body


def document_what_may_be_left_out(document: dict[str, Any]) -> None:
    """Drop ``null`` from the types of optional parameters: one can leave them out, but a query cannot say null."""
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                schema = parameter["schema"]
                schema.update(*schema.pop("anyOf", [])[:1])


def document_files(document: dict[str, Any]) -> None:
    """Mark what is sent as a file by ``format: binary`` as well.

    FastAPI marks it as OpenAPI 3.1 wants it, by a media type, but programs that make clients look for the mark of 3.0:
    without it, they send the name of the file as text.
    """
    for schema in document["components"]["schemas"].values():
        for sent in schema.get("properties", {}).values():
            file = sent.get("items", sent)
            if "contentMediaType" in file:
                file["format"] = "binary"


def document_conditional_requests(document: dict[str, Any]) -> None:
    """Document ``If-None-Match`` and its answer wherever GET is answered with an ETag, as `cacheable` does."""
    parameter = {
        "name": "If-None-Match",
        "in": "header",
        "required": False,
        "description": "The ETag of an answer that you have.",
        "schema": {"type": "string"},
    }
    for path in document["paths"].values():
        operation = path.get("get", {"responses": {}})
        if "ETag" in operation["responses"].get("200", {}).get("headers", {}):
            operation.setdefault("parameters", []).append(parameter)
            operation["responses"]["304"] = {"description": "You have this answer already"}


def _problem_content() -> dict[str, dict[str, Any]]:
    return {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": {}}}


def _problem_example(code: str) -> dict[str, Any]:
    if code not in EXAMPLES["problem"]:
        return {}
    return {code: {"summary": KINDS[code].title, "value": EXAMPLES["problem"][code]}}
