"""The settings of a training run: the content of a recipe file, key for key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Generic, Self, TypeAlias, TypeVar

from msgspec import Meta

from app.datasets import Augmentation
from app.errors import InvalidInput
from app.nn import Inference, Sequential
from app.ocr import Alphabet
from app.training.epochs.glyph_loss import NameGlyphs
from app.training.recipes.tables import (
    AboveZero,
    AdamWTable,
    AtLeastZero,
    BelowOne,
    OneCycleTable,
    Optimiser,
    Schedule,
    Table,
    UpToOne,
    converted,
)
from app.training.retraining.rehearsal import RehearseGlyphs

Count: TypeAlias = Annotated[int, Meta(ge=1)]


def _check_alphabet(chars: str | None) -> None:
    if chars is not None:
        try:
            Alphabet(chars)
        except InvalidInput as exc:
            raise ValueError(exc.detail) from exc


class Data(Table, frozen=True):
    """What the network learns from.

    Attributes
    ----------
    name : of a data set in the catalogue, or its path
    also : further data sets to train on; validation uses the first one only
    max_doubt : training samples whose `StrokeSet.doubt` is this rank or more are left out, as their shape contradicts
        their label; only for data sets that have doubts
    alphabet : the characters to learn, in the order of the network's outputs; None for all that the data have
    """

    name: Annotated[str, Meta(min_length=1)]
    also: tuple[str, ...] = ()
    max_doubt: Count | None = None
    alphabet: Annotated[str, Meta(min_length=1)] | None = None

    def __post_init__(self) -> None:
        _check_alphabet(self.alphabet)


class Loss(Table, frozen=True):
    """How wrong an answer is, see `app.training.epochs.glyph_loss.loss_and_gradient`.

    Attributes
    ----------
    smoothing : label smoothing
    reduction : whether a step follows the mean of a batch's gradients or their sum; reported losses are always means
    group : characters that a reader may be told to choose among; samples of these also train that choice
    group_weight : weight of that choice for them, from 0 to 1; the choice among all characters has the rest
    """

    smoothing: BelowOne = 0.0
    reduction: Annotated[str, Meta(pattern="^(mean|sum)$")] = "mean"
    group: Annotated[str, Meta(min_length=2)] | None = None
    group_weight: UpToOne = 0.0

    def __post_init__(self) -> None:
        _check_alphabet(self.group)
        if self.group_weight and self.group is None:
            raise ValueError("Expected `group` beside `group_weight`")


class Lessons(Table, frozen=True):
    """How a trained network learns from corrections, see `app.training.retraining.rehearsal`.

    On all other samples it learns to answer as it did before. A network that starts from random weights learns their
    labels instead.

    Attributes
    ----------
    share : of corrected glyphs in each batch, if there are as many; of corrected rows among all rows
    doubt : how much of its earlier answer for a corrected glyph a network may keep
    """

    share: BelowOne = 0.25
    doubt: BelowOne = 0.0


class AnyPhase(Table, frozen=True):
    """A part of a run, in which the schedule of the learning rate runs once.

    Attributes
    ----------
    lr : learning rate at the peak of the schedule
    """

    epochs: Count
    lr: AboveZero


class Phase(AnyPhase, frozen=True):
    """A phase with one way to vary the glyphs.

    Attributes
    ----------
    augmentation : how glyphs vary; without it each is drawn once and stays as it is
    balance : how far rare classes, and writers of few samples, are drawn more often, see `GlyphStream`: from 0, not at
        all, to 1, where all classes are drawn equally often, as far as the writers allow
    """

    augmentation: Augmentation | None = None
    balance: UpToOne = 0.0


class EarlyStopping(Table, frozen=True):
    """When a run ends before its last epoch; the weights of its best epoch are kept.

    Attributes
    ----------
    patience : number of epochs without a new best after which the whole run ends
    metric : of the validation writers: loss or accuracy
    min_delta : by how much an epoch must be better than the best one to be a new best
    """

    patience: Count
    metric: Annotated[str, Meta(pattern="^(loss|accuracy)$")] = "loss"
    min_delta: AtLeastZero = 0.0


PhaseType = TypeVar("PhaseType", bound=AnyPhase)


class RunRecipe(Table, Generic[PhaseType], frozen=True, kw_only=True):
    """What the recipes of all runs have; the same recipe and data give the same weights.

    Attributes
    ----------
    model : name under which the network is published
    description : what the network is for, in a sentence; goes into its card
    network : as `app.ocr.build_network` takes it, without ``classes``
    shards : parts of a batch that are computed in parallel, each with batch statistics of its own; it is part of the
        recipe because the weights depend on it
    average : decay of the moving average of the weights; if given, the average is validated and published
    clip : largest norm of the gradient of a step; longer gradients are scaled down to it
    lessons : how corrections are learnt and earlier knowledge is kept
    """

    model: Annotated[str, Meta(pattern="^[a-z][a-z0-9_-]*$")]
    description: str
    network: dict[str, Any]
    phases: Annotated[tuple[PhaseType, ...], Meta(min_length=1)]
    shards: Count = 1
    optimiser: Optimiser = AdamWTable()
    schedule: Schedule = OneCycleTable()
    average: BelowOne | None = None
    clip: AboveZero | None = None
    early_stopping: EarlyStopping | None = None
    lessons: Lessons | None = None
    seed: Annotated[int, Meta(ge=0)] = 0

    @property
    def summed(self) -> bool:
        """Whether a step follows the sum of a batch's gradients, and not their mean."""
        return False

    @property
    def total_epochs(self) -> int:
        """Epochs of all phases."""
        return sum(phase.epochs for phase in self.phases)

    def phase_of(self, epoch: int) -> tuple[int, PhaseType]:
        """Return the phase that an epoch belongs to, behind the number of that phase's first epoch."""
        first = 0
        for phase in self.phases:
            if epoch < first + phase.epochs:
                return first, phase
            first += phase.epochs
        raise IndexError(f"the run has {self.total_epochs} epochs, got {epoch}")

    def changed(
        self,
        *,
        data: str | Sequence[str] | None = None,
        epochs: tuple[int, ...] | None = None,
        lr: float | None = None,
        **settings: int | None,
    ) -> Self:
        """Return a copy with some settings changed.

        Parameters
        ----------
        data : name or path of another data set, or of several
        epochs : of each phase in turn; phases without a number are left out
        lr : of the first phase; those of the others change in proportion
        settings : others by name, None for as they are

        Raises
        ------
        InvalidInput : more epochs than phases, or a value or setting that no such recipe may have.
        """
        table = self.as_table()
        phases = list(table["phases"])
        if epochs is not None:
            if len(epochs) > len(phases):
                number = f"{len(phases)} {'phase' if len(phases) == 1 else 'phases'}"
                given = ", ".join(map(str, epochs))
                raise InvalidInput(f"epochs: expected a number for each of the recipe's {number} at most, got {given}")
            phases = [{**phase, "epochs": count} for phase, count in zip(phases, epochs, strict=False)]
        if lr is not None:
            factor = lr / self.phases[0].lr
            phases = [{**phases[0], "lr": lr}, *({**phase, "lr": phase["lr"] * factor} for phase in phases[1:])]
        if data is not None:
            first, *others = [data] if isinstance(data, str) else data
            table["data"] = {**table["data"], "name": first, "also": others}
        changes = {name: value for name, value in settings.items() if value is not None}
        return converted({**table, "phases": phases, **changes}, type(self))


class GlyphRecipe(RunRecipe[Phase], frozen=True, kw_only=True):
    """The settings of a run that trains a network to name glyphs."""

    data: Data
    batch_size: Count
    loss: Loss = Loss()

    def __post_init__(self) -> None:
        if self.batch_size % self.shards:
            raise ValueError(f"Expected `batch_size` to be a multiple of {self.shards} shards, got {self.batch_size}")

    def objective(self, alphabet: Alphabet) -> NameGlyphs:
        """Return the objective of the network."""
        group = None if self.loss.group is None else alphabet.mask(self.loss.group)
        return NameGlyphs(alphabet, self.loss.smoothing, group, self.loss.group_weight)

    def rehearsal(self, alphabet: Alphabet, before: Sequential) -> RehearseGlyphs:
        """Return the objective of a trained network, `before`, that learns from corrections."""
        doubt = 0.0 if self.lessons is None else self.lessons.doubt
        return RehearseGlyphs(self.objective(alphabet), Inference(before, threads=self.shards), doubt)

    @property
    def summed(self) -> bool:
        """Whether a step follows the sum of a batch's gradients, and not their mean."""
        return self.loss.reduction == "sum"
