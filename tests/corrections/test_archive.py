from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest

from app.corrections import Level, read_archive, write_archive
from app.errors import InvalidInput
from tests.corrections.conftest import a_correction

PICTURES = {a_correction(content).image: content for content in (b"one", b"two")}
CORRECTIONS = [
    a_correction(b"one", "Ä"),
    a_correction(b"one", "A B", level=Level.ROW, box=(1, 2, 3, 4), read_as=None, created_by=None),
    a_correction(b"two"),
]


@pytest.fixture
def archive():
    file = BytesIO()
    write_archive(file, CORRECTIONS, PICTURES.__getitem__)
    return file


def _rewritten(file, change):
    """Write an archive anew; `change` is given the name and the content of each file in it."""
    changed = BytesIO()
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return changed


def test_what_is_read_is_what_was_written(archive):
    assert list(read_archive(archive)) == [(each, PICTURES[each.image]) for each in CORRECTIONS]


def test_a_picture_is_in_it_once(archive):
    assert len(zipfile.ZipFile(archive).namelist()) == 3


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\3\4 cut off"])
def test_another_file_is_refused(content):
    with pytest.raises(InvalidInput, match="zip of corrections"):
        list(read_archive(BytesIO(content)))


def test_a_zip_of_other_things_is_refused():
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(InvalidInput, match=r"corrections\.jsonl"):
        list(read_archive(file))


@pytest.mark.parametrize(
    "members",
    [{"id": "0" * 64}, {"level": "page"}, {"text": 1}, {"box": [1, 2]}, {"seen": "?"}, {"created_at": "yesterday"}],
)
def test_a_line_that_is_no_correction_is_named(archive, members):
    def change(name, content):
        if name != "corrections.jsonl":
            return content
        first, *others = content.decode().splitlines()
        return "\n".join([json.dumps({**json.loads(first), **members}), *others]).encode()

    with pytest.raises(InvalidInput, match="line 1: expected a correction"):
        list(read_archive(_rewritten(archive, change)))


def test_a_picture_of_another_digest_is_refused(archive):
    changed = _rewritten(archive, lambda name, content: b"another" if name.endswith(".png") else content)
    with pytest.raises(InvalidInput, match="another"):
        list(read_archive(changed))
