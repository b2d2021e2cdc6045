"""What a worker and the process of a job say to each other."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from app.jobs.messages import to_line


def test_a_document_is_a_line():
    assert to_line({"text": "a\nb"}) == b'{"text": "a\\nb"}\n'


def test_numbers_and_arrays_of_numpy_arrive_as_numbers_and_lists():
    line = to_line({"number": np.float32(0.5), "array": np.arange(3), "path": Path("a/b")})
    assert json.loads(line) == {"number": 0.5, "array": [0, 1, 2], "path": "a/b"}
