"""Everything from a file's bytes to a page of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import compress, pairwise
from time import perf_counter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel, InvalidInput
from app.nn import Array
from app.ocr.abstain import abstain
from app.ocr.alphabet import Alphabet
from app.ocr.confidence import Confidence
from app.ocr.decode import Decoded, decode
from app.ocr.fitting import decode_fitting
from app.ocr.fluency import Fluency
from app.ocr.glyph_reader import GlyphReader
from app.ocr.join import is_doubtful, join
from app.ocr.language import Language
from app.ocr.likeness import Likeness
from app.ocr.line import Line
from app.ocr.notices import joined_writing, misfits, struck_out, unsupported_script
from app.ocr.options import Permitted, ReaderName, ReadOptions
from app.ocr.orientation import Certainty, find_orientation, is_read_well
from app.ocr.page import Alternative, Break, Glyph, Notice, Page, Row, Word
from app.ocr.pattern import Pattern
from app.ocr.row_reader import RowReader, Spelling
from app.ocr.sift import Sifted, sift
from app.ocr.word_prior import WordPrior
from app.vision import Box, DecodeLimits, Picture, RowOfInk, Segmentation, decode_pages, segment


@dataclass(frozen=True)
class Reading:
    """A page of text, the image it was read from, and what was found there on the way."""

    page: Page
    picture: Picture
    found: Segmentation


class _Stages:
    """Times the stages of one page, and asks before each whether it is still wanted."""

    def __init__(self, checkpoint: Callable[[], None]) -> None:
        self._checkpoint = checkpoint
        self.timing_ms: dict[str, float] = {}

    @contextmanager
    def next(self, name: str) -> Iterator[None]:
        self._checkpoint()
        start = perf_counter()
        yield
        ms = (perf_counter() - start) * 1e3
        self.timing_ms[name] = round(self.timing_ms.get(name, 0.0) + ms, 3)


class Reader:
    """All that it takes to read a page; changes nothing of itself, so threads may share one.

    Parameters
    ----------
    glyphs : names single glyphs
    rows : spells whole rows; None if there is no such network
    language : helps to tell look-alikes apart; None if there is no such model
    confidence : how often they are right when they say how sure they are; None to believe them
    likeness : tells from what the network for rows says which rows are writing; None if all are to be read
    """

    def __init__(
        self,
        glyphs: GlyphReader,
        rows: RowReader | None = None,
        language: Language | None = None,
        confidence: Confidence | None = None,
        likeness: Likeness | None = None,
    ) -> None:
        self.glyphs = glyphs
        self.rows = rows
        self.language = language
        self.confidence = confidence
        self.likeness = likeness
        self._word_prior = None if language is None else WordPrior(language, glyphs.alphabet)
        self._fluency = None if language is None or rows is None else Fluency(language, rows.alphabet)

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build the reader of a stored model for glyphs, with the errors of `GlyphReader.from_card`."""
        return cls(GlyphReader.from_card(card, arrays))

    def with_rows(self, rows: RowReader) -> Self:
        """Return a reader that also spells whole rows.

        Raises
        ------
        CorruptModel : there is a character that only the network for glyphs knows.
        """
        if lacking := set(self.alphabet.chars) - set(rows.alphabet.chars):
            raise CorruptModel(f"the network for rows does not know {''.join(sorted(lacking))}, that for glyphs does")
        return self._having(rows=rows)

    def with_language(self, language: Language) -> Self:
        """Return a reader that also knows words."""
        return self._having(language=language)

    def with_confidence(self, confidence: Confidence | None) -> Self:
        """Return a reader whose confidences are calibrated, or are not."""
        return self._having(confidence=confidence)

    def with_likeness(self, likeness: Likeness) -> Self:
        """Return a reader that leaves alone what is no writing, or none that its network for rows knows."""
        return self._having(likeness=likeness)

    def _having(self, **parts: Any) -> Self:
        own = {name: getattr(self, name) for name in ("glyphs", "rows", "language", "confidence", "likeness")}
        return type(self)(**own | parts)

    @property
    def alphabet(self) -> Alphabet:
        """The characters that may come out."""
        return self.glyphs.alphabet

    def permitted(self, options: ReadOptions) -> Permitted:
        """Return what may come out.

        Raises
        ------
        InvalidInput : no file can be read so: the allow-list holds a character that the model does not know, the
            pattern is none (see `Pattern.compile`), or there is no network for rows, though only that shall read.
        """
        if options.reader == "rows" and self.rows is None:
            raise InvalidInput("reader: expected glyphs or auto, as there is no network for rows here, got rows")
        chars = None if options.alphabet is None else self.alphabet.mask(options.alphabet)
        if options.pattern is None:
            return Permitted(chars, None)
        return Permitted(chars, Pattern.compile(options.pattern, self.alphabet.chars, chars))

    def read(
        self, source: bytes, options: ReadOptions = ReadOptions(), *, limits: DecodeLimits = DecodeLimits()
    ) -> Page:
        """Read the first page of a file that is asked for; see `read_pages`."""
        return next(self.read_pages(source, options, limits=limits)).page

    def read_pages(
        self,
        source: bytes,
        options: ReadOptions = ReadOptions(),
        *,
        limits: DecodeLimits = DecodeLimits(),
        checkpoint: Callable[[], None] = lambda: None,
    ) -> Iterator[Reading]:
        """Read the pages of a file that the options name, each when it is asked for.

        Parameters
        ----------
        source : the bytes of a file of one of `app.vision.FORMATS`
        checkpoint : called before every stage; whatever it raises ends the reading, which perhaps nobody waits for

        Raises
        ------
        NotAnImage, UnreadableImage, TooManyPages, TooManyPixels : see `app.vision.decode`.
        InvalidInput : as of `permitted`, or the file has none of the pages that are asked for.
        """
        permitted = self.permitted(options)
        with closing(decode_pages(source, limits, options.pages)) as pages:
            while True:
                stages = _Stages(checkpoint)
                with stages.next("decode"):
                    picture = next(pages, None)
                if picture is None:
                    return
                yield self._read_picture(picture, options, permitted, stages)

    def _read_picture(self, picture: Picture, options: ReadOptions, permitted: Permitted, stages: _Stages) -> Reading:
        with stages.next("segment"):
            found = segment(picture.grey)
        look = "classify" if self._counting(options.reader) is None else "spell"
        with stages.next(look):
            seen = self._look(found.rows, options.reader)
        if not is_read_well(self._certainty(found.rows, seen, options.reader)):
            with stages.next("orient"):
                upright = self._orient(found, picture, options.reader)
            if upright is not found:
                found = upright
                with stages.next(look):
                    seen = self._look(found.rows, options.reader)
        sifted = self._sift(found, seen, options.reader, stages)
        lines = self._lines(sifted.found, sifted.seen, options, permitted, stages)
        with stages.next("language"):
            words = None if options.language == "none" else self._word_prior
            if permitted.pattern is None:
                decoded = decode(lines, found.slope, self.glyphs.context, words)
            else:
                lines, decoded = decode_fitting(
                    lines, found.slope, self.glyphs.context, permitted.pattern, self.glyphs.substitutions, words
                )
            rows = tuple(self._row(*each, found, picture, options) for each in zip(lines, decoded, strict=True))
        notices = joined_writing(rows, lines)
        if permitted.pattern is not None:
            notices += misfits(rows, lines, permitted.pattern)
        notices += struck_out(picture.on_upload(found.on_page(box)) for box in found.struck_out)
        notices += unsupported_script(picture.on_upload(found.on_page(region)) for region in sifted.foreign)
        if not rows and not notices:
            notices = [Notice("no-text", "no writing was found on this image")]
        if self.confidence is not None and options.reader != "glyphs":  # whose confidences are others
            rows = self.confidence.apply(rows)
        rows, review = abstain(rows, options.abstain_below)
        page = Page(
            picture.width,
            picture.height,
            found.angle_deg if rows else 0.0,  # nothing that was not read tells how it stands
            rows,
            tuple(notices),
            stages.timing_ms,
            review,
            found.orientation_deg if rows else 0,
        )
        return Reading(page, picture, found)

    def _counting(self, reader: ReaderName) -> RowReader | None:
        """The network for rows, if it is that which says how many characters there are; else it is that for glyphs."""
        return None if reader == "glyphs" else self.rows

    def _look(self, rows: Sequence[RowOfInk], reader: ReaderName) -> list[Array]:
        """Let the network that counts the characters look at rows: log-probabilities of each."""
        by = self._counting(reader)
        return self.glyphs.classify(rows) if by is None else by.look([row.strip for row in rows])

    def _certainty(self, rows: Sequence[RowOfInk], seen: Sequence[Array], reader: ReaderName) -> Certainty:
        by = self._counting(reader)
        each = map(self.glyphs.certainty, rows, seen) if by is None else map(by.certainty, seen)
        return np.concatenate([np.zeros(0), *each])

    def _orient(self, found: Segmentation, picture: Picture, reader: ReaderName) -> Segmentation:
        def certainty(rows: Sequence[RowOfInk]) -> Certainty:
            return self._certainty(rows, self._look(rows, reader), reader)

        return find_orientation(found, certainty, partial(segment, picture.grey))

    def _sift(self, found: Segmentation, seen: Sequence[Array], reader: ReaderName, stages: _Stages) -> Sifted:
        by = self._counting(reader)
        if by is None or self.likeness is None:
            return Sifted(found, seen, [])
        with stages.next("sift"):
            return sift(found, seen, by, self.likeness)

    def _lines(
        self,
        found: Segmentation,
        seen: Sequence[Array],
        options: ReadOptions,
        permitted: Permitted,
        stages: _Stages,
    ) -> list[Line]:
        """Find the characters of every row, by one network or by both, from what `_look` has seen."""
        if self.rows is None or options.reader == "glyphs":
            with stages.next("classify"):
                return [self.glyphs.line(*each, permitted.chars) for each in zip(found.rows, seen, strict=True)]
        with stages.next("spell"):
            fluency = None if options.language == "none" else self._fluency
            by_row = self._spell(self.rows, found, seen, permitted, fluency)
        if options.reader == "rows":
            return [line for line in by_row if line is not None]
        with stages.next("classify"):
            asked = [
                number
                for number, (row, spelt) in enumerate(zip(found.rows, by_row, strict=True))
                if (not self.rows.can_look_at(row.strip) if spelt is None else is_doubtful(spelt))
            ]
            by_glyphs = dict(
                zip(asked, self._by_glyphs([found.rows[number] for number in asked], permitted.chars), strict=True)
            )
            both = [join(by_glyphs.get(number), spelt) for number, spelt in enumerate(by_row)]
        return [line for line in both if line is not None]

    def _by_glyphs(self, rows: Sequence[RowOfInk], allowed: NDArray[np.bool_] | None) -> list[Line]:
        log_p = self.glyphs.classify(rows)
        return [self.glyphs.line(*each, allowed) for each in zip(rows, log_p, strict=True)]

    def _spell(
        self,
        rows: RowReader,
        found: Segmentation,
        seen: Sequence[Array],
        permitted: Permitted,
        fluency: Fluency | None,
    ) -> list[Line | None]:
        known = self.alphabet.chars
        chars = known if permitted.chars is None else "".join(compress(known, permitted.chars))
        mask = rows.alphabet.mask(chars)
        everything = int(mask.sum()) + 1 == len(mask)  # all but the space, which is no matter of choice
        allowed = None if everything else mask

        def line(row: RowOfInk, spelling: Spelling) -> Line | None:
            return rows.line(row, spelling, found.components, self.alphabet)

        lines: list[Line | None] = []
        for row, log_p in zip(found.rows, seen, strict=True):
            free = rows.spell(log_p, allowed, fluency)
            lines.append(line(row, free))
            if permitted.pattern is None or lines[-1] is None:
                continue
            fitting = rows.spell_as(log_p, permitted.pattern, self.glyphs.substitutions, allowed)
            if fitting is None or (fitted := line(row, fitting)) is None:
                continue
            missing = max(0, len(free.columns) - len(fitted.boxes))
            lines[-1] = replace(fitted, missing=missing, otherwise=lines[-1])
        return lines

    def _row(self, line: Line, decoded: Decoded, found: Segmentation, picture: Picture, options: ReadOptions) -> Row:
        """Name the glyphs of a row, word by word."""
        p, p_space, words = decoded
        across = found.to_page.stretch * picture.scale[1] * line.height
        breaks = [
            Break("space" if probability > 0.5 else "none", float(gap) * across, float(probability))
            for gap, probability in zip(line.gaps, p_space, strict=True)
        ]
        glyphs = [
            self._glyph(row_of_p, picture.on_upload(found.on_page(box)), break_after, options.alternatives)
            for row_of_p, box, break_after in zip(p, line.boxes, [*breaks, Break("row", 0.0, 1.0)], strict=True)
        ]
        starts = np.flatnonzero(np.diff(words, prepend=-1))
        return Row(tuple(Word(tuple(glyphs[start:stop])) for start, stop in pairwise([*starts, len(glyphs)])))

    def _glyph(self, p: NDArray[np.float64], box: Box, break_after: Break, alternatives: int) -> Glyph:
        ranked = np.argsort(-p, kind="stable")[: alternatives + 1]
        best, *others = ((self.alphabet.chars[index], float(p[index])) for index in ranked)
        possible = tuple(Alternative(char, confidence) for char, confidence in others if confidence > 0)
        return Glyph(*best, box, break_after, possible)
