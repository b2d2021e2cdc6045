from __future__ import annotations

import errno
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from app.cli import app
from app.cli.experiment_page import sentences
from app.cli.experiment_page.page import render
from app.datasets import GlyphSet
from app.training import Epoch, Trial
from app.training.experiment.demonstrations import GradientStep
from app.training.experiment.experiment import Experiment, Measured, StartingScale
from app.training.recipes.recipe import GlyphRecipe

_VOID = {"meta", "img", "br", "image", "path", "use", "rect", "link"}


class _Reader(HTMLParser):
    """Notes the elements of a page, and refuses one that is not closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            assert self.open.pop() == tag


@pytest.fixture(scope="module")
def page(experiment: Experiment) -> str:
    return render(experiment)


def test_the_page_is_well_formed_and_holds_every_step(page: str) -> None:
    reader = _Reader(page)
    assert reader.open == []
    assert [attrs["id"] for tag, attrs in reader.elements if tag == "section"] == [f"step-{n}" for n in range(1, 7)]
    assert sum(tag == "svg" for tag, _ in reader.elements) == 4


def test_each_figure_at_the_top_says_of_which_learning_rate_it_is(experiment: Experiment, page: str) -> None:
    figures = page[page.index('<dl class="figures">') : page.index("</dl>")]
    assert figures.count("accuracy") == len(experiment.measured) + 1
    for split in experiment.measured:
        assert f"{sentences.SPLITS[split]} accuracy at rate {experiment.rates[0].lr:g}<" in figures
    best = max(experiment.rates, key=lambda run: run.accuracy)
    assert f"best learning rate, validation accuracy {sentences.percent(best.accuracy)}</dt><dd>{best.lr:g}<" in figures


def test_the_page_needs_nothing_from_elsewhere(page: str) -> None:
    assert len(page) < 1_500_000
    elements = _Reader(page).elements
    assert not {"script", "link", "iframe"} & {tag for tag, _ in elements}
    for _, attrs in elements:
        for name in ("src", "href", "xlink:href"):
            assert (attrs.get(name) or "#").startswith(("data:", "#"))
    assert not re.search(r"url\((?!#)|@import", page)


def test_every_picture_says_what_it_shows(page: str) -> None:
    elements = _Reader(page).elements
    assert all(attrs.get("alt") for tag, attrs in elements if tag == "img")
    drawings = [attrs for tag, attrs in elements if tag == "figure" and attrs.get("role") == "img"]
    assert len(drawings) == 4
    assert all(attrs["aria-label"] for attrs in drawings)


def test_drawings_take_their_colours_from_the_scheme(page: str) -> None:
    assert "prefers-color-scheme: dark" in page
    drawings = re.findall(r"<svg.*?</svg>", page, flags=re.DOTALL)
    assert all("var(--ink)" in drawing for drawing in drawings)
    assert not any(re.search(r"(stroke|fill): ?#(0[1-5]){3}|#fff", drawing) for drawing in drawings)


def test_names_from_outside_cannot_change_the_page(experiment: Experiment) -> None:
    page = render(replace(experiment, data="<script>x</script>"))
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_the_same_result_gives_the_same_page(experiment: Experiment, page: str) -> None:
    assert render(experiment) == page


def test_without_a_test_split_the_page_shows_validation_alone(experiment: Experiment) -> None:
    alone = replace(
        experiment,
        measured={"valid": experiment.measured["valid"]},
        glyphs={"train": 72, "valid": 36},
        writers={"train": 0, "valid": 0},
    )
    page = render(alone)
    assert "Test:" not in page
    assert "not known" in page


def _rate(lr: float, *accuracies: float) -> Trial:
    return Trial(lr, 1.0, [Epoch(n, lr, 1.0, 0.99, 1.0, value, 0.1) for n, value in enumerate(accuracies)])


def test_the_best_rate_is_the_one_that_the_numbers_say() -> None:
    told = " ".join(sentences.on_rates([_rate(5e-3, 0.5, 0.8), _rate(5e-2, 0.71), _rate(5e-4, 0.6)], 3600))
    assert "0.005 is best, as the original experiment found" in told
    assert "ten times the rate is 9.0 points worse and a tenth of the rate is 20.0 points worse" in told
    assert "chance" not in told
    assert "its best, 80.0\N{NO-BREAK SPACE}%, after epoch 2" in told


def test_a_rate_that_contradicts_the_original_is_told_as_such() -> None:
    told = " ".join(sentences.on_rates([_rate(5e-3, 0.7), _rate(5e-2, 0.81), _rate(5e-4, 0.69)], 3600))
    assert "does not hold for ten times the rate:" in told
    assert "ten times the rate is 11.0 points better" in told
    assert "best is 0.05" in told
    assert "0.005 is best" not in told
    assert "so that of 0.0005 is not sure" in told


def test_a_rate_as_good_as_the_recipes_contradicts_it_too() -> None:
    told = " ".join(sentences.on_rates([_rate(5e-3, 0.7), _rate(5e-2, 0.7), _rate(5e-4, 0.5)], 3600))
    assert "does not hold for ten times the rate: ten times the rate is as good" in told


def test_a_rate_that_diverged_is_told_as_such() -> None:
    told = sentences.on_rates([_rate(5e-3, 0.7), Trial(5e-2, 1.0, [], "the loss became nan"), _rate(5e-4, 0.6)], 3600)
    assert "0.05: diverged" in told[0]
    assert "0.005 is best" in told[1]


def _start(factor: float, distinct: int, accuracy: float = 0.1) -> StartingScale:
    return StartingScale(factor, 1.0, 0.1, 0.0, 0.0, 5, accuracy, distinct)


def test_units_from_zero_are_called_copies_only_if_they_are() -> None:
    usual = _start(1, 64, 0.7)
    (copies,) = sentences.on_starts([_start(0, 1, 0.03), usual], 64, 36)
    assert "all 64 hidden units are still copies of one, and 3.0\N{NO-BREAK SPACE}%" in copies
    assert "guessing gives 2.8\N{NO-BREAK SPACE}%, Glorot’s scale 70.0\N{NO-BREAK SPACE}%" in copies
    (different,) = sentences.on_starts([_start(0, 9), usual], 64, 36)
    assert "9 of 64 hidden units differ" in different
    assert "copies" not in different


def test_first_weights_of_another_size_may_turn_out_better() -> None:
    (told,) = sentences.on_starts([_start(0.01, 64, 0.75), _start(1, 64, 0.7)], 64, 36)
    assert "5.0 points better" in told


def _measured(counts: list[list[int]]) -> Measured:
    none = np.zeros(0, np.int64)
    return Measured(np.zeros((0, 32, 32)), none, none, np.array(counts), 0.5)


def test_the_originals_worst_pairs_are_found_wherever_they_stand() -> None:
    told = sentences.on_confusion(_measured([[9, 3, 1], [4, 9, 0], [0, 0, 9]]), "0OS")
    assert told.endswith("All are among the 10 worst of 2 here: 0/O at place 1.")
    told = sentences.on_confusion(_measured([[9, 0, 1, 0], [0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 2, 9]]), "0O5S")
    assert "1 of them is among the 10 worst of 2 here: 0/O never happens, 5/S at place 1" in told


def test_without_those_characters_only_the_pairs_are_counted() -> None:
    assert sentences.on_confusion(_measured([[1, 2], [0, 3]]), "AB").startswith("1 pairs")


def test_a_wrong_gradient_is_not_called_right() -> None:
    assert "they agree" in sentences.on_gradients(GradientStep({"input": 1e-9}, 1e-10, 5))
    assert "NOT" in sentences.on_gradients(GradientStep({"input": 1e-9}, 1e-2, 5))


def test_weights_that_stayed_noise_are_not_called_strokes(experiment: Experiment, rng: np.random.Generator) -> None:
    noise = rng.normal(size=(1024, 4))
    assert "no shapes" in sentences.on_weights(replace(experiment, initial_weight=noise, trained_weight=noise))
    smooth = np.repeat(np.repeat(rng.normal(size=(8, 8, 4)), 4, axis=0), 4, axis=1).reshape(1024, 4)
    assert "strokes have come" in sentences.on_weights(replace(experiment, initial_weight=noise, trained_weight=smooth))


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, six_classes: dict[str, GlyphSet], short_recipe: GlyphRecipe) -> None:
    """Let the command run the short recipe on six classes."""
    monkeypatch.setattr("app.training.load_glyph_recipe", lambda name: short_recipe)
    monkeypatch.setattr("app.training.experiment.experiment.load_splits", lambda name, root: six_classes)


@pytest.mark.usefixtures("short")
def test_the_command_writes_one_page_and_says_what_it_found(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["experiment", "--epochs", "1", "--seed", "3", "--output", str(tmp_path / "new")])

    assert result.exit_code == 0, result.output
    (written,) = (tmp_path / "new").iterdir()
    assert f"wrote {written}" in result.stdout
    assert "rate 0.05 " in result.stdout
    assert "Seed 3." in written.read_text(encoding="utf-8")


@pytest.mark.usefixtures("short")
def test_a_place_that_cannot_be_written_is_refused_before_training(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    result = CliRunner().invoke(app, ["experiment", "--output", str(tmp_path / "file")])
    assert result.exit_code == 3
    assert "cannot write" in result.stderr


@pytest.mark.usefixtures("short")
def test_a_full_disk_is_a_failure_and_leaves_the_page_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "experiment.html"
    page.write_text("old")

    def full(self: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    result = CliRunner().invoke(app, ["experiment", "--epochs", "1", "--output", str(tmp_path)])
    assert result.exit_code == 1
    assert "experiment.html: No space left" in result.stderr
    assert [path.read_text() for path in tmp_path.iterdir()] == ["old"]


def test_a_data_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["experiment", "--data-root", str(tmp_path), "--output", str(tmp_path)])
    assert result.exit_code == 4
    assert "unipen36" in result.stderr
    assert not (tmp_path / "experiment.html").exists()
