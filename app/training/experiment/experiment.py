"""The experiment that Inkrow grew from: a small network, examined step by step; see ``docs/experiment.md``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from app.datasets import GlyphSet, StrokeSet, draw_glyph_set, plain_glyphs
from app.datasets.catalogue import UNIPEN36_NPZ, UNIPEN_NPZ, find
from app.datasets.sources.unipen36 import CLASSES, PER_CLASS
from app.errors import InvalidInput
from app.nn import Array, Sequential, cross_entropy
from app.ocr import Alphabet
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.run import Run
from app.training.epochs.train import finish_run
from app.training.experiment.demonstrations import (
    ConvolutionStep,
    GradientStep,
    SoftmaxStep,
    show_convolution,
    show_gradients,
    show_softmax,
)
from app.training.measuring.evaluation import report
from app.training.recipes.recipe import GlyphRecipe
from app.training.retraining.sweep import Trial, finish_trial

# Is called after each epoch with the title of the training that it belongs to.
OnEpoch: TypeAlias = Callable[[str], None]

_RATES = (1.0, 10.0, 0.1)  # times the recipe's
_STARTS = (0.0, 0.01, 1.0, 100.0)  # times the network's usual initial weights
_START_EPOCHS = 5
_CHECKED_GLYPHS = 2  # each costs two more passes for every one of some 68,000 weights
_PROBED_GLYPHS = 720  # for statistics of activations and gradients
# Beyond these the sigmoid is flat: its derivative is under a tenth of the largest.
_FLAT = (0.025, 0.975)


@dataclass(frozen=True)
class StartingScale:
    """How a training goes from initial weights of one scale.

    Attributes
    ----------
    factor : the scale, relative to the usual initial weights; with 0 all are zero
    drive_variance : variance of the sigmoid's inputs over glyphs and units, before training
    hidden_variance : variance of its outputs
    flat : share of its outputs where the derivative is under a tenth of the largest
    gradient : root mean square of the gradient of the mean loss over the first layer's weights
    epochs : number of epochs trained after that
    accuracy : on the validation glyphs, after training
    distinct_units : number of hidden units that are not copies of one another, after training
    """

    factor: float
    drive_variance: float
    hidden_variance: float
    flat: float
    gradient: float
    epochs: int
    accuracy: float
    distinct_units: int


@dataclass(frozen=True)
class Measured:
    """How the trained network reads a split.

    Attributes
    ----------
    images : (N, 32, 32) float32, ink 1
    y_true, y_pred : (N,) classes
    confusion : (K, K) counts; rows are true
    """

    images: Array
    y_true: NDArray[np.int64]
    y_pred: NDArray[np.int64]
    confusion: NDArray[np.int64]
    accuracy: float


@dataclass(frozen=True)
class Experiment:
    """All that the experiment found.

    Attributes
    ----------
    glyphs, writers : their number in each split; a data set that does not name its writers has none
    shared_writers : number of writers that are in more than one split
    softmax_glyph : (32, 32), whose logits `softmax` shows: the one read right by the smallest margin
    rates : with the recipe's learning rate, then ten times and a tenth of it, from the same initial weights and with
        the glyphs in the same order
    starts : with initial weights of different scales
    initial_weight, trained_weight : (1024, hidden), before and after training at the recipe's rate
    measured : by split, validation first
    """

    data: str
    recipe: GlyphRecipe
    alphabet: Alphabet
    glyphs: dict[str, int]
    writers: dict[str, int]
    shared_writers: int
    softmax_glyph: Array
    softmax: SoftmaxStep
    gradients: GradientStep
    convolution: ConvolutionStep
    starts: list[StartingScale]
    rates: list[Trial]
    initial_weight: Array
    trained_weight: Array
    measured: dict[str, Measured]


def load_splits(name: str, root: Path) -> dict[str, GlyphSet]:
    """Read the digits and capitals of a data set, at most 300, 100 and 50 of each for training, validation and test.

    Parameters
    ----------
    name, root : as `app.datasets.load_samples` takes them; UNIPEN's characters stand for the data set unipen36

    Returns
    -------
    dict : ``train`` and ``valid``, and ``test`` if the data set has such a split

    Raises
    ------
    DatasetNotFound, DamagedDataset : as `load_samples` does.
    InvalidInput : it lacks one of these splits, or they do not hold the same two or more digits and capitals.
    """
    place, form = find(name, root)
    if form is UNIPEN_NPZ:
        form = UNIPEN36_NPZ
    if not {"train", "valid"} <= set(form.splits):
        raise InvalidInput(
            f"{name}: expected data to train on and to validate with, got {' and '.join(form.splits)} alone"
        )
    splits: dict[str, GlyphSet] = {}
    for split in form.splits:
        samples = form.load(place, split)
        among = np.flatnonzero(np.isin(samples.labels, list(CLASSES)))
        kept = _first_of_each(samples, np.random.default_rng(0).permutation(among), PER_CLASS[split])
        splits[split] = kept if isinstance(kept, GlyphSet) else draw_glyph_set(kept)
    alphabets = {split: glyphs.alphabet for split, glyphs in splits.items()}
    if len(set(alphabets.values())) != 1 or len(alphabets["train"]) < 2:
        found = ", ".join(f"{chars or 'none'} in {split}" for split, chars in alphabets.items())
        raise InvalidInput(f"{name}: expected the same two or more digits and capitals in every split, got {found}")
    return splits


def _first_of_each(samples: GlyphSet | StrokeSet, order: NDArray[np.integer], per_class: int) -> GlyphSet | StrokeSet:
    keep = np.zeros(len(samples), bool)
    for label in np.unique(samples.labels[order]):
        keep[order[samples.labels[order] == label][:per_class]] = True
    return samples.select(keep)


def planned_epochs(recipe: GlyphRecipe) -> int:
    """Return how often `run_experiment` calls `on_epoch`, if no rate diverges."""
    return len(_RATES) * recipe.total_epochs + len(_STARTS) * min(_START_EPOCHS, recipe.total_epochs)


def run_experiment(
    name: str, splits: Mapping[str, GlyphSet], recipe: GlyphRecipe, on_epoch: OnEpoch = lambda title: None
) -> Experiment:
    """Run all parts of the experiment; the same splits and recipe give the same result.

    Parameters
    ----------
    name : of the data set
    splits : as `load_splits` gives them
    recipe : of a ``dense`` network and one phase
    """
    lab = Lab(splits, recipe, on_epoch)
    valid_glyphs, valid_classes = lab.data.valid_glyphs, lab.data.valid_classes
    starts = [lab.start(factor) for factor in _STARTS]
    run, first = lab.rate(recipe)
    others = [lab.rate(recipe.changed(lr=factor * recipe.phases[0].lr))[1] for factor in _RATES[1:]]
    network = run.trained()
    logits = network.predict(valid_glyphs)
    closest = _closest_call(logits, valid_classes)
    some = np.random.default_rng(recipe.seed).permutation(len(valid_classes))[:_CHECKED_GLYPHS]
    writers = {split: set(glyphs.writers.tolist()) - {""} for split, glyphs in splits.items()}
    measured = {split: lab.measured(network, split) for split in splits if split != "train"}
    return Experiment(
        data=name,
        recipe=recipe,
        alphabet=lab.data.alphabet,
        glyphs={split: len(glyphs) for split, glyphs in splits.items()},
        writers={split: len(names) for split, names in writers.items()},
        shared_writers=sum(map(len, writers.values())) - len(set().union(*writers.values())),
        softmax_glyph=valid_glyphs[closest, 0],
        softmax=show_softmax(logits[closest]),
        gradients=show_gradients(lab.new_run(recipe).network, valid_glyphs[some], valid_classes[some]),
        convolution=show_convolution(valid_glyphs[some], np.random.default_rng(recipe.seed)),
        starts=starts,
        rates=[first, *others],
        initial_weight=run.initial["hidden.weight"],
        trained_weight=network.params["hidden.weight"],
        measured=measured,
    )


class Lab:
    """What the trainings of the experiment share; parameters as of `run_experiment`."""

    def __init__(self, splits: Mapping[str, GlyphSet], recipe: GlyphRecipe, on_epoch: OnEpoch) -> None:
        self.splits = splits
        self.recipe = recipe
        self.on_epoch = on_epoch
        train, valid = splits["train"], splits["valid"]
        alphabet = Alphabet(train.alphabet)
        glyphs, classes = plain_glyphs(valid), alphabet.encode(valid.labels)
        self.data = GlyphDataset(train, valid, alphabet, train.fingerprint(), glyphs, classes, source={})

    def new_run(self, recipe: GlyphRecipe) -> Run:
        """Begin a run with its usual initial weights."""
        return Run(recipe, self.data.alphabet, self.data.fingerprint)

    def rate(self, recipe: GlyphRecipe) -> tuple[Run, Trial]:
        """Train a recipe to its end."""
        run, title = self.new_run(recipe), f"rate {recipe.phases[0].lr:g}"
        return run, finish_trial(run, self.data, workers=0, on_epoch=lambda _: self.on_epoch(title))

    def start(self, factor: float) -> StartingScale:
        """Train a few epochs from initial weights times a factor."""
        epochs = min(_START_EPOCHS, self.recipe.total_epochs)
        run = self.new_run(self.recipe.changed(epochs=(epochs,)))
        for array in run.network.params.values():
            array *= factor
        train = self.splits["train"]
        some = train.select(np.arange(len(train)) % max(1, len(train) // _PROBED_GLYPHS) == 0)
        probe = _probe(run.network, plain_glyphs(some), self.data.alphabet.encode(some.labels))
        title = f"first weights times {factor:g}"
        finish_run(run, self.data, workers=0, on_epoch=lambda _: self.on_epoch(title))
        return StartingScale(
            factor, *probe, epochs, run.history[-1].valid_accuracy, _distinct(run.network.params["hidden.weight"])
        )

    def measured(self, network: Sequential, split: str) -> Measured:
        """Let a network name the glyphs of a split."""
        glyphs = plain_glyphs(self.splits[split])
        classes = self.data.alphabet.encode(self.splits[split].labels)
        logits = network.predict(glyphs)
        found = report(logits, classes, self.data.alphabet)
        return Measured(glyphs[:, 0], classes, logits.argmax(axis=1), found.confusion, found.metrics["accuracy"])


def _closest_call(logits: Array, classes: NDArray[np.integer]) -> int:
    """Return the index of the glyph that is read right by the smallest margin; 0 if none is read right."""
    runner_up, best = np.sort(logits, axis=1)[:, -2:].T
    margin = np.where(logits.argmax(axis=1) == classes, best - runner_up, np.inf)
    return int(margin.argmin())


def _probe(network: Sequential, glyphs: Array, classes: NDArray[np.integer]) -> tuple[float, float, float, float]:
    """Return the variance before and after the sigmoid, the share of flat ones, and the gradient's size."""
    logits, cache = network.forward(glyphs)
    drive, _ = network.layers["hidden"].forward(glyphs.reshape(len(glyphs), -1))
    hidden, _ = network.layers["sigmoid"].forward(drive)
    _, grads = network.backward(cross_entropy(logits, classes)[1], cache)
    flat = (hidden < _FLAT[0]) | (hidden > _FLAT[1])
    size = np.sqrt(np.square(grads["hidden.weight"]).mean())
    return float(drive.var()), float(hidden.var()), float(flat.mean()), float(size)


def _distinct(weight: Array) -> int:
    """Count the columns of (inputs, units) that differ by more than a hundredth of the largest weight."""
    limit = 0.01 * float(np.abs(weight).max())
    kept: list[Array] = []
    for column in weight.T:
        if not any(np.abs(column - other).max() <= limit for other in kept):
            kept.append(column)
    return len(kept)
