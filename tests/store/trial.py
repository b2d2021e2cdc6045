"""Trials by many short-lived processes: run by test_processes.py, in an interpreter of its own without threads.

Forking is what makes it quick: a process costs milliseconds instead of the start of Python and NumPy. The name of the
trial and a folder to work in come as arguments; an AssertionError is what the test shows.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

from app import durable_files
from app.errors import StoreUnwritable, VersionExists
from app.store import ModelStore
from app.store import disk as disk_module

NAME = "handprint"
_TRACED = {durable_files.__file__, disk_module.__file__}


def publish(store: ModelStore, number: int) -> str:
    """Publish a version whose arrays and card all hold `number`, so that a mixture would be seen."""
    arrays = {"x": np.full(50, number), "y": np.full((2, 3), number, np.float32)}
    return store.publish(NAME, arrays, {"number": number}, initial={"x": np.full(50, number)}).version


def check(store: ModelStore) -> None:
    """Look at all there is: each version is whole and of one piece, and nothing else is there than harmless rests."""
    assert [finding for finding in store.verify() if not finding.harmless] == []
    for version in store.versions(NAME) if NAME in store.names() else []:
        model = store.load(NAME, version)
        assert {int(value) for array in model.arrays.values() for value in array.flat} == {model.card["number"]}


def in_a_process(work: Callable[[], Any]) -> int:
    """Start `work` in a process of its own; returns its number."""
    sys.stdout.flush()
    if (process := os.fork()) == 0:
        status = 1
        try:
            work()
            status = 0
        except Exception:
            traceback.print_exc()
        finally:
            os._exit(status)
    return process


def status_of(process: int) -> int:
    """Wait for a process: 0 for a good end, above it for an error, below it the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def die_at(point: int) -> None:
    """Let this process be killed, without any warning, at the point of that number of its way.

    Points are all audited calls to the system (open, rename, mkdir, remove, ...) and the lines of app/durable_files.py
    and app/store/disk.py, which write and sync in between.
    """
    reached = 0

    def reach() -> None:
        nonlocal reached
        reached += 1
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    def trace(frame: FrameType, event: str, _: object) -> Any:
        if frame.f_code.co_filename not in _TRACED:
            return None
        if event == "line":
            reach()
        return trace

    def hook(event: str, _: object) -> None:
        if event.partition(".")[0] in {"open", "os", "shutil", "fcntl"} and event != "os.kill":
            reach()

    sys.addaudithook(hook)
    sys.settrace(trace)


def killed_everywhere(
    folder: Path, prepare: Callable[[ModelStore], object], work: Callable[[ModelStore], object]
) -> Iterator[ModelStore]:
    """Give the store as it is after `work` was killed at its first point, at its second, and so on to its end."""
    template = ModelStore(folder / "template")
    prepare(template)
    for point in range(1, 1000):
        store = ModelStore(folder / f"killed-{point}")
        shutil.copytree(template.root, store.root)

        def doomed(store: ModelStore = store, point: int = point) -> None:
            die_at(point)
            work(store)

        status = status_of(in_a_process(doomed))
        assert status in {0, -signal.SIGKILL}, f"point {point}: {status}"
        check(store)
        yield store
        shutil.rmtree(store.root)
        if status == 0:
            return
    raise AssertionError("no end in sight")


def kill_publish(folder: Path) -> dict[str, int]:
    """Kill a publishing process everywhere: the old version stays, the new one is whole or absent, the next works."""
    return _kill_publish(folder, lambda store: publish(store, 1), old=[1])


def kill_first_publish(folder: Path) -> dict[str, int]:
    """Kill the process that publishes the first version of all everywhere."""
    return _kill_publish(folder, lambda store: store.root.mkdir(), old=[])


def _kill_publish(folder: Path, prepare: Callable[[ModelStore], object], old: list[int]) -> dict[str, int]:
    seen = []
    for store in killed_everywhere(folder, prepare, lambda store: publish(store, 2)):
        versions = store.versions(NAME) if NAME in store.names() else []
        assert [store.card(NAME, version)["number"] for version in versions] == [*old, 2][: len(versions)]
        assert publish(store, 3) == str(len(versions) + 1)
        check(store)
        seen.append(len(versions) - len(old))
    assert seen == sorted(seen)  # once there, it stays
    return {"absent": seen.count(0), "whole": seen.count(1)}


def kill_promote(folder: Path) -> dict[str, int]:
    """Kill a promoting process everywhere: both aliases have moved, or neither has, and the next move works."""

    def prepare(store: ModelStore) -> None:
        for number in (1, 2, 3):
            publish(store, number)
            store.promote(NAME, str(number))

    seen, finished = [], 0
    for store in killed_everywhere(folder, prepare, lambda store: store.promote(NAME, "1")):
        aliases, moves = store.aliases(NAME), store.moves(NAME)
        assert aliases in ({"champion": "3", "previous": "2"}, {"champion": "1", "previous": "3"})
        assert [move.to_version for move in moves] == ["1", "2", "3", *("1" for _ in moves[3:])]
        assert moves[-1].after == aliases, "log and aliases agree, for readers, at every point"
        store.settle()
        settled = store.aliases(NAME)
        finished += settled != aliases
        assert store.moves(NAME)[-1].after == settled
        assert store.verify() == [finding for finding in store.verify() if finding.place.startswith(f"{NAME}/.")]
        assert store.rollback(NAME) == settled["previous"]
        assert [move.kind for move in store.moves(NAME)][-1] == "rollback"
        seen.append(aliases["champion"])
    assert seen == sorted(seen, reverse=True)
    return {"old": seen.count("3"), "new": seen.count("1"), "finished": finished}


