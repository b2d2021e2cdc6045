"""Everything from a file's bytes to a page of text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptModel, InvalidInput, UnknownArchitecture
from app.nn import Array, Inference, Sequential, log_softmax
from app.ocr.alphabet import Alphabet
from app.ocr.architectures import build_network
from app.ocr.context import Context
from app.ocr.page import Alternative, Break, Glyph, Notice, Page, Row, Word
from app.ocr.path import best_path
from app.vision import Box, DecodeLimits, GapModel, Picture, RowOfInk, Segmentation, decode_pages, gap_widths, segment

MOST_ALTERNATIVES = 10
# How much a character that is not allowed still speaks for there being one glyph, beside one that is.
_FOREIGN = 0.5


@dataclass(frozen=True)
class ReadOptions:
    """What a caller may ask for.

    Attributes
    ----------
    alternatives : how many other characters are listed for each glyph, 0 to MOST_ALTERNATIVES
    alphabet : the only characters to be read; None for all that the model knows. Probabilities are shared out anew
        among them, so that no glyph is lost
    """

    alternatives: int = 3
    alphabet: str | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.alternatives <= MOST_ALTERNATIVES:
            raise InvalidInput(f"alternatives: expected 0 to {MOST_ALTERNATIVES}, got {self.alternatives}")


@dataclass(frozen=True)
class _Line:
    """The N glyphs chosen for one row: their boxes, what each looks like (N, K), and the height of the row."""

    boxes: list[Box]
    log_p: Array
    height: float

    @property
    def gaps(self) -> NDArray[np.float64]:
        """White after each glyph but the last, in heights of the row."""
        return gap_widths(self.boxes) / self.height


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
        self.timing_ms[name] = round((perf_counter() - start) * 1e3, 3)


class Reader:
    """A classifier and what it takes to read a page with it; changes nothing of itself, so threads may share one.

    Parameters
    ----------
    network : maps glyphs (N, 1, 32, 32) to logits (N, K); kept as an `Inference`
    alphabet : the K classes
    context : what is known of each class beside its shape
    temperature : logits are divided by it, which makes the probabilities honest
    """

    def __init__(self, network: Sequential, alphabet: Alphabet, context: Context, temperature: float = 1.0) -> None:
        self.alphabet = alphabet
        self.network = Inference(network)
        self._context = context
        self._temperature = temperature
        self._shapes = _shape_groups(alphabet)

    @classmethod
    def from_card(cls, card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Build the reader of a stored model.

        Raises
        ------
        UnknownArchitecture : the card asks for a network that this version cannot build.
        CorruptModel : an entry of the card is missing or makes no sense.
        ShapeMismatch : the arrays are not those of that network.
        """
        try:
            alphabet = Alphabet(card["alphabet"])
            network = build_network(card["architecture"])
            context = Context.build(alphabet, card["char_extents"])
            temperature = float(card["calibration"]["temperature"])
        except UnknownArchitecture:
            raise
        except (KeyError, TypeError, ValueError, InvalidInput) as exc:
            raise CorruptModel(f"the card cannot be used: {type(exc).__name__} {exc}") from exc
        if not temperature > 0:
            raise CorruptModel(f"the card cannot be used: expected a temperature above 0, got {temperature}")
        network.load(arrays)
        return cls(network, alphabet, context, temperature)

    def read(
        self, source: bytes, options: ReadOptions = ReadOptions(), *, limits: DecodeLimits = DecodeLimits()
    ) -> Page:
        """Read the first page of a file; see `read_pages`."""
        return next(self.read_pages(source, options, limits=limits)).page

    def read_pages(
        self,
        source: bytes,
        options: ReadOptions = ReadOptions(),
        *,
        limits: DecodeLimits = DecodeLimits(),
        checkpoint: Callable[[], None] = lambda: None,
    ) -> Iterator[Reading]:
        """Read the pages of a file, each when it is asked for.

        Parameters
        ----------
        source : the bytes of a file of one of `app.vision.FORMATS`
        checkpoint : called before every stage; whatever it raises ends the reading, which perhaps nobody waits for

        Raises
        ------
        NotAnImage, UnreadableImage, TooManyPages, TooManyPixels : see `app.vision.decode`.
        InvalidInput : the allow-list holds a character that the model does not know.
        """
        allowed = None if options.alphabet is None else self.alphabet.mask(options.alphabet)
        with closing(decode_pages(source, limits)) as pages:
            while True:
                stages = _Stages(checkpoint)
                with stages.next("decode"):
                    picture = next(pages, None)
                if picture is None:
                    return
                yield self._read_picture(picture, options, allowed, stages)

    def _read_picture(
        self, picture: Picture, options: ReadOptions, allowed: NDArray[np.bool_] | None, stages: _Stages
    ) -> Reading:
        with stages.next("segment"):
            found = segment(picture.grey)
            seen = replace(picture, grey=found.grey)
        with stages.next("classify"):
            log_p = self._classify([row.glyphs for row in found.rows])
        with stages.next("language"):
            lines = [self._line(row, row_log_p, allowed) for row, row_log_p in zip(found.rows, log_p, strict=True)]
            # How far words stand apart is learnt from all rows of the page.
            spacing = GapModel.fit(np.concatenate([np.zeros(0), *(line.gaps for line in lines)]))
            rows = tuple(self._row(line, spacing, found.slope, seen, options) for line in lines)
        notices = () if rows else (Notice("no-text", "no writing was found on this image"),)
        return Reading(
            Page(picture.width, picture.height, found.angle_deg, rows, notices, stages.timing_ms), picture, found
        )

    def _classify(self, glyphs: Sequence[Array]) -> list[Array]:
        """Return log-probabilities (N, K) for each row's hypotheses, all computed in one batch."""
        if not glyphs:
            return []
        logits = self.network.predict(np.concatenate(glyphs)) / self._temperature
        return np.split(log_softmax(logits), np.cumsum([len(row) for row in glyphs])[:-1])

    def _line(self, row: RowOfInk, log_p: Array, allowed: NDArray[np.bool_] | None) -> _Line:
        """Divide a row into glyphs; from then on, what is not allowed is impossible."""
        p = np.exp(log_p)
        # Upper and lower case of one shape, or 0 and O, share their probability: unsure which, but surely a letter.
        fit = (p @ self._shapes).max(axis=1)
        if allowed is not None:
            fit = _FOREIGN * fit + (1 - _FOREIGN) * ((p * allowed) @ self._shapes).max(axis=1)
            log_p = np.where(allowed, log_p, -np.inf)
        gaps = gap_widths([piece.box for piece in row.pieces]) / row.height
        path = best_path(row.hypotheses, np.log(fit + 1e-12), gaps)
        return _Line([row.hypotheses[index].box for index in path], log_p[path], row.height)

    def _row(self, line: _Line, spacing: GapModel, slope: float, picture: Picture, options: ReadOptions) -> Row:
        """Divide a row into words and name its glyphs."""
        p_space = spacing.space_probability(line.gaps)
        words = np.concatenate([[0], np.cumsum(p_space > 0.5)]).astype(np.intp)
        p = self._context.weigh(line.log_p, _places(line.boxes, slope), words)
        across = picture.scale[1] * line.height
        breaks = [
            Break("space" if probability > 0.5 else "none", float(gap) * across, float(probability))
            for gap, probability in zip(line.gaps, p_space, strict=True)
        ]
        glyphs = [
            self._glyph(row_of_p, _upload_box(box, picture), break_after, options.alternatives)
            for row_of_p, box, break_after in zip(p, line.boxes, [*breaks, Break("row", 0.0, 1.0)], strict=True)
        ]
        starts = np.flatnonzero(np.diff(words, prepend=-1))
        return Row(tuple(Word(tuple(glyphs[start:stop])) for start, stop in pairwise([*starts, len(glyphs)])))

    def _glyph(self, p: NDArray[np.float64], box: Box, break_after: Break, alternatives: int) -> Glyph:
        ranked = np.argsort(-p, kind="stable")[: alternatives + 1]
        best, *others = ((self.alphabet.chars[index], float(p[index])) for index in ranked)
        possible = tuple(Alternative(char, confidence) for char, confidence in others if confidence > 0)
        return Glyph(*best, box, break_after, possible)


def _shape_groups(alphabet: Alphabet) -> NDArray[np.float32]:
    """Return (K, G), 1 where a class has a shape that cases, or a letter and a digit, share."""
    shapes = ["O" if char in "0Oo" else "I" if char in "1Il|" else char.upper() for char in alphabet.chars]
    groups = sorted(set(shapes))
    member = np.zeros((len(shapes), len(groups)), np.float32)
    member[np.arange(len(shapes)), [groups.index(shape) for shape in shapes]] = 1
    return member


def _places(boxes: Sequence[Box], slope: float) -> NDArray[np.float64]:
    """Return (N, 3): middle from the left, top and bottom of each box, the page's slope taken out."""
    sides = np.array(boxes, np.float64)
    middle = (sides[:, 1] + sides[:, 3]) / 2
    return np.stack([middle, sides[:, 0] - slope * middle, sides[:, 2] - slope * middle], axis=1)


def _upload_box(box: Box, picture: Picture) -> Box:
    """Return the box in pixels of the upload, outwards to whole ones."""
    down, across = picture.scale
    return Box(
        int(box.top * down),
        int(box.left * across),
        min(picture.height, int(np.ceil(box.bottom * down))),
        min(picture.width, int(np.ceil(box.right * across))),
    )
