from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.corrections import Level, digest_of
from app.errors import CorrectedOtherwise, CorrectionNotFound, NotFound, StateUnreadable, StateUnwritable
from tests.corrections.conftest import NOON, a_correction, a_page, files_in


def test_what_was_added_is_there_with_its_picture(store):
    correction = a_correction(b"one", box=(1, 2, 3, 4))
    assert store.add(correction, b"one") == (correction, True)
    assert store.get(correction.id) == correction
    assert store.picture(correction.image) == b"one"


def test_the_same_correction_twice_is_one(store, folder):
    first = a_correction(b"one")
    store.add(first, b"one")
    again = a_correction(b"one", created_at=NOON + timedelta(days=1), read_as="C")
    assert store.add(again, b"one") == (first, False)
    assert store.list() == [first]
    assert files_in(folder) == {first.image}


def test_another_text_for_the_same_place_is_refused(store):
    store.add(a_correction(b"one", "A"), b"one")
    with pytest.raises(CorrectedOtherwise, match=r"'A', to which this was corrected before.*got 'B'"):
        store.add(a_correction(b"one", "B"), b"one")
    store.delete(a_correction(b"one").id)
    assert store.add(a_correction(b"one", "B"), b"one")[1]


def test_another_text_for_ink_of_the_same_page_is_refused(store):
    def of_page(picture, char, left, page="digest/1"):
        box = [0, left, 20, left + 10]
        return store.add(
            a_correction(picture, char, details={"on_page": {"page": page, "chars": [[char, box]]}}), picture
        )

    first, _ = of_page(b"a", "A", 0)
    with pytest.raises(CorrectedOtherwise, match="agrees with 'A'") as caught:
        of_page(b"b", "B", 2)
    assert caught.value.context == {"id": first.id, "text": "A"}
    of_page(b"c", "A", 2)  # the same
    of_page(b"d", "B", 8)  # a neighbour
    of_page(b"e", "B", 2, "digest/2")  # of another page


def test_what_is_refused_leaves_no_picture_that_nothing_names(store, folder):
    details = {"on_page": {"page": "digest/1", "chars": [["A", [0, 0, 20, 10]]]}}
    store.add(a_correction(b"one", "A", details=details), b"one")
    details = {"on_page": {"page": "digest/1", "chars": [["B", [0, 0, 20, 10]]]}}
    with pytest.raises(CorrectedOtherwise):
        store.add(a_correction(b"two", "B", details=details), b"two")
    with pytest.raises(CorrectedOtherwise):
        store.add(a_correction(b"one", "B"), b"one")
    assert files_in(folder) == {digest_of(b"one")}


def test_a_row_and_a_glyph_of_the_same_place_are_two(store):
    store.add(a_correction(b"one"), b"one")
    store.add(a_correction(b"one", "AB", level=Level.ROW), b"one")
    assert len(store.list()) == 2


def test_a_list_is_newest_first_and_goes_on_behind_what_was_seen(store):
    times = [NOON, NOON, NOON + timedelta(seconds=1), NOON - timedelta(days=1), NOON]
    kept = [a_correction(bytes([n]), created_at=at) for n, at in enumerate(times)]
    for number, correction in enumerate(kept):
        store.add(correction, bytes([number]))
    expected = sorted(kept, key=lambda each: (each.created_at, each.id), reverse=True)
    found, last = [], None
    while page := store.list(2, before=last):
        found += page
        last = (page[-1].created_at, page[-1].id)
    assert found == expected


def test_a_list_can_be_of_one_level_or_text(store):
    glyph, row = a_correction(b"1", "A"), a_correction(b"2", "A B", level=Level.ROW)
    store.add(glyph, b"1")
    store.add(row, b"2")
    assert store.list(level=Level.ROW) == [row]
    assert store.list(text="A") == [glyph]
    assert store.list(level=Level.ROW, text="A") == []


def test_what_was_deleted_is_gone_with_its_picture(store, folder):
    correction = a_correction(b"one")
    store.add(correction, b"one")
    store.delete(correction.id)
    assert files_in(folder) == set()
    for use in (store.get, store.delete):
        with pytest.raises(CorrectionNotFound):
            use(correction.id)
    with pytest.raises(NotFound, match="is not there any more"):
        store.picture(correction.image)


def test_a_picture_stays_as_long_as_something_names_it(store, pages, folder):
    glyph, other = a_correction(b"one"), a_correction(b"one", box=(0, 0, 5, 5))
    for correction in (glyph, other):
        store.add(correction, b"one")
    pages.keep([a_page("page", b"one", [[0.5]])], [b"one"])
    store.delete(glyph.id)
    store.delete(other.id)
    assert files_in(folder) == {digest_of(b"one")}
    pages.delete("page")
    assert files_in(folder) == set()


def test_what_the_system_refuses_is_told_and_leaves_no_row(store, folder):
    folder.write_bytes(b"in the way")
    with pytest.raises(StateUnwritable, match="cannot write to"):
        store.add(a_correction(b"one"), b"one")
    assert store.list() == []


def test_a_picture_that_is_gone_and_one_that_cannot_be_read_are_two_things(store, folder):
    correction = a_correction(b"one")
    store.add(correction, b"one")
    [file] = folder.rglob(correction.image)
    file.unlink()
    with pytest.raises(NotFound, match="is not there any more"):
        store.picture(correction.image)
    file.mkdir()
    with pytest.raises(StateUnreadable, match="cannot read"):
        store.picture(correction.image)


def test_adding_and_deleting_at_once_never_leaves_a_correction_without_its_picture(store, pages):
    corrections = [a_correction(b"shared", box=(0, 0, 1, number)) for number in range(1, 5)]

    def add_and_delete(number):
        for _ in range(15):
            store.add(corrections[number], b"shared")
            assert store.picture(corrections[number].image) == b"shared"
            store.delete(corrections[number].id)
            pages.delete_expired()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_and_delete, range(4)))


def test_pictures_are_for_nobody_else_of_the_machine(store, folder):
    store.add(a_correction(b"one"), b"one")
    assert folder.stat().st_mode & 0o077 == 0
