"""Why a glyph was read as it was."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.api.inspection.grids import (
    SPACER,
    as_grey,
    data_uri,
    enlarged,
    glyph_png,
    grey_colours,
    signed_colours,
    to_png,
)
from app.api.inspection.inspected import Chosen, Inspector
from app.api.inspection.layers import Layers
from app.api.serving.turns import Checkpoint
from app.errors import InvalidInput
from app.inspection import hidden_features, nearest, saliency
from app.ocr import spells_rows
from app.training.measuring.evaluation_sets import SYNTHETIC

_ZOOM = 4


@dataclass(frozen=True)
class Neighbour:
    """A known glyph, and its similarity: the cosine between its last hidden features and the explained ones."""

    char: str
    read_as: str
    similarity: float
    image: NDArray[np.uint8]
    writer: str


@dataclass(frozen=True)
class Explanation:
    """Why a network read one glyph as it did.

    Attributes
    ----------
    glyph : (32, 32) float32, ink 1: what the network saw
    ranked : characters with their probabilities by shape alone, the likeliest first
    saliency : (32, 32), how far more ink at a pixel would raise the lead of the likeliest over the second, in logits
    neighbours : the most similar glyphs by imagined writers, the most similar first
    """

    glyph: NDArray[np.float32]
    ranked: list[tuple[str, float]]
    saliency: NDArray[np.float32]
    neighbours: list[Neighbour]

    @property
    def scale(self) -> float:
        """The value of `saliency` that is drawn in full colour."""
        return float(np.abs(self.saliency).max()) or 1.0

    def document(self, alternatives: int) -> dict[str, Any]:
        """Return it in JSON's types."""
        (char, confidence), *others = self.ranked
        return {
            "named": {
                "char": char,
                "confidence": confidence,
                "alternatives": [{"char": other, "confidence": p} for other, p in others[:alternatives]],
            },
            "input": data_uri(glyph_png(as_grey(self.glyph), _ZOOM)),
            "saliency": {
                "of": char,
                "against": others[0][0] if others else char,
                "scale": self.scale,
                "image": data_uri(to_png(enlarged(signed_colours(self.saliency, self.scale), _ZOOM))),
            },
            "neighbours": [{**vars(one), "image": data_uri(glyph_png(one.image))} for one in self.neighbours],
        }

    def png(self) -> bytes:
        """Draw what was seen, the saliency, and the neighbours, from left to right."""
        images = [grey_colours(as_grey(self.glyph)), signed_colours(self.saliency, self.scale)]
        images += [grey_colours(one.image) for one in self.neighbours]
        spacer = np.full((len(images[0]), 1, 3), SPACER, np.uint8)
        return to_png(
            enlarged(np.concatenate([part for image in images for part in (image, spacer)][:-1], axis=1), _ZOOM)
        )


def explain(
    inspector: Inspector, chosen: Chosen, glyph: NDArray[np.float32], neighbours: int, checkpoint: Checkpoint
) -> Explanation:
    """Explain what a version makes of a glyph (32, 32).

    Raises
    ------
    InvalidInput : the version reads rows.
    """
    if spells_rows(chosen.card):
        raise InvalidInput(f"model: expected one that names glyphs, got {chosen.title}, which spells rows")
    layers = Layers.load(inspector, chosen)
    chars = layers.alphabet.chars
    p = layers.probabilities(glyph[None, None])[0]
    order = np.argsort(-p, kind="stable").tolist()
    ranked = [(chars[index], float(p[index])) for index in order]
    second = order[1] if len(order) > 1 else order[0]
    slope = saliency(layers.network, glyph[None, None], order[0], second)[0, 0]
    checkpoint()
    found = _neighbours(inspector, chosen, layers, glyph, neighbours, checkpoint) if neighbours else []
    return Explanation(glyph, ranked, slope, found)


def _neighbours(
    inspector: Inspector,
    chosen: Chosen,
    layers: Layers,
    glyph: NDArray[np.float32],
    count: int,
    checkpoint: Checkpoint,
) -> list[Neighbour]:
    _, cases = inspector.cases(chosen, SYNTHETIC, checkpoint)

    def features() -> NDArray[np.floating[Any]]:
        return hidden_features(layers.network, cases.images[:, None].astype(np.float32) / np.float32(255))

    known = inspector.kept(("features", chosen.version.name, chosen.version.version), features)
    indices, similarity = nearest(known, hidden_features(layers.network, glyph[None, None])[0], count)
    return [
        Neighbour(
            cases.labels[cases.y_true[index]],
            cases.labels[cases.y_pred[index]],
            float(alike),
            cases.images[index],
            str(cases.writers[index]),
        )
        for index, alike in zip(indices.tolist(), similarity, strict=True)
    ]
