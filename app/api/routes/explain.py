"""One glyph of a page, explained."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile
from pydantic import Field, model_validator

from app.api.access.guards import may_inspect
from app.api.answers import cacheable, choose_form
from app.api.dependencies import LimitsDep, ModelsDep
from app.api.inspection.explaining import explain
from app.api.inspection.inspected import InspectorDep, VersionQuery
from app.api.inspection.schemas import ExplanationOut, NamedOut
from app.api.openapi import IMAGE_PROBLEMS, inspection_responses
from app.api.places import box_of, parse_box, part_of_page
from app.api.queries import FORM, no_repeats, number_of, only_one_file
from app.api.serving.turns import InspectionTurnDep, TurnRoute
from app.errors import InvalidInput
from app.formats import as_document
from app.ocr import MOST_ALTERNATIVES, ReadOptions
from app.vision import PageRange, crop_glyph

router = APIRouter(
    tags=["inspection"], dependencies=[Depends(may_inspect()), Depends(no_repeats())], route_class=TurnRoute
)

_MOST_NEIGHBOURS = 20


class ExplainQuery(VersionQuery):
    """Which glyph is explained: by its numbers in an answer of `/ocr`, or by a box."""

    row: int | None = number_of("row on the page, as `/ocr` reads it without options")
    word: int | None = number_of("word in the row")
    glyph: int | None = number_of("glyph in the word")
    box: str | None = Field(
        default=None, max_length=50, description="Instead of these: `left,top,right,bottom` in pixels of the upload."
    )
    page: int = Field(default=1, ge=1, description="Page of the file, from 1.")
    alternatives: int = Field(default=5, ge=0, le=MOST_ALTERNATIVES, description="Most other readings to give.")
    neighbours: int = Field(default=8, ge=0, le=_MOST_NEIGHBOURS, description="Most known glyphs to show.")
    format: Literal["json", "png"] | None = FORM

    @model_validator(mode="after")
    def _name_one_place(self) -> Self:
        given = [name for name in ("row", "word", "glyph", "box") if getattr(self, name) is not None]
        if given not in (["row", "word", "glyph"], ["box"]):
            raise InvalidInput(f"expected either row, word and glyph, or a box, got {', '.join(given) or 'none'}")
        return self


@router.post(
    "/explain",
    response_model=ExplanationOut,
    dependencies=[Depends(only_one_file)],
    responses=inspection_responses(
        "/explain",
        *IMAGE_PROBLEMS,
        "too-many-pages",
        "not-ready",
        "server-busy",
        pictures=("png",),
    ),
)
def explain_glyph(
    request: Request,
    file: Annotated[UploadFile, File(description="The page, as for `/ocr`.")],
    query: Annotated[ExplainQuery, Query()],
    inspector: InspectorDep,
    models: ModelsDep,
    limits: LimitsDep,
    checkpoint: InspectionTurnDep,
) -> Response:
    """Explain what the network for glyphs makes of one glyph of a page.

    It tells what the network saw, what it holds the shape for without its neighbours, which ink speaks for that and
    against the second choice (orange: more ink there would speak for it, blue: against), and which glyphs by imagined
    writers its last hidden layer takes for most alike. `read` is what the page as a whole says. PNG shows from left to
    right what was seen, what speaks for it, and those most alike.
    """
    form = choose_form(request, query.format, ("json", "png"))
    chosen = inspector.choose(query.model)
    options = ReadOptions(alternatives=query.alternatives, pages=PageRange.parse(str(query.page)))
    pages = models.serving.reader.read_pages(file.file.read(), options, limits=limits, checkpoint=checkpoint)
    reading = next(iter(pages))
    if query.row is None:
        box, read = parse_box(query.box or "", reading.page), None
    else:
        document = as_document(reading.page, models.serving.model)
        glyph = part_of_page(document, query.row, query.word, query.glyph)
        box, read = box_of(glyph["box"]), {name: glyph[name] for name in NamedOut.model_fields}
    seen = crop_glyph(reading.found, reading.picture, box)
    explanation = explain(inspector, chosen, seen, query.neighbours, checkpoint)
    if form == "png":
        return cacheable(request, explanation.png(), form)
    about = {"model": chosen.reference, "box": box.sides(), "read": read}
    return cacheable(request, {**about, **explanation.document(query.alternatives)}, form)
