"""What people say is really written: sent here, looked at, taken along, deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC
from tempfile import SpooledTemporaryFile
from typing import IO, Annotated, NamedTuple

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import AfterValidator, AwareDatetime, Field

from app.api.access.guards import CallerDep, may
from app.api.answers import HEADERS, cacheable, uncached
from app.api.corrections.correcting import Wanted, make_correction, wanted_of_page
from app.api.corrections.schemas import CorrectionOut, CorrectionsOut, correction_document
from app.api.corrections.sent import CorrectionOfPage, SentDep, documented_bodies
from app.api.dependencies import CorrectionsDep, KeptPagesDep, LimitsDep, ModelsDep
from app.api.openapi import IMAGE_PROBLEMS, answer_example, binary_answer, documented_headers, problem_responses
from app.api.paging import LINK, PageQuery, part_of_list
from app.api.problems import root_path
from app.api.queries import no_repeats
from app.api.serving.turns import TurnDep
from app.corrections import Level, Place, write_archive

router = APIRouter(
    prefix="/corrections", tags=["corrections"], dependencies=[Depends(may("correct")), Depends(no_repeats())]
)

_IN_MEMORY_BYTES = 8 * 1024**2  # of an archive; a larger one goes through a file
_CHUNK_BYTES = 64 * 1024
_UNKNOWN = problem_responses("correction-not-found")


class _Place(NamedTuple):
    """A correction in the list, the newest first."""

    created_at: Annotated[AwareDatetime, AfterValidator(lambda at: at.astimezone(UTC))]
    id: str


class CorrectionsQuery(PageQuery):
    """Which corrections are wanted."""

    level: Level | None = Field(default=None, description="Only those of glyphs, or of rows.")
    text: str | None = Field(default=None, min_length=1, max_length=1000, description="Only those to this text.")


@router.post(
    "",
    status_code=201,
    response_model=CorrectionOut,
    openapi_extra=documented_bodies(),
    responses={
        200: {**answer_example("/corrections")[200], "model": CorrectionOut, "description": "It was there already"},
        **answer_example("/corrections", 201, documented_headers({"Location": "Its address."})),
        **problem_responses(
            "model-not-found",
            "kept-page-not-found",
            "corrected-otherwise",
            "invalid-input",
            *IMAGE_PROBLEMS,
            "not-ready",
            "server-busy",
        ),
    },
)
def create_correction(
    request: Request,
    sent: SentDep,
    models: ModelsDep,
    limits: LimitsDep,
    caller: CallerDep,
    corrections: CorrectionsDep,
    kept_pages: KeptPagesDep,
    checkpoint: TurnDep,
) -> Response:
    """Say what is really written on a picture, or at a place of a page that was kept.

    A text of several characters is aligned to the ink that is there, and what cannot be there is refused. Kept is only
    the part of the page that it is about, with some margin. The same again answers 200; another text for the same ink
    is refused until the first one is deleted.
    """
    settles = None
    if isinstance(sent, CorrectionOfPage):
        model, settles = sent.model, Place(sent.page, sent.row, sent.word, sent.glyph)
        page = kept_pages.get(sent.page)
        wanted = wanted_of_page(sent, page, kept_pages.file(page))
    else:
        form, model = sent.form, sent.form.model
        wanted = Wanted(sent.file, form.text, number=form.page, box=form.box, level=form.level, read_as=form.read_as)
    made, picture = make_correction(wanted, models.find(model), limits, checkpoint, caller.key_id)
    correction, is_new = corrections.add(made, picture, settles=settles)
    document = correction_document(correction, root_path(request))
    headers = {"Location": f"{root_path(request)}/corrections/{correction.id}"}
    return uncached(document, 201 if is_new else 200, headers)


@router.get(
    "",
    response_model=CorrectionsOut,
    responses={
        **answer_example("/corrections of all", headers=LINK),
        **problem_responses("invalid-input", "not-ready"),
    },
)
def list_corrections(
    request: Request, query: Annotated[CorrectionsQuery, Query()], corrections: CorrectionsDep
) -> Response:
    """List corrections, the newest first."""
    before = query.after(_Place)
    found = corrections.list(query.limit + 1, before=before, level=query.level, text=query.text)
    return part_of_list(
        request,
        found,
        query.limit,
        place=lambda correction: (correction.created_at.isoformat(), correction.id),
        document=lambda correction: correction_document(correction, root_path(request)),
    )


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={**binary_answer("application/zip"), **problem_responses("not-ready")},
)
def export_corrections(corrections: CorrectionsDep) -> Response:
    """Take all corrections along: a zip for `inkrow corrections import` on another machine."""
    file = SpooledTemporaryFile(_IN_MEMORY_BYTES)  # noqa: SIM115, closed when it was sent
    write_archive(file, reversed(corrections.list()), corrections.picture)
    file.seek(0)
    headers = {"Content-Disposition": "attachment; filename=corrections.zip", "Cache-Control": "no-store"}
    return StreamingResponse(_chunks(file), media_type="application/zip", headers=headers)


@router.get(
    "/{correction_id}",
    response_model=CorrectionOut,
    responses={**answer_example("/corrections"), **_UNKNOWN, **problem_responses("not-ready")},
)
def show_correction(request: Request, correction_id: str, corrections: CorrectionsDep) -> Response:
    """Look at a correction."""
    return uncached(correction_document(corrections.get(correction_id), root_path(request)))


@router.get(
    "/{correction_id}/image",
    response_class=Response,
    responses={
        **binary_answer("image/png", headers=documented_headers(HEADERS)),
        **_UNKNOWN,
        **problem_responses("not-ready"),
    },
)
def show_corrected_image(request: Request, correction_id: str, corrections: CorrectionsDep) -> Response:
    """Give the part of the page that is kept, as it is kept."""
    correction = corrections.get(correction_id)
    return cacheable(request, corrections.picture(correction.image), "png", immutable=True, etag=correction.image)


@router.delete(
    "/{correction_id}",
    status_code=204,
    response_class=Response,
    responses={**_UNKNOWN, **problem_responses("not-ready")},
)
def delete_correction(correction_id: str, corrections: CorrectionsDep) -> None:
    """Delete a correction, and its image unless another needs it. What was learnt from it stays learnt."""
    corrections.delete(correction_id)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while chunk := file.read(_CHUNK_BYTES):
            yield chunk
