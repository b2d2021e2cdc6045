"""Three facts that the training of every network here rests on, each shown with real numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy import ndimage

from app.nn import (
    Array,
    Conv2D,
    Sequential,
    cross_entropy,
    gradient_check,
    im2col,
    numerical_gradient,
    softmax,
)

# Enough to overflow the exponential of a float64, which ends at 709.
_FAR = 1000.0
# A difference along the diagonal (Roberts 1963): finds edges of both directions, and can be computed by hand.
_KERNEL = np.array([[1.0, 0.0], [0.0, -1.0]])
_PATCH_SIDE = 4


@dataclass(frozen=True)
class SoftmaxStep:
    """Softmax of one glyph's logits (K,), computed in three ways; all float64.

    Attributes
    ----------
    direct : by the formula as it stands
    shifted : after the largest logit was subtracted from all
    offset : added to all logits for the two below
    far_direct, far_shifted : in the same two ways, from the logits with the offset
    """

    logits: Array
    direct: Array
    shifted: Array
    offset: float
    far_direct: Array
    far_shifted: Array

    @property
    def difference(self) -> float:
        """The largest change of a probability by the shift."""
        return float(np.abs(self.direct - self.shifted).max())

    @property
    def far_difference(self) -> float:
        """The largest change of a shifted probability by the offset."""
        return float(np.abs(self.far_shifted - self.shifted).max())

    @property
    def overflowed(self) -> int:
        """How many of the probabilities `far_direct` are not numbers."""
        return int((~np.isfinite(self.far_direct)).sum())


def show_softmax(logits: Array) -> SoftmaxStep:
    """Compute softmax of logits (K,) with and without the shift, near zero and far from it."""
    logits = logits.astype(np.float64)
    far = logits + _FAR
    return SoftmaxStep(logits, _direct_softmax(logits), softmax(logits), _FAR, _direct_softmax(far), softmax(far))


def _direct_softmax(logits: Array) -> Array:
    with np.errstate(over="ignore", invalid="ignore"):  # that it overflows is what is shown
        exponentials = np.exp(logits)
        return np.asarray(exponentials / exponentials.sum())


@dataclass(frozen=True)
class GradientStep:
    """Derivatives by the chain rule, compared with finite differences.

    Attributes
    ----------
    errors : for the input and each array of the network, the largest difference divided by the largest derivative
    loss_error : the same for the loss with respect to the logits
    compared : the number of all these derivatives
    """

    errors: dict[str, float]
    loss_error: float
    compared: int

    @property
    def worst(self) -> float:
        """The largest of all errors."""
        return max(self.loss_error, *self.errors.values())


def show_gradients(network: Sequential, glyphs: Array, classes: NDArray[np.integer]) -> GradientStep:
    """Check every derivative of a network and of its loss.

    Parameters
    ----------
    glyphs, classes : a few; each parameter costs two passes over them
    """
    errors = gradient_check(network, glyphs)
    logits = network.astype(np.float64).predict(glyphs.astype(np.float64))
    _, gradient = cross_entropy(logits, classes)
    numerical = numerical_gradient(lambda: cross_entropy(logits, classes)[0], logits)
    loss_error = float(np.abs(gradient - numerical).max() / np.abs(gradient).max())
    compared = glyphs.size + logits.size + sum(array.size for array in network.params.values())
    return GradientStep(errors, loss_error, compared)


@dataclass(frozen=True)
class ConvolutionStep:
    """A convolution as one matrix product: a small one, to follow by hand, and one of full size.

    Attributes
    ----------
    patch : (4, 4) of a glyph, in whole tenths from 0 to 9
    kernel : (2, 2)
    fields : (9, 4), each row one field that the kernel sees
    product : (9,), `fields` times the kernel, flattened to one column
    direct : (3, 3), computed by moving the kernel over the patch
    fields_shape, matrix_shape, result_shape : of the product of full size, for all glyphs
    difference : the largest difference between this product, by our layer, and SciPy's correlation
    """

    patch: Array
    kernel: Array
    fields: Array
    product: Array
    direct: Array
    fields_shape: tuple[int, int]
    matrix_shape: tuple[int, int]
    result_shape: tuple[int, int, int, int]
    difference: float


def show_convolution(glyphs: Array, rng: np.random.Generator) -> ConvolutionStep:
    """Convolve the first of some glyphs (N, 1, H, W) by hand, and all of them by layer and by SciPy."""
    patch = np.rint(9 * _liveliest_patch(glyphs[0, 0].astype(np.float64)))
    fields = im2col(patch[None, None], (2, 2), 1)
    layer = Conv2D(1, 8, 3, rng, padding=1).astype(np.float64)
    images = glyphs.astype(np.float64)
    result, (_, unrolled, _) = layer.forward(images)
    slow = np.stack([[_correlate(image[0], kernel[0]) for kernel in layer.params["weight"]] for image in images])
    return ConvolutionStep(
        patch=patch,
        kernel=_KERNEL,
        fields=fields,
        product=fields @ _KERNEL.ravel(),
        direct=_correlate(patch, _KERNEL)[1:, 1:],  # where all of the kernel lies on the patch
        fields_shape=unrolled.shape,
        matrix_shape=layer.matrix().shape,
        result_shape=result.shape,
        difference=float(np.abs(result - slow).max()),
    )


def _correlate(image: Array, kernel: Array) -> Array:
    """Correlate by SciPy, with zeros around the image; scipy.signal has this, too, but takes a second to import."""
    return np.asarray(ndimage.correlate(image, kernel, mode="constant"))


def _liveliest_patch(image: Array) -> Array:
    """Return the small square of an image where it varies most: part of an edge, not of plain paper."""
    windows = sliding_window_view(image, (_PATCH_SIDE, _PATCH_SIDE))
    spread = windows.std(axis=(2, 3))
    row, column = np.unravel_index(spread.argmax(), spread.shape)
    return windows[row, column]
