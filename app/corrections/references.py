"""Which files the rows of the database name; the others go."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select, union

from app.corrections.image_files import ImageFiles
from app.database import Database
from app.database.tables import CORRECTIONS, KEPT_PAGES


def delete_unnamed(database: Database, files: ImageFiles, among: Collection[str] | None = None) -> int:
    """Delete files that no correction and no kept page names, and return how many.

    Parameters
    ----------
    among : some digests, all in one query; None for all files, and what writers left behind
    """
    with database.writing() as connection:  # in which nobody else comes to name one
        named = union(select(CORRECTIONS.c.image), select(KEPT_PAGES.c.image))
        if among is None:
            files.sweep()
            unnamed = set(files.digests()) - set(connection.scalars(named))
        else:
            unnamed = set(among)
            for table in (CORRECTIONS, KEPT_PAGES):
                unnamed -= set(connection.scalars(select(table.c.image).where(table.c.image.in_(unnamed))))
        files.delete(unnamed)
    return len(unnamed)
