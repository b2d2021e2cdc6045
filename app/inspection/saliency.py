"""Which ink speaks for one reading and against another."""

from __future__ import annotations

import numpy as np

from app.nn import Array, Sequential


def saliency(network: Sequential, glyph: Array, char: int, against: int) -> Array:
    """Return the gradient, by every pixel, of the lead that one class has over another.

    The lead of the logits, not a probability: that has no slope left where a network is sure.

    Parameters
    ----------
    network : maps (1, C, H, W) to logits (1, K)
    glyph : (1, C, H, W), not changed
    char, against : the classes

    Returns
    -------
    ndarray of the shape of `glyph`: above 0 where more ink would speak for `char`, below 0 where it would speak against

    References
    ----------
    Simonyan, Vedaldi, Zisserman (2014), Deep inside convolutional networks, section 3.
    """
    logits, cache = network.forward(glyph)
    lead = np.zeros_like(logits)
    lead[:, char] += 1
    lead[:, against] -= 1
    grad, _ = network.backward(lead, cache)
    return grad
