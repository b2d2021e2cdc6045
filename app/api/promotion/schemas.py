"""What moves of aliases are asked for by, and how they are told."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, Field

from app.api.queries import Strict
from app.store import MoveKind

_MODEL = Field(
    default=None, max_length=64, description="Name of the model; that for glyphs if not given.", examples=["handprint"]
)
_REASON = Field(default=None, min_length=1, max_length=500, description="Why; it goes into the log.")


class MoveIn(Strict):
    """What an alias is to stand for."""

    _CALLED: ClassVar[str] = "members"

    model: str | None = _MODEL
    version: str = Field(
        min_length=1,
        max_length=64,
        coerce_numbers_to_str=True,
        description='A version by its number (3 or `"3"`), or another alias.',
    )
    new: bool = Field(default=False, description="Let the alias be one that the model does not have yet.")
    force: bool = Field(default=False, description="Pass the gate by; this takes a reason.")
    reason: str | None = _REASON


class RollbackIn(Strict):
    """Of which model the previous champion is to serve again."""

    _CALLED: ClassVar[str] = "members"

    model: str | None = _MODEL
    reason: str | None = _REASON


class ModelAliasesOut(BaseModel):
    """The aliases of a model."""

    model: str
    aliases: dict[str, str] = Field(description="Versions by the names that stand for them.")
    revision: str = Field(description="Another one whenever an alias has moved; the ETag with `model`.")


class AliasesOut(BaseModel):
    """The aliases of all models, or of one."""

    models: list[ModelAliasesOut]


class MovedOut(ModelAliasesOut):
    """What an alias stands for now."""

    alias: str
    version: str
    verdict: dict[str, Any] | None = Field(
        description="What the gate found (`docs/promotion.md`); null if it was not asked."
    )


class PromotionOut(BaseModel):
    """A move of an alias."""

    number: int = Field(description="Of the moves of this model, from 1.")
    at: str = Field(description="UTC.")
    model: str
    alias: str
    from_version: str | None = Field(description="What the alias stood for; null if there was none.")
    to_version: str | None = Field(description="What the alias stands for now; null if it was deleted.")
    kind: MoveKind = Field(
        description="`promote` and `rollback` move the champion, `forced` does so past the gate; `alias` moves another "
        "one, and `delete` takes it away."
    )
    by: str
    reason: str | None
    figures: dict[str, Any] | None = Field(description="The verdict of the gate, if there was one.")


class PromotionsOut(BaseModel):
    """A part of the log."""

    items: list[PromotionOut]
    next_cursor: str | None = Field(description="Begins the next part; null on the last.")
