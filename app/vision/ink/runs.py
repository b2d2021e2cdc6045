"""Connected pieces of ink, found from level runs of ink, of which a page has far fewer than pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph


@dataclass(frozen=True)
class Pieces:
    """The 8-connected pieces of a binary image, numbered from 1 in the order of their first pixels.

    Attributes
    ----------
    label_image : (H, W) int32, 0 for paper
    boxes : (N + 1, 4) int32 as top, left, bottom, right; all 0 for the paper, which comes first
    areas : (N + 1,) pixels of ink; 0 for the paper
    """

    label_image: NDArray[np.int32]
    boxes: NDArray[np.int32]
    areas: NDArray[np.int64]


def label_runs(binary: NDArray[np.bool_]) -> Pieces:
    """Label 8-connected ink as `scipy.ndimage.label` does, and measure the pieces in the same pass.

    Each level run is a node of a graph, and runs that touch in neighbouring rows of pixels are connected.

    Parameters
    ----------
    binary : (H, W), ink True

    References
    ----------
    He, Chao, Suzuki (2008), A run-based two-scan labeling algorithm.
    """
    height, width = binary.shape
    stride = width + 1  # a column of paper follows each row of pixels, so that no run goes on into the next
    flat = np.zeros(height * stride + 1, bool)  # a pixel of paper comes before the first row
    flat[1:].reshape(height, stride)[:, :width] = binary
    edges = np.flatnonzero(flat[1:] != flat[:-1]).astype(np.int32)
    starts, stops = edges[::2].copy(), edges[1::2].copy()
    joined, count = _joined(starts, stops, stride)
    labels = joined + 1
    rows, left = np.divmod(starts, np.int32(stride))
    lengths = stops - starts
    label_image = np.zeros((height, width), np.int32)
    label_image[binary] = np.repeat(labels, lengths)  # both run from left to right, then down
    boxes = np.zeros((count + 1, 4), np.int32)
    boxes[1:, 1] = width
    boxes[labels[::-1], 0] = rows[::-1]  # of several runs with one label the last one written stays: the topmost
    boxes[labels, 2] = rows + 1
    np.minimum.at(boxes[:, 1], labels, left)
    np.maximum.at(boxes[:, 3], labels, left + lengths)
    areas = np.bincount(labels, weights=lengths, minlength=count + 1).astype(np.int64)
    return Pieces(label_image, boxes, areas)


def _joined(starts: NDArray[np.int32], stops: NDArray[np.int32], stride: int) -> tuple[NDArray[np.int32], int]:
    """Return the number, from 0, of the piece that each run (N,) belongs to, and how many pieces there are.

    Parameters
    ----------
    starts, stops : (N,), where each run begins and ends, in pixels of an image `stride` pixels wide
    """
    below = np.int32(stride)
    # Runs that touch only across a corner count. All runs that touch a run from below follow one another in the arrays.
    first = np.searchsorted(stops, starts + below, "left").astype(np.int32)
    touching = np.searchsorted(starts, stops + below, "right").astype(np.int32) - first
    before = np.concatenate([[0], np.cumsum(touching, dtype=np.int32)]).astype(np.int32)
    total = int(before[-1])
    others = np.arange(total, dtype=np.int32) + np.repeat(first - before[:-1], touching)
    graph = sparse.csr_array((np.ones(total, np.int8), others, before), shape=(len(starts), len(starts)))
    count, joined = csgraph.connected_components(graph, directed=False)
    return joined, int(count)
