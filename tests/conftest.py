"""Fixtures that every folder of tests may use."""

from __future__ import annotations

import gc
import os
import signal
import sqlite3
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Literal, NoReturn
from urllib.parse import urlsplit
from uuid import uuid4

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from redis import Redis
from sqlalchemy import create_engine, make_url, text

from app.database import Database
from app.datasets import GlyphSet, StrokeSet, draw_glyph_set
from app.datasets.pens.hand import Hand, WrittenStroke, write_row
from app.training import load_recipe
from app.training.experiment.experiment import Experiment, run_experiment
from app.training.recipes.recipe import GlyphRecipe

# A shell lets what it starts in the background ignore Ctrl+C, and the commands that tests interrupt would inherit that.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

PROJECT = Path(__file__).resolve().parent.parent
# A network for rows that is built in no time; `classes` is still to be said.
TINY_ROWS: dict[str, Any] = {
    "name": "row-resnet",
    "channels": [2, 2, 2],
    "blocks": [0, 0, 0],
    "width": 4,
    "dilations": [1],
    "dropout": 0.0,
}


def skip_or_fail(reason: str) -> NoReturn:
    """Skip for want of something outside the project; fail instead where INKROW_REQUIRE_SERVICES=1 promises it."""
    if os.environ.get("INKROW_REQUIRE_SERVICES") == "1":
        pytest.fail(f"INKROW_REQUIRE_SERVICES=1, but {reason}", pytrace=False)
    pytest.skip(reason)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while tests are collected: there is none, and the search takes a fifth of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()  # the tests stay to the end, so they are not searched later on, either


@pytest.fixture(scope="session", autouse=True)
def state_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep what services remember out of the project; a test that wants it empty sets a folder of its own."""
    folder = tmp_path_factory.mktemp("state")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("INKROW_STATE", str(folder))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def upgrade_by_migrations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Database], None]]:
    """Begin every new SQLite database as a copy of one that the migrations made, at a tenth of the price.

    `Database` still looks whether it is up to date. What it does without this is given, for tests of the migrations.
    """

    @cache
    def migrated() -> bytes:
        file = tmp_path_factory.mktemp("migrated") / "inkrow.db"
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Database, "_upgrade", upgrade)
            Database(f"sqlite:///{file}").close()
        return file.read_bytes()

    def begin_with_copy(database: Database) -> None:
        url = database._engine.url
        if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
            # Whoever looks finds it whole. If another was first, or no file can be made, `upgrade` goes on or says so.
            with suppress(OSError), NamedTemporaryFile(dir=Path(url.database).parent) as copy:
                copy.write(migrated())
                copy.flush()
                os.link(copy.name, url.database)
        upgrade(database)

    upgrade = Database._upgrade
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Database, "_upgrade", begin_with_copy)
        yield upgrade


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20261123)


@pytest.fixture(scope="session")
def shared_dir() -> Path:
    """Give the folder with the measurement pages, which is not part of the project."""
    folder = Path(os.environ.get("INKROW_SHARED") or PROJECT.parent / "shared")
    if not folder.is_dir():
        skip_or_fail(f"there are no measurement pages at {folder} (INKROW_SHARED names another folder)")
    return folder


@pytest.fixture
def redis_url() -> str:
    """Give the address of a Redis database in which nothing is: of the 16, each process that runs tests has its own."""
    number = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 16
    url = urlsplit(_service_url("INKROW_TEST_REDIS_URL", "Redis"))._replace(path=f"/{number}").geturl()
    with Redis.from_url(url) as server:
        server.flushdb()
    return url


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    """Give the address of a PostgreSQL database that was made for this test."""
    server = make_url(_service_url("INKROW_TEST_POSTGRESQL_URL", "PostgreSQL"))
    name = f"test_{uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")  # a database is made and dropped outside transactions
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        yield server.set(database=name).render_as_string(hide_password=False)
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Give the address of a database that there is not yet, of each kind in turn."""
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresql_url")
        return url
    return f"sqlite:///{tmp_path / 'inkrow.db'}"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Give a database in which nothing is."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def few_values(database: Database) -> int:
    """Let a statement hold so many values where the database sets a limit: SQLite's is 32,766, if not 250,000."""
    most = 20
    with database.reading() as connection:  # the only connection, which is used again
        driver = connection.connection.dbapi_connection
        if isinstance(driver, sqlite3.Connection):
            driver.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, most)
    return most


def _service_url(variable: str, name: str) -> str:
    if url := os.environ.get(variable):
        return url
    skip_or_fail(f"no {name} is named by {variable}")


