"""Work that takes longer than a request: recorded, queued, and run by workers in processes of its own."""

from app.jobs.backlog import Backlog, look_at_backlog
from app.jobs.channel import Channel
from app.jobs.child import Limits
from app.jobs.claims import Claims
from app.jobs.job import Job, JobEvent, JobState
from app.jobs.run import Timing
from app.jobs.store import JobStore
from app.jobs.supervisor import Supervisor
from app.jobs.work import Stopped, Task, Work
from app.jobs.worker import Worker

__all__ = [
    "Backlog",
    "Channel",
    "Claims",
    "Job",
    "JobEvent",
    "JobState",
    "JobStore",
    "Limits",
    "Stopped",
    "Supervisor",
    "Task",
    "Timing",
    "Work",
    "Worker",
    "look_at_backlog",
]
