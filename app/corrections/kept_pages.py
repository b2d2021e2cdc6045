"""Pages that are kept for a while, because somebody asked for it, so that they can be corrected."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, delete, insert, select, true, tuple_

from app.corrections.image_files import ImageFiles, delete_unnamed, digest_of
from app.database import Database
from app.database.tables import DOUBTS, KEPT_PAGES
from app.errors import KeptPageNotFound

_now = partial(datetime.now, UTC)


class DoubtKey(NamedTuple):
    """A glyph of a kept page, in the order of a review: the least sure first."""

    confidence: float
    page: str
    row: int
    word: int
    glyph: int


@dataclass(frozen=True)
class KeptPage:
    """A page and what was read on it.

    Attributes
    ----------
    image : SHA-256 of the uploaded file
    number : of the page in the file, from 1
    reading : as it was answered, of JSON's types
    """

    id: str
    image: str
    number: int
    reading: Mapping[str, Any] = field(repr=False)
    created_at: datetime
    expires_at: datetime
    created_by: str | None


@dataclass(frozen=True)
class Doubt:
    """A glyph to be looked at, and its page."""

    key: DoubtKey
    page: KeptPage


@dataclass(frozen=True)
class Place:
    """A row, a word or a glyph of a kept page, by their numbers in its reading; None for the whole row or word."""

    page: str
    row: int
    word: int | None = None
    glyph: int | None = None

    @property
    def doubts(self) -> ColumnElement[bool]:
        """The condition for rows of the table of doubts that are in this place."""
        within = (DOUBTS.c.page == self.page) & (DOUBTS.c.row == self.row)
        within &= true() if self.word is None else DOUBTS.c.word == self.word
        return within & (true() if self.glyph is None else DOUBTS.c.glyph == self.glyph)


class KeptPages:
    """The kept pages of a database. One that has expired is treated as deleted from that moment on.

    Parameters
    ----------
    state : as of `CorrectionStore`
    clock : tells the time, aware of its zone
    """

    def __init__(self, database: Database, state: Path, clock: Callable[[], datetime] = _now) -> None:
        self._database = database
        self._files = ImageFiles(state)
        self._clock = clock

    def keep(self, pages: Sequence[KeptPage], files: Sequence[bytes]) -> None:
        """Keep pages; all glyphs of their readings are in doubt at first.

        Parameters
        ----------
        files : all that the pages name, in any order
        """
        for content in files:
            self._files.put(content)
        with self._database.writing() as connection:
            for page in pages:
                connection.execute(insert(KEPT_PAGES).values(vars(page)))
                if doubts := [key._asdict() for key in _glyphs_of(page)]:
                    connection.execute(insert(DOUBTS), doubts)
            for content in files:
                self._files.ensure(digest_of(content), content)

    def get(self, page_id: str) -> KeptPage:
        """Look at a page.

        Raises
        ------
        KeptPageNotFound
        """
        query = select(KEPT_PAGES).where(KEPT_PAGES.c.id == page_id, self._is_there())
        with self._database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise _not_found(page_id)
        return KeptPage(**row._mapping)

    def file(self, page: KeptPage) -> bytes:
        """Return the file that a page came in."""
        return self._files.read(page.image)

    def review(
        self,
        limit: int,
        *,
        after: DoubtKey | None = None,
        page: str | None = None,
        below: float | None = None,
    ) -> Sequence[Doubt]:
        """List glyphs that nobody has looked at yet, the least sure first.

        Parameters
        ----------
        after : only glyphs that come after this one in the list
        below : only glyphs with a lower confidence
        """
        columns = tuple(DOUBTS.c[name] for name in DoubtKey._fields)
        query = select(*columns).join(KEPT_PAGES).where(self._is_there()).order_by(*columns).limit(limit)
        if after is not None:
            query = query.where(tuple_(*columns) > tuple_(*after))
        if page is not None:
            query = query.where(DOUBTS.c.page == page)
        if below is not None:
            query = query.where(DOUBTS.c.confidence < below)
        with self._database.reading() as connection:
            keys = [DoubtKey(*row) for row in connection.execute(query)]
            of_them = select(KEPT_PAGES).where(KEPT_PAGES.c.id.in_({key.page for key in keys}))
            pages = {row.id: KeptPage(**row._mapping) for row in connection.execute(of_them)}
        return [Doubt(key, pages[key.page]) for key in keys]

    def dismiss(self, place: Place) -> None:
        """Leave glyphs out of reviews from now on.

        Raises
        ------
        KeptPageNotFound
        """
        self.get(place.page)
        with self._database.writing() as connection:
            connection.execute(delete(DOUBTS).where(place.doubts))

    def delete(self, page_id: str) -> None:
        """Delete a page, and its file unless something else names that.

        Raises
        ------
        KeptPageNotFound
        """
        images = self._delete((KEPT_PAGES.c.id == page_id) & self._is_there())
        if not images:
            raise _not_found(page_id)
        delete_unnamed(self._database, self._files, images)

    def delete_expired(self) -> int:
        """Delete what has expired, and every file that nothing names; return how many pages that were."""
        expired = self._delete(KEPT_PAGES.c.expires_at <= self._clock())
        delete_unnamed(self._database, self._files)
        return len(expired)

    def _delete(self, which: ColumnElement[bool]) -> Sequence[str]:
        """Delete pages, and return the digests of their files."""
        with self._database.writing() as connection:
            images = connection.scalars(select(KEPT_PAGES.c.image).where(which)).all()
            connection.execute(delete(KEPT_PAGES).where(which))
        return images

    def _is_there(self) -> ColumnElement[bool]:
        return KEPT_PAGES.c.expires_at > self._clock()


def _not_found(page_id: str) -> KeptPageNotFound:
    return KeptPageNotFound(f"no page {page_id} is kept, or no longer", page=page_id)


def _glyphs_of(page: KeptPage) -> list[DoubtKey]:
    return [
        DoubtKey(glyph["confidence"], page.id, row_number, word_number, glyph_number)
        for row_number, row in enumerate(page.reading["rows"])
        for word_number, word in enumerate(row["words"])
        for glyph_number, glyph in enumerate(word["glyphs"])
    ]
