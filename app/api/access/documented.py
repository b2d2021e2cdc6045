"""What the documentation says of keys and limits: the scope that each route takes, and how it answers without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from app.api.access.admission import UNCOUNTED
from app.api.access.guards import SCHEME, May, guards_of
from app.api.openapi import documented_headers, problem_responses
from app.config import Settings

_COUNTS = {
    "Retry-After": "Seconds until the next one is answered.",
    "RateLimit": "How many requests are left (r), and in how many seconds all are there again (t).",
    "RateLimit-Policy": "How many requests (q) are answered in how many seconds (w).",
}


def document_access(document: dict[str, Any], routes: Iterable[BaseRoute], settings: Settings) -> None:
    """Add to an OpenAPI document what `app.api.access.admission` and the guards of the routes do."""
    for path, operation, guards in _operations(document, routes):
        problems = {}
        for guard in guards:
            needed = {SCHEME: [str(guard.scope)]}
            operation["security"] = [{}, needed] if guard.is_open(settings) else [needed]
            problems = problem_responses(path, "key-needed", "scope-needed")
            problems[401]["headers"] = documented_headers({"WWW-Authenticate": "The scheme, Bearer."})
        if settings.rate_limit and path not in UNCOUNTED:
            problems |= problem_responses(path, "too-many-requests")
            problems[429]["headers"] = documented_headers(_COUNTS)
        operation["responses"] |= {str(status): response for status, response in problems.items()}


def _operations(
    document: dict[str, Any], routes: Iterable[BaseRoute]
) -> Iterator[tuple[str, dict[str, Any], list[May]]]:
    """Every documented operation, with its path and what guards it."""
    for route in iter_route_contexts(list(routes)):
        for method in route.methods or ():
            operation = document["paths"].get(route.path, {}).get(method.lower())
            if operation is not None:
                yield route.path or "", operation, guards_of(route.original_route)
