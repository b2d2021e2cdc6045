"""How long it takes from nothing to ready."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.servers import serving
from bench.workers import start_up_s


def measure_start_up(names: Sequence[str], image: Path, turns: int) -> dict[str, Any]:
    """Start everybody several times, in turns.

    Returns
    -------
    dict by reader with the median seconds to the ``first_page`` (a process that imports, loads and reads it) and to
    ``ready`` (a server's first 200 of ``/readyz``)
    """
    first_page: dict[str, list[float]] = {name: [] for name in names}
    ready: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(turns):
        for name in names:
            first_page[name].append(start_up_s(name, image))
            with serving(name) as server:
                ready[name].append(server.start_up_s)
    return {name: {"first_page_s": median(first_page[name]), "ready_s": median(ready[name])} for name in names}
