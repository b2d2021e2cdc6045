"""For those who start, watch and restart the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.examples import answer_example, problem_responses
from app.api.schemas import ModelOut
from app.api.serving import ModelsDep

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """The service can read, with this model."""

    status: Literal["ready"] = "ready"
    model: ModelOut


@router.get("/livez", responses=answer_example("/livez"))
async def check_alive() -> Alive:
    """Tell that the process answers; restart it when this fails."""
    return Alive()


@router.get("/readyz", responses={**answer_example("/readyz"), **problem_responses("/readyz", "not-ready")})
async def check_ready(models: ModelsDep) -> Ready:
    """Tell whether pages can be read; send none while this fails."""
    return Ready(model=ModelOut.model_validate(models.serving.model))
