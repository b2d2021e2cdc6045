from __future__ import annotations

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from tests.api.real_answers import draw_page

SEED = "/weights?model=seed/1"


@pytest.fixture(scope="module")
def glyph():
    return {"file": ("glyph.png", draw_page("5"))}


def _size(answer):
    return Image.open(BytesIO(answer.content)).size


def test_layers_are_described_from_the_input_on(inspected):
    answer = inspected.get(SEED).json()
    flatten, hidden, sigmoid, output = answer["layers"]
    assert [layer["kind"] for layer in answer["layers"]] == ["Flatten", "Dense", "Sigmoid", "Dense"]
    assert hidden["weight"]["shape"] == [1024, 64]
    assert hidden["weight"]["moved"] > 1
    assert output["weight"]["moved"] is None, "its first weights were not kept"
    assert sigmoid["activations"]["units"] == 64
    assert 0 <= sigmoid["activations"]["saturated"] <= 1
    assert flatten["weight"] is flatten["activations"] is None
    assert inspected.get(f"{SEED}&layer=sigmoid").json()["layers"] == [sigmoid]


def test_the_64_units_of_the_seed_are_images_of_32_by_32_before_and_after(inspected):
    before, after = (inspected.get(f"{SEED}&when={when}&format=png") for when in ("initial", "trained"))
    assert _size(before) == _size(after)
    assert _size(after)[0] == 2 * (8 * 33 - 1)
    assert before.content != after.content
    assert before.headers["inkrow-scale"] == after.headers["inkrow-scale"]
    assert after.headers["inkrow-layer"] == "hidden"
    assert after.headers["cache-control"].endswith("immutable")


def test_any_convolution_shows_its_kernels(inspected):
    answer = inspected.get("/weights?model=handprint/2&layer=block2a.conv1&format=png")
    assert _size(answer)[0] % (64 * 4 - 1) == 0


def test_the_published_epoch_is_that_of_the_trained_weights(inspected, problem):
    (kept,) = inspected.get(SEED).json()["epochs"]
    assert inspected.get(f"{SEED}&epoch={kept}&format=png").content == inspected.get(f"{SEED}&format=png").content
    assert str(kept) in problem(inspected.get(f"{SEED}&epoch=3"), 404, "not-found")["detail"]


def test_before_training_only_what_was_kept_is_described(inspected, problem):
    layers = {layer["layer"]: layer for layer in inspected.get(f"{SEED}&when=initial").json()["layers"]}
    assert layers["hidden"]["weight"]["norm"] > 0
    assert layers["output"]["weight"] is layers["sigmoid"]["activations"] is None
    answer = inspected.get(f"{SEED}&when=initial&layer=output&format=png")
    assert problem(answer, 404, "not-found")["layers"] == ["hidden"]


def test_a_version_without_first_weights_says_so(rows_inspected, problem):
    answer = rows_inspected.get("/weights?model=rows&when=initial&format=png")
    assert "of no layer" in problem(answer, 404, "not-found")["detail"]
    assert rows_inspected.get("/weights?model=rows&format=png").status_code == 200


def test_what_layers_make_of_a_glyph_is_told_and_shown(inspected, glyph):
    answer = inspected.post("/weights/activations?model=handprint/2&layer=relu1", files=glyph).json()
    ranges = {layer["layer"]: layer for layer in answer["layers"]}
    assert ranges["relu1"]["shape"] == [32, 16, 16]
    assert ranges["relu1"]["smallest"] == 0
    assert answer["shown"]["scale"] == pytest.approx(ranges["relu1"]["largest"])
    seen = np.asarray(Image.open(BytesIO(b64decode(answer["input"].partition(",")[2]))))
    assert seen.min() == 0, "ink is black"
    picture = inspected.post("/weights/activations?model=handprint/2&layer=relu1&format=png", files=glyph)
    assert b64decode(answer["shown"]["image"].partition(",")[2]) == picture.content


def test_without_a_layer_the_first_is_shown(inspected, glyph):
    answer = inspected.post("/weights/activations?model=seed&format=png", files=glyph)
    assert answer.headers["inkrow-layer"] == "hidden"
    assert inspected.post("/weights/activations?model=seed", files=glyph).json()["shown"] is None


def test_a_model_for_rows_looks_at_a_row(rows_inspected, problem):
    row = {"file": ("row.png", draw_page("A5 B6"))}
    answer = rows_inspected.post("/weights/activations?model=rows&layer=columns", files=row).json()
    assert answer["layers"][-1]["shape"][1] == 22


@pytest.mark.parametrize("height, width", [(30, 3000), (1, 400_000)])
def test_a_row_longer_than_anybody_would_look_at_is_refused(rows_inspected, problem, height, width):
    wide = BytesIO()
    dots = np.where(np.arange(height * width).reshape(height, width) % 5, 255, 0).astype(np.uint8)
    Image.fromarray(dots).save(wide, "PNG")
    answer = rows_inspected.post("/weights/activations?model=rows", files={"file": ("row.png", wide.getvalue())})
    assert "1800 pixels" in problem(answer, 422, "invalid-input")["detail"]


@pytest.mark.parametrize(
    "path, code",
    [
        ("/weights?model=seed&layer=none", "not-found"),
        ("/weights?model=seed&layer=sigmoid&format=png", "not-found"),
        ("/weights?model=seed&when=initial&epoch=1", "invalid-input"),
        ("/weights?model=seed&epoch=-1", "invalid-input"),
        ("/weights?model=seed&format=svg", "invalid-input"),
    ],
)
def test_what_there_is_not_is_told(inspected, problem, path, code):
    problem(inspected.get(path), {"not-found": 404, "invalid-input": 422}[code], code)


def test_what_is_no_glyph_is_refused(inspected, problem, glyph, png):
    def send(content):
        return inspected.post("/weights/activations?model=seed", files={"file": ("a.png", content)})

    problem(send(b"no image"), 415, "not-an-image")
    problem(send(png()), 422, "invalid-input")
    problem(send(glyph["file"][1][:100]), 422, "unreadable-image")
    problem(inspected.post("/weights/activations"), 422, "invalid-input")
    problem(inspected.post("/weights/activations?layer=none", files=glyph), 404, "not-found")


def test_what_would_be_passed_over_in_a_form_is_refused(inspected, problem, glyph):
    two = inspected.post("/weights/activations", files=[("file", glyph["file"])] * 2)
    assert problem(two, 422, "invalid-input")["detail"].endswith("got file, file")
    misplaced = inspected.post("/weights/activations", files=glyph, data={"layer": "relu1"})
    assert "layer" in problem(misplaced, 422, "invalid-input")["detail"]


@pytest.mark.parametrize("path", ["/weights", "/confusion", "/calibration", "/writers"])
@pytest.mark.parametrize("model", ["likeness", "confidence", "english"])
def test_a_model_that_is_no_network_is_told(inspected, problem, path, model):
    detail = problem(inspected.get(f"{path}?model={model}"), 422, "invalid-input")["detail"]
    assert detail.startswith(f"model: expected a network that can be looked into, got {model}/")
