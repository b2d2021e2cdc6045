"""Where the `type` of a problem leads."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.openapi import answer_example, problem_responses
from app.api.problems import KINDS, ProblemKind
from app.errors import NotFound

router = APIRouter(prefix="/problems", tags=["problems"])


class KindsOut(BaseModel):
    """All kinds of problems."""

    problems: list[ProblemKind] = Field(description="By their codes.")


@router.get("", responses=answer_example("/problems"))
async def list_problems() -> KindsOut:
    """List the kinds of problems."""
    return KindsOut(problems=sorted(KINDS.values(), key=lambda kind: kind.code))


@router.get(
    "/{code}",
    responses={**answer_example("/problems/not-an-image"), **problem_responses("not-found")},
)
async def explain_problem(code: str) -> ProblemKind:
    """Explain a kind of problem: the address is the `type` of each problem document."""
    if code not in KINDS:
        raise NotFound(f"no kind of problem {code!r}; there are {', '.join(sorted(KINDS))}", codes=sorted(KINDS))
    return KINDS[code]
