"""Plain text."""

from __future__ import annotations

from collections.abc import Iterable

from app.formats.sheet import Model, Sheet


def write_text(sheets: Iterable[Sheet], model: Model) -> bytes:
    """Write the rows of each page line by line, with a form feed between pages."""
    return "\f".join(f"{sheet.page.text}\n" for sheet in sheets).encode()
