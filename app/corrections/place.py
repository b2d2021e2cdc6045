"""A part of a kept page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, true

from app.database.tables import DOUBTS


@dataclass(frozen=True)
class Place:
    """A glyph, a word or a row of a kept page, by the numbers from 0 that its reading gives them; None: all of them."""

    page: str
    row: int
    word: int | None = None
    glyph: int | None = None

    @property
    def doubts(self) -> ColumnElement[bool]:
        """Which rows of the table of doubts are in it."""
        within = (DOUBTS.c.page == self.page) & (DOUBTS.c.row == self.row)
        within &= true() if self.word is None else DOUBTS.c.word == self.word
        return within & (true() if self.glyph is None else DOUBTS.c.glyph == self.glyph)
