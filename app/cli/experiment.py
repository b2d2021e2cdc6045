"""The experiment that Inkrow grew from, as one page to look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.cli.shell import app, examples
from app.cli.training import DataOption, DataRoot, stoppable
from app.errors import InvalidInput

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from app.training.experiment.experiment import Experiment, Measured

_RECIPE = "unipen36"
_PAGE = "experiment.html"
_SHOWN_CLASSES = 6
_SHOWN_PAIRS = 8
_SHOWN_MISREAD = 4


@app.command(
    epilog=examples(
        "inkrow experiment",
        "inkrow experiment --data synthetic --epochs 20",
        "inkrow experiment --data data/unipen --output pages/",
    )
)
def experiment(
    data: DataOption = None,
    data_root: DataRoot = None,
    output: Annotated[Path, typer.Option(metavar="DIR", help="Where the page goes.")] = Path(),
    epochs: Annotated[
        int | None, typer.Option(min=1, help="Of each learning rate.", show_default="the recipe's")
    ] = None,
    seed: Annotated[int | None, typer.Option(min=0, show_default="the recipe's")] = None,
) -> None:
    """Train the smallest network, take it apart, and write what is found as one HTML page.

    Softmax and gradients are checked, first weights and learning rates compared, weights and mistakes shown. The page
    is a single file: experiment.html in the output folder. The same seed and data give the same page.
    """
    from tqdm import tqdm

    from app.config import read_settings
    from app.training import load_glyph_recipe
    from app.training.experiment.experiment import load_splits, planned_epochs, run_experiment

    recipe = load_glyph_recipe(_RECIPE).changed(data=data, epochs=None if epochs is None else (epochs,), seed=seed)
    page = output / _PAGE
    _check_place(page)
    with stoppable():
        root = read_settings().data if data_root is None else data_root
        splits = load_splits(recipe.data.name, root)
        with tqdm(total=planned_epochs(recipe), unit="epoch", dynamic_ncols=True, disable=None) as bar:

            def on_epoch(title: str) -> None:
                bar.set_description(title, refresh=False)
                bar.update()

            found = run_experiment(recipe.data.name, splits, recipe, on_epoch)
    page.write_text(render(found), encoding="utf-8")
    typer.echo(f"wrote {page}")
    for run in found.rates:
        typer.echo(f"rate {run.lr:<8g} validation accuracy {run.accuracy:.4f}")
    for split, measured in found.measured.items():
        typer.echo(f"{split:13s} accuracy {measured.accuracy:.4f} at rate {found.rates[0].lr:g}")


def _check_place(page: Path) -> None:
    """Refuse a place that cannot be written to before anything is trained; a page that is there stays as it is."""
    try:
        page.parent.mkdir(parents=True, exist_ok=True)
        new = not page.exists()
        page.open("ab").close()
        if new:
            page.unlink()
    except OSError as exc:
        raise InvalidInput(f"cannot write {page}: {exc.strerror}", path=str(page)) from exc


def render(found: Experiment) -> str:
    """Return the page: HTML that needs nothing else."""
    from jinja2 import Environment, StrictUndefined

    environment = Environment(autoescape=True, undefined=StrictUndefined)
    template = environment.from_string(Path(__file__).with_name(_PAGE).read_text(encoding="utf-8"))
    return template.render(_content(found))


def _content(found: Experiment) -> dict[str, Any]:
    """Return what the template shows, by its own names."""
    from app.cli import experiment_sentences as sentences

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
    from app.cli.experiment_sentences import SPLITS, percent

    for split, measured in found.measured.items():
        yield f"{SPLITS[split]} accuracy", percent(measured.accuracy)
    yield "best learning rate", f"{max(found.rates, key=lambda run: run.accuracy).lr:g}"
    yield "worst gradient error", f"{found.gradients.worst:.0e}"


def _softmax(found: Experiment) -> dict[str, Any]:
    from app.cli import experiment_figures as figures
    from app.cli import experiment_sentences as sentences

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
    from app.cli.experiment_sentences import on_convolution

    step = found.convolution
    return {
        "sentence": on_convolution(step),
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
    from app.cli.experiment_sentences import on_starts, percent

    return {
        "sentences": on_starts(found.starts, units, len(found.alphabet)),
        "epochs": found.starts[0].epochs,
        "rows": [
            [
                "zero" if start.factor == 0 else "Glorot" if start.factor == 1 else f"Glorot × {start.factor:g}",
                f"{start.drive_variance:.2g}",
                f"{start.hidden_variance:.2g}",
                percent(start.flat),
                f"{start.gradient:.1e}",
                f"{start.distinct_units} of {units}",
                percent(start.accuracy),
            ]
            for start in found.starts
        ],
    }


def _rates(found: Experiment) -> dict[str, Any]:
    from app.cli import experiment_figures as figures
    from app.cli import experiment_sentences as sentences

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
    import numpy as np

    from app.cli import experiment_figures as figures
    from app.cli.experiment_sentences import on_weights

    # A few weights far larger than the rest would leave these too faint to see.
    scale = float(np.quantile(np.abs([found.initial_weight, found.trained_weight]), 0.98)) or 1.0
    columns = max(1, round(units**0.5))
    return {
        "sentence": on_weights(found),
        "units": units,
        "before": figures.weights(found.initial_weight, scale, columns),
        "after": figures.weights(found.trained_weight, scale, columns),
        "low": f"−{scale:.2f}",
        "high": f"+{scale:.2f}",
    }


def _confusion(found: Experiment, split: str, measured: Measured) -> dict[str, Any]:
    from app.cli import experiment_figures as figures
    from app.cli.experiment_sentences import SPLITS, on_confusion, percent
    from app.inspection import most_confused

    chars = found.alphabet.chars
    rows = []
    for pair in most_confused(measured.confusion, _SHOWN_PAIRS):
        first, second = chars[pair.first], chars[pair.second]
        misread = (measured.y_true == pair.first) & (measured.y_pred == pair.second)
        rows.append(
            {
                "pair": f"{first} / {second}",
                "counts": f"{pair.first_as_second} and {pair.second_as_first}",
                "share": percent(pair.share),
                "glyphs": figures.glyphs(measured.images[misread][:_SHOWN_MISREAD], _SHOWN_MISREAD),
                "alt": f"glyphs of {first} that were read as {second}",
            }
        )
    name = SPLITS[split]
    return {
        "name": name.capitalize(),
        "accuracy": percent(measured.accuracy),
        "count": f"{len(measured.y_true):,}",
        "sentence": on_confusion(measured, chars),
        "matrix": figures.confusion(measured.confusion, chars),
        "alt": f"Confusion matrix on the {name} glyphs; the worst pairs are in the table that follows",
        "rows": rows,
    }
