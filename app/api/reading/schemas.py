"""The shape of the answers, for their documentation; `app.formats.as_document` fills it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.api.problems import Problem
from app.ocr import NoticeCode

Confidence = Annotated[
    float,
    Field(
        description="Probability of being right, measured on whole pages by writers whom training did not see; "
        "`reader=glyphs` tells that of the network alone.",
        json_schema_extra={"minimum": 0, "maximum": 1},
    ),
]


class BoxOut(BaseModel):
    """Pixels of the image as uploaded, after its EXIF orientation."""

    left: int
    top: int
    right: int = Field(description="Excluded.")
    bottom: int = Field(description="Excluded.")


class AlternativeOut(BaseModel):
    """Another reading of a glyph."""

    char: str
    confidence: Confidence


class BreakOut(BaseModel):
    """What lies between a glyph and the next of its row."""

    kind: Literal["none", "space", "row"] = Field(description="`row` after the last glyph of a row.")
    gap_px: float = Field(description="White between the boxes along the row; negative where they overlap.")
    p_space: Confidence = Field(
        description="Probability of a word space, from the network for rows and the gaps of the page; above a half "
        "there is one. With a `pattern` that fits: 1 or 0, as it wants it."
    )


class GlyphOut(BaseModel):
    """One written character."""

    char: str = Field(description="`?` also for what is less sure than `abstain_below`.")
    confidence: Confidence
    box: BoxOut
    alternatives: list[AlternativeOut] = Field(
        description="From likely to unlikely, without `char` itself. Where the reader abstains the best guess comes "
        "first, however few were asked for; the confidence of the glyph is that of this guess."
    )
    break_after: BreakOut


class WordOut(BaseModel):
    """Glyphs without a space between them."""

    text: str
    confidence: Confidence
    box: BoxOut
    glyphs: list[GlyphOut]


class RowOut(BaseModel):
    """Words from left to right."""

    text: str
    confidence: Confidence
    box: BoxOut
    block: int = Field(description="Rows of one column of text have the same number, counted from 0 as they are read.")
    words: list[WordOut]


class NoticeOut(BaseModel):
    """Something to know about the page, or about a region of it."""

    code: NoticeCode = Field(
        description="`no-text`; `unsupported-script` and `struck-out`: a region that was not "
        "read; `joined-writing`: a row whose boxes are guesses; `pattern-mismatch` and `pattern-fewer-glyphs`: a row "
        "that does not fit, or only so; `too-much-ink`: only the upper part of the page was read."
    )
    detail: str
    box: BoxOut | None


class DoubtOut(BaseModel):
    """A glyph that a person should look at."""

    row: int = Field(description="Index into `rows`, from 0.")
    word: int = Field(description="Index into the `words` of the row.")
    glyph: int = Field(description="Index into the `glyphs` of the word.")
    char: str = Field(description="The best guess.")
    confidence: Confidence
    box: BoxOut


class PageOut(BaseModel):
    """The image as uploaded, after its EXIF orientation."""

    width: int = Field(description="Pixels.")
    height: int = Field(description="Pixels.")
    angle_deg: float = Field(description="How far rows are turned counter-clockwise, beside `orientation_deg`.")
    orientation_deg: Literal[0, 90, 180, 270] = Field(
        description="How far the writing is turned counter-clockwise by quarters, as far as could be told from reading "
        "it (0 if nothing was read): 90 if rows run up the image, 180 if it is upside down. Boxes are in pixels of the "
        "image as it came."
    )
    slant: float = Field(
        description="How far strokes leaned to the right before they were made upright to be read, as a tangent; 0 if "
        "they were read as they stand."
    )
    inverted: bool = Field(
        description="Whether light writing was looked for all over the page, because nothing dark was to be read."
    )
    panels: bool = Field(description="Whether only what is written on panels, such as signs and labels, was looked at.")
    rows_apart: int = Field(
        description="0, or where rows whose letters touch were cut apart, which of the distances that they may have "
        "were taken, from 1."
    )


class ModelOut(BaseModel):
    """A model version that read the page."""

    name: str
    version: str
    digest: str = Field(description="Of its weights.")
    alias: str | None = Field(description="The name it serves under, if it was chosen by one.")


class KeptOut(BaseModel):
    """That a page is kept for review."""

    page: str = Field(description="Its id for `/review` and `/corrections`.")
    expires_at: datetime = Field(description="When it is deleted.")


class ReadingOut(BaseModel):
    """A page, read."""

    text: str = Field(description="Rows joined by line feeds, words by spaces.")
    model: ModelOut = Field(description="The one that names single glyphs.")
    row_model: ModelOut | None = Field(description="The one that spells whole rows; null where there is none.")
    language_model: ModelOut | None = Field(description="The one that knows words; null where there is none.")
    page: PageOut
    rows: list[RowOut] = Field(description="As they are read: from top to bottom, column by column.")
    warnings: list[NoticeOut]
    review: list[DoubtOut] = Field(description="What is less sure than `abstain_below`, least sure first.")
    timing_ms: dict[str, float] = Field(description="Milliseconds for each stage, in the order of work.")
    kept: KeptOut | None = Field(default=None, description="Only where `keep` was asked for.")


class SourceOut(BaseModel):
    """Where a page comes from."""

    file: str = Field(description="Its name, as sent.")
    page: int = Field(description="Number in its file, from 1.")


class SourcedReadingOut(ReadingOut):
    """A page, read, of several."""

    source: SourceOut


class UnreadableOut(BaseModel):
    """A page, or a whole file, that could not be read."""

    source: SourceOut
    problem: Problem


class PagesOut(BaseModel):
    """Several pages, in the order of the files that were sent."""

    pages: list[SourcedReadingOut | UnreadableOut]
