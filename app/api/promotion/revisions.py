"""Aliases as somebody saw them: the revision in an ETag, which a move takes as If-Match."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from fastapi import Header

from app.api.problems import HttpProblem
from app.errors import StaleAliases
from app.store import AliasState, ModelStore

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of `GET /admin/aliases`, with or without `model`, or `*` to move whatever has happened.",
    ),
]


def states_of(store: ModelStore, name: str | None) -> dict[str, AliasState]:
    """Return the aliases of one model or of all, by the models' names."""
    return {each: store.alias_state(each) for each in ([name] if name is not None else store.names())}


def state_document(name: str, state: AliasState) -> dict[str, Any]:
    """Return the aliases of a model in JSON's types."""
    return {"model": name, "aliases": state.aliases, "revision": state.revision}


def etag_of_all(states: dict[str, AliasState]) -> str:
    """Return the ETag, without its quotes, of the aliases of all models."""
    revisions = [[name, state.revision] for name, state in states.items()]
    return hashlib.sha256(json.dumps(revisions).encode()).hexdigest()[:32]


def required(if_match: str | None) -> str:
    """Refuse a request without If-Match, which could undo another's move."""
    if if_match is None:
        raise HttpProblem(428, "expected an If-Match header with the ETag of /admin/aliases, got none")
    return if_match


def expected_revision(store: ModelStore, name: str, if_match: str) -> str | None:
    """Return the revision that the aliases of a model must still have; None for any.

    Raises
    ------
    StaleAliases : nothing that the header names is how things are.
    """
    state = store.alias_state(name)
    named = {part.strip() for part in if_match.split(",")}
    if "*" in named:
        return None
    if named & {f'"{state.revision}"', f'"{etag_of_all(states_of(store, None))}"'}:
        return state.revision
    raise StaleAliases(
        f"an alias has moved in the meantime: expected If-Match to be the ETag of /admin/aliases, got {if_match}",
        model=name,
        aliases=state.aliases,
        revision=state.revision,
    )
