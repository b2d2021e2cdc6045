"""For those who start, watch and restart the service."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from app.api.examples import problem_responses
from app.api.schemas import ModelOut
from app.api.serving import ServingDep

router = APIRouter(tags=["health"])


class Alive(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class Ready(BaseModel):
    """The service can read, with this model."""

    status: Literal["ready"] = "ready"
    model: ModelOut


@router.head("/livez", include_in_schema=False)
@router.get("/livez")
async def check_alive() -> Alive:
    """Tell that the process answers; restart it when this fails."""
    return Alive()


@router.head("/readyz", include_in_schema=False)
@router.get("/readyz", responses=problem_responses("/readyz", "not-ready"))
async def check_ready(serving: ServingDep) -> Ready:
    """Tell whether pages can be read; send none while this fails."""
    return Ready(model=ModelOut.model_validate(serving.model))
