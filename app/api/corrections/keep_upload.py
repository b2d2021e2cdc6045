"""Keep pages for later corrections, because their sender asked for it, and decide for how long."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import Request, Response

from app.api.access.guards import may
from app.api.reading.options import Options
from app.config import Settings
from app.corrections import KeptPage, KeptPages, digest_of
from app.errors import InvalidInput
from app.formats import Model, Sheet, as_document
from app.ocr import Reading

# Pages whose ids a header lists: 1.7 kB. Many servers and clients take no more than 4 to 8 kB of headers.
MOST_NAMED = 50


@dataclass(frozen=True)
class KeptSheet(Sheet):
    """A page that was read, and that is kept."""

    kept: KeptPage = field(kw_only=True)

    def document(self) -> dict[str, Any]:
        """Return what the answer says of the kept page, in JSON's types."""
        return {"page": self.kept.id, "expires_at": self.kept.expires_at.isoformat()}


class Keeper:
    """Gathers the pages of one request; they are kept together when all have been read.

    Parameters
    ----------
    days : for how long they are kept
    key_id : id of the sender's key
    """

    def __init__(self, model: Model, days: float, key_id: str | None) -> None:
        self._model = model
        self._created_at = datetime.now(UTC)
        self._expires_at = self._created_at + timedelta(days=days)
        self._key_id = key_id
        self._pages: list[KeptPage] = []
        self._files: dict[str, bytes] = {}

    def sheet(self, reading: Reading, file: str, content: bytes) -> KeptSheet:
        """Make a sheet of a page that was read; `content` is that of its file."""
        image = digest_of(content)
        page = KeptPage(
            id=secrets.token_hex(16),
            image=image,
            number=reading.picture.number,
            reading=as_document(reading.page, self._model),
            created_at=self._created_at,
            expires_at=self._expires_at,
            created_by=self._key_id,
        )
        self._pages.append(page)
        self._files[image] = content
        return KeptSheet(reading, file, kept=page)

    def keep(self, kept_pages: KeptPages, answer: Response) -> None:
        """Keep the pages; headers of the answer say until when, and list up to `MOST_NAMED` ids."""
        kept_pages.keep(self._pages, list(self._files.values()))
        if len(self._pages) <= MOST_NAMED:
            answer.headers["Inkrow-Kept-Pages"] = ", ".join(page.id for page in self._pages)
        answer.headers["Inkrow-Kept-Until"] = self._expires_at.isoformat()


def keeper_of(request: Request, options: Options, model: Model, settings: Settings) -> Keeper | None:
    """Return what keeps the pages of a request; None if they are not to be kept.

    To keep pages takes a key with the scope `correct`; without it the answer is 401 or 403.

    Raises
    ------
    InvalidInput : `keep_days` is more than the setting allows, or is given without `keep`.
    """
    if options.keep:
        key_id = may("correct").check(request).key_id
        return Keeper(model, _days_to_keep(options.keep_days, settings), key_id)
    if options.keep_days is not None:
        raise InvalidInput("keep_days: expected keep=true as well, got none")
    return None


def _days_to_keep(wanted: float | None, settings: Settings) -> float:
    if wanted is None:
        return settings.keep_days
    if wanted > settings.keep_days:
        detail = f"keep_days: expected at most {settings.keep_days:g}, as the service is set up, got {wanted:g}"
        raise InvalidInput(detail, limit=settings.keep_days, actual=wanted)
    return wanted
