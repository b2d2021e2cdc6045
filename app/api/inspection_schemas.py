"""The shape of what is told of a version, for the documentation."""

from __future__ import annotations

from pydantic import BaseModel, Field

from app.api.schemas import AlternativeOut, Confidence, ModelOut

DataUri = Field(description="A PNG as `data:image/png;base64,...`, black ink on white.")


class PairOut(BaseModel):
    """Two characters that are taken for each other, the more often misread one first."""

    first: str
    second: str
    first_as_second: int
    second_as_first: int
    share: float = Field(description="Both together, of all glyphs of the two.")
    cell: str = Field(description="Address of the glyphs of the first that were read as the second, relative to `/`.")


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
