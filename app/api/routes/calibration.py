"""How honest a version is, and whom it reads well."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

import numpy as np
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from app.api.access.guards import may_inspect
from app.api.answers import cacheable, choose_form, to_csv
from app.api.inspection.figures import draw_reliability, draw_writers
from app.api.inspection.inspected import InspectorDep, SplitQuery
from app.api.inspection.schemas import CalibrationOut, WritersOut
from app.api.openapi import inspection_responses
from app.api.queries import FORM, no_repeats
from app.api.serving.turns import InspectionTurnDep
from app.errors import NotFound
from app.inspection import reliability_curve
from app.training.measuring.calibration import calibration_gap
from app.training.measuring.glyph_measure import writer_figures

router = APIRouter(tags=["inspection"], dependencies=[Depends(may_inspect()), Depends(no_repeats())])


class CalibrationQuery(SplitQuery):
    """How a calibration curve is shown."""

    bins: int = Field(default=15, ge=2, le=100, description="Of equal width, from 0 to 1.")
    format: Literal["json", "png", "svg"] | None = FORM


@router.get(
    "/calibration",
    response_model=CalibrationOut,
    responses=inspection_responses("/calibration", "dataset-not-found", pictures=("png", "svg")),
)
def show_calibration(
    request: Request,
    query: Annotated[CalibrationQuery, Query()],
    inspector: InspectorDep,
    checkpoint: InspectionTurnDep,
) -> Response:
    """Tell how often a version is right when it says that it is so and so sure: of 0.8, four in five should be."""
    form = choose_form(request, query.format, ("json", "png", "svg"))
    chosen = inspector.choose(query.model)
    split, cases = inspector.cases(chosen, query.split, checkpoint)
    confidence, right = cases.confidence[cases.was_read], cases.right[cases.was_read]
    ece = calibration_gap(confidence, right, query.bins)
    curve = reliability_curve(confidence, right, query.bins)
    immutable = chosen.is_final_on(query.split)
    if form != "json":
        title = f"{chosen.title_on(split)}: calibration error {ece:.4f}"
        return cacheable(request, draw_reliability(curve, title, form), form, immutable=immutable)
    document = {
        "model": chosen.reference,
        "split": split,
        "count": len(right),
        "ece": ece,
        "card": chosen.card.get("calibration", {}),
        "bins": [asdict(each) for each in curve],
    }
    return cacheable(request, document, form, immutable=immutable)


class WritersQuery(SplitQuery):
    """How the accuracies of writers are shown."""

    format: Literal["json", "csv", "png", "svg"] | None = FORM


@router.get(
    "/writers",
    response_model=WritersOut,
    responses=inspection_responses("/writers", "dataset-not-found", "not-found", csv=True, pictures=("png", "svg")),
)
def show_writers(
    request: Request,
    query: Annotated[WritersQuery, Query()],
    inspector: InspectorDep,
    checkpoint: InspectionTurnDep,
) -> Response:
    """Tell what share of each writer's characters a version reads rightly."""
    form = choose_form(request, query.format)
    chosen = inspector.choose(query.model)
    split, cases = inspector.cases(chosen, query.split, checkpoint)
    writers = writer_figures(cases.right, cases.writers)
    if not writers:
        raise NotFound(f"the split {split} of {chosen.title} does not say who wrote what", split=split)
    immutable = chosen.is_final_on(query.split)
    if form == "csv":
        rows = [(one.writer, one.count, one.accuracy) for one in writers]
        return cacheable(request, to_csv([("writer", "count", "accuracy"), *rows]), form, immutable=immutable)
    if form != "json":
        drawn = draw_writers(writers, f"{chosen.title_on(split)}, by writer", form)
        return cacheable(request, drawn, form, immutable=immutable)
    document = {
        "model": chosen.reference,
        "split": split,
        "quartiles": np.quantile([one.accuracy for one in writers], [0.25, 0.5, 0.75]).tolist(),
        "writers": [asdict(one) for one in writers],
    }
    return cacheable(request, document, form, immutable=immutable)
