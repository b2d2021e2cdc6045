"""The one or two networks that read a page: which sees it first, and how their opinions become lines of characters."""

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

# A page of writing has some hundred characters in doubt. Where there are far more, the writing is too small to be told
# apart glyph by glyph, and to ask would take a second.
_MOST_ASKED = 1000


@dataclass(frozen=True)
class Networks:
    """The networks that the options of a request choose.

    One of them, `rows` if there is one, sees all rows of a page first and decides how many characters each has.

    Attributes
    ----------
    glyphs : names single glyphs; all lines have its alphabet
    rows : spells whole rows; None if `glyphs` reads alone
    scorer : scores prefixes of texts by a language, which helps `rows`; None without a language
    both : whether `glyphs` is asked about the characters that `rows` is in doubt of
    """

    glyphs: GlyphReader
    rows: RowReader | None
    scorer: PrefixScorer | None
    both: bool

    @property
    def first_stage(self) -> str:
        """The entry of ``timing_ms`` in which `predict` counts."""
        return "classify" if self.rows is None else "spell"

    def predict(self, rows: Sequence[RowOfInk]) -> list[Array]:
        """Return what the first network sees in each row, as log-probabilities.

        They are those of `RowReader.predict` or, if `glyphs` reads alone, of `GlyphReader.classify`. In all other
        methods `seen` stands for them.
        """
        return self.glyphs.classify(rows) if self.rows is None else self.rows.predict([row.strip for row in rows])

    def certainty(self, rows: Sequence[RowOfInk], seen: Sequence[Array], *, roughly: bool = False) -> Certainty:
        """Return how sure the first network is of each character of some rows.

        Parameters
        ----------
        roughly : whether look-alikes such as 9 and g count as one shape
        """
        if self.rows is None:
            by_row = zip(rows, seen, strict=True)
            each = [self.glyphs.certainty(row, log_p, roughly=roughly) for row, log_p in by_row]
        else:
            each = [self.rows.certainty(log_p, roughly=roughly) for log_p in seen]
        return np.concatenate([np.zeros(0), *each])

    def legibility(self, rows: Sequence[RowOfInk], seen: Sequence[Array]) -> Legibility:
        """Return how well some rows can be read, to compare the ways up of a page.

        Look-alikes count as one shape. Otherwise a page full of 9, which may be g, would seem harder to read than the
        same page upside down, full of 6.
        """
        certainty = self.certainty(rows, seen, roughly=True)
        speller, scorer = self.rows, self.scorer
        if speller is None or scorer is None:
            return Legibility(certainty)
        return Legibility(certainty, lambda: sum(speller.log_gain(log_p, scorer) for log_p in seen))

    def lines(self, found: Segmentation, seen: Sequence[Array], permitted: Permitted, stages: Stages) -> list[Line]:
        """Find the characters of every row; rows in which there are none are left out."""
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
        """Show the glyph network what is in the place of doubtful characters, unless these are too many; join both."""
        asked = [[] if line is None else in_doubt(line, row.hypotheses) for row, line in zip(rows, by_row, strict=True)]
        if sum(map(len, asked)) > _MOST_ASKED:
            return list(by_row)
        by_glyph = zip(by_row, asked, self.glyphs.classify(rows, asked), strict=True)
        return [None if line is None else join(line, [each.box for each in found], p) for line, found, p in by_glyph]

    def _read_long(
        self, speller: RowReader, rows: Sequence[RowOfInk], by_row: Sequence[Line | None], permitted: Permitted
    ) -> list[Line | None]:
        """Read rows that are too long for the row network glyph by glyph, and put them in their places."""
        long = [row for row in rows if not speller.is_short_enough(row.strip)]
        lines = iter(self._lines_of_glyphs(long, self.glyphs.classify(long), permitted))
        return [
            line if speller.is_short_enough(row.strip) else next(lines) for row, line in zip(rows, by_row, strict=True)
        ]

    def _spell(
        self, speller: RowReader, found: Segmentation, seen: Sequence[Array], permitted: Permitted
    ) -> list[Line | None]:
        """Spell each row freely, and with a pattern also so that it fits; None for a row without characters."""
        allowed, effort = self._allowed(speller, permitted.chars), speller.effort(seen)

        def line(row: RowOfInk, spelling: Spelling) -> Line | None:
            return speller.line(row, spelling, found.components, self.glyphs.alphabet)

        lines: list[Line | None] = []
        for row, log_p in zip(found.rows, seen, strict=True):
            free = speller.spell(log_p, allowed, self.scorer, effort)
            lines.append(line(row, speller.with_points(free, log_p, row, allowed)))
            if permitted.pattern is None or lines[-1] is None:
                continue
            fitting = speller.spell_as(log_p, permitted.pattern, self.glyphs.substitutions, allowed)
            if fitting is None or (fitted := line(row, fitting)) is None:
                continue
            missing = max(0, len(free.columns) - len(fitted.boxes))
            lines[-1] = replace(fitted, missing=missing, otherwise=lines[-1])
        return lines

    def _allowed(self, speller: RowReader, permitted: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
        """Return which characters of the row network may come out, (K,); None for all.

        They are those of the glyph network's alphabet, or the permitted ones among them.
        """
        known = self.glyphs.alphabet.chars
        mask = speller.alphabet.mask(known if permitted is None else "".join(compress(known, permitted)))
        everything = int(mask.sum()) + 1 == len(mask)  # all but the space, which may always come out
        return None if everything else mask
