"""The stores of corrections and of kept pages, for the routes."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from app.api.serving.models import DatabaseDep, SettingsDep
from app.corrections import CorrectionStore, KeptPages


def get_corrections(database: DatabaseDep, settings: SettingsDep) -> CorrectionStore:
    """Hand out the corrections."""
    return CorrectionStore(database, settings.state)


def get_kept_pages(database: DatabaseDep, settings: SettingsDep) -> KeptPages:
    """Hand out the pages that are kept for review."""
    return KeptPages(database, settings.state)


CorrectionsDep = Annotated[CorrectionStore, Depends(get_corrections)]
KeptPagesDep = Annotated[KeptPages, Depends(get_kept_pages)]
