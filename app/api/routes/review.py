"""Pages that were kept, and what on them somebody should look at."""

from __future__ import annotations

from typing import Annotated, Any, Self

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field, model_validator

from app.api.access.guards import may
from app.api.answers import uncached
from app.api.corrections.correcting import decode_page, to_png
from app.api.corrections.schemas import KeptPageOut, ReviewOut
from app.api.dependencies import KeptPagesDep, LimitsDep
from app.api.openapi import answer_example, binary_answer, problem_responses
from app.api.paging import LINK, PageQuery, part_of_list
from app.api.places import box_of, part_of_page
from app.api.problems import root_path
from app.api.queries import Strict, no_repeats, number_of
from app.api.serving.turns import TurnDep
from app.corrections import Doubt, DoubtKey, Place
from app.errors import InvalidInput
from app.vision import cut_region

router = APIRouter(
    prefix="/review", tags=["corrections"], dependencies=[Depends(may("correct")), Depends(no_repeats())]
)

_UNKNOWN = problem_responses("kept-page-not-found", "not-ready")


class ReviewQuery(PageQuery):
    """What is to be reviewed."""

    page: str | None = Field(default=None, max_length=64, description="Only this page.")
    below: float | None = Field(default=None, ge=0, le=1, description="Only what is less sure than this.")


class PartQuery(Strict):
    """Which part of a page is shown: all of it without numbers."""

    row: int | None = number_of("row")
    word: int | None = number_of("word in the row")
    glyph: int | None = number_of("glyph in the word")

    @model_validator(mode="after")
    def _leave_no_gap(self) -> Self:
        if (self.row is None and self.word is not None) or (self.word is None and self.glyph is not None):
            raise InvalidInput("expected the numbers of the row, then of the word in it, then of the glyph in that")
        return self


@router.get(
    "",
    response_model=ReviewOut,
    responses={**answer_example("/review", headers=LINK), **problem_responses("invalid-input", "not-ready")},
)
def list_doubts(request: Request, query: Annotated[ReviewQuery, Query()], kept_pages: KeptPagesDep) -> Response:
    """List the glyphs of kept pages, the least sure first; what was corrected or dismissed is left out."""
    after = query.after(DoubtKey)
    found = kept_pages.review(query.limit + 1, after=after, page=query.page, below=query.below)
    root = root_path(request)
    return part_of_list(request, found, query.limit, lambda doubt: doubt.key, lambda doubt: _doubt(doubt, root))


@router.get("/{page}", response_model=KeptPageOut, responses={**answer_example("/review/{page}"), **_UNKNOWN})
def show_kept_page(page: str, kept_pages: KeptPagesDep) -> Response:
    """Look at a kept page: what was read, and when it is deleted."""
    kept = kept_pages.get(page)
    document = {
        "page": kept.id,
        "number": kept.number,
        "text": kept.reading["text"],
        "created_at": kept.created_at.isoformat(),
        "expires_at": kept.expires_at.isoformat(),
        "reading": kept.reading,
    }
    return uncached(document)


@router.get(
    "/{page}/image",
    response_class=Response,
    responses={
        **binary_answer("image/png"),
        **problem_responses("kept-page-not-found", "invalid-input", "not-ready", "server-busy"),
    },
)
def show_part_of_kept_page(
    page: str, query: Annotated[PartQuery, Query()], kept_pages: KeptPagesDep, limits: LimitsDep, _: TurnDep
) -> Response:
    """Show a glyph, a word or a row among its neighbours, or all of a kept page, in grey."""
    kept = kept_pages.get(page)
    box = None if query.row is None else box_of(part_of_page(kept.reading, query.row, query.word, query.glyph)["box"])
    picture = decode_page(kept_pages.file(kept), kept.number, limits)
    grey = picture.grey if box is None else cut_region(picture, box).grey
    return Response(to_png(grey), headers={"Cache-Control": "no-store"}, media_type="image/png")


@router.delete("/{page}", status_code=204, response_class=Response, responses=_UNKNOWN)
def delete_kept_page(page: str, kept_pages: KeptPagesDep) -> None:
    """Delete a kept page now; corrections of it stay."""
    kept_pages.delete(page)


@router.delete(
    "/{page}/{row}/{word}/{glyph}",
    status_code=204,
    response_class=Response,
    responses={**_UNKNOWN, **problem_responses("invalid-input")},
)
def dismiss_doubt(page: str, row: int, word: int, glyph: int, kept_pages: KeptPagesDep) -> None:
    """Leave a glyph out of the review from now on: it was read rightly, or cannot be told."""
    part_of_page(kept_pages.get(page).reading, row, word, glyph)  # refuses one that is not there
    kept_pages.dismiss(Place(page, row, word, glyph))


def _doubt(doubt: Doubt, root: str) -> dict[str, Any]:
    key, page = doubt.key, doubt.page
    row = page.reading["rows"][key.row]
    glyph = row["words"][key.word]["glyphs"][key.glyph]
    image = f"{root}/review/{page.id}/image?row={key.row}"
    return {
        "page": page.id,
        "row": key.row,
        "word": key.word,
        "glyph": key.glyph,
        "char": glyph["char"],
        "confidence": glyph["confidence"],
        "alternatives": glyph["alternatives"],
        "box": glyph["box"],
        "row_text": row["text"],
        "image": f"{image}&word={key.word}&glyph={key.glyph}",
        "row_image": image,
        "expires_at": page.expires_at.isoformat(),
    }
