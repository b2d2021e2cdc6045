"""What may be asked of a version: query parameters that several addresses share."""

from __future__ import annotations

from pydantic import Field

from app.api.queries import Strict, optional
from app.training.measuring.evaluation_sets import EvaluationSplit

FORM = Field(default=None, description="Form of the answer; goes before the Accept header.", json_schema_extra=optional)


class VersionQuery(Strict):
    """Which version is looked into."""

    model: str | None = Field(
        default=None,
        min_length=1,
        max_length=128,
        description="`NAME`, which is its champion, `NAME/VERSION` or `NAME/ALIAS`; that in service if not given.",
        json_schema_extra=optional,
    )


class SplitQuery(VersionQuery):
    """Which version is looked into, and on what."""

    split: EvaluationSplit | None = Field(
        default=None,
        description="`valid` and `test` are those of the data that the card names, `synthetic` is what imagined "
        "writers wrote, which is always at hand. Without it: what the card or the data folder has, `valid` first.",
        json_schema_extra=optional,
    )
