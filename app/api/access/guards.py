"""Who may use which route. Who sends a request, `app.api.access.admission` has found out before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.requests import Request

from app.access import Scope
from app.api.dependencies import get_settings
from app.api.problems import HttpProblem
from app.config import Settings
from app.errors import DatabaseFailed

SCHEME = "key"  # its name in the documentation


@dataclass(frozen=True)
class Caller:
    """Who sent a request: the id of their key (None without one), their address, and the scopes they have.

    `doubt` says why a key could not be looked up; routes that need one raise it.
    """

    key_id: str | None
    address: str
    permitted: frozenset[Scope] = frozenset()
    doubt: DatabaseFailed | None = None


class May(HTTPBearer):
    """Lets those through whose key has a scope, and everybody where a setting opens the route.

    Parameters
    ----------
    scope : what the key must have, or a scope that includes it
    opened_by : the field of `Settings` that opens the route to those without a key
    """

    def __init__(self, scope: Scope, opened_by: str | None) -> None:
        super().__init__(
            scheme_name=SCHEME,
            bearerFormat="inkrow_<id>_<secret>",
            description="A key that `inkrow keys create` made; its scopes say what it opens.",
        )
        self.scope = scope
        self.opened_by = opened_by

    async def __call__(self, request: Request) -> Caller:  # type: ignore[override]
        """Return who sent the request; raise a problem if they may not."""
        return self.check(request)

    def check(self, request: Request) -> Caller:
        """Do the same outside of FastAPI's dependencies, and without reading the request's body."""
        caller = get_caller(request)
        if self.is_open(get_settings(request)):
            return caller
        if caller.key_id is None:
            raise caller.doubt or unauthorised(f'scope="{self.scope}"')
        if self.scope not in caller.permitted:
            raise HttpProblem(
                403,
                f"expected a key with the scope {self.scope}, got one without",
                headers={"WWW-Authenticate": _challenge('error="insufficient_scope"', f'scope="{self.scope}"')},
                scope=self.scope,
            )
        request.state.took_key = True
        return caller

    def is_open(self, settings: Settings) -> bool:
        """Tell whether the settings open the route to those without a key."""
        return self.opened_by is not None and bool(getattr(settings, self.opened_by))


def may(scope: Literal["read", "correct", "admin"]) -> May:
    """Guard a route: ``dependencies=[Depends(may("admin"))]``. With ``read`` it is open unless a setting closes it.

    The key is checked before the body of the request is read.
    """
    return May(Scope(scope), "open_reading" if scope == "read" else None)


def may_inspect() -> May:
    """Guard a route that inspects models: open unless the setting `open_inspection` is off."""
    return May(Scope.READ, "open_inspection")


def may_watch() -> May:
    """Guard the metrics: open unless the setting `open_metrics` is off."""
    return May(Scope.READ, "open_metrics")


def get_caller(request: Request) -> Caller:
    """Hand out who sent the request."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller or Caller(None, address_of(request))


CallerDep = Annotated[Caller, Depends(get_caller)]


def guards_of(route: object) -> list[May]:
    """List what guards a route, at the route itself or at its router."""
    dependencies = route.dependant.dependencies if isinstance(route, APIRoute) else []
    return [dependency.call for dependency in dependencies if isinstance(dependency.call, May)]


def unauthorised(*reasons: str) -> HttpProblem:
    """Make the problem of a key that is missing or not valid. It does not say which, as that would help to guess."""
    return HttpProblem(
        401,
        "expected a key as Authorization: Bearer inkrow_..., got none, or one that is unknown, expired or revoked",
        headers={"WWW-Authenticate": _challenge(*reasons)},
    )


def address_of(request: Request) -> str:
    """Return the client's address; behind a trusted proxy, the one that the proxy names."""
    return request.client.host if request.client else "unknown"


def _challenge(*reasons: str) -> str:
    return "Bearer " + ", ".join(['realm="Inkrow"', *reasons])
