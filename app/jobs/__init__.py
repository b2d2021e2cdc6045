"""Work that takes longer than a request: recorded, queued, and run by workers in processes of its own."""

from app.jobs.answered import AnsweredRequests
from app.jobs.claims import Claims
from app.jobs.job import FINAL, Job, JobEvent, JobState
from app.jobs.store import JobStore
from app.jobs.work import Stopped, Task, Work

__all__ = ["FINAL", "AnsweredRequests", "Claims", "Job", "JobEvent", "JobState", "JobStore", "Stopped", "Task", "Work"]
