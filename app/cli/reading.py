"""Commands that read: over HTTP, and files here."""

from __future__ import annotations

import errno
import json
import logging
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.shell import app, examples, load_reader, report
from app.errors import AppError, Conflict, InvalidInput, NotFound


@app.command(
    epilog=examples(
        "inkrow serve",
        "inkrow serve --host 0.0.0.0 --port 9000",
        "INKROW_ALIAS=candidate inkrow serve --log-level debug",
    )
)
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="INKROW_HOST")] = None,
    port: Annotated[
        int | None,
        typer.Option(min=0, max=65535, help="Port to listen on; 0: any free one.", show_default="INKROW_PORT"),
    ] = None,
    log_level: Annotated[
        Literal["critical", "error", "warning", "info", "debug"], typer.Option(help="What to log at least.")
    ] = "info",
) -> None:
    """Serve the API and its documentation over HTTP."""
    import uvicorn

    from app.config import read_settings

    settings = read_settings()
    with _listen(settings.host if host is None else host, settings.port if port is None else port) as listener:
        _, model = load_reader(settings, settings.alias)
        logging.basicConfig(level=log_level.upper(), format="%(levelname)s: %(name)s: %(message)s")
        address, number = listener.getsockname()[:2]
        shown = f"[{address}]" if ":" in address else address
        typer.echo(f"Inkrow serves {model.name} {model.version} at http://{shown}:{number} (Ctrl+C stops it)", err=True)
        server = uvicorn.Server(uvicorn.Config("app.main:app", log_level=log_level))
        with suppress(KeyboardInterrupt):  # raised once more after an orderly end
            server.run(sockets=[listener])


@app.command(
    epilog=examples(
        "inkrow read page.jpg",
        "inkrow read --format json scans/*.png > readings.jsonl",
        "inkrow read --alphabet 0123456789 meter.jpg",
        "inkrow read --model candidate page.jpg",
        "curl -s https://example.org/page.jpg | inkrow read -",
    )
)
def read(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Images; - is standard input.")],
    output_format: Annotated[
        Literal["text", "json"], typer.Option("--format", help="json: one object per image and line.")
    ] = "text",
    alternatives: Annotated[
        int | None,
        typer.Option(min=0, help="Most other readings of each character, in JSON.", show_default="the reader's own"),
    ] = None,
    alphabet: Annotated[
        str | None,
        typer.Option(metavar="CHARS", help="The only characters to be read.", show_default="all that the model knows"),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="REF", help="Version or alias of the model.", show_default="INKROW_ALIAS")
    ] = None,
) -> None:
    """Read images.

    A file that cannot be read is reported on stderr and the others are read; the exit code is that of the first
    failure.
    """
    from app.config import read_settings
    from app.formats import as_document
    from app.ocr import ReadOptions
    from app.vision import DecodeLimits

    settings = read_settings()
    reader, stored = load_reader(settings, settings.alias if model is None else model)
    options = ReadOptions(
        alternatives=ReadOptions.alternatives if alternatives is None else alternatives, alphabet=alphabet
    )
    exit_code = 0
    for path in files:
        try:
            page = reader.read(_content(path), options, limits=DecodeLimits(settings.max_pixels))
        except AppError as exc:
            code = report(exc, path)
            exit_code = exit_code or code
            continue
        if output_format == "json":
            typer.echo(json.dumps({"file": str(path), **as_document(page, stored.reference)}, ensure_ascii=False))
            continue
        for notice in page.warnings:
            typer.echo(f"inkrow: {path}: {notice.detail}", err=True)
        typer.echo(f"==> {path} <==\n{page.text}" if len(files) > 1 else page.text)
    raise typer.Exit(exit_code)


def _listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done, so that a port in use is told at once and by name."""
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(address[:2], family=family)
    except OSError as exc:
        detail = f"cannot listen on {host} port {port}: {exc.strerror}"
        if exc.errno == errno.EADDRINUSE:
            raise Conflict(f"{detail}; another one: --port", host=host, port=port) from exc
        raise InvalidInput(detail, host=host, port=port) from exc


def _content(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except FileNotFoundError as exc:
        raise NotFound("there is no such file") from exc
    except OSError as exc:
        raise InvalidInput(f"the file cannot be read: {exc.strerror}") from exc
