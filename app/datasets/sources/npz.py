"""NumPy's archives of arrays, read with suspicion: nothing pickled, nothing without end."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged, no_such_file

# The largest data set that we know of, the prepared UNIPEN, has thirty megabytes.
MAX_BYTES = 2**30
# All that NumPy and zipfile are known to raise on damaged archives; NotImplementedError is a RuntimeError.
_DAMAGE = (OSError, ValueError, TypeError, EOFError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error)


def read_npz(path: Path, names: Collection[str], optional: Collection[str] = ()) -> dict[str, NDArray[Any]]:
    """Read the arrays of these names, and those of `optional` that are there; others are not touched.

    Raises
    ------
    DatasetNotFound : there is no such file
    DamagedDataset : it is truncated, pickled, lacks one of `names`, or announces more than `MAX_BYTES`, which is then
        not unpacked; the message names it
    """
    try:
        with path.open("rb") as file:
            # zipfile gives no more of a member than is announced here.
            announced = sum(member.file_size for member in zipfile.ZipFile(file).infolist())
            if announced > MAX_BYTES:
                raise ValueError(f"expected at most {MAX_BYTES} bytes, it announces {announced}")
            with np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
                wanted = [*names, *(name for name in optional if name in archive.files)]
                # NumPy gives the bytes of a member that is no array: as one, its dtype tells.
                return {name: np.asarray(archive[name]) for name in wanted}
    except FileNotFoundError as exc:
        raise no_such_file(path, "arrays") from exc
    except KeyError as exc:
        raise damaged(path, f"expected the arrays {', '.join(names)}; {exc.args[0]}") from exc
    except _DAMAGE as exc:
        raise damaged(path, f"expected an .npz of plain arrays; {exc}") from exc
