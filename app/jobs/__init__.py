"""Work that takes longer than a request: recorded, queued, and run by workers in processes of its own."""

from app.jobs.answered import AnsweredRequests
from app.jobs.backlog import Backlog, look_at_backlog
from app.jobs.claims import Claims
from app.jobs.job import FINAL, Job, JobEvent, JobState
from app.jobs.store import JobStore
from app.jobs.work import Stopped, Task, Work

__all__ = [
    "FINAL",
    "AnsweredRequests",
    "Backlog",
    "Claims",
    "Job",
    "JobEvent",
    "JobState",
    "JobStore",
    "Stopped",
    "Task",
    "Work",
    "look_at_backlog",
]
