"""Parameters of requests: how they are documented, and that none is passed over in silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from fastapi import Request
from pydantic import BaseModel, Field, model_validator

from app.errors import InvalidInput

FORM = Field(default=None, description="Form of the answer; goes before the Accept header.")


def number_of(what: str) -> Any:
    """Describe a parameter that numbers a part of a page, from 0, and can be left out."""
    return Field(default=None, ge=0, description=f"Number of the {what}, from 0.")


class Strict(BaseModel):
    """Parameters, and no others: one that is misspelt and passed over gives a wrong answer that looks right."""

    _CALLED: ClassVar[str] = "parameters"
    # What belongs into a field, by its name: told to whoever sends unknown fields and not this one.
    _BELONGS: ClassVar[dict[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_names(cls, values: Any) -> Any:
        if not isinstance(values, dict):  # a body may be any JSON, or none; the model itself says what it expects
            return values
        known = list(cls.model_fields)
        if unknown := sorted(values.keys() - set(known)):
            detail = f"expected only the {cls._CALLED} {', '.join(known)}, got {', '.join(unknown)}"
            belongs = [f"; {what} belongs into {name}" for name, what in cls._BELONGS.items() if name not in values]
            raise InvalidInput("".join([detail, *belongs]), unknown=unknown, known=known)
        return values


def no_repeats(*but: str) -> Callable[[Request], None]:
    """Make a dependency that refuses a query parameter given twice, of which one would be passed over in silence.

    Parameters
    ----------
    but : names that may be repeated

    Raises
    ------
    InvalidInput : when the dependency is called.
    """

    def check(request: Request) -> None:
        given = request.query_params
        if repeated := sorted(name for name in given if name not in but and len(given.getlist(name)) > 1):
            detail = f"expected each parameter once, got {', '.join(repeated)} several times"
            raise InvalidInput(detail, repeated=repeated)

    return check


async def only_one_file(request: Request) -> None:
    """Refuse a form that has more than the field ``file``, once: the rest would be passed over in silence.

    Raises
    ------
    InvalidInput
    """
    names = [name for name, _ in (await request.form()).multi_items()]
    if names.count("file") > 1 or set(names) - {"file"}:
        got = ", ".join(names)
        raise InvalidInput(f"expected one file in the form, parameters belonging into the address; got {got}")
