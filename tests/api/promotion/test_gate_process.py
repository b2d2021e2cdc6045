"""The gate in a process of its own: what is heard of it."""

from __future__ import annotations

import pytest

from app.api.promotion import gate_process
from app.errors import AppError


class SlowTongue:
    """Ends first, and is heard after: its words have long been in the pipe."""

    exit_code = 0

    def __init__(self, *words):
        self._words = [[], *([word] for word in words)]
        self.has_ended = False
        self.is_closed = False

    def listen(self, timeout_s):
        self.has_ended, said = True, self._words[:1]
        del self._words[:1]
        yield from said[0] if said else ()

    def close(self):
        self.is_closed = True


def test_a_verdict_counts_that_came_right_before_the_end():
    child = SlowTongue({"progress": [1, 2, "trials"]}, {"result": {"passed": True}})
    assert gate_process._result(child, lambda: None) == {"passed": True}
    assert child.is_closed


def test_an_end_without_a_verdict_is_told():
    child = SlowTongue({"progress": [1, 2, "trials"]})
    with pytest.raises(AppError, match="ended with 0, expected a verdict"):
        gate_process._result(child, lambda: None)
    assert child.is_closed
