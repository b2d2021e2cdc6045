from __future__ import annotations

import pytest
from pydantic import ValidationError

from app.config import Settings


def test_the_environment_decides(monkeypatch, tmp_path):
    monkeypatch.setenv("INKROW_PORT", "9000")
    monkeypatch.setenv("INKROW_MODEL_STORE", str(tmp_path))
    settings = Settings()
    assert (settings.port, settings.model_store) == (9000, tmp_path)


def test_the_models_lie_beside_the_package_whatever_the_working_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("INKROW_MODEL_STORE", raising=False)
    monkeypatch.chdir(tmp_path)
    store = Settings().model_store
    assert store.is_absolute()
    assert store.name == "model_store"
    assert (store.parent / "app" / "config.py").is_file()


@pytest.mark.parametrize("name, value", [("port", "65536"), ("port", "web"), ("max_pixels", "0")])
def test_a_value_that_makes_no_sense_is_refused(monkeypatch, name, value):
    monkeypatch.setenv(f"INKROW_{name.upper()}", value)
    with pytest.raises(ValidationError, match=name):
        Settings()


def test_every_setting_is_described():
    assert all(field.description for field in Settings.model_fields.values())
