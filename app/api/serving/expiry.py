"""Deletes what has been kept for as long as it should be."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from starlette.concurrency import run_in_threadpool

from app.config import Settings
from app.corrections import KeptPages
from app.database import Database
from app.errors import AppError
from app.jobs import JobStore

_EVERY_S = 3600

_log = logging.getLogger(__name__)


async def tidy_every_hour(database: Database, settings: Settings) -> None:
    """Delete what has expired, now and again every hour; whoever starts this ends it by cancelling."""
    while True:
        try:
            await run_in_threadpool(_tidy, database, settings)
        except AppError as exc:
            _log.error("what has expired could not be deleted: %s", exc.detail)
        except Exception:  # what people sent must go in the next hour, whatever is wrong in this one
            _log.exception("what has expired could not be deleted")
        await asyncio.sleep(_EVERY_S)


def _tidy(database: Database, settings: Settings) -> None:
    if count := KeptPages(database, settings.state).delete_expired():
        _log.info("%d kept pages had expired and were deleted", count)
    kept_for = timedelta(days=settings.job_days)
    if count := JobStore(database).delete_ended(kept_for, folder=settings.state / "jobs"):
        _log.info("%d jobs had ended long ago and were deleted", count)
