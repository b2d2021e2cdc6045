"""What the documentation says of keys and limits: the scope that each route takes, and how it answers without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from app.access import Scope
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
            # Every key has the scope that reads.
            problems = problem_responses("key-needed", *["scope-needed"] * (guard.scope != Scope.READ))
            problems[401]["headers"] = documented_headers({"WWW-Authenticate": "The scheme, Bearer."})
        if settings.rate_limit and path not in UNCOUNTED:
            problems |= problem_responses("too-many-requests")
            problems[429]["headers"] = documented_headers(_COUNTS)
        operation["responses"] |= {str(status): response for status, response in problems.items()}


def _operations(
    document: dict[str, Any], routes: Iterable[BaseRoute]
) -> Iterator[tuple[str, dict[str, Any], list[May]]]:
    """Every documented operation, with its path and what guards it."""
    for route in iter_route_contexts(list(routes)):
        path = route.path_format or ""  # as the document has it: {true} where the route's path has {true:path}
        for method in route.methods or ():
            operation = document["paths"].get(path, {}).get(method.lower())
            if operation is not None:
                yield path, operation, guards_of(route.original_route)
