"""Answers in one of several forms; those that may be kept have a strong ETag.

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
    """Choose one of some names of `MEDIA_TYPES` as `negotiate` does."""
    return negotiate(request, name, {form: MEDIA_TYPES[form] for form in offered})


def negotiate(request: Request, name: str | None, offered: Mapping[str, str]) -> str:
    """Choose by name, or without one what suits the client best; of equals, the first; none that suits is problem 406.

    Parameters
    ----------
    name : as the parameter ``format`` has it, which takes none but those that are offered
    offered : media types without parameters, by the names of which one is returned
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
    """Write a document; floats keep the digits that tell them apart."""
    return json.dumps(document, ensure_ascii=False).encode()


def to_csv(rows: Iterable[Sequence[object]]) -> bytes:
    """Write a table as RFC 4180 has it."""
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
    """Answer with a body that may be kept, or with 304 if the client has it already.

    Parameters
    ----------
    body : encoded in the form, or for JSON in its types
    form : a name of `MEDIA_TYPES`
    immutable : whether the address will never answer anything else
    etag : without its quotes; by default the digest of the body
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
    """Answer with a document that nobody may keep."""
    return Response(to_json(document), status, {"Cache-Control": "no-store", **(headers or {})}, "application/json")


def _is_known(fields: Sequence[str], tag: str) -> bool:
    """Compare with If-None-Match, for which a weak tag is as good as a strong one."""
    known = {part.strip().removeprefix("W/") for field in fields for part in field.split(",")}
    return tag in known or "*" in known


def _parse_range(media_range: str) -> tuple[str, float]:
    name, *parameters = (part.strip().lower() for part in media_range.split(";"))
    weights = [value for key, _, value in (item.partition("=") for item in parameters) if key.strip() == "q"]
    try:
        return name, float(weights[0]) if weights else 1.0
    except ValueError:  # not a number: as good as not asked for
        return name, 0.0
