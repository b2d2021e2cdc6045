"""What surrounds every request, outside of FastAPI's own handling."""

from __future__ import annotations

from asyncio import CancelledError

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.problems import MEDIA_TYPE, http_problem, to_response
from app.errors import TooManyBytes

# Devices and doings of a browser that no page of ours asks for.
_DEVICES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)
_SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
        "frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in _DEVICES),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class SecurityHeaders:
    """Tells browsers to run and show nothing that is not ours."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _SECURITY_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


class ProblemsOnly:
    """Lets no error out that is not a problem document, wherever inside it was made."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        started = replaced = False

        async def send_or_replace(message: Message) -> None:
            nonlocal started, replaced
            if message["type"] == "http.response.start":
                started = True
                headers = Headers(scope=message)
                replaced = message["status"] >= 400 and headers.get("content-type") != MEDIA_TYPE
                if replaced:
                    kept = {name: value for name, value in headers.items() if not name.startswith("content-")}
                    await http_problem(request, message["status"], headers=kept)(scope, receive, send)
            if not replaced:
                await send(message)

        try:
            await self.app(scope, receive, send_or_replace)
        except CancelledError:  # by the server, which ends and waits no longer
            if not started:
                ending = ["the service is ending"]
                response = http_problem(request, 503, headers={"Connection": "close"}, context={"reasons": ending})
                await response(scope, receive, send)
        except Exception as exc:
            if started:  # too late for another answer; the server cuts the connection
                raise
            await (await to_response(request, exc))(scope, receive, send)


class HeadAsGet:
    """Lets every address that knows GET know HEAD; the body, which is made nevertheless, the server does not send."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_head = scope["type"] == "http" and scope["method"] == "HEAD"
        if not is_head:
            await self.app(scope, receive, send)
            return
        as_get = {**scope, "method": "GET"}
        try:
            await self.app(as_get, receive, send)
        finally:
            scope["route"] = as_get.get("route")  # which is found on the way, and asked for when all is done


class BodyLimit:
    """Stops a request body at `max_bytes`: by its Content-Length where it has one, else while it arrives."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > self.max_bytes:
            raise self._too_many(int(announced))
        arrived = 0

        async def receive_limited() -> Message:
            nonlocal arrived
            message = await receive()
            arrived += len(message.get("body", b""))
            if arrived > self.max_bytes:
                raise self._too_many(arrived)
            return message

        await self.app(scope, receive_limited, send)

    def _too_many(self, actual: int) -> TooManyBytes:
        return TooManyBytes(
            f"expected a body of at most {self.max_bytes} bytes, got {actual} or more",
            limit=self.max_bytes,
            actual=actual,
        )
