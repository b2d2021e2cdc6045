"""Which characters are taken for which, and the very glyphs that were."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal
from urllib.parse import quote

import numpy as np
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from app.api.access.guards import may_inspect
from app.api.answers import cacheable, choose_form, to_csv
from app.api.inspection.cells import describe_cell, find_labels, label_names
from app.api.inspection.figures import draw_confusion
from app.api.inspection.grids import glyph_grid
from app.api.inspection.inspected import InspectorDep, SplitQuery
from app.api.inspection.matrix import Matrix, find_matrix
from app.api.inspection.schemas import CellOut, ConfusionOut
from app.api.openapi import inspection_responses
from app.api.queries import FORM, no_repeats
from app.api.serving.turns import InspectionTurnDep
from app.inspection import Order, Total, most_confused, normalise_confusion
from app.training.measuring.evaluation_sets import SYNTHETIC
from app.training.measuring.glyph_measure import class_figures

router = APIRouter(tags=["inspection"], dependencies=[Depends(may_inspect()), Depends(no_repeats())])

_PAIRS = 10


class ConfusionQuery(SplitQuery):
    """How a confusion matrix is shown."""

    normalize: Total = Field(
        default="true",
        description="What a cell is a share of: its row (all glyphs of that character), its column (all that were so "
        "named), all glyphs, or nothing: counts.",
    )
    sort: Order = Field(
        default="kind",
        description="Order of the classes: digits, capitals, small letters and marks; or by recall, the worst first; "
        "or what is taken for each other side by side.",
    )
    among: str | None = Field(
        default=None, min_length=1, description="Show only these characters; shares stay those of the whole matrix."
    )
    top: int = Field(default=_PAIRS, ge=0, description="Most pairs of characters to list.")
    format: Literal["json", "csv", "png", "svg"] | None = FORM


@router.get(
    "/confusion",
    response_model=ConfusionOut,
    responses=inspection_responses("/confusion", "dataset-not-found", csv=True, pictures=("png", "svg")),
)
def show_confusion(
    request: Request,
    query: Annotated[ConfusionQuery, Query()],
    inspector: InspectorDep,
    checkpoint: InspectionTurnDep,
) -> Response:
    """Tell which characters are taken for which.

    The counts are those of the card where it has them for the split; otherwise the version reads the split now, and
    the result is kept. A model for rows also knows `∅`: as the true character for what was read where nothing is
    written, as the predicted one for what was passed over.
    """
    form = choose_form(request, query.format)
    chosen = inspector.choose(query.model)
    matrix = find_matrix(inspector, chosen, query.split, checkpoint)
    shown = matrix.ordered(query.sort, query.among)
    whole = normalise_confusion(matrix.counts, query.normalize)
    shares = whole[np.ix_(shown, shown)]
    counts = matrix.counts[np.ix_(shown, shown)]
    labels = [matrix.labels[index] for index in shown]
    immutable = matrix.is_final and chosen.alias is None
    if form == "csv":
        table = counts if query.normalize == "none" else shares
        rows = [[label, *row] for label, row in zip(labels, table.tolist(), strict=True)]
        return cacheable(request, to_csv([["true", *labels], *rows]), form, immutable=immutable)
    if form == "json":
        document = {
            "model": chosen.reference,
            **_describe(matrix, query.top, chosen.title if inspector.has_cases(chosen, matrix.split) else None),
            "normalize": query.normalize,
            "sort": query.sort,
            "labels": labels,
            "groups": matrix.groups(shown) if query.sort == "kind" else None,
            "counts": counts.tolist(),
            "shares": None if query.normalize == "none" else shares.tolist(),
        }
        # Data sets come and go, and the addresses of glyphs with them.
        return cacheable(request, document, form, immutable=immutable and matrix.split == SYNTHETIC)
    title = f"{chosen.title_on(matrix.split)}: {matrix.total} characters, {matrix.accuracy:.1%} right"
    breaks = matrix.breaks(shown) if query.sort == "kind" else []
    return cacheable(request, draw_confusion(shares, counts, labels, breaks, title, form), form, immutable=immutable)


def _cell_address(true: str, predicted: str, model: str, split: str) -> str:
    """Return where the glyphs behind a cell are, beside `/confusion`."""
    return f"confusion/{_segment(true)}/{_segment(predicted)}?model={model}&split={split}"


def _describe(matrix: Matrix, top: int, model: str | None) -> dict[str, Any]:
    """Describe counts; without a model there are no glyphs to show for them."""
    labels = matrix.labels
    pairs = [
        {**asdict(pair), "cell": model and _cell_address(pair.first, pair.second, model, matrix.split)}
        for pair in most_confused(matrix.counts, labels, top)
    ]
    classes = [asdict(one) for one in class_figures(matrix.counts, labels) if one.char in matrix.alphabet]
    return {
        "split": matrix.split,
        "from_card": matrix.from_card,
        "total": matrix.total,
        "accuracy": matrix.accuracy,
        "most_confused": pairs,
        "classes": classes,
        "insertions": matrix.insertions(),
        "deletions": matrix.deletions(),
    }


def _segment(label: str) -> str:
    """Write a label as a part of an address: as its code point where anything on the way might take it apart."""
    return quote(label, safe="") if label not in "./\\%" else f"U+{ord(label):04X}"


class CellQuery(SplitQuery):
    """How much of a cell is shown."""

    limit: int = Field(default=24, ge=1, le=200, description="Most glyphs to show, the surest first.")
    format: Literal["json", "png"] | None = FORM


@router.get(
    "/confusion/{true:path}/{predicted:path}",
    response_model=CellOut,
    responses=inspection_responses(
        "/confusion/{true}/{predicted}", "dataset-not-found", "not-found", pictures=("png",)
    ),
)
def show_cell(
    request: Request,
    true: str,
    predicted: str,
    query: Annotated[CellQuery, Query()],
    inspector: InspectorDep,
    checkpoint: InspectionTurnDep,
) -> Response:
    """Show the glyphs that are `true` and were read as `predicted`, with the other readings of each.

    A character is written as in any address (`%2F` for `/`, `%25` for `%`), or as its code point: `U+002F`. Only the
    latter works for `.`, which clients take for the folder that they are in. `∅` is nothing.

    What is shown comes from an evaluation set that is at hand: without the data that the card names, that of imagined
    writers. PNG shows the glyphs side by side.
    """
    form = choose_form(request, query.format, ("json", "png"))
    chosen = inspector.choose(query.model)
    labels = label_names(request)
    split, cases = inspector.cases(chosen, query.split, checkpoint)
    find_labels(labels, cases.labels)
    found = cases.cell(*labels)
    immutable = chosen.is_final_on(query.split)
    if form == "png":
        return cacheable(request, glyph_grid(cases.images[found[: query.limit]]), form, immutable=immutable)
    document = {"model": chosen.reference, "split": split, **describe_cell(cases, labels, found, query.limit)}
    return cacheable(request, document, form, immutable=immutable)
