from __future__ import annotations

import csv
import shutil
from base64 import b64decode
from io import BytesIO, StringIO

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from app.api import create_app
from app.store import ModelStore
from tests.conftest import save_unipen, write_samples

SEED = "/confusion?model=seed/1"


def test_the_counts_of_the_card_come_with_shares_pairs_and_classes(inspected):
    card = inspected.get("/models/seed/1").json()["card"]
    answer = inspected.get(SEED).json()
    assert (answer["split"], answer["from_card"], answer["total"]) == ("valid", True, 3600)
    assert answer["labels"] == sorted(card["alphabet"])
    assert answer["counts"] == card["confusion"]["counts"]
    assert answer["accuracy"] == pytest.approx(card["metrics"]["valid"]["accuracy"])
    assert [group["name"] for group in answer["groups"]] == ["digits", "capitals"]
    assert (answer["insertions"], answer["deletions"]) == (None, None)
    pairs = [{pair["first"], pair["second"]} for pair in answer["most_confused"]]
    assert pairs[0] == {"0", "O"}
    assert {"2", "Z"} in pairs
    assert {"5", "S"} in pairs
    zero = answer["classes"][0]
    counts = np.array(answer["counts"])
    assert (zero["char"], zero["support"]) == ("0", counts[0].sum())
    assert zero["recall"] == pytest.approx(counts[0, 0] / counts[0].sum())
    assert zero["precision"] == pytest.approx(counts[0, 0] / counts[:, 0].sum())


@pytest.mark.parametrize("normalize, axis", [("true", 1), ("pred", 0), ("all", (0, 1))])
def test_shares_are_of_the_row_the_column_or_of_all(inspected, normalize, axis):
    shares = np.array(inspected.get(f"{SEED}&normalize={normalize}").json()["shares"])
    np.testing.assert_allclose(shares.sum(axis=axis), 1)


def test_counts_have_no_shares(inspected):
    assert inspected.get(f"{SEED}&normalize=none").json()["shares"] is None


@pytest.mark.parametrize("sort", ["kind", "recall", "likeness"])
def test_sorting_moves_rows_and_columns_together(inspected, sort):
    answer = inspected.get(f"{SEED}&sort={sort}&normalize=none").json()
    supports = {one["char"]: one["support"] for one in answer["classes"]}
    assert sorted(answer["labels"]) == sorted(supports)
    assert [sum(row) for row in answer["counts"]] == [supports[label] for label in answer["labels"]]
    assert (answer["groups"] is None) == (sort != "kind")


def test_a_part_of_the_matrix_keeps_the_shares_of_the_whole(inspected):
    whole, part = inspected.get(SEED).json(), inspected.get(f"{SEED}&among=O0&top=1").json()
    assert part["labels"] == ["0", "O"]
    first, second = (whole["labels"].index(label) for label in "0O")
    assert part["shares"][0][1] == whole["shares"][first][second]
    assert len(part["most_confused"]) == 1


def test_a_table_has_a_row_and_a_column_for_each_character(inspected):
    answer = inspected.get("/confusion?model=handprint/2&normalize=none", headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.reader(StringIO(answer.text)))
    assert rows[0][0] == "true"
    assert [row[0] for row in rows[1:]] == rows[0][1:]
    assert len(rows) == 95
    assert sum(int(cell) for row in rows[1:] for cell in row[1:]) == 12352


@pytest.mark.parametrize("form, media_type", [("png", "image/png"), ("svg", "image/svg+xml")])
def test_pictures_are_the_same_to_the_byte_and_may_be_kept_for_ever(inspected, form, media_type):
    address = f"{SEED}&among=0O5S2Z"
    answer, again = (inspected.get(f"{address}&format={form}") for _ in range(2))
    assert answer.headers["content-type"] == media_type
    assert answer.content == again.content
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert inspected.get(address, headers={"Accept": media_type}).headers["etag"] == answer.headers["etag"]
    if form == "png":
        assert Image.open(BytesIO(answer.content)).width > 300


def test_what_an_alias_stands_for_may_change(inspected):
    answer = inspected.get("/confusion?model=seed")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.json()["model"]["alias"] == "champion"


def test_a_split_without_counts_in_the_card_is_read_now(inspected):
    answer = inspected.get(f"{SEED}&split=synthetic").json()
    assert (answer["split"], answer["from_card"]) == ("synthetic", False)
    assert [one["support"] for one in answer["classes"]] == [10] * 36
    assert answer["most_confused"][0]["cell"].endswith("?model=seed/1&split=synthetic")


def test_without_the_data_there_are_no_glyphs_to_lead_to(inspected):
    answer = inspected.get(SEED)
    assert answer.json()["split"] == "valid"
    assert {pair["cell"] for pair in answer.json()["most_confused"]} == {None}
    assert answer.headers["cache-control"] == "no-cache"  # somebody may fetch the data


