"""Unpack untrusted archives: never outside of the folder, never without a limit, and completely or not at all."""

from __future__ import annotations

import shutil
import stat
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from app.datasets.faults import damaged
from app.datasets.fetching.download import writing_to

# UNIPEN, the largest data set in the catalogue, has some forty thousand files and half a gigabyte; EMNIST is as large.
MAX_BYTES = 8 * 2**30
MAX_FILES = 500_000
# RuntimeError includes NotImplementedError; an OSError of writing has become a DownloadFailed before.
_DAMAGE = (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError, OSError, ValueError, RuntimeError)
_CHUNK_BYTES = 2**20


def is_archive(path: Path) -> bool:
    """Tell by its name whether a file is an archive that `unpack` can unpack."""
    return path.name.lower().endswith((".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"))


def unpack(path: Path, folder: Path) -> None:
    """Unpack a .zip or .tar archive into `folder`, replacing what has the same names there.

    Everything is unpacked in another place first, so that a damaged archive changes nothing.

    Raises
    ------
    DamagedDataset : the archive is damaged, a member would lie outside of `folder` or is neither file nor folder, or
        there is more than `MAX_BYTES` or `MAX_FILES`
    DownloadFailed : there is no room, or `folder` cannot be written
    """
    aside = folder / f".{path.name}.unpacking"
    shutil.rmtree(aside, ignore_errors=True)  # left by an interrupted call
    try:
        with writing_to(folder):
            aside.mkdir(parents=True)
            take_out = _unzip if path.name.lower().endswith(".zip") else _untar
            take_out(path, aside)
            for member in sorted(aside.iterdir()):
                target = folder / member.name
                if target.is_dir():
                    shutil.rmtree(target)
                member.replace(target)
    except _DAMAGE as exc:
        raise damaged(path, f"the archive is damaged or not safe to unpack: {exc}") from exc
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _unzip(path: Path, folder: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        members = archive.infolist()
        _check_size(sum(member.file_size for member in members), len(members))
        for member in members:
            target = _inside(folder, member.filename)
            kind = stat.S_IFMT(member.external_attr >> 16)
            if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
                raise ValueError(f"{member.filename} is neither file nor folder")
            if member.is_dir():
                target.mkdir(parents=True, exist_ok=True)
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with archive.open(member) as source, target.open("wb") as out:  # reads no more than the header announces
                shutil.copyfileobj(source, out, _CHUNK_BYTES)


def _untar(path: Path, folder: Path) -> None:
    if not hasattr(tarfile, "data_filter"):
        raise RuntimeError("this takes Python 3.11.4 or later")
    with tarfile.open(path) as archive:
        total = 0
        for count, member in enumerate(archive, start=1):
            total += member.size
            _check_size(total, count)
            # The filter "data" refuses devices and members that lie or point outside, and drops unsafe permissions.
            archive.extract(member, folder, filter="data")
        # tarfile accepts archives that end too early; reading to the end finds that, and wrong check sums.
        while archive.fileobj is not None and (rest := archive.fileobj.read(_CHUNK_BYTES)):
            total += len(rest)
            _check_size(total, 0)


def _check_size(size_bytes: int, files: int) -> None:
    if size_bytes > MAX_BYTES or files > MAX_FILES:
        raise ValueError(
            f"expected at most {MAX_BYTES} bytes in {MAX_FILES} files, it announces {size_bytes} in {files} or more"
        )


def _inside(folder: Path, name: str) -> Path:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    if not parts or ".." in parts or parts[0].startswith("/") or ":" in parts[0]:
        raise ValueError(f"{name!r} would lie outside of the folder")
    return folder.joinpath(*parts)
