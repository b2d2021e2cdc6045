"""From the bytes of a file to its pages of text: the steps of `docs/reading.md`, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from numpy.typing import NDArray

from app.errors import CorruptModel, InvalidInput
from app.ocr.alphabet import Alphabet
from app.ocr.decode_lines import decode_lines
from app.ocr.judgement.abstain import abstain
from app.ocr.judgement.confidence import Confidence
from app.ocr.judgement.likeness import Likeness
from app.ocr.judgement.row_filter import KeptRows
from app.ocr.line import Line
from app.ocr.looks import find_written_rows
from app.ocr.naming import join_rows, name_row
from app.ocr.networks import Networks
from app.ocr.notices import joined_writing, left_out, misfits, struck_out, unsupported_script
from app.ocr.options import Permitted, ReadOptions
from app.ocr.page import Notice, Page, Row
from app.ocr.patterns.automaton import Pattern
from app.ocr.patterns.fitting import decode_fitting
from app.ocr.priors.dates import DatePrior
from app.ocr.priors.language import Language
from app.ocr.priors.prior import Decoded, Prior
from app.ocr.priors.words import WordPrior
from app.ocr.recognisers.glyph_reader import GlyphReader
from app.ocr.recognisers.row_reader import RowReader
from app.ocr.spelling.prefix_scorer import PrefixScorer
from app.ocr.stages import Stages
from app.vision import DecodeLimits, Picture, Segmentation, View, decode_pages


@dataclass(frozen=True)
class Reading:
    """A page of text, the image it was read from, and what was found there on the way."""

    page: Page
    picture: Picture
    found: Segmentation


@dataclass(frozen=True)
class Reader:
    """All that it takes to read a page. Threads may share one, since reading changes nothing in it.

    To read with other parts, make a copy with `dataclasses.replace`.

    Attributes
    ----------
    glyphs : the network that names single glyphs
    rows : the network that spells whole rows; None leaves all reading to `glyphs`
    language : the words that help to tell look-alikes apart; None helps with none
    confidence : turns what the networks say of their certainty into the probability of being right; None reports what
        the networks say
    likeness : decides from what `rows` sees which rows are writing at all; None reads every row

    Raises
    ------
    CorruptModel : `glyphs` knows a character that `rows` does not.
    """

    glyphs: GlyphReader
    rows: RowReader | None = None
    language: Language | None = None
    confidence: Confidence | None = None
    likeness: Likeness | None = None

    def __post_init__(self) -> None:
        if self.rows is not None and (lacking := set(self.alphabet.chars) - set(self.rows.alphabet.chars)):
            raise CorruptModel(f"the network for rows does not know {''.join(sorted(lacking))}, that for glyphs does")
        _ = self._priors, self._scorer  # made now, so that the first page does not wait for them

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]], **others: Any) -> Self:
        """Build the reader of a stored model for glyphs, with the errors of `GlyphReader.from_card`.

        Parameters
        ----------
        others : the other attributes of the class, by name
        """
        return cls(GlyphReader.from_card(card, arrays), **others)

    @cached_property
    def _priors(self) -> tuple[Prior, ...]:
        if self.language is None:
            return ()
        return WordPrior(self.language, self.alphabet), DatePrior(self.alphabet)

    @cached_property
    def _scorer(self) -> PrefixScorer | None:
        if self.language is None or self.rows is None:
            return None
        return PrefixScorer(self.language, self.rows.alphabet)

    @property
    def alphabet(self) -> Alphabet:
        """The characters that may come out."""
        return self.glyphs.alphabet

    def permitted(self, options: ReadOptions) -> Permitted:
        """Return which characters may come out, and in which form.

        Raises
        ------
        InvalidInput : no file can be read with these options: the allow-list holds a character that the model does not
            know, the pattern is not valid (see `Pattern.compile`), or only the network for rows is to read and there is
            none.
        """
        if options.reader == "rows" and self.rows is None:
            raise InvalidInput("reader: expected glyphs or auto, as there is no network for rows here, got rows")
        # Spaces are always allowed, whether the allow-list has one or not.
        chars = None if options.alphabet is None else self.alphabet.mask(options.alphabet.replace(" ", ""))
        if options.pattern is None:
            return Permitted(chars, None)
        return Permitted(chars, Pattern.compile(options.pattern, self.alphabet.chars, chars))

    def read(
        self, source: bytes, options: ReadOptions = ReadOptions(), *, limits: DecodeLimits = DecodeLimits()
    ) -> Page:
        """Read the first of the pages that the options name; see `read_pages`."""
        return next(self.read_pages(source, options, limits=limits)).page

    def read_pages(
        self,
        source: bytes,
        options: ReadOptions = ReadOptions(),
        *,
        limits: DecodeLimits = DecodeLimits(),
        checkpoint: Callable[[], None] = lambda: None,
    ) -> Iterator[Reading]:
        """Read the pages of a file that the options name. A page is read when the iterator comes to it.

        Parameters
        ----------
        source : the bytes of a file in one of `app.vision.FORMATS`
        checkpoint : called before every stage. Whatever it raises ends the reading, for instance because the client has
            hung up

        Raises
        ------
        NotAnImage, UnreadableImage, TooManyPages, TooManyPixels : see `app.vision.decoding.decode`.
        InvalidInput : as `permitted` raises it, or the file has none of the pages that the options name.
        """
        permitted = self.permitted(options)
        with closing(decode_pages(source, limits, options.pages)) as pages:
            while True:
                stages = Stages(checkpoint)
                with stages.next("decode"):
                    picture = next(pages, None)
                if picture is None:
                    return
                yield self._read_picture(picture, options, permitted, stages)

    def _read_picture(self, picture: Picture, options: ReadOptions, permitted: Permitted, stages: Stages) -> Reading:
        """Find the rows of a page, keep those that are writing, find their characters, and decide what each is."""
        networks = self._networks(options)
        kept = find_written_rows(picture, networks, self.likeness, stages)
        found = kept.page
        lines = networks.lines(kept.found, kept.seen, permitted, stages)
        with stages.next("language"):
            lines, decoded = self._decode(lines, found.slope, options, permitted)
            rows = tuple(
                name_row(*each, self.alphabet, alternatives=options.alternatives, found=found, picture=picture)
                for each in zip(lines, decoded, strict=True)
            )
        notices = _notices(picture, kept, rows, lines, permitted)
        rows = join_rows(rows, lines, found, picture)
        if self.confidence is not None and options.reader != "glyphs":  # the curves are fitted to pages read by rows
            rows = self.confidence.apply(rows)
        rows, review = abstain(rows, options.abstain_below)
        page = Page(
            width=picture.width,
            height=picture.height,
            # How a page lies is only known of one that could be read.
            angle_deg=found.angle_deg if rows else 0.0,
            rows=rows,
            warnings=tuple(notices),
            review=review,
            timing_ms=stages.timing_ms,
            view=found.view if rows else View(),
        )
        return Reading(page, picture, found)

    def _networks(self, options: ReadOptions) -> Networks:
        """Choose which networks read, and whether a language helps them."""
        return Networks(
            self.glyphs,
            rows=None if options.reader == "glyphs" else self.rows,
            scorer=None if options.language == "none" else self._scorer,
            both=options.reader == "auto",
        )

    def _decode(
        self, lines: list[Line], slope: float, options: ReadOptions, permitted: Permitted
    ) -> tuple[list[Line], list[Decoded]]:
        """Decide what each character is. With a pattern, the lines come back divided as it wants them."""
        priors = () if options.language == "none" else self._priors
        if permitted.pattern is None:
            return lines, decode_lines(lines, slope, self.glyphs.context, priors)
        return decode_fitting(lines, slope, self.glyphs.context, permitted.pattern, self.glyphs.substitutions, priors)


def _notices(
    picture: Picture, kept: KeptRows, rows: Sequence[Row], lines: Sequence[Line], permitted: Permitted
) -> list[Notice]:
    """Collect what the sender should know beside the text; boxes are those of the upload."""
    found = kept.page
    notices = joined_writing(rows, lines)
    if permitted.pattern is not None:
        notices += misfits(rows, lines, permitted.pattern)
    notices += struck_out(found.on_upload(box, picture) for box in found.struck_out)
    notices += unsupported_script(found.on_upload(region, picture) for region in kept.foreign)
    if not rows and not kept.foreign:
        if found.rows:  # there are marks, but none is writing: nor is what looked like struck-out words
            notices.clear()
        what = "no other writing" if notices else "no writing"
        notices.append(Notice("no-text", f"{what} was found on this image"))
    return notices + left_out(found.components)
