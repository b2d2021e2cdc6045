"""How the C library treats memory that NumPy frees. This works with glibc only, and holds until the process ends."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ONE_ARENA = {"MALLOC_ARENA_MAX": "1"}
"""Variables for the environment of a process all of whose threads shall share one heap, whenever they start."""

# Parameters of mallopt(3).
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
_STATM = Path("/proc/self/statm")


def keep_freed_memory() -> bool:
    """Let this process keep freed memory, instead of returning it and fetching it again at every training step.

    A step takes and frees some tens of megabytes. By default glibc returns large blocks to the system, which has to
    clear each page again: measured 7,000 page faults and a fifth of the time of a step, against none. Returns whether
    the C library took the settings.
    """
    return _set({_MMAP_THRESHOLD: 2**25, _TRIM_THRESHOLD: 2**30, _TOP_PAD: 2**26})


def give_back_freed_memory() -> bool:
    """Let this process return freed memory to the system, instead of keeping the peak of each thread for ever.

    A page takes tens of megabytes for a tenth of a second. By default glibc keeps them, in a heap for each thread:
    measured 410 MB after 264 pages by four clients, against 230 MB with one heap for all. In that heap up to 64 MB stay
    free until `HeapTrimmer` returns them: so a page of 8 megapixels took a seventh less time than with 16 MB, where the
    system had to clear 44,000 pages of memory while it was read. Threads that have started before keep their own heaps,
    so this is called before any thread starts, those of BLAS included. Returns whether the C library took the settings.
    """
    return _set({_MMAP_THRESHOLD: 2**25, _TRIM_THRESHOLD: 2**26, _ARENA_MAX: 1})


class HeapTrimmer:
    """Returns free memory between blocks in use to the system; glibc itself returns only the end of its heap.

    To look at the size of the process takes some microseconds. To return memory takes some milliseconds, and as long
    again to fetch what is needed once more, so it is done only if the process has grown since it was smallest.

    Parameters
    ----------
    most_bytes : growth up to this is left alone
    """

    def __init__(self, most_bytes: int = 2**24) -> None:
        self._most = most_bytes
        self._least: int | None = None
        self._trim = _function("malloc_trim")

    def note_size(self) -> None:
        """Note the size of the process if it is the smallest so far."""
        now = _resident_bytes()
        if now is not None:
            self._least = now if self._least is None else min(self._least, now)

    def trim(self) -> bool:
        """Return free memory to the system if the process has grown; return whether that was done."""
        self.note_size()
        now = _resident_bytes()
        if self._trim is None or self._least is None or now is None or now - self._least <= self._most:
            return False
        self._trim(0)
        self._least = _resident_bytes()
        return True


def _resident_bytes() -> int | None:
    """Return the memory of the process; None if the system does not say."""
    try:
        return int(_STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return None


def _set(settings: Mapping[int, int]) -> bool:
    mallopt = _function("mallopt")
    return mallopt is not None and all(mallopt(parameter, value) == 1 for parameter, value in settings.items())


def _function(name: str) -> Any:
    """Return a function of glibc; None with other C libraries, as of musl, macOS and Windows."""
    try:
        return getattr(ctypes.CDLL(None), name)
    except (OSError, TypeError, AttributeError):
        return None
