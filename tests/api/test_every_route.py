"""No route forgets its guard: all that the application has are walked through, those to come included."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from fastapi import Depends
from fastapi.routing import iter_route_contexts
from starlette.responses import PlainTextResponse
from starlette.routing import Mount

from app.access import KeyStore, Scope
from app.api.access.guards import guards_of, may, may_inspect

# What describes the service and tells whether it lives.
_OPEN = {
    "/",
    "/docs",
    "/docs/start.js",
    "/docs/assets",
    "/inside",
    "/web",
    "/openapi.json",
    "/problems",
    "/problems/{code}",
    "/livez",
    "/readyz",
}
_TO_CORRECT = ("/corrections", "/review")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


@pytest.fixture
def keys(app, client):
    """Give a key of each kind that must not open what is under /admin, and None for none at all."""
    now = KeyStore(app.state.database)
    past = KeyStore(app.state.database, lambda: datetime.now(UTC) - timedelta(days=2))
    revoked, was_good = now.create("revoked", [Scope.ADMIN])
    now.revoke(revoked.id)
    _, good = now.create("good", [Scope.ADMIN])
    return {
        "none": None,
        "wrong": good[:-4] + "0000",
        "expired": past.create("expired", [Scope.ADMIN], expires_at=datetime.now(UTC) - timedelta(days=1))[1],
        "revoked": was_good,
        "under-scoped": now.create("under-scoped", [Scope.READ, Scope.CORRECT])[1],
    }


def _is_below(path, *folders):
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)


def _routes(app, *folders):
    return [route for route in iter_route_contexts(app.routes) if _is_below(route.path or "", *folders)]


def _open_doors(app, client, keys):
    """Try every route under /admin with every key; gives those that do not refuse as they should."""
    found = []
    for route in _routes(app, "/admin"):
        address = re.sub(r"\{[^}]*\}", "x", route.path)
        methods = route.methods or set(_METHODS)
        for method in sorted(methods | {"HEAD"} if "GET" in methods else methods):
            for kind, key in keys.items():
                response = client.request(
                    method, address, headers={} if key is None else {"Authorization": f"Bearer {key}"}, content=b"{"
                )
                expected = (403 if kind == "under-scoped" else 401, "application/problem+json", True)
                came = (
                    response.status_code,
                    response.headers.get("content-type"),
                    response.headers.get("www-authenticate", "").startswith('Bearer realm="Inkrow"'),
                )
                if came != expected:
                    found.append(f"{method} {route.path} with {kind} key: {came}")
    return found


def test_no_admin_route_lets_anybody_in_without_a_key_of_that_scope(app, client, keys):
    assert _routes(app, "/admin")
    assert _open_doors(app, client, keys) == []


@pytest.mark.parametrize(
    "guards, kinds",
    [
        ([], {"none", "under-scoped"}),
        ([Depends(may("correct"))], {"under-scoped"}),
        ([Depends(may("read"))], {"none", "under-scoped"}),
        ([Depends(may_inspect())], {"none", "under-scoped"}),
    ],
)
def test_a_route_that_forgets_its_guard_is_found(app, client, keys, guards, kinds):
    app.add_api_route("/admin/forgotten/{name}", lambda name: name, methods=["PUT"], dependencies=guards)
    found = _open_doors(app, client, keys)
    assert {re.search(r"with (\S+) key", line)[1] for line in found} == kinds
    assert all(line.startswith("PUT /admin/forgotten/{name} ") for line in found)


def test_a_mount_that_forgets_its_guard_is_found(app, client, keys):
    app.router.routes.append(Mount("/admin/files", app=PlainTextResponse("all of them")))
    assert any("/admin/files" in line for line in _open_doors(app, client, keys))


def test_every_other_route_is_guarded_or_known_to_be_open(app):
    unguarded = {route.path for route in iter_route_contexts(app.routes) if not guards_of(route.original_route)}
    assert unguarded == _OPEN


def test_who_corrects_needs_a_key_for_it(app):
    for route in _routes(app, *_TO_CORRECT):
        scopes = {guard.scope for guard in guards_of(route.original_route)}
        assert scopes & {Scope.CORRECT, Scope.ADMIN}, f"{route.methods} {route.path}"


def test_an_answer_without_content_has_no_media_type(app):
    routes = [route.original_route for route in iter_route_contexts(app.routes)]
    empty = [route for route in routes if getattr(route, "status_code", None) == 204]
    assert empty
    assert [route.path for route in empty if route.response_class.media_type] == []
