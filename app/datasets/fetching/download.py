"""Download files over HTTP: each arrives whole or not at all, and an interrupted download is resumed.

A file grows as ``NAME.part`` and gets its name once its size and check sum are right. If a transfer is interrupted,
by a broken connection or Ctrl+C, the part stays, and the next call asks the server for the rest only.
"""

from __future__ import annotations

import errno
import hashlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx2

from app.datasets.dataset import RemoteFile
from app.errors import DownloadFailed

# Called with the name of the file, the bytes received, and the bytes in all: None if the server does not say.
OnProgress = Callable[[str, int, int | None], None]

_TIMEOUT_S = 60.0
_LONGEST_WAIT_S = 60.0
_MAX_RECORD_BYTES = 2**24  # of a record's description, which usually has some ten thousand
_WORTH_ANOTHER_TRY = {408, 425, 429, 500, 502, 503, 504}
_CHECKSUMS = ("md5", "sha256")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}

_log = logging.getLogger(__name__)


class _TryAgain(Exception):
    """A transfer failed for a reason that may pass."""

    def __init__(self, reason: str, wait_s: float | None = None) -> None:
        super().__init__(reason)
        self.wait_s = wait_s


def fetch(
    files: Sequence[RemoteFile],
    folder: Path,
    *,
    transport: httpx2.BaseTransport | None = None,
    on_progress: OnProgress = lambda name, done_bytes, total_bytes: None,
    attempts: int = 5,
    sleep: Callable[[float], None] = time.sleep,
) -> list[Path]:
    """Download files into a folder, which is made if necessary; intact files that are there already are left alone.

    Parameters
    ----------
    transport : what carries the requests; the network if not given
    attempts : failures in a row, without a byte gained, after which a file is given up; the pause between them doubles
        from one second on
    sleep : waits for a number of seconds

    Returns
    -------
    list of the files' paths, in order

    Raises
    ------
    DownloadFailed : the server does not have a file or cannot be reached, what came is not what was announced, or the
        file cannot be written
    """
    with writing_to(folder), _client(transport) as client:
        folder.mkdir(parents=True, exist_ok=True)
        return [_fetch(client, file, folder, on_progress, attempts, sleep) for file in files]


@contextmanager
def writing_to(folder: Path) -> Iterator[None]:
    """Turn errors of writing, such as a full disk or missing permissions, into `DownloadFailed`."""
    try:
        yield
    except OSError as exc:
        if exc.errno in (None, errno.EINVAL):  # raised by a decoder, or by a bad seek: the data are damaged
            raise
        if exc.errno in _NO_ROOM:
            detail = f"no room left in {folder}: {exc.strerror}; what has come is kept for the next time"
            raise DownloadFailed(detail, path=str(folder)) from exc
        place = exc.filename or folder
        raise DownloadFailed(f"{place} cannot be written: {exc.strerror or exc}", path=str(place)) from exc


def record_files(url: str, *, transport: httpx2.BaseTransport | None = None) -> list[RemoteFile]:
    """List the files of a Zenodo record (``https://zenodo.org/api/records/ID``) with their sizes and check sums.

    Raises
    ------
    DownloadFailed : no answer, or one that is not a record's description
    """
    with _client(transport) as client:
        try:
            with client.stream("GET", url, headers={"Accept": "application/json"}) as response:
                if response.status_code != 200:
                    raise DownloadFailed(f"{url}: expected a record, the server answers {_status(response)}")
                content = b""
                for chunk in response.iter_bytes():
                    content += chunk
                    if len(content) > _MAX_RECORD_BYTES:
                        raise DownloadFailed(f"{url}: expected a record of at most {_MAX_RECORD_BYTES} bytes")
            return [_described(entry) for entry in json.loads(content)["files"]]
        except (httpx2.HTTPError, httpx2.InvalidURL) as exc:
            raise DownloadFailed(f"{url}: {_reason(exc)}") from exc
        except (ValueError, LookupError, TypeError) as exc:
            raise DownloadFailed(f"{url}: expected a record that lists its files: {exc!r}") from exc


def _described(entry: dict[str, object]) -> RemoteFile:
    name, size, checksum, links = (entry[key] for key in ("key", "size", "checksum", "links"))
    if not (isinstance(name, str) and isinstance(size, int) and isinstance(checksum, str) and isinstance(links, dict)):
        raise ValueError(f"{entry}")
    if name != Path(name).name or name.startswith("."):
        raise ValueError(f"expected the plain name of a file, got {name!r}")
    if checksum.partition(":")[0] not in _CHECKSUMS:
        raise ValueError(f"expected a check sum of {' or '.join(_CHECKSUMS)}, got {checksum!r}")
    return RemoteFile(name, str(links.get("content", links["self"])), size, checksum)


def _client(transport: httpx2.BaseTransport | None) -> httpx2.Client:
    # Without compression on the way, as a resumed transfer counts the bytes of the file itself.
    headers = {"Accept-Encoding": "identity", "User-Agent": "inkrow"}
    return httpx2.Client(transport=transport, headers=headers, timeout=_TIMEOUT_S, follow_redirects=True)