def test_a_pair_of_the_card_leads_to_glyphs_of_the_same_split(settings, reader, store, tmp_path):
    (tmp_path / "unipen").mkdir()
    for split in ("train", "valid"):
        save_unipen(tmp_path / "unipen", split, write_samples("AB", 3, 1))
    card = {"confusion": {"split": "valid", "counts": [[5, 2], [1, 6]]}, "alphabet": "AB", "data": {"name": "unipen"}}
    other = ModelStore(tmp_path / "models")
    shutil.copytree(store.root, other.root)
    other.publish("counted", {"x": np.zeros(1, np.float32)}, card)
    with TestClient(create_app(settings.model_copy(update={"model_store": other.root, "data": tmp_path}))) as client:
        [pair] = client.get("/confusion?model=counted/1").json()["most_confused"]
    assert pair["cell"] == "confusion/A/B?model=counted/1&split=valid"


def test_every_pair_leads_to_its_glyphs(inspected):
    pair = inspected.get(f"{SEED}&split=synthetic").json()["most_confused"][0]
    cell = inspected.get("/" + pair["cell"]).json()
    assert cell["count"] == len(cell["examples"]) == pair["first_as_second"]
    example = cell["examples"][0]
    assert example["alternatives"][0]["confidence"] <= example["confidence"]
    assert cell["predicted"] not in {other["char"] for other in example["alternatives"]}
    image = Image.open(BytesIO(b64decode(example["image"].partition(",")[2])))
    darkest, lightest = image.getextrema()
    assert darkest < 128 < lightest


def test_a_cell_as_a_picture_shows_its_glyphs_side_by_side(inspected):
    address = "/confusion/A/A?model=seed/1&split=synthetic&format=png"
    wide, narrow = (Image.open(BytesIO(inspected.get(f"{address}&limit={limit}").content)) for limit in (4, 2))
    assert wide.width > 1.8 * narrow.width
    assert wide.height == narrow.height


@pytest.mark.parametrize(
    "path, labels",
    [
        ("%2F/%25", "/%"),
        ("U+002F/U%2B0025", "/%"),
        ("%2F/%2F", "//"),
        ("U+002E/U+002C", ".,"),
        ("%3F/%23", "?#"),
        ("%5C/a", "\\a"),
        ("+/-", "+-"),
    ],
)
def test_any_character_can_be_written_in_the_address(inspected, path, labels):
    cell = inspected.get(f"/confusion/{path}?model=handprint/2&split=synthetic").json()
    assert cell["true"] + cell["predicted"] == labels


@pytest.mark.parametrize("path", ["O", "O/0/1", "O/%C3%A9", "/"])
def test_what_is_no_cell_is_not_found(inspected, problem, path):
    answer = inspected.get(f"/confusion/{path}")
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["Oh/O", "O/U+110000", "O/U+D800"])
def test_what_is_no_character_is_told(inspected, problem, path):
    assert "U+002F" in problem(inspected.get(f"/confusion/{path}"), 422, "invalid-input")["detail"]


def test_a_problem_names_the_address_as_it_was_sent(inspected):
    assert inspected.get("/confusion/%C3%A9/%2F?limit=0").json()["instance"] == "/confusion/%C3%A9/%2F"


def test_data_that_are_not_at_hand_are_told_without_the_place_that_was_looked_at(inspected, problem):
    members = problem(inspected.get(f"{SEED}&split=test"), 404, "dataset-not-found")
    assert "synthetic" in members["detail"]
    assert "no-data" not in str(members)


@pytest.mark.parametrize(
    "query, words",
    [
        ("normalise=true", "expected only the parameters"),
        ("normalize=rows", "'true', 'pred', 'all' or 'none'"),
        ("among=é", "among"),
        ("split=train", "'valid', 'test' or 'synthetic'"),
        ("split=valid&split=valid", "several times"),
        ("model=seed/", "NAME/VERSION"),
        ("top=-1", "top"),
    ],
)
def test_what_makes_no_sense_is_refused(inspected, problem, query, words):
    assert words in problem(inspected.get(f"/confusion?{query}"), 422, "invalid-input")["detail"]


def test_unknown_versions_and_forms_are_told(inspected, problem):
    problem(inspected.get("/confusion?model=none"), 404, "model-not-found")
    problem(inspected.get("/confusion?model=seed/9"), 404, "model-not-found")
    assert (
        "image/svg+xml"
        in problem(inspected.get(SEED, headers={"Accept": "text/html"}), 406, "not-acceptable")["available"]
    )


def test_a_model_for_rows_is_counted_by_what_was_read_for_what(rows_inspected):
    answer = rows_inspected.get("/confusion?model=rows/1&split=synthetic").json()
    assert answer["labels"][-1] == "∅"
    counts = np.array(answer["counts"])
    assert sum(answer["deletions"].values()) == counts[:, -1].sum() > 0
    assert sum(answer["insertions"].values()) == counts[-1].sum()
    assert "∅" not in {one["char"] for one in answer["classes"]}
    char, count = next(iter(answer["deletions"].items()))
    cell = rows_inspected.get(f"/confusion/{char}/%E2%88%85?model=rows/1&split=synthetic&limit=1").json()
    assert cell["count"] == count
    assert len(cell["examples"]) == 1
    picture = rows_inspected.get("/confusion?model=rows/1&split=synthetic&format=png")
    assert picture.headers["content-type"] == "image/png"
