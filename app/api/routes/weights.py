"""What the layers of a network look like, and what they make of a glyph."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, File, Query, Request, Response, UploadFile
from pydantic import Field

from app.api.access.guards import may_inspect
from app.api.answers import cacheable, choose_form
from app.api.dependencies import LimitsDep, get_database
from app.api.inspection.grids import as_grey, data_uri, glyph_png, signed_grid
from app.api.inspection.inspected import InspectorDep, VersionQuery
from app.api.inspection.layers import Drawn, Layers, When, find_moment
from app.api.inspection.schemas import ActivationsOut, WeightsOut
from app.api.jobs.runs import job_weights
from app.api.openapi import IMAGE_PROBLEMS, inspection_responses
from app.api.queries import FORM, no_repeats, only_one_file
from app.api.serving.turns import InspectionTurnDep
from app.errors import NotFound
from app.inspection import layer_images, weight_statistics
from app.jobs import JobStore
from app.vision import GLYPH_SIZE, decode

router = APIRouter(tags=["inspection"], dependencies=[Depends(may_inspect()), Depends(no_repeats())])

_GLYPH = GLYPH_SIZE, GLYPH_SIZE
_LAYER = Field(default=None, min_length=1, max_length=64, description="Name of a layer, as the JSON lists them.")


class WeightsQuery(VersionQuery):
    """Which weights are shown."""

    layer: str | None = _LAYER
    when: When = Field(default="trained", description="Before training, so far as the version kept that, or after it.")
    epoch: int | None = Field(
        default=None,
        ge=0,
        description="Instead of `when`: after which epoch, from 0. The store keeps the published one only.",
    )
    job: str | None = Field(
        default=None,
        min_length=1,
        max_length=64,
        description="Look at the first layer of what a retraining trains, after `epoch` or the last one that it told "
        "of; `model` then is one of its models.",
    )
    format: Literal["json", "png"] | None = FORM


@router.get(
    "/weights",
    response_model=WeightsOut,
    responses=inspection_responses("/weights", "not-found", "job-not-found", pictures=("png",)),
)
def show_weights(
    request: Request,
    query: Annotated[WeightsQuery, Query()],
    inspector: InspectorDep,
    checkpoint: InspectionTurnDep,
) -> Response:
    """Show the weights of a layer as pictures (PNG), or describe those of all layers (JSON).

    PNG: one image for each unit of a dense layer that looks at the glyph, and for each kernel of a convolution, those
    of one output in a row; another dense layer is one image, its inputs from top to bottom. Orange is above 0, blue
    below; full colour, stated below the images and in the header `Inkrow-Scale`, is the same before and after training.
    Without `layer` it is the first.
    """
    form = choose_form(request, query.format, ("json", "png"))
    if query.job is not None:
        return _of_job(request, query, query.job, form)
    chosen = inspector.choose(query.model)
    when, epochs = find_moment(chosen, query.when, query.epoch, given=query.model_fields_set)
    layers = Layers.load(inspector, chosen)
    immutable = chosen.alias is None
    if form == "png":
        layer = layers.find_weighted(query.layer)
        scale = layers.weight_statistics(layer, when).scale
        images, columns = layer_images(layers.weight(layer, when), _GLYPH)
        return _picture(request, Drawn(layer, scale, signed_grid(images, columns, scale)), immutable=immutable)
    shown = layers.kinds if query.layer is None else [layers.find(query.layer)]
    document = {
        "model": chosen.reference,
        "when": when,
        "epochs": epochs,
        "layers": [layers.describe(name, when) for name in shown],
    }
    return cacheable(request, document, form, immutable=immutable)


def _of_job(request: Request, query: WeightsQuery, job: str, form: str) -> Response:
    told = job_weights(JobStore(get_database(request)), job, query.epoch, query.model)
    layer, scale, weight = told["layer"], told["scale"], told["weight"]
    if query.layer not in (None, layer):
        raise NotFound(f"a job tells of its first layer, {layer}, alone; not of {query.layer!r}", layers=[layer])
    if form == "png":
        images, columns = layer_images(weight, _GLYPH)
        return _picture(request, Drawn(layer, scale, signed_grid(images, columns, scale)))
    described = {**asdict(weight_statistics(weight, None, weight)), "scale": scale}
    kind = "Conv2D" if weight.ndim == 4 else "Dense"
    document = {
        "model": None,
        "when": f"epoch {told['epoch']} of {told['model']}",
        "epochs": told["epochs"],
        "layers": [{"layer": layer, "kind": kind, "weight": described, "activations": None}],
    }
    return cacheable(request, document, form)


def _picture(request: Request, drawn: Drawn, *, immutable: bool = False) -> Response:
    headers = {"Inkrow-Scale": f"{drawn.scale:.6g}", "Inkrow-Layer": drawn.layer}
    return cacheable(request, drawn.png, "png", immutable=immutable, headers=headers)


class ActivationsQuery(VersionQuery):
    """Which activations are shown."""

    layer: str | None = _LAYER
    format: Literal["json", "png"] | None = FORM


@router.post(
    "/weights/activations",
    response_model=ActivationsOut,
    dependencies=[Depends(only_one_file)],
    responses=inspection_responses("/weights/activations", "not-found", *IMAGE_PROBLEMS, pictures=("png",)),
)
def show_activations(
    request: Request,
    file: Annotated[UploadFile, File(description="An image of one glyph; for a model for rows, of one row.")],
    query: Annotated[ActivationsQuery, Query()],
    inspector: InspectorDep,
    limits: LimitsDep,
    checkpoint: InspectionTurnDep,
) -> Response:
    """Show what a layer makes of a glyph: an image for each channel, or a pixel for each feature.

    The whole image is taken for the glyph, its border for the ground. JSON has the input as the network sees it and the
    range of what every layer gives, and the picture of `layer`; PNG is that picture, of the first layer with weights if
    none is named. Full colour, in the header `Inkrow-Scale`, is the largest value of the layer.
    """
    form = choose_form(request, query.format, ("json", "png"))
    chosen = inspector.choose(query.model)
    layers = Layers.load(inspector, chosen)
    picture = decode(file.file.read(), limits)
    seen = layers.input_of(picture.grey)
    wanted = None if query.layer is None else layers.find(query.layer)
    if form == "png":
        return _picture(request, layers.activation_picture(seen, wanted or layers.find_weighted(None)))
    document: dict[str, Any] = {
        "model": chosen.reference,
        "input": data_uri(glyph_png(as_grey(seen[0, 0]))),
        "layers": layers.activation_ranges(seen),
        "shown": None,
    }
    if wanted is not None:
        drawn = layers.activation_picture(seen, wanted)
        document["shown"] = {"layer": drawn.layer, "scale": drawn.scale, "image": data_uri(drawn.png)}
    return cacheable(request, document, form)
