"""The models in service: loaded once, shared by all requests."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request

from app.api.problems import HttpProblem
from app.config import Settings
from app.database import Database
from app.errors import AppError
from app.ocr import CONFIDENCE_MODEL, LIKENESS, Confidence, Language, Likeness, Reader, RowReader
from app.store import ModelStore, StoredModel

_OTHERS = 2  # versions kept beside the one in service, each of some megabytes

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Serving:
    """A reader and where it comes from: ``name``, ``version``, ``digest`` and ``alias`` of its model.

    Under ``rows`` and ``language`` likewise of those that spell rows and know words, None where there is none.
    """

    reader: Reader
    model: Mapping[str, Any]


class Models:
    """The version in service, and the last few others that somebody asked for.

    Parameters
    ----------
    store : any process may publish there and move aliases
    name : of the model
    reference : the version in service, by number or alias; it stays the one that this stands for now
    rows, language, likeness : the models that spell rows, know words and tell writing from others, beside every version
        of it
    curves : the model of how sure they are; it counts for the versions that it was fitted for

    Raises
    ------
    ModelNotFound, CorruptModel, UnknownArchitecture : it is not there, was damaged, or is for another release.
    """

    def __init__(
        self,
        store: ModelStore,
        name: str,
        reference: str,
        rows: StoredModel | None = None,
        language: StoredModel | None = None,
        curves: StoredModel | None = None,
        likeness: StoredModel | None = None,
    ) -> None:
        self._store = store
        self._name = name
        self._helpers = {"rows": rows and rows.reference, "language": language and language.reference}
        self._curves = curves
        self._row_reader = None if rows is None else RowReader.from_card(rows.card, rows.arrays)
        self._language = None if language is None else Language.from_card(language.card, language.arrays)
        self._likeness = None if likeness is None else Likeness.from_card(likeness.card, likeness.arrays)
        self._other = lru_cache(_OTHERS)(self._load)
        self.serving = self._load(reference)

    def find(self, reference: str | None) -> Serving:
        """Return the version that an alias stands for at this moment, or one by its number; None: that in service.

        Raises
        ------
        ModelNotFound, CorruptModel, UnknownArchitecture : as at the start; what is in service stays so.
        """
        if reference is None:
            return self.serving
        version = self._store.resolve(self._name, reference)
        found = self.serving if version == self.serving.model["version"] else self._other(version)
        return replace(found, model={**found.model, "alias": None if reference == version else reference})

    def _load(self, reference: str) -> Serving:
        model = self._store.load(self._name, reference)
        models = {**model.reference, **self._helpers}
        reader = Reader.from_card(model.card, model.arrays)
        if self._row_reader is not None:
            reader = reader.with_rows(self._row_reader)
        if self._language is not None:
            reader = reader.with_language(self._language)
        if self._curves is not None:
            reader = reader.with_confidence(Confidence.from_card(self._curves.card, self._curves.arrays, models))
        if self._likeness is not None:
            reader = reader.with_likeness(self._likeness)
        return Serving(reader, models)


def put_into_service(app: FastAPI, settings: Settings) -> None:
    """Load the models, or note why that failed: the text for the log, the code for those who ask."""
    asked_for = (
        f"{settings.model} {settings.alias}, {settings.row_model} {settings.row_alias} "
        f"and {settings.language_model} {settings.language_alias}"
    )
    try:
        store = ModelStore(settings.model_store)
        rows = store.load_if_there(settings.row_model, settings.row_alias)
        language = store.load_if_there(settings.language_model, settings.language_alias)
        curves, likeness = store.load_if_there(CONFIDENCE_MODEL), store.load_if_there(LIKENESS)
        app.state.models = Models(store, settings.model, settings.alias, rows, language, curves, likeness)
    except AppError as exc:
        app.state.reasons = [f"the models {asked_for} could not be loaded ({exc.code}); the log says why"]
        _log.error("models %s could not be loaded from %s: %s", asked_for, settings.model_store, exc.detail)


def get_models(request: Request) -> Models:
    """Hand out the models in service; without one, the answer is 503 with the reasons."""
    models: Models | None = request.app.state.models
    if models is None:
        reasons = getattr(request.app.state, "reasons", ["the model is not loaded yet"])
        raise HttpProblem(503, "the service cannot read at the moment", reasons=reasons, headers={"Retry-After": "10"})
    return models


def open_database(app: FastAPI, settings: Settings) -> None:
    """Open what jobs, corrections and keys are kept in, or note why that failed: pages are read without it, too."""
    try:
        app.state.database = Database(settings.database_url)
    except AppError as exc:
        app.state.database_reasons = [f"the database could not be opened ({exc.code}); the log says why"]
        _log.error("%s", exc.detail)


def get_database(request: Request) -> Database:
    """Hand out the database; without one, the answer is 503 with the reasons."""
    database: Database | None = request.app.state.database
    if database is None:
        reasons = getattr(request.app.state, "database_reasons", ["the database is not open yet"])
        raise HttpProblem(
            503, "nothing can be remembered at the moment", reasons=reasons, headers={"Retry-After": "10"}
        )
    return database


def get_settings(request: Request) -> Settings:
    """Hand out the settings that the application was made with."""
    settings: Settings = request.app.state.settings
    return settings


ModelsDep = Annotated[Models, Depends(get_models)]
DatabaseDep = Annotated[Database, Depends(get_database)]
SettingsDep = Annotated[Settings, Depends(get_settings)]
