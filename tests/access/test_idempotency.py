"""Requests that were answered before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from app.access import IdempotencyStore
from app.database.tables import IDEMPOTENCY
from app.errors import IdempotencyKeyReused, RequestUnderWay


@pytest.fixture
def answered(database):
    return IdempotencyStore(database)


@pytest.fixture
def make_older(database):
    """Let so much time pass."""

    def change(by):
        with database.writing() as connection:
            connection.execute(update(IDEMPOTENCY).values(created_at=datetime.now(UTC) - by))

    return change


def test_the_same_request_has_the_answer_of_before(answered):
    assert answered.begin("me", "k", "f") is None
    answered.finish("me", "k", {"status": 202})
    assert answered.begin("me", "k", "f") == {"status": 202}


def test_another_request_with_the_same_key_is_refused(answered):
    answered.begin("me", "k", "f")
    with pytest.raises(IdempotencyKeyReused):
        answered.begin("me", "k", "other")


def test_a_request_that_is_being_answered_is_not_begun_again(answered):
    answered.begin("me", "k", "f")
    with pytest.raises(RequestUnderWay):
        answered.begin("me", "k", "f")


def test_keys_of_others_are_others(answered):
    assert answered.begin("me", "k", "f") is answered.begin("you", "k", "f") is None


def test_a_request_that_came_to_nothing_may_come_again(answered):
    answered.begin("me", "k", "f")
    answered.abandon("me", "k")
    assert answered.begin("me", "k", "f") is None


def test_an_answer_is_kept_for_a_day(answered, make_older):
    answered.begin("me", "k", "f")
    answered.finish("me", "k", {})
    make_older(timedelta(hours=23))
    assert answered.begin("me", "k", "f") == {}
    make_older(timedelta(hours=25))
    assert answered.begin("me", "k", "f") is None


def test_a_request_whose_process_died_is_not_begun_again_for_it_may_have_been_done(answered, make_older):
    answered.begin("me", "k", "f")
    make_older(timedelta(minutes=2))
    with pytest.raises(RequestUnderWay, match="never answered"):
        answered.begin("me", "k", "f")
    make_older(timedelta(hours=25))
    assert answered.begin("me", "k", "f") is None


def test_of_many_at_once_one_begins(answered):
    def begin(_):
        try:
            return answered.begin("me", "k", "f") is None
        except RequestUnderWay:
            return False

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(begin, range(20))) == 1
