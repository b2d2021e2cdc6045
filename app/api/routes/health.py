"""For those who start, watch and restart the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from app.api.dependencies import ModelsDep
from app.api.openapi import answer_example, problem_responses
from app.api.reading.schemas import ModelOut
from app.jobs import JobState

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Waiting(BaseModel):
    """What waits or is worked on, where that is known."""

    readings: int = Field(description="Requests that wait for their turn to read, in this process.")
    jobs: int | None = Field(description="Jobs that wait for a worker; null: the database does not say.")
    running_jobs: int | None = Field(description="Jobs that a worker has; null likewise.")


class Ready(BaseModel):
    """The service can read, with this model; whatever else is told here does not matter for that."""

    status: Literal["ready"] = "ready"
    model: ModelOut
    notes: list[str] = Field(description="What is not as the aliases of the store want it, though pages are read.")
    database: Literal["answers", "unavailable"] = Field(description="What jobs, corrections and keys are kept in.")
    waiting: Waiting


@router.get("/livez", responses=answer_example("/livez"))
async def check_alive() -> Alive:
    """Tell that the process answers; restart it when this fails."""
    return Alive()


@router.get("/readyz", responses={**answer_example("/readyz"), **problem_responses("not-ready")})
def check_ready(request: Request, models: ModelsDep) -> Ready:
    """Tell whether pages can be read; send none while this fails.

    Pages are read without a database, too: that it does not answer is told, and is no reason to send none.
    """
    backlog = request.app.state.backlog.look()
    return Ready(
        model=ModelOut.model_validate(models.serving.model),
        notes=request.app.state.model_notes,
        database="unavailable" if backlog is None else "answers",
        waiting=Waiting(
            readings=request.app.state.turns.waiting,
            jobs=None if backlog is None else backlog.waiting,
            running_jobs=None if backlog is None else backlog.counts[JobState.RUNNING],
        ),
    )
