from __future__ import annotations

import csv
import re
from io import StringIO
from types import SimpleNamespace

import pytest

from app.api.inspection.inspected import Chosen

SYNTHETIC = "model=seed/1&split=synthetic"


def test_how_sure_it_is_is_compared_with_how_often_it_is_right(inspected):
    answer = inspected.get(f"/calibration?{SYNTHETIC}&bins=5").json()
    bins = answer["bins"]
    assert [each["low"] for each in bins] == pytest.approx([0, 0.2, 0.4, 0.6, 0.8])
    assert sum(each["count"] for each in bins) == answer["count"] == 360
    right = sum(each["accuracy"] * each["count"] for each in bins) / 360
    assert right == pytest.approx(inspected.get(f"/confusion?{SYNTHETIC}").json()["accuracy"])
    gaps = sum(abs(each["confidence"] - each["accuracy"]) * each["count"] for each in bins)
    assert answer["ece"] == pytest.approx(gaps / 360)
    assert answer["card"]["temperature"] > 1


def test_writers_are_listed_the_worst_first(inspected):
    answer = inspected.get(f"/writers?{SYNTHETIC}").json()
    accuracies = [one["accuracy"] for one in answer["writers"]]
    assert accuracies == sorted(accuracies)
    assert [one["count"] for one in answer["writers"]] == [36] * 10
    assert answer["quartiles"] == sorted(answer["quartiles"])
    rows = list(csv.reader(StringIO(inspected.get(f"/writers?{SYNTHETIC}&format=csv").text)))
    assert rows[0] == ["writer", "count", "accuracy"]
    assert rows[1] == [answer["writers"][0]["writer"], "36", str(accuracies[0])]


@pytest.mark.parametrize("path", ["/calibration", "/writers"])
@pytest.mark.parametrize("media_type", ["image/png", "image/svg+xml"])
def test_both_can_be_looked_at_and_kept(inspected, path, media_type):
    answer = inspected.get(f"{path}?{SYNTHETIC}", headers={"Accept": media_type})
    assert answer.headers["content-type"] == media_type
    assert answer.headers["cache-control"].endswith("immutable")
    again = inspected.get(
        f"{path}?{SYNTHETIC}", headers={"Accept": media_type, "If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304


def test_rows_have_writers_and_confidences_too(rows_inspected):
    assert len(rows_inspected.get("/writers?model=rows&split=synthetic").json()["writers"]) == 10
    answer = rows_inspected.get("/calibration?model=rows&split=synthetic").json()
    assert answer["count"] == sum(each["count"] for each in answer["bins"])


@pytest.mark.parametrize(
    "path, whose",
    [
        ("/confusion?model=seed/1&", "unipen36, split valid"),  # counted when it was trained
        ("/calibration?model=seed/1&", "imagined writers"),  # as the data are not at hand
        (f"/confusion?{SYNTHETIC}&", "imagined writers"),
        (f"/writers?{SYNTHETIC}&", "imagined writers"),
    ],
)
def test_each_picture_says_on_whose_writing_it_was_measured(inspected, path, whose):
    title = re.search(r"seed/1 on ([^:<]+?)(?:: |, by)", inspected.get(f"{path}format=svg").text)
    assert title is not None
    assert title[1] == whose


def test_a_version_that_learnt_from_imagined_writers_says_that_it_was_measured_on_such():
    version = SimpleNamespace(name="handprint", version="3", card={"data": {"name": "synthetic"}})
    assert Chosen(version, None).title_on("valid") == "handprint/3 on imagined writers"


@pytest.mark.parametrize("path", ["/calibration?bins=1", "/writers?split=train", "/calibration?format=csv"])
def test_what_makes_no_sense_is_refused(inspected, problem, path):
    problem(inspected.get(path), 422, "invalid-input")
