"""Builds the FastAPI application: middleware, routes, and the state that requests share."""

from __future__ import annotations

import gc
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.middleware import Middleware
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from threadpoolctl import threadpool_limits

from app.access import RateLimit
from app.api.access.admission import Admission
from app.api.access.documented import document_access
from app.api.inspection.inspected import Inspector
from app.api.observing.backlog import BacklogCache
from app.api.observing.metrics import Metrics
from app.api.observing.observation import Observed
from app.api.openapi import (
    document_conditional_requests,
    document_files,
    document_own_examples,
    document_what_may_be_left_out,
    other_problems,
)
from app.api.problems import Problem, to_response
from app.api.promotion.gate_process import GateProcess
from app.api.routes import (
    calibration,
    confusion,
    corrections,
    curves,
    docs,
    explain,
    health,
    jobs,
    models,
    ocr,
    problems,
    promotions,
    retrain,
    review,
    watch,
    web,
    weights,
)
from app.api.serving.alias_follower import Follower
from app.api.serving.database import open_database
from app.api.serving.idle_memory import IdleTrimmer
from app.api.serving.middleware import BodyLimit, HeadAsGet, ProblemsOnly, SecurityHeaders
from app.api.serving.shutdown import end_with_parent, notice_end
from app.api.serving.turns import Turns
from app.config import Settings, release
from app.ensemble import Choice
from app.errors import AppError
from app.jobs import Channel
from app.memory import HeapTrimmer, give_back_freed_memory
from app.store import ModelStore

# A form may have so many files more than the service reads: the answer then says how many came. Beyond that the form is
# refused as it arrives.
_SPARE_FILES = 100

_TOPICS = (
    ocr,
    corrections,
    review,
    jobs,
    promotions,
    retrain,
    models,
    confusion,
    calibration,
    curves,
    weights,
    explain,
    health,
    watch,
    problems,
    docs,
    web,
)

_DESCRIPTION = """\
Reads hand-printed text from photos and scans, row by row, with a box, a confidence and alternatives for
every character.

Every error of the service is an `application/problem+json` document (RFC 9457); its `type` leads to an explanation.
"""


class _Service(FastAPI):
    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema:
            return self.openapi_schema
        document = super().openapi()
        document["components"]["schemas"].setdefault("Problem", Problem.model_json_schema())
        document_access(document, self.routes, self.state.settings)
        document_own_examples(document)
        document_what_may_be_left_out(document)
        document_files(document)
        document_conditional_requests(document)
        return document


def create_app(settings: Settings) -> FastAPI:
    """Build the service. Models are loaded when the server starts, not here.

    A service whose models cannot be loaded starts nevertheless and says on ``/readyz`` that it cannot read, until it
    can. (The command ``inkrow serve`` loads them before it starts the service, and gives up if it cannot.)
    """
    metrics = Metrics()
    app = _Service(
        title="Inkrow",
        version=release(),
        description=_DESCRIPTION,
        license_info={"name": "MIT", "identifier": "MIT"},
        docs_url=None,  # ours, which needs no other server
        redoc_url=None,
        redirect_slashes=False,  # the redirect would be to whatever host the client named
        generate_unique_id_function=lambda route: route.name,
        responses=other_problems("method-not-allowed", "internal-error"),
        lifespan=_lifespan,
        middleware=_middleware(settings, metrics),
        form_limits={"max_files": settings.max_files + _SPARE_FILES, "max_fields": 20, "max_part_size": 64 * 1024},
        exception_handlers=dict.fromkeys(
            (AppError, ClientDisconnect, HTTPException, RequestValidationError), to_response
        ),
    )
    _furnish(app, settings, metrics)
    for topic in _TOPICS:
        app.include_router(topic.router)
    docs.mount_assets(app)
    web.mount_static(app)
    return app


def _middleware(settings: Settings, metrics: Metrics) -> list[Middleware]:
    """List the middleware around every request, outermost first."""
    rate_limit = RateLimit(settings.rate_limit, settings.rate_limit_url) if settings.rate_limit else None
    return [
        Middleware(SecurityHeaders),
        Middleware(Observed, metrics=metrics),
        Middleware(Admission, rate_limit=rate_limit),
        Middleware(ProblemsOnly),
        Middleware(BodyLimit, max_bytes=settings.max_upload_bytes),
        Middleware(HeadAsGet),
    ]


def _furnish(app: FastAPI, settings: Settings, metrics: Metrics) -> None:
    """Fill the state that requests share; models and database are added when the server starts."""
    app.state.settings = settings
    app.state.models = None
    app.state.model_notes = []
    app.state.database = None
    app.state.database_reasons = []
    app.state.channel = Channel(settings.queue_url)
    app.state.ending = threading.Event()
    app.state.backlog = BacklogCache(None)
    app.state.metrics = metrics
    app.state.turns = Turns("read", settings.concurrent_readings, settings.waiting_readings, metrics)
    app.state.idle_trimmer = IdleTrimmer(HeapTrimmer())
    app.state.inspection_turn = Turns("inspect", 1, settings.waiting_readings, metrics)
    serving = f"{settings.model}/{settings.alias}"
    store = ModelStore(settings.model_store)
    app.state.inspector = Inspector(store, settings.data, serving)
    app.state.gate = GateProcess(settings)
    app.state.follower = Follower(app, store, Choice.of(settings), settings.page_threads)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    settings: Settings = app.state.settings
    give_back_freed_memory()
    notice_end(app)
    end_with_parent()
    with threadpool_limits(settings.blas_threads, "blas"), app.state.follower.following():
        async with open_database(app, settings):
            # What exists by now lives until the end, so the garbage collector need not search it. To do so took 190 ms,
            # every few dozen pages.
            gc.freeze()
            try:
                yield
            finally:
                gc.unfreeze()
        app.state.channel.close()
