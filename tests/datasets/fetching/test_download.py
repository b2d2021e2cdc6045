from __future__ import annotations

import errno
import hashlib
import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from app.datasets.dataset import RemoteFile
from app.datasets.fetching import download
from app.datasets.fetching.download import fetch, record_files
from app.errors import DownloadFailed

CONTENT = bytes(range(256)) * 4096  # a mebibyte: more than the sockets hold, so that a cut is met halfway


class Site:
    """A server whose ways can be set; `requests` has the headers of all that came."""

    def __init__(self) -> None:
        self.content = CONTENT
        self.etag: str | None = '"one"'
        self.ranges = True
        self.cut_after: list[int] = []  # bytes after which each of the next answers breaks off
        self.statuses: list[int] = []  # of the next answers, in place of the file
        self.headers: dict[str, str] = {}
        self.requests: list[dict[str, str]] = []
        self.url = ""

    def file(self, **other: Any) -> RemoteFile:
        checksum = f"sha256:{hashlib.sha256(CONTENT).hexdigest()}"
        return RemoteFile(**{"name": "f.bin", "url": f"{self.url}/f.bin", "checksum": checksum, **other})


def _handler(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.requests.append(dict(self.headers))
            if site.statuses:
                self.send_response(site.statuses.pop(0))
                self._end({"Content-Length": "0"})
                return
            start, wanted = 0, self.headers.get("Range")
            changed = self.headers.get("If-Range") not in (None, site.etag)
            if site.ranges and wanted and not changed:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if start >= len(site.content):
                    self.send_response(416)
                    self._end({"Content-Length": "0"})
                    return
            self.send_response(206 if start else 200)
            place = {"Content-Range": f"bytes {start}-{len(site.content) - 1}/{len(site.content)}"} if start else {}
            tag = {"ETag": site.etag} if site.etag else {}
            self._end({"Content-Length": str(len(site.content) - start), **place, **tag})
            rest = site.content[start:]
            if site.cut_after:
                self.wfile.write(rest[: site.cut_after.pop(0)])
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            with suppress(ConnectionError):  # a client may have had enough
                self.wfile.write(rest)

        def _end(self, headers: dict[str, str]) -> None:
            for name, value in {**headers, **site.headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    return Handler


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(site))
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield site
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def waits() -> list[float]:
    return []


@pytest.fixture
def bring(tmp_path: Path, waits: list[float]) -> Callable[..., Path]:
    def run(*files: RemoteFile, **options: Any) -> Path:
        return fetch(files, tmp_path / "data", sleep=waits.append, **options)[-1]

    return run


def _failure(bring: Callable[..., Path], *files: RemoteFile, **options: Any) -> str:
    with pytest.raises(DownloadFailed) as caught:
        bring(*files, **options)
    return caught.value.detail


def _left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "data").iterdir())


