"""Moving aliases over HTTP: gated, safe from lost updates, and written down."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.access import KeyStore, Scope
from app.api import create_app
from app.api.dependencies import get_settings
from app.api.paging import to_cursor
from app.api.promotion.gate_process import GateProcess
from app.config import Settings
from app.errors import CorruptModel
from app.store import OWNED_KEYS, ModelStore
from tests.conftest import PROJECT

VERDICT = {"passed": True, "sentence": "it may serve", "checks": []}


@pytest.fixture
def models(tmp_path):
    """Give a store of its own with three versions of a model, the first of which is the champion."""
    store = ModelStore(tmp_path / "models")
    for number in range(3):
        store.publish("handprint", {"x": np.full(1, number, np.float32)}, {"architecture": {"name": "glyph-resnet"}})
    store.promote("handprint", "1")
    return store


@pytest.fixture
def compared(monkeypatch):
    """Let the gate say what ``compared.verdict`` is, and note what it was asked."""

    class Compared(list):
        verdict = VERDICT

    compared = Compared()

    def compare(self, name, version, checkpoint):
        compared.append((name, version))
        return compared.verdict

    monkeypatch.setattr(GateProcess, "compare", compare)
    return compared


@pytest.fixture
def admin(models, reader, tmp_path, compared):
    """Give a client with an admin key, of a service around these models."""
    settings = Settings(model_store=models.root, state=tmp_path / "state", rate_limit=0)
    with TestClient(create_app(settings), raise_server_exceptions=False) as client:
        key_id, key = KeyStore(client.app.state.database).create("test", [Scope.ADMIN])
        client.headers["Authorization"] = f"Bearer {key}"
        client.key_id = key_id.id if hasattr(key_id, "id") else key_id
        yield client


def _etag(admin, **params):
    return admin.get("/admin/aliases", params=params).headers["etag"]


def _put(admin, alias, body, if_match="*"):
    return admin.put(f"/admin/aliases/{alias}", json=body, headers={} if if_match is None else {"If-Match": if_match})


def test_aliases_are_listed_with_a_revision_that_changes_when_one_moves(admin, models):
    response = admin.get("/admin/aliases")
    revision = models.alias_state("handprint").revision
    assert response.json() == {"models": [{"model": "handprint", "aliases": {"champion": "1"}, "revision": revision}]}
    assert _etag(admin, model="handprint") == f'"{revision}"'
    etag = _etag(admin)
    assert admin.get("/admin/aliases", headers={"If-None-Match": etag}).status_code == 304
    models.set_alias("handprint", "candidate", "3")
    assert admin.get("/admin/aliases", headers={"If-None-Match": etag}).status_code == 200


def test_a_candidate_that_passes_the_gate_serves_at_once(admin, models, compared):
    response = _put(admin, "champion", {"version": "2", "reason": "reads sevens"}, _etag(admin))
    assert response.status_code == 200
    assert response.json()["aliases"] == {"champion": "2", "previous": "1"}
    assert response.json()["verdict"] == VERDICT
    assert response.headers["etag"] == _etag(admin, model="handprint")
    assert compared == [("handprint", "2")]
    assert admin.get("/readyz").json()["model"]["version"] == "2"
    [move, _] = admin.get("/admin/promotions").json()["items"]
    assert (move["kind"], move["from_version"], move["to_version"]) == ("promote", "1", "2")
    assert (move["by"], move["reason"], move["figures"]) == (f"key {admin.key_id}", "reads sevens", VERDICT)


def test_a_candidate_that_fails_is_refused_with_its_figures(admin, models, compared, problem):
    compared.verdict = {**VERDICT, "passed": False, "sentence": "it is worse"}
    document = problem(_put(admin, "champion", {"version": "2"}), 409, "gate-refused")
    assert document["detail"] == "it is worse"
    assert document["verdict"] == compared.verdict
    assert models.aliases("handprint") == {"champion": "1"}
    assert len(models.moves("handprint")) == 1


def test_force_passes_the_gate_by_and_its_reason_is_written_down(admin, models, compared, problem):
    problem(_put(admin, "champion", {"version": "2", "force": True}), 422, "invalid-input")
    response = _put(admin, "champion", {"version": "2", "force": True, "reason": "an emergency"})
    assert response.json()["version"] == "2"
    assert compared == []
    move = models.moves("handprint")[-1]
    assert (move.kind, move.reason, move.figures) == ("forced", "an emergency", None)


def test_other_aliases_just_move(admin, models, compared):
    response = _put(admin, "candidate", {"model": "handprint", "version": "3"})
    assert response.json()["aliases"] == {"champion": "1", "candidate": "3"}
    assert _put(admin, "champion", {"version": "candidate"}).json()["version"] == "3"
    assert compared == [("handprint", "3")]


def test_a_misspelt_alias_is_refused_and_a_new_one_has_to_be_meant(admin, models, compared, problem):
    document = problem(_put(admin, "champoin", {"version": "3"}), 404, "model-not-found")
    assert document["detail"] == "handprint has no alias 'champoin'; did you mean champion?"
    assert models.aliases("handprint") == {"champion": "1"}
    assert _put(admin, "trial", {"version": 3, "new": True}).json()["aliases"] == {"champion": "1", "trial": "3"}
    assert _put(admin, "trial", {"version": 2}).json()["aliases"] == {"champion": "1", "trial": "2"}


def test_an_alias_can_be_taken_away_but_for_the_champion(admin, models, problem):
    models.set_alias("handprint", "trial", "3")
    problem(admin.delete("/admin/aliases/trial"), 428, "precondition-needed")
    problem(admin.delete("/admin/aliases/trial", headers={"If-Match": '"stale"'}), 412, "stale-aliases")
    assert admin.delete("/admin/aliases/trial", headers={"If-Match": _etag(admin)}).status_code == 204
    assert models.aliases("handprint") == {"champion": "1"}
    move = admin.get("/admin/promotions").json()["items"][0]
    assert (move["kind"], move["from_version"], move["to_version"]) == ("delete", "3", None)
    problem(admin.delete("/admin/aliases/trial?model=handprint", headers={"If-Match": "*"}), 404, "model-not-found")
    problem(admin.delete("/admin/aliases/champion", headers={"If-Match": "*"}), 409, "conflict")


@pytest.mark.parametrize(
    "serving", [{"model": "handprint", "alias": "trial"}, {"row_model": "handprint", "row_alias": "trial"}]
)
def test_an_alias_by_which_a_model_serves_is_not_taken_away(admin, models, problem, serving):
    models.set_alias("handprint", "trial", "3")
    settings = admin.app.state.settings
    admin.app.dependency_overrides[get_settings] = lambda: settings.model_copy(update=serving)
    document = problem(admin.delete("/admin/aliases/trial?model=handprint", headers={"If-Match": "*"}), 409, "conflict")
    assert document["detail"] == "expected another alias than trial, which serves"
    assert "trial" in models.aliases("handprint")


def test_what_is_the_champion_already_needs_no_gate(admin, models, compared):
    assert _put(admin, "champion", {"version": "1"}).status_code == 200
    assert compared == []
    assert len(models.moves("handprint")) == 1


def test_without_if_match_nothing_moves(admin, models, problem):
    problem(_put(admin, "champion", {"version": "2"}, None), 428, "precondition-needed")
    assert models.aliases("handprint") == {"champion": "1"}


@pytest.mark.parametrize("of_one_model", [True, False])
def test_two_who_saw_the_same_cannot_undo_each_other(admin, models, problem, of_one_model):
    etag = _etag(admin, **({"model": "handprint"} if of_one_model else {}))
    assert _put(admin, "champion", {"version": "2"}, etag).status_code == 200
    document = problem(_put(admin, "champion", {"version": "3"}, etag), 412, "stale-aliases")
    assert document["aliases"] == {"champion": "2", "previous": "1"}
    assert _put(admin, "champion", {"version": "3"}, f'"other", {_etag(admin)}').status_code == 200


def test_a_move_during_the_comparison_is_not_undone(admin, models, monkeypatch, problem):
    def compare(self, name, version, checkpoint):
        models.promote("handprint", "3")
        return VERDICT

    monkeypatch.setattr(GateProcess, "compare", compare)
    problem(_put(admin, "champion", {"version": "2"}, _etag(admin)), 412, "stale-aliases")
    assert models.aliases("handprint")["champion"] == "3"


def test_rollback_is_one_call_without_a_gate(admin, models, compared, problem):
    problem(admin.post("/admin/aliases/champion/rollback"), 409, "conflict")
    models.promote("handprint", "2")
    response = admin.post("/admin/aliases/champion/rollback")
    assert response.json()["aliases"] == {"champion": "1", "previous": "2"}
    assert admin.get("/readyz").json()["model"]["version"] == "1"
    body = {"model": "handprint", "reason": "once more"}
    assert admin.post("/admin/aliases/champion/rollback", json=body).json()["version"] == "2"
    assert [(move.kind, move.reason) for move in models.moves("handprint")][2:] == [
        ("rollback", None),
        ("rollback", "once more"),
    ]
    assert compared == []


def test_a_rollback_that_is_sent_again_does_not_undo_itself(admin, models):
    models.promote("handprint", "2")
    headers = {"Idempotency-Key": "once"}
    first, second = (admin.post("/admin/aliases/champion/rollback", headers=headers) for _ in range(2))
    assert first.json() == second.json()
    assert models.aliases("handprint")["champion"] == "1"


def test_a_rollback_heeds_if_match(admin, models, problem):
    models.promote("handprint", "2")
    etag = _etag(admin)
    models.promote("handprint", "3")
    response = admin.post("/admin/aliases/champion/rollback", headers={"If-Match": etag})
    problem(response, 412, "stale-aliases")
    assert models.aliases("handprint")["champion"] == "3"


@pytest.mark.parametrize("place", [[], ["2026-01-01", "rows", "1"], ["2026-01-01", "\ud800", 1]])
def test_a_cursor_of_something_else_is_refused(admin, problem, place):
    problem(admin.get("/admin/promotions", params={"cursor": to_cursor(*place)}), 422, "invalid-input")


def test_the_log_is_given_out_in_parts_newest_first(admin, models):
    for _ in range(6):
        models.rollback("handprint") if "previous" in models.aliases("handprint") else models.promote("handprint", "2")
    seen, params = [], {"limit": 3, "model": "handprint"}
    while True:
        part = admin.get("/admin/promotions", params=params).json()
        seen += [move["number"] for move in part["items"]]
        if part["next_cursor"] is None:
            break
        params["cursor"] = part["next_cursor"]
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    "alias, body, status, code",
    [
        ("champion", {"version": "9"}, 404, "model-not-found"),
        ("champion", {"version": "2", "model": "nobody"}, 404, "model-not-found"),
        ("champion", {"version": "2", "model": "../x"}, 422, "invalid-input"),
        ("champion", {"version": True}, 422, "invalid-input"),
        ("champoin", {"version": "2"}, 404, "model-not-found"),
        ("champion", {"version": "2", "forced": True}, 422, "invalid-input"),
        ("Champion!", {"version": "2"}, 422, "invalid-input"),
        ("7", {"version": "2"}, 422, "invalid-input"),
    ],
)
def test_what_cannot_be_is_told(admin, models, problem, alias, body, status, code):
    problem(_put(admin, alias, body), status, code)
    assert models.aliases("handprint") == {"champion": "1"}


def test_a_version_of_another_kind_never_serves(admin, models, compared, problem):
    models.publish("handprint", {"x": np.ones(1)}, {"architecture": {"name": "row-resnet"}})
    detail = "handprint is a network for glyphs, which cannot be followed by a network for rows; choose another name"
    for how in ({}, {"force": True, "reason": "must"}):
        assert problem(_put(admin, "champion", {"version": "4", **how}), 409, "conflict")["detail"] == detail
    assert compared == []
    assert _put(admin, "trial", {"version": "4", "new": True}).status_code == 200  # nothing serves by it
    settings = admin.app.state.settings
    admin.app.dependency_overrides[get_settings] = lambda: settings.model_copy(update={"alias": "trial"})
    problem(_put(admin, "trial", {"version": "4"}), 409, "conflict")
    models.promote("handprint", "4")  # as by an older release
    models.promote("handprint", "1")
    problem(admin.post("/admin/aliases/champion/rollback"), 409, "conflict")
    assert models.resolve("handprint", "champion") == "1"


def test_a_damaged_version_never_serves(admin, models, compared, problem, caplog):
    (models.root / "handprint" / "2" / "model.safetensors").write_bytes(b"")
    response = _put(admin, "champion", {"version": "2", "force": True, "reason": "must"})
    document = problem(response, 500, "damaged-model")
    assert document["detail"] == "handprint/2/model.safetensors is damaged; the log says how"
    assert "expected size_bytes" in caplog.text
    assert "Traceback" not in caplog.text
    assert models.aliases("handprint") == {"champion": "1"}


@pytest.fixture
def seed_settings(tmp_path):
    """Give settings of a service with the shipped seed network, of which a worse version was published."""
    store = ModelStore(tmp_path / "models")
    shutil.copytree(PROJECT / "model_store" / "seed", store.root / "seed")
    model = store.load("seed")
    card = {key: value for key, value in model.card.items() if key not in OWNED_KEYS}
    store.publish("seed", {name: array * np.float32(-1) for name, array in model.arrays.items()}, card)
    return Settings(model_store=store.root, state=tmp_path / "state")


def test_the_gate_compares_in_a_process_of_its_own_which_ends_with_a_client_that_hangs_up(seed_settings):
    def gone():
        raise KeyboardInterrupt

    gate = GateProcess(seed_settings)
    with pytest.raises(KeyboardInterrupt):
        gate.compare("seed", "2", gone)
    verdict = gate.compare("seed", "2", lambda: None)  # the next one is compared
    assert verdict["passed"] is False
    assert {check["code"] for check in verdict["checks"]} >= {"errors-on-synthetic", "classes-on-synthetic"}


def test_a_damaged_champion_is_told_by_the_process_that_compares(seed_settings):
    (seed_settings.model_store / "seed" / "1" / "model.safetensors").write_bytes(b"")
    with pytest.raises(CorruptModel, match="expected size_bytes") as caught:
        GateProcess(seed_settings).compare("seed", "2", lambda: None)
    assert caught.value.context["file"] == "seed/1/model.safetensors"
