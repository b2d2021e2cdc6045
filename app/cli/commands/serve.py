"""The command that serves over HTTP."""

from __future__ import annotations

import errno
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from app.cli.commands.worker import worker_command
from app.cli.first_key import show_first_key
from app.cli.options import LogFormat, LogLevel
from app.cli.shell import app, examples, load_reader
from app.errors import Conflict, InvalidInput
from app.logs import FORMAT_VARIABLE, log_config
from app.memory import ONE_ARENA, give_back_freed_memory

if TYPE_CHECKING:
    import uvicorn

_HIGHEST_PORT = 65535
_LAST_SECONDS = 7  # for answers under way when the service is told to stop; container engines kill after 10


@app.command(
    epilog=examples(
        "inkrow serve",
        "inkrow serve --host 0.0.0.0 --port 9000 --workers 4",
        "INKROW_ALIAS=previous inkrow serve --log-level debug",
    )
)
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="INKROW_HOST")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=_HIGHEST_PORT, help="Port to listen on; 0: any free one.", show_default="INKROW_PORT"),
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that serve.", show_default="INKROW_WORKERS")
    ] = None,
    log_level: LogLevel = "info",
    log_format: LogFormat = None,
) -> None:
    """Serve the API and its documentation over HTTP."""
    give_back_freed_memory()
    import uvicorn

    from app.config import read_settings
    from app.jobs import Channel, Supervisor

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl+C: all that was begun below comes to its end
    if workers is not None:
        os.environ["INKROW_WORKERS"] = str(workers)  # from where each of them reads its settings
    settings = read_settings()
    log_format = log_format or settings.log_format
    Channel(settings.queue_url)  # so that a wrong address is told here, and once
    with listen(settings.host if host is None else host, settings.port if port is None else port) as listener:
        model = load_reader(settings, settings.alias).glyphs
        address, number = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        served_at = f"http://{shown}:{number}"
        typer.echo(f"Inkrow serves {model.name} {model.version} at {served_at} (Ctrl+C stops it)", err=True)
        config = uvicorn.Config(
            "app.main:app",
            http="app.api.serving.protocol:ProblemProtocol",
            workers=settings.workers,
            log_config=log_config(log_level, log_format),
            access_log=False,  # ours says more
            timeout_graceful_shutdown=_LAST_SECONDS,
        )
        os.environ[FORMAT_VARIABLE] = log_format  # for those that we start
        show_first_key(settings, served_at, log_format)
        with Supervisor(worker_command(log_level, log_format), settings.job_workers):
            _run(config, listener)


def _run(config: uvicorn.Config, listener: socket.socket) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    if config.workers > 1:
        with _shared_metrics():
            for variable, value in ONE_ARENA.items():
                os.environ.setdefault(variable, value)
            Multiprocess(config, sockets=[listener]).run()
        return
    with suppress(KeyboardInterrupt):  # raised once more after an orderly end
        uvicorn.Server(config).run(sockets=[listener])


@contextmanager
def _shared_metrics() -> Iterator[None]:
    """Give the processes to be started a folder in which their figures come together, as prometheus_client does it."""
    variable = "PROMETHEUS_MULTIPROC_DIR"
    if os.environ.get(variable):  # chosen by whoever started us
        yield
        return
    with TemporaryDirectory(prefix="inkrow-metrics-") as folder:
        os.environ[variable] = folder
        try:
            yield
        finally:
            del os.environ[variable]


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, so that a port in use is told at once and by name.

    Raises
    ------
    Conflict : another program has it.
    InvalidInput : there is no such address, or it is not ours to take.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        listener = socket.create_server(address[:2], family=family)
        # Connections take this over. Without it, whoever keeps one waits 40 ms more for each answer, as its body stays
        # here until its head has been acknowledged. asyncio sets it only for sockets that name their protocol.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return listener
    except OSError as exc:
        detail = f"cannot listen on {host} port {port}: {exc.strerror}"
        if exc.errno == errno.EADDRINUSE:
            other = port + 1 if port < _HIGHEST_PORT else _HIGHEST_PORT - 1
            detail = f"port {port} of {host} is in use; choose another: --port {other} (make serve PORT={other})"
            raise Conflict(detail, host=host, port=port) from exc
        raise InvalidInput(detail, host=host, port=port) from exc
