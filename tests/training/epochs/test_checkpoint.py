from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.errors import Conflict, InvalidInput
from app.nn import Params
from app.training.epochs.checkpoint import check_writable, load_checkpoint, save_checkpoint
from app.training.epochs.history import Epoch

HISTORY = [Epoch(0, 2e-3, 1.5, 0.4, 1.25, 0.5, 61.0), Epoch(1, 1e-3, 0.1 + 0.2, 0.9, 1 / 3, 0.9, 60.5)]


def _groups(value: float = 1.0) -> dict[str, Params]:
    weight = np.arange(6, dtype=np.float32).reshape(2, 3) * np.float32(value)
    return {
        "network": {"dense.weight": weight.T, "dense.bias": np.zeros(2, np.float32)},
        "initial": {"dense.weight": weight[:, ::-1]},
        "optimiser": {"steps": np.array([7.0]), "first.dense.weight": weight / 3},
    }


@pytest.fixture
def path(tmp_path: Path) -> Path:
    save_checkpoint(tmp_path / "run.ckpt", _groups(), HISTORY, "run a")
    return tmp_path / "run.ckpt"


def test_what_was_saved_comes_back_to_the_bit(path: Path) -> None:
    groups, history = load_checkpoint(path, "run a")

    assert groups.keys() == _groups().keys()
    for name, arrays in _groups().items():
        assert groups[name].keys() == arrays.keys()
        for key, array in arrays.items():
            np.testing.assert_array_equal(groups[name][key], array, strict=True)
    assert history == HISTORY


def test_saving_makes_the_folder(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "runs" / "today" / "a.ckpt", _groups(), [], "run a")

    assert load_checkpoint(tmp_path / "runs" / "today" / "a.ckpt", "run a")[1] == []


def test_a_newer_checkpoint_takes_the_place_of_the_older_and_leaves_nothing_beside_it(path: Path) -> None:
    save_checkpoint(path, _groups(2.0), HISTORY[:1], "run a")

    groups, history = load_checkpoint(path, "run a")
    np.testing.assert_array_equal(groups["network"]["dense.weight"], _groups(2.0)["network"]["dense.weight"])
    assert history == HISTORY[:1]
    assert [entry.name for entry in path.parent.iterdir()] == ["run.ckpt"]


@pytest.mark.parametrize("when", ["while it writes", "before it takes the place"])
def test_an_interrupted_save_leaves_the_checkpoint_before(
    path: Path, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    def die_half_way(arrays: object, target: Path, about: object) -> None:
        target.write_bytes(b"half of a checkp")
        raise KeyboardInterrupt

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    if when == "while it writes":
        monkeypatch.setattr("app.training.epochs.checkpoint.save_file", die_half_way)
    else:
        monkeypatch.setattr(Path, "replace", die)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(path, _groups(2.0), [], "run a")
    monkeypatch.undo()

    assert load_checkpoint(path, "run a")[1] == HISTORY
    save_checkpoint(path, _groups(2.0), [], "run a")  # what was left behind is in nobody's way
    assert load_checkpoint(path, "run a")[1] == []


def test_a_place_that_cannot_be_written_is_named(path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"cannot write the checkpoint .*run\.ckpt/below\.ckpt"):
        save_checkpoint(path / "below.ckpt", _groups(), HISTORY, "run a")


def test_a_checkpoint_of_another_run_is_refused(path: Path) -> None:
    with pytest.raises(Conflict, match=r"run\.ckpt belongs to a run with another recipe or other data"):
        load_checkpoint(path, "run b")


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=r"expected a checkpoint at .*none\.ckpt"):
        load_checkpoint(tmp_path / "none.ckpt", "run a")


@pytest.mark.parametrize("length", [0, 4, 60, 400, -1])
def test_a_truncated_checkpoint_is_refused(path: Path, length: int) -> None:
    path.write_bytes(path.read_bytes()[:length])

    with pytest.raises(InvalidInput, match=r"run\.ckpt"):
        load_checkpoint(path, "run a")


@pytest.mark.parametrize(
    "old, new",
    [
        (b'"__metadata__"', b'"__nonsense__"'),
        (b'\\"epoch\\": 0', b'\\"epoch\\": ?'),
        (b'\\"lr\\"', b'\\"xx\\"'),
        (b'"history"', b'"hystory"'),
        (b"F32", b"F99"),
    ],
    ids=["no metadata", "not JSON", "not an epoch", "no history", "unknown dtype"],
)
def test_a_damaged_checkpoint_is_refused(path: Path, old: bytes, new: bytes) -> None:
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new))

    with pytest.raises(InvalidInput, match=r"run\.ckpt"):
        load_checkpoint(path, "run a")


def test_something_else_under_that_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run.ckpt").write_bytes(b"PK\x03\x04 this is another format" * 20)

    with pytest.raises(InvalidInput, match=r"run\.ckpt"):
        load_checkpoint(tmp_path / "run.ckpt", "run a")


def test_a_folder_under_that_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        load_checkpoint(tmp_path, "run a")


def test_a_place_is_tried_without_touching_what_is_there(path: Path) -> None:
    check_writable(path)
    check_writable(path.parent / "new" / "run.ckpt")

    assert load_checkpoint(path, "run a")[1] == HISTORY
    assert sorted(entry.name for entry in path.parent.iterdir()) == ["new", "run.ckpt"]
    with pytest.raises(InvalidInput, match="cannot write the checkpoint"):
        check_writable(path / "below.ckpt")
