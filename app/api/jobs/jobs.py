"""The jobs, for whatever route asks for one."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from app.api.serving.models import DatabaseDep
from app.jobs import Channel, JobStore


def get_jobs(request: Request, database: DatabaseDep) -> JobStore:
    """Hand out the jobs of the service."""
    channel: Channel = request.app.state.channel
    return JobStore(database, channel.announce)


JobsDep = Annotated[JobStore, Depends(get_jobs)]
