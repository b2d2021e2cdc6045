"""Ours, as `inkrow read` has it."""

from __future__ import annotations

from app.cli.shell import load_reader
from app.config import read_settings
from bench.readers import Reading


class Inkrow:
    """The model and the settings of the environment, INKROW_*."""

    shareable = True

    def __init__(self) -> None:
        settings = read_settings()
        loaded = load_reader(settings, settings.alias)
        self._reader, model, rows = loaded.reader, loaded.glyphs, loaded.models["rows"]
        self.title = f"Inkrow, {model.name} {model.version}" + (f", {rows['name']} {rows['version']}" if rows else "")

    def read(self, source: bytes) -> Reading:
        page = self._reader.read(source)
        return Reading(page.text, dict(page.timing_ms))
