"""How training went."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, Field

from app.api.access.guards import may_inspect
from app.api.answers import cacheable, choose_form
from app.api.dependencies import get_database
from app.api.inspection.figures import Curves, draw_curves
from app.api.inspection.inspected import Chosen, InspectorDep
from app.api.inspection.schemas import CurvesOut, SweepOut
from app.api.jobs.runs import job_runs
from app.api.openapi import inspection_responses
from app.api.queries import FORM, Strict, no_repeats
from app.api.serving.turns import InspectionTurnDep
from app.errors import InvalidInput, NotFound
from app.jobs import JobStore

router = APIRouter(tags=["inspection"], dependencies=[Depends(may_inspect())])

_MOST_RUNS = 7  # more lines cannot be told apart
_FORMS = ("json", "png", "svg")
_Form = Literal["json", "png", "svg"]
_Finite = Annotated[float, Field(allow_inf_nan=False)]


class CurvesQuery(Strict):
    """Whose curves are shown."""

    model: list[Annotated[str, Field(min_length=1, max_length=128)]] = Field(
        default=[],
        max_length=_MOST_RUNS,
        description="As elsewhere, but may be repeated: several versions are compared in one picture.",
    )
    job: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Instead of `model`: what a retraining or a sweep has told so far, all of its runs in one picture.",
    )
    format: _Form | None = FORM


@router.get(
    "/curves",
    response_model=CurvesOut,
    dependencies=[Depends(no_repeats("model"))],
    responses=inspection_responses("/curves", "not-found", "job-not-found", pictures=("png", "svg")),
)
def show_curves(
    request: Request,
    query: Annotated[CurvesQuery, Query()],
    inspector: InspectorDep,
    checkpoint: InspectionTurnDep,
) -> Response:
    """Show loss and accuracy by epoch, in training and in validation.

    The picture of several versions has one colour for each, and names the learning rate beside the version.
    """
    form = choose_form(request, query.format, _FORMS)
    if query.job is not None:
        if query.model:
            raise InvalidInput(f"expected one of model and job, got model={query.model[0]} and job={query.job}")
        told = job_runs(JobStore(get_database(request)), query.job)
        if form == "json":
            return cacheable(request, {"runs": told}, form)
        lines = [Curves(run["title"], run["epochs"]) for run in told[:_MOST_RUNS]]
        return cacheable(request, draw_curves(lines, form), form)
    chosen = [inspector.choose(reference) for reference in query.model] or [inspector.choose(None)]
    runs = [_run(each) for each in chosen]
    immutable = all(each.alias is None for each in chosen)
    if form == "json":
        return cacheable(request, {"runs": runs}, form, immutable=immutable)
    curves = [Curves(_title(run, each.title), run["epochs"]) for run, each in zip(runs, chosen, strict=True)]
    return cacheable(request, draw_curves(curves, form), form, immutable=immutable)


def _run(chosen: Chosen) -> dict[str, Any]:
    card = chosen.card
    if not card.get("curves"):
        raise NotFound(f"the card of {chosen.title} has no curves", model=chosen.title)
    settings = card.get("hyper_parameters", {})
    first = next(iter(settings.get("phases", [])), settings)
    return {
        "model": chosen.reference,
        "lr": first.get("lr"),
        "best_epoch": card.get("best_epoch", card["curves"][-1]["epoch"]),
        "epochs": card["curves"],
    }


def _title(run: dict[str, Any], name: str) -> str:
    return name if run["lr"] is None else f"{name}, learning rate {run['lr']:g}"


class EpochIn(BaseModel):
    """One epoch."""

    epoch: int = Field(ge=0, description="From 0.")
    train_loss: _Finite
    train_accuracy: _Finite
    valid_loss: _Finite
    valid_accuracy: _Finite


class TrialIn(BaseModel):
    """One learning rate; without curves if it diverged before the end of the first epoch."""

    lr: float = Field(gt=0, allow_inf_nan=False)
    curves: list[EpochIn] = Field(max_length=10_000)
    diverged: str | None = None


class SweepCurvesIn(BaseModel):
    """What ``inkrow sweep --json`` writes."""

    trials: list[TrialIn] = Field(min_length=1, max_length=_MOST_RUNS)


class SweepQuery(Strict):
    """In which form a sweep is compared."""

    format: _Form | None = FORM


@router.post(
    "/curves",
    response_model=SweepOut,
    dependencies=[Depends(no_repeats())],
    responses=inspection_responses("/curves of a sweep", pictures=("png", "svg"), of_version=False),
)
def compare_rates(
    request: Request,
    sweep: SweepCurvesIn,
    query: Annotated[SweepQuery, Query()],
    checkpoint: InspectionTurnDep,
) -> Response:
    """Compare learning rates in one picture, or by their best epochs: send what `inkrow sweep --json` wrote."""
    form = choose_form(request, query.format, _FORMS)
    if form != "json":
        curves = [
            Curves(f"{trial.lr:g}" + (" (diverged)" if trial.diverged else ""), [dict(one) for one in trial.curves])
            for trial in sweep.trials
        ]
        return cacheable(request, draw_curves(curves, form), form)
    best = [_best(trial.curves) for trial in sweep.trials]
    ended = [
        (epoch.valid_loss, trial.lr)
        for trial, epoch in zip(sweep.trials, best, strict=True)
        if epoch is not None and trial.diverged is None
    ]
    trials = [
        {"lr": trial.lr, "best": None if epoch is None else dict(epoch), "diverged": trial.diverged}
        for trial, epoch in zip(sweep.trials, best, strict=True)
    ]
    document = {"best_lr": min(ended)[1] if ended else None, "trials": trials}
    return cacheable(request, document, form)


def _best(curves: Sequence[EpochIn]) -> EpochIn | None:
    return min(curves, key=lambda epoch: epoch.valid_loss, default=None)
