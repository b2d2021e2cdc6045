"""The layers of a version: in figures, and as pictures."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from app.api.inspection.grids import signed_grid
from app.api.inspection.inspected import Chosen, Inspector
from app.errors import InvalidInput, ModelNotFound, NotFound
from app.inspection import (
    ActivationStatistics,
    WeightStatistics,
    activation_images,
    activation_statistics,
    layer_kinds,
    trace,
    weight_statistics,
    weighted_layers,
)
from app.ocr import spells_rows
from app.ocr.recognisers.architectures import build_from_card
from app.training.measuring.evaluation_sets import load_probe
from app.vision import COLUMN_PX, glyph_of_image, strip_of_image

When = Literal["initial", "trained"]
Floats = NDArray[np.float32]

_LONGEST_ROW = 300  # columns; a longer one has activations of some hundred megabytes


class Drawn(NamedTuple):
    """A layer's picture and the value of its full colour."""

    layer: str
    scale: float
    png: bytes


def find_moment(chosen: Chosen, when: When, epoch: int | None, given: Collection[str]) -> tuple[When, list[int]]:
    """Return which weights are meant, and the epochs, from 0, after which a version keeps its weights.

    Parameters
    ----------
    given : names of the parameters that were sent

    Raises
    ------
    InvalidInput : both `when` and `epoch` were sent.
    NotFound : the weights of this epoch were not kept.
    """
    curves = chosen.card.get("curves") or []
    kept = [int(chosen.card.get("best_epoch", len(curves) - 1))] if curves else []
    if epoch is None:
        return when, kept
    if "when" in given:
        raise InvalidInput(f"expected one of when and epoch, got when={when} and epoch={epoch}")
    if epoch not in kept:
        detail = (
            f"{chosen.title} keeps the weights before training (when=initial) and after {_named(kept)}, not {epoch}"
        )
        raise NotFound(detail, epochs=kept)
    return "trained", kept


def _named(epochs: list[int]) -> str:
    return f"epoch {', '.join(map(str, epochs))} (when=trained)" if epochs else "it (when=trained)"


class Layers:
    """A version's network, layer by layer.

    Parameters
    ----------
    card : what the version says of itself
    arrays : its weights
    initial : those before training, so far as they were kept

    Raises
    ------
    UnknownArchitecture, CorruptModel, ShapeMismatch : as of `build_from_card`.
    """

    def __init__(self, card: Mapping[str, Any], arrays: Mapping[str, Floats], initial: Mapping[str, Floats]) -> None:
        self.network, self.alphabet, self.temperature = build_from_card(card, arrays)
        self.kinds = layer_kinds(self.network)
        self._weighted = weighted_layers(self.network)
        self._card = card
        self._initial = initial

    @classmethod
    def load(cls, inspector: Inspector, chosen: Chosen) -> Layers:
        """Read a version, or take what was read before, with the errors of `ModelStore.load`, too."""
        about = chosen.version

        def read() -> Layers:
            model = inspector.load(chosen)
            try:
                initial = inspector.store.load_initial(about.name, about.version)
            except ModelNotFound:  # published without
                initial = {}
            return cls(model.card, model.arrays, initial)

        return inspector.kept(("layers", about.name, about.version), read)

    def find(self, layer: str) -> str:
        """Return the name of a layer.

        Raises
        ------
        NotFound : there is none of this name.
        """
        if layer not in self.kinds:
            raise NotFound(f"no layer {layer!r}; there are {', '.join(self.kinds)}", layers=[*self.kinds])
        return layer

    def find_weighted(self, layer: str | None) -> str:
        """Return the name of a layer that has weights, without one that of the first; otherwise as `find`."""
        names = [*self._weighted]
        if layer is not None and self.find(layer) not in names:
            raise NotFound(f"the layer {layer!r} has no weights to show; {', '.join(names)} have", layers=names)
        return layer or names[0]

    def weight(self, layer: str, when: When) -> Floats:
        """Return the weight of a layer.

        Raises
        ------
        NotFound : it was not kept from before training.
        """
        if when == "trained":
            return self._weighted[layer].params["weight"]
        kept = [name.removesuffix(".weight") for name in self._initial]
        if layer not in kept:
            have = f"of {', '.join(kept)}" if kept else "of no layer"
            raise NotFound(f"weights before training were kept {have}, not of {layer!r}", layers=kept)
        return np.asarray(self._initial[f"{layer}.weight"])

    def weight_statistics(self, layer: str, when: When) -> WeightStatistics:
        """Describe the weight of a layer, with the errors of `weight`."""
        initial = self._initial.get(f"{layer}.weight")
        return weight_statistics(self.weight(layer, when), initial, self.weight(layer, "trained"))

    def describe(self, layer: str, when: When) -> dict[str, Any]:
        """Return all that there is in figures, in JSON's types; null where it is not known or makes no sense."""
        known = layer in self._weighted and (when == "trained" or f"{layer}.weight" in self._initial)
        activations = self._activations.get(layer) if when == "trained" else None
        return {
            "layer": layer,
            "kind": self.kinds[layer],
            "weight": asdict(self.weight_statistics(layer, when)) if known else None,
            "activations": None if activations is None else asdict(activations),
        }

    @cached_property
    def _activations(self) -> dict[str, ActivationStatistics]:
        return activation_statistics(self.network, load_probe(self._card))

    def input_of(self, grey: NDArray[np.uint8]) -> Floats:
        """Return an image of one glyph, or one row, as the network's input (1, 1, H, W).

        Raises
        ------
        InvalidInput : it is empty, or a row longer than anybody would look at.
        """
        if not spells_rows(self._card):
            return glyph_of_image(grey)[None, None]
        strip = strip_of_image(grey, _LONGEST_ROW)
        pixels = np.pad(strip.pixels, ((0, 0), (0, strip.columns * COLUMN_PX - strip.width)))
        return pixels[None, None].astype(np.float32) / np.float32(255)

    def probabilities(self, seen: Floats) -> NDArray[np.float64]:
        """Return how likely each class is (N, K) for glyphs (N, 1, H, W)."""
        logits = self.network.predict(seen).astype(np.float64) / self.temperature
        p = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(p / p.sum(axis=1, keepdims=True))

    def activation_ranges(self, seen: Floats) -> list[dict[str, Any]]:
        """Return what every layer makes of an input in figures, in JSON's types."""
        return [
            {
                "layer": name,
                "kind": self.kinds[name],
                "shape": y.shape[1:],
                "mean": float(y.mean()),
                "smallest": float(y.min()),
                "largest": float(y.max()),
            }
            for name, _, y in trace(self.network, seen)
        ]

    def activation_picture(self, seen: Floats, layer: str) -> Drawn:
        """Draw what a layer makes of an input."""
        y = next(y[0] for name, _, y in trace(self.network, seen) if name == layer)
        images, columns = activation_images(y)
        scale = float(np.abs(images).max()) or 1.0
        return Drawn(layer, scale, signed_grid(images, columns, scale))
