from __future__ import annotations

import shutil

import numpy as np

from app.store import ModelStore, lineage


def _publish(store, number, start=None):
    card = {} if start is None else {"start": {"model": f"{start.name}/{start.version}", "digest": start.digest}}
    return store.publish("rows", {"x": np.full(1, number)}, card)


def test_a_version_stems_from_all_that_it_was_trained_on_from(tmp_path):
    store = ModelStore(tmp_path)
    first = _publish(store, 1)
    second = _publish(store, 2, first)
    third = _publish(store, 3, second)
    assert lineage(store, third) == (third.digest, second.digest, first.digest)
    assert lineage(store, store.load("rows", "1")) == (first.digest,)


def test_the_line_ends_where_a_version_is_gone_or_another_has_its_number(tmp_path):
    store = ModelStore(tmp_path)
    first = _publish(store, 1)
    second = _publish(store, 2, first)
    third = _publish(store, 3, second)
    shutil.rmtree(tmp_path / "rows" / "2")
    assert lineage(store, third) == (third.digest, second.digest)
    store.publish("rows", {"x": np.full(1, 9)}, {"start": {"model": "rows/1", "digest": first.digest}}, version="2")
    assert lineage(store, third) == (third.digest, second.digest)
