"""Draw synthetic pages; the same seed and number always give the same page, whatever was drawn before."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from app.datasets.pages.layout import SetRow, lay_out, write_cells
from app.datasets.pages.paper import PAPERS, choose_paper, choose_pen, print_lines
from app.datasets.pages.photo import photograph_page
from app.datasets.pages.text import KINDS, NEEDED, imagine_page
from app.datasets.pages.truth import RowTruth, row_document
from app.datasets.pages.variation import Knobs, PageVariation
from app.datasets.pages.writers import JOINED, PageWriters, RealWriters
from app.errors import InvalidInput

ALL_KINDS = (*KINDS, JOINED)
# Each of these parts has a random generator of its own, so that a change in one leaves the others as they were.
_KNOBS, _TEXT, _HAND, _LAYOUT, _PAPER, _CAMERA = range(6)


@dataclass(frozen=True)
class SyntheticPage:
    """A photograph of a page, and the truth about it.

    Attributes
    ----------
    image : (H, W, 3) uint8
    rows : from top to bottom
    seed, number : with which it was drawn
    kind, paper, pen, writer : of text, and on what, with what and by whom it was written
    knobs : the values that were drawn for this page
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
        """The transcription, one line for each row."""
        return "\n".join(row.text for row in self.rows)

    def encoded(self, form: Literal["jpg", "png"]) -> bytes:
        """Return the image as a file; the quality of a JPEG is one of the knobs."""
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
    writers : from whom one is chosen
    variation : how far pages vary; setting one knob changes nothing else on a page
    seed, number : of the series, and of the page in it

    Raises
    ------
    InvalidInput : a kind or a paper is unknown, or the writers cannot write a kind.
    """
    rngs = [np.random.default_rng([seed, number, part]) for part in range(_CAMERA + 1)]
    knobs = variation.draw(rngs[_KNOBS])
    possible = ALL_KINDS if writers.writes_joined else KINDS
    kinds = _checked("kinds of pages", variation.kinds, possible) or possible
    kind = kinds[int(rngs[_TEXT].integers(len(kinds)))]
    writer, rows = _write(writers, kind, knobs, rngs[_TEXT], rngs[_HAND])
    layout = lay_out(kind, rows, knobs, rngs[_LAYOUT])
    papers = _checked("papers", variation.papers, PAPERS)
    paper, pen = choose_paper(papers, rngs[_PAPER]), choose_pen(rngs[_PAPER])
    lines = print_lines(paper, layout, knobs.pitch, rngs[_PAPER])
    image, truth = photograph_page(layout, lines, pen, knobs, rngs[_PAPER], rngs[_CAMERA])
    return SyntheticPage(image, truth, seed, number, kind, paper, pen, writer, knobs)


def _checked(what: str, wanted: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    if unknown := [one for one in wanted if one not in known]:
        raise InvalidInput(f"expected {what} out of {', '.join(known)}, got {', '.join(unknown)}")
    return wanted


def _write(
    writers: PageWriters, kind: str, knobs: Knobs, text_rng: np.random.Generator, hand_rng: np.random.Generator
) -> tuple[str, list[SetRow]]:
    """Return who wrote the page, and its rows."""
    if kind == JOINED:
        assert isinstance(writers, RealWriters)
        name, written = writers.joined_rows(hand_rng)
        return name, [SetRow([row]) for row in written]
    writer = writers.choose(NEEDED[kind], hand_rng)
    rows = imagine_page(kind, writer.chars, text_rng)
    return writer.name, write_cells(kind, rows, writer, knobs, hand_rng)
