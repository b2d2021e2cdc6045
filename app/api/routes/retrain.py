"""Training as a job: asked for here, done by a worker."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from app.api.access.guards import CallerDep, may
from app.api.access.idempotency import IdempotentDep
from app.api.dependencies import JobsDep, SettingsDep
from app.api.inspection.inspected import InspectorDep
from app.api.jobs.schemas import JobOut, job_out
from app.api.openapi import answer_example, problem_responses
from app.api.queries import Strict, no_repeats
from app.errors import InvalidInput
from app.jobs import Job
from app.training import MOST_RATES, USUAL_SWEEP, TrainedModel, plan_retraining, plan_sweep, read_request, read_sweep

router = APIRouter(prefix="/admin", tags=["training"], dependencies=[Depends(may("admin")), Depends(no_repeats())])

_RETRY_AFTER_S = 2
_Rate = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Name = Annotated[str, Field(min_length=1, max_length=128)]
_DATA = Field(
    default=None,
    min_length=1,
    max_length=8,
    description="Data sets by name, see `inkrow data list`; the first is measured on as well. By itself `synthetic`, "
    "which imagined writers write and which needs no files, or that of the recipe, if one is named.",
    examples=[["synthetic"]],
)
_SEED = Field(default=None, ge=0, le=2**32 - 1, description="For all that is left to chance.")
_EPOCHS = Field(default=None, ge=1, le=10_000, description="Of the recipe's first phase; the others are left out.")
_BATCH_SIZE = Field(default=None, ge=1, le=4096, description="Glyphs a step, or lanes of rows.")

_T = TypeVar("_T")


class RetrainIn(Strict):
    """What is to be trained; what is left out is as the recipe has it."""

    _CALLED: ClassVar[str] = "members"

    model: TrainedModel | None = Field(
        default=None, description="If not given, `handprint`, and `rows` as well if rows were corrected."
    )
    recipe: _Name | None = Field(
        default=None, description="One that comes with Inkrow, see `inkrow train --list-recipes`."
    )
    data: list[_Name] | None = _DATA
    start: str | None = Field(
        default=None,
        pattern="^(champion|nothing|[1-9][0-9]{0,8})$",
        description="`champion`, `nothing` or a version. By itself `champion`; for `seed` it is `nothing`.",
    )
    seed: int | None = _SEED
    epochs: int | None = _EPOCHS
    lr: _Rate | None = Field(
        default=None, description="Learning rate of the recipe's first phase; those of others change in proportion."
    )
    batch_size: int | None = _BATCH_SIZE
    corrections: bool = Field(default=True, description="Whether to learn what was corrected.")
    promote: Literal["never", "if-better"] = Field(
        default="never", description="Whether the new version is to serve, if the gate finds that it may."
    )


class SweepIn(Strict):
    """Which learning rates are to be compared."""

    _CALLED: ClassVar[str] = "members"

    lr: list[_Rate] = Field(min_length=1, max_length=MOST_RATES, description="Of the recipe's first phase.")
    recipe: _Name = Field(
        default=USUAL_SWEEP, description="One for single glyphs that comes with Inkrow; it starts from nothing."
    )
    data: list[_Name] | None = _DATA
    seed: int | None = _SEED
    epochs: int | None = _EPOCHS
    batch_size: int | None = _BATCH_SIZE


def _documented(path: str) -> dict[int | str, dict[str, Any]]:
    headers = {
        "Location": {"description": "The job.", "schema": {"type": "string"}},
        "Retry-After": {"description": "When to look at it, in seconds.", "schema": {"type": "integer"}},
    }
    problems = problem_responses("invalid-input", "idempotency-key-reused", "queue-full", "not-ready")
    return {**answer_example(path, 202, headers), **problems}


@router.post("/retrain", status_code=202, response_model=JobOut, responses=_documented("/admin/retrain"))
def start_retraining(
    request: Request,
    settings: SettingsDep,
    inspector: InspectorDep,
    jobs: JobsDep,
    caller: CallerDep,
    answered: IdempotentDep,
    wanted: RetrainIn | None = None,
) -> Response:
    """Train a model anew, or on from a version; no body is needed.

    By itself it goes on from the champion, on imagined writing and what was corrected, keeping what the champion knew;
    that takes about a minute on two idle cores. The result is a version that the alias `candidate` stands for.
    """
    asked = _checked(lambda: read_request((wanted or RetrainIn()).model_dump()))
    _checked(lambda: plan_retraining(asked, inspector.store, settings.data))
    create = partial(jobs.create, requested_by=caller.key_id, most_waiting=settings.waiting_jobs)
    return answered.answer(lambda: _accepted(request, create("retrain", asked.as_table())))


@router.post("/sweeps", status_code=202, response_model=JobOut, responses=_documented("/admin/sweeps"))
def start_sweep(
    request: Request,
    wanted: SweepIn,
    settings: SettingsDep,
    jobs: JobsDep,
    caller: CallerDep,
    answered: IdempotentDep,
) -> Response:
    """Train a recipe at several learning rates, from the same first weights, and compare them; publishes nothing.

    `GET /curves?job=` shows them in one picture, also while it runs.
    """
    asked = _checked(lambda: read_sweep(wanted.model_dump()))
    _checked(lambda: plan_sweep(asked, settings.data))
    create = partial(jobs.create, requested_by=caller.key_id, most_waiting=settings.waiting_jobs)
    return answered.answer(lambda: _accepted(request, create("sweep", asked.as_table())))


def _checked(attempt: Callable[[], _T]) -> _T:
    """Say of what is wrong with a request in which member of the body it stands."""
    try:
        return attempt()
    except InvalidInput as exc:
        errors = exc.context.get("errors")
        if not isinstance(errors, list):
            raise
        placed = [{"location": "JSON member", **error} for error in errors]
        raise InvalidInput(exc.detail, errors=placed) from exc


def _accepted(request: Request, job: Job) -> Response:
    out = job_out(request, job)
    headers = {"Location": out.links["self"], "Retry-After": str(_RETRY_AFTER_S), "Cache-Control": "no-store"}
    return Response(out.model_dump_json(), 202, headers, "application/json")
