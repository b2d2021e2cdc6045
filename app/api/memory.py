"""How the C library treats what reading a page frees."""

from __future__ import annotations

import ctypes

# Parameters of mallopt(3), and their values; sizes in bytes.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_SETTINGS = {_ARENA_MAX: 1, _MMAP_THRESHOLD: 2**22, _TRIM_THRESHOLD: 2**24}


def give_back_freed_memory() -> bool:
    """Let this process give freed memory back to the system, instead of keeping each thread's peak for ever.

    A page takes tens of megabytes for a tenth of a second. By default glibc keeps them, apart for each thread: measured
    410 MB after 264 pages by four clients, against 230 MB with these settings, and no slower. Holds until the process
    ends. Returns whether there was anything to set: only glibc knows these settings.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, TypeError, AttributeError):  # musl, macOS, Windows
        return False
    return all(mallopt(parameter, value) == 1 for parameter, value in _SETTINGS.items())