def _fetch(
    client: httpx2.Client,
    file: RemoteFile,
    folder: Path,
    on_progress: OnProgress,
    attempts: int,
    sleep: Callable[[float], None],
) -> Path:
    target, part = folder / file.name, folder / f"{file.name}.part"
    if target.exists() and _fault(target, file) is None:
        return target
    failed, anew = 0, False
    while True:
        before = _size(part)
        try:
            _transfer(client, file, part, on_progress)
            if (fault := _fault(part, file)) is None:
                part.replace(target)
                _tag_file(part).unlink(missing_ok=True)
                return target
            _discard(part)
            if anew or not before:
                raise DownloadFailed(f"{file.url}: {fault}; nothing of it was kept")
            anew = True  # the part may be of an older version of the file: start again, but only once
            reason = _TryAgain(fault)
        except _TryAgain as exc:
            reason = exc
        failed = 1 if _size(part) > before else failed + 1
        if failed >= attempts:
            kept = f"; {_size(part)} bytes are kept for the next time" if _size(part) else ""
            raise DownloadFailed(f"{file.url}: {reason}{kept}") from reason
        wait_s = min(_LONGEST_WAIT_S, 2.0 ** (failed - 1) if reason.wait_s is None else reason.wait_s)
        _log.warning("%s: %s; trying again in %g s", file.url, reason, wait_s)
        sleep(wait_s)


def _transfer(client: httpx2.Client, file: RemoteFile, part: Path, on_progress: OnProgress) -> None:
    """Try once to download what the part still lacks."""
    have = _size(part)
    if file.size_bytes is not None and have == file.size_bytes:
        return  # the last call was interrupted before the check
    headers = {"Range": f"bytes={have}-"} if have else {}
    if have and (tag := _tag(part)):
        headers["If-Range"] = tag  # if the file has changed since, the server sends all of it
    try:
        with client.stream("GET", file.url, headers=headers) as response:
            start = _start(response, file, part, have)
            total = _total(response, start)
            if None not in (total, file.size_bytes) and total != file.size_bytes:
                raise DownloadFailed(f"{file.url}: expected {file.size_bytes} bytes, the server announces {total}")
            _keep_tag(part, response)
            with part.open("ab" if start else "wb") as stream:
                done = start
                on_progress(file.name, done, total)
                # Chunks as they arrive: what fills no chunk of a fixed size would be lost.
                for chunk in response.iter_raw():
                    done += len(chunk)
                    if total is not None and done > total:
                        raise DownloadFailed(f"{file.url}: expected {total} bytes, the server sends more")
                    stream.write(chunk)
                    on_progress(file.name, done, total)
            if total is not None and done < total:
                raise _TryAgain(f"the connection ended after {done} of {total} bytes")
    except (httpx2.UnsupportedProtocol, httpx2.TooManyRedirects, httpx2.DecodingError, httpx2.InvalidURL) as exc:
        raise DownloadFailed(f"{file.url}: {_reason(exc)}") from exc
    except httpx2.TransportError as exc:
        raise _TryAgain(_reason(exc)) from exc


def _start(response: httpx2.Response, file: RemoteFile, part: Path, have: int) -> int:
    """Return the byte at which the answer starts: 0 if the server knows no ranges, or if the file has changed."""
    if response.status_code == 206:
        start = response.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
        if start == str(have):
            return have
        _discard(part)
        raise _TryAgain(f"asked for byte {have} on, the server sends from {start or 'an unknown place'} on")
    if response.status_code == 200:
        return 0
    if response.status_code == 416 and have:  # no such range: the file is shorter than the part now
        _discard(part)
        raise _TryAgain("the part does not fit the file any more")
    if response.status_code in _WORTH_ANOTHER_TRY:
        wait = response.headers.get("Retry-After", "")
        raise _TryAgain(f"the server answers {_status(response)}", float(wait) if wait.isdecimal() else None)
    raise DownloadFailed(f"{file.url}: the server answers {_status(response)}")


def _total(response: httpx2.Response, start: int) -> int | None:
    length = response.headers.get("Content-Length", "")
    return start + int(length) if length.isdecimal() else None


def _fault(path: Path, file: RemoteFile) -> str | None:
    """Return what is wrong with a complete file; None if nothing is."""
    size = _size(path)
    if file.size_bytes is not None and size != file.size_bytes:
        return f"expected {file.size_bytes} bytes, got {size}"
    if file.checksum is None:
        return None
    kind = file.checksum.partition(":")[0]
    with path.open("rb") as stream:
        # md5 detects damage, not manipulation; but it is what the publishers give.
        came = f"{kind}:{hashlib.file_digest(stream, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()}"
    return None if came == file.checksum.lower() else f"expected {file.checksum}, got {came}"


def _tag_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.etag")


def _discard(part: Path) -> None:
    part.unlink(missing_ok=True)
    _tag_file(part).unlink(missing_ok=True)


def _tag(part: Path) -> str:
    return _tag_file(part).read_text("ascii") if _tag_file(part).is_file() else ""


def _keep_tag(part: Path, response: httpx2.Response) -> None:
    tag = response.headers.get("ETag", "")
    if tag.startswith('"') and tag.isascii():  # a weak one, W/"...", does not promise the same bytes
        _tag_file(part).write_text(tag, "ascii")
    else:
        _tag_file(part).unlink(missing_ok=True)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _status(response: httpx2.Response) -> str:
    return f"{response.status_code} {response.reason_phrase}".strip()


def _reason(exc: Exception) -> str:
    return str(exc) or type(exc).__name__
