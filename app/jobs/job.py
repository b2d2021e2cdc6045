"""A job and its states, as they are recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any


class JobState(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"

    @property
    def meaning(self) -> str:
        """The state in a sentence."""
        return _MEANINGS[self]

    @property
    def is_final(self) -> bool:
        """Whether nothing will change any more."""
        return self in FINAL


_MEANINGS = {
    JobState.QUEUED: "It waits for a worker.",
    JobState.RUNNING: "A worker has it.",
    JobState.SUCCEEDED: "It is done, and its result is there.",
    JobState.FAILED: "It came to an end without a result; its problem says why.",
    JobState.CANCELLED: "It was stopped because somebody asked for that.",
    JobState.INTERRUPTED: "Its worker ended or vanished; the next one goes on with it.",
}
FINAL = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})
WAITING = frozenset({JobState.QUEUED, JobState.INTERRUPTED})


@dataclass(frozen=True)
class Job:
    """A job, as it was at the moment it was read from the database.

    ``progress`` has ``done``, ``total``, ``unit``, ``rate_per_s`` and ``left_s`` (both None at first), ``problem``
    has ``code``, ``detail`` and what else the error knew.
    """

    id: str  # in the order of creation
    kind: str
    parameters: Mapping[str, Any]
    state: JobState
    requested_by: str | None  # id of a key
    created_at: datetime
    started_at: datetime | None  # for the last time
    finished_at: datetime | None
    attempts: int  # starts, not counting those after a worker ended in an orderly way
    is_stopping: bool  # it was cancelled but has not ended yet
    progress: Mapping[str, Any] | None
    result: Mapping[str, Any] | None
    problem: Mapping[str, Any] | None


@dataclass(frozen=True)
class JobEvent:
    """Something that happened to a job: ``epoch``, ``metric``, ``weights``, ``log`` or ``state``."""

    number: int  # from 1, without a gap
    kind: str
    at: datetime
    data: Mapping[str, Any]
