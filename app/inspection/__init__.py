"""What a network has learnt, as arrays to look at; whoever shows them makes the picture."""

from app.inspection.confusion import ConfusedPair, most_confused, normalise_confusion
from app.inspection.order import ORDERS, Order, group_by_kind, order_classes
from app.inspection.reliability import ReliabilityBin, reliability_curve
from app.inspection.weights import neighbour_correlation, tile, weight_images

__all__ = [
    "ORDERS",
    "ConfusedPair",
    "Order",
    "ReliabilityBin",
    "group_by_kind",
    "most_confused",
    "neighbour_correlation",
    "normalise_confusion",
    "order_classes",
    "reliability_curve",
    "tile",
    "weight_images",
]
