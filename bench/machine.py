"""On what, and when, the figures were measured."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path

_CPUINFO = Path("/proc/cpuinfo")


def describe_machine() -> dict[str, str | int]:
    """Return processor, number of cores, Python and day."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count() or 1,
        "python": platform.python_version(),
        "day": datetime.now(UTC).date().isoformat(),
    }


def _processor() -> str:
    if _CPUINFO.is_file():
        for line in _CPUINFO.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
