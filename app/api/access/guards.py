"""Who may do what: what guards the routes. Who asks, `app.api.access.admission` has found out before."""

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
    """Who asks: the id of their key, None if they sent none, their address, and what they may.

    `doubt` is why a key could not be looked up; it is raised where one is needed.
    """

    key_id: str | None
    address: str
    permitted: frozenset[Scope] = frozenset()
    doubt: DatabaseFailed | None = None


class May(HTTPBearer):
    """Lets those through whose key has a scope, and everybody where a setting opens the route.

    Parameters
    ----------
    scope : that the key must have, or one that includes it
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
        """Return who asks; what they may not, is a problem."""
        return self.check(request)

    def check(self, request: Request) -> Caller:
        """As when it is called; takes nothing in of the request's body."""
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
        """Tell whether nobody needs a key here."""
        return self.opened_by is not None and bool(getattr(settings, self.opened_by))


def may(scope: Literal["read", "correct", "admin"]) -> May:
    """Guard a route: ``dependencies=[Depends(may("admin"))]``. What needs ``read`` is open unless a setting closes it.

    The key is checked before the body of the request is read.
    """
    return May(Scope(scope), "open_reading" if scope == "read" else None)


def may_inspect() -> May:
    """Guard a route that looks into models; it is open unless a setting of its own closes it."""
    return May(Scope.READ, "open_inspection")


def may_watch() -> May:
    """Guard the figures for those who watch the service; they are open likewise."""
    return May(Scope.READ, "open_metrics")


def get_caller(request: Request) -> Caller:
    """Hand out who asks."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller or Caller(None, address_of(request))


CallerDep = Annotated[Caller, Depends(get_caller)]


def guards_of(route: object) -> list[May]:
    """List what guards a route, at the route itself or at its router."""
    dependencies = route.dependant.dependencies if isinstance(route, APIRoute) else []
    return [dependency.call for dependency in dependencies if isinstance(dependency.call, May)]


def unauthorised(*reasons: str) -> HttpProblem:
    """Make the problem of a key that is missing or opens nothing; which of these it is, the sentence does not tell."""
    return HttpProblem(
        401,
        "expected a key as Authorization: Bearer inkrow_..., got none, or one that is unknown, expired or revoked",
        headers={"WWW-Authenticate": _challenge(*reasons)},
    )


def address_of(request: Request) -> str:
    """Return the client's address, that which a trusted proxy names if there is one."""
    return request.client.host if request.client else "unknown"


def _challenge(*reasons: str) -> str:
    return "Bearer " + ", ".join(['realm="Inkrow"', *reasons])
