"""Keys: shown once, kept as hashes, refused from the moment they are revoked or expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from app.access import KeyStore, Scope
from app.database import Database
from app.database.tables import KEYS
from app.errors import InvalidInput, NotFound

_NOON = datetime(2026, 11, 28, 12, tzinfo=UTC)


class Clock:
    def __init__(self):
        self.now = _NOON

    def __call__(self):
        return self.now

    def wait(self, **period):
        self.now += timedelta(**period)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(database, clock):
    return KeyStore(database, clock)


def test_a_key_opens_what_it_was_made_for_and_what_that_includes(keys):
    _, sent = keys.create("scanner", [Scope.CORRECT])
    key = keys.verify(sent)
    assert key.name == "scanner"
    assert key.scopes == {Scope.CORRECT}
    assert key.permitted == {Scope.READ, Scope.CORRECT}


@pytest.mark.parametrize(
    "scope, included", [("read", {"read"}), ("correct", {"read", "correct"}), ("admin", {"read", "correct", "admin"})]
)
def test_each_scope_includes_those_before_it(scope, included):
    assert Scope(scope).included == included


def test_a_key_tells_its_id_and_has_256_random_bits(keys):
    made = [keys.create("a", [Scope.READ]) for _ in range(3)]
    for key, sent in made:
        prefix, key_id, secret = sent.split("_")
        assert (prefix, key_id, len(bytes.fromhex(secret))) == ("inkrow", key.id, 32)
    assert len({sent for _, sent in made}) == len({key.id for key, _ in made}) == 3


def test_the_database_has_no_secret(keys, database):
    _, sent = keys.create("a", [Scope.READ])
    with database.reading() as connection:
        stored = str(connection.execute(select(KEYS)).one())
    assert sent.rpartition("_")[2] not in stored


@pytest.mark.parametrize(
    "spoil",
    [
        lambda sent: sent[:-1] + ("0" if sent[-1] != "0" else "1"),
        lambda sent: sent[:-1],
        lambda sent: sent + "0",
        lambda sent: sent.replace("inkrow", "other"),
        lambda sent: "inkrow_" + "0" * 12 + sent[-65:],
        lambda sent: "",
        lambda sent: "é" * 84,
    ],
)
def test_what_is_not_exactly_a_key_opens_nothing(keys, spoil):
    _, sent = keys.create("a", [Scope.ADMIN])
    assert keys.verify(spoil(sent)) is None


def test_an_expired_key_opens_nothing(keys, clock):
    _, sent = keys.create("a", [Scope.READ], expires_at=_NOON + timedelta(days=1))
    clock.wait(hours=23, minutes=59)
    assert keys.verify(sent)
    clock.wait(minutes=1)
    assert keys.verify(sent) is None


def test_a_revoked_key_opens_nothing_from_then_on_wherever_it_is_shown(keys, database_url):
    key, sent = keys.create("a", [Scope.READ])
    other_process = Database(database_url)
    elsewhere = KeyStore(other_process)
    assert elsewhere.verify(sent)
    assert keys.revoke(key.id).revoked_at == _NOON
    assert elsewhere.verify(sent) is None
    other_process.close()


def test_to_revoke_twice_changes_nothing(keys, clock):
    key, _ = keys.create("a", [Scope.READ])
    keys.revoke(key.id)
    clock.wait(hours=1)
    assert keys.revoke(key.id).revoked_at == _NOON


def test_an_id_that_no_key_has_cannot_be_revoked(keys):
    with pytest.raises(NotFound, match=r"expected the id of a key .*, got 'scanner'"):
        keys.revoke("scanner")


def test_use_is_noted_at_most_once_a_minute(keys, clock):
    _, sent = keys.create("a", [Scope.READ])
    uses = []
    for _ in range(5):
        keys.note_use(keys.verify(sent))
        uses.append(keys.list()[0].last_used_at)
        clock.wait(seconds=25)
    assert uses == [_NOON] * 3 + [_NOON + timedelta(seconds=75)] * 2


def test_a_use_that_another_process_noted_is_not_noted_again(keys, clock):
    _, sent = keys.create("a", [Scope.READ])
    before = keys.verify(sent)
    keys.note_use(before)
    clock.wait(seconds=5)
    keys.note_use(before)
    assert keys.list()[0].last_used_at == _NOON


def test_the_list_has_all_keys_oldest_first(keys, clock):
    names = ["b", "a", "b"]
    for name in names:
        keys.revoke(keys.create(name, [Scope.READ])[0].id)
        clock.wait(seconds=1)
    assert [key.name for key in keys.list()] == names


def test_the_first_admin_key_is_made_only_where_there_has_never_been_one(keys):
    keys.create("a", [Scope.CORRECT])
    assert not keys.has_admin()
    key, sent = keys.create_first("first")
    assert keys.verify(sent).permitted == set(Scope)
    assert keys.create_first("second") is None
    keys.revoke(key.id)
    assert keys.has_admin()
    assert keys.create_first("third") is None


@pytest.mark.parametrize("name", ["", "  ", "x" * 129])
def test_a_name_is_neither_nothing_nor_a_story(keys, name):
    with pytest.raises(InvalidInput, match="expected a name of 1 to 128 characters"):
        keys.create(name, [Scope.READ])


def test_a_key_for_nothing_is_not_made(keys):
    with pytest.raises(InvalidInput, match="at least one scope of read, correct, admin, got none"):
        keys.create("a", [])


def test_a_key_that_has_expired_is_not_made(keys):
    with pytest.raises(InvalidInput, match=r"expected an end in the future, got 20\d\d-"):
        keys.create("a", [Scope.READ], expires_at=_NOON)
