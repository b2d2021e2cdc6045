from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import PROJECT

# Prints whether the settings were taken, and how many megabytes are still held once a page's worth was freed.
_HELD = """
import sys
import numpy as np
from app.api.memory import give_back_freed_memory
taken = give_back_freed_memory() if sys.argv[1] == "given back" else True

def resident_mb():
    return int(open("/proc/self/statm").read().split()[1]) * 4096 / 1e6

before = resident_mb()
np.ones(30_000_000, np.uint8)  # glibc learns from the first large block that is freed to keep such blocks
blocks = [np.ones(10_000_000, np.uint8) for _ in range(5)]
del blocks
print(int(taken), resident_mb() - before)
"""


def _held_mb(way: str) -> float:
    out = subprocess.run([sys.executable, "-c", _HELD, way], cwd=PROJECT, check=True, capture_output=True, text=True)
    taken, held = out.stdout.split()
    if taken == "0":
        pytest.skip("the C library has no such setting")
    return float(held)


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read from /proc")
def test_memory_that_a_page_took_is_given_back():
    assert _held_mb("given back") < _held_mb("as it is") / 2