def test_a_file_comes_whole_and_nothing_else_stays(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    seen: list[tuple[str, int, int | None]] = []
    path = bring(site.file(), on_progress=lambda *step: seen.append(step))
    assert path.read_bytes() == CONTENT
    assert _left(tmp_path) == ["f.bin"]
    assert (seen[0], seen[-1]) == (("f.bin", 0, len(CONTENT)), ("f.bin", len(CONTENT), len(CONTENT)))
    assert [step[1] for step in seen] == sorted(step[1] for step in seen)


def test_what_is_there_and_right_is_not_fetched_again(site: Site, bring: Callable[..., Path]) -> None:
    bring(site.file())
    bring(site.file())
    assert len(site.requests) == 1


def test_what_is_there_and_wrong_is(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/f.bin").write_bytes(b"old")
    assert bring(site.file()).read_bytes() == CONTENT


def test_a_broken_transfer_goes_on_where_it_stopped(site: Site, bring: Callable[..., Path], waits: list[float]) -> None:
    site.cut_after = [100_000, 50_000]
    assert bring(site.file()).read_bytes() == CONTENT
    assert "Range" not in site.requests[0]
    starts = [int(request["Range"].strip("bytes=-")) for request in site.requests[1:]]
    assert 0 < starts[0] <= 100_000
    assert starts[0] < starts[1] <= 150_000
    assert {request["If-Range"] for request in site.requests[1:]} == {'"one"'}
    assert waits == [1, 1]  # each try got further, so the pause does not grow


def test_the_next_call_goes_on_too(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    site.cut_after = [100_000]
    kept = _failure(bring, site.file(), attempts=1)
    part = tmp_path / "data/f.bin.part"
    assert f"{part.stat().st_size} bytes are kept" in kept
    assert part.read_bytes() == CONTENT[: part.stat().st_size]
    assert bring(site.file()).read_bytes() == CONTENT
    assert _left(tmp_path) == ["f.bin"]


def test_ctrl_c_keeps_the_part(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    def stop(name: str, done: int, total: int | None) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bring(site.file(), on_progress=stop)
    assert 0 < (tmp_path / "data/f.bin.part").stat().st_size < len(CONTENT)
    assert bring(site.file()).read_bytes() == CONTENT
    assert "Range" in site.requests[1]


def test_a_part_that_was_complete_is_only_checked(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/f.bin.part").write_bytes(CONTENT)
    assert bring(site.file(size_bytes=len(CONTENT))).read_bytes() == CONTENT
    assert site.requests == []


@pytest.mark.parametrize("etag", ['"one"', None, 'W/"weak"'])
def test_a_server_without_ranges_starts_anew(site: Site, bring: Callable[..., Path], etag: str | None) -> None:
    site.ranges, site.cut_after, site.etag = False, [100_000], etag
    assert bring(site.file()).read_bytes() == CONTENT
    assert len(site.requests) == 2
    assert ("If-Range" in site.requests[1]) == (etag == '"one"')


def test_a_file_that_changed_meanwhile_starts_anew(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    site.content, site.etag, site.cut_after = CONTENT[::-1], '"old"', [100_000]
    _failure(bring, site.file(), attempts=1)
    site.content, site.etag = CONTENT, '"one"'
    assert bring(site.file()).read_bytes() == CONTENT


@pytest.mark.parametrize("kept", [CONTENT[:1000][::-1], CONTENT + b"too long"])
def test_a_part_of_something_else_is_thrown_away(
    site: Site, bring: Callable[..., Path], tmp_path: Path, kept: bytes
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/f.bin.part").write_bytes(kept)
    assert bring(site.file()).read_bytes() == CONTENT
    assert len(site.requests) == 2


def test_wrong_bytes_are_not_kept(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    site.content = CONTENT[:-1] + b"?"
    detail = _failure(bring, site.file())
    assert f"expected sha256:{hashlib.sha256(CONTENT).hexdigest()}, got sha256:" in detail
    assert _left(tmp_path) == []
    assert len(site.requests) == 1


def test_wrong_bytes_over_a_line_that_breaks_are_fetched_twice_and_not_for_ever(
    site: Site, bring: Callable[..., Path]
) -> None:
    site.content = CONTENT[:-1] + b"?"
    site.cut_after = [600_000, len(CONTENT)] * 9
    assert "got sha256:" in _failure(bring, site.file())
    assert len(site.requests) == 4


def test_a_wrong_size_is_told_before_anything_is_read(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    assert "expected 7 bytes, the server announces 1048576" in _failure(bring, site.file(size_bytes=7))
    assert _left(tmp_path) == []


def test_md5_is_known_too(site: Site, bring: Callable[..., Path]) -> None:
    assert bring(site.file(checksum=f"md5:{hashlib.md5(CONTENT).hexdigest().upper()}".lower())).exists()
    assert "got md5:" in _failure(bring, site.file(name="g", checksum="md5:0"))


def test_404_is_final(site: Site, bring: Callable[..., Path], waits: list[float]) -> None:
    site.statuses = [404]
    assert "the server answers 404 Not Found" in _failure(bring, site.file())
    assert waits == []


def test_503_is_tried_again_after_growing_pauses(site: Site, bring: Callable[..., Path], waits: list[float]) -> None:
    site.statuses = [503, 500, 429]
    assert bring(site.file()).read_bytes() == CONTENT
    assert waits == [1, 2, 4]


def test_the_server_may_say_how_long_to_wait(site: Site, bring: Callable[..., Path], waits: list[float]) -> None:
    site.statuses, site.headers = [503], {"Retry-After": "7"}
    bring(site.file())
    site.statuses, site.headers = [503], {"Retry-After": "86400"}
    bring(site.file(name="g"))
    assert waits == [7, 60]


def test_after_some_tries_in_vain_it_ends(site: Site, bring: Callable[..., Path], waits: list[float]) -> None:
    site.statuses = [503] * 9
    assert "503 Service Unavailable" in _failure(bring, site.file(), attempts=3)
    assert (len(site.requests), waits) == (3, [1, 2])


def test_nobody_there_is_told(bring: Callable[..., Path], waits: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert f"http://127.0.0.1:{port}/x: " in _failure(bring, RemoteFile("x", f"http://127.0.0.1:{port}/x"), attempts=2)
    assert waits == [1]


def test_a_full_disk_is_told_and_the_part_kept(
    site: Site, bring: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.cut_after = [100_000]
    _failure(bring, site.file(), attempts=1)

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(download, "_transfer", full)
    assert f"no room left in {tmp_path / 'data'}: No space left on device" in _failure(bring, site.file())
    assert (tmp_path / "data/f.bin.part").exists()


def test_a_folder_that_is_a_file_is_told(site: Site, bring: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"")
    assert f"{tmp_path / 'data'} cannot be written" in _failure(bring, site.file())


def _record(**changes: Any) -> dict[str, Any]:
    entry = {"key": "a.tgz", "size": 3, "checksum": "md5:abc", "links": {"self": "http://h/a/content"}}
    return {"files": [{**entry, **changes}]}


def test_a_record_lists_its_files(site: Site) -> None:
    site.content = json.dumps(_record()).encode()
    assert record_files(site.url) == [RemoteFile("a.tgz", "http://h/a/content", 3, "md5:abc")]


@pytest.mark.parametrize(
    "content",
    [
        b"<html>",
        b"[]",
        b"{}",
        *(
            json.dumps(_record(**changes)).encode()
            for changes in (
                *({"key": "../a"}, {"key": ".a"}, {"size": "3"}),
                *({"links": {}}, {"checksum": None}, {"checksum": "crc:1"}),
            )
        ),
    ],
)
def test_what_is_no_record_is_refused(site: Site, content: bytes) -> None:
    site.content = content
    with pytest.raises(DownloadFailed, match="expected a record that lists its files"):
        record_files(site.url)


def test_a_record_that_is_gone_is_told(site: Site) -> None:
    site.statuses = [410]
    with pytest.raises(DownloadFailed, match="410 Gone"):
        record_files(site.url)
