"""A limit to how far one batch may push."""

from __future__ import annotations

from math import inf

from app.nn.namespace import array_namespace
from app.nn.types import Params


def clip_gradients(grads: Params, max_norm: float) -> tuple[Params, float]:
    """Shrink all gradients by one factor, so that together they are no longer than `max_norm`.

    ``norm = sqrt(sum over all entries of grad^2)``, and ``grad * max_norm / norm`` where norm > max_norm. One factor
    for all keeps the direction.

    Parameters
    ----------
    grads : by parameter name; not changed

    Returns
    -------
    grads, norm : new arrays, or the given dict itself when there was nothing to shrink; the norm before. A norm that is
        infinite or not a number leaves the gradients as they are, for the caller to see.

    References
    ----------
    Pascanu, Mikolov, Bengio (2013), On the difficulty of training recurrent neural networks, algorithm 1.
    """
    # By name, so that neither the order of the dict nor that of the layers can move the last digit.
    squares = (array_namespace(grads[name]).sum(grads[name] * grads[name]) for name in sorted(grads))
    norm = float(sum(squares)) ** 0.5  # the one place where a GPU has to answer
    if not max_norm < norm < inf:
        return grads, norm
    return {name: grad * (max_norm / norm) for name, grad in grads.items()}, norm
