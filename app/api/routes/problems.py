"""Where the `type` of a problem leads."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.examples import answer_example, problem_responses
from app.api.problems import KINDS, ProblemKind
from app.errors import NotFound

router = APIRouter(prefix="/problems", tags=["problems"])


@router.get(
    "/{code}",
    responses={**answer_example("/problems/not-an-image"), **problem_responses("/problems/none", "not-found")},
)
async def explain_problem(code: str) -> ProblemKind:
    """Explain a kind of problem: the address is the `type` of each problem document."""
    if code not in KINDS:
        raise NotFound(f"no kind of problem {code!r}; there is {', '.join(sorted(KINDS))}", codes=sorted(KINDS))
    return KINDS[code]
