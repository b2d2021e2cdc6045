"""What a request may ask for, as query parameters or as fields of its form."""

from __future__ import annotations

from dataclasses import fields
from enum import StrEnum
from typing import Any, ClassVar

from fastapi import Request, UploadFile
from pydantic import ConfigDict, Field

from app.api.queries import FORM, Strict
from app.errors import InvalidInput
from app.formats import FORMATS, STAGES
from app.ocr import LONGEST_PATTERN, MOST_ALTERNATIVES, LanguageName, ReaderName, ReadOptions
from app.vision import PageRange

# mypy wants the names spelt out, which are at home in app.formats.
FormatName = StrEnum("FormatName", list(FORMATS))  # type: ignore[misc]
StageName = StrEnum("StageName", list(STAGES))  # type: ignore[misc]


class Options(Strict):
    """How to read, and how to answer."""

    _CALLED = "options"

    alternatives: int = Field(
        default=ReadOptions().alternatives,
        ge=0,
        le=MOST_ALTERNATIVES,
        description="Most other readings to give for each character.",
    )
    alphabet: str | None = Field(
        default=ReadOptions().alphabet,
        min_length=1,
        description="The only characters that may come out, e.g. `0123456789`; each must be one that the model knows. "
        "No glyph is lost by it: each becomes the likeliest of these. Spaces come out always.",
    )
    model: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Version or alias of the model that reads, e.g. `1` or `champion`; that in service if not given.",
    )
    reader: ReaderName = Field(
        default=ReadOptions().reader,
        description="Which network reads: the one that names single glyphs, the one that spells whole rows, or both.",
    )
    pattern: str | None = Field(
        default=ReadOptions().pattern,
        min_length=1,
        max_length=LONGEST_PATTERN,
        description=r"What every row is, e.g. `[A-Z]{2}\d{4}`: a regular expression of characters, sets, `.`, `\d`, "
        r"`\w`, `\s`, groups, `|`, `?`, `*`, `+` and `{m,n}`. Each row becomes the likeliest text that fits; spaces "
        "are passed over unless the pattern has one. A row that nothing fits well keeps its reading, with a warning "
        "`pattern-mismatch`.",
    )
    abstain_below: float = Field(
        default=ReadOptions().abstain_below,
        ge=0,
        le=1,
        description="Characters less sure than this come out as `?` and are listed under `review`, least sure first. "
        "No confidence reaches 1: a value close to it leaves nothing but `?`.",
    )
    language: LanguageName = Field(
        default=ReadOptions().language,
        description="What words are thought to be of, where look-alikes such as `0` and `O` have to be told apart: "
        "English, or anything. Words that are not English stay as they look, with either. With English, figures "
        "that nearly are a date or a time of day are one, too.",
    )
    pages: str = Field(
        default=str(ReadOptions().pages),
        max_length=200,
        description="Which pages of each file are read: ascending numbers and ranges such as `3`, `2-5`, `7-` or "
        "`1,3,8-10`. The limit of pages counts these, not those of the file.",
    )
    format: FormatName | None = FORM
    stage: StageName | None = Field(
        default=None,
        description="What a PNG shows: the page, its ink, components or rows, or the glyphs, which are the default.",
    )
    keep: bool = Field(
        default=False,
        description="Keep the file and what was read for review, to be corrected later. Takes a key with the scope "
        "`correct`. Without it nothing of a page is kept.",
    )
    keep_days: float | None = Field(
        default=None,
        gt=0,
        description="For how long, if not as long as the service keeps pages; only with `keep=true`.",
    )

    def for_reader(self) -> ReadOptions:
        """Return what of these is for the reader; InvalidInput if `pages` is no range of pages."""
        named = self.model_dump(include={field.name for field in fields(ReadOptions)})
        return ReadOptions(**named | {"pages": PageRange.parse(self.pages)})


def _show_only_the_files(schema: dict[str, Any]) -> None:
    # The options are documented as query parameters. Shown twice, a form that the documentation page fills in would
    # send both, and those of the query win.
    schema["properties"] = {"file": schema["properties"]["file"]}


class Upload(Options):
    """Images, and options for those who prefer them in the form; the query goes before them."""

    _BELONGS: ClassVar[dict[str, str]] = {"file": "the image"}

    model_config = ConfigDict(json_schema_extra=_show_only_the_files)

    file: list[UploadFile] = Field(
        min_length=1,
        description="The image: JPEG, PNG, WebP, TIFF, BMP, GIF, PDF, or HEIC if the service has the extra `heic`. "
        "TIFF and PDF may have several pages. Several files are several fields of this name.",
    )


async def refuse_what_is_passed_over(request: Request) -> None:
    """Refuse an option that is given twice, and an empty one of the form: what it says would be lost in silence.

    Raises
    ------
    InvalidInput : the query or the form has an option more than once, or the form an empty one.
    """
    form = await request.form()
    if empty := [name for name in Options.model_fields if form.get(name) == ""]:
        raise InvalidInput(f"{', '.join(empty)}: expected a value, got an empty form field", empty=empty)
    for given in (request.query_params, form):
        if repeated := [name for name in Options.model_fields if len(given.getlist(name)) > 1]:
            detail = f"expected each option once, got {', '.join(repeated)} several times"
            raise InvalidInput(detail, repeated=repeated)
