"""The mean of several versions' weights, as a version of its own.

Runs that each continued from the one before end in the same valley of the loss. The mean of their weights often has a
lower loss than each of them, and forgets less of what each had learnt.

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
from app.store import INITIAL_FILE, OWNED_KEYS, ModelStore, StoredModel, Version
from app.training.epochs.run import Run, Start
from app.training.epochs.train import load_training_data
from app.training.publishing.publish import describe
from app.training.recipes.recipe_file import recipe_of

# The parts of a card that are measured anew. All else is taken from the last version, and describes its run.
_MEASURED = ("metrics", "error_rates", "calibration", "confusion")


def publish_mean(store: ModelStore, name: str, references: Sequence[str], data: str | None, root: Path) -> Version:
    """Measure the mean of some versions of a model on the validation writers, and publish it; no alias moves.

    Parameters
    ----------
    references : numbers or aliases of two versions or more; the card is that of the last, but for what is measured
    data : data set whose validation writers to measure on; None for that of the last version's recipe
    root : folder of all data sets

    Raises
    ------
    NotFound, CorruptModel : as of `ModelStore.load`.
    InvalidInput : as of `mean_weights`, or the data set has other characters.
    DatasetNotFound, DamagedDataset : as of `load_training_data`.
    """
    versions = [store.load(name, reference) for reference in references]
    weights = mean_weights(versions)
    card = versions[-1].card
    # The lessons of the recipe change nothing that is measured, and older cards have keys there that are not known now.
    recipe = recipe_of({key: value for key, value in card["hyper_parameters"].items() if key != "lessons"})
    recipe = recipe.changed(data=data or recipe.data.name)
    known = load_training_data(recipe, root)
    if known.alphabet.chars != card["alphabet"]:
        detail = f"expected a data set with the characters of {name}/{versions[-1].version}, {card['alphabet']!r}"
        raise InvalidInput(f"{detail}, {recipe.data.name} has {known.alphabet.chars!r}")
    run = Run(recipe, known.alphabet, "", Start(name, "", weights))
    measured = describe(run, known)
    own = {key: value for key, value in card.items() if key not in OWNED_KEYS}
    described = {
        **own,
        "mean_of": [{"model": f"{name}/{version.version}", "digest": version.digest} for version in versions],
        "measured_on": known.source,
        **{key: measured[key] for key in _MEASURED if key in measured},
    }
    initial = store.load_initial(name, versions[-1].version) if INITIAL_FILE in card["files"] else None
    return store.publish(name, weights, described, initial=initial)


def mean_weights(versions: Sequence[StoredModel]) -> dict[str, NDArray[Any]]:
    """Return the mean of each array over versions of one network.

    Raises
    ------
    InvalidInput : there are fewer than two, one was not trained by a recipe, or they have different architectures or
        alphabets.
    """
    if len(versions) < 2:
        raise InvalidInput(f"expected two versions or more to take the mean of, got {len(versions)}")
    for version in versions:
        if not {"architecture", "alphabet", "hyper_parameters"} <= version.card.keys():
            detail = f"expected networks that were trained by a recipe, {version.name}/{version.version} is none"
            raise InvalidInput(detail)
    first, *others = versions
    for other in others:
        if any(other.card[key] != first.card[key] for key in ("architecture", "alphabet")):
            names = f"{first.name}/{first.version} and {other.name}/{other.version}"
            raise InvalidInput(f"expected versions of one network with one alphabet, {names} differ")
    return {
        name: np.mean([version.arrays[name] for version in versions], axis=0, dtype=np.float64).astype(array.dtype)
        for name, array in first.arrays.items()
    }
