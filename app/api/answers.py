"""Answers in JSON, CSV, PNG or SVG, as the client asks, with what caches need to know: ETag and Cache-Control.

References
----------
RFC 9110, sections 12.5.1 (Accept), 8.8.3 and 13.1.2 (ETag, If-None-Match).
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import Request, Response

from app.api.problems import HttpProblem

MEDIA_TYPES = {"json": "application/json", "csv": "text/csv", "png": "image/png", "svg": "image/svg+xml"}
_IMMUTABLE = "public, max-age=31536000, immutable"
# An SVG styles itself, which the policy of all other answers forbids; it runs and fetches nothing all the same.
_SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

HEADERS = {
    "ETag": "Strong: the same only as long as not a byte changes. `If-None-Match` with it answers 304.",
    "Cache-Control": "`immutable` if the version is named by its number and no data outside the service count.",
}


def choose_form(request: Request, name: str | None, offered: Sequence[str] = tuple(MEDIA_TYPES)) -> str:
    """Choose a form of answer by its name in `MEDIA_TYPES`; see `negotiate`."""
    return negotiate(request, name, {form: MEDIA_TYPES[form] for form in offered})


def negotiate(request: Request, name: str | None, offered: Mapping[str, str]) -> str:
    """Choose the form of an answer: by the parameter ``format`` or else by the Accept header.

    Of forms that suit the client equally the first is chosen; if none suits it, the answer is problem 406.

    Parameters
    ----------
    name : value of ``format``, which is one of those offered; None if it was not sent
    offered : media types without parameters, by name

    Returns
    -------
    one of the names
    """
    if name is not None:
        return name
    accept = ", ".join(request.headers.getlist("accept"))  # without the header, everything is accepted
    ranges = dict(_parse_range(part) for part in accept.split(",") if part.strip()) or {"*/*": 1.0}

    def quality(name: str) -> float:
        media_type = offered[name]
        kind = media_type.partition("/")[0]
        return next((ranges[key] for key in (media_type, f"{kind}/*", "*/*") if key in ranges), 0.0)

    best = max(offered, key=quality)
    if quality(best) > 0:
        return best
    types = list(offered.values())
    detail = f"expected an Accept header that allows one of {', '.join(types)}, got {accept!r}"
    raise HttpProblem(406, detail, headers={"Vary": "Accept"}, available=types)


def to_json(document: Mapping[str, Any]) -> bytes:
    """Encode a document; floats keep all digits."""
    return json.dumps(document, ensure_ascii=False).encode()


def to_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Encode a table as RFC 4180 describes it."""
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def cacheable(
    request: Request,
    body: bytes | Mapping[str, Any],
    form: str,
    *,
    immutable: bool = False,
    etag: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Answer with a body that caches may keep, or with 304 if the client has it already.

    Parameters
    ----------
    body : bytes, or a document in JSON's types
    form : of the body, a name of `MEDIA_TYPES`
    immutable : whether this address will always give this answer
    etag : without quotes; None takes the digest of the body
    """
    if not isinstance(body, bytes):
        body = to_json(body)
    tag = f'"{etag or hashlib.sha256(body).hexdigest()}"'
    all_headers = {
        **(headers or {}),
        "ETag": tag,
        "Cache-Control": _IMMUTABLE if immutable else "no-cache",
        "Vary": "Accept",
    }
    if form == "svg":
        all_headers["Content-Security-Policy"] = _SVG_POLICY
    if request.method == "GET" and _is_known(request.headers.getlist("if-none-match"), tag):
        return Response(status_code=304, headers=all_headers)
    charset = "; charset=utf-8" if form == "csv" else ""
    all_headers["Content-Type"] = MEDIA_TYPES[form] + charset
    return Response(body, headers=all_headers)


def uncached(document: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with a document that no cache may keep."""
    return Response(to_json(document), status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")


def _is_known(fields: Sequence[str], tag: str) -> bool:
    """Tell whether If-None-Match names the tag; by the standard weak tags count there as strong ones do."""
    known = {part.strip().removeprefix("W/") for field in fields for part in field.split(",")}
    return tag in known or "*" in known


def _parse_range(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in media_range.split(";"))
    weights = [value for key, _, value in (item.partition("=") for item in parameters) if key.strip() == "q"]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:  # a quality that is not a number counts as 0
        return name, 0.0
