"""The command that runs jobs."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from typing import Annotated

import typer

from app.cli.options import LogFormat, LogLevel
from app.cli.shell import app, examples

_WORK = "app.cli.work:WORK"


@app.command(
    epilog=examples(
        "inkrow worker",
        "INKROW_QUEUE_URL=redis://queue:6379/0 INKROW_DATABASE_URL=postgresql+psycopg://inkrow:secret@db/inkrow "
        "inkrow worker",
    )
)
def worker(
    log_level: LogLevel = "info",
    log_format: LogFormat = None,
    until_eof: Annotated[
        bool, typer.Option("--until-eof", hidden=True, help="End when standard input does: with whoever holds it.")
    ] = False,
) -> None:
    """Run jobs, such as retraining, until Ctrl+C.

    inkrow serve starts such a worker itself.
    """
    from logging.config import dictConfig

    from app.config import read_settings
    from app.database import Database
    from app.jobs import Channel, Limits, Worker
    from app.logs import FORMAT_VARIABLE, log_config

    settings = read_settings()
    database = Database(settings.database_url)
    runner = Worker(
        database,
        Channel(settings.queue_url),
        work=_WORK,
        folder=settings.state.resolve() / "jobs",
        limits=Limits(threads=settings.job_threads),
    )
    os.environ[FORMAT_VARIABLE] = log_format or settings.log_format  # for the processes of jobs
    dictConfig(log_config(log_level, log_format or settings.log_format))
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: runner.end())
    if until_eof:
        threading.Thread(target=_end_with_input, args=(runner.end,), daemon=True).start()
    else:
        typer.echo(f"Inkrow runs the jobs of {database.shown_url} (Ctrl+C stops it)", err=True)
    runner.run()
    database.close()


def _end_with_input(end: Callable[[], None]) -> None:
    while os.read(0, 1):
        pass
    end()


def worker_command(log_level: str, log_format: str) -> Sequence[str]:
    """Return the command of a worker that ends with its standard input."""
    script = "from app.cli import main; main()"
    options = ["--log-level", log_level, "--log-format", log_format, "--until-eof"]
    return [sys.executable, "-c", script, "worker", *options]
