"""The two ways to send a correction: a form with a picture, or JSON that names a place of a kept page."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Self, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field, ValidationError, model_validator
from starlette.datastructures import FormData, UploadFile

from app.api.queries import Strict
from app.api.validation import AN_IMAGE, media_type
from app.corrections import Level
from app.errors import InvalidInput

_MODEL = "Version or alias of the model that looks at it, as for `/ocr`; that in service if not given."
_Model = TypeVar("_Model", bound=BaseModel)
_TEXT = "What is really written there. One space stands for any white."


class CorrectionForm(Strict):
    """A picture, or a part of it, and what is written there."""

    _CALLED = "fields"

    text: str = Field(description=_TEXT)
    box: str | None = Field(
        default=None,
        max_length=200,
        description="Where: `left,top,right,bottom` in pixels of the upload, or an object of JSON with these members; "
        "all of it if not given.",
    )
    level: Level | None = Field(
        default=None,
        description="Whether one glyph is corrected, or a row or a part of one; by default the former if "
        "`text` is one character.",
    )
    page: int = Field(default=1, ge=1, description="Page of the file, from 1.")
    read_as: str | None = Field(default=None, max_length=1000, description="What was read there, if you know it.")
    model: str | None = Field(default=None, min_length=1, max_length=64, description=_MODEL)


class CorrectionOfPage(Strict):
    """A place of a page that `/ocr` has kept, and what is written there."""

    _CALLED = "members"

    page: str = Field(max_length=64, description="Id of the kept page.")
    row: int = Field(ge=0, description="Number of the row, from 0.")
    word: int | None = Field(default=None, ge=0, description="Number of the word in the row, or all of it.")
    glyph: int | None = Field(default=None, ge=0, description="Number of the glyph in the word, or all of it.")
    text: str = Field(description=_TEXT)
    model: str | None = Field(default=None, min_length=1, max_length=64, description=_MODEL)

    @model_validator(mode="after")
    def _name_the_word_of_a_glyph(self) -> Self:
        if self.glyph is not None and self.word is None:
            raise InvalidInput("word: expected the number of the word that the glyph is in, got none")
        return self


@dataclass(frozen=True)
class SentPicture:
    """A form and its file."""

    form: CorrectionForm
    file: bytes


async def read_sent(request: Request) -> SentPicture | CorrectionOfPage:
    """Read a correction in either way, as the type of the body says.

    Raises
    ------
    InvalidInput, RequestValidationError : it is neither, or has wrong fields.
    """
    sent_as = media_type(request)
    if sent_as == "application/json":
        return _validated(CorrectionOfPage, _parse_json(await request.body()))
    if sent_as == "multipart/form-data":
        async with request.form(max_files=2, max_fields=20, max_part_size=64 * 1024) as form:
            return await _read_form(form)
    raise InvalidInput(
        f"expected {AN_IMAGE}, or an object of the type application/json that names a kept page, "
        f"got {sent_as or 'neither'}"
    )


SentDep = Annotated[SentPicture | CorrectionOfPage, Depends(read_sent)]


def documented_bodies() -> dict[str, Any]:
    """Describe both bodies for OpenAPI: FastAPI reads neither by itself."""
    form = CorrectionForm.model_json_schema()
    form["properties"] = {
        "file": {"type": "string", "format": "binary", "description": "The page, or a picture of one glyph or row."},
        **form["properties"],
    }
    form["required"] = ["file", *form["required"]]
    level = form.pop("$defs")["Level"]
    form["properties"]["level"] = {**level, "description": form["properties"]["level"]["description"]}
    of_page = {"schema": CorrectionOfPage.model_json_schema()}
    return {
        "requestBody": {
            "required": True,
            "content": {"multipart/form-data": {"schema": form}, "application/json": of_page},
        }
    }


async def _read_form(form: FormData) -> SentPicture:
    fields: dict[str, Any] = {}
    for name, value in form.multi_items():
        if name in fields:
            raise InvalidInput(f"expected each field once, got {name} several times", repeated=[name])
        fields[name] = value
    file = fields.pop("file", None)
    if not isinstance(file, UploadFile):
        raise _invalid({"type": "missing", "loc": ("file",), "msg": "", "input": file})
    return SentPicture(_validated(CorrectionForm, fields), await file.read())


def _parse_json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as exc:
        raise _invalid({"type": "json_invalid", "loc": (), "msg": str(exc)}) from exc


def _validated(model: type[_Model], values: Any) -> _Model:
    try:
        return model.model_validate(values)
    except ValidationError as exc:
        raise _invalid(*exc.errors()) from exc


def _invalid(*errors: Mapping[str, Any]) -> RequestValidationError:
    return RequestValidationError([{**error, "loc": ("body", *error["loc"])} for error in errors])
