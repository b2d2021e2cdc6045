"""What running work is handed, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any


class Stopped(Exception):
    """The work is to end now. Let it pass; whoever catches it has about a second for a last checkpoint."""


@dataclass(frozen=True)
class Task:
    """A job as its work sees it.

    Attributes
    ----------
    folder : for checkpoints: of this job alone, there from the start, and kept until it succeeds
    say : passes a document on to the worker
    stop : set when the work is to end
    """

    job_id: str
    parameters: Mapping[str, Any]
    folder: Path
    say: Callable[[Mapping[str, Any]], None]
    stop: Event

    def progress(self, done: int, total: int, unit: str) -> None:
        """Say how far it is; the rate is that of the calls with one total and unit."""
        self.say({"progress": [done, total, unit]})

    def emit(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell those who follow: ``epoch``, ``metric``, ``weights`` or ``log``. `data` is of JSON's types.

        A number that is not finite arrives as null.
        """
        self.say({"event": [kind, data]})

    def checkpoint(self) -> None:
        """Return at once, or raise `Stopped`. To be called several times a second."""
        if self.stop.is_set():
            raise Stopped


# Returns the result, in JSON's types. An `AppError` that the sender can mend is told as it is; whatever else is raised
# is logged, and told as a failure of ours.
Work = Callable[[Task], Mapping[str, Any]]
