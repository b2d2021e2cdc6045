from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.datasets.fetching import archive
from app.datasets.fetching.archive import is_archive, unpack
from app.errors import DamagedDataset

MEMBERS = {"top.txt": b"top", "inner/deep/a.bin": bytes(5000)}


def _zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return path


def _tar(path: Path, members: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


KINDS: dict[str, Callable[[Path, dict[str, bytes]], Path]] = {"a.zip": _zip, "a.tar.gz": _tar, "a.TGZ": _tar}


@pytest.fixture(params=KINDS)
def make(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Path]:
    return lambda members=MEMBERS: KINDS[request.param](tmp_path / request.param, members)


def _refusal(path: Path) -> str:
    before = sorted(path.parent.rglob("*"))
    with pytest.raises(DamagedDataset, match="damaged or not safe") as caught:
        unpack(path, path.parent)
    assert sorted(path.parent.rglob("*")) == before
    assert caught.value.context == {"path": str(path)}
    return caught.value.detail


def test_everything_comes_out_and_nothing_else(make: Callable[..., Path], tmp_path: Path) -> None:
    path = make()
    assert is_archive(path)
    unpack(path, tmp_path)
    files = {place.relative_to(tmp_path).as_posix(): place for place in tmp_path.rglob("*") if place.is_file()}
    assert files.keys() == {path.name, *MEMBERS}
    assert {name: files[name].read_bytes() for name in MEMBERS} == MEMBERS


def test_it_takes_the_place_of_what_was_there(make: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner/old").write_bytes(b"")
    (tmp_path / "top.txt").write_bytes(b"old")
    unpack(make(), tmp_path)
    assert not (tmp_path / "inner/old").exists()
    assert (tmp_path / "top.txt").read_bytes() == b"top"


@pytest.mark.parametrize("name", ["../out.txt", "inner/../../out.txt"])
def test_nothing_is_written_outside(make: Callable[..., Path], tmp_path: Path, name: str) -> None:
    _refusal(make({"fine.txt": b"x", name: b"x"}))
    assert not (tmp_path.parent / "out.txt").exists()


@pytest.mark.parametrize("name", ["/etc/out.txt", "C:/out.txt", "..\\out.txt"])
def test_a_zip_with_an_absolute_name_is_refused(tmp_path: Path, name: str) -> None:
    assert "outside of the folder" in _refusal(_zip(tmp_path / "a.zip", {name: b"x"}))


@pytest.mark.parametrize("limit, most", [("MAX_BYTES", 4000), ("MAX_FILES", 1)])
def test_more_than_is_sane_is_refused(
    make: Callable[..., Path], limit: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, limit, most)
    assert "expected at most" in _refusal(make())


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 0.95])
def test_an_archive_that_is_cut_off_changes_nothing(make: Callable[..., Path], share: float) -> None:
    path = make()
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    _refusal(path)


def test_damaged_content_changes_nothing(tmp_path: Path) -> None:
    path = _zip(tmp_path / "a.zip", MEMBERS)
    content = bytearray(path.read_bytes())
    content[content.index(b"top.txt") + len("top.txt")] ^= 0xFF
    path.write_bytes(content)
    _refusal(path)


def test_links_out_of_the_folder_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as archive:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "../../secret"
        archive.addfile(link)
    _refusal(path)
    link_in_zip = zipfile.ZipInfo("link")
    link_in_zip.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as zipped:
        zipped.writestr(link_in_zip, "../../secret")
    assert "neither file nor folder" in _refusal(tmp_path / "a.zip")


def test_a_python_that_cannot_do_so_safely_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(tarfile, "data_filter")
    assert "Python 3.11.4 or later" in _refusal(_tar(tmp_path / "a.tgz", MEMBERS))


@pytest.mark.parametrize("name", ["a.gz", "a.npz", "a.mat", "zip"])
def test_data_files_are_no_archives(name: str) -> None:
    assert not is_archive(Path(name))
