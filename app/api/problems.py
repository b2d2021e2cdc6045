"""Every error of the service is answered with a document of one type: `application/problem+json` (RFC 9457)."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from inspect import cleandoc
from typing import Any
from urllib.parse import quote

from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from app.api.validation import AN_IMAGE, AN_OBJECT, SENT_WITHOUT_A_FORM, describe_errors, media_type
from app.errors import (
    AppError,
    Conflict,
    CorruptModel,
    DatabaseFailed,
    InvalidInput,
    NotAnImage,
    NotFound,
    QueueFull,
    StaleAliases,
    StateUnreadable,
    StateUnwritable,
    TooManyBytes,
    TrainingDiverged,
)
from app.logs import logged_request_id
from app.validation_messages import error_message

MEDIA_TYPE = "application/problem+json"
CLIENT_GONE = 499  # nginx's number for a client that hung up before it had its answer; no standard has one

_STATUS: dict[type[AppError], int] = {  # the nearest ancestor counts
    AppError: 500,
    InvalidInput: 422,
    NotAnImage: 415,
    TooManyBytes: 413,
    NotFound: 404,
    Conflict: 409,
    StaleAliases: 412,
    QueueFull: 503,
    TrainingDiverged: 422,
}
_RETRY_AFTER_S = {503: "60"}  # for errors that pass without anybody's doing

_HTTP_ONLY = {
    "malformed-request": (400, "The request is not HTTP, or its body is not the form that its Content-Type announces."),
    "key-needed": (401, "There is no key in the Authorization header, or one that is unknown, expired or revoked."),
    "scope-needed": (403, "The key is valid but has not the scope that this takes; an administrator can make one."),
    "method-not-allowed": (405, "This address does not know the method; the Allow header lists those it knows."),
    "not-acceptable": (406, "None of the formats in the Accept header can be given."),
    "precondition-needed": (
        428,
        "What could undo another's change takes an If-Match header with the ETag that was seen.",
    ),
    "too-many-requests": (429, "The key, or the address without one, has used up its requests; Retry-After says when."),
    "server-busy": (503, "Too many requests wait for their turn already; Retry-After guesses when to try again."),
    "not-ready": (503, "The service runs but cannot do its work yet; the reasons come with it."),
}

_log = logging.getLogger(__name__)


class Problem(BaseModel):
    """What went wrong, for people and for programs; each kind adds members of its own."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Names the kind of problem, and leads to its explanation.")
    title: str = Field(description="The kind in words; the same for all problems of the kind.")
    status: int = Field(description="The HTTP status code.")
    detail: str = Field(description="What was expected here, and what came.")
    instance: str = Field(description="The address that was asked.")


class ProblemKind(BaseModel):
    """A kind of problem."""

    code: str = Field(description="The last part of `type`.")
    title: str
    status: int
    meaning: str


class HttpProblem(HTTPException):
    """A problem that exists in HTTP only, with members for programs beside its sentence."""

    def __init__(
        self,
        status_code: int,
        detail: str,
        *,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
        **context: object,
    ) -> None:
        super().__init__(status_code, detail, headers)
        self.code = code
        self.context = context


def _all_kinds() -> Iterator[ProblemKind]:
    for code, (status, meaning) in _HTTP_ONLY.items():
        yield ProblemKind(code=code, title=_title(code), status=status, meaning=meaning)
    classes = [AppError]
    for cls in classes:
        classes.extend(cls.__subclasses__())
        # A client cannot tell apart the other faults of the service, so they need no kinds of their own.
        if cls in (AppError, CorruptModel) or _is_told(cls):
            meaning = cleandoc(cls.__doc__ or "")
            yield ProblemKind(code=cls.code, title=_title(cls.code), status=_status(cls), meaning=meaning)


def _is_told(cls: type[AppError]) -> bool:
    return _status(cls) != 500


def _title(code: str) -> str:
    return code.replace("-", " ").capitalize()


