"""Several ways to do one thing, timed in turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter, sleep

# Threads of PyTorch and ONNX Runtime wait for more work by spinning; whoever comes next should not pay for that.
_REST_S = 0.1
# In a turn, calls that are not timed, as what others did just before makes them slow, and calls that are.
_WARMING, _TIMED = 2, 3


def in_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each way."""
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            sleep(_REST_S)
            for _ in range(_WARMING):
                way()
            for _ in range(_TIMED):
                start = perf_counter()
                way()
                seconds[name].append(perf_counter() - start)
    return {name: median(values) for name, values in seconds.items()}
