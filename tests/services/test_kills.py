"""Kills at random moments: `make bench-kills` tries a hundred of them."""

from __future__ import annotations

import pytest

from bench.kills import kill_often

pytestmark = pytest.mark.service


def test_nothing_acknowledged_is_lost_when_everything_is_killed(tmp_path):
    ledger, report = kill_often(tmp_path, kills=4, seed=3)
    assert report.complaints == []
    assert ledger.corrections
    assert ledger.jobs
    assert ledger.promotions
    assert ledger.keys