def _status(cls: type[AppError]) -> int:
    return next(_STATUS[ancestor] for ancestor in cls.__mro__ if ancestor in _STATUS)


KINDS = {kind.code: kind for kind in _all_kinds()}

# The kind for a bare HTTP status. Several kinds may share a status; then the last one in these tables counts.
_KIND_OF_STATUS = {status: KINDS[cls.code] for cls, status in _STATUS.items()} | {
    status: KINDS[code] for code, (status, _) in _HTTP_ONLY.items()
}


async def to_response(request: Request, exc: Exception) -> Response:
    """Turn any exception into a problem document; faults of the service are logged, and not explained to the client."""
    causes = AppError | ClientDisconnect
    if isinstance(exc, HTTPException) and exc.status_code == 400 and isinstance(exc.__cause__, causes):
        exc = exc.__cause__  # FastAPI wraps in a 400 whatever is raised while a body arrives
    match exc:
        # The bytes of an image, parsed as a list of fields, are too many fields or fields with strange names.
        case HTTPException(status_code=400) | InvalidInput() if media_type(request) == SENT_WITHOUT_A_FORM:
            return http_problem(request, 400, f"expected {AN_IMAGE}, got {SENT_WITHOUT_A_FORM}")
        case HTTPException(status_code=400) if media_type(request) == "multipart/form-data":
            return http_problem(request, 400, f"expected a form (curl: -F name=value) that can be read: {exc.detail}")
        case HTTPException(status_code=400) if media_type(request).endswith("json"):
            return http_problem(request, 400, f"expected {AN_OBJECT}, got what cannot be read")
        case RequestValidationError():
            errors, detail = describe_errors(exc, media_type(request))
            return _document(request, KINDS[InvalidInput.code], 422, detail, {"errors": errors})
        case HttpProblem(code=str(code)):
            return _document(request, KINDS[code], exc.status_code, exc.detail, exc.context, exc.headers)
        case HTTPException():
            context = exc.context if isinstance(exc, HttpProblem) else {}
            return http_problem(request, exc.status_code, exc.detail, headers=exc.headers, context=context)
        case ClientDisconnect():
            # Nobody reads this answer, but the log and the metrics record its status.
            return Response(status_code=CLIENT_GONE, media_type=MEDIA_TYPE)
        case AppError() if _is_told(type(exc)):
            status = _status(type(exc))
            headers = {"Retry-After": _RETRY_AFTER_S[status]} if status in _RETRY_AFTER_S else None
            detail = error_message(exc)
            return _document(request, KINDS[exc.code], status, detail, context=exc.context, headers=headers)
        case CorruptModel():
            _log.error("%s %s failed: %s", request.method, sent_path(request), exc.detail)
            place = exc.context.get("file") or exc.context.get("name") or "a model"
            return _document(request, KINDS[exc.code], 500, f"{place} is damaged; the log says how", {})
        case DatabaseFailed() | StateUnreadable() | StateUnwritable():
            _log.error("%s %s failed: %s", request.method, sent_path(request), exc.detail)
            what = "database" if isinstance(exc, DatabaseFailed) else "disk"
            context = {"reasons": [f"the {what} failed; the log says how"]}
            detail = "nothing can be remembered at the moment"
            return http_problem(request, 503, detail, headers={"Retry-After": "10"}, context=context)
    _log.error("%s %s failed", request.method, sent_path(request), exc_info=exc)
    return http_problem(request, 500)


def problem_members(request: Request, exc: AppError) -> dict[str, Any]:
    """Return the members of a problem that is only a part of an answer: one file of several could not be read."""
    return _members(
        KINDS[exc.code],
        _status(type(exc)),
        error_message(exc),
        exc.context,
        root=root_path(request),
        instance=sent_path(request),
    )


