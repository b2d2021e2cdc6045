"""Collects what is wrong with a request, key by key, so that its sender can mend all of it at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from app.errors import InvalidInput, NotFound

_T = TypeVar("_T")


class Complaints:
    """The errors found in a request so far."""

    def __init__(self) -> None:
        self._errors: list[dict[str, str]] = []

    @property
    def are_none(self) -> bool:
        """Whether nothing is wrong so far."""
        return not self._errors

    def about(self, name: str, attempt: Callable[[], _T]) -> _T | None:
        """Return what `attempt` returns; if it raises an error that the sender can mend, note it and return None."""
        try:
            return attempt()
        except (InvalidInput, NotFound) as exc:
            self.add(name, exc.detail)
            return None

    def add(self, name: str, detail: str) -> None:
        """Complain about a key; the same complaint twice is one."""
        if {"name": name, "detail": detail} not in self._errors:
            self._errors.append({"name": name, "detail": detail})

    def raise_them(self) -> None:
        """Raise InvalidInput if there are any."""
        if self._errors:
            detail = "; ".join(f"{each['name']}: {each['detail']}" for each in self._errors)
            raise InvalidInput(detail, errors=self._errors)
