"""The jobs, for whatever route asks for one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends

from app.api.serving import DatabaseDep
from app.jobs import JobStore


def get_jobs(database: DatabaseDep) -> JobStore:
    """Hand out the jobs of the service."""
    return JobStore(database)


JobsDep = Annotated[JobStore, Depends(get_jobs)]
