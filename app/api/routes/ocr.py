"""Reading images."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Query, Request, Response

from app.api.access.guards import may
from app.api.corrections.keep_upload import MOST_NAMED, keeper_of
from app.api.dependencies import LimitsDep, ModelsDep, SettingsDep, get_database, get_kept_pages
from app.api.openapi import IMAGE_PROBLEMS, documented_headers, problem_responses, reading_content
from app.api.reading.answers import answer, choose_format
from app.api.reading.files import read_files
from app.api.reading.options import Options, Upload, refuse_what_is_passed_over
from app.api.reading.schemas import PagesOut, ReadingOut
from app.api.serving.turns import TurnDep, TurnRoute

router = APIRouter(tags=["reading"], dependencies=[Depends(may("read"))], route_class=TurnRoute)

_HEADERS = {
    "Content-Disposition": "A name to save the answer under.",
    "Server-Timing": "Milliseconds for each stage, of all pages together, for `wait` before them, and in `total`.",
    "Inkrow-Warnings": "How many warnings of each code there are of all pages together, as `pattern-mismatch;n=4`; "
    "without any, the header is missing. JSON tells them in full.",
    "Inkrow-Kept-Pages": f"With `keep`, where no more than {MOST_NAMED} pages were read: their ids, in their order. "
    "JSON tells the id of each page in any case.",
    "Inkrow-Kept-Until": "With `keep`: when they are deleted.",
}
_READ: dict[str, Any] = {
    "description": "What was read",
    "content": reading_content(),
    "headers": documented_headers(_HEADERS),
}


@router.post(
    "/ocr",
    response_model=ReadingOut | PagesOut,
    dependencies=[Depends(refuse_what_is_passed_over)],
    responses={
        200: _READ,
        **problem_responses(
            "model-not-found",
            "not-acceptable",
            "invalid-input",
            *IMAGE_PROBLEMS,
            "too-many-pages",
            "too-many-files",
            "nothing-readable",
            "damaged-model",
            "not-ready",
            "server-busy",
        ),
    },
)
def read_images(
    request: Request,
    upload: Annotated[Upload, File()],
    query: Annotated[Options, Query()],
    models: ModelsDep,
    settings: SettingsDep,
    limits: LimitsDep,
    checkpoint: TurnDep,
) -> Response:
    """Read images: their text row by row, with a box, a confidence and alternatives for every character.

    The options may be form fields as well; where one is given twice, the query counts. Without `format` the Accept
    header decides.

    One page of one file answers with that page. Several files or pages answer with a list, in which each tells its
    source; a file that cannot be read has its problem there, and does not keep the others from being read. Other
    formats than JSON have no place for a problem: there, one unreadable file is the answer to all.
    """
    options = upload.model_copy(update=query.model_dump(exclude_unset=True))
    format_ = choose_format(request, options.format, options.stage)
    serving = models.find(options.model)
    keeper = keeper_of(request, options, serving.model, settings)
    results = read_files(
        upload.file,
        serving.reader,
        options.for_reader(),
        limits,
        most_files=settings.max_files,
        checkpoint=checkpoint,
        keep=None if keeper is None else keeper.sheet,
    )
    response = answer(request, results, upload.file, serving.model, format_)
    if keeper is not None:
        keeper.keep(get_kept_pages(get_database(request), settings), response)
    return response
