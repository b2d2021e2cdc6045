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


@pytest.mark.parametrize(
    "on_page",
    [
        "digest/1",
        {"page": "digest/1"},
        {"page": 1, "chars": []},
        {"page": "digest/1", "chars": [["A"]]},
        {"page": "digest/1", "chars": [["A", None]] * 1001},
        {"page": "digest/1", "chars": [["A", [0, 0, 5]]]},
        {"page": "digest/1", "chars": [["A", [0, 0, 5, "5"]]]},
        {"page": "digest/1", "chars": [["A", [0, 0, 5, 2**70]]]},
        {"page": "digest/1", "chars": [[1, [0, 0, 5, 5]]]},
    ],
)
def test_a_place_that_nothing_can_be_compared_with_is_refused(on_page):
    with pytest.raises(InvalidInput, match=r"line 1: expected a correction.*on_page"):
        list(read_archive(_archive_of(on_page)))


def test_a_place_on_a_page_is_read_as_it_was_written():
    on_page = {"page": "digest/1", "chars": [["A", [0, 0, 5, 5]], [" ", None]]}
    [(correction, _)] = read_archive(_archive_of(on_page))
    assert correction.details["on_page"] == on_page


def _archive_of(on_page):
    file, correction = BytesIO(), a_correction(b"one", details={"on_page": on_page})
    write_archive(file, [correction], PICTURES.__getitem__)
    return file


def test_a_picture_of_another_digest_is_refused(archive):
    changed = _rewritten(archive, lambda name, content: b"another" if name.endswith(".png") else content)
    with pytest.raises(InvalidInput, match="another"):
        list(read_archive(changed))
