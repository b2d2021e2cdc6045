"""Read NumPy's archives of arrays from untrusted sources: without pickles, and with a limit to their size."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged, no_such_file

# The prepared UNIPEN, the largest data set of the catalogue in this form, has thirty megabytes.
MAX_BYTES = 2**30
# All that NumPy and zipfile are known to raise for damaged archives; RuntimeError includes NotImplementedError.
_DAMAGE = (OSError, ValueError, TypeError, EOFError, MemoryError, RuntimeError, zipfile.BadZipFile, zlib.error)


def read_npz(path: Path, names: Collection[str], optional: Collection[str] = ()) -> dict[str, NDArray[Any]]:
    """Read the named arrays, and those of `optional` that are there; others are not unpacked.

    Raises
    ------
    DatasetNotFound : there is no such file
    DamagedDataset : it is truncated, pickled, lacks one of `names`, or announces more than `MAX_BYTES`, which is then
        not unpacked; the message names it
    """
    try:
        with path.open("rb") as file:
            # zipfile unpacks no more of a member than it announces here.
            announced = sum(member.file_size for member in zipfile.ZipFile(file).infolist())
            if announced > MAX_BYTES:
                raise ValueError(f"expected at most {MAX_BYTES} bytes, it announces {announced}")
            with np.lib.npyio.NpzFile(file, allow_pickle=False) as archive:
                wanted = [*names, *(name for name in optional if name in archive.files)]
                # For a member that is not an array, NumPy returns bytes; their dtype, as an array, is refused later.
                return {name: np.asarray(archive[name]) for name in wanted}
    except FileNotFoundError as exc:
        raise no_such_file(path, "arrays") from exc
    except KeyError as exc:
        raise damaged(path, f"expected the arrays {', '.join(names)}; {exc.args[0]}") from exc
    except _DAMAGE as exc:
        raise damaged(path, f"expected an .npz of plain arrays; {exc}") from exc
