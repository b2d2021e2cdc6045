"""Requests that may come twice and do something once."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi import Response
from fastapi.testclient import TestClient
from pydantic import BaseModel

from app.access import IdempotencyStore
from app.api import create_app
from app.api.access.idempotency import IdempotentDep
from app.errors import DatabaseFailed, InvalidInput


class Wish(BaseModel):
    number: int = 1


@pytest.fixture
def things(settings, reader, tmp_path):
    """Give a service that makes things."""
    app = create_app(settings.model_copy(update={"database_url": f"sqlite:///{Path(tmp_path) / 'inkrow.db'}"}))
    made = []

    @app.post("/things")
    def make_thing(wish: Wish, once: IdempotentDep) -> Response:
        def make():
            if wish.number < 0:
                raise InvalidInput("too few")
            made.append(wish.number)
            return Response(f"{len(made)}", 202, {"Location": f"/things/{len(made)}"}, "application/json")

        return once.answer(make)

    with TestClient(app, raise_server_exceptions=False) as client:
        client.made = made
        yield client


def _post(client, key, number=1):
    return client.post("/things", json={"number": number}, headers={} if key is None else {"Idempotency-Key": key})


def test_the_same_request_with_the_same_key_is_answered_as_before(things):
    first, second = _post(things, "k"), _post(things, '"k"')
    assert things.made == [1]
    assert first.status_code == second.status_code == 202
    assert first.content == second.content == b"1"
    assert first.headers["location"] == second.headers["location"] == "/things/1"
    assert second.headers["idempotent-replayed"] == "true"
    assert "idempotent-replayed" not in first.headers


def test_without_a_key_each_request_counts(things):
    assert [_post(things, None).text, _post(things, None).text] == ["1", "2"]


def test_another_body_with_the_same_key_is_refused(things, problem):
    _post(things, "k")
    problem(_post(things, "k", 2), 422, "idempotency-key-reused")


def test_a_refused_request_may_be_mended_under_its_key(things, problem):
    problem(_post(things, "k", -1), 422, "invalid-input")
    assert _post(things, "k", 2).status_code == 202


@pytest.mark.parametrize("key", ["", '""', "x" * 256])
def test_a_key_has_characters_but_not_too_many(things, problem, key):
    assert "Idempotency-Key" in problem(_post(things, key), 422, "invalid-input")["detail"]


def test_what_was_done_is_told_even_if_it_cannot_be_kept_and_is_not_done_again(things, problem, monkeypatch, caplog):
    def fail(*_):
        raise DatabaseFailed("no more room")

    monkeypatch.setattr(IdempotencyStore, "finish", fail)
    assert _post(things, "k").status_code == 202
    assert "no more room" in caplog.text
    problem(_post(things, "k"), 409, "request-under-way")
    assert things.made == [1]
