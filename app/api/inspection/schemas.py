"""The shape of what is told of a version, for the documentation."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from app.api.reading.schemas import AlternativeOut, BoxOut, Confidence, ModelOut

DataUri = Field(description="A PNG as `data:image/png;base64,...`, black ink on white.")


class PairOut(BaseModel):
    """Two characters that are taken for each other, the more often misread one first."""

    first: str
    second: str
    first_as_second: int
    second_as_first: int
    share: float = Field(description="Both together, of all glyphs of the two.")
    cell: str | None = Field(
        description="Address of the glyphs of the first that were read as the second, relative to `/`; null where the "
        "data of the split are not at hand."
    )


class ClassOut(BaseModel):
    """One character."""

    char: str
    precision: float = Field(description="Share of what was so named that is it.")
    recall: float = Field(description="Share of it that was so named.")
    support: int = Field(description="How many there are.")


class GroupOut(BaseModel):
    """Characters of one kind, in the order of the matrix."""

    name: str
    labels: str


class EvaluatedOut(BaseModel):
    """A version on an evaluation set."""

    model: ModelOut
    split: str = Field(description="`valid` or `test` of the card's data, or `synthetic`.")


class ConfusionOut(EvaluatedOut):
    """Which characters are taken for which."""

    from_card: bool = Field(description="Whether training counted them; otherwise the service has.")
    total: int = Field(description="Characters that were counted.")
    accuracy: float
    most_confused: list[PairOut] = Field(description="The worst first; of the whole matrix.")
    classes: list[ClassOut] = Field(description="In the order of the model's alphabet.")
    insertions: dict[str, int] | None = Field(description="Read where nothing is written; null for a glyph model.")
    deletions: dict[str, int] | None = Field(description="Written and passed over; null for a glyph model.")
    normalize: str
    sort: str
    labels: list[str] = Field(description="Of rows and columns.")
    groups: list[GroupOut] | None = Field(description="Where the order is that of kinds.")
    counts: list[list[int]] = Field(description="Rows are true, columns are what was read.")
    shares: list[list[float]] | None = Field(description="As `normalize` has it; null for `none`.")


class ExampleOut(BaseModel):
    """One glyph, or one place in a row."""

    image: str = DataUri
    confidence: Confidence
    alternatives: list[AlternativeOut]
    writer: str | None


class CellOut(EvaluatedOut):
    """What is one character and was read as another."""

    true: str
    predicted: str
    count: int
    share: float = Field(description="Of all that is `true`.")
    examples: list[ExampleOut] = Field(description="The surest first.")


class EpochOut(BaseModel):
    """Mean loss (nats) and share of what is right. There are more members, as the card has them."""

    model_config = ConfigDict(extra="allow")

    epoch: int = Field(description="From 0.")
    train_loss: float
    train_accuracy: float
    valid_loss: float
    valid_accuracy: float


class RunOut(BaseModel):
    """The training of one version, or a run of a job."""

    model: ModelOut | None = Field(description="Null of a job's run.")
    title: str | None = Field(default=None, description="What a job's run trains: a model, or at which rate.")
    lr: float | None = Field(description="Learning rate of the first phase; null if the card does not say.")
    best_epoch: int = Field(description="The one that was published, from 0.")
    epochs: list[EpochOut]


class CurvesOut(BaseModel):
    """The training of some versions, in the order asked for."""

    runs: list[RunOut]


class TrialOut(BaseModel):
    """What became of one learning rate."""

    lr: float
    best: EpochOut | None = Field(description="The epoch of the lowest validation loss; null if none was completed.")
    diverged: str | None


class SweepOut(BaseModel):
    """Learning rates, compared."""

    best_lr: float | None = Field(description="Of those that did not diverge, that of the lowest validation loss.")
    trials: list[TrialOut]


class BinOut(BaseModel):
    """What was held to be about equally sure."""

    low: float
    high: float = Field(description="Excluded, but for 1.")
    count: int
    confidence: float = Field(description="Mean; 0 where there is none.")
    accuracy: float = Field(description="Share that is right; 0 where there is none.")


class CalibrationOut(EvaluatedOut):
    """How honestly a version says how sure it is."""

    count: int = Field(description="Characters that were read.")
    ece: float = Field(description="How far confidence is from accuracy, on average over the bins.")
    card: dict[str, Any] = Field(description="What training measured, with the temperature that logits are divided by.")
    bins: list[BinOut]


class WriterOut(BaseModel):
    """One writer."""

    writer: str
    count: int = Field(description="Characters.")
    accuracy: float


class WritersOut(EvaluatedOut):
    """How well a version reads different people."""

    quartiles: list[float] = Field(description="Lower quartile, median and upper quartile of the accuracies.")
    writers: list[WriterOut] = Field(description="The worst first.")


class WeightStatisticsOut(BaseModel):
    """The weight of a layer, bias left out."""

    shape: list[int] = Field(
        description="(outputs, inputs, KH, KW) of a convolution, (inputs, outputs) of a dense layer."
    )
    norm: float = Field(description="Euclidean.")
    mean: float
    std: float
    smallest: float
    largest: float
    moved: float | None = Field(description="How far training moved it, in norms of where it began; null if unknown.")
    scale: float = Field(description="At which a picture has its full colour, the same before and after training.")


class ActivationStatisticsOut(BaseModel):
    """An activation, on some two hundred glyphs or ten rows by imagined writers."""

    units: int = Field(description="Channels, or features.")
    dead: int = Field(description="Of these, those that give the same whatever comes.")
    saturated: float = Field(description="Share of outputs whose derivative is under a tenth of the largest.")


class LayerOut(BaseModel):
    """A layer; one inside a residual block is `<block>.<layer>`."""

    layer: str
    kind: str
    weight: WeightStatisticsOut | None
    activations: ActivationStatisticsOut | None


class WeightsOut(BaseModel):
    """The layers of a version, from the input on; or the first layer of what a job trains."""

    model: ModelOut | None = Field(description="Null of a job's network.")
    when: str
    epochs: list[int] = Field(description="After which the version keeps its weights, from 0.")
    layers: list[LayerOut]


class ActivationRangeOut(BaseModel):
    """What a layer gives for this input."""

    layer: str
    kind: str
    shape: list[int]
    mean: float
    smallest: float
    largest: float


class ShownOut(BaseModel):
    """The picture of a layer."""

    layer: str
    scale: float = Field(description="The value of the full colour.")
    image: str = Field(description="A PNG as `data:image/png;base64,...`; orange above 0, blue below.")


class ActivationsOut(BaseModel):
    """What a network makes of an input, layer by layer."""

    model: ModelOut
    input: str = Field(description="What the network sees, as data URI.")
    layers: list[ActivationRangeOut]
    shown: ShownOut | None = Field(description="Null unless a layer was asked for.")


class NamedOut(BaseModel):
    """A reading of a glyph, and others."""

    char: str
    confidence: Confidence
    alternatives: list[AlternativeOut] = Field(description="From likely to unlikely.")


class SaliencyOut(BaseModel):
    """Which ink speaks for a reading and against another."""

    of: str
    against: str = Field(description="The second choice.")
    scale: float = Field(description="Lead in logits that a pixel of ink adds where the picture has its full colour.")
    image: str = Field(description="A PNG as data URI: orange where more ink would speak for it, blue against.")


class NeighbourOut(BaseModel):
    """A glyph by an imagined writer."""

    char: str
    read_as: str = Field(description="What this version takes it for.")
    similarity: float = Field(description="Cosine of the angle between what the last hidden layer makes of the two.")
    writer: str
    image: str = DataUri


class ExplanationOut(BaseModel):
    """What a network makes of one glyph."""

    model: ModelOut
    box: BoxOut
    read: NamedOut | None = Field(description="What it was read as among its neighbours; null for a box.")
    named: NamedOut = Field(description="What its shape alone says.")
    input: str = Field(description="What the network saw, a PNG as data URI, black ink on white.")
    saliency: SaliencyOut
    neighbours: list[NeighbourOut] = Field(description="The most alike first.")
