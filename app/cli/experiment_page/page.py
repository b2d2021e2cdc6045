"""The experiment as one HTML page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jinja2 import Environment, StrictUndefined
from numpy.typing import NDArray

from app.cli.experiment_page import figures, sentences
from app.inspection import full_colour, most_confused

if TYPE_CHECKING:
    from app.training.experiment.experiment import Experiment, Measured

_SHOWN_CLASSES = 6
_SHOWN_PAIRS = 8
_SHOWN_MISREAD = 4


def render(found: Experiment) -> str:
    """Return the page: HTML that needs nothing else."""
    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(Path(__file__).with_name("experiment.html").read_text(encoding="utf-8"))
    return template.render(_content(found))


def _content(found: Experiment) -> dict[str, Any]:
    """Return what the template shows, by its own names."""
    inputs, units = found.trained_weight.shape
    return {
        "layers": f"{inputs}-{units}-{len(found.alphabet)} units",
        "figures": list(_figures(found)),
        "softmax": _softmax(found),
        "gradients": {
            "sentence": sentences.on_gradients(found.gradients),
            "rows": [
                *((name, f"{error:.1e}") for name, error in found.gradients.errors.items()),
                ("logits (of the loss)", f"{found.gradients.loss_error:.1e}"),
            ],
        },
        "convolution": _convolution(found),
        "starts": _starts(found, units),
        "rates": _rates(found),
        "weights": _weights(found, units),
        "confusion": [_confusion(found, split, measured) for split, measured in found.measured.items()],
        "data": sentences.on_data(found),
    }


def _figures(found: Experiment) -> Iterator[tuple[str, str]]:
    for split, measured in found.measured.items():
        yield f"{sentences.SPLITS[split]} accuracy at rate {found.rates[0].lr:g}", sentences.percent(measured.accuracy)
    best = max(found.rates, key=lambda run: run.accuracy)
    yield f"best learning rate, validation accuracy {sentences.percent(best.accuracy)}", f"{best.lr:g}"
    yield "worst gradient error", f"{found.gradients.worst:.0e}"


def _softmax(found: Experiment) -> dict[str, Any]:
    step, chars = found.softmax, found.alphabet.chars
    likeliest = (-step.shifted).argsort()[:_SHOWN_CLASSES].tolist()
    return {
        "sentence": sentences.on_softmax(step),
        "glyph": figures.glyphs(found.softmax_glyph[None], 1),
        "read": chars[likeliest[0]],
        "classes": len(chars),
        "offset": f"{step.offset:g}",
        "rows": [
            {
                "char": chars[k],
                "logit": f"{step.logits[k]:.3f}",
                "direct": f"{step.direct[k]:.6f}",
                "shifted": f"{step.shifted[k]:.6f}",
                "far_direct": f"{step.far_direct[k]:.6f}".replace("nan", "NaN"),
                "far_shifted": f"{step.far_shifted[k]:.6f}",
            }
            for k in likeliest
        ],
    }


def _convolution(found: Experiment) -> dict[str, Any]:
    step = found.convolution
    return {
        "sentence": sentences.on_convolution(step),
        "patch": _whole(step.patch),
        "kernel": _whole(step.kernel),
        "direct": _whole(step.direct),
        "fields": _whole(step.fields),
        "column": _whole(step.kernel.reshape(-1, 1)),
        "product": _whole(step.product.reshape(-1, 1)),
    }


def _whole(matrix: NDArray[np.floating]) -> list[list[str]]:
    return [[f"{value:.0f}".replace("-0", "0").replace("-", "−") for value in row] for row in matrix]


def _starts(found: Experiment, units: int) -> dict[str, Any]:
    return {
        "sentences": sentences.on_starts(found.starts, units, len(found.alphabet)),
        "epochs": found.starts[0].epochs,
        "rows": [
            [
                "zero" if start.factor == 0 else "Glorot" if start.factor == 1 else f"Glorot × {start.factor:g}",
                f"{start.drive_variance:.2g}",
                f"{start.hidden_variance:.2g}",
                sentences.percent(start.flat),
                f"{start.gradient:.1e}",
                f"{start.distinct_units} of {units}",
                sentences.percent(start.accuracy),
            ]
            for start in found.starts
        ],
    }


def _rates(found: Experiment) -> dict[str, Any]:
    names = [f"{run.lr:g}" for run in found.rates]
    told = sentences.on_rates(found.rates, found.glyphs["valid"])
    return {
        "sentences": told,
        "epochs": found.recipe.total_epochs,
        "batch_size": found.recipe.batch_size,
        "reduction": found.recipe.loss.reduction,
        "names": names,
        "loss": figures.curves(
            found.rates, lambda epoch: (epoch.train_loss, epoch.valid_loss), "loss (nats)", log=True
        ),
        "accuracy": figures.curves(
            found.rates, lambda epoch: (epoch.train_accuracy, epoch.valid_accuracy), "accuracy", log=False
        ),
        "loss_alt": f"Loss by epoch at the learning rates {', '.join(names)}, in training and in validation",
        "accuracy_alt": f"Accuracy by epoch at the learning rates {', '.join(names)}. {told[0]}",
    }


def _weights(found: Experiment, units: int) -> dict[str, Any]:
    scale = full_colour(found.initial_weight, found.trained_weight)
    columns = max(1, round(units**0.5))
    return {
        "sentence": sentences.on_weights(found),
        "units": units,
        "before": figures.weights(found.initial_weight, scale, columns),
        "after": figures.weights(found.trained_weight, scale, columns),
        "low": f"−{scale:.2f}",
        "high": f"+{scale:.2f}",
    }


def _confusion(found: Experiment, split: str, measured: Measured) -> dict[str, Any]:
    chars = found.alphabet.chars
    rows = []
    for pair in most_confused(measured.confusion, chars, _SHOWN_PAIRS):
        first, second = pair.first, pair.second
        misread = (measured.y_true == chars.index(first)) & (measured.y_pred == chars.index(second))
        rows.append(
            {
                "pair": f"{first} / {second}",
                "counts": f"{pair.first_as_second} and {pair.second_as_first}",
                "share": sentences.percent(pair.share),
                "glyphs": figures.glyphs(measured.images[misread][:_SHOWN_MISREAD], _SHOWN_MISREAD),
                "alt": f"glyphs of {first} that were read as {second}",
            }
        )
    name = sentences.SPLITS[split]
    return {
        "name": name.capitalize(),
        "accuracy": sentences.percent(measured.accuracy),
        "count": f"{len(measured.y_true):,}",
        "sentence": sentences.on_confusion(measured, chars),
        "matrix": figures.confusion(measured.confusion, chars),
        "alt": f"Confusion matrix on the {name} glyphs; the worst pairs are in the table that follows",
        "rows": rows,
    }
