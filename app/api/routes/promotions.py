"""Which version serves: moving aliases, going back, and the log of both."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, ClassVar, Literal

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from pydantic import BaseModel, BeforeValidator, Field

from app.api.access.guards import Caller, CallerDep, may
from app.api.answers import cacheable, uncached
from app.api.dependencies import SettingsDep
from app.api.idempotency import OnceDep
from app.api.inspection.inspected import InspectorDep
from app.api.openapi import answer_example, documented_headers, problem_responses
from app.api.paging import LINK, PageQuery, part_of_list, to_cursor
from app.api.problems import HttpProblem
from app.api.queries import Strict, once, optional
from app.api.serving.turns import PresenceDep
from app.ensemble import Choice
from app.errors import GateRefused, InvalidInput, StaleAliases
from app.store import CHAMPION, AliasState, ModelStore, Move, Occasion

router = APIRouter(prefix="/admin", tags=["promotion"], dependencies=[Depends(may("admin")), Depends(once())])

_ETAG = documented_headers({"ETag": "The revision of the aliases."})
_MODEL = Field(
    default=None, max_length=64, description="Name of the model; that for glyphs if not given.", examples=["handprint"]
)
_REASON = Field(default=None, min_length=1, max_length=500, description="Why; it goes into the log.")

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The ETag of `GET /admin/aliases`, with or without `model`, or `*` to move whatever has happened.",
        json_schema_extra=optional,
    ),
]


def _as_reference(version: Any) -> Any:
    """Take a number for its digits; True and False are numbers to Python alone."""
    return str(version) if isinstance(version, int) and not isinstance(version, bool) else version


class MoveIn(Strict):
    """What an alias is to stand for."""

    _CALLED: ClassVar[str] = "members"

    model: str | None = _MODEL
    version: Annotated[str, BeforeValidator(_as_reference)] = Field(
        min_length=1, max_length=64, description='A version by its number (3 or `"3"`), or another alias.'
    )
    new: bool = Field(default=False, description="Let the alias be one that the model does not have yet.")
    force: bool = Field(default=False, description="Pass the gate by; this takes a reason.")
    reason: str | None = _REASON


class RollbackIn(Strict):
    """Of which model the previous champion is to serve again."""

    _CALLED: ClassVar[str] = "members"

    model: str | None = _MODEL
    reason: str | None = _REASON


class ModelAliasesOut(BaseModel):
    """The aliases of a model."""

    model: str
    aliases: dict[str, str] = Field(description="Versions by the names that stand for them.")
    revision: str = Field(description="Another one whenever an alias has moved; the ETag with `model`.")


class AliasesOut(BaseModel):
    """The aliases of all models, or of one."""

    models: list[ModelAliasesOut]


class MovedOut(ModelAliasesOut):
    """What an alias stands for now."""

    alias: str
    version: str
    verdict: dict[str, Any] | None = Field(
        description="What the gate found (`docs/promotion.md`); null if it was not asked."
    )


class PromotionOut(BaseModel):
    """A move of an alias."""

    number: int = Field(description="Of the moves of this model, from 1.")
    at: str = Field(description="UTC.")
    model: str
    alias: str
    from_version: str | None = Field(description="What the alias stood for; null if there was none.")
    to_version: str | None = Field(description="What the alias stands for now; null if it was deleted.")
    kind: Literal["promote", "rollback", "forced", "alias", "delete"] = Field(
        description="`promote` and `rollback` move the champion, `forced` does so past the gate; `alias` moves another "
        "one, and `delete` takes it away."
    )
    by: str
    reason: str | None
    figures: dict[str, Any] | None = Field(description="The verdict of the gate, if there was one.")


class PromotionsOut(BaseModel):
    """A part of the log."""

    items: list[PromotionOut]
    next_cursor: str | None = Field(description="Begins the next part; null on the last.")


class PromotionsQuery(PageQuery):
    """Which moves are wanted."""

    model: str | None = Field(default=None, max_length=64, description="Of one model.", json_schema_extra=optional)


class AliasesQuery(Strict):
    """Which aliases are wanted."""

    model: str | None = Field(default=None, max_length=64, description="Of one model.", json_schema_extra=optional)


@router.get(
    "/aliases",
    response_model=AliasesOut,
    responses={
        200: {**answer_example("/admin/aliases")[200], "headers": _ETAG},
        **problem_responses("/admin/aliases", "model-not-found"),
    },
)
def list_aliases(request: Request, query: Annotated[AliasesQuery, Query()], inspector: InspectorDep) -> Response:
    """List what aliases stand for; the ETag is what a move of one wants as If-Match."""
    states = _states(inspector.store, query.model)
    document = {"models": [_state_document(name, state) for name, state in states.items()]}
    etag = _etag_of_all(states) if query.model is None else states[query.model].revision
    return cacheable(request, document, "json", immutable=False, etag=etag)


@router.put(
    "/aliases/{alias}",
    response_model=MovedOut,
    responses={
        200: {**answer_example("/admin/aliases/{alias}")[200], "headers": _ETAG},
        **problem_responses(
            "/admin/aliases/champion",
            "invalid-input",
            "model-not-found",
            "gate-refused",
            "stale-aliases",
            "precondition-needed",
            "damaged-model",
            "server-busy",
        ),
    },
)
def move_alias(
    request: Request,
    alias: str,
    wanted: MoveIn,
    settings: SettingsDep,
    inspector: InspectorDep,
    caller: CallerDep,
    checkpoint: PresenceDep,
    if_match: IfMatch = None,
) -> Response:
    """Let an alias stand for a version; every process serves a new champion within two seconds.

    A champion is compared with the old one first, which takes about half a minute; if it is worse, or has not learnt
    what was corrected, the answer is 409 with all figures. A client that hangs up meanwhile moves nothing. `force`
    passes the gate by, and its reason is written down. An alias that is not there yet takes `new`, unless it is
    `candidate` or `previous`: a misspelt one would move nothing.
    """
    if_match = _required(if_match)
    if wanted.force and wanted.reason is None:
        raise InvalidInput("force: expected a reason beside it, got none")
    store, name = inspector.store, wanted.model or settings.model
    expected = _expected(store, name, if_match)
    version = store.resolve(name, wanted.version)
    if not wanted.new:
        store.require_alias(name, alias)
    occasion = Occasion(_by(caller), wanted.reason, expected=expected)
    verdict: dict[str, Any] | None = None
    if alias != CHAMPION:
        store.set_alias(name, alias, version, occasion)
    elif wanted.force:
        store.promote(name, version, Occasion(_by(caller), wanted.reason, forced=True, expected=expected))
    else:
        if store.aliases(name).get(CHAMPION) != version:
            verdict = request.app.state.judge.compare(name, version, checkpoint)
            if not verdict["passed"]:
                raise GateRefused(verdict["sentence"], verdict=verdict)
        store.promote(name, version, Occasion(_by(caller), wanted.reason, verdict, expected=expected))
    return _moved(request, store, name, alias, verdict)


@router.delete(
    "/aliases/{alias}",
    status_code=204,
    responses=problem_responses(
        "/admin/aliases/old", "invalid-input", "model-not-found", "conflict", "stale-aliases", "precondition-needed"
    ),
)
def delete_alias(
    alias: str,
    query: Annotated[AliasesQuery, Query()],
    settings: SettingsDep,
    inspector: InspectorDep,
    caller: CallerDep,
    if_match: IfMatch = None,
) -> None:
    """Take an alias away, not the champion or one by which a model serves; the version that it stood for stays."""
    store, name = inspector.store, query.model or settings.model
    expected = _expected(store, name, _required(if_match))
    Choice.of(settings).require_idle(name, alias)
    store.delete_alias(name, alias, Occasion(_by(caller), expected=expected))


@router.post(
    "/aliases/champion/rollback",
    response_model=MovedOut,
    responses={
        200: {**answer_example("/admin/aliases/{alias}")[200], "headers": _ETAG},
        **problem_responses(
            "/admin/aliases/champion/rollback", "invalid-input", "model-not-found", "conflict", "stale-aliases"
        ),
    },
)
def roll_back(
    request: Request,
    settings: SettingsDep,
    inspector: InspectorDep,
    caller: CallerDep,
    answered: OnceDep,
    wanted: RollbackIn | None = None,
    if_match: IfMatch = None,
) -> Response:
    """Let the previous champion serve again, at once and without the gate; a second call returns.

    It needs no body and no If-Match, but heeds both. With an `Idempotency-Key` a call that is repeated because its
    answer was lost does not undo itself.
    """
    store, asked = inspector.store, wanted or RollbackIn()
    name = asked.model or settings.model

    def go_back() -> Response:
        expected = None if if_match is None else _expected(store, name, if_match)
        store.rollback(name, Occasion(_by(caller), asked.reason, expected=expected))
        return _moved(request, store, name, CHAMPION, None)

    return answered.answer(go_back)


@router.get(
    "/promotions",
    response_model=PromotionsOut,
    responses={
        200: {**answer_example("/admin/promotions")[200], "headers": LINK},
        **problem_responses("/admin/promotions", "invalid-input", "model-not-found"),
    },
)
def list_promotions(request: Request, query: Annotated[PromotionsQuery, Query()], inspector: InspectorDep) -> Response:
    """List every move of an alias, the newest first: who, when, from which version to which, why, and by which figures.

    The log only grows. It has what this store's aliases did since it has one.
    """
    store = inspector.store
    moves = [move for name in ([query.model] if query.model else store.names()) for move in store.moves(name)]
    moves.sort(key=_place, reverse=True)
    before = query.after(lambda at, model, number: (str(at), str(model), int(number)))
    found = [move for move in moves if before is None or _place(move) < before]
    part = found[: query.limit]
    more = to_cursor(*_place(part[-1])) if len(found) > len(part) else None
    return part_of_list(request, [_move_document(move) for move in part], more)


def _place(move: Move) -> tuple[str, str, int]:
    return move.at, move.model, move.number


def _move_document(move: Move) -> dict[str, Any]:
    return {name: getattr(move, name) for name in PromotionOut.model_fields}


def _states(store: ModelStore, name: str | None) -> dict[str, AliasState]:
    return {each: store.alias_state(each) for each in ([name] if name is not None else store.names())}


def _state_document(name: str, state: AliasState) -> dict[str, Any]:
    return {"model": name, "aliases": state.aliases, "revision": state.revision}


def _etag_of_all(states: dict[str, AliasState]) -> str:
    revisions = [[name, state.revision] for name, state in states.items()]
    return hashlib.sha256(json.dumps(revisions).encode()).hexdigest()[:32]


def _required(if_match: str | None) -> str:
    if if_match is None:
        raise HttpProblem(428, "expected an If-Match header with the ETag of /admin/aliases, got none")
    return if_match


def _expected(store: ModelStore, name: str, if_match: str) -> str | None:
    """Return the revision that the aliases of a model must still have; None for any.

    Raises
    ------
    StaleAliases : nothing that the header names is how things are.
    """
    state = store.alias_state(name)
    named = {part.strip() for part in if_match.split(",")}
    if "*" in named:
        return None
    if named & {f'"{state.revision}"', f'"{_etag_of_all(_states(store, None))}"'}:
        return state.revision
    raise StaleAliases(
        f"an alias has moved in the meantime: expected If-Match to be the ETag of /admin/aliases, got {if_match}",
        model=name,
        aliases=state.aliases,
        revision=state.revision,
    )


def _by(caller: Caller) -> str:
    return f"key {caller.key_id}"


def _moved(request: Request, store: ModelStore, name: str, alias: str, verdict: dict[str, Any] | None) -> Response:
    """Answer with how things are, this process having caught up with them."""
    request.app.state.follower.look()
    state = store.alias_state(name)
    document = {**_state_document(name, state), "alias": alias, "version": state.aliases[alias], "verdict": verdict}
    return uncached(document, headers={"ETag": f'"{state.revision}"'})
