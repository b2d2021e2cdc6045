"""Computes from the progress of a job how fast it goes and how long it will still take."""

from __future__ import annotations

from typing import Any


class Pace:
    """Follows the progress of one run.

    The rate is the mean since the first call with the present total and unit, so that it is steady. After a resumed
    checkpoint it therefore counts only what was done since.
    """

    def __init__(self) -> None:
        self._what: tuple[int, str] | None = None
        self._began = (0.0, 0)
        self._last_done = 0

    def note(self, done: int, total: int, unit: str, at_s: float) -> dict[str, Any]:
        """Return what is known now, in JSON's types.

        Parameters
        ----------
        at_s : the time by a monotonic clock
        """
        if self._what != (total, unit) or done < self._last_done:
            self._what, self._began = (total, unit), (at_s, done)
        self._last_done = done
        began_s, began_done = self._began
        rate = (done - began_done) / (at_s - began_s) if done > began_done and at_s > began_s else None
        left_s = None if rate is None else round((total - done) / rate, 1)
        return {
            "done": done,
            "total": total,
            "unit": unit,
            "rate_per_s": None if rate is None else float(f"{rate:.4g}"),
            "left_s": left_s,
        }
