"""Fit the model that tells rows of writing from rows of no writing, and of other scripts, by what a row network says.

Nothing is labelled by hand. Writing is what the row network was trained to read, other scripts are set from fonts, and
no writing is what `app.vision` finds on pictures without any. These pictures are of other kinds than those that row
networks are trained with: a network knows the latter as no writing more reliably than any it has not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.datasets import (
    SCRIPTS,
    Composed,
    RowVariation,
    Spacing,
    Split,
    Strip,
    WrittenRow,
    draw_row,
    find_nothing,
    load_foreign,
    load_row_writers,
    photograph_rows,
)
from app.datasets.rows.stream import Writer
from app.errors import InvalidInput
from app.nn import softmax
from app.ocr import EVIDENCE, LIKENESS, Kind, Likeness, Limits, RowReader, seen_together, terms
from app.store import ModelStore, StoredModel, Version
from app.training.epochs.glyph_data import describe_sources
from app.training.measuring.edits import edit_distance

# What pages for the fit are like, set by eye.
_ROWS_A_PAGE = (1, 9)  # the upper end excluded
_PHOTOGRAPHED = 0.75  # share of pages; on the others each row is drawn alone
_DRILLED = 0.2  # share of pages of writing with rows of one letter or digit again and again, as somebody practises it
_REPEATED, _APART = (4, 15), (0.2, 2.0)  # how often, and how far apart, in em
_MOST_FOUND = 30  # rows that are taken of one picture; some textures give hundreds
_LEGIBLE = 1 / 2  # errors a character, at most, of a row that is worth reading
# Of the normal prior that holds weights near 0. With 10 whole pages of odd Latin hands are lost, with 1000 far more of
# other scripts is read (docs/notebook/ink.md).
_PRECISION = 200.0
# Shares of legible rows that may be lost, of pages with any that may be lost as a whole, and of pages without another
# script that may be flagged as one. A choice: better to read a doubtful row than to lose a good one.
_ROWS_LOST, _PAGES_LOST, _PAGES_FLAGGED = 0.0025, 0.004, 0.02
_SHARES: dict[Split, int] = {"train": 1, "valid": 2}  # what the pages of a split are divided by
FIT_PAGES = {Kind.WRITING: 500, Kind.NOTHING: 240, Kind.FOREIGN: 250}
"""How many pages of each kind the fit draws; half as many, by other writers, are for measuring."""


Hands: TypeAlias = Mapping[Kind, Sequence[Writer]]
"""Who writes rows of writing, and in other scripts."""


@dataclass(frozen=True)
class Examples:
    """N rows of known kind.

    Attributes
    ----------
    kind : (N,), of `Kind`
    page : (N,), the number of the page that each row is from
    legible : (N,), whether the row is writing that the row network reads mostly right
    evidence : (N, E), see `app.ocr.judgement.evidence`
    """

    kind: NDArray[np.intp]
    page: NDArray[np.intp]
    legible: NDArray[np.bool_]
    evidence: NDArray[np.float64]


class _Page(NamedTuple):
    """Rows of one kind, each with its text; an empty text where there is none that can be read."""

    kind: Kind
    rows: list[tuple[str, Strip]]


def publish_likeness(
    store: ModelStore, rows: StoredModel, data: str, root: Path, pages: Mapping[Kind, int], seed: int
) -> Version:
    """Fit to a stored row network, measure on writers that the fit did not see, and publish; no alias moves.

    Parameters
    ----------
    data, root : the writers, see `load_row_writers`; what else the network was trained on, and the fonts of other
        scripts, are looked for in `root` by name
    pages : how many of each kind to fit to; half as many are drawn for measuring

    Raises
    ------
    DatasetNotFound, DamagedDataset, InvalidInput : see `load_row_writers` and `load_foreign`.
    """
    reader = RowReader.from_card(rows.card, rows.arrays)
    trained_on = rows.card["hyper_parameters"]["data"]
    also = trained_on.get("also", [])
    drawn = {kind.name.lower(): count for kind, count in pages.items()}
    train, valid = (
        draw_examples(
            reader,
            _load_hands((data, *also), split, root, trained_on["max_doubt"]),
            {kind: -(-count // share) for kind, count in pages.items()},
            np.random.default_rng((seed, share)),
        )
        for split, share in _SHARES.items()
    )
    likeness = fit_likeness(train, valid)
    card = {
        "description": "Tells rows of writing from what is none and from other scripts.",
        "licence": "MIT",
        "architecture": {"name": LIKENESS},
        "evidence": list(EVIDENCE),
        "limits": likeness.limits._asdict(),
        "rows": {key: rows.reference[key] for key in ("name", "version", "digest")},
        "seed": seed,
        "data": {**describe_sources(data, [*also, SCRIPTS], root), "pages": drawn},
        "metrics": {"valid": measure_likeness(likeness, valid)},
    }
    return store.publish(LIKENESS, likeness.arrays(), card)


def _load_hands(names: Sequence[str], split: Split, root: Path, max_doubt: int) -> Hands:
    writing = [load_row_writers(name, split, root, max_doubt).values() for name in names]
    return {Kind.WRITING: [*chain(*writing)], Kind.FOREIGN: load_foreign(root, split)}


def draw_examples(rows: RowReader, hands: Hands, pages: Mapping[Kind, int], rng: np.random.Generator) -> Examples:
    """Draw pages of each kind, let a row network look at them, and gather the evidence.

    Parameters
    ----------
    hands : of one split
    pages : how many of each kind

    Raises
    ------
    InvalidInput : there are no rows of some kind.
    """
    kinds: list[Kind] = []
    numbers, legible, evidence = [], [], []
    for number, page in enumerate(_draw_pages(hands, pages, rng)):
        seen = [(text, strip) for text, strip in page.rows if rows.is_short_enough(strip)]
        for (text, strip), log_p in zip(seen, rows.predict([strip for _, strip in seen]), strict=True):
            kinds.append(page.kind)
            numbers.append(number)
            evidence.append(rows.evidence.of(strip, log_p))
            # Without spaces: nobody can say where there are any in a drill.
            wanted, got = (line.replace(" ", "") for line in (text, rows.text(rows.spell(log_p))))
            legible.append(bool(text) and edit_distance(wanted, got) <= _LEGIBLE * len(wanted))
    if set(kinds) != set(Kind) or not any(legible):
        raise InvalidInput(f"expected rows of every kind and legible ones, got {len(kinds)} of {sorted(set(kinds))}")
    return Examples(np.array(kinds), np.array(numbers), np.array(legible), np.array(evidence))


def _draw_pages(hands: Hands, pages: Mapping[Kind, int], rng: np.random.Generator) -> Iterator[_Page]:
    variation = RowVariation()
    for kind, count in pages.items():
        for _ in range(count):
            if kind is Kind.NOTHING:
                yield _Page(kind, [("", strip) for strip in find_nothing(rng)[:_MOST_FOUND]])
                continue
            hand = hands[kind][int(rng.integers(len(hands[kind])))]
            write = _drills(hand, rng) if rng.uniform() < _DRILLED and isinstance(hand, Composed) else hand.write
            rows = [write(rng) for _ in range(rng.integers(*_ROWS_A_PAGE))]
            if rng.uniform() < _PHOTOGRAPHED:
                yield _Page(kind, photograph_rows(rows, variation, rng))
            else:
                yield _Page(kind, [(row.text, draw_row(row.strokes, variation, rng)) for row in rows])


def _drills(hand: Composed, rng: np.random.Generator) -> Callable[[np.random.Generator], WrittenRow]:
    """Return a function that writes rows of one character each, evenly spaced, all by one writer."""
    writer, chars = list(hand.known.items())[int(rng.integers(len(hand.known)))]
    practised = [char for char in chars if char.isalnum()] or list(chars)
    gap = float(rng.uniform(*_APART))

    def write(rng: np.random.Generator) -> WrittenRow:
        text = str(rng.choice(practised)) * int(rng.integers(*_REPEATED))
        return hand.write_text(text, writer, Spacing(gap, gap), rng)

    return write


def fit_likeness(train: Examples, valid: Examples) -> Likeness:
    """Fit the regression, each kind counting as much as any other, and the limits.

    Parameters
    ----------
    valid : by other writers than `train`; the limits are set so that hardly any legible row or page of it is lost, and
        hardly any page is flagged as another script
    """
    mean = train.evidence.mean(axis=0)
    spread = np.maximum(train.evidence.std(axis=0), 1e-6)
    weight = _regress(terms(train.evidence, mean, spread), train.kind)
    p = page_by_page(Likeness(weight, mean, spread, Limits(0.0, 1.0)), valid)
    others = np.unique(valid.page[valid.kind != Kind.FOREIGN])
    foreign = [float(p[valid.page == page, Kind.FOREIGN].max()) for page in others]
    legible = np.unique(valid.page[valid.legible])
    written = [float(p[valid.legible & (valid.page == page), Kind.WRITING].max()) for page in legible]
    limits = Limits(
        read=float(np.quantile(p[valid.legible, Kind.WRITING], _ROWS_LOST)),
        foreign=float(np.quantile(foreign, 1 - _PAGES_FLAGGED)),
        written=float(np.quantile(written, _PAGES_LOST)),
    )
    return Likeness(weight, mean, spread, limits)


def _regress(x: NDArray[np.float64], kind: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the weights (F, 3) of a multinomial logistic regression of kinds (N,) on terms (N, F).

    Fitted by L-BFGS, with a normal prior on all weights but that of the first term, which is the constant.
    """
    from scipy.optimize import minimize  # 9 MB that a service, which never fits, does without

    share = (len(kind) / len(Kind) / np.bincount(kind, minlength=len(Kind)))[kind]
    wanted = np.eye(len(Kind))[kind]
    held = np.full((x.shape[1], 1), _PRECISION)
    held[0] = 0

    def loss(flat: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weight = flat.reshape(x.shape[1], len(Kind))
        p = softmax(x @ weight)
        likelihood = share @ np.log(np.maximum((p * wanted).sum(axis=1), 1e-300))
        gradient = x.T @ ((p - wanted) * share[:, None]) + held * weight
        return float((held * weight**2).sum() / 2 - likelihood), gradient.ravel()

    found = minimize(loss, np.zeros(x.shape[1] * len(Kind)), jac=True, method="L-BFGS-B", options={"maxiter": 500})
    return np.asarray(found.x, np.float64).reshape(-1, len(Kind))


def page_by_page(likeness: Likeness, examples: Examples) -> NDArray[np.float64]:
    """Return the probability of each kind for each row (N, 3), judging the rows of a page together."""
    p = likeness.p(examples.evidence)
    for page in np.unique(examples.page):
        p[examples.page == page] = seen_together(p[examples.page == page])
    return p


def measure_likeness(likeness: Likeness, examples: Examples) -> dict[str, float]:
    """Return shares: of legible rows that are lost, of the others that are not read, and of pages judged rightly."""
    judged = np.zeros(len(examples.kind), np.intp)
    pages = []
    for page in np.unique(examples.page):
        rows = examples.page == page
        judged[rows] = likeness.judge(examples.evidence[rows])
        pages.append((examples.kind[rows][0], (judged[rows] == Kind.FOREIGN).any()))
    kinds, flagged = (np.array(column) for column in zip(*pages, strict=True))
    unread = judged != Kind.WRITING
    return {
        "legible_lost": float(unread[examples.legible].mean()),
        "nothing_unread": float(unread[examples.kind == Kind.NOTHING].mean()),
        "foreign_unread": float(unread[examples.kind == Kind.FOREIGN].mean()),
        "pages_of_writing_flagged": float(flagged[kinds == Kind.WRITING].mean()),
        "pictures_flagged": float(flagged[kinds == Kind.NOTHING].mean()),
        "foreign_pages_flagged": float(flagged[kinds == Kind.FOREIGN].mean()),
    }
