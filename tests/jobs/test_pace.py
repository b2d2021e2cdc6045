"""How fast a job goes."""

from __future__ import annotations

from app.jobs.pace import Pace


def test_the_first_word_tells_no_rate():
    assert Pace().note(0, 10, "epochs", 5.0) == {
        "done": 0,
        "total": 10,
        "unit": "epochs",
        "rate_per_s": None,
        "left_s": None,
    }


def test_the_rate_is_that_since_the_first_word():
    pace = Pace()
    pace.note(4, 10, "epochs", 100.0)  # a job that goes on from a checkpoint
    told = pace.note(6, 10, "epochs", 104.0)
    assert (told["rate_per_s"], told["left_s"]) == (0.5, 8.0)
    told = pace.note(10, 10, "epochs", 112.0)
    assert (told["rate_per_s"], told["left_s"]) == (0.5, 0.0)


def test_another_total_or_unit_begins_anew():
    pace = Pace()
    pace.note(0, 10, "epochs", 0.0)
    pace.note(10, 10, "epochs", 1.0)
    assert pace.note(0, 10, "epochs", 2.0)["rate_per_s"] is None
    assert pace.note(5, 10, "pages", 3.0)["rate_per_s"] is None
    assert pace.note(7, 10, "pages", 4.0)["rate_per_s"] == 2.0
