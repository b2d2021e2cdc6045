from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import httpx2
import pytest

from app.datasets import DATASETS, load_samples
from app.datasets.dataset import RemoteFile
from app.datasets.fetching import fetch as fetch_module
from app.datasets.fetching.fetch import fetch_dataset
from app.errors import DamagedDataset, DatasetNotFound, DownloadFailed

INK = ".WRITER_ID ann\n.PEN_DOWN\n0 10\n0 0\n.PEN_UP\n"
SEGMENTS = '.INCLUDE abc/a.dat\n.SEGMENT CHARACTER 0 OK "1"\n'


def _archive(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content.encode()))
    return buffer.getvalue()


ARCHIVE = _archive({"train_r01_v07/data/1a/abc/a.dat": SEGMENTS, "train_r01_v07/include/abc/a.dat": INK})


def _transport(files: dict[str, bytes | dict[str, Any]]) -> httpx2.MockTransport:
    def answer(request: httpx2.Request) -> httpx2.Response:
        content = files.get(str(request.url))
        if content is None:
            return httpx2.Response(404)
        body = json.dumps(content).encode() if isinstance(content, dict) else content
        return httpx2.Response(200, content=iter([body]))  # an iterator: not read before it is asked for

    return httpx2.MockTransport(answer)


def _zenodo(content: bytes, prefix: str) -> dict[str, bytes | dict[str, Any]]:
    checksum = f"md5:{hashlib.md5(content).hexdigest()}"
    links = {"self": "https://zenodo.org/api/records/1195803/files/u.tgz/content"}
    record = {"files": [{"key": "u.tgz", "size": len(content), "checksum": checksum, "links": links}]}
    return {f"{prefix}/1195803": record, f"{prefix}/u.tgz": content, links["self"]: content}


@pytest.mark.parametrize("mirror", [None, "http://mirror.test/unipen/"])
def test_what_a_record_lists_is_fetched_unpacked_and_read(tmp_path: Path, mirror: str | None) -> None:
    site = _zenodo(ARCHIVE, "http://mirror.test/unipen" if mirror else "https://zenodo.org/api/records")
    if mirror:
        del site["https://zenodo.org/api/records/1195803/files/u.tgz/content"]
    unpacked: list[Path] = []
    folder, form = fetch_dataset(
        "unipen", tmp_path, mirror=mirror, transport=_transport(site), on_unpack=unpacked.append
    )
    assert (folder, unpacked) == (tmp_path / "unipen", [tmp_path / "unipen/u.tgz"])
    assert [path.name for path in folder.iterdir()] == ["train_r01_v07"]
    assert "as it was published" in form.content
    assert "include" not in form.content  # nobody has looked whether it is there
    alphabets = set()
    for split in form.splits:
        try:
            alphabets.add(load_samples("unipen", split, tmp_path).alphabet)
        except DamagedDataset:
            continue
    assert alphabets == {"1"}


def test_what_is_there_is_not_asked_for(tmp_path: Path) -> None:
    fetch_dataset("unipen", tmp_path, transport=_transport(_zenodo(ARCHIVE, "https://zenodo.org/api/records")))
    fetch_dataset("unipen", tmp_path, transport=_transport({}))


def test_what_was_stopped_before_its_last_file_goes_on(tmp_path: Path) -> None:
    (tmp_path / "mnist").mkdir()
    (tmp_path / "mnist/train-images-idx3-ubyte.gz").write_bytes(b"")
    with pytest.raises(DownloadFailed, match="404"):
        fetch_dataset("mnist", tmp_path, transport=_transport({}))


@pytest.mark.parametrize("left", ["u.tgz", "u.tgz.part"])
def test_what_was_stopped_while_unpacking_goes_on(tmp_path: Path, left: str) -> None:
    site = _zenodo(ARCHIVE, "https://zenodo.org/api/records")
    folder, _ = fetch_dataset("unipen", tmp_path, transport=_transport(site))
    (folder / "train_r01_v07/include/abc/a.dat").unlink()
    (folder / left).write_bytes(ARCHIVE)
    fetch_dataset("unipen", tmp_path, transport=_transport(site))
    assert (folder / "train_r01_v07/include/abc/a.dat").read_text() == INK
    assert [path.name for path in folder.iterdir()] == ["train_r01_v07"]


def test_what_came_must_be_what_is_known(tmp_path: Path) -> None:
    other = _archive({"README": "something else"})
    site = _zenodo(other, "https://zenodo.org/api/records")
    with pytest.raises(DamagedDataset, match="not what is known of unipen; expected chars_train"):
        fetch_dataset("unipen", tmp_path, transport=_transport(site))


def test_wrong_bytes_are_refused(tmp_path: Path) -> None:
    names = [file.name for file in DATASETS["mnist"].files]
    site: dict[str, bytes | dict[str, Any]] = {f"http://m.test/{name}": b"wrong" for name in names}
    with pytest.raises(DownloadFailed, match="expected md5:f68b"):
        fetch_dataset("mnist", tmp_path, mirror="http://m.test", transport=_transport(site))
    assert list((tmp_path / "mnist").iterdir()) == []


def test_a_name_that_is_unknown_or_published_nowhere_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetNotFound, match="no data set 'zip'; there are unipen"):
        fetch_dataset("zip", tmp_path)
    with pytest.raises(DatasetNotFound, match=r"nobody publishes it for download; expected there: nist36_train\.mat"):
        fetch_dataset("nist36", tmp_path)


def test_data_sets_of_one_archive_share_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[RemoteFile]] = []

    def pretend(files: list[RemoteFile], folder: Path, **_: Any) -> list[Path]:
        asked.append(files)
        for name in ("letters", "digits"):
            (folder / "gzip").mkdir(parents=True, exist_ok=True)
            (folder / f"gzip/emnist-{name}-train-images-idx3-ubyte.gz").write_bytes(b"")
        return []

    monkeypatch.setattr(fetch_module, "fetch", pretend)
    for name in ("emnist-letters", "emnist-digits"):
        assert fetch_dataset(name, tmp_path)[0] == tmp_path / "emnist"
    assert [[file.name for file in files] for files in asked] == [["gzip.zip"]]
