"""The command that lists the settings."""

from __future__ import annotations

import json
from textwrap import fill

import typer

from app.cli.options import ListFormat
from app.cli.shell import app, examples

_WIDTH = 100


@app.command(epilog=examples("inkrow config", "INKROW_PORT=9000 inkrow config --format json"))
def config(output_format: ListFormat = "text") -> None:
    """List the settings, their meaning and present values.

    They are variables of the environment. Defaults are listed as well.
    """
    from dataclasses import asdict

    from app.config import list_settings, read_settings
    from app.jobs import Channel

    wanted = read_settings()
    Channel(wanted.queue_url)  # refuses a wrong address, as inkrow serve does
    settings = list_settings(wanted)
    if output_format == "json":
        typer.echo(json.dumps([asdict(setting) for setting in settings], ensure_ascii=False, indent=2))
        return
    for setting in settings:
        origin = f"default: {setting.default}" if setting.is_given else "default"
        typer.echo(f"{setting.name}={setting.value}  ({origin})")
        typer.echo(fill(setting.meaning, _WIDTH, initial_indent="    ", subsequent_indent="    "))