def told_problem(request: Request, problem: Mapping[str, Any], instance: str) -> dict[str, Any]:
    """Return the members of a problem that a job recorded with its ``code`` and ``detail``."""
    kind = KINDS.get(problem["code"], KINDS[AppError.code])
    context = {name: value for name, value in problem.items() if name not in {"code", "detail"}}
    detail = problem["detail"] if problem["code"] == kind.code else "the work failed; the log of its worker says how"
    return _members(kind, kind.status, detail, context, root=root_path(request), instance=instance)


def http_problem(
    request: Request,
    status: int,
    detail: str | None = None,
    headers: Mapping[str, str] | None = None,
    context: Mapping[str, object] | None = None,
) -> Response:
    """Make a problem document of an HTTP status."""
    if status == 405:
        headers = {**(headers or {}), "Allow": _allowed(request)}
    phrase = HTTPStatus(status).phrase
    if detail is None or detail == phrase:
        detail = _sentence(request, status, Headers(headers)) or phrase
    return _document(request, _KIND_OF_STATUS.get(status), status, detail, context=context or {}, headers=headers)


def _allowed(request: Request) -> str:
    """List all methods of an address, with the HEAD that `app.api.serving.middleware.HeadAsGet` adds.

    The router itself lists only those of the first route that has the address. Static files list none: they have GET.
    """
    routes = [each for each in iter_route_contexts(request.app.routes) if each.matches(request.scope)[0] != Match.NONE]
    methods = {method for route in routes for method in route.methods or ()} or {"GET"}
    return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))


def _sentence(request: Request, status: int, headers: Headers) -> str | None:
    """Return a sentence that says more than the name of the status; None if there is no more to say."""
    match status:
        case 404:
            return f"there is nothing at {sent_path(request)}"
        case 405:
            return f"expected {headers.get('allow')} at {sent_path(request)}, got {request.method}"
        case 500:
            return "the service failed; its log says how"
    return None


def _document(
    request: Request,
    kind: ProblemKind | None,
    status: int,
    detail: str,
    context: Mapping[str, object],
    headers: Mapping[str, str] | None = None,
) -> Response:
    if status >= 500:  # for whoever searches the log for it
        context = {**context, "request_id": logged_request_id()}
    members = _members(kind, status, detail, context, root=root_path(request), instance=sent_path(request))
    return Response(_to_json(members), status, headers, MEDIA_TYPE)


def problem_document(status: int, detail: str, *, root: str, instance: str) -> bytes:
    """Write the document for an HTTP status where there is no request object: what was sent is not HTTP."""
    return _to_json(_members(_KIND_OF_STATUS.get(status), status, detail, {}, root=root, instance=instance))


def sent_path(request: Request) -> str:
    """Return the path as it was sent; once decoded, an encoded ``/`` cannot be told from one between two parts."""
    raw = request.scope.get("raw_path")
    return raw.decode("ascii", "replace").partition("?")[0] if raw else quote(request.url.path)


def root_path(request: Request) -> str:
    """Return the prefix of all addresses where the service is mounted below another one; without, an empty text."""
    # In a mounted application, root_path includes the mount; app_root_path is that of the whole.
    return str(request.scope.get("app_root_path", request.scope.get("root_path", ""))).rstrip("/")


def _members(
    kind: ProblemKind | None, status: int, detail: str, context: Mapping[str, object], *, root: str, instance: str
) -> dict[str, Any]:
    members: dict[str, Any] = {
        "type": f"{root}/problems/{kind.code}" if kind else "about:blank",
        "title": kind.title if kind else HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": instance,
    }
    # Twice: first so that they come first, last so that no context overrides what the standard defines.
    return {**members, **context, **members}


def _to_json(document: Mapping[str, Any]) -> bytes:
    """Write a problem as JSON; values in its context that JSON has no type for are written as text.

    Half of a surrogate pair, which JSON can carry and UTF-8 cannot, is written as the escape that it came as.
    """
    return json.dumps(document, ensure_ascii=False, default=str).encode(errors="backslashreplace")
