from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.datasets import Augmentation, GlyphSet, LessonStream, StrokeSet
from app.errors import InvalidInput


def _taught(count: int) -> GlyphSet:
    images = np.zeros((count, 32, 32), np.uint8)
    images[:, 4:28, 14:18] = 255
    return GlyphSet(images, np.array(["7"] * count), np.array([""] * count))


def _stream(samples: StrokeSet, taught: GlyphSet | None, share: float = 0.25, **changes: int) -> LessonStream:
    settings = {"batch_size": 16, "seed": 3, "workers": 0} | changes
    return LessonStream(samples, taught, Augmentation(), share=share, **settings)


def test_a_batch_has_the_share_that_is_taught_and_every_other_sample_comes_once(pen_samples: StrokeSet):
    with _stream(pen_samples, _taught(9)) as stream:
        lessons = list(stream.epoch(0))

    assert len(lessons) == stream.batches_per_epoch == len(pen_samples) // 12
    assert {int(lesson.taught.sum()) for lesson in lessons} == {4}
    assert all(set(lesson.labels[lesson.taught]) == {"7"} for lesson in lessons)
    shown = np.concatenate([lesson.labels[~lesson.taught] for lesson in lessons])
    for char in pen_samples.alphabet:
        assert (shown == char).sum() <= (pen_samples.labels == char).sum()


def test_no_taught_glyph_is_twice_in_a_batch_and_all_have_their_turn(pen_samples: StrokeSet):
    taught = replace(_taught(8), labels=np.array([*"12345678"]))
    with _stream(pen_samples, taught) as stream:
        batches = [lesson.labels[lesson.taught].tolist() for lesson in stream.epoch(0)]
    assert {len(set(batch)) for batch in batches} == {4}
    assert set().union(*batches) == {*"12345678"}


def test_few_taught_glyphs_take_no_more_of_a_batch_than_there_are(pen_samples: StrokeSet):
    with _stream(pen_samples, _taught(2), share=0.5) as stream:
        assert {int(lesson.taught.sum()) for lesson in stream.epoch(0)} == {2}


def test_without_anything_taught_all_is_rehearsal(pen_samples: StrokeSet):
    with _stream(pen_samples, None) as stream:
        assert not any(lesson.taught.any() for lesson in stream.epoch(0))


def test_the_same_seed_gives_the_same_batches_whoever_draws_them(pen_samples: StrokeSet):
    with _stream(pen_samples, _taught(5)) as alone, _stream(pen_samples, _taught(5), workers=1) as helped:
        for one, other in zip(alone.epoch(1), helped.epoch(1), strict=True):
            np.testing.assert_array_equal(one.glyphs, other.glyphs)
            assert (one.labels == other.labels).all()
            assert (one.taught == other.taught).all()


def test_another_epoch_draws_otherwise(pen_samples: StrokeSet):
    with _stream(pen_samples, _taught(5)) as stream:
        assert not np.array_equal(next(stream.epoch(0)).glyphs, next(stream.epoch(1)).glyphs)


def test_a_batch_larger_than_the_samples_is_refused(pen_samples: StrokeSet):
    with pytest.raises(InvalidInput, match="expected a batch of 1 to"):
        _stream(pen_samples, None, batch_size=len(pen_samples) + 1)


def test_a_share_that_leaves_nothing_to_rehearse_is_refused(pen_samples: StrokeSet):
    with pytest.raises(InvalidInput, match=r"leaves a glyph of each batch to be rehearsed, got 0\.9 of 2"):
        _stream(pen_samples, _taught(8), share=0.9, batch_size=2)
