from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from app.datasets import PageVariation, load_page_writers
from bench.readers import OURS
from bench.stress import CURVES, Series, keep_others, measure_curves
from bench.stress_plot import draw_curves


class _Reader:
    """Reads the transcription beside the image, or makes something of it."""

    def __init__(self, make=str):
        self._make = make

    def read(self, image: Path) -> dict[str, Any]:
        text = image.with_suffix(".txt").read_text(encoding="utf-8")
        return {"text": self._make(text), "ms": 1.0, "stages_ms": {}, "error": None}


class _Remembering(Series):
    """Draws each page once, which takes longer than all else here."""

    draw = cache(Series.draw)


WRITERS = load_page_writers("synthetic", "valid", Path("nowhere"))


def _series(seed: int = 0) -> Series:
    return _Remembering(WRITERS, 2, seed)


def _measured(
    folder: Path, readers: dict[str, _Reader], seed: int = 0, version: str = "1.0", **curves: tuple[float, ...]
) -> dict[str, Any]:
    titles = {name: f"{name} {version}" for name in readers}
    curves = curves or {"size_px": (8.0, 10.0)}
    return {"readers": titles, "curves": measure_curves(readers, _series(seed), curves, folder)}


@pytest.fixture(scope="module")
def measured(tmp_path_factory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("pages")
    return _measured(folder, {OURS: _Reader(), "rapidocr": _Reader(lambda text: ""), "tesseract": _Reader(str.lower)})


def test_each_reader_has_its_error_rate_at_every_value(measured):
    curve = measured["curves"]["size_px"]
    assert curve["values"] == [8.0, 10.0]
    rates = curve["error_rate"]
    assert rates[OURS] == {"strict": [0, 0], "folded": [0, 0], "shape": [0, 0]}
    assert rates["rapidocr"]["strict"] == [1, 1]
    assert rates["tesseract"]["folded"] == [0, 0] != rates["tesseract"]["strict"]


def test_along_a_curve_the_same_people_write_the_same():
    series = _series()
    small, large = (series.draw("size_px", value, 1) for value in (8.0, 10.0))
    assert small.text == large.text
    assert small.writer == large.writer
    assert small.image.size < large.image.size
    assert series.draw("size_px", 8.0, 0).kind != small.kind


@pytest.mark.parametrize("knob", CURVES)
def test_every_value_of_a_curve_can_be_had(knob):
    assert len(CURVES[knob]) == len(set(CURVES[knob])) >= 5
    for value in CURVES[knob]:
        assert PageVariation().turned(**{knob: value}).ranges[knob] == (value, value)


def test_whoever_is_not_measured_again_keeps_the_figures(measured, tmp_path):
    again = keep_others(_measured(tmp_path, {OURS: _Reader(str.upper)}, version="2.0"), measured)
    assert again["readers"] == measured["readers"] | {OURS: f"{OURS} 2.0"}
    rates, before = (figures["curves"]["size_px"]["error_rate"] for figures in (again, measured))
    assert rates["rapidocr"] == before["rapidocr"]
    assert rates[OURS]["strict"] != before[OURS]["strict"]


def test_a_knob_that_is_not_measured_again_keeps_its_curve(measured, tmp_path):
    again = keep_others(_measured(tmp_path, {OURS: _Reader()}, spacing=(0.1,)), measured)
    assert again["curves"]["size_px"] == measured["curves"]["size_px"]
    assert again["curves"]["spacing"]["error_rate"].keys() == {OURS}


@pytest.mark.parametrize(
    "other, says",
    [
        ({"seed": 1}, "others read other pages"),
        ({"size_px": (8.0, 9.0)}, "others read other pages"),
        ({"spacing": (0.1,), "version": "2.0"}, "inkrow is another version now"),
    ],
)
def test_figures_that_do_not_belong_together_are_not_put_beside_each_other(measured, tmp_path, other, says):
    with pytest.raises(ValueError, match=says):
        keep_others(_measured(tmp_path, {OURS: _Reader()}, **other), measured)


def test_the_plot_names_every_reader_and_value(measured, tmp_path):
    draw_curves(measured, tmp_path)
    drawing = (tmp_path / "stress.svg").read_text()
    for word in ("inkrow 1.0", "rapidocr 1.0", "size_px", ">8<", ">10<"):
        assert word in drawing
