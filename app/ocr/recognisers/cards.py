"""From a stored model to the network that its card describes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from numpy.typing import NDArray

from app.errors import CorruptModel, InvalidInput, UnknownArchitecture
from app.nn import Sequential
from app.ocr.alphabet import Alphabet
from app.ocr.recognisers.architectures import build_network


def build_from_card(card: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> tuple[Sequential, Alphabet, float]:
    """Build what every card describes: a network with its weights, its alphabet, and its temperature.

    Raises
    ------
    UnknownArchitecture : the card asks for a network that this version cannot build.
    CorruptModel : an entry of the card is missing or makes no sense.
    ShapeMismatch : the arrays are not those of that network.
    """
    try:
        alphabet = Alphabet(card["alphabet"])
        network = build_network(card["architecture"])
        temperature = float(card["calibration"]["temperature"])
    except UnknownArchitecture:
        raise
    except (KeyError, TypeError, ValueError, InvalidInput) as exc:
        raise CorruptModel(f"the card cannot be used: {type(exc).__name__} {exc}") from exc
    if not temperature > 0:
        raise CorruptModel(f"the card cannot be used: expected a temperature above 0, got {temperature}")
    network.load(arrays)
    return network, alphabet, temperature