def crowd(folder: Path) -> dict[str, int]:
    """Let processes publish, promote and roll back at once, and one look on."""
    store = ModelStore(folder / "crowd")
    for number in (1, 2, 3):
        publish(store, number)
        store.promote(NAME, str(number))
    publishers, each = 6, 5
    started = [
        in_a_process(lambda first=first: [publish(store, first + n) for n in range(each)])
        for first in range(100, 100 * (publishers + 1), 100)
    ]
    started += [
        in_a_process(lambda mine=mine: [(store.promote(NAME, mine), store.rollback(NAME)) for _ in range(20)])
        for mine in "123"
    ]
    until = time.monotonic() + 0.5

    def look_on() -> None:
        while time.monotonic() < until:
            aliases = store.aliases(NAME)
            assert set(aliases) == {"champion", "previous"}
            assert aliases["champion"] != aliases["previous"]
            store.load(NAME)

    started.append(in_a_process(look_on))
    statuses = [status_of(process) for process in started]
    assert set(statuses) == {0}, statuses
    check(store)
    moves = store.moves(NAME)
    assert [move.number for move in moves] == list(range(1, len(moves) + 1))
    assert all(earlier.after == later.before for earlier, later in pairwise(moves))
    assert moves[-1].after == store.aliases(NAME)
    numbers = sorted(store.card(NAME, version)["number"] for version in store.versions(NAME))
    assert numbers == [1, 2, 3, *(first + n for first in range(100, 100 * (publishers + 1), 100) for n in range(each))]
    assert store.versions(NAME) == [str(number) for number in range(1, len(numbers) + 1)]
    return {"versions": len(numbers)}


def same_number(folder: Path) -> dict[str, int]:
    """Let processes publish the same number at once: one succeeds, the others are refused."""
    store = ModelStore(folder / "same")

    def claim(number: int) -> None:
        try:
            store.publish(NAME, {"x": np.full(50, number)}, {"number": number}, version="5")
        except VersionExists:
            os._exit(9)

    statuses = [status_of(process) for process in [in_a_process(lambda n=n: claim(n)) for n in range(8)]]
    check(store)
    return {"published": statuses.count(0), "refused": statuses.count(9)}


def short_files(folder: Path) -> dict[str, int]:
    """Let the system cut files off at every length: nothing may appear, and nothing may be left behind."""
    store = ModelStore(folder / "short")
    publish(store, 1)
    store.set_alias(NAME, "champion", "1")
    longest = max(path.stat().st_size for path in store.root.rglob("*.*"))
    before = tree_of(store.root)
    limits = range(0, longest, 37)

    def limited(limit: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
        try:
            publish(store, 2)
        except StoreUnwritable:
            os._exit(9)

    for limit in limits:
        assert status_of(in_a_process(lambda limit=limit: limited(limit))) == 9, limit
        assert tree_of(store.root) == before, limit
    assert publish(store, 2) == "2"
    return {"limits": len(limits)}


def full_disk(folder: Path) -> dict[str, int]:
    """Fill the disk that `folder` is: a version that does not fit is refused, and the aliases stay."""
    store = ModelStore(folder / "models")
    publish(store, 1)
    publish(store, 2)
    store.promote(NAME, "1")
    before = tree_of(store.root)
    assert_no_space(lambda: store.publish(NAME, {"x": np.zeros(1_000_000)}, {}))
    assert tree_of(store.root) == before
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(512))
    assert_no_space(lambda: store.promote(NAME, "2"))
    assert tree_of(store.root) == before
    filler.unlink()
    assert publish(store, 3) == "3"
    check(store)
    return {}


def assert_no_space(write: Callable[[], object]) -> None:
    try:
        write()
    except StoreUnwritable as exc:
        if "No space left" in exc.detail:
            return
        raise
    raise AssertionError("there was room for it")


def tree_of(root: Path) -> dict[str, bytes | None]:
    """Everything below a folder, by path: content of files, None for folders."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in sorted(root.rglob("*"))}


if __name__ == "__main__":
    # A killed process loses nothing that the system has taken from it: waiting for the disk would only take time.
    os.fsync = lambda descriptor: None
    trials = {
        f.__name__: f
        for f in (kill_publish, kill_first_publish, kill_promote, crowd, same_number, short_files, full_disk)
    }
    json.dump(trials[sys.argv[1]](Path(sys.argv[2])), sys.stdout)
