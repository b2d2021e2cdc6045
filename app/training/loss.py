"""What training makes small: being wrong among all characters, and among those a reader may be asked to choose from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from app.nn import Array, cross_entropy


def loss_and_gradient(
    logits: Array,
    classes: NDArray[np.integer],
    smoothing: float = 0.0,
    group: NDArray[np.bool_] | None = None,
    group_weight: float = 0.0,
) -> tuple[float, Array]:
    """Mean cross-entropy, in part among a group of classes only, and its gradient.

    An allow-list takes the softmax over its characters alone. With CE over all classes and CE_group over the logits of
    the group, the loss of a sample whose class is in the group is ``(1 - w) * CE + w * CE_group``; that of any other is
    CE. So the choice that an allow-list leaves is trained as well, without a network of its own.

    Parameters
    ----------
    logits : ndarray of shape (N, K)
    classes : (N,), 0 to K - 1
    smoothing : label smoothing, see `cross_entropy`; within the group, over the group
    group : (K,), True for the classes of the group
    group_weight : w, in [0, 1]

    Returns
    -------
    loss, grad : nats per sample; ndarray of shape (N, K)
    """
    loss, grad = cross_entropy(logits, classes, smoothing)
    inside = np.flatnonzero(group[classes]) if group is not None and group_weight else np.empty(0, np.intp)
    if group is None or not len(inside):
        return loss, grad
    share = group_weight * len(inside) / len(classes)
    loss_inside, _ = cross_entropy(logits[inside], classes[inside], smoothing)
    cells = np.ix_(inside, np.flatnonzero(group))
    number_in_group = np.cumsum(group) - 1
    loss_group, grad_group = cross_entropy(logits[cells], number_in_group[classes[inside]], smoothing)
    grad[inside] *= 1 - group_weight
    grad[cells] += share * grad_group
    return loss + share * (loss_group - loss_inside), grad
