"""Whole pages with their truth, the same for a seed whatever is drawn before them or beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.datasets.draw import draw_strokes
from app.datasets.page_camera import View, blurred, shadow
from app.datasets.page_layout import Layout, SetRow, lay_out, write_cells
from app.datasets.page_paper import (
    PAPERS,
    PENS,
    Line,
    choose_paper,
    choose_pen,
    flow,
    paper_colour,
    paper_grain,
    print_lines,
)
from app.datasets.page_text import KINDS, NEEDED, imagine_page
from app.datasets.page_truth import RowTruth, row_document, row_truth
from app.datasets.page_variation import Knobs, PageVariation
from app.datasets.page_writers import JOINED, PageWriters
from app.errors import InvalidInput

ALL_KINDS = (*KINDS, JOINED)
_MARGIN = (0.8, 3.0)  # around the writing, in em
_LINE_INK = (1.05, 1.0, 0.8)  # share of red, green and blue that a printed line takes: most are a little blue
_BACK_BLUR = 0.06  # of what shows through the paper, in em
# One generator for each thing that is left to chance, so that a change of one leaves the others as they were.
_KNOBS, _TEXT, _HAND, _LAYOUT, _PAPER, _CAMERA = range(6)


@dataclass(frozen=True)
class SyntheticPage:
    """A photograph and all that is known of it.

    Attributes
    ----------
    image : (H, W, 3) uint8
    rows : from top to bottom
    seed, number : what it was drawn from
    kind, paper, pen, writer : what is written, on what, with what, by whom
    knobs : how it varies
    """

    image: NDArray[np.uint8]
    rows: list[RowTruth]
    seed: int
    number: int
    kind: str
    paper: str
    pen: str
    writer: str
    knobs: Knobs

    @property
    def text(self) -> str:
        """The transcription: rows one below the other."""
        return "\n".join(row.text for row in self.rows)

    def encoded(self, form: Literal["jpg", "png"]) -> bytes:
        """Return the image as a file; a JPEG has the quality that is one of the knobs."""
        file = BytesIO()
        if form == "png":
            Image.fromarray(self.image).save(file, "PNG")
        else:
            Image.fromarray(self.image).save(file, "JPEG", quality=round(self.knobs.quality))
        return file.getvalue()

    def document(self) -> dict[str, Any]:
        """Return everything but the pixels in JSON's types; boxes are in pixels of the image."""
        height, width, _ = self.image.shape
        return {
            "text": self.text,
            "page": {"width": width, "height": height},
            "rows": [row_document(row) for row in self.rows],
            **{name: getattr(self, name) for name in ("seed", "number", "kind", "paper", "pen", "writer")},
            "knobs": asdict(self.knobs),
        }


def draw_page(writers: PageWriters, variation: PageVariation, seed: int, number: int) -> SyntheticPage:
    """Draw one page of an endless series.

    Parameters
    ----------
    writers : who may write it
    variation : how far pages vary; a knob that is set to another value changes nothing that it does not stand for
    seed, number : which series, and which page of it

    Raises
    ------
    InvalidInput : a kind or a paper is not known, or the writers cannot write a kind.
    """
    rngs = [np.random.default_rng([seed, number, part]) for part in range(_CAMERA + 1)]
    knobs = variation.draw(rngs[_KNOBS])
    kind = _choose_kind(writers, variation.kinds, rngs[_TEXT])
    writer, rows = _write(writers, kind, knobs, rngs[_TEXT], rngs[_HAND])
    layout = lay_out(kind, rows, knobs, rngs[_LAYOUT])
    paper, pen = choose_paper(_known_papers(variation.papers), rngs[_PAPER]), choose_pen(rngs[_PAPER])
    lines = print_lines(paper, layout, knobs.pitch, rngs[_PAPER])
    image, truth = _photograph(layout, lines, pen, knobs, rngs[_PAPER], rngs[_CAMERA])
    return SyntheticPage(image, truth, seed, number, kind, paper, pen, writer, knobs)


def _choose_kind(writers: PageWriters, kinds: tuple[str, ...], rng: np.random.Generator) -> str:
    possible = ALL_KINDS if writers.writes_joined else KINDS
    if unknown := [kind for kind in kinds if kind not in possible]:
        raise InvalidInput(f"expected kinds of pages out of {', '.join(possible)}, got {', '.join(unknown)}")
    chosen = kinds or possible
    return chosen[int(rng.integers(len(chosen)))]


