"""Retraining with networks that are built, not trained, and need no data set."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import numpy as np
import pytest

from app.datasets import Strip
from app.errors import InvalidInput
from app.ocr import Alphabet, GlyphReader, RowReader
from app.ocr.teaching.taught import TaughtGlyph, TaughtRow
from app.store import ModelStore, Occasion
from app.training.epochs.row_data import ROW_ALPHABET
from app.training.epochs.run import Run
from app.training.experiment.first_layer import first_layer, unpack_layer
from app.training.retraining.request import Plan, plan_retraining, read_request
from app.training.retraining.retrain import Corrections, Retrained, publish_retrained, retrain
from tests.conftest import TINY_ROWS
from tests.tiny_models import TINY_CHARS, TINY_GLYPHS, tiny_store, write_little

ROOT = Path("no data here")


@pytest.fixture(autouse=True)
def few_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    write_little(monkeypatch)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    return tiny_store(tmp_path_factory.mktemp("published"))


@pytest.fixture
def store(published: ModelStore, tmp_path: Path) -> ModelStore:
    """Give a store of one's own, to publish into."""
    return ModelStore(Path(copytree(published.root, tmp_path / "store")))


def _plans(store: ModelStore, **request: Any) -> list[Plan]:
    return plan_retraining(read_request(request), store, ROOT)


def _glyphs(*chars: str, held_out: bool = False) -> list[TaughtGlyph]:
    image = np.zeros((32, 32), np.float32)
    image[4:28, 14:18] = 1
    return [TaughtGlyph(image, char, f"c{number}", held_out) for number, char in enumerate(chars)]


def _run(store: ModelStore, path: Path, corrections: Corrections, **more: Any) -> Retrained:
    [plan] = _plans(store, model="handprint", epochs=2, batch_size=24)
    return retrain(plan, corrections, ROOT, checkpoint=path, workers=0, **more)


def _same(one: Run, other: Run) -> bool:
    mine, theirs = one.trained().arrays(), other.trained().arrays()
    return all(np.array_equal(mine[name], theirs[name]) for name in mine)


def test_without_a_model_both_that_read_are_planned_from_their_champions(store: ModelStore):
    plans = _plans(store)

    assert [plan.model for plan in plans] == ["handprint", "rows"]
    assert all(plan.start is not None and plan.start.version == "1" for plan in plans)
    assert all(plan.recipe.data.name == "synthetic" and plan.recipe.lessons is not None for plan in plans)
    assert plans[0].recipe.network == TINY_GLYPHS
    assert plans[1].recipe.network == TINY_ROWS


def test_seed_starts_from_nothing_unless_told_otherwise(store: ModelStore):
    [plan] = _plans(store, model="seed")

    assert plan.start is None
    assert plan.recipe.data.alphabet == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def test_overrides_and_a_named_recipe_are_followed(store: ModelStore):
    [plan] = _plans(store, recipe="rows-lessons", start="1", seed=7, epochs=3, lr=0.01, batch_size=2)

    recipe = plan.recipe
    assert (plan.model, recipe.seed, recipe.total_epochs, recipe.phases[0].lr) == ("rows", 7, 3, 0.01)
    assert recipe.as_table()["lanes"] == 2


@pytest.mark.parametrize(
    "request_, name, complaint",
    [
        ({"data": ["nowhere"]}, "data", "no data set 'nowhere'"),
        ({"data": ["unipen"]}, "data", "data set unipen is not in"),
        ({"recipe": "mine.toml"}, "recipe", "expected one of handprint"),
        ({"model": "handprint", "recipe": "rows"}, "recipe", "expected one for handprint, rows is for rows"),
        ({"model": "handprint", "start": "9"}, "start", "no version or alias '9'"),
        ({"model": "seed", "start": "champion"}, "start", "no model 'seed'"),
        ({"model": "handprint", "batch_size": 33}, "batch_size", "a multiple of 2 shards"),
        ({"model": "handprint", "batch_size": 2000}, "batch_size", "expected 2000 examples or more"),
    ],
)
def test_what_cannot_be_carried_out_is_said_key_by_key(
    request_: dict[str, Any], name: str, complaint: str, store: ModelStore
):
    with pytest.raises(InvalidInput) as raised:
        _plans(store, **request_)

    [error] = raised.value.context["errors"]  # type: ignore[misc]
    assert error["name"] == name
    assert complaint in error["detail"]


@pytest.mark.parametrize("table", [{"epochs": 0}, {"lr": -1.0}, {"model": "english"}, {"speed": 1}, {"start": "x"}])
def test_a_request_of_the_wrong_form_is_refused(table: dict[str, Any]):
    with pytest.raises(InvalidInput, match=r"expected|unknown field"):
        read_request(table)


def test_what_is_held_out_or_unknown_is_not_learnt():
    corrections = Corrections([*_glyphs("7", "?"), *_glyphs("4", held_out=True)])

    assert [each.char for each in corrections.for_training("handprint", TINY_CHARS).glyphs] == ["7"]
    assert len(corrections.for_training("rows", ROW_ALPHABET.chars)) == 0


