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
    read = read_in_turns(workers, images, turns=1)
    timed = {image.name: one for image, one in zip(images, read, strict=True)}
    figures = {}
    for name in workers:
        slowest = max(timed, key=lambda image: timed[image][name].ms)
        failed = {image: one[name].error for image, one in timed.items() if one[name].error}
        figures[name] = {"failed": failed, "slowest": slowest, "slowest_ms": timed[slowest][name].ms}
    return {"images": len(images), "readers": figures}
