"""The command that reads files."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from app.cli.shell import app, examples, load_reader, report
from app.errors import AppError, InvalidInput, NotFound


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


def _content(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if path == Path("-") else path.read_bytes()
    except FileNotFoundError as exc:
        raise NotFound("there is no such file") from exc
    except OSError as exc:
        raise InvalidInput(f"the file cannot be read: {exc.strerror}") from exc
