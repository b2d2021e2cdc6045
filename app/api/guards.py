"""Who asks, and whether they may: what guards the routes."""

from __future__ import annotations

import logging
import secrets
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import Depends
from fastapi.routing import APIRoute
from fastapi.security import HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from app.access import Key, KeyStore, Scope
from app.access.keys import hashed
from app.api.problems import HttpProblem
from app.api.serving import get_database, get_settings
from app.config import Settings
from app.errors import DatabaseFailed

SCHEME = "key"  # its name in the documentation
# Where nobody is asked who they are.
_ALWAYS_OPEN = {"/livez", "/readyz"}
ENVIRONMENT_KEY = "INKROW_ADMIN_KEY"  # in the place of an id

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Caller:
    """Who asks: the id of their key, None if they sent none, their address, and what they may."""

    key_id: str | None
    address: str
    permitted: frozenset[Scope] = frozenset()


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
            raise _unauthorised(f'scope="{self.scope}"')
        if self.scope not in caller.permitted:
            raise HttpProblem(
                403,
                f"expected a key with the scope {self.scope}, got one without",
                headers={"WWW-Authenticate": _challenge('error="insufficient_scope"', f'scope="{self.scope}"')},
                scope=self.scope,
            )
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


def get_caller(request: Request) -> Caller:
    """Hand out who asks."""
    caller: Caller | None = getattr(request.state, "caller", None)
    return caller or Caller(None, _address(request))


CallerDep = Annotated[Caller, Depends(get_caller)]


def guards_of(route: object) -> list[May]:
    """List what guards a route, at the route itself or at its router."""
    dependencies = route.dependant.dependencies if isinstance(route, APIRoute) else []
    return [dependency.call for dependency in dependencies if isinstance(dependency.call, May)]


class Admission:
    """Finds out who asks, and asks the guards of a route before anything of a body is taken in.

    As dependencies alone they would be asked when FastAPI has read it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _path(scope) in _ALWAYS_OPEN:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        key, caller = await _identify(request)
        request.state.caller = caller
        await self.app(scope, _guarded(request, receive), send)
        if key is not None:
            await run_in_threadpool(_note_use, request, key)


def _guarded(request: Request, receive: Receive) -> Receive:
    has_asked = False

    async def receive_if_permitted() -> Message:
        nonlocal has_asked
        if not has_asked:
            has_asked = True
            for guard in guards_of(request.scope.get("route")):
                guard.check(request)
        return await receive()

    return receive_if_permitted


async def _identify(request: Request) -> tuple[Key | None, Caller]:
    address = _address(request)
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":  # what else there is, is for a proxy before us
        return None, Caller(None, address)
    if _is_key_of_environment(sent.strip(), get_settings(request)):
        return None, Caller(ENVIRONMENT_KEY, address, Scope.ADMIN.included)
    key = await run_in_threadpool(KeyStore(get_database(request)).verify, sent.strip())
    if key is None:
        raise _unauthorised('error="invalid_token"')
    return key, Caller(key.id, address, key.permitted)


def _is_key_of_environment(sent: str, settings: Settings) -> bool:
    expected = settings.admin_key
    return expected is not None and secrets.compare_digest(hashed(sent), hashed(expected.get_secret_value()))


def _note_use(request: Request, key: Key) -> None:
    try:
        KeyStore(get_database(request)).note_use(key)
    except DatabaseFailed as exc:  # the answer was given; who used which key when is not worth failing for
        _log.warning("the use of key %s could not be noted: %s", key.id, exc.detail)


def _unauthorised(*reasons: str) -> HttpProblem:
    return HttpProblem(
        401,
        "expected a key as Authorization: Bearer inkrow_..., got none, or one that is unknown, expired or revoked",
        headers={"WWW-Authenticate": _challenge(*reasons)},
    )


def _challenge(*reasons: str) -> str:
    return "Bearer " + ", ".join(['realm="Inkrow"', *reasons])


def _address(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def _path(scope: AsgiScope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "").rstrip("/"))
