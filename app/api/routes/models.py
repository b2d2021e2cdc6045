"""What is in the model store."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from app.api.access.guards import may_inspect
from app.api.answers import HEADERS, cacheable
from app.api.inspection.inspected import InspectorDep
from app.api.openapi import answer_example, documented_headers, problem_responses
from app.errors import CorruptModel, InvalidInput, ModelNotFound
from app.store import ModelStore

router = APIRouter(prefix="/models", tags=["models"], dependencies=[Depends(may_inspect())])


class ModelNameOut(BaseModel):
    """A model."""

    name: str
    aliases: dict[str, str] = Field(description="Versions by the names that stand for them.")
    versions: list[str] = Field(description="Oldest first.")


class ModelsOut(BaseModel):
    """The models of the store."""

    models: list[ModelNameOut]


class VersionSummaryOut(BaseModel):
    """A version, in short."""

    version: str
    aliases: list[str]
    digest: str | None = Field(description="Of its weights; null, like all that follows, if its card is damaged.")
    created: str | None
    size_bytes: int | None = Field(description="Of all its files but the card.")
    metrics: dict[str, Any] | None = Field(description="By split, as the card has them.")


class ModelVersionsOut(BaseModel):
    """A model and its versions."""

    name: str
    aliases: dict[str, str] = Field(description="Versions by the names that stand for them.")
    versions: list[VersionSummaryOut] = Field(description="Oldest first.")


class VersionOut(BaseModel):
    """A version and all that it says of itself."""

    name: str
    version: str
    digest: str = Field(description="Of its weights, and the ETag.")
    card: dict[str, Any] = Field(description="`docs/models.md` tells what is in it.")


def _documented(path: str) -> dict[int | str, dict[str, Any]]:
    return answer_example(path, headers=documented_headers(HEADERS))


@router.get("", response_model=ModelsOut, responses=_documented("/models"))
def list_models(request: Request, inspector: InspectorDep) -> Response:
    """List the models, their versions and aliases."""
    store = inspector.store
    models = [
        {"name": name, "aliases": store.aliases(name), "versions": store.versions(name)} for name in store.names()
    ]
    return cacheable(request, {"models": models}, "json")


@router.get(
    "/{name}",
    response_model=ModelVersionsOut,
    responses={**_documented("/models/seed"), **problem_responses("model-not-found")},
)
def show_model(request: Request, name: str, inspector: InspectorDep) -> Response:
    """List the versions of a model."""
    store = inspector.store
    versions, aliases = _found(store, name)
    document = {
        "name": name,
        "aliases": aliases,
        "versions": [
            {
                "version": number,
                "aliases": [alias for alias, version in aliases.items() if version == number],
                **_summary(store, name, number),
            }
            for number in versions
        ],
    }
    return cacheable(request, document, "json")


def _found(store: ModelStore, name: str) -> tuple[list[str], dict[str, str]]:
    try:
        return store.versions(name), store.aliases(name)
    except InvalidInput as exc:  # at an address a name that none can have leads nowhere, like any other
        raise ModelNotFound(exc.detail, name=name, names=store.names()) from exc


def _summary(store: ModelStore, name: str, number: str) -> dict[str, Any]:
    try:
        about = store.describe(name, number)
    except CorruptModel:
        return dict.fromkeys(("digest", "created", "size_bytes", "metrics"))
    return {
        "digest": about.digest,
        "created": about.card["created"],
        "size_bytes": sum(file["size_bytes"] for file in about.card["files"].values()),
        "metrics": about.card.get("metrics", {}),
    }


@router.get(
    "/{name}/{version}",
    response_model=VersionOut,
    responses={
        **_documented("/models/seed/1"),
        **problem_responses("model-not-found", "damaged-model"),
    },
)
def show_version(request: Request, name: str, version: str, inspector: InspectorDep) -> Response:
    """Show what a version, given by number or alias, says of itself; the ETag is the digest of its weights."""
    _found(inspector.store, name)
    about = inspector.store.describe(name, version)
    document = {"name": name, "version": about.version, "digest": about.digest, "card": about.card}
    is_number = version == about.version
    return cacheable(request, document, "json", immutable=is_number, etag=about.digest)