def test_glyphs_that_the_start_reads_so_already_are_not_learnt(store: ModelStore):
    start = store.load("handprint")
    (said,) = _glyphs("?")
    read = GlyphReader.from_card(start.card, start.arrays)
    char = TINY_CHARS[int(read.network.predict(said.image[None, None])[0].argmax())]
    other = next(each for each in TINY_CHARS if each != char)
    right, wrong = (TaughtGlyph(said.image, each, each, False) for each in (char, other))

    assert Corrections([right, wrong]).misread_by(start).glyphs == [wrong]


def test_the_same_request_and_corrections_give_the_same_weights_interrupted_or_not(store: ModelStore, tmp_path: Path):
    corrections = Corrections(_glyphs("7", "4", "7"))
    whole = _run(store, tmp_path / "a", corrections).run

    def stop(epoch: int, batch: int, batches: int, loss: float) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(store, tmp_path / "b", Corrections(list(reversed(corrections.glyphs))), on_batch=stop)
    resumed = _run(store, tmp_path / "b", corrections).run
    without = _run(store, tmp_path / "c", Corrections()).run

    assert _same(whole, resumed)
    assert not _same(whole, without)


def test_a_run_begins_anew_if_what_it_learns_has_changed_since_it_was_interrupted(store: ModelStore, tmp_path: Path):
    def stop(epoch: int, *_: object) -> None:
        if epoch == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(store, tmp_path / "a", Corrections(_glyphs("7")), on_batch=stop)
    corrections = Corrections(_glyphs("7", "4"))
    assert _same(_run(store, tmp_path / "a", corrections).run, _run(store, tmp_path / "b", corrections).run)


def test_a_checkpoint_is_there_from_the_first_batch_on(store: ModelStore, tmp_path: Path):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _run(store, tmp_path / "c", Corrections(), on_batch=stop)

    assert (tmp_path / "c").exists()


def test_going_on_leaves_the_running_statistics_as_they_were(store: ModelStore, tmp_path: Path):
    run = _run(store, tmp_path / "c", Corrections(_glyphs("7"))).run

    before = store.load("handprint").arrays
    assert run.network.state
    assert all(np.array_equal(array, before[name]) for name, array in run.network.state.items())
    assert not np.array_equal(run.network.params["output.weight"], before["output.weight"])


def test_a_correction_is_learnt(store: ModelStore, tmp_path: Path):
    corrections = Corrections(_glyphs("7", "7", "7", "7", "7", "7"))
    [plan] = _plans(store, model="handprint", epochs=4, batch_size=24, lr=0.01)
    run = retrain(plan, corrections, ROOT, checkpoint=tmp_path / "c", workers=0).run

    glyph = corrections.glyphs[0].image[None, None]
    assert TINY_CHARS[int(run.trained().predict(glyph).argmax())] == "7"


def test_what_is_published_waits_as_candidate_and_says_where_it_comes_from(store: ModelStore, tmp_path: Path):
    run = _run(store, tmp_path / "c", Corrections(_glyphs("7", "4")))
    version = publish_retrained(store, run, Occasion("a job", "retrained"))

    assert store.aliases("handprint") == {"candidate": "2", "champion": "1"}
    assert [(move.by, move.reason) for move in store.moves("handprint") if move.to_version == "2"] == [
        ("a job", "retrained")
    ]
    card = version.card
    assert card["start"]["model"] == "handprint/1"
    assert card["lessons"] == {"corrections": ["c0", "c1"], "count": 2}
    assert card["calibration"] == {"temperature": 1.5, "taken_from": "handprint/1"}
    assert card["substitutions"]["counts"] == store.load("handprint", "1").card["confusion"]["counts"]
    assert card["data"]["name"] == "synthetic"
    assert len(card["curves"]) == 2
    stored = store.load("handprint", "candidate")
    assert GlyphReader.from_card(stored.card, stored.arrays).alphabet == Alphabet(TINY_CHARS)


def test_rows_learn_rows(store: ModelStore, tmp_path: Path):
    pixels = np.zeros((48, 120), np.uint8)
    pixels[2:46, 10:110:20] = 255
    corrections = Corrections((), [TaughtRow(Strip(pixels, 0, 1.0), "4 7", "c0", False)])
    [plan] = _plans(store, model="rows", epochs=1, batch_size=2)

    version = publish_retrained(store, retrain(plan, corrections, ROOT, checkpoint=tmp_path / "c", workers=0))

    assert version.card["lessons"]["count"] == 1
    assert set(version.card["error_rates"]) == {"chars", "chars_at_random"}
    stored = store.load("rows", "candidate")
    assert RowReader.from_card(stored.card, stored.arrays).alphabet == ROW_ALPHABET


def test_a_first_layer_survives_being_packed(store: ModelStore, tmp_path: Path):
    run = _run(store, tmp_path / "c", Corrections()).run

    packed = first_layer(run)

    weight = run.trained().params["conv1a.weight"]
    assert packed["layer"] == "conv1a"
    np.testing.assert_allclose(unpack_layer(packed), weight, atol=packed["scale"] / 127)
