from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from PIL import Image
from typer.testing import CliRunner

from app.cli import app
from app.datasets import DATASETS, StrokeSet
from app.datasets.fetching import fetch as fetch_module
from tests.conftest import save_unipen

Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    return lambda *arguments: CliRunner().invoke(app, arguments)


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pen_samples: StrokeSet) -> Path:
    """Give a data root that has a little of UNIPEN, and let the settings point at it."""
    root = tmp_path / "root"
    (root / "unipen").mkdir(parents=True)
    save_unipen(root / "unipen", "train", pen_samples)
    monkeypatch.setenv("INKROW_DATA", str(root))
    monkeypatch.chdir(tmp_path)
    Path("notes.txt").write_text("no data")
    return root


def test_the_list_says_what_there_is_and_what_is_here(run: Run, root: Path) -> None:
    result = run("data", "list")
    assert result.exit_code == 0
    lines = {line.split()[0]: line for line in result.stdout.splitlines() if not line.startswith(" ")}
    assert lines.keys() == {"name", *DATASETS}
    assert str(root / "unipen") in lines["unipen"]
    assert "CC BY 4.0" in lines["unipen"]
    assert lines["nist36"].split()[:4] == ["nist36", "glyphs", "36", "-"]


def test_without_the_setting_the_root_is_here(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch, pen_samples: StrokeSet
) -> None:
    monkeypatch.delenv("INKROW_DATA")
    assert "unipen strokes 94 -" in " ".join(run("data", "list").stdout.split())
    Path("data/unipen").mkdir(parents=True)
    save_unipen(Path("data/unipen"), "valid", pen_samples)
    assert "unipen strokes 94 data/unipen" in " ".join(run("data", "list").stdout.split())


@pytest.mark.parametrize("name", ["unipen", "root/unipen"])
def test_the_same_options_show_the_same_picture(run: Run, root: Path, name: str) -> None:
    options = ["--class", "A1", "--count", "3", "--seed", "5", "--augment", "--output"]
    results = [run("data", "show", name, *options, file) for file in ("a.png", "b.png")]
    assert [result.exit_code for result in results] == [0, 0]
    assert results[0].stdout == f"a.png: train of {name}, 144 samples of 12 classes\n"
    assert Path("a.png").read_bytes() == Path("b.png").read_bytes()
    assert np.asarray(Image.open("a.png")).min() == 0


@pytest.mark.parametrize(
    "arguments, code, says",
    [
        (["show", "unipen", "--split", "valid", "-o", "a.png"], 4, "chars_valid.npz"),
        (["show", "unipen", "--split", "test", "-o", "a.png"], 3, "(train, valid), got 'test'"),
        (["show", "mnist", "-o", "a.png"], 4, "inkrow data fetch mnist brings it"),
        (["show", "nothing", "-o", "a.png"], 4, "no data set 'nothing'"),
        (["show", "unipen", "--class", "x", "-o", "a.png"], 3, "got 'x'"),
        (["show", "unipen", "-o", "none/a.png"], 3, "none/a.png cannot be written"),
        (["fetch", "nothing"], 4, "no data set 'nothing'"),
        (["fetch", "nist36"], 4, "nobody publishes it"),
        (["fetch", "mnist", "--mirror", "ftp://m.test"], 3, "ftp://m.test"),
        (["show", "unipen", "--class", "", "-o", "a.png"], 3, "expected classes among"),
        (["show", "x" * 300, "-o", "a.png"], 4, "no data set 'xxx"),
        (["show", "root", "-o", "a.png"], 4, "or, in place of a folder, the path of an .npz with x, y"),
        (["show", "notes.txt", "-o", "a.png"], 3, "notes.txt: expected an .npz of plain arrays"),
    ],
)
def test_what_goes_wrong_is_told_in_one_line(run: Run, root: Path, arguments: list[str], code: int, says: str) -> None:
    result = run("data", *arguments)
    assert result.exit_code == code
    assert says in result.stderr
    assert result.stderr.count("\n") == 1
    assert not Path("a.png").exists()


def test_without_a_split_it_shows_the_only_one_there_is(run: Run, root: Path) -> None:
    np.savez("crops.npz", x=np.full((2, 5, 5), 90, np.uint8), y=np.array(["A", "B"]))
    assert (
        run("data", "show", "crops.npz", "-o", "a.png").stdout == "a.png: test of crops.npz, 2 samples of 2 classes\n"
    )


def test_what_needs_no_files_says_so(run: Run, root: Path) -> None:
    assert run("data", "fetch", "synthetic").stdout == "synthetic needs no files\n"


def test_a_broken_line_is_told_without_a_bar_where_nobody_sees_one(
    run: Run, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(files: Any, folder: Path, *, on_progress: Any, **_: Any) -> list[Path]:
        on_progress("a.gz", 5, 10)
        on_progress("a.gz", 6, 10)
        logging.getLogger("app.datasets.fetching.download").warning("the line broke")
        return []

    monkeypatch.setattr(fetch_module, "fetch", interrupted)
    stderr = run("data", "fetch", "mnist").stderr
    assert stderr.startswith("the line broke\n")
    assert "\r" not in stderr


def test_what_is_here_is_not_fetched(run: Run, root: Path) -> None:
    result = run("data", "fetch", "unipen")
    assert (result.exit_code, result.stdout.startswith(f"unipen is in {root / 'unipen'} (")) == (0, True)


def test_ctrl_c_says_that_nothing_is_lost(run: Run, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(files: Any, folder: Path, *, on_progress: Any, **_: Any) -> None:
        on_progress("a.gz", 5, 10)
        raise KeyboardInterrupt

    monkeypatch.setattr(fetch_module, "fetch", stopped)
    result = run("data", "fetch", "mnist")
    assert result.exit_code == 130
    assert result.stderr.endswith("inkrow: stopped; running it again goes on from here\n")


@pytest.mark.parametrize("command", [[], ["list"], ["fetch"], ["show"]])
def test_every_help_shows_examples(run: Run, command: list[str]) -> None:
    result = run("data", *command, "--help")
    assert result.exit_code == 0
    assert "Examples:\n  " in result.stdout.replace("\n    ", "\n  ").replace("  Examples", "Examples")
