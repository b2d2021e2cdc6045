"""Image files named by the digest of their content, so that each is stored once: ``images/ab/abcd...``."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select, union

from app.database import Database
from app.database.tables import CORRECTIONS, KEPT_PAGES
from app.durable_files import FRESH, replace_durably, sync_folder
from app.errors import NotFound, StateUnreadable, StateUnwritable

_ABANDONED_S = 3600  # an unfinished file older than this was left behind by a writer that was stopped


def digest_of(content: bytes) -> str:
    """Name a file's content: its SHA-256."""
    return sha256(content).hexdigest()


class ImageFiles:
    """The image files in the service's state folder; theirs is made when the first one is written.

    Two rules make sure that every file named by a row of the database exists, whatever process is killed when. A file
    is on the disk before its row is committed: `ensure` sees to that within the transaction that writes the row. And a
    file is deleted only within a writing transaction that has found no row that names it.
    """

    def __init__(self, state: Path) -> None:
        self._folder = state / "images"

    def put(self, content: bytes) -> str:
        """Write a file, unless it is there, and return its digest when it has reached the disk."""
        digest = digest_of(content)
        path = self._path(digest)
        with self._told():
            if not path.exists():
                # What people sent is nobody else's business.
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.parent.mkdir(exist_ok=True)
                replace_durably(path, content)
            sync_folder(path.parent)  # even if it was there: its writer may not have come so far yet
            sync_folder(self._folder)
            sync_folder(self._folder.parent)
        return digest

    def ensure(self, digest: str, content: bytes) -> None:
        """Write a file again if it was deleted since it was `put`."""
        if not self._path(digest).exists():
            self.put(content)

    def read(self, digest: str) -> bytes:
        """Return what is in a file.

        Raises
        ------
        NotFound : somebody deleted it by hand.
        StateUnreadable : the system refuses.
        """
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError as exc:
            raise NotFound(f"the picture {digest} is not there any more", image=digest) from exc
        except OSError as exc:
            raise StateUnreadable(f"cannot read {self._path(digest)}: {exc.strerror or exc}", image=digest) from exc

    def delete(self, digests: Collection[str]) -> None:
        """Delete files; those that do not exist are skipped."""
        with self._told():
            for digest in digests:
                self._path(digest).unlink(missing_ok=True)

    def digests(self) -> Iterator[str]:
        """List all files."""
        return (path.name for path in self._folder.glob("??/*") if not path.name.startswith(FRESH))

    def sweep(self) -> None:
        """Delete unfinished files that interrupted writers have left behind."""
        with self._told():
            for path in self._folder.glob(f"??/{FRESH}*"):
                with suppress(FileNotFoundError):
                    if time.time() - path.stat().st_mtime > _ABANDONED_S:
                        path.unlink()

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as exc:
            raise StateUnwritable(f"cannot write to {self._folder}: {exc.strerror or exc}") from exc


def delete_unnamed(database: Database, files: ImageFiles, among: Collection[str] | None = None) -> int:
    """Delete files that no correction and no kept page names, and return how many.

    Parameters
    ----------
    among : the digests to look at; None for all files, unfinished ones too
    """
    with database.writing() as connection:  # so that no other process can add a row that names one
        named = union(select(CORRECTIONS.c.image), select(KEPT_PAGES.c.image))
        if among is None:
            files.sweep()
            unnamed = set(files.digests()) - set(connection.scalars(named))
        else:
            unnamed = set(among)
            for table in (CORRECTIONS, KEPT_PAGES):
                unnamed -= set(connection.scalars(select(table.c.image).where(table.c.image.in_(unnamed))))
        files.delete(unnamed)
    return len(unnamed)
