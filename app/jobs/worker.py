"""A worker: claims one job after the other, and runs each in a process of its own."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from pathlib import Path

from app.database import Database
from app.errors import DatabaseFailed
from app.jobs.channel import Channel
from app.jobs.child import Limits
from app.jobs.claims import Claims, interrupt_abandoned
from app.jobs.job import Job
from app.jobs.run import Run, Timing

_LONGEST_WAIT_S = 0.5  # after which it checks whether it is to end
_LOOK_EVERY_S = 5.0  # for jobs whose message was lost

_log = logging.getLogger(__name__)


class Worker:
    """Runs jobs until it is told to end.

    Parameters
    ----------
    work : "module:name" of a mapping from kinds to `Work`; imported in the processes of the jobs, not here
    folder : each job has a folder of its id in it
    """

    def __init__(
        self,
        database: Database,
        channel: Channel,
        *,
        work: str,
        folder: Path,
        limits: Limits,
        timing: Timing | None = None,
    ) -> None:
        name = f"{socket.gethostname()[:64]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._database, self._channel = database, channel
        self._claims = Claims(database, name)
        self._work, self._folder, self._limits = work, folder, limits
        self._timing = timing or Timing()
        self._ending = threading.Event()

    def end(self) -> None:
        """End soon; a running job is interrupted, and another worker goes on with it. Any thread may call this."""
        self._ending.set()

    def run(self) -> None:
        """Run jobs until `end` is called, then close the channel."""
        while not self._ending.is_set():
            job = self._take()
            if job is not None:
                self._run(job)
            else:
                self._wait_for_news()
        self._channel.close()

    def _wait_for_news(self) -> None:
        next_look_s = time.monotonic() + _LOOK_EVERY_S
        while not self._ending.is_set() and (left_s := next_look_s - time.monotonic()) > 0:
            if self._channel.wait(min(_LONGEST_WAIT_S, left_s)):
                return

    def _take(self) -> Job | None:
        try:
            interrupt_abandoned(self._database, self._timing.abandoned)
            return self._claims.take()
        except DatabaseFailed as exc:
            _log.warning("no job can be taken: %s", exc.detail)
            return None

    def _run(self, job: Job) -> None:
        _log.info("job %s (%s) begins, attempt %d", job.id, job.kind, job.attempts)
        try:
            run = Run(
                job,
                self._claims,
                work=self._work,
                folder=self._folder / job.id,
                limits=self._limits,
                timing=self._timing,
                is_ending=self._ending.is_set,
            )
        except OSError as exc:  # no room for a folder, or for one more process
            _log.error("job %s cannot be begun: %s", job.id, exc)
            self._give_back(job)
            self._ending.wait(self._timing.pause)
            return
        run.follow()

    def _give_back(self, job: Job) -> None:
        try:
            self._claims.interrupt(job.id, counts=True)
        except DatabaseFailed as exc:  # as there will be no heartbeat, it is given back anyway
            _log.warning("job %s cannot be given back: %s", job.id, exc.detail)
