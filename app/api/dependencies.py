"""FastAPI dependencies of the routes: settings, models, the database and the stores in it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import Depends, Request

from app.api.problems import HttpProblem
from app.api.serving.models import Models
from app.config import Settings
from app.corrections import CorrectionStore, KeptPages
from app.database import Database
from app.jobs import Channel, JobStore
from app.vision import DecodeLimits


def get_settings(request: Request) -> Settings:
    """Hand out the settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


SettingsDep = Annotated[Settings, Depends(get_settings)]


def get_limits(settings: SettingsDep) -> DecodeLimits:
    """Hand out the limits for decoding an upload."""
    return DecodeLimits(settings.max_pixels, settings.max_pages)


def get_models(request: Request) -> Models:
    """Hand out the models in service; without one, the answer is 503 with the reasons."""
    models: Models | None = request.app.state.models
    if models is None:
        reasons = request.app.state.model_notes or ["the model is not loaded yet"]
        raise _not_ready("the service cannot read at the moment", reasons)
    return models


def get_database(request: Request) -> Database:
    """Hand out the database; without one, the answer is 503 with the reasons."""
    database: Database | None = request.app.state.database
    if database is None:
        reasons = request.app.state.database_reasons or ["the database is not open yet"]
        raise _not_ready("nothing can be remembered at the moment", reasons)
    return database


DatabaseDep = Annotated[Database, Depends(get_database)]


def get_jobs(request: Request, database: DatabaseDep) -> JobStore:
    """Hand out the jobs; a new one is announced to the workers."""
    channel: Channel = request.app.state.channel
    return JobStore(database, channel.announce)


def get_corrections(database: DatabaseDep, settings: SettingsDep) -> CorrectionStore:
    """Hand out the corrections."""
    return CorrectionStore(database, settings.state)


def get_kept_pages(database: DatabaseDep, settings: SettingsDep) -> KeptPages:
    """Hand out the pages that are kept for review."""
    return KeptPages(database, settings.state)


def _not_ready(detail: str, reasons: Sequence[str]) -> HttpProblem:
    return HttpProblem(503, detail, reasons=reasons, headers={"Retry-After": "10"})


LimitsDep = Annotated[DecodeLimits, Depends(get_limits)]
ModelsDep = Annotated[Models, Depends(get_models)]
JobsDep = Annotated[JobStore, Depends(get_jobs)]
CorrectionsDep = Annotated[CorrectionStore, Depends(get_corrections)]
KeptPagesDep = Annotated[KeptPages, Depends(get_kept_pages)]
