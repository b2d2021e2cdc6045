"""The database: each process opens it once, and the first one brings its tables up to date."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DataError, NoSuchModuleError, SQLAlchemyError

from app.errors import DatabaseFailed, InvalidInput
from app.validation_messages import without_password

_MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_PATIENCE_S = 30.0  # for another writer; SQLite lets one in at a time
# By its own settings PostgreSQL waits minutes for a host that is off, and a quarter of an hour for one that goes off
# during a query. Meanwhile others would take a worker's job over, and the worker could not stop it.
_POSTGRESQL_PATIENCE = {
    "connect_timeout": "5",  # seconds
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",  # milliseconds
}
_LOST_S = 60  # a writer that says nothing for so long has vanished, and the others go on without it
_WRITERS_LOCK = 0x1_4B_52_4F_57  # any number that no other program is likely to take in the same PostgreSQL database


class Database:
    """Jobs, corrections and keys. Threads may share it; processes open their own.

    Parameters
    ----------
    url : as SQLAlchemy writes it, ``sqlite:///folder/file.db`` or ``postgresql+psycopg://user:password@host/name``

    Raises
    ------
    InvalidInput : no such address, or the library for it is not installed; later on, a value that it cannot hold.
    DatabaseFailed : it cannot be reached, or is of a later release.
    """

    def __init__(self, url: str) -> None:
        parsed = _parse(url)
        self.shown_url = parsed.render_as_string(hide_password=True)
        self._engine = _make_engine(parsed)
        try:
            with self._failing():
                self._upgrade()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection for reading: all queries see the same state."""
        with self._failing(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection for writing: all changes are durable when the block ends, or none is made if it raises.

        Writers of all processes take turns, so nothing that the block has read changes before it ends.
        """
        writer = self._engine.execution_options(inkrow_writes=True)
        with self._failing(), writer.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def _upgrade(self) -> None:
        if self._is_up_to_date():
            return
        from alembic import command  # takes a quarter of a second, and is needed once in the life of a database
        from alembic.config import Config
        from alembic.util import CommandError

        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as exc:  # Alembic finds a version it does not know
                raise DatabaseFailed(f"the database {self.shown_url} is of a later release of Inkrow") from exc

    def _is_up_to_date(self) -> bool:
        newest = max(file.name.partition("_")[0] for file in (_MIGRATIONS / "versions").glob("[0-9]*.py"))
        with self.reading() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return False
            return connection.scalar(text("SELECT version_num FROM alembic_version")) == newest

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except (DataError, OverflowError) as exc:  # NUL in PostgreSQL, for one, or a number of more than 64 bits
            raise InvalidInput(f"expected what the database can hold: {_reason(exc)}") from exc
        except SQLAlchemyError as exc:
            raise DatabaseFailed(f"the database {self.shown_url} failed: {_reason(exc)}") from exc


def _reason(exc: Exception) -> str:
    reason = str(getattr(exc, "orig", None) or exc).partition("\n")[0]
    # SQLite says no more where the file or its folder is closed to us.
    hint = "; expected a file that may be read and written, in a folder where files may be made"
    return reason + hint if reason == "unable to open database file" else reason


def _parse(url: str) -> URL:
    try:
        return make_url(url)
    except ArgumentError as exc:
        raise InvalidInput(
            f"expected the address of a database such as sqlite:///state/inkrow.db, got {without_password(url)!r}"
        ) from exc


def _make_engine(url: URL) -> Engine:
    is_sqlite = url.get_backend_name() == "sqlite"
    if is_sqlite and url.database:
        _make_folder(Path(url.database).parent)
    is_postgresql = url.get_backend_name() == "postgresql"
    if is_postgresql:
        url = url.set(query={**_POSTGRESQL_PATIENCE, **url.query})
    try:
        engine = create_engine(url, pool_pre_ping=not is_sqlite)
    except (NoSuchModuleError, ModuleNotFoundError) as exc:
        raise InvalidInput(
            f"expected a database that this installation knows (.venv/bin/pip install -e '.[postgresql]'), "
            f"got {url.drivername}: {exc}"
        ) from exc
    if is_sqlite:
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    elif is_postgresql:
        event.listen(engine, "begin", _begin_postgresql)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # pages that people sent are nobody else's business
    except OSError as exc:
        raise DatabaseFailed(f"cannot make the folder {folder} for the database: {exc.strerror}") from exc


def _set_up_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # Python's module must not begin transactions of its own, see `_begin_sqlite`
    for pragma in (
        f"busy_timeout = {round(_PATIENCE_S * 1000)}",  # first: the next one may have to wait
        "journal_mode = WAL",  # who reads does not wait for who writes
        "synchronous = FULL",  # what was acknowledged survives a power cut
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that first reads and then wants to write fails at once if another wrote between; one that begins
    # as a writer waits for its turn.
    writes = connection.get_execution_options().get("inkrow_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    # Many may write at a time here, and one that reads a row and then changes it would undo what others did between.
    # What we write is little, so all wait for their turn as with SQLite, and code is right on both if it is on one.
    if connection.get_execution_options().get("inkrow_writes", False):
        for what, seconds in (("lock", _PATIENCE_S), ("idle_in_transaction_session", _LOST_S)):
            connection.exec_driver_sql(f"SET LOCAL {what}_timeout = '{round(seconds * 1000)}ms'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITERS_LOCK})")
