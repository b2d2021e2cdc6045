"""A process that corrects is killed at any moment: what it said was kept is there."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from app.corrections import CorrectionStore, KeptPages, digest_of
from app.database import Database
from tests.corrections.conftest import files_in

pytestmark = pytest.mark.service

_PROJECT = Path(__file__).resolve().parents[2]
_CORRECT = """
import sys
from pathlib import Path
from app.corrections import CorrectionStore, KeptPages
from app.database import Database
from tests.corrections.conftest import a_correction

folder, name = Path(sys.argv[1]), sys.argv[2]
database = Database(f"sqlite:///{folder / 'inkrow.db'}")
store = CorrectionStore(database, folder)
KeptPages(database, folder).delete_expired()
for number in range(1_000_000):
    picture = f"{name} {number // 2}".encode() * 500
    correction = a_correction(picture, box=(0, 0, 1, number))
    store.add(correction, picture)
    print("kept", correction.id, flush=True)
    if number % 7 == 6:
        print("deleting", correction.id, flush=True)
        store.delete(correction.id)
"""


@pytest.mark.parametrize("seed", range(3))
def test_no_acknowledged_correction_is_lost_when_the_process_is_killed(tmp_path, seed):
    rng = np.random.default_rng(seed)
    said: dict[str, set[str]] = {"kept": set(), "deleting": set()}
    for life in range(3):
        command = [sys.executable, "-c", _CORRECT, str(tmp_path), f"{seed} {life}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=_PROJECT) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline()]  # so far it has come
            time.sleep(rng.uniform(0, 0.3))
            process.kill()
            lines += process.stdout.readlines()
        for line in lines:
            if line.endswith("\n"):
                what, id_ = line.split()
                said[what].add(id_)
    assert len(said["kept"]) >= 3
    database = Database(f"sqlite:///{tmp_path / 'inkrow.db'}")
    store = CorrectionStore(database, tmp_path)
    found = store.list()
    assert said["kept"] - said["deleting"] <= {correction.id for correction in found}
    assert all(digest_of(store.picture(correction.image)) == correction.image for correction in found)
    KeptPages(database, tmp_path).delete_expired()
    assert {name for name in files_in(tmp_path / "images") if not name.startswith(".")} == {
        each.image for each in found
    }
    database.close()
