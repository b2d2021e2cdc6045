from __future__ import annotations

import numpy as np
import pytest

from app.config import Settings
from app.ensemble import Choice, Reference, load_ensemble
from app.errors import InvalidInput, ModelNotFound
from app.ocr import CONFIDENCE_MODEL, Confidence, Reader
from app.store import ModelStore


@pytest.fixture
def store(tmp_path, monkeypatch):
    """Give a store with two versions of a model for glyphs, the second trained on from the first, the champion."""

    monkeypatch.setattr(Reader, "from_card", lambda card, arrays, confidence, **others: confidence)
    store = ModelStore(tmp_path)
    first = store.publish("handprint", {"x": np.zeros(1)}, {})
    store.publish("handprint", {"x": np.ones(1)}, {"start": {"model": "handprint/1", "digest": first.digest}})
    store.publish("handprint", {"x": np.full(1, 2)}, {})
    store.promote("handprint", "1")
    arrays = {f"{level}.{part}": np.zeros(1) for level in ("glyph", "word", "row") for part in ("places", "shares")}
    store.publish(CONFIDENCE_MODEL, arrays, {"fitted_for": [first.digest, None, None]})
    store.promote(CONFIDENCE_MODEL, "1")
    return store


@pytest.mark.parametrize("version, calibrated", [("1", True), ("2", True), ("3", False)])
def test_confidences_stay_calibrated_when_a_model_is_trained_on(store, version, calibrated):
    loaded = load_ensemble(store, Choice().with_version("handprint", version))
    assert isinstance(loaded.reader, Confidence) is calibrated
    assert loaded.models["version"] == version
    assert loaded.models["rows"] is loaded.models["language"] is None
    said = {role: model and f"{model['name']}/{model['version']}" for role, model in loaded.all_models.items()}
    helpers = {"rows": None, "language": None, "confidence": "confidence/1" if calibrated else None, "likeness": None}
    assert said == {"glyphs": f"handprint/{version}", **helpers}


def test_a_choice_is_what_the_settings_say():
    settings = Settings(model="print", alias="2", row_model="lines", row_alias="candidate")
    choice = Choice.of(settings)
    assert choice.glyphs == Reference("print", "2")
    assert choice.rows == Reference("lines", "candidate")
    assert choice.names == ["print", "lines", "english", "confidence", "likeness"]
    assert choice.with_version("lines", "7").rows == Reference("lines", "7")


def test_helpers_may_lack_but_not_the_model_for_glyphs(store, tmp_path):
    assert load_ensemble(store, Choice.of(Settings())).glyphs.version == "1"  # neither rows, language nor likeness
    with pytest.raises(ModelNotFound, match="no model 'handprint'"):
        load_ensemble(ModelStore(tmp_path / "empty"), Choice())


@pytest.mark.parametrize("setting", ["model", "row_model", "language_model"])
def test_a_model_that_a_setting_names_may_not_lack(store, setting):
    choice = Choice.of(Settings(**{setting: "parts"}))
    with pytest.raises(ModelNotFound, match="no model 'parts'; the store has confidence, handprint"):
        load_ensemble(store, choice)
    store.publish("parts", {"x": np.zeros(1)}, {})
    with pytest.raises(ModelNotFound, match="parts has no version or alias 'champion'; it has 1"):
        load_ensemble(store, choice)


@pytest.mark.parametrize(
    "setting, name, told",
    [
        ("model", "rows", r"expected a network for glyphs, got rows/\d+, which is a network for rows"),
        (
            "model",
            "likeness",
            r"expected a network for glyphs, got likeness/\d+, which is a model of the kind likeness",
        ),
        ("row_model", "handprint", r"expected a network for rows, got handprint/\d+, which is a network for glyphs"),
        ("language_model", "handprint", r"expected a language, got handprint/\d+, which is a network for glyphs"),
    ],
)
def test_a_model_that_reads_in_another_role_is_refused_by_name(setting, name, told):
    settings = Settings(**{setting: name})
    with pytest.raises(InvalidInput, match=f"^{told}$"):
        load_ensemble(ModelStore(settings.model_store), Choice.of(settings))


@pytest.mark.parametrize("setting", ["alias", "row_alias", "language_alias"])
def test_an_alias_that_a_setting_names_may_not_lack(store, setting):
    for name in ("rows", "english"):
        store.publish(name, {"x": np.zeros(1)}, {})
    with pytest.raises(ModelNotFound, match="no version or alias 'mine'"):
        load_ensemble(store, Choice.of(Settings(**{setting: "mine"})))
