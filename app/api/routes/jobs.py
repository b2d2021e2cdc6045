"""Jobs: what was asked for, how far it is, and how to stop it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import Field
from starlette.concurrency import run_in_threadpool

from app.api.access.guards import may
from app.api.answers import HEADERS, cacheable
from app.api.dependencies import JobsDep
from app.api.jobs.schemas import JobOut, JobsOut, job_out, job_path
from app.api.openapi import answer_example, documented_headers, problem_responses
from app.api.paging import LINK, PageQuery, part_of_list
from app.api.problems import told_problem
from app.api.queries import Strict, no_repeats
from app.api.serving.shutdown import EndingDep
from app.errors import InvalidInput
from app.jobs import Job, JobState

router = APIRouter(prefix="/admin/jobs", tags=["jobs"], dependencies=[Depends(may("admin")), Depends(no_repeats())])

_LONGEST_WAIT_S = 60
_LOOK_EVERY_S = 0.2  # a look is one row by its key
_AT_A_TIME = 100  # events; a picture of weights has some 100 kB
_MOST_DIGITS = 9
_KINDS = ("job-not-found", "not-ready")


class JobsQuery(PageQuery):
    """Which jobs."""

    limit: int = Field(default=20, ge=1, le=100, description="Most jobs in one answer.")
    kind: Literal["retrain", "sweep"] | None = Field(default=None, description="Only of this kind.")
    state: JobState | None = Field(default=None, description="Only in this state.")


class JobQuery(Strict):
    """How to look at a job."""

    wait: float = Field(
        default=0,
        ge=0,
        le=_LONGEST_WAIT_S,
        description="Answer only when its state or progress changes, or after so many seconds. With `If-None-Match` "
        "and the ETag of an answer: when it is another than that, so that nothing between two requests is missed.",
    )


@router.get(
    "",
    response_model=JobsOut,
    responses={
        **answer_example("/admin/jobs", headers=LINK),
        **problem_responses("invalid-input", "not-ready"),
    },
)
def list_jobs(request: Request, query: Annotated[JobsQuery, Query()], jobs: JobsDep) -> Response:
    """List the jobs, the newest first; `Link` leads to the next ones."""
    [before] = query.after(tuple[str]) or [None]
    found = jobs.list(limit=query.limit + 1, before=before, kind=query.kind, state=query.state)
    return part_of_list(
        request,
        found,
        query.limit,
        place=lambda job: [job.id],
        document=lambda job: job_out(request, job).model_dump(mode="json"),
    )


@router.get(
    "/{job_id}",
    response_model=JobOut,
    responses={
        **answer_example("/admin/jobs/{job_id}", headers=documented_headers(HEADERS)),
        **problem_responses(*_KINDS, "invalid-input"),
    },
)
async def show_job(
    request: Request, job_id: str, query: Annotated[JobQuery, Query()], jobs: JobsDep, ending: EndingDep
) -> Response:
    """Show a job, at once or when it has changed."""
    until_s = time.monotonic() + query.wait
    job = await run_in_threadpool(jobs.get, job_id)
    answer = _to_answer(request, job)
    if "if-none-match" in request.headers and answer.status_code != 304:
        return answer
    seen = _what_counts(job)
    while _what_counts(job) == seen and not job.state.is_final and not ending.is_set():
        left_s = until_s - time.monotonic()
        if left_s <= 0 or await request.is_disconnected():
            break
        await asyncio.sleep(min(_LOOK_EVERY_S, left_s))
        job = await run_in_threadpool(jobs.get, job_id)
    return _to_answer(request, job)


def _what_counts(job: Job) -> tuple[object, ...]:
    return job.state, job.is_stopping, job.progress


def _to_answer(request: Request, job: Job) -> Response:
    return cacheable(request, job_out(request, job).model_dump_json().encode(), "json")


def find_job(job_id: str, jobs: JobsDep) -> Job:
    """Find a job before its events are begun."""
    return jobs.get(job_id)


def get_last_event(
    last_event_id: Annotated[
        str | None, Header(description="Number of the last event that the client has; browsers send it by themselves.")
    ] = None,
) -> int:
    """Read the header `Last-Event-ID`."""
    if last_event_id is None:
        return 0
    if not (last_event_id.isascii() and last_event_id.isdecimal() and len(last_event_id) <= _MOST_DIGITS):
        raise InvalidInput(f"Last-Event-ID: expected the number of an event, got {last_event_id!r}")
    return int(last_event_id)


@router.get(
    "/{job_id}/events",
    response_class=EventSourceResponse,
    responses={
        200: {
            "description": "Events as they happen; the stream ends behind the last one of a job that has ended.",
            "content": {"text/event-stream": {"example": 'event: state\ndata: {"state": "queued"}\nid: 1\n\n'}},
        },
        **problem_responses(*_KINDS, "invalid-input"),
    },
)
async def follow_job(
    request: Request,
    job: Annotated[Job, Depends(find_job)],
    after: Annotated[int, Depends(get_last_event)],
    jobs: JobsDep,
    ending: EndingDep,
) -> AsyncIterator[ServerSentEvent]:
    """Follow a job: `state`, `epoch`, `metric`, `weights`, `log`, numbered, from the first or behind `Last-Event-ID`.

    `progress` comes between them as it stands, without a number. A comment each 15 seconds keeps the connection open.
    """
    progress = None
    while not ending.is_set():
        job = await run_in_threadpool(jobs.get, job.id)  # first: of a job that has ended, all events are there
        events = await run_in_threadpool(jobs.events, job.id, after, limit=_AT_A_TIME)
        for event in events:
            after = event.number
            data = {"at": event.at.isoformat().replace("+00:00", "Z"), **event.data}
            if "problem" in data:
                data["problem"] = told_problem(request, data["problem"], job_path(request, job))
            yield ServerSentEvent(data=data, event=event.kind, id=str(event.number))
        if job.progress is not None and job.progress != progress:
            progress = job.progress
            yield ServerSentEvent(data=progress, event="progress")
        if job.state.is_final and not events:
            return
        if not events:
            await asyncio.sleep(_LOOK_EVERY_S)


@router.delete(
    "/{job_id}",
    status_code=202,
    response_model=JobOut,
    responses={
        **answer_example("/admin/jobs/{job_id} stopped", 202),
        **problem_responses(*_KINDS, "job-already-finished"),
    },
)
def stop_job(request: Request, job_id: str, jobs: JobsDep) -> JobOut:
    """Stop a job: at once if it waits; if it runs, its worker stops it within two seconds and keeps a checkpoint."""
    return job_out(request, jobs.cancel(job_id))
