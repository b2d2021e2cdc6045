from __future__ import annotations

from pathlib import Path

import pytest

from bench.pages import measure_pages
from bench.readers import FLOOR, OURS
from bench.workers import read_in_turns, started

SAMPLES = Path(__file__).resolve().parent.parent.parent / "samples"
LABEL = SAMPLES / "parts_label.png"


@pytest.fixture(scope="module")
def workers():
    with started([OURS, FLOOR], LABEL) as workers:
        yield workers


def test_a_worker_reads_what_the_page_says(workers):
    [timed] = read_in_turns(workers, [LABEL], turns=1)
    assert timed[OURS].text.split("\n") == LABEL.with_suffix(".txt").read_text(encoding="utf-8").splitlines()
    assert timed[OURS].ms >= sum(timed[OURS].stages_ms.values()) > 0
    assert timed[FLOOR].text == ""
    assert timed[FLOOR].ms > 0


def test_a_file_that_cannot_be_read_is_told_and_the_worker_goes_on(workers, tmp_path):
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"not an image")
    timed, afterwards = read_in_turns(workers, [broken, LABEL], turns=1)
    assert timed[OURS].error is not None
    assert timed[FLOOR].error is not None
    assert afterwards[OURS].error is None


def test_each_reads_a_few_pages_in_a_row_before_the_next_has_its_turn(monkeypatch):
    class Recorder:
        def __init__(self, name):
            self.name = name

        def read(self, image):
            asked.append((self.name, image))
            return {"text": image, "ms": len(asked), "stages_ms": {}, "error": None}

    asked = []
    monkeypatch.setattr("bench.workers._IN_A_ROW", 2)
    timed = read_in_turns({name: Recorder(name) for name in "ab"}, ["1", "2", "3"], turns=2)
    in_order = ["a1", "a2", "b1", "b2"] * 2 + ["a3", "b3"] * 2
    assert ["".join(each) for each in asked] == in_order
    assert [(of_page["a"].text, of_page["b"].ms) for of_page in timed] == [("1", 5), ("2", 6), ("3", 11)]


def test_pages_are_scored_as_everywhere_else(workers, tmp_path):
    # One letter of the truth is another, hence one edit; a row break counts as a space.
    truth = LABEL.with_suffix(".txt").read_text(encoding="utf-8")
    page = tmp_path / "05_label.png"
    page.write_bytes(LABEL.read_bytes())
    page.with_suffix(".txt").write_text(truth.replace("PART", "CART"), encoding="utf-8")
    measured = measure_pages([page], workers, turns=1)
    rates = measured["error_rate"]["block capitals, digits, form fields"][OURS]
    assert rates["strict"] == pytest.approx(1 / len(" ".join(truth.split())))
    assert FLOOR not in measured["pages"][0]["error_rate"]
    assert measured["pages"][0]["glyphs"] == len("".join(truth.split()))
