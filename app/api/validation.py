"""What is wrong with a request, as FastAPI finds it, in words for whoever sent it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.requests import Request

from app.validation_messages import validation_message

AN_OBJECT = "an object of the type application/json (curl: -H 'Content-Type: application/json' -d @file.json)"
AN_IMAGE = "an image in a form of the type multipart/form-data (curl: -F file=@page.jpg)"
# The type that curl --data-binary gives any file.
SENT_WITHOUT_A_FORM = "application/x-www-form-urlencoded"
_WRONG_BODIES = {"json_invalid": "what is no JSON", "missing": "none"}
_OTHERS_IN_JSON = {list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
_PLACES = {"query": "query parameter", "body": "form field", "path": "path segment", "header": "header"}


def media_type(request: Request) -> str:
    """Return the type of a request's body without parameters such as the charset; an empty text if it has none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def describe_errors(exc: RequestValidationError, sent_as: str) -> tuple[list[dict[str, str]], str]:
    """Return each error with its ``location``, ``name`` and ``detail``, and all of them as one sentence.

    Parameters
    ----------
    sent_as : `media_type` of the request
    """
    errors = [_error(error, sent_as) for error in exc.errors()]
    return errors, "; ".join(map(_in_words, errors))


def _in_words(error: Mapping[str, str]) -> str:
    name = f" {error['name']!r}" if error["name"] else ""
    return f"{error['location']}{name}: {error['detail']}"


def _error(error: Mapping[str, Any], sent_as: str) -> dict[str, str]:
    place, *path = error["loc"]
    if place == "body" and not any(isinstance(part, str) for part in path):
        came = _WRONG_BODIES.get(error["type"]) or _other_body(error.get("input"), sent_as)
        return {"location": place, "name": "", "detail": f"expected {AN_OBJECT}, got {came}"}
    is_json = _is_json(sent_as)
    if place == "body" and path[0] == "file":
        is_text = not is_json and isinstance(error.get("input"), str)
        came = "text" if is_text else "none" if sent_as in ("", "multipart/form-data") else sent_as
        return {"location": _PLACES[place], "name": "file", "detail": f"expected {AN_IMAGE}, got {came}"}
    if place == "body" and is_json:
        return {"location": "JSON member", "name": ".".join(map(str, path)), "detail": validation_message(error)}
    name = ".".join(part for part in path if isinstance(part, str))  # a number would be that of a file in the list
    return {"location": _PLACES.get(place, place), "name": name, "detail": validation_message(error)}


def _other_body(came: object, sent_as: str) -> str:
    return _OTHERS_IN_JSON.get(type(came), "something else") if _is_json(sent_as) else sent_as or "no type"


def _is_json(media: str) -> bool:
    return media.endswith("json")
