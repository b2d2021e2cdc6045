from __future__ import annotations

import pytest


def _epoch(number, loss=1.0):
    return {"epoch": number, "train_loss": loss, "train_accuracy": 0.5, "valid_loss": loss, "valid_accuracy": 0.4}


SWEEP = {
    "recipe": {"model": "seed"},
    "trials": [
        {"lr": 0.005, "seconds": 1.5, "curves": [_epoch(0, 2.0), _epoch(1, 1.0), _epoch(2, 1.5)], "diverged": None},
        {"lr": 0.05, "curves": [_epoch(0, 0.5)], "diverged": "the loss became nan"},
        {"lr": 5.0, "curves": [], "diverged": "the loss became nan"},
    ],
}


def test_the_curves_are_those_of_the_card(inspected):
    card = inspected.get("/models/seed/1").json()["card"]
    (run,) = inspected.get("/curves?model=seed/1").json()["runs"]
    assert run["epochs"] == card["curves"]
    assert (run["lr"], run["best_epoch"]) == (0.005, card["best_epoch"])


def test_several_versions_are_compared_in_the_order_asked_for(inspected):
    runs = inspected.get("/curves?model=seed/1&model=handprint/1").json()["runs"]
    assert [run["model"]["name"] for run in runs] == ["seed", "handprint"]
    assert inspected.get("/curves?model=seed/1&model=handprint/1").headers["cache-control"].endswith("immutable")
    assert inspected.get("/curves?model=seed/1&model=handprint").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("media_type", ["image/png", "image/svg+xml"])
def test_curves_can_be_looked_at(inspected, media_type):
    answer = inspected.get("/curves?model=seed/1&model=handprint/1", headers={"Accept": media_type})
    assert answer.headers["content-type"] == media_type
    if media_type == "image/svg+xml":
        assert "seed/1, learning rate 0.005" in answer.text


def test_a_version_without_curves_says_so(client, problem):
    assert "no curves" in problem(client.get("/curves?model=handprint/1"), 404, "not-found")["detail"]


def test_a_sweep_is_compared_by_its_best_epochs(inspected):
    answer = inspected.post("/curves", json=SWEEP).json()
    assert answer["best_lr"] == 0.005, "a rate that diverged is none to choose"
    assert [trial["best"] and trial["best"]["epoch"] for trial in answer["trials"]] == [1, 0, None]


def test_a_sweep_can_be_looked_at(inspected):
    answer = inspected.post("/curves?format=svg", json=SWEEP)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert "0.05 (diverged)" in answer.text


def test_nothing_to_choose_is_no_choice(inspected):
    assert inspected.post("/curves", json={"trials": SWEEP["trials"][1:]}).json()["best_lr"] is None


@pytest.mark.parametrize(
    "sweep, words",
    [
        ({}, "JSON member 'trials': expected a value, got none"),
        ({"trials": []}, "JSON member 'trials': expected at least 1 item, got 0"),
        ({"trials": [{"lr": 0, "curves": []}]}, "JSON member 'trials.0.lr': expected greater than 0"),
        ({"trials": [{"lr": 1, "curves": [{"epoch": 0}]}]}, "'trials.0.curves.0.train_loss': expected a value"),
        ({"trials": [{"lr": 1, "curves": [_epoch(0, "NaN")]}]}, "expected a finite number, got 'NaN'"),
        ({"trials": [{"lr": 1, "curves": []}] * 8}, "expected at most 7 items, got 8"),
        ([], "body: expected an object of the type application/json"),
    ],
)
def test_what_is_no_sweep_is_refused(inspected, problem, sweep, words):
    assert words in problem(inspected.post("/curves", json=sweep), 422, "invalid-input")["detail"]


@pytest.mark.parametrize(
    "body, media_type, got",
    [
        ("{", "application/json", "what is no JSON"),
        ("", "application/json", "none"),
        ("{}", "application/x-www-form-urlencoded", "application/x-www-form-urlencoded"),
        ("[]", "application/json", "a list"),
        ("1.5", "application/json", "a number"),
    ],
)
def test_what_is_no_json_is_told(inspected, problem, body, media_type, got):
    answer = inspected.post("/curves", content=body, headers={"content-type": media_type})
    (error,) = problem(answer, 422, "invalid-input")["errors"]
    assert (error["location"], error["name"]) == ("body", "")
    assert error["detail"].startswith("expected an object of the type application/json (curl: ")
    assert error["detail"].endswith(f"got {got}")


def test_json_whose_numbers_are_too_long_to_be_read_is_told(inspected, problem):
    answer = inspected.post("/curves", content="1" * 5000, headers={"content-type": "application/json"})
    told = problem(answer, 400, "malformed-request")["detail"]
    assert told.startswith("expected an object of the type application/json")
    assert told.endswith("got what cannot be read")


def test_parameters_other_than_the_model_are_given_once(inspected, problem):
    problem(inspected.get("/curves?model=seed&format=png&format=svg"), 422, "invalid-input")
