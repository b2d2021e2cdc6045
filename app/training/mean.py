"""The mean of several versions' weights, as a version of its own.

Runs that went on from each other end in one valley of the loss; the middle between them is often lower, and forgets
less of what each had learnt.

References
----------
Wortsman et al. (2022), Model soups: averaging weights of multiple fine-tuned models improves accuracy without
increasing inference time.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import InvalidInput
from app.ocr import Alphabet
from app.store import INITIAL_FILE, OWNED_KEYS, ModelStore, StoredModel, Version
from app.training.loop import Run, Start
from app.training.publish import describe
from app.training.recipe_file import recipe_of
from app.training.row_data import RowDataset
from app.training.row_publish import describe_rows
from app.training.train import load_training_data

# What a card says of how good weights are; all else of the last version is so of the mean, too.
_MEASURED = ("metrics", "error_rates", "calibration", "confusion")


def publish_mean(store: ModelStore, name: str, references: Sequence[str], data: str, root: Path) -> Version:
    """Measure the mean of some versions of a model on the validation writers, and publish it; no alias moves.

    Parameters
    ----------
    references : numbers or aliases of two versions or more; the card is that of the last, but for what is measured
    data, root : data set whose validation writers to measure on, and the folder of all

    Raises
    ------
    NotFound, CorruptModel : as of `ModelStore.load`.
    InvalidInput : they are networks of different form, or know different characters.
    DatasetNotFound, DamagedDataset : as of `load_training_data`.
    """
    versions = [store.load(name, reference) for reference in references]
    weights = mean_weights(versions)
    card = versions[-1].card
    recipe = recipe_of(card["hyper_parameters"]).changed(data=data)
    run = Run(recipe, Alphabet(card["alphabet"]), "", Start(name, "", weights))
    known = load_training_data(recipe, root)
    measured = describe_rows(run, known) if isinstance(known, RowDataset) else describe(run, known)
    own = {key: value for key, value in card.items() if key not in OWNED_KEYS}
    described = {
        **own,
        "mean_of": [{"model": f"{name}/{version.version}", "digest": version.digest} for version in versions],
        **{key: measured[key] for key in _MEASURED if key in measured},
    }
    initial = store.load_initial(name, versions[-1].version) if INITIAL_FILE in card["files"] else None
    return store.publish(name, weights, described, initial=initial)


def mean_weights(versions: Sequence[StoredModel]) -> dict[str, NDArray[Any]]:
    """Return the mean of each array over versions of one network.

    Raises
    ------
    InvalidInput : there are fewer than two, or they are networks of different form, or know different characters.
    """
    if len(versions) < 2:
        raise InvalidInput(f"expected two versions or more to take the mean of, got {len(versions)}")
    first, *others = versions
    for other in others:
        if any(other.card.get(key) != first.card.get(key) for key in ("architecture", "alphabet")):
            names = f"{first.name}/{first.version} and {other.name}/{other.version}"
            raise InvalidInput(f"expected versions of one network with one alphabet, {names} differ")
    return {
        name: np.mean([version.arrays[name] for version in versions], axis=0, dtype=np.float64).astype(array.dtype)
        for name, array in first.arrays.items()
    }
