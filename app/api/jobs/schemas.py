"""The shape of jobs: filled, and for the documentation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import Request
from pydantic import BaseModel, Field

from app.api.problems import root_path, told_problem
from app.jobs import Job, JobState


class ProgressOut(BaseModel):
    """How far a job is."""

    done: int
    total: int
    unit: str = Field(description="Of both.")
    rate_per_s: float | None = Field(description="Units a second since it was started; null until that is known.")
    left_s: float | None = Field(description="Seconds that it will still take at this rate.")


class JobOut(BaseModel):
    """A job."""

    id: str
    kind: str = Field(description="What is done.")
    parameters: dict[str, Any] = Field(description="With what: as it was asked for, defaults filled in.")
    state: JobState = Field(description=" ".join(f"`{state}`: {state.meaning}" for state in JobState))
    is_stopping: bool = Field(description="Whether somebody asked for its end, which will come.")
    requested_by: str | None = Field(description="Id of the key that asked for it.")
    created_at: datetime
    started_at: datetime | None = Field(description="For the last time, if it was interrupted.")
    finished_at: datetime | None
    attempts: int = Field(description="How often it was started; after the orderly end of a worker it is not counted.")
    progress: ProgressOut | None
    result: dict[str, Any] | None = Field(description="What came of it, if it has succeeded.")
    problem: dict[str, Any] | None = Field(description="Why it failed: a problem document, as of any address.")
    links: dict[str, str] = Field(description="`self`, and `events` to follow it.")


class JobsOut(BaseModel):
    """Some jobs, the newest first."""

    items: list[JobOut]
    next_cursor: str | None = Field(description="Where the next older ones begin; null if there are none.")


def job_out(request: Request, job: Job) -> JobOut:
    """Describe a job as answers have it."""
    path = job_path(request, job)
    problem = None if job.problem is None else told_problem(request, job.problem, path)
    links = {"self": path, "events": f"{path}/events"}
    return JobOut.model_validate({**vars(job), "problem": problem, "links": links})


def job_path(request: Request, job: Job) -> str:
    """Return the address of a job."""
    return f"{root_path(request)}/admin/jobs/{job.id}"
