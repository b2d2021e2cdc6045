"""Scores a reader on whole pages that have a transcription."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from time import perf_counter

from app.errors import AppError, InvalidInput, NotFound
from app.ocr import Page
from app.training.measuring.edits import edit_distance

_SUFFIXES = {".bmp", ".gif", ".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp"}


def strict(text: str) -> str:
    """What a person would have to mend: case, punctuation and spaces count, a row break counts as a space."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def folded(text: str) -> str:
    """Letters and digits only, in upper case."""
    return "".join(char for char in unicodedata.normalize("NFC", text).upper() if char.isalnum())


def shape(text: str) -> str:
    """As `folded`, with 0 taken as O, and 1 and l as I: what the shape of a single glyph can tell."""
    return folded(text.replace("l", "I")).translate(str.maketrans("01", "OI"))


FIGURES: dict[str, Callable[[str], str]] = {"strict": strict, "folded": folded, "shape": shape}


@dataclass(frozen=True)
class PageScore:
    """One page: by figure the edits that its text needs and the characters of the truth; and the time it took."""

    image: Path
    page: Page
    truth: str
    edits: dict[str, int]
    chars: dict[str, int]
    ms: float

    @property
    def text(self) -> str:
        """What was read."""
        return self.page.text

    def error_rate(self, figure: str) -> float:
        """Edits over characters."""
        return self.edits[figure] / max(1, self.chars[figure])


@dataclass(frozen=True)
class Summary:
    """Several pages: error rates over all characters, and as the mean of the pages' rates, each at most 1."""

    pages: int
    error_rate: dict[str, float]
    mean_of_pages: dict[str, float]
    median_ms: float


def find_pages(places: Iterable[Path]) -> list[Path]:
    """Return the images that have a transcription beside them: ``NAME.jpg`` and ``NAME.txt``.

    Parameters
    ----------
    places : images, or folders of which all images are taken

    Raises
    ------
    NotFound : there is none, or no such place.
    """
    places = list(places)
    if missing := [str(place) for place in places if not place.exists()]:
        raise NotFound(f"expected folders or images, got {', '.join(missing)}, which is not there")
    found: list[Path] = []
    for place in places:
        inside = sorted(place.iterdir()) if place.is_dir() else [place]
        found += [path for path in inside if path.suffix.lower() in _SUFFIXES and path.with_suffix(".txt").is_file()]
    if not found:
        named = ", ".join(map(str, places))
        raise NotFound(f"expected images with a .txt transcription beside each, found none in {named}")
    return found


def score_page(image: Path, read: Callable[[bytes], Page]) -> PageScore:
    """Read one page and compare it with its transcription.

    In a page of single characters set apart (an alphabet, a grid) there are no words, so spaces do not count. Raises
    what `read` raises, with the image's name, and InvalidInput for a transcription that is not UTF-8.
    """
    try:
        truth = image.with_suffix(".txt").read_text(encoding="utf-8")
    except UnicodeDecodeError as exc:
        raise InvalidInput(f"{image.with_suffix('.txt')}: expected UTF-8; {exc}") from exc
    source = image.read_bytes()
    start = perf_counter()
    try:
        page = read(source)
    except AppError as exc:
        raise type(exc)(f"{image}: {exc.detail}", **exc.context) from exc
    ms = (perf_counter() - start) * 1e3
    apart = all(len(word) == 1 for word in truth.split())
    edits, chars = {}, {}
    for name, fold in FIGURES.items():
        a, b = fold(truth), fold(page.text)
        if apart:
            a, b = a.replace(" ", ""), b.replace(" ", "")
        edits[name], chars[name] = edit_distance(a, b), len(a)
    return PageScore(image, page, truth, edits, chars, ms)


def summarise(scores: Sequence[PageScore]) -> Summary:
    """Average over pages; there must be at least one."""
    return Summary(
        pages=len(scores),
        error_rate={
            name: sum(score.edits[name] for score in scores) / max(1, sum(score.chars[name] for score in scores))
            for name in FIGURES
        },
        mean_of_pages={name: fmean(min(1.0, score.error_rate(name)) for score in scores) for name in FIGURES},
        median_ms=median(score.ms for score in scores),
    )
