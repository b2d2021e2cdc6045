"""How the C library treats what NumPy frees. Only glibc can be told; what is set holds until the process ends."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
"""What the environment of a process holds for all its threads to share one heap, whenever they were started."""

# Parameters of mallopt(3).
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
_STATM = Path("/proc/self/statm")


def keep_freed_memory() -> bool:
    """Let this process keep freed memory, instead of giving it back and fetching it anew at every training step.

    A step takes and frees some tens of megabytes, and by default glibc hands large blocks back to the system, which
    must clear each page again: measured 7,000 page faults and a fifth of the time of a step, against none. Returns
    whether there was anything to set.
    """
    return _set({_MMAP_THRESHOLD: 2**25, _TRIM_THRESHOLD: 2**30, _TOP_PAD: 2**26})


def give_back_freed_memory() -> bool:
    """Let this process give freed memory back to the system, instead of keeping each thread's peak for ever.

    A page takes tens of megabytes for a tenth of a second. By default glibc keeps them, apart for each thread: measured
    410 MB after 264 pages by four clients, against 230 MB with one heap for all. Up to 64 MB stay free in it until
    `HeapTrimmer` gives them back: a page of 8 megapixels took a seventh less time than with 16, where the system had to
    clear 44,000 pages of memory while it was read. Threads that have begun before keep a heap of their own, so this is
    called before any, those of BLAS included. Returns whether there was anything to set.
    """
    return _set({_MMAP_THRESHOLD: 2**25, _TRIM_THRESHOLD: 2**26, _ARENA_MAX: 1})


class HeapTrimmer:
    """Gives back what lies free between blocks in use: by itself glibc does so only at the end of its heap.

    To look takes some microseconds, to give back some milliseconds, and as long again to fetch what is needed anew. So
    that is done only where the process has grown since it was at its smallest.

    Parameters
    ----------
    most_bytes : of growth that are left alone
    """

    def __init__(self, most_bytes: int = 2**24) -> None:
        self._most = most_bytes
        self._least: int | None = None
        self._trim = _function("malloc_trim")

    def note_size(self) -> None:
        """Note how small the process is, if it never was smaller."""
        now = _resident_bytes()
        if now is not None:
            self._least = now if self._least is None else min(self._least, now)

    def trim(self) -> bool:
        """Give free memory back if the process has grown; returns whether that was done."""
        self.note_size()
        now = _resident_bytes()
        if self._trim is None or self._least is None or now is None or now - self._least <= self._most:
            return False
        self._trim(0)
        self._least = _resident_bytes()
        return True


def _resident_bytes() -> int | None:
    """Return what the process holds; None where the system does not tell, or not at the moment."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _set(settings: Mapping[int, int]) -> bool:
    mallopt = _function("mallopt")
    return mallopt is not None and all(mallopt(parameter, value) == 1 for parameter, value in settings.items())


def _function(name: str) -> Any:
    """Find a function of glibc; None where the C library is another, as on musl, macOS and Windows."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, TypeError, AttributeError):
        return None
