from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from PIL import Image

from app.store import ModelStore
from tests.cli.conftest import furnish


@pytest.fixture(scope="module")
def place(inkrow, tmp_path_factory):
    """Give one folder for all tests, with two versions of a tiny model."""
    with pytest.MonkeyPatch.context() as patch:
        folder = furnish(tmp_path_factory.mktemp("measuring"), patch)
        for seed in ("1", "2"):
            result = inkrow("train", "tiny.toml", "--workers", "0", "--seed", seed)
            assert result.exit_code == 0, result.output
    store = ModelStore(folder / "models")
    store.set_alias("tiny", "champion", "2")
    store.publish("words", {"x": np.zeros(1, np.float32)}, {"architecture": {"name": "letters-and-words"}})
    store.set_alias("words", "champion", "1")
    return folder


@pytest.fixture
def workplace(place, monkeypatch):
    """Go there; the settings name the model."""
    monkeypatch.chdir(place)
    monkeypatch.setenv("INKROW_MODEL_STORE", str(place / "models"))
    monkeypatch.setenv("INKROW_MODEL", "tiny")
    return place


def test_the_terminal_shows_every_kind_of_figure(inkrow, workplace):
    result = inkrow("evaluate", "--data", "unipen", "--top", "2")

    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("tiny/2 on unipen valid: 15 glyphs")
    for words in (
        "all characters",
        "- 0 and O, 1 and I as one",
        "temperature of the card",
        "- each half of the writers",
        "3 writers: median",
        "... and 1 more (--top 0 shows all)",
        "lowest recall",
        "confusion: rows are true",
    ):
        assert words in result.stdout
    assert "more (--top" not in inkrow("evaluate", "--data", "unipen", "--top", "0").stdout


@pytest.mark.parametrize("reference, version", [("tiny", "2"), ("tiny/1", "1"), ("tiny/champion", "2")])
def test_a_model_is_named_with_or_without_a_version(inkrow, workplace, monkeypatch, reference, version):
    monkeypatch.delenv("INKROW_MODEL")
    assert inkrow("evaluate", reference, "--data", "unipen").stdout.startswith(f"tiny/{version} on")


def test_json_and_csv_hold_what_was_measured(inkrow, workplace):
    result = inkrow("evaluate", "--data", "unipen", "--json", "all.json", "--confusion", "confusion.csv")

    assert result.exit_code == 0, result.output
    document = json.loads((workplace / "all.json").read_text())
    assert document["model"]["version"] == "2"
    glyphs = document["glyphs"]
    assert glyphs["figures"]["accuracy"]["all"] == np.trace(glyphs["confusion"]) / 15
    rows = list(csv.reader((workplace / "confusion.csv").read_text(encoding="utf-8").splitlines()))
    assert rows[0] == ["true", *"01AIO"]
    assert [[int(cell) for cell in row[1:]] for row in rows[1:]] == glyphs["confusion"]


def test_the_confusion_can_be_a_picture(inkrow, workplace):
    assert inkrow("evaluate", "--data", "unipen", "--confusion", "confusion.png").exit_code == 0

    with Image.open(workplace / "confusion.png") as picture:
        assert min(picture.size) >= 400
        assert np.asarray(picture.convert("L")).std() > 10


def test_crops_from_a_file_are_measured_and_labels_the_model_lacks_are_counted(inkrow, workplace):
    crops = np.full((3, 20, 20), 255, np.uint8)
    crops[:, 4:16, 9:11] = 0
    np.savez(workplace / "crops.npz", x=crops, y=np.array(list("1I?")))

    result = inkrow("evaluate", "--data", "crops.npz")

    assert "tiny/2 on crops.npz test: 2 glyphs" in result.stdout
    assert "left out, labels that the model does not know: 1 (? 1)" in result.stdout
    assert "temperature fitted" not in result.stdout


def test_of_many_labels_that_the_model_lacks_it_is_told_how_many_are_not_shown(inkrow, workplace):
    np.savez(workplace / "others.npz", x=np.zeros((5, 20, 20), np.uint8), y=np.array(list("1?!+-")))

    result = inkrow("evaluate", "--data", "others.npz", "--top", "1")

    told = result.stdout[result.stdout.index("left out") :].splitlines()
    assert told[0].startswith("left out, labels that the model does not know: 4 (")
    assert told[0].count(" 1") == 1
    assert told[1] == "... and 3 more (--top 0 shows all)"


def test_what_read_pages_is_named_in_text_and_json(inkrow, tiny_models, tmp_path):
    Image.new("L", (80, 60), 255).save(tmp_path / "page.png")
    (tmp_path / "page.txt").write_text("147")
    page, file = str(tmp_path / "page.png"), tmp_path / "all.json"

    result = inkrow("evaluate", "--pages", page, "--reader", "rows", "--language", "none", "--json", str(file))

    assert result.exit_code == 0, result.output
    assert result.stdout.endswith("read by handprint/1, rows/1; --reader rows --language none\n")
    measured = json.loads(file.read_text())["pages"]
    assert (measured["reader"], measured["language"]) == ("rows", "none")
    assert measured["models"]["rows"] == {**tiny_models.load("rows").reference}
    assert measured["models"]["language"] is measured["models"]["likeness"] is None


def test_it_has_to_be_said_what_to_measure_on(inkrow):
    result = inkrow("evaluate")
    assert (result.exit_code, "expected --pages or --data, got neither" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    "arguments, code, words",
    [
        (["--data", "unipen", "--split", "test"], 3, "expected a split of unipen (train, valid), got 'test'"),
        (["--data", "unipen", "--confusion", "x.pdf"], 3, "ends in .csv or .png"),
        (["--data", "unipen", "--json", "none/x.json"], 3, "cannot write none/x.json"),
        (["--data", "unipen", "--confusion", "none/x.csv"], 3, "cannot write none/x.csv"),
        (["tiny/7", "--data", "unipen"], 4, "'7'"),
        (["other", "--data", "unipen"], 4, "other"),
        (["words", "--data", "unipen"], 3, "expected a network (tiny), got words, which is none"),
        (["--pages", "nodir"], 4, "nodir, which is not there"),
    ],
)
def test_what_cannot_be_measured_is_one_line_and_an_exit_code(inkrow, workplace, arguments, code, words):
    result = inkrow("evaluate", *arguments)

    assert result.exit_code == code
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""  # and it comes before anything long is begun
