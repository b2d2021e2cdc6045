"""Where corrections and pages are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import Depends

from app.api.serving import DatabaseDep, SettingsDep
from app.config import Settings
from app.corrections import CorrectionStore, KeptPages


def images_folder(settings: Settings) -> Path:
    """Return the folder of corrected and kept images."""
    return settings.state / "images"


def get_corrections(database: DatabaseDep, settings: SettingsDep) -> CorrectionStore:
    """Hand out the corrections."""
    return CorrectionStore(database, images_folder(settings))


def get_kept_pages(database: DatabaseDep, settings: SettingsDep) -> KeptPages:
    """Hand out the pages that are kept for review."""
    return KeptPages(database, images_folder(settings))


CorrectionsDep = Annotated[CorrectionStore, Depends(get_corrections)]
KeptPagesDep = Annotated[KeptPages, Depends(get_kept_pages)]
