"""The model in service: loaded once, shared by all requests."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Semaphore
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from threadpoolctl import threadpool_limits

from app.api.problems import HttpProblem
from app.config import Settings
from app.errors import AppError
from app.ocr import Reader
from app.store import ModelStore

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Serving:
    """A reader and where it comes from: ``name``, ``version``, ``digest`` and ``alias`` of its model."""

    reader: Reader
    model: Mapping[str, str | None]
    slots: Semaphore = field(default_factory=Semaphore)
    """Whoever reads a page holds one."""


def load_serving(settings: Settings) -> Serving:
    """Load the model that the settings name.

    Raises
    ------
    ModelNotFound, CorruptModel, UnknownArchitecture : it is not there, was damaged, or is for another release.
    """
    model = ModelStore(settings.model_store).load(settings.model, settings.alias)
    return Serving(Reader.from_card(model.card, model.arrays), model.reference, Semaphore(settings.concurrent_readings))


def put_into_service(app: FastAPI, settings: Settings, load: Callable[[Settings], Serving]) -> None:
    """Load the model, or note why that failed: the text for the log, the code for those who ask."""
    threadpool_limits(settings.blas_threads, "blas")
    asked_for = f"{settings.model} {settings.alias}"
    try:
        app.state.serving = load(settings)
    except AppError as exc:
        app.state.reasons = [f"the model {asked_for} could not be loaded ({exc.code}); the log says why"]
        _log.error("model %s could not be loaded from %s: %s", asked_for, settings.model_store, exc.detail)


def get_serving(request: Request) -> Serving:
    """Hand out the model in service; without one, the answer is 503 with the reasons."""
    serving: Serving | None = request.app.state.serving
    if serving is None:
        reasons = getattr(request.app.state, "reasons", ["the model is not loaded yet"])
        raise HttpProblem(503, "the service cannot read at the moment", reasons=reasons, headers={"Retry-After": "10"})
    return serving


def get_settings(request: Request) -> Settings:
    """Hand out the settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


ServingDep = Annotated[Serving, Depends(get_serving)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
