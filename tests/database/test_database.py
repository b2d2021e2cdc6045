"""The database: made and brought up to date by whoever opens it, whole or unchanged after every block."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, insert, literal, select, text, update

import app.database
from app.database import METADATA, Database
from app.database.tables import CORRECTIONS, KEYS
from app.errors import DatabaseFailed, InvalidInput

_NOON = datetime(2026, 11, 28, 12, tzinfo=timezone(timedelta(hours=1)))


@pytest.fixture(autouse=True)
def _migrations(upgrade_by_migrations, monkeypatch):
    """Let every database be made by the migrations themselves."""
    monkeypatch.setattr(Database, "_upgrade", upgrade_by_migrations)


def _key(name, **other):
    return {"id": name, "name": name, "hash": "", "scopes": [], "created_at": _NOON, **other}


def test_migrations_make_the_tables_that_the_code_describes(database):
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_what_was_written_is_there_when_it_is_opened_again(database_url, database):
    with database.writing() as connection:
        connection.execute(insert(KEYS).values(_key("a")))
    again = Database(database_url)
    with again.reading() as connection:
        assert connection.scalar(select(KEYS.c.name)) == "a"
    again.close()


def test_one_of_an_earlier_release_is_brought_up_to_date(database_url):
    config, engine = Config(), create_engine(database_url)
    config.set_main_option("script_location", str(Path(app.database.__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        values = "'row', 'A', 'sha', '', '2026-11-28 12:00:00'"
        for name, details in (("part", '{"on_page": {"page": "sha/1"}}'), ("whole", "{}")):
            columns = "id, details, level, text, image, seen, created_at"
            connection.exec_driver_sql(f"INSERT INTO corrections ({columns}) VALUES ('{name}', '{details}', {values})")
    engine.dispose()
    database = Database(database_url)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.execute(select(CORRECTIONS.c.id, CORRECTIONS.c.page).order_by(CORRECTIONS.c.id)).all() == [
            ("part", "sha/1"),
            ("whole", None),
        ]
    database.close()


def test_one_of_a_later_release_is_refused(database_url, database):
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseFailed, match="later release"):
        Database(database_url)


def test_times_come_back_aware_and_in_utc(database):
    with database.writing() as connection:
        connection.execute(insert(KEYS).values(_key("a")))
        found = connection.scalar(select(KEYS.c.created_at))
    assert found == _NOON
    assert found.utcoffset() == timedelta(0)


def test_a_block_that_raises_changes_nothing(database):
    def write_and_fail():
        with database.writing() as connection:
            connection.execute(insert(KEYS).values(_key("a")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with database.reading() as connection:
        assert connection.scalar(select(KEYS.c.id)) is None


def test_writers_that_first_read_take_turns(database):
    with database.writing() as connection:
        connection.execute(insert(KEYS).values(_key("a", hash="0")))

    def count_up(_):
        with database.writing() as connection:
            count = int(connection.scalar(select(KEYS.c.hash)))
            connection.execute(update(KEYS).values(hash=str(count + 1)))

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(count_up, range(40)))
    with database.reading() as connection:
        assert connection.scalar(select(KEYS.c.hash)) == "40"


def test_a_writer_whose_turn_does_not_come_is_told(database_url, monkeypatch):
    monkeypatch.setattr("app.database.database._PATIENCE_S", 0.2)
    database = Database(database_url)
    with database.writing(), pytest.raises(DatabaseFailed, match="lock"), database.writing():
        pass
    with database.writing():
        pass
    database.close()


def test_processes_that_open_it_at_once_make_it_once(database_url):
    code = f"from app.database import Database; Database({database_url!r}).close()"
    started = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(3)]
    assert [process.wait() for process in started] == [0, 0, 0]


@pytest.mark.parametrize("url", ["nonsense", "oracle8://host/name"])
def test_an_address_that_cannot_be_is_told(url):
    with pytest.raises(InvalidInput, match="expected"):
        Database(url)


def test_a_file_that_is_no_database_is_told_by_its_address(tmp_path):
    (tmp_path / "inkrow.db").write_bytes(b"something else" * 100)
    with pytest.raises(DatabaseFailed, match=r"inkrow\.db failed: file is not a database"):
        Database(f"sqlite:///{tmp_path / 'inkrow.db'}")


def test_a_file_that_cannot_be_opened_is_told_with_what_is_expected(tmp_path):
    with pytest.raises(DatabaseFailed, match=r"unable to open database file; expected a file that may be read and wri"):
        Database(f"sqlite:///{tmp_path}")


def test_a_password_is_never_shown():
    with pytest.raises(DatabaseFailed) as caught:
        Database("postgresql+psycopg://somebody:secret@127.0.0.1:1/inkrow")
    assert "secret" not in caught.value.detail
    with pytest.raises(InvalidInput, match=r"got 'postgresql//somebody:\*\*\*@here'"):
        Database("postgresql//somebody:secret@here")


def test_how_long_postgresql_is_waited_for_can_be_said_in_its_address(postgresql_url):
    database = Database(f"{postgresql_url}?connect_timeout=7")
    with database.reading() as connection:
        used = connection.connection.dbapi_connection.info.get_parameters()
    assert (used["connect_timeout"], used["tcp_user_timeout"]) == ("7", "10000")
    database.close()


def test_a_table_that_is_missing_is_a_failure_of_the_database(database):
    with pytest.raises(DatabaseFailed, match=r"no such table|does not exist"), database.reading() as connection:
        connection.execute(text("SELECT * FROM elsewhere"))


def test_a_value_that_it_cannot_hold_is_the_senders(database):
    number_or_text = 2**70 if "sqlite" in database.shown_url else "\0"
    with pytest.raises(InvalidInput, match="can hold"), database.reading() as connection:
        connection.execute(select(KEYS.c.id).where(KEYS.c.name == literal(number_or_text))).all()


def test_its_folder_is_made_for_nobody_else(tmp_path):
    Database(f"sqlite:///{tmp_path / 'folder' / 'inkrow.db'}").close()
    assert (tmp_path / "folder").stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DatabaseFailed, match="cannot make the folder"):
        Database(f"sqlite:///{tmp_path / 'file' / 'inkrow.db'}")
