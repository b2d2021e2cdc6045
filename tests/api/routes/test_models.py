from __future__ import annotations

import pytest


def test_the_models_are_listed_with_versions_and_aliases(client):
    (model,) = client.get("/models").json()["models"]
    assert model == {
        "name": "handprint",
        "aliases": {"candidate": "4", "champion": "3"},
        "versions": ["1", "2", "3", "4"],
    }


def test_a_model_lists_its_versions_in_short(client, store):
    answer = client.get("/models/handprint").json()
    assert [version["version"] for version in answer["versions"]] == ["1", "2", "3", "4"]
    third = answer["versions"][2]
    assert third["aliases"] == ["champion"]
    assert third["digest"] == store.describe("handprint", "3").digest
    assert third["size_bytes"] > 0


@pytest.mark.parametrize("reference, cache", [("3", "public, max-age=31536000, immutable"), ("champion", "no-cache")])
def test_a_version_shows_its_card_under_the_digest_of_its_weights(client, store, reference, cache):
    answer = client.get(f"/models/handprint/{reference}")
    about = store.describe("handprint", "3")
    assert answer.json() == {"name": "handprint", "version": "3", "digest": about.digest, "card": about.card}
    assert answer.headers["etag"] == f'"{about.digest}"'
    assert answer.headers["cache-control"] == cache


@pytest.mark.parametrize("path", ["/models", "/models/handprint", "/models/handprint/3"])
def test_nothing_is_sent_twice_and_head_sends_no_body(client, path):
    first = client.get(path)
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(path).headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("path", ["/models/none", "/models/N%20O", "/models/handprint/9", "/models/handprint/none"])
def test_what_is_not_there_is_not_found(client, problem, path):
    problem(client.get(path), 404, "model-not-found")


def test_a_damaged_version_does_not_hide_the_others_and_is_named(settings, reader, store, tmp_path, problem):
    from shutil import copytree

    from fastapi.testclient import TestClient

    from app.api import create_app

    copytree(store.root, tmp_path / "models")
    (tmp_path / "models" / "handprint" / "2" / "card.json").write_text("{")
    with TestClient(create_app(settings.model_copy(update={"model_store": tmp_path / "models"}))) as client:
        versions = client.get("/models/handprint").json()["versions"]
        document = problem(client.get("/models/handprint/2"), 500, "damaged-model")
    assert [version["digest"] is None for version in versions] == [False, True, False, False]
    assert document["detail"] == "handprint/2/card.json is damaged; the log says how"
