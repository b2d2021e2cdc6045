"""The network that reads a whole row: what it is made of, and how far it looks."""

from __future__ import annotations

import numpy as np
import pytest

from app.errors import UnknownArchitecture
from app.nn import Inference
from app.ocr import RECEPTIVE_COLUMNS, build_network
from app.training import load_recipe
from app.vision import COLUMN_PX, STRIP_HEIGHT, Strip, pack_strips
from tests.nn.worn import wear

TINY = {
    "name": "row-resnet",
    "classes": 5,
    "channels": [2, 3, 4],
    "blocks": [0, 1, 2],
    "width": 6,
    "dilations": [1, 2],
    "dropout": 0.5,
}


@pytest.fixture(scope="module")
def shipped():
    """The architecture of the recipe that comes with Inkrow, worn; its weights are nobody's."""
    rng = np.random.default_rng(7)
    return Inference(wear(build_network({**load_recipe("rows").network, "classes": 96}, rng), rng), batch_size=1)


def _answers(network, images):
    return network.predict(images[:, None].astype(np.float32) / np.float32(255))


def _close(one, other):
    """The same up to rounding: another row's ink moves an answer by far more."""
    return np.abs(one - other).max() < 1e-4 * np.abs(one).max()


@pytest.mark.parametrize("columns", [1, 2, 7, 90])
def test_a_strip_gives_logits_for_each_of_its_columns(columns, rng):
    strips = rng.random((2, 1, STRIP_HEIGHT, columns * COLUMN_PX), np.float32)
    logits = build_network(TINY, rng).predict(strips)
    assert logits.shape == (2, columns, 5)
    assert np.isfinite(logits).all()


def test_the_network_has_the_stages_blocks_and_steps_along_the_row_asked_for(rng):
    params = build_network(TINY, rng).params
    shapes = {name: array.shape for name, array in params.items() if array.ndim == 4}
    assert shapes == {
        "conv1.weight": (2, 1, 7, 7),
        "conv2.weight": (3, 2, 2, 2),
        **{f"block2a.conv{number}.weight": (3, 3, 3, 3) for number in (1, 2)},
        "conv3.weight": (4, 3, 2, 1),
        **{f"block3{letter}.conv{number}.weight": (4, 4, 3, 3) for letter in "ab" for number in (1, 2)},
        "collapse.weight": (6, 4, 4, 3),
        "along1.conv.weight": (6, 6, 1, 3),
        "along2.conv.weight": (6, 6, 1, 3),
        "output.weight": (5, 6, 1, 1),
    }


def test_folded_inference_gives_what_the_layers_give(rng):
    network = wear(build_network(TINY, rng), rng)
    strips = rng.random((3, 1, STRIP_HEIGHT, 20 * COLUMN_PX), np.float32)
    np.testing.assert_allclose(Inference(network).predict(strips), network.forward(strips)[0], rtol=1e-3, atol=1e-4)


def test_a_column_is_answered_where_it_is(rng):
    """A row moved along the strip by whole columns gives the same answers, moved as far."""
    network = Inference(wear(build_network(TINY, rng), rng))
    strip = np.zeros((1, STRIP_HEIGHT, 80 * COLUMN_PX), np.uint8)
    strip[:, :, 30 * COLUMN_PX : 45 * COLUMN_PX] = rng.integers(0, 256, (STRIP_HEIGHT, 15 * COLUMN_PX))
    answers, moved = _answers(network, strip), _answers(network, np.roll(strip, 4 * COLUMN_PX, axis=2))
    assert _close(answers[:, 20:55], moved[:, 24:59])
    assert not _close(answers[:, 20:55], moved[:, 20:55])


def test_rows_in_one_lane_do_not_see_each_other(shipped, rng):
    widths = 20 * COLUMN_PX, 40, 95
    strips = [Strip(rng.integers(0, 256, (STRIP_HEIGHT, width), np.uint8), 0, 1.0) for width in widths]

    def answers(strips, gap):
        images, places = pack_strips(strips, gap, sum(strip.columns + gap for strip in strips) + gap)
        assert len(images) == 1
        logits = _answers(shipped, images)
        return [logits[place.lane, place.start : place.stop] for place in places]

    alone = [answers([strip], RECEPTIVE_COLUMNS)[0] for strip in strips]
    assert all(map(_close, alone, answers(strips, RECEPTIVE_COLUMNS)))
    assert not any(map(_close, alone, answers(strips, 2)))


def test_no_answer_hears_of_ink_farther_off_than_is_said(shipped, rng):
    columns, changed = 2 * RECEPTIVE_COLUMNS + 20, RECEPTIVE_COLUMNS + 10
    strip = rng.integers(0, 256, (1, STRIP_HEIGHT, columns * COLUMN_PX), np.uint8)
    other = strip.copy()
    other[..., changed * COLUMN_PX : (changed + 1) * COLUMN_PX] ^= 255
    answers, others = _answers(shipped, strip)[0], _answers(shipped, other)[0]
    moved = np.abs(answers - others).max(axis=1) > 1e-4 * np.abs(answers).max()
    distances = np.abs(np.flatnonzero(moved) - changed)
    assert RECEPTIVE_COLUMNS / 2 < distances.max() < RECEPTIVE_COLUMNS
    assert moved[changed]


def test_the_network_of_the_recipe_is_at_most_eight_megabytes():
    network = build_network({**load_recipe("rows").network, "classes": 96})
    assert sum(array.nbytes for array in network.arrays().values()) < 8_000_000


@pytest.mark.parametrize(
    "change, message",
    [
        ({"channels": [2, 3]}, "three stages"),
        ({"blocks": [0, 1, 1, 1]}, "three stages"),
        ({"blocks": [0, -1, 1]}, "0 to 26 blocks"),
        ({"blocks": [0, 27, 1]}, "0 to 26 blocks"),
        ({"channels": [2, 0, 4]}, "out_channels of at least 1, got 0"),
        ({"width": 0}, "out_channels of at least 1, got 0"),
        ({"dilations": [1, 0]}, "dilation of at least 1, got"),
        ({"dilations": [16, 16, 16]}, "sees 40 columns or fewer, got 5"),
        ({"dropout": 1.5}, "do not fit 'row-resnet'"),
        ({"width": "wide"}, "do not fit 'row-resnet'"),
        ({"hidden": 4}, "expected one of the keys channels, blocks, width, dilations, dropout, got 'hidden'"),
    ],
    ids=str,
)
def test_a_network_that_cannot_be_built_is_refused(change, message):
    with pytest.raises(UnknownArchitecture, match=message):
        build_network({**TINY, **change}, np.random.default_rng(0))