def _known_papers(papers: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [paper for paper in papers if paper not in PAPERS]:
        raise InvalidInput(f"expected papers out of {', '.join(PAPERS)}, got {', '.join(unknown)}")
    return papers


def _write(
    writers: PageWriters, kind: str, knobs: Knobs, text_rng: np.random.Generator, hand_rng: np.random.Generator
) -> tuple[str, list[SetRow]]:
    """Return who wrote the page, and its rows."""
    if kind == JOINED:
        name, written = writers.joined_rows(hand_rng)
        return name, [SetRow([row]) for row in written]
    writer = writers.choose(NEEDED[kind], hand_rng)
    rows = imagine_page(kind, writer.chars, text_rng)
    return writer.name, write_cells(kind, rows, writer, knobs, hand_rng)


class _Layers(NamedTuple):
    """Ink (H, W) uint8, 255 where it covers the paper: of the pen, of what is printed, of the back of the sheet."""

    written: NDArray[np.uint8]
    printed: NDArray[np.uint8] | None
    back: NDArray[np.uint8] | None


def _photograph(
    layout: Layout,
    lines: Sequence[Line],
    pen: str,
    knobs: Knobs,
    paper_rng: np.random.Generator,
    rng: np.random.Generator,
) -> tuple[NDArray[np.uint8], list[RowTruth]]:
    """Return the image (H, W, 3), and what is known of each row there."""
    farther, margin = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(*_MARGIN))
    view = View(layout.extent, knobs.size_px, knobs.rotation_deg, knobs.perspective, farther, margin)
    pen_px = knobs.pen * knobs.size_px
    seen = [[view(stroke) for stroke in row.strokes] for row in layout.rows]
    layers = _draw([stroke for row in seen for stroke in row], lines, view, knobs, rng)
    truth = [row_truth(row.text, strokes, row.spans, pen_px) for row, strokes in zip(layout.rows, seen, strict=True)]
    return _expose(layers, pen, knobs, paper_rng, rng), truth


def _draw(
    strokes: Sequence[NDArray[np.float64]], lines: Sequence[Line], view: View, knobs: Knobs, rng: np.random.Generator
) -> _Layers:
    """Draw what the camera sees, as sharply as it sees it."""
    size, px = view.size_px, knobs.size_px
    written = draw_strokes([stroke.astype(np.float32) for stroke in strokes], size, knobs.pen * px)
    printed = back = None
    if lines and knobs.ruling:
        ends = [view(line.points).astype(np.float32) for line in lines]
        printed = blurred(draw_strokes(ends, size, lines[0].width * px), knobs.blur * px)
    slip = px * rng.uniform(-1, 1, 2)
    if knobs.show_through:
        mirrored = [(stroke * (-1, 1) + (size[1], 0) + slip).astype(np.float32) for stroke in strokes]
        back = blurred(draw_strokes(mirrored, size, knobs.pen * px), (knobs.blur + _BACK_BLUR) * px)
    return _Layers(blurred(written, knobs.blur * px), printed, back)


def _expose(
    layers: _Layers, pen: str, knobs: Knobs, paper_rng: np.random.Generator, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """Paper, ink and light to an image (H, W, 3)."""
    size = layers.written.shape
    colour = paper_colour(knobs.brightness, knobs.cast, paper_rng)
    ink = layers.written / np.float32(255) * flow(pen, paper_rng, size).astype(np.float32)
    texture = (knobs.grain / 255 * paper_grain(paper_rng, size)).astype(np.float32)
    light = (1 - knobs.shade * shadow(rng, size)).astype(np.float32)
    noise = np.float32(knobs.noise / 255) * rng.standard_normal((*size, 3), np.float32)
    image = np.empty((*size, 3), np.uint8)
    for channel in range(3):
        seen = np.float32(colour[channel]) + texture
        seen *= 1 - np.clip(np.float32(knobs.contrast * PENS[pen][channel]) * ink, 0, 1)
        if layers.printed is not None:
            taken = knobs.ruling * knobs.contrast * _LINE_INK[channel]
            seen *= 1 - np.float32(taken / 255) * layers.printed
        if layers.back is not None:
            seen *= 1 - np.float32(knobs.show_through * knobs.contrast / 255) * layers.back
        image[:, :, channel] = np.clip(np.rint(255 * (seen * light + noise[:, :, channel])), 0, 255)
    return image
