"""Puts the parts of the service together."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware import Middleware
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from app.api.middleware import BodyLimit, ProblemsOnly, SecurityHeaders
from app.api.problems import ANY_PROBLEM, Problem, to_response
from app.api.routes import docs, health, ocr, problems
from app.api.serving import Serving, load_serving, put_into_service
from app.config import Settings, release
from app.errors import AppError

_DESCRIPTION = """\
Reads hand-printed text from photos and scans, row by row, with a box, a confidence and alternatives for
every character.

Every error of the service is an `application/problem+json` document (RFC 9457); its `type` leads to an explanation.
"""


class _Service(FastAPI):
    def openapi(self) -> dict[str, Any]:
        document = super().openapi()
        document["components"]["schemas"].setdefault("Problem", Problem.model_json_schema())
        return document


def create_app(settings: Settings, *, load: Callable[[Settings], Serving] = load_serving) -> FastAPI:
    """Build the service; the model is loaded when the server starts, not here.

    Parameters
    ----------
    settings : limits, and which model of which store serves
    load : called once at start-up; when it raises an `AppError` the service starts nevertheless, and says on
        ``/readyz`` that it cannot read
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        put_into_service(app, settings, load)
        yield

    app = _Service(
        title="Inkrow",
        version=release(),
        description=_DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        docs_url=None,  # ours, which needs no other server
        redoc_url=None,
        redirect_slashes=False,  # the redirect would be to whatever host the client named
        generate_unique_id_function=_operation_id,
        responses={"default": ANY_PROBLEM},
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityHeaders),
            Middleware(ProblemsOnly),
            Middleware(BodyLimit, max_bytes=settings.max_upload_bytes),
        ],
        exception_handlers=dict.fromkeys((AppError, HTTPException, RequestValidationError), to_response),
    )
    app.state.settings = settings
    app.state.serving = None
    for router in (ocr.router, health.router, problems.router, docs.router):
        app.include_router(router)
    docs.mount_assets(app)
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
