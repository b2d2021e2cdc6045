"""What a network has learnt, as arrays to look at; whoever shows them makes the picture."""

from app.inspection.confusion import ConfusedPair, most_confused, normalise_confusion
from app.inspection.weights import neighbour_correlation, tile, weight_images

__all__ = ["ConfusedPair", "most_confused", "neighbour_correlation", "normalise_confusion", "tile", "weight_images"]
