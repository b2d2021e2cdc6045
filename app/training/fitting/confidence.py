"""Calibration of the reader's confidences: fit curves on pages whose text is known, measure them on other writers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, pairwise

import numpy as np
from numpy.typing import NDArray

from app.ocr import Confidence, Curve, Page, Row
from app.ocr.judgement.confidence import curve_scale, row_score, with_glyphs, word_scores
from app.training.measuring.calibration import calibration_gap
from app.training.measuring.edits import alignment

LEVELS = ("glyph", "word", "row")
# Points of a curve; between them it is straight. Twice as many fit other writers no better.
_POINTS = 10


@dataclass(frozen=True)
class CheckedPage:
    """A page as it was read, and which parts of it are right.

    Attributes
    ----------
    rows : as read, with the confidences that the reader gave
    right : by level, whether each glyph, word or row is right, in reading order
    writer : who wrote it
    """

    rows: tuple[Row, ...]
    right: dict[str, list[bool]]
    writer: str = ""


def check_page(page: Page, truth: str, writer: str = "") -> CheckedPage:
    """Compare what was read with what is written, by an alignment with the fewest edits.

    A glyph is right if it is aligned to the same character. A word is right if all its glyphs are aligned to adjacent
    characters of the truth, with a space or an end of the text on either side; so is a row.

    Parameters
    ----------
    truth : the text in one line, with a space for each line break
    """
    found = alignment(truth, " ".join(row.text for row in page.rows))

    def is_right(start: int, stop: int) -> bool:
        places = [place for place in found[start:stop] if place is not None]
        if len(places) < stop - start or any(after != before + 1 for before, after in pairwise(places)):
            return False
        return truth[: places[0]][-1:] in ("", " ") and truth[places[-1] + 1 :][:1] in ("", " ")

    right: dict[str, list[bool]] = {level: [] for level in LEVELS}
    at = 0
    for row in page.rows:
        start = at
        for word in row.words:
            stop = at + len(word.glyphs)
            right["glyph"] += [place is not None for place in found[at:stop]]
            right["word"].append(is_right(at, stop))
            at = stop + 1
        right["row"].append(is_right(start, at - 1))
    return CheckedPage(page.rows, right, writer)


def fit_confidence(pages: Sequence[CheckedPage]) -> Confidence:
    """Fit curves to pages that were read without calibration; at least one must hold a glyph."""
    of_glyphs = [glyph.confidence for page in pages for row in page.rows for word in row.words for glyph in word.glyphs]
    glyph = _fit_curve(of_glyphs, _all_right(pages, "glyph"))
    rows = [with_glyphs(row, glyph) for page in pages for row in page.rows]
    word = _fit_curve([*chain.from_iterable(map(word_scores, rows))], _all_right(pages, "word"))
    return Confidence(glyph, word, _fit_curve([*map(row_score, rows)], _all_right(pages, "row")))


def _fit_curve(scores: Sequence[float], right: NDArray[np.bool_]) -> Curve:
    """Fit an isotonic regression to equally large groups of neighbouring scores, one for each point of the curve."""
    from scipy.optimize import isotonic_regression  # 9 MB that a service, which never fits, does without

    x = curve_scale(np.array(scores))
    groups = [group for group in np.array_split(np.argsort(x, kind="stable"), _POINTS) if len(group)]
    places = np.array([x[group].mean() for group in groups])
    # Half a right and half a wrong answer are added to each group, so that no share is 0 or 1.
    shares = [(right[group].sum() + 0.5) / (len(group) + 1) for group in groups]
    return Curve(places, isotonic_regression(shares, weights=[len(group) for group in groups]).x)


@dataclass(frozen=True)
class LevelCalibration:
    """The calibration of one level: the number of answers, the share that is right, the expected calibration error."""

    count: int
    right: float
    ece: float


def measure_calibration(pages: Sequence[CheckedPage]) -> dict[str, LevelCalibration]:
    """Compare confidences with what was right, by level."""
    confidences: dict[str, list[float]] = {
        "glyph": [g.confidence for page in pages for row in page.rows for word in row.words for g in word.glyphs],
        "word": [word.confidence for page in pages for row in page.rows for word in row.words],
        "row": [row.confidence for page in pages for row in page.rows],
    }
    return {level: _level_calibration(np.array(said), _all_right(pages, level)) for level, said in confidences.items()}


def cross_fit(pages: Sequence[CheckedPage]) -> list[CheckedPage]:
    """Return the pages with calibrated confidences, by curves that no page of the same writer was used for.

    The writers are divided into two halves, each of which gets the curves that are fitted to the other.
    """
    number = {writer: place for place, writer in enumerate(sorted({page.writer for page in pages}))}
    halves = [[page for page in pages if number[page.writer] % 2 == half] for half in (0, 1)]
    return [
        CheckedPage(confidence.apply(page.rows), page.right, page.writer)
        for own, other in (halves, halves[::-1])
        for confidence in [fit_confidence(other)]
        for page in own
    ]


def _level_calibration(confidence: NDArray[np.float64], right: NDArray[np.bool_]) -> LevelCalibration:
    return LevelCalibration(len(right), float(right.mean()) if len(right) else 0.0, calibration_gap(confidence, right))


def _all_right(pages: Sequence[CheckedPage], level: str) -> NDArray[np.bool_]:
    return np.array([one for page in pages for one in page.right[level]], bool)
