from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.cli.long_runs import TrainingBar
from app.store import ModelStore
from app.training import recipe_names

PROJECT = Path(__file__).resolve().parents[3]
DIGEST = re.compile(r"sha256:\w+")
TRAIN = ("train", "tiny.toml", "--workers", "0")


def test_training_publishes_under_the_recipes_name_and_tells_the_figures(inkrow, workplace):
    result = inkrow(*TRAIN)

    assert result.exit_code == 0, result.output
    assert re.search(r"^epoch 2: loss \d.*, validation loss \d.*, validation accuracy \d", result.stdout, re.MULTILINE)
    assert re.search(r"^published tiny 1 sha256:", result.stdout, re.MULTILINE)
    assert re.search(r"^accuracy_36_one_shape +[01]\.\d{4}$", result.stdout, re.MULTILINE)
    store = ModelStore(workplace / "models")
    assert store.aliases("tiny") == {}
    assert len(store.card("tiny", "1")["curves"]) == 2
    assert not (workplace / "tiny.checkpoint").exists()
    assert result.stderr == ""  # no bar where nobody sees one


def test_options_change_the_recipe_and_promotion_is_asked_for(inkrow, workplace):
    result = inkrow(*TRAIN, "--epochs", "1", "--lr", "0.02", "--batch-size", "12", "--seed", "5", "--promote")

    assert result.exit_code == 0, result.output
    store = ModelStore(workplace / "models")
    settings = store.load("tiny").card["hyper_parameters"]
    assert (settings["batch_size"], settings["seed"]) == (12, 5)
    assert (settings["phases"][0]["epochs"], settings["phases"][0]["lr"]) == (1, 0.02)
    assert "\ntiny/1 is the champion\n" in result.stdout
    again = inkrow(*TRAIN, "--epochs", "1", "--seed", "6", "--promote")
    assert "\ntiny/2 is the champion, tiny/1 previous\n" in again.stdout


def test_training_starts_from_a_version_and_its_card_says_so(inkrow, workplace):
    inkrow(*TRAIN)
    result = inkrow(*TRAIN, "--start", "tiny/1", "--epochs", "1")

    assert result.exit_code == 0, result.output
    store = ModelStore(workplace / "models")
    assert store.card("tiny", "2")["start"] == {"model": "tiny/1", "digest": store.load("tiny", "1").digest}
    assert "start" not in store.card("tiny", "1")
    assert inkrow(*TRAIN, "--start", "tiny/9").exit_code == 4


def test_a_network_that_its_name_does_not_stand_for_is_not_even_trained(inkrow, workplace, monkeypatch):
    monkeypatch.setenv("INKROW_ROW_MODEL", "tiny")
    result = inkrow(*TRAIN)
    detail = "tiny is a network for rows, which cannot be followed by a network for glyphs; choose another name"
    assert (result.exit_code, result.stdout, result.stderr) == (5, "", f"inkrow: {detail}\n")


def test_recipes_are_listed(inkrow, workplace):
    result = inkrow("train", "--list-recipes")

    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == recipe_names()
    assert not (workplace / "models").exists()


def test_the_list_of_recipes_has_columns_and_tells_recipes_of_one_model_apart(inkrow):
    rows = [re.split(" {2,}", line) for line in inkrow("train", "--list-recipes").stdout.splitlines()]

    assert {len(row) for row in rows} == {4}
    assert len({description for *_, description in rows}) == len(rows)


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["none"], 4, "handprint"),
        (["none.toml"], 4, "none.toml"),
        (["wrong.toml"], 3, "wrong.toml: phases[0].lr: expected `float`, got `str`"),
        (
            ["tiny.toml", "--epochs", "1", "--epochs", "1"],
            3,
            "epochs: expected a number for each of the recipe's 1 phase at most, got 1, 1",
        ),
        (["tiny.toml", "--data", "elsewhere"], 4, "inkrow: no data set 'elsewhere'"),
        (["nosuch.toml"], 4, "inkrow: nosuch.toml: data.name: no data set 'nosuch'"),
        (["also.toml"], 4, "inkrow: also.toml: data.also: no data set 'others'"),
        (["tiny.toml", "--resume"], 4, "no checkpoint tiny.checkpoint to resume; a run that has ended leaves none"),
        (["tiny.toml", "--checkpoint", "tiny.toml/run"], 3, "cannot write the checkpoint tiny.toml/run"),
        (["tiny.toml", "--checkpoint", "data"], 5, "data holds another run"),
    ],
    ids=lambda value: value[-1] if isinstance(value, list) else "",
)
def test_what_cannot_be_trained_is_one_line_and_an_exit_code(inkrow, workplace, arguments, code, words):
    tiny = (workplace / "tiny.toml").read_text()
    (workplace / "wrong.toml").write_text(tiny.replace("1e-2", "'1e-2'"))
    (workplace / "nosuch.toml").write_text(tiny.replace("unipen", "nosuch"))
    (workplace / "also.toml").write_text(tiny.replace('"unipen"', '"unipen", also = ["others"]'))

    result = inkrow("train", "--workers", "0", *arguments)

    assert result.exit_code == code
    (line,) = [line for line in result.stderr.splitlines() if line.startswith("inkrow: ")]
    assert words in line
    assert "epoch 1" not in result.stdout


def test_a_gpu_is_refused_where_there_is_no_cupy_before_anything_is_trained(inkrow, workplace, monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)

    result = inkrow(*TRAIN, "--device", "gpu")

    assert result.exit_code == 3
    (line,) = result.stderr.splitlines()
    assert line.startswith("inkrow: ")
    assert ".venv/bin/pip install -e '.[gpu]'" in line


def test_a_stopped_run_is_not_overwritten_and_ends_as_if_it_had_not_been_stopped(inkrow, workplace, monkeypatch):
    whole = inkrow(*TRAIN, "--checkpoint", "whole.checkpoint")

    def stop(bar, epoch):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(TrainingBar, "on_epoch", stop)
        assert inkrow(*TRAIN).exit_code == 130
    assert inkrow(*TRAIN).exit_code == 5
    resumed = inkrow(*TRAIN, "--resume")

    assert "epoch 1:" not in resumed.stdout
    assert DIGEST.search(resumed.stdout)[0] == DIGEST.search(whole.stdout)[0]


def test_a_run_stopped_before_the_first_epochs_end_says_that_nothing_is_saved(inkrow, workplace, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(TrainingBar, "on_batch", stop)
    result = inkrow(*TRAIN)

    assert result.exit_code == 130
    assert result.stderr.splitlines()[-1] == "inkrow: stopped before the first epoch's end: nothing is saved"


@pytest.mark.parametrize("stop, code", [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl+C", "SIGTERM"])
def test_a_signal_stops_a_run_at_once_and_leaves_its_checkpoint(workplace, stop, code):
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-c", "from app.cli import main; main()", *TRAIN, "--epochs", "1000000"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the first epoch is over
        process.send_signal(stop)
        start = time.monotonic()
        _, said = process.communicate(timeout=30)
        took = time.monotonic() - start

    assert process.returncode == code
    assert said.splitlines()[-1] == "inkrow: stopped; --resume goes on from tiny.checkpoint"
    assert (workplace / "tiny.checkpoint").exists()
    assert took < 5  # about a second where nothing else runs
