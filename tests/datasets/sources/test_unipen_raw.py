from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.datasets.sources.unipen_raw import load_unipen_raw
from app.datasets.splits import split_of
from app.errors import DamagedDataset, DatasetNotFound

WRITERS = [f"w{number}" for number in range(30)]


def _write(root: Path, category: str, donor: str, name: str, segments: str, ink: str | None = None) -> Path:
    path = root / "data" / category / donor / f"{name}.dat"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f".VERSION 1.0\n.INCLUDE {donor}/{name}.dat\n{segments}")
    if ink is not None:
        place = root / "include" / donor / f"{name}.dat"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(ink)
    return path


def _ink(writer: str, height: int = 100) -> str:
    """An upright stroke from top to bottom, then a level one from left to right; y upwards, as the format has it."""
    return f""".WRITER_ID {writer}
.PEN_DOWN
500 {700 + height}
500 700
.PEN_UP
.PEN_DOWN
500 700
{500 + height // 2} 700
.PEN_UP
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a distribution in a folder of its own: thirty writers with an L and a bar each, the L in two categories."""
    root = tmp_path / "train_r01_v07"
    for number, writer in enumerate(WRITERS):
        both = '.SEGMENT CHARACTER 0-1 OK "L"\n'
        _write(root, "1b", "abc", writer, both, _ink(writer, 100 + number))
        _write(root, "2", "abc", writer, both + '.SEGMENT CHARACTER 0 ? "|"\n.SEGMENT CHARACTER 1 BAD "-"\n')
    return tmp_path


def _all(root: Path) -> dict[str, set[str]]:
    return {split: set(load_unipen_raw(root, split).writers) for split in ("train", "valid", "test")}


def test_nobody_is_in_two_splits_and_nobody_is_lost(root: Path) -> None:
    writers = _all(root)
    assert sorted(writer for part in writers.values() for writer in part) == sorted(f"abc:{name}" for name in WRITERS)
    assert len(writers["train"]) > 15


def test_strokes_start_at_the_corner_and_go_down(root: Path) -> None:
    samples = load_unipen_raw(root, "train")
    letter = int(np.flatnonzero(samples.labels == "L")[0])
    down, across = samples.strokes(letter)
    assert down.tolist() == [[0, 0], [0, 2000]]
    assert across.tolist()[0] == [0, 2000]
    assert across.tolist()[1][1] == 2000
    assert 990 <= across.tolist()[1][0] <= 1000


def test_repeats_bad_segments_and_others_than_single_characters_are_left_out(root: Path) -> None:
    before = load_unipen_raw(root, "train")
    writer = before.writers[0].partition(":")[2]
    words = '.SEGMENT WORD 0-1 OK "LA"\n.SEGMENT CHARACTER 0 OK " "\n.SEGMENT CHARACTER 0 OK\n'
    _write(root / "train_r01_v07", "3", "abc", writer, words + '.SEGMENT CHARACTER 0 OK "\xe9"\n')
    after = load_unipen_raw(root, "train")
    assert before.alphabet == "L|"
    assert np.unique(before.labels, return_counts=True)[1].tolist() == [len(set(before.writers))] * 2
    assert after.fingerprint() == before.fingerprint()


def test_what_cannot_be_read_is_left_out_and_logged(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    before = load_unipen_raw(root, "train")
    assert not caplog.records
    damaged = _write(root / "train_r01_v07", "1a", "xyz", "bad", "", ".PEN_DOWN\n1 2 3\n")
    part = '.SEGMENT CHARACTER 9 OK "A"\n.SEGMENT CHARACTER 0 OK "I"\n'
    partly = _write(root / "train_r01_v07", "1b", "xyz", "part", part, _ink(before.writers[0].partition(":")[2]))
    after = load_unipen_raw(root, "train")
    assert (len(after), after.alphabet) == (len(before) + 1, "IL|")
    messages = [record.getMessage() for record in caplog.records]
    assert len(messages) == 2
    assert f"{partly}, line 3" in messages[1] or f"{partly}, line 3" in messages[0]
    assert any("xyz/bad.dat, line 1" in message for message in messages), damaged


def test_a_distribution_that_is_mostly_damaged_is_refused(root: Path) -> None:
    for path in (root / "train_r01_v07" / "include").rglob("w1*.dat"):
        path.write_text(".PEN_DOWN\n1\n")
    with pytest.raises(DamagedDataset, match="of 60 files cannot be read; the first"):
        load_unipen_raw(root, "train")


def test_a_folder_without_it_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="data/1a"):
        load_unipen_raw(tmp_path, "train")


def test_sizes_are_relative_to_the_capitals_of_the_same_sheet(tmp_path: Path) -> None:
    for name, capital in (("a", 100), ("b", 300)):  # the same writer at two sizes
        lines = [f".PEN_DOWN\n{x} 0\n{x} {capital}\n" for x in range(6)]
        ink = f".WRITER_ID ann\n{''.join(lines)}.PEN_DOWN\n0 0\n0 {capital // 2}\n"
        capitals = "".join(f'.SEGMENT CHARACTER {number} OK "I"\n' for number in range(6))
        _write(tmp_path, "1b", "abc", name, capitals, ink)
        _write(tmp_path, "1c", "abc", name, '.SEGMENT CHARACTER 6 OK "i"\n')
    samples = load_unipen_raw(tmp_path, split_of("ann"))
    assert np.unique(samples.labels, return_counts=True)[1].tolist() == [12, 2]
    np.testing.assert_allclose(samples.relative_size, np.where(samples.labels == "I", 1.0, 0.5))


def test_the_same_name_in_two_collections_is_kept_together(tmp_path: Path) -> None:
    for donor, height in (("abc", 100), ("abd", 90)):
        _write(tmp_path, "1b", donor, "a", '.SEGMENT CHARACTER 0 OK "I"\n', _ink("Ann", height))
    assert sorted(load_unipen_raw(tmp_path, split_of("ann")).writers) == ["abc:Ann", "abd:Ann"]
