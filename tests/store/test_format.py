"""Golden bytes: a store written by an earlier release must stay readable, so these may only ever be added to."""

from __future__ import annotations

import struct
from datetime import UTC, datetime

import numpy as np
import pytest

from app.store import ModelStore

ARRAYS = {"b": np.array([1.0, -2.0], dtype=np.float32), "a": np.array([[7]], dtype=np.int64)}

HEADER = (
    b'{"a":{"dtype":"I64","shape":[1,1],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}'
)
MODEL = struct.pack("<Q", 112) + HEADER.ljust(112) + struct.pack("<q2f", 7, 1.0, -2.0)

# Format 1: no seal, and no word of a format.
CARD_1 = """\
{
  "name": "handprint",
  "version": "1",
  "created": "2026-11-23T12:00:00Z",
  "files": {
    "model.safetensors": {
      "sha256": "293440d36811886f8b66c88b983137ba15051f1d70c279e4f14e9983f3ecd729",
      "size_bytes": 136
    }
  },
  "arrays": {
    "a": {
      "shape": [
        1,
        1
      ],
      "dtype": "int64"
    },
    "b": {
      "shape": [
        2
      ],
      "dtype": "float32"
    }
  },
  "alphabet": "AÜ"
}
"""
CARD_2 = CARD_1.replace('12:00:00Z",\n', '12:00:00Z",\n  "format": 2,\n')
SEAL = "58d5a858e68bb9fe7ef7eabc91dd904e516ff336db89d37d23312d14fe24c60b  card.json\n"


def test_the_files_of_a_version_are_these_bytes(tmp_path):
    store = ModelStore(tmp_path, now=lambda: datetime(2026, 11, 23, 12, tzinfo=UTC))
    store.publish("handprint", ARRAYS, {"alphabet": "AÜ"})
    store.set_alias("handprint", "champion", "1")
    folder = tmp_path / "handprint" / "1"
    assert sorted(path.name for path in folder.iterdir()) == ["card.json", "card.sha256", "model.safetensors"]
    assert (folder / "model.safetensors").read_bytes() == MODEL
    assert (folder / "card.json").read_bytes().decode() == CARD_2
    assert (folder / "card.sha256").read_bytes().decode() == SEAL
    assert (tmp_path / "handprint" / "aliases.json").read_bytes() == b'{\n  "champion": "1"\n}\n'


@pytest.mark.parametrize("card, seal", [(CARD_1, None), (CARD_2, SEAL)], ids=["format 1", "format 2"])
def test_these_bytes_are_a_version(tmp_path, card, seal):
    folder = tmp_path / "handprint" / "1"
    folder.mkdir(parents=True)
    (folder / "model.safetensors").write_bytes(MODEL)
    (folder / "card.json").write_bytes(card.encode())
    if seal is not None:
        (folder / "card.sha256").write_bytes(seal.encode())
    (tmp_path / "handprint" / "aliases.json").write_bytes(b'{"champion": "1"}')
    model = ModelStore(tmp_path).load("handprint")
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(model.arrays[name], array, strict=True)
