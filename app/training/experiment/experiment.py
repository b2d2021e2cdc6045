"""The experiment that Inkrow grew from: a small network, taken apart; see ``docs/experiment.md``."""

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
from app.training.epochs.loop import Run
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

# What is told after each epoch: the part of the experiment that it belongs to.
OnEpoch: TypeAlias = Callable[[str], None]

_RATES = (1.0, 10.0, 0.1)  # times the recipe's
_STARTS = (0.0, 0.01, 1.0, 100.0)  # times the first weights that the recipe's network is given
_START_EPOCHS = 5
_CHECKED_GLYPHS = 2  # each costs two more passes for every one of some 68,000 weights
_PROBED_GLYPHS = 720  # for statistics of activations and gradients
# Beyond these the sigmoid is flat: its derivative is under a tenth of the largest.
_FLAT = (0.025, 0.975)


@dataclass(frozen=True)
class StartingScale:
    """What becomes of first weights of one size.

    Attributes
    ----------
    factor : times the weights that the network is given otherwise; 0 for none
    drive_variance : of what reaches the sigmoid, over glyphs and units
    hidden_variance : of what leaves it
    flat : share of sigmoids whose derivative is under a tenth of the largest
    gradient : root mean square over the first layer's weights, of the mean loss
    epochs : trained after that
    accuracy : on the validation glyphs, in the end
    distinct_units : hidden units, in the end, that are not copies of one another
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
    """What the trained network makes of a split.

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
    glyphs, writers : how many are in each split; a data set that does not name its writers has none
    shared_writers : how many of them are in more than one split
    softmax_glyph : (32, 32), whose logits `softmax` shows: of all that are named rightly, the closest call
    rates : the recipe's rate first, then ten times and a tenth of it, from the same first weights and in the same order
        of glyphs
    starts : by the size of the first weights
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
    """Return how often `run_experiment` will tell of an epoch, if no rate diverges."""
    return len(_RATES) * recipe.total_epochs + len(_STARTS) * min(_START_EPOCHS, recipe.total_epochs)


def run_experiment(
    name: str, splits: Mapping[str, GlyphSet], recipe: GlyphRecipe, on_epoch: OnEpoch | None = None
) -> Experiment:
    """Go through all steps; the same splits and recipe give the same result.

    Parameters
    ----------
    name : what the data set is called
    splits : as `load_splits` gives them
    recipe : of a ``dense`` network and one phase
    """
    lab = Lab(splits, recipe, on_epoch or (lambda _: None))
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
    """What all trainings of the experiment share; the parameters are those of `run_experiment`."""

    def __init__(self, splits: Mapping[str, GlyphSet], recipe: GlyphRecipe, on_epoch: OnEpoch) -> None:
        self.splits = splits
        self.recipe = recipe
        self.on_epoch = on_epoch
        train, valid = splits["train"], splits["valid"]
        alphabet = Alphabet(train.alphabet)
        glyphs, classes = plain_glyphs(valid), alphabet.encode(valid.labels)
        self.data = GlyphDataset(train, valid, alphabet, train.fingerprint(), glyphs, classes, source={})

    def new_run(self, recipe: GlyphRecipe) -> Run:
        """Draw first weights."""
        return Run(recipe, self.data.alphabet, self.data.fingerprint)

    def rate(self, recipe: GlyphRecipe) -> tuple[Run, Trial]:
        """Train at a recipe's rate."""
        run, title = self.new_run(recipe), f"rate {recipe.phases[0].lr:g}"
        return run, finish_trial(run, self.data, workers=0, on_epoch=lambda _: self.on_epoch(title))

    def start(self, factor: float) -> StartingScale:
        """Train a few epochs from first weights of another size."""
        epochs = min(_START_EPOCHS, self.recipe.total_epochs)
        run = self.new_run(self.recipe.changed(epochs=(epochs,)))
        for array in run.network.params.values():
            array *= factor
        some = self.splits["train"].select(_every(len(self.splits["train"]), _PROBED_GLYPHS))
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
    """Return the glyph that is named rightly by the smallest margin; the first one if none is."""
    runner_up, best = np.sort(logits, axis=1)[:, -2:].T
    margin = np.where(logits.argmax(axis=1) == classes, best - runner_up, np.inf)
    return int(margin.argmin())


def _every(count: int, wanted: int) -> NDArray[np.bool_]:
    """Return bool (count,), True at about `wanted` places evenly apart."""
    return np.arange(count) % max(1, count // wanted) == 0


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
    """Count the different columns of (inputs, units), to a hundredth of the largest weight."""
    limit = 0.01 * float(np.abs(weight).max())
    kept: list[Array] = []
    for column in weight.T:
        if not any(np.abs(column - other).max() <= limit for other in kept):
            kept.append(column)
    return len(kept)
