from __future__ import annotations

import subprocess
import sys

import pytest

from tests.conftest import PROJECT

# Prints whether the setting was taken, and how many pages the system had to bring for blocks that had just been freed.
_FAULTS = """
import resource, sys
import numpy as np
from app.training.memory import keep_freed_memory
taken = keep_freed_memory() if sys.argv[1] == "kept" else True

def work():
    return [np.ones(2**20, np.float32) for _ in range(4)]

work()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    work()
print(int(taken), resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def _faults(way: str) -> int:
    out = subprocess.run([sys.executable, "-c", _FAULTS, way], cwd=PROJECT, check=True, capture_output=True, text=True)
    taken, faults = out.stdout.split()
    if taken == "0":
        pytest.skip("the C library has no such setting")
    return int(faults)


@pytest.mark.skipif(sys.platform == "win32", reason="page faults are counted by the resource module")
def test_memory_that_was_freed_is_not_fetched_again():
    assert _faults("kept") < _faults("as it is") / 10
