from __future__ import annotations

import os
import time
from datetime import timedelta

import pytest

from app.corrections import DoubtKey, Place
from app.errors import KeptPageNotFound
from tests.corrections.conftest import NOON, a_correction, a_page, files_in


def test_a_kept_page_is_there_with_its_file(pages):
    page = a_page("page", b"file", [[0.5]])
    pages.keep([page], [b"file"])
    assert pages.get("page") == page
    assert pages.file(page) == b"file"


def test_a_review_has_the_least_sure_first_across_pages(pages):
    pages.keep([a_page("one", b"file", [[0.9, 0.2], [0.5]]), a_page("two", b"file", [[0.4]], [[0.1]])], [b"file"])
    keys = [doubt.key for doubt in pages.review(10)]
    assert keys == [
        DoubtKey(0.1, "two", 1, 0, 0),
        DoubtKey(0.2, "one", 0, 0, 1),
        DoubtKey(0.4, "two", 0, 0, 0),
        DoubtKey(0.5, "one", 0, 1, 0),
        DoubtKey(0.9, "one", 0, 0, 0),
    ]
    assert [doubt.page.id for doubt in pages.review(10)] == [key.page for key in keys]
    assert [doubt.key for doubt in pages.review(2, after=keys[1])] == keys[2:4]
    assert [doubt.key for doubt in pages.review(10, page="one", below=0.9)] == [keys[1], keys[3]]


def test_equally_sure_glyphs_are_each_listed_once(pages):
    pages.keep([a_page("one", b"file", *[[[0.5, 0.5], [0.5]]] * 3)], [b"file"])
    found, last = [], None
    while page := pages.review(2, after=last):
        found += [doubt.key for doubt in page]
        last = found[-1]
    assert len(found) == len(set(found)) == 9


@pytest.mark.parametrize("place, left", [(Place("one", 0, 0, 1), 4), (Place("one", 0, 0), 3), (Place("one", 0), 2)])
def test_what_was_corrected_or_dismissed_is_reviewed_no_more(pages, store, place, left):
    for use in (pages.dismiss, lambda settled: store.add(a_correction(b"cut"), b"cut", settles=settled)):
        pages.keep([a_page("one", b"file", [[0.9, 0.2], [0.5]], [[0.4, 0.1]])], [b"file"])
        use(place)
        assert len(pages.review(10)) == left
        pages.delete("one")


def test_from_its_end_on_a_page_is_as_good_as_deleted(pages, clock):
    pages.keep([a_page("one", b"file", [[0.5]], days=2)], [b"file"])
    clock.now = NOON + timedelta(days=2) - timedelta(seconds=1)
    pages.get("one")
    clock.now = NOON + timedelta(days=2)
    assert pages.review(10) == []
    for use in (pages.get, pages.delete, lambda page: pages.dismiss(Place(page, 0))):
        with pytest.raises(KeptPageNotFound):
            use("one")


def test_expired_pages_are_deleted_with_their_files_and_others_stay(pages, clock, folder):
    pages.keep([a_page("one", b"first", [[0.5]], days=1)], [b"first"])
    pages.keep([a_page("two", b"second", [[0.5]], days=3)], [b"second"])
    clock.now += timedelta(days=2)
    assert pages.delete_expired() == 1
    assert files_in(folder) == {pages.get("two").image}
    assert [doubt.key.page for doubt in pages.review(10)] == ["two"]


def test_more_pages_may_expire_than_a_statement_has_room_for(pages, clock, few_values):
    pages.keep([a_page(str(number), b"file", days=1) for number in range(2 * few_values)], [b"file"])
    clock.now += timedelta(days=2)
    assert pages.delete_expired() == 2 * few_values
    assert pages.delete_expired() == 0


def test_files_that_nothing_names_are_collected_and_those_being_written_are_not(pages, folder):
    pages.keep([a_page("one", b"file", [[0.5]])], [b"file"])
    (folder / "ab").mkdir()
    for name in ("ab" + 62 * "0", ".fresh-old", ".fresh-new"):
        (folder / "ab" / name).write_bytes(b"")
    long_ago = time.time() - 7200
    os.utime(folder / "ab" / ".fresh-old", (long_ago, long_ago))
    pages.delete_expired()
    assert files_in(folder) == {pages.get("one").image, ".fresh-new"}


def test_a_deleted_page_is_gone(pages, folder):
    pages.keep([a_page("one", b"file", [[0.5]])], [b"file"])
    pages.delete("one")
    assert files_in(folder) == set()
    assert pages.review(10) == []
    with pytest.raises(KeptPageNotFound):
        pages.delete("one")
