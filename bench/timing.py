"""Several ways to do one thing, timed in turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from statistics import median
from time import perf_counter, sleep

# Threads of PyTorch and ONNX Runtime wait for more work by spinning; whoever comes next should not pay for that.
_REST_S = 0.1
# In a turn, each way runs for so long before it is timed, and at least twice: what others did just before slows it, and
# after a rest Linux may leave its threads on one core for 50 ms.
_WARMING_S, _TIMED = 0.2, 5


def in_turns(ways: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median seconds of each way."""
    for way in ways.values():
        way()
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            sleep(_REST_S)
            warm_at = perf_counter() + _WARMING_S
            way()
            way()
            while perf_counter() < warm_at:
                way()
            for _ in range(_TIMED):
                start = perf_counter()
                way()
                seconds[name].append(perf_counter() - start)
    return {name: median(values) for name, values in seconds.items()}
