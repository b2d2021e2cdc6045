"""What the documentation says of keys: which scope each route takes, and how it answers without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from app.api.examples import problem_responses
from app.api.guards import SCHEME, guards_of
from app.config import Settings


def document_access(document: dict[str, Any], routes: Iterable[BaseRoute], settings: Settings) -> None:
    """Add to every guarded operation of an OpenAPI document which scope it takes, and the problems of going without."""
    for route in iter_route_contexts(list(routes)):
        operations = document["paths"].get(route.path, {})
        for method in route.methods or ():
            for guard in guards_of(route.original_route) if method.lower() in operations else ():
                operation = operations[method.lower()]
                needed = {SCHEME: [str(guard.scope)]}
                operation["security"] = [{}, needed] if guard.is_open(settings) else [needed]
                problems = problem_responses(route.path or "", "key-needed", "scope-needed")
                operation["responses"] |= {str(status): response for status, response in problems.items()}
