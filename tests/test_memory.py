from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import PROJECT

# Each prints whether the settings were taken, if any were asked for, and then what it measured.
_BEGIN = """
import resource, sys
import numpy as np
from app import memory
taken = getattr(memory, sys.argv[1])() if len(sys.argv) > 1 else True

def resident_bytes():
    return int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
"""
# How many pages the system had to bring for blocks that had just been freed.
_FAULTS = """
def work():
    return [np.ones(2**20, np.float32) for _ in range(4)]

work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    work()
print(int(taken), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
# How many bytes are still held once four threads have freed a page's worth each.
_HELD = """
from threading import Barrier, Thread
together = Barrier(4)

def read():
    np.ones(30_000_000, np.uint8)  # glibc learns from the first large block that is freed to keep such blocks
    blocks = [np.ones(10_000_000, np.uint8) for _ in range(5)]
    together.wait()

before = resident_bytes()
threads = [Thread(target=read) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(int(taken), resident_bytes() - before)
"""


def _measured(code: str, *setting: str) -> int:
    command = [sys.executable, "-c", _BEGIN + code, *setting]
    out = subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, text=True).stdout
    taken, value = map(int, out.split())
    if not taken:
        pytest.skip("the C library has no such setting")
    return value


@pytest.mark.skipif(sys.platform == "win32", reason="page faults are counted by the resource module")
@pytest.mark.parametrize("setting", ["keep_freed_memory", "give_back_freed_memory"])
def test_memory_that_a_step_or_a_page_freed_is_not_fetched_again_by_the_next(setting):
    assert _measured(_FAULTS, setting) < _measured(_FAULTS) / 10


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_memory_that_pages_took_side_by_side_is_given_back():
    held = _measured(_HELD, "give_back_freed_memory")
    assert held < 2**26 + 2**24 < _measured(_HELD)


# What is given back of blocks of which every other one was freed, and whether that was worth doing once more.
_HOLES = """
import ctypes
taken = hasattr(ctypes.CDLL(None), "malloc_trim")
heap = memory.HeapTrimmer(most_bytes=2**23)
heap.note_size()
blocks = [bytearray(2**15) for _ in range(2000)]
del blocks[::2]
before = resident_bytes()
given = heap.trim()
print(int(taken), before - resident_bytes() if given and not heap.trim() else 0)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_holes_between_blocks_in_use_are_given_back_once():
    assert _measured(_HOLES) > 25_000_000


_SMALL = """
heap = memory.HeapTrimmer()
print(1, int(heap.trim()) + int(heap.trim()))
"""


def test_a_process_that_did_not_grow_is_left_alone():
    assert _measured(_SMALL) == 0
