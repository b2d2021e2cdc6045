from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.datasets import GlyphSet
from app.datasets.catalogue import Form
from app.errors import DamagedDataset, InvalidInput
from app.training.experiment import experiment as module
from app.training.experiment.experiment import (
    Experiment,
    Lab,
    StartingScale,
    load_splits,
    planned_epochs,
    run_experiment,
)
from app.training.recipes.recipe import GlyphRecipe
from tests.conftest import save_unipen, write_samples


def _start(found: Experiment, factor: float) -> StartingScale:
    return next(start for start in found.starts if start.factor == factor)


def test_three_rates_are_trained_for_as_many_epochs_each(experiment: Experiment, short_recipe: GlyphRecipe) -> None:
    lr = short_recipe.phases[0].lr
    assert [run.lr for run in experiment.rates] == pytest.approx([lr, 10 * lr, lr / 10])
    for run in experiment.rates:
        assert [epoch.lr for epoch in run.curves] == [run.lr] * 2
        assert run.accuracy == run.curves[-1].valid_accuracy
        assert run.diverged is None


def test_every_epoch_is_told(six_classes: dict[str, GlyphSet], short_recipe: GlyphRecipe) -> None:
    told: list[str] = []

    run_experiment("six classes", six_classes, short_recipe, told.append)

    assert len(told) == planned_epochs(short_recipe)
    assert len(set(told)) == 7


def test_the_same_data_and_recipe_give_the_same_result(
    experiment: Experiment, six_classes: dict[str, GlyphSet], short_recipe: GlyphRecipe
) -> None:
    again = run_experiment("six classes", six_classes, short_recipe)

    np.testing.assert_array_equal(again.trained_weight, experiment.trained_weight)
    assert again.starts == experiment.starts


def test_units_that_start_at_zero_stay_copies_of_one_another(experiment: Experiment) -> None:
    assert _start(experiment, 0).distinct_units == 1
    assert _start(experiment, 0).gradient == 0
    assert _start(experiment, 1).distinct_units == 4


def test_the_size_of_first_weights_shows_in_the_activations(experiment: Experiment) -> None:
    small, usual, large = (_start(experiment, factor) for factor in (0.01, 1, 100))
    assert small.drive_variance == pytest.approx(usual.drive_variance * 1e-4, rel=1e-3)
    assert large.drive_variance == pytest.approx(usual.drive_variance * 1e4, rel=1e-3)
    assert small.hidden_variance < usual.hidden_variance < large.hidden_variance
    assert large.flat > 0.5 > usual.flat == small.flat == 0


def test_confusion_counts_belong_to_the_network_of_the_recipes_rate(experiment: Experiment) -> None:
    assert list(experiment.measured) == ["valid", "test"]
    assert experiment.measured["valid"].accuracy == pytest.approx(experiment.rates[0].accuracy)
    for split, measured in experiment.measured.items():
        counts = np.zeros_like(measured.confusion)
        np.add.at(counts, (measured.y_true, measured.y_pred), 1)
        np.testing.assert_array_equal(measured.confusion, counts)
        assert measured.images.shape == (experiment.glyphs[split], 32, 32)


def test_weights_are_those_before_and_after_training(experiment: Experiment) -> None:
    assert experiment.initial_weight.shape == experiment.trained_weight.shape == (1024, 4)
    assert np.abs(experiment.initial_weight).max() <= np.sqrt(6 / (1024 + 4))
    assert (experiment.initial_weight != experiment.trained_weight).mean() > 0.5


def test_the_closest_of_the_right_calls_is_shown(experiment: Experiment) -> None:
    valid = experiment.measured["valid"]
    shown = np.flatnonzero((valid.images == experiment.softmax_glyph).all(axis=(1, 2)))
    assert valid.y_true[shown[0]] == valid.y_pred[shown[0]] == experiment.softmax.logits.argmax()


def test_writers_in_two_splits_are_counted(
    experiment: Experiment, six_classes: dict[str, GlyphSet], short_recipe: GlyphRecipe
) -> None:
    assert experiment.shared_writers == 0
    twice = {**six_classes, "test": replace(six_classes["test"], writers=six_classes["valid"].writers[:18])}
    assert run_experiment("x", twice, short_recipe).shared_writers == len(np.unique(twice["test"].writers))


def test_a_rate_that_diverges_is_told_with_its_reason(
    six_classes: dict[str, GlyphSet], short_recipe: GlyphRecipe
) -> None:
    lab = Lab(six_classes, short_recipe, lambda _: None)

    _, run = lab.rate(short_recipe.changed(lr=1e38))

    assert run.diverged is not None
    assert "1e+38" in run.diverged
    assert run.accuracy == 0


class TestLoadSplits:
    @pytest.fixture
    def form(self, monkeypatch: pytest.MonkeyPatch, six_classes: dict[str, GlyphSet]) -> dict[str, GlyphSet]:
        """Stand in for a folder that holds what is put into the dict that is returned."""
        content = dict(six_classes)
        form = Form("glyphs", (), ("train", "valid", "test"), lambda folder, split: content[split])
        monkeypatch.setattr(module, "find", lambda name, root: (root, form))
        return content

    def test_no_more_of_a_class_than_the_original_had_are_kept(
        self, form: dict[str, GlyphSet], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(module, "PER_CLASS", {"train": 5, "valid": 2, "test": 50})
        splits = load_splits("any", tmp_path)
        assert {split: len(glyphs) for split, glyphs in splits.items()} == {"train": 30, "valid": 12, "test": 18}
        assert {glyphs.alphabet for glyphs in splits.values()} == {"025OSZ"}

    def test_strokes_are_drawn_and_other_characters_left_out(self, form: dict[str, object], tmp_path: Path) -> None:
        form |= {split: write_samples("A1b.", 2, seed) for seed, split in enumerate(form)}
        for glyphs in load_splits("any", tmp_path).values():
            assert isinstance(glyphs, GlyphSet)
            assert glyphs.alphabet == "1A"

    @pytest.mark.parametrize("chars, other", [("ab", "ab"), ("A", "A"), ("AB", "ABC")])
    def test_splits_without_common_classes_are_refused(
        self, form: dict[str, object], tmp_path: Path, chars: str, other: str
    ) -> None:
        form |= {"train": write_samples(chars, 2), "valid": write_samples(other, 2), "test": write_samples(other, 2)}
        with pytest.raises(InvalidInput, match="same two or more digits and capitals"):
            load_splits("any", tmp_path)

    def test_data_that_is_only_there_to_be_measured_is_refused(
        self, monkeypatch: pytest.MonkeyPatch, six_classes: dict[str, GlyphSet], tmp_path: Path
    ) -> None:
        form = Form("glyphs", (), ("test",), lambda folder, split: six_classes[split])
        monkeypatch.setattr(module, "find", lambda name, root: (root, form))
        with pytest.raises(InvalidInput, match="got test alone"):
            load_splits("any", tmp_path)

    def test_unipens_characters_stand_for_the_36_classes_cut_out_of_them(self, tmp_path: Path) -> None:
        for seed, split in enumerate(("train", "valid")):
            save_unipen(tmp_path, split, write_samples("0O", 2, seed))
        with pytest.raises(DamagedDataset, match="300 for train"):
            load_splits(str(tmp_path), tmp_path)
