from __future__ import annotations

import asyncio

import pytest

from app.api import create_app
from app.config import Settings
from bench import observing


def test_each_address_is_measured_with_and_without(tmp_path, monkeypatch):
    monkeypatch.setattr(observing, "_TURNS", {"/livez": 2, "/models": 1})
    lines = []
    asyncio.run(observing.compare(tmp_path, {"/livez": b"", "/models": b""}, lines.append))
    assert [line.partition(":")[0] for line in lines] == ["/livez", "/models"]


def test_it_says_how_it_is_called(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["observing", "--help"])
    with pytest.raises(SystemExit) as ended:
        observing.main()
    assert ended.value.code == 0
    assert "python -m bench.observing [-h] [page]" in capsys.readouterr().out


def test_an_answer_that_is_none_is_not_measured(tmp_path):
    app = create_app(Settings(state=tmp_path))
    with pytest.raises(RuntimeError, match="expected 200 of /readyz, got \\[503\\]"):
        asyncio.run(observing.call(app, "/readyz", b""))
