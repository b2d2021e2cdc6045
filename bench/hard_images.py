"""Images that no reader of hand print can read: nothing may break on them, and none may take for ever."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.workers import Worker, read_in_turns


def measure_hard_images(images: Sequence[Path], workers: Mapping[str, Worker]) -> dict[str, Any]:
    """Let everybody read all of them.

    Returns
    -------
    dict by reader with ``failed``, what went wrong by image; ``slowest_ms`` and ``slowest``, the image it is of
    """
    timed = {image.name: read_in_turns(workers, image, turns=1) for image in images}
    figures = {}
    for name in workers:
        slowest = max(timed, key=lambda image: timed[image][name].ms)
        failed = {image: one[name].error for image, one in timed.items() if one[name].error}
        figures[name] = {"failed": failed, "slowest": slowest, "slowest_ms": timed[slowest][name].ms}
    return {"images": len(images), "readers": figures}
