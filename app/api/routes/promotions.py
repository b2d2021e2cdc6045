"""Which version serves: moving aliases, going back, and the log of both."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from app.api.access.guards import Caller, CallerDep, may
from app.api.access.idempotency import IdempotentDep
from app.api.answers import cacheable, uncached
from app.api.dependencies import SettingsDep
from app.api.inspection.inspected import InspectorDep
from app.api.openapi import answer_example, documented_headers, problem_responses
from app.api.paging import LINK, PageQuery, part_of_list
from app.api.promotion.revisions import IfMatch, etag_of_all, expected_revision, required, state_document, states_of
from app.api.promotion.schemas import AliasesOut, MovedOut, MoveIn, PromotionOut, PromotionsOut, RollbackIn
from app.api.queries import Strict, no_repeats
from app.api.serving.turns import PresenceDep
from app.ensemble import Choice
from app.errors import GateRefused, InvalidInput
from app.store import CHAMPION, PREVIOUS, ModelStore, Move, Occasion

router = APIRouter(prefix="/admin", tags=["promotion"], dependencies=[Depends(may("admin")), Depends(no_repeats())])

_ETAG = documented_headers({"ETag": "The revision of the aliases."})


class PromotionsQuery(PageQuery):
    """Which moves are wanted."""

    model: str | None = Field(default=None, max_length=64, description="Of one model.")


class AliasesQuery(Strict):
    """Which aliases are wanted."""

    model: str | None = Field(default=None, max_length=64, description="Of one model.")


@router.get(
    "/aliases",
    response_model=AliasesOut,
    responses={
        **answer_example("/admin/aliases", headers=_ETAG),
        **problem_responses("invalid-input", "model-not-found"),
    },
)
def list_aliases(request: Request, query: Annotated[AliasesQuery, Query()], inspector: InspectorDep) -> Response:
    """List what aliases stand for; the ETag is what a move of one wants as If-Match."""
    states = states_of(inspector.store, query.model)
    document = {"models": [state_document(name, state) for name, state in states.items()]}
    etag = etag_of_all(states) if query.model is None else states[query.model].revision
    return cacheable(request, document, "json", etag=etag)


@router.put(
    "/aliases/{alias}",
    response_model=MovedOut,
    responses={
        **answer_example("/admin/aliases/{alias}", headers=_ETAG),
        **problem_responses(
            "invalid-input",
            "model-not-found",
            "conflict",
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
    `candidate` or `previous`: a misspelt one would move nothing. By no means does a model of another kind serve than
    its name stands for.
    """
    if_match = required(if_match)
    if wanted.force and wanted.reason is None:
        raise InvalidInput("force: expected a reason beside it, got none")
    store, name = inspector.store, wanted.model or settings.model
    expected = expected_revision(store, name, if_match)
    version = store.resolve(name, wanted.version)
    if not wanted.new:
        store.require_alias(name, alias)
    Choice.of(settings).require_usable(store, name, version, alias)
    occasion = Occasion(_by(caller), wanted.reason, expected=expected)
    verdict: dict[str, Any] | None = None
    if alias != CHAMPION:
        store.set_alias(name, alias, version, occasion)
    elif wanted.force:
        store.promote(name, version, replace(occasion, forced=True))
    else:
        if store.aliases(name).get(CHAMPION) != version:
            verdict = request.app.state.gate.compare(name, version, checkpoint)
            if not verdict["passed"]:
                raise GateRefused(verdict["sentence"], verdict=verdict)
        store.promote(name, version, replace(occasion, figures=verdict))
    return _moved(request, store, name, alias, verdict)


@router.delete(
    "/aliases/{alias}",
    status_code=204,
    response_class=Response,
    responses=problem_responses("invalid-input", "model-not-found", "conflict", "stale-aliases", "precondition-needed"),
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
    expected = expected_revision(store, name, required(if_match))
    Choice.of(settings).require_idle(name, alias)
    store.delete_alias(name, alias, Occasion(_by(caller), expected=expected))


@router.post(
    "/aliases/champion/rollback",
    response_model=MovedOut,
    responses={
        **answer_example("/admin/aliases/{alias}", headers=_ETAG),
        **problem_responses("invalid-input", "model-not-found", "conflict", "stale-aliases"),
    },
)
def roll_back(
    request: Request,
    settings: SettingsDep,
    inspector: InspectorDep,
    caller: CallerDep,
    answered: IdempotentDep,
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
        expected = None if if_match is None else expected_revision(store, name, if_match)
        Choice.of(settings).require_usable(store, name, PREVIOUS)
        store.rollback(name, Occasion(_by(caller), asked.reason, expected=expected))
        return _moved(request, store, name, CHAMPION, None)

    return answered.answer(go_back)


@router.get(
    "/promotions",
    response_model=PromotionsOut,
    responses={
        **answer_example("/admin/promotions", headers=LINK),
        **problem_responses("invalid-input", "model-not-found"),
    },
)
def list_promotions(request: Request, query: Annotated[PromotionsQuery, Query()], inspector: InspectorDep) -> Response:
    """List every move of an alias, the newest first: who, when, from which version to which, why, and by which figures.

    The log only grows. It has what this store's aliases did since it has one.
    """
    store = inspector.store
    moves = [move for name in ([query.model] if query.model else store.names()) for move in store.moves(name)]
    moves.sort(key=_place, reverse=True)
    before = query.after(tuple[str, str, int])
    found = [move for move in moves if before is None or _place(move) < before]
    return part_of_list(request, found, query.limit, _place, _move_document)


def _place(move: Move) -> tuple[str, str, int]:
    return move.at, move.model, move.number


def _move_document(move: Move) -> dict[str, Any]:
    return {name: getattr(move, name) for name in PromotionOut.model_fields}


def _by(caller: Caller) -> str:
    return f"key {caller.key_id}"


def _moved(request: Request, store: ModelStore, name: str, alias: str, verdict: dict[str, Any] | None) -> Response:
    """Answer with how things are, this process having caught up with them."""
    request.app.state.follower.look()
    state = store.alias_state(name)
    document = {**state_document(name, state), "alias": alias, "version": state.aliases[alias], "verdict": verdict}
    return uncached(document, headers={"ETag": f'"{state.revision}"'})
