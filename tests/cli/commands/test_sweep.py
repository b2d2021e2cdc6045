from __future__ import annotations

import json
import math

import pytest

from app.cli.long_runs import loss_text


def test_rates_are_compared_and_one_that_diverges_stops_no_other(inkrow, workplace):
    (workplace / "tiny.toml").write_text(
        (workplace / "tiny.toml")
        .read_text()
        .replace("\n[[", '\noptimiser = { name = "sgd" }\nschedule = { name = "constant" }\n\n[[')
    )
    rates = ["--lr", "0.01", "--lr", "1e38", "--lr", "0.1"]

    result = inkrow("sweep", "tiny.toml", *rates, "--workers", "0", "--json", "sweep.json")

    assert result.exit_code == 0, result.output
    *_, head, first, second, third = result.stdout.splitlines()
    assert head.split() == ["lr", "last", "loss", "accuracy", "best", "loss", "accuracy", "epoch", "seconds"]
    assert [row.split()[0] for row in (first, second, third)] == ["0.01", "1e+38", "0.1"]
    assert [row.endswith("diverged") for row in (first, second, third)] == [False, True, False]
    document = json.loads((workplace / "sweep.json").read_text())
    assert document["recipe"]["model"] == "tiny"
    trials = document["trials"]
    assert (len(trials[0]["curves"]), len(trials[2]["curves"])) == (2, 2)
    assert len(trials[1]["curves"]) < 2
    assert f"{trials[0]['curves'][-1]['valid_loss']:.4f}" in first
    assert "at lr 1e+38; first not finite: " in trials[1]["diverged"]
    assert not (workplace / "models").exists()


def test_a_data_set_that_is_not_there_is_named_with_its_key(inkrow, workplace):
    (workplace / "tiny.toml").write_text((workplace / "tiny.toml").read_text().replace("unipen", "nosuch"))
    result = inkrow("sweep", "tiny.toml", "--lr", "0.1")
    assert result.exit_code == 4
    assert result.stderr.startswith("inkrow: tiny.toml: data.name: no data set 'nosuch'")


@pytest.mark.parametrize(
    "loss, text",
    [(0.5, "0.5000"), (9999.0, "9999.0000"), (1e4, "1.00e+04"), (3.2e30, "3.20e+30"), (math.inf, "inf")],
)
def test_a_huge_loss_is_written_by_its_power_of_ten(loss, text):
    assert loss_text(loss) == text


def test_wrong_rates_and_places_are_refused_before_anything_is_trained(inkrow, workplace):
    for arguments, words in (
        (["--lr", "0.1", "--lr", "0"], "phases[0].lr"),
        (["--lr", "0.1", "--json", "none/sweep.json"], "cannot write none/sweep.json"),
    ):
        result = inkrow("sweep", "tiny.toml", "--workers", "0", *arguments)
        assert result.exit_code == 3
        assert words in result.stderr
        assert result.stdout == ""
