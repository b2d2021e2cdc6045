"""What running work is handed, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol


class Stopped(Exception):
    """The work is to end now. Let it pass; whoever catches it has about a second for a last checkpoint."""


class Task(Protocol):
    """A job as its work sees it."""

    @property
    def job_id(self) -> str: ...

    @property
    def parameters(self) -> Mapping[str, Any]: ...

    @property
    def folder(self) -> Path:
        """For checkpoints: of this job alone, there from the start, and kept until it succeeds."""
        ...

    def progress(self, done: int, total: int, unit: str) -> None:
        """Say how far it is; the rate is that of the calls with one total and unit."""
        ...

    def emit(self, kind: str, data: Mapping[str, Any]) -> None:
        """Tell those who follow: ``epoch``, ``metric``, ``weights`` or ``log``. `data` is of JSON's types.

        A number that is not finite arrives as null.
        """
        ...

    def checkpoint(self) -> None:
        """Return at once, or raise `Stopped`. To be called several times a second."""
        ...


# Returns the result, in JSON's types. An `AppError` that the sender can mend is told as it is; whatever else is raised
# is logged, and told as a failure of ours.
Work = Callable[[Task], Mapping[str, Any]]
