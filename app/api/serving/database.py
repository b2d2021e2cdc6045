"""The database of a server process: opened when it can be, and rid of what has expired."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from app.api.observing.backlog import BacklogCache
from app.config import Settings
from app.corrections import KeptPages
from app.database import Database
from app.errors import AppError
from app.jobs import JobStore

_AGAIN_S = 10.0  # before a database that could not be opened is tried again
_EVERY_S = 3600

_log = logging.getLogger(__name__)


@asynccontextmanager
async def open_database(app: FastAPI, settings: Settings) -> AsyncIterator[None]:
    """Keep ``app.state.database`` open for the block, from now on or once that is possible, and tidy it every hour.

    Pages are read without it, too: what keeps it from being opened is noted in ``app.state.database_reasons``.
    """
    _try_to_open(app, settings)
    task = asyncio.create_task(_look_after(app, settings))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        if app.state.database is not None:
            app.state.database.close()


def _try_to_open(app: FastAPI, settings: Settings) -> None:
    failed_before = bool(app.state.database_reasons)
    try:
        app.state.database = Database(settings.database_url)
    except AppError as exc:
        app.state.database_reasons = [f"the database could not be opened ({exc.code}); the log says why"]
        if not failed_before:
            _log.error("%s", exc.detail)
        return
    app.state.backlog = BacklogCache(app.state.database)
    if failed_before:
        _log.info("the database is open now")


async def _look_after(app: FastAPI, settings: Settings) -> None:
    while app.state.database is None:  # it may have been started after us
        await asyncio.sleep(_AGAIN_S)
        await run_in_threadpool(_try_to_open, app, settings)
    await tidy_every_hour(app.state.database, settings)


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
