"""The interface of the work that jobs do: a function that is given a `Task` and returns a result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any


class Stopped(Exception):
    """The work must end now. If it catches this, it has about a second for a checkpoint, and must raise it again."""


@dataclass(frozen=True)
class Task:
    """A job as its work sees it.

    Attributes
    ----------
    folder : for checkpoints: of this job alone, exists from the start, and is kept until the job succeeds
    say : sends a message to the worker
    stop : set when the work is to end
    """

    job_id: str
    parameters: Mapping[str, Any]
    folder: Path
    say: Callable[[Mapping[str, Any]], None]
    stop: Event

    def progress(self, done: int, total: int, unit: str) -> None:
        """Report how much is done; total and unit should stay the same, as the rate is computed from such calls."""
        self.say({"progress": [done, total, unit]})

    def emit(self, kind: str, data: Mapping[str, Any]) -> None:
        """Add an event for those who follow the job: ``epoch``, ``metric``, ``weights`` or ``log``.

        Parameters
        ----------
        data : in JSON's types; a number that is not finite arrives as null
        """
        self.say({"event": [kind, data]})

    def checkpoint(self) -> None:
        """Return at once, or raise `Stopped`. To be called several times a second."""
        if self.stop.is_set():
            raise Stopped


# Returns the result, in JSON's types. An error that the sender can mend (see `app.jobs.process`) becomes the job's
# problem as it is; any other exception is logged, and the problem says only that the work failed.
Work = Callable[[Task], Mapping[str, Any]]
