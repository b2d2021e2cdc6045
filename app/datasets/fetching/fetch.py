"""Download a data set of the catalogue, and unpack it so that it can be read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import httpx2

from app.datasets.catalogue import DATASETS
from app.datasets.dataset import Dataset, Form, RemoteFile
from app.datasets.faults import damaged
from app.datasets.fetching.archive import is_archive, unpack
from app.datasets.fetching.download import OnProgress, fetch, record_files
from app.errors import DatasetNotFound, InvalidInput


def fetch_dataset(
    name: str,
    root: Path,
    *,
    mirror: str | None = None,
    transport: httpx2.BaseTransport | None = None,
    on_progress: OnProgress = lambda name, done_bytes, total_bytes: None,
    on_unpack: Callable[[Path], None] = lambda archive: None,
) -> tuple[Path, Form]:
    """Download the files of a data set, check and unpack them; do nothing if it is there already.

    Parameters
    ----------
    root : the data root
    mirror : address from which every file is taken by its own name; sizes and check sums stay those of the catalogue.
        A record that lists files is taken from there, too, and is trusted
    transport, on_progress : as in `fetch`
    on_unpack : called with each archive before it is unpacked

    Returns
    -------
    its folder, and the form of that

    Raises
    ------
    InvalidInput : the mirror is no address on the web
    DatasetNotFound : no such data set, or one that nobody publishes for download
    DownloadFailed : it could not be fetched or written
    DamagedDataset : an archive is damaged, or lacks what it should hold
    """
    if mirror is not None and not mirror.startswith(("http://", "https://")):
        raise InvalidInput(f"expected a mirror's address as http://... or https://..., got {mirror!r}")
    entry = DATASETS.get(name)
    if entry is None:
        detail = f"no data set {name!r}; there are {', '.join(DATASETS)}"
        raise DatasetNotFound(detail, name=name, names=list(DATASETS))
    folder = entry.folder(root)
    published = bool(entry.files or entry.record)
    if (form := entry.form_in(root)) is not None and not (published and _is_unfinished(entry, folder)):
        return folder, form
    if not published:
        raise DatasetNotFound(f"data set {name} is not in {folder}; {entry.how_to_get}", name=name, path=str(folder))
    files = _files(entry, mirror, transport)
    for path in fetch(files, folder, transport=transport, on_progress=on_progress):
        if is_archive(path):
            on_unpack(path)
            unpack(path, folder)
            path.unlink()  # it holds nothing that is not beside it now
    if (form := entry.form_in(root)) is None:
        expected = "; or ".join(form.content for form in entry.forms)
        raise damaged(folder, f"what was fetched is not what is known of {name}; expected {expected}")
    return folder, form


def _is_unfinished(entry: Dataset, folder: Path) -> bool:
    """Tell whether an earlier call was stopped: a file has not come, or an archive is not, or not all, unpacked."""
    left = any(is_archive(path) or path.suffix == ".part" for path in folder.iterdir())
    return left or any(not is_archive(Path(file.name)) and not (folder / file.name).exists() for file in entry.files)


def _files(entry: Dataset, mirror: str | None, transport: httpx2.BaseTransport | None) -> list[RemoteFile]:
    files = list(entry.files)
    if entry.record is not None:
        files += record_files(_at(mirror, entry.record), transport=transport)
    return [replace(file, url=_at(mirror, file.url, file.name)) for file in files]


def _at(mirror: str | None, url: str, name: str | None = None) -> str:
    return url if mirror is None else f"{mirror.rstrip('/')}/{name or url.rpartition('/')[2]}"