def is_running(pid: int) -> bool:
    """Tell whether there is a process of this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def write_samples(chars: str, writers: int, seed: int = 0) -> StrokeSet:
    """Let imagined writers write every character once in our own pen font: a data set without a download."""
    labels, people, samples = _write(chars, writers, seed)
    return StrokeSet(
        labels=labels,
        writers=people,
        relative_size=np.array([np.ptp(np.concatenate(sample), axis=0).max() / 1000 for sample in samples], np.float32),
        doubt=np.zeros(len(samples), np.int16),
        **flat_strokes(samples),
    )


def _write(
    texts: Sequence[str], writers: int, seed: int
) -> tuple[NDArray[np.str_], NDArray[np.str_], list[list[NDArray[np.int16]]]]:
    """Let each writer write every text once: labels, writers, and strokes, a capital being 1000 units high."""
    rng = np.random.default_rng(seed)
    written = [
        (text, f"{seed}-{writer}", _thinned(write_row(text, hand, rng, height_px=1000.0)))
        for writer, hand in enumerate(Hand.random(rng) for _ in range(writers))
        for text in texts
    ]
    labels, people, samples = zip(*written, strict=True)
    return np.array(labels), np.array(people), list(samples)


def _thinned(row: Sequence[WrittenStroke]) -> list[NDArray[np.int16]]:
    """Every third point, as UNIPEN's are thinned."""
    strokes = [stroke.points for stroke in row]
    return [np.concatenate([points[:-1:3], points[-1:]]).round().astype(np.int16) for points in strokes]


def flat_strokes(samples: Sequence[Sequence[NDArray[np.int16]]]) -> dict[str, NDArray[Any]]:
    """Lay out the strokes (points, 2) of samples in flat arrays."""
    strokes = [stroke for sample in samples for stroke in sample]
    return {
        "stroke_ptr": np.cumsum([0, *map(len, samples)]).astype(np.int32),
        "point_ptr": np.cumsum([0, *map(len, strokes)]).astype(np.int32),
        "points": np.concatenate(strokes),
    }


def save_unipen(folder: Path, split: str, samples: StrokeSet, **other: NDArray[Any]) -> Path:
    """Write samples in the form of UNIPEN's characters; `other` takes the place of single arrays."""
    arrays: dict[str, NDArray[Any]] = {
        "labels": samples.labels,
        "writer_group": samples.writers,
        "source_file": np.unique(samples.writers, return_inverse=True)[1].astype(np.int32),
        "extent_mm": samples.relative_size * np.float32(5.0),
        "agree_rank": samples.doubt,
        "stroke_ptr": samples.stroke_ptr,
        "point_ptr": samples.point_ptr,
        "points": samples.points,
    }
    path = folder / f"chars_{split}.npz"
    np.savez(path, **{**arrays, **other})  # type: ignore[arg-type]
    return path


def save_writing(
    folder: Path,
    what: Literal["words", "texts"],
    split: str,
    texts: Sequence[str],
    writers: int = 1,
    seed: int = 0,
    **other: NDArray[Any],
) -> Path:
    """Let imagined writers write words or rows, in the form of UNIPEN's; `other` takes the place of single arrays."""
    labels, people, samples = _write(texts, writers, seed)
    arrays: dict[str, NDArray[Any]] = {
        "labels": labels,
        "writer_group": people,
        "style": np.full(len(labels), "PRINTED"),
        "quality": np.full(len(labels), "OK"),
        "width_logratio": np.zeros(len(labels), np.float32),
        **flat_strokes(samples),
    }
    if what == "texts":
        arrays["rows"] = np.ones(len(labels), np.int16)
    path = folder / f"{what}_{split}.npz"
    np.savez(path, **{**arrays, **other})  # type: ignore[arg-type]
    return path


@pytest.fixture(scope="session")
def pen_samples() -> StrokeSet:
    """Give ten digits and two letters by twelve imagined writers, in the order of the writers."""
    return write_samples("0123456789AB", writers=12)


@pytest.fixture(scope="session")
def six_classes() -> dict[str, GlyphSet]:
    """Give the original's worst pairs, written by imagined writers: all that the experiment needs."""
    splits = {"train": 12, "valid": 6, "test": 3}
    return {
        split: draw_glyph_set(write_samples("0O5S2Z", writers, seed))
        for seed, (split, writers) in enumerate(splits.items())
    }


@pytest.fixture(scope="session")
def short_recipe() -> GlyphRecipe:
    """Give the experiment's recipe with four hidden units, two epochs and small batches."""
    small = load_recipe("unipen36").changed(epochs=(2,), batch_size=6)
    return msgspec.structs.replace(small, network={"name": "dense", "hidden": 4})


@pytest.fixture(scope="session")
def experiment(six_classes: dict[str, GlyphSet], short_recipe: GlyphRecipe) -> Experiment:
    return run_experiment("six classes", six_classes, short_recipe)
