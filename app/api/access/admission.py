"""Who sends a request, and whether they have requests left: settled before routing and before a body is read."""

from __future__ import annotations

import logging
import secrets
from collections import OrderedDict
from functools import lru_cache, partial
from ipaddress import IPv6Address, ip_address, ip_network

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from app.access import WINDOW_S, Key, KeyStore, RateLimit, Scope, Usage
from app.access.keys import hashed
from app.api.access.guards import Caller, address_of, guards_of, unauthorised
from app.api.dependencies import get_database, get_settings
from app.api.problems import HttpProblem, to_response
from app.config import Settings
from app.database import Database
from app.errors import DatabaseFailed

ALWAYS_OPEN = frozenset({"/livez", "/readyz"})  # here keys are not even looked at
UNCOUNTED = ALWAYS_OPEN | {"/metrics"}
ENVIRONMENT_KEY = "INKROW_ADMIN_KEY"  # this key has no id in the database; its variable's name stands for one
_POLICY = '"requests"'
_FAMILIAR = 1000  # keys, of 64 bytes each; more than any installation has in use
_THREADS = 8  # they mostly wait, for the database or for Redis

_log = logging.getLogger(__name__)


class Admission:
    """Finds out who sends a request, counts it, and checks the guards of its route before its body is read.

    Guards are dependencies of routes, too, but FastAPI calls dependencies only after it has read the body: without this
    middleware, anybody without a key could have whole uploads taken in.

    Parameters
    ----------
    rate_limit : requests a minute of each key, and of each address without one; None: any number
    """

    def __init__(self, app: ASGIApp, rate_limit: RateLimit | None) -> None:
        self.app = app
        self._rate_limit = rate_limit
        # Threads apart from those of the routes, so that a key is checked even while all of those are at work.
        self._threads = CapacityLimiter(_THREADS)
        self._familiar: OrderedDict[str, None] = OrderedDict()  # hashes of keys that were valid when last seen

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _path(scope) in ALWAYS_OPEN:
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        send = _with_headers(request, send)
        try:
            key, caller = await self._admit(request)
        except Exception as exc:
            await (await to_response(request, exc))(scope, receive, send)
            return
        request.state.caller = caller
        await self.app(scope, _guarded(request, receive), send)
        if key is not None:
            await to_thread.run_sync(_note_use, request, key, limiter=self._threads)

    async def _admit(self, request: Request) -> tuple[Key | None, Caller]:
        address = address_of(request)
        sent = _sent_key(request)
        if sent is None:
            await self._count(request, _network(address))
            return None, Caller(None, address)
        if _is_key_of_environment(sent, get_settings(request)):
            await self._count(request, ENVIRONMENT_KEY)
            return None, Caller(ENVIRONMENT_KEY, address, Scope.ADMIN.included)
        try:
            key = await self._verify(request, sent)
        except DatabaseFailed as exc:  # routes that need no key still answer
            _log.warning("a key could not be looked up: %s", exc.detail)
            await self._count(request, _network(address))
            return None, Caller(None, address, doubt=exc)
        if key is None:
            await self._count(request, _guesser(address))
            raise unauthorised('error="invalid_token"')
        await self._count(request, key.id)
        return key, Caller(key.id, address, key.permitted)

    async def _verify(self, request: Request, sent: str) -> Key | None:
        """Look a key up, unless wrong keys have used up the requests of its sender; familiar keys always are."""
        digest = hashed(sent)
        if digest not in self._familiar:
            await self._count(request, _guesser(address_of(request)), only_look=True)
        database: Database | None = request.app.state.database
        if database is None:
            raise DatabaseFailed("the database is not open")
        key = await to_thread.run_sync(KeyStore(database).verify, sent, limiter=self._threads)
        self._familiar.pop(digest, None)
        if key is not None:
            self._familiar[digest] = None
            if len(self._familiar) > _FAMILIAR:
                self._familiar.popitem(last=False)
        return key

    async def _count(self, request: Request, who: str, only_look: bool = False) -> None:
        limit = self._rate_limit
        if limit is None or _path(request.scope) in UNCOUNTED:
            return
        count = partial(limit.count, who, only_look=only_look)
        usage = await to_thread.run_sync(count, limiter=self._threads) if limit.is_shared else count()
        request.state.usage = usage
        if usage.is_over:
            raise HttpProblem(
                429,
                f"expected at most {usage.limit} requests in {WINDOW_S} s, got more; "
                f"the next one is answered in {usage.reset_s} s",
                headers={"Retry-After": str(usage.reset_s)},
                limit=usage.limit,
                window_s=WINDOW_S,
            )


def _with_headers(request: Request, send: Send) -> Send:
    """Say in every answer how many requests are left, as in draft-ietf-httpapi-ratelimit-headers-11.

    An answer that needed a key is for its holder alone, so that no shared cache on the way may keep it.
    """

    async def send_with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            usage: Usage | None = getattr(request.state, "usage", None)
            if usage is not None:
                headers["RateLimit-Policy"] = f"{_POLICY};q={usage.limit};w={WINDOW_S}"
                headers["RateLimit"] = f"{_POLICY};r={usage.remaining};t={usage.reset_s}"
            if getattr(request.state, "took_key", False) and "Cache-Control" in headers:
                headers["Cache-Control"] = headers["Cache-Control"].replace("public", "private")
        await send(message)

    return send_with_headers


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


def _sent_key(request: Request) -> str | None:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    return sent.strip() if scheme.lower() == "bearer" else None  # other schemes are for a proxy in front


def _is_key_of_environment(sent: str, settings: Settings) -> bool:
    if settings.admin_key is None:
        return False
    return secrets.compare_digest(hashed(sent), hashed(settings.admin_key.get_secret_value()))


def _note_use(request: Request, key: Key) -> None:
    try:
        KeyStore(get_database(request)).note_use(key)
    except DatabaseFailed as exc:  # the request was answered already
        _log.warning("the use of key %s could not be noted: %s", key.id, exc.detail)


def _guesser(address: str) -> str:
    # Counted apart from requests without a key: those may be used up at an address while good keys still work.
    return f"{_network(address)} with wrong keys"


@lru_cache(1000)
def _network(address: str) -> str:
    """Return the network that is counted as one sender: with IPv6, a single household has 2^64 addresses and more."""
    try:
        parsed = ip_address(address)
    except ValueError:  # a Unix socket has no address
        return address
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is None:
        return str(ip_network((int(parsed), 64), strict=False))
    return str(parsed)


def _path(scope: AsgiScope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "").rstrip("/"))
