"""The store of all corrections: rows in the database, pictures in files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, or_, select

from app.corrections.correction import Correction, Level
from app.corrections.image_files import ImageFiles, delete_unnamed
from app.corrections.kept_pages import Place
from app.corrections.same_ink import contradict
from app.database import Database
from app.database.tables import CORRECTIONS, DOUBTS
from app.errors import CorrectedOtherwise, CorrectionNotFound


class CorrectionStore:
    """The corrections of a database. Threads and processes may share it.

    Parameters
    ----------
    state : the service's state folder, where pictures are kept; the same for all processes that share the database
    """

    def __init__(self, database: Database, state: Path) -> None:
        self._database = database
        self._files = ImageFiles(state)

    def add(self, correction: Correction, picture: bytes, *, settles: Place | None = None) -> tuple[Correction, bool]:
        """Keep a correction; when this returns, it is safe.

        Parameters
        ----------
        picture : the file whose digest is ``correction.image``
        settles : the place of a kept page that need not be reviewed any more

        Returns
        -------
        the correction as it is kept, and whether it is new

        Raises
        ------
        CorrectedOtherwise : the same place was corrected before to another text, or a part of the same ink was.
        """
        self._files.put(picture)
        try:
            return self._add(correction, picture, settles)
        except CorrectedOtherwise:
            delete_unnamed(self._database, self._files, [correction.image])
            raise

    def _add(self, correction: Correction, picture: bytes, settles: Place | None) -> tuple[Correction, bool]:
        with self._database.writing() as connection:
            row = connection.execute(select(CORRECTIONS).where(CORRECTIONS.c.id == correction.id)).one_or_none()
            if row is None:
                _refuse_contradiction(connection, correction)
                level, page = correction.level.value, correction.page
                connection.execute(insert(CORRECTIONS).values({**asdict(correction), "level": level, "page": page}))
            elif row.text != correction.text:
                detail = f"expected {row.text!r}, to which this was corrected before, or that to be deleted first; got "
                raise CorrectedOtherwise(f"{detail}{correction.text!r}", id=row.id, text=row.text)
            if settles is not None:
                connection.execute(delete(DOUBTS).where(settles.doubts))
            self._files.ensure(correction.image, picture)
        return (correction, True) if row is None else (_to_correction(row), False)

    def get(self, correction_id: str) -> Correction:
        """Look at a correction.

        Raises
        ------
        CorrectionNotFound
        """
        with self._database.reading() as connection:
            row = connection.execute(select(CORRECTIONS).where(CORRECTIONS.c.id == correction_id)).one_or_none()
        if row is None:
            raise CorrectionNotFound(f"there is no correction {correction_id}", id=correction_id)
        return _to_correction(row)

    def picture(self, digest: str) -> bytes:
        """Return the file that a correction names."""
        return self._files.read(digest)

    def list(
        self,
        limit: int | None = None,
        *,
        before: tuple[datetime, str] | None = None,
        level: Level | None = None,
        text: str | None = None,
    ) -> Sequence[Correction]:
        """List corrections, the newest first.

        Parameters
        ----------
        before : time and id of a correction; only older ones are listed
        """
        query = select(CORRECTIONS).order_by(CORRECTIONS.c.created_at.desc(), CORRECTIONS.c.id.desc()).limit(limit)
        if before is not None:
            at, number = before
            is_older = CORRECTIONS.c.created_at < at
            query = query.where(or_(is_older, (CORRECTIONS.c.created_at == at) & (CORRECTIONS.c.id < number)))
        if level is not None:
            query = query.where(CORRECTIONS.c.level == level.value)
        if text is not None:
            query = query.where(CORRECTIONS.c.text == text)
        with self._database.reading() as connection:
            return [_to_correction(row) for row in connection.execute(query)]

    def resolve(self, prefix: str) -> str:
        """Return the only id that begins with a prefix.

        Raises
        ------
        CorrectionNotFound : no id begins so, or several do.
        """
        query = select(CORRECTIONS.c.id).where(CORRECTIONS.c.id.startswith(prefix, autoescape=True)).limit(2)
        with self._database.reading() as connection:
            found = list(connection.scalars(query))
        if len(found) != 1:
            what = "several corrections begin so" if found else "no correction begins so"
            detail = f"expected the first digits of a correction's id, got {prefix!r}; {what}"
            raise CorrectionNotFound(detail, id=prefix)
        return found[0]

    def delete(self, correction_id: str) -> None:
        """Delete a correction, and its picture unless something else names that.

        Raises
        ------
        CorrectionNotFound
        """
        with self._database.writing() as connection:
            image = connection.scalar(select(CORRECTIONS.c.image).where(CORRECTIONS.c.id == correction_id))
            if image is None:
                raise CorrectionNotFound(f"there is no correction {correction_id}", id=correction_id)
            connection.execute(delete(CORRECTIONS).where(CORRECTIONS.c.id == correction_id))
        delete_unnamed(self._database, self._files, [image])  # after the transaction, which might have failed


def _refuse_contradiction(connection: Connection, correction: Correction) -> None:
    if correction.page is None:
        return
    columns = CORRECTIONS.c.id, CORRECTIONS.c.text, CORRECTIONS.c.details  # not `seen`, which is large
    for row in connection.execute(select(*columns).where(CORRECTIONS.c.page == correction.page)):
        if contradict(correction.details["on_page"], row.details["on_page"]):
            detail = (
                f"expected what agrees with {row.text!r}, to which some of this ink was corrected before, or that "
                f"to be deleted first; got {correction.text!r}"
            )
            raise CorrectedOtherwise(detail, id=row.id, text=row.text)


def _to_correction(row: Row[Any]) -> Correction:
    return Correction(
        id=row.id,
        level=Level(row.level),
        text=row.text,
        read_as=row.read_as,
        image=row.image,
        box=None if row.box is None else tuple(row.box),
        seen=bytes(row.seen),
        details=row.details,
        created_at=row.created_at,
        created_by=row.created_by,
    )
