"""The networks that read a page: which of them sees a page first, and how what they see becomes lines of characters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np
from numpy.typing import NDArray

from app.nn import Array
from app.ocr.line import Line
from app.ocr.options import Permitted
from app.ocr.orientation import Certainty, Legibility
from app.ocr.recognisers.glyph_reader import GlyphReader
from app.ocr.recognisers.row_reader import RowReader
from app.ocr.spelling.join import in_doubt, join
from app.ocr.spelling.prefix_scorer import PrefixScorer
from app.ocr.spelling.spelling import Spelling
from app.ocr.stages import Stages
from app.vision import RowOfInk, Segmentation


@dataclass(frozen=True)
class Networks:
    """Those that a caller wants to read.

    Attributes
    ----------
    glyphs : names single glyphs; its alphabet is that of all lines
    rows : spells whole rows, and says how many characters there are; None if `glyphs` reads alone
    scorer : of the language that helps `rows`; None if none does
    both : whether `glyphs` has a say in characters of which `rows` is in doubt
    """

    glyphs: GlyphReader
    rows: RowReader | None
    scorer: PrefixScorer | None
    both: bool

    @property
    def first_stage(self) -> str:
        """Name of the stage in which `predict` is computed."""
        return "classify" if self.rows is None else "spell"

    def predict(self, rows: Sequence[RowOfInk]) -> list[Array]:
        """Return log-probabilities of each row by the network that counts the characters."""
        return self.glyphs.classify(rows) if self.rows is None else self.rows.predict([row.strip for row in rows])

    def certainty(self, rows: Sequence[RowOfInk], seen: Sequence[Array], *, roughly: bool = False) -> Certainty:
        """Return how sure that network is of each character of rows, given what `predict` returned for them.

        Parameters
        ----------
        roughly : whether look-alikes such as 9 and g are one shape
        """
        if self.rows is None:
            by_row = zip(rows, seen, strict=True)
            each = [self.glyphs.certainty(row, log_p, roughly=roughly) for row, log_p in by_row]
        else:
            each = [self.rows.certainty(log_p, roughly=roughly) for log_p in seen]
        return np.concatenate([np.zeros(0), *each])

    def legibility(self, rows: Sequence[RowOfInk], seen: Sequence[Array]) -> Legibility:
        """Return how well rows can be read, by what `predict` returned for them.

        A page on which nobody can tell 9 from g is no likelier one of sixes, upside down, of which everybody is sure.
        """
        certainty = self.certainty(rows, seen, roughly=True)
        by, scorer = self.rows, self.scorer
        if by is None or scorer is None:
            return Legibility(certainty)
        return Legibility(certainty, lambda: sum(by.log_gain(log_p, scorer) for log_p in seen))

    def lines(self, found: Segmentation, seen: Sequence[Array], permitted: Permitted, stages: Stages) -> list[Line]:
        """Find the characters of every row, from what `predict` returned; rows that are no writing are left out."""
        if self.rows is None:
            with stages.next("classify"):
                return self._lines_of_glyphs(found.rows, seen, permitted)
        with stages.next("spell"):
            by_row = self._spell(self.rows, found, seen, permitted)
        if self.both:
            with stages.next("classify"):
                by_row = self._ask_glyphs(found.rows, by_row)
                by_row = self._read_long(self.rows, found.rows, by_row, permitted)
        return [line for line in by_row if line is not None]

    def _lines_of_glyphs(self, rows: Sequence[RowOfInk], seen: Sequence[Array], permitted: Permitted) -> list[Line]:
        return [self.glyphs.line(*each, permitted.chars) for each in zip(rows, seen, strict=True)]

    def _ask_glyphs(self, rows: Sequence[RowOfInk], by_row: Sequence[Line | None]) -> list[Line | None]:
        """Let the glyphs have a say in characters that are in doubt."""
        asked = [[] if line is None else in_doubt(line, row.hypotheses) for row, line in zip(rows, by_row, strict=True)]
        by_glyph = zip(by_row, asked, self.glyphs.classify(rows, asked), strict=True)
        return [None if line is None else join(line, [each.box for each in found], p) for line, found, p in by_glyph]

    def _read_long(
        self, by: RowReader, rows: Sequence[RowOfInk], by_row: Sequence[Line | None], permitted: Permitted
    ) -> list[Line | None]:
        """Read glyph by glyph what is too long for the network for rows."""
        long = [row for row in rows if not by.is_short_enough(row.strip)]
        lines = iter(self._lines_of_glyphs(long, self.glyphs.classify(long), permitted))
        return [line if by.is_short_enough(row.strip) else next(lines) for row, line in zip(rows, by_row, strict=True)]

    def _spell(
        self, by: RowReader, found: Segmentation, seen: Sequence[Array], permitted: Permitted
    ) -> list[Line | None]:
        """Spell each row, as it is and, if there is a pattern that some text fits, so that it fits."""
        allowed = self._allowed(by, permitted.chars)

        def line(row: RowOfInk, spelling: Spelling) -> Line | None:
            return by.line(row, spelling, found.components, self.glyphs.alphabet)

        lines: list[Line | None] = []
        for row, log_p in zip(found.rows, seen, strict=True):
            free = by.spell(log_p, allowed, self.scorer)
            lines.append(line(row, by.with_points(free, log_p, row, allowed)))
            if permitted.pattern is None or lines[-1] is None:
                continue
            fitting = by.spell_as(log_p, permitted.pattern, self.glyphs.substitutions, allowed)
            if fitting is None or (fitted := line(row, fitting)) is None:
                continue
            missing = max(0, len(free.columns) - len(fitted.boxes))
            lines[-1] = replace(fitted, missing=missing, otherwise=lines[-1])
        return lines

    def _allowed(self, by: RowReader, permitted: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """Return which classes of the row network may come out: of the alphabet's, those permitted; None for all."""
        known = self.glyphs.alphabet.chars
        mask = by.alphabet.mask(known if permitted is None else "".join(compress(known, permitted)))
        everything = int(mask.sum()) + 1 == len(mask)  # all but the space, which is no matter of choice
        return None if everything else mask
