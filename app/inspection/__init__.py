"""What a network has learnt, as arrays to look at; whoever shows them makes the picture."""

from app.inspection.confusion import ConfusedPair, Total, most_confused, normalise_confusion
from app.inspection.layers import (
    ActivationStatistics,
    WeightStatistics,
    activation_statistics,
    full_colour,
    layer_kinds,
    weight_statistics,
    weighted_layers,
)
from app.inspection.neighbours import hidden_features, nearest
from app.inspection.order import Order, group_by_kind, order_classes
from app.inspection.reliability import ReliabilityBin, reliability_curve
from app.inspection.saliency import saliency
from app.inspection.trace import each_layer, trace
from app.inspection.weights import activation_images, layer_images, neighbour_correlation, tile, weight_images

__all__ = [
    "ActivationStatistics",
    "ConfusedPair",
    "Order",
    "ReliabilityBin",
    "Total",
    "WeightStatistics",
    "activation_images",
    "activation_statistics",
    "each_layer",
    "full_colour",
    "group_by_kind",
    "hidden_features",
    "layer_images",
    "layer_kinds",
    "most_confused",
    "nearest",
    "neighbour_correlation",
    "normalise_confusion",
    "order_classes",
    "reliability_curve",
    "saliency",
    "tile",
    "trace",
    "weight_images",
    "weight_statistics",
    "weighted_layers",
]
