from __future__ import annotations

import json

import numpy as np
import pytest

from app.datasets import GlyphSet, StrokeSet
from app.errors import InvalidInput
from app.nn import softmax
from app.ocr import Reader
from app.training.epochs.glyph_data import GlyphDataset
from app.training.epochs.train import train_recipe
from app.training.measuring.calibration import expected_calibration_error
from app.training.measuring.evaluation import report
from app.training.measuring.glyph_measure import GlyphMeasurement, measure_glyphs
from app.training.publishing.publish import describe
from tests.training.conftest import CHARS, TINY


@pytest.fixture(scope="module")
def reader(data: GlyphDataset) -> Reader:
    run = train_recipe(data, TINY, workers=0)
    return Reader.from_card(describe(run, data), run.trained().arrays())


@pytest.fixture(scope="module")
def measured(reader: Reader, data: GlyphDataset) -> GlyphMeasurement:
    return measure_glyphs(reader, 1.5, data.valid, fit=True)


def test_figures_are_those_of_the_report_for_all_and_for_labels_that_are_sure(
    measured: GlyphMeasurement, reader: Reader, data: GlyphDataset
) -> None:
    assert isinstance(data.valid, StrokeSet)
    logits = reader.glyphs.network.predict(data.valid_glyphs)
    for subset, kept in {"all": data.valid.doubt < 99, "doubt < 8": data.valid.doubt < 8}.items():
        expected = report(logits[kept], data.valid_classes[kept], data.alphabet).metrics
        for figure in ("accuracy", "accuracy_one_shape", "accuracy_36", "accuracy_36_one_shape"):
            assert measured.figures[figure][subset] == pytest.approx(expected[figure])
        assert measured.figures["glyphs"][subset] == expected["count"]
        assert measured.figures["glyphs_36"][subset] == expected["count_36"]


def test_precision_and_recall_follow_from_the_confusion(measured: GlyphMeasurement) -> None:
    hits = measured.confusion.diagonal()
    named, support = measured.confusion.sum(axis=0), measured.confusion.sum(axis=1)

    assert [figures.char for figures in measured.classes] == list(measured.alphabet)
    for k, figures in enumerate(measured.classes):
        assert figures.support == support[k] == 2
        assert figures.recall == hits[k] / 2
        assert figures.precision == (hits[k] / named[k] if named[k] else 0.0)
    mean_recall = np.mean([figures.recall for figures in measured.classes])
    assert measured.figures["accuracy"]["mean of classes"] == pytest.approx(mean_recall)


def test_writers_come_worst_first_and_their_glyphs_are_all_glyphs(measured: GlyphMeasurement) -> None:
    accuracies = [writer.accuracy for writer in measured.writers]

    assert accuracies == sorted(accuracies)
    assert sum(writer.count for writer in measured.writers) == measured.count == 30
    assert np.mean(accuracies) == pytest.approx(measured.figures["accuracy"]["all"])  # both wrote as much
    low, middle, high = measured.quartiles()
    assert low <= middle <= high


def test_a_temperature_is_fitted_only_where_that_is_asked_for(
    measured: GlyphMeasurement, reader: Reader, data: GlyphDataset
) -> None:
    other = measure_glyphs(reader, 1.5, data.valid, fit=False).calibration

    probabilities = softmax(reader.glyphs.network.predict(data.valid_glyphs) / 1.5)
    ece = expected_calibration_error(probabilities, data.valid_classes)
    assert other.keys() == {"ece_before", "card_temperature", "ece_card_temperature"}
    assert other["ece_card_temperature"] == pytest.approx(ece, rel=1e-4)
    assert measured.calibration.items() > other.items()
    assert {"temperature", "ece_after", "ece_cross_fitted"} < measured.calibration.keys()


def test_labels_that_the_model_does_not_know_are_counted_and_left_out(reader: Reader) -> None:
    images = np.zeros((5, 20, 20), np.uint8)
    images[:, 4:16, 9:11] = 255
    samples = GlyphSet(images, np.array(list("1é1ß?")), np.array([""] * 5))

    measured = measure_glyphs(reader, 1.0, samples, fit=False)

    assert measured.left_out == {"?": 1, "ß": 1, "é": 1}
    assert measured.count == 2
    assert measured.writers == []
    assert list(measured.figures["accuracy"]) == ["all", "mean of classes"]
    with pytest.raises(InvalidInput, match="expected labels out of"):
        measure_glyphs(reader, 1.0, samples.select(samples.labels != "1"), fit=False)


def test_everything_goes_into_json(measured: GlyphMeasurement) -> None:
    document = json.loads(json.dumps(measured.document(), allow_nan=False))

    assert document["confusion"] == measured.confusion.tolist()
    assert len(document["classes"]) == len(CHARS)
    assert document["writer_quartiles"] == list(measured.quartiles())
