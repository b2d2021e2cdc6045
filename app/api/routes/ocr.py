"""Reading an image."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, File, Header, Query, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.api.examples import READING, problem_responses
from app.api.negotiation import best_media_type
from app.api.problems import HttpProblem
from app.api.schemas import ReadingOut
from app.api.serving import Serving, ServingDep, SettingsDep
from app.errors import InvalidInput
from app.formats import as_document
from app.ocr import MOST_ALTERNATIVES, Page, ReadOptions
from app.vision import DecodeLimits

router = APIRouter(tags=["reading"])

_MEDIA_TYPES = {"json": "application/json", "text": "text/plain"}


def _without_null(schema: dict[str, Any]) -> None:
    # A parameter can be left out, but there is no way to write null.
    schema.update(schema.pop("anyOf")[0])


class Options(BaseModel):
    """How to read, and how to answer."""

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
        "No glyph is lost by it: each becomes the likeliest of these.",
        json_schema_extra=_without_null,
    )
    format: Literal["json", "text"] | None = Field(
        default=None,
        description="Form of the answer; goes before the Accept header.",
        json_schema_extra=_without_null,
    )

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_names(cls, values: dict[str, Any]) -> dict[str, Any]:
        # A misspelt option that is passed over in silence gives a wrong answer that looks right.
        known = list(cls.model_fields)
        if unknown := sorted(values.keys() - set(known)):
            detail = f"expected only the options {', '.join(known)}, got {', '.join(unknown)}"
            raise InvalidInput(detail, unknown=unknown, known=known)
        return values


def _show_only_the_file(schema: dict[str, Any]) -> None:
    # The options are documented as query parameters. Shown twice, a form that the documentation page fills in would
    # send both, and those of the query win.
    schema["properties"] = {"file": schema["properties"]["file"]}


class Upload(Options):
    """An image, and options for those who prefer them in the form; the query goes before them."""

    model_config = ConfigDict(json_schema_extra=_show_only_the_file)

    file: UploadFile = Field(description="The image: JPEG, PNG, WebP or TIFF.")


@router.post(
    "/ocr",
    response_model=ReadingOut,
    responses={
        200: {
            "description": "The page, read",
            "content": {
                "application/json": {"example": READING},
                "text/plain": {"schema": {"type": "string"}, "example": f"{READING['text']}\n"},
            },
            "headers": {"Server-Timing": {"description": "Milliseconds for each stage.", "schema": {"type": "string"}}},
        },
        **problem_responses(
            "/ocr",
            "malformed-request",
            "not-acceptable",
            "too-many-bytes",
            "not-an-image",
            "invalid-input",
            "unreadable-image",
            "too-many-pixels",
            "not-ready",
        ),
    },
    form_limits={"max_files": 1, "max_fields": 20, "max_part_size": 64 * 1024},
)
def read_image(
    upload: Annotated[Upload, File()],
    query: Annotated[Options, Query()],
    serving: ServingDep,
    settings: SettingsDep,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """Read an image: its text row by row, with a box, a confidence and alternatives for every character.

    The options may be form fields as well; where one is given twice, the query counts. Without `format` the Accept
    header decides.
    """
    options = upload.model_copy(update=query.model_dump(exclude_unset=True))
    media_type = _MEDIA_TYPES[options.format] if options.format else _negotiate(accept)
    source = upload.file.file.read()
    if not source:
        raise InvalidInput("expected an image in the form field 'file', got an empty file")
    with serving.slots:
        page = serving.reader.read(
            source,
            ReadOptions(alternatives=options.alternatives, alphabet=options.alphabet),
            limits=DecodeLimits(max_pixels=settings.max_pixels),
        )
    body = f"{page.text}\n" if media_type == "text/plain" else _to_json(page, serving)
    timing = ", ".join(f"{stage};dur={duration_ms:.1f}" for stage, duration_ms in page.timing_ms.items())
    return Response(body, media_type=media_type, headers={"Server-Timing": timing, "Vary": "Accept"})


def _to_json(page: Page, serving: Serving) -> str:
    return ReadingOut.model_validate(as_document(page, serving.model)).model_dump_json()


def _negotiate(accept: str) -> str:
    available = list(_MEDIA_TYPES.values())
    media_type = best_media_type(accept, available)
    if media_type is None:
        detail = f"expected an Accept header that allows {' or '.join(available)}, got {accept!r}"
        raise HttpProblem(406, detail, headers={"Vary": "Accept"}, available=available)
    return media_type
