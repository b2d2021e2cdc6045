"""Pixels of every kind to 8-bit grey."""

from __future__ import annotations

import numpy as np
from PIL import Image
from PIL.ImageCms import ImageCmsTransform

from app.errors import UnreadableImage
from app.vision.decoding.colour import managed_grey

# Grey, of 255. If an image that is laid on white paper is nowhere darker, it shows chalk, and its board was left
# transparent.
_UNSEEN = 200


def to_grey(image: Image.Image, factor: int = 1, profile: ImageCmsTransform | None = None) -> Image.Image:
    """Convert a loaded image to grey (mode "L"), `factor` times smaller along both sides.

    The image is made smaller as early as possible, because all other steps take time and memory for each pixel.

    Parameters
    ----------
    profile : from the image's own colours to sRGB, as of `to_srgb`

    Raises
    ------
    UnreadableImage : we do not know the image's colour space.
    """
    if image.mode.startswith(("I", "F")):
        return _reduced(_stretched(image), factor)
    if image.has_transparency_data:
        image = _on_paper(image, factor)
    elif profile:
        image = _reduced(_converted(image, profile.input_mode), factor)
    else:
        try:
            return _reduced(_converted(image, "L"), factor)
        except ValueError as exc:
            raise UnreadableImage(f"expected an image in grey or colour, got the colour space {image.mode}") from exc
    return managed_grey(image, profile) if profile else image.convert("L")


def _converted(image: Image.Image, mode: str) -> Image.Image:
    """Convert an image; Pillow alone would copy one that has this mode already."""
    return image if image.mode == mode else image.convert(mode)


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Make an image smaller; Pillow alone would copy one if the factor is 1."""
    return image if factor == 1 else image.reduce(factor)


def _on_paper(image: Image.Image, factor: int) -> Image.Image:
    """Return the image in grey or RGB as it looks on white paper, or on black if nothing shows on white."""
    image = _reduced(image if image.mode == "LA" else _converted(image, "RGBA"), factor)
    opaque, alpha = image.mode.removesuffix("A"), image.getchannel("A")
    if alpha.getextrema() == (255, 255):  # opaque, as a screenshot, which takes longer to lay on paper than to unpack
        return image.convert(opaque)
    colours = image.convert(opaque)
    for ground in ("white", "black"):
        paper = Image.new(opaque, image.size, ground)
        paper.paste(colours, mask=alpha)
        if np.asarray(paper.convert("L")).min() < _UNSEEN:
            break
    return paper


def _stretched(image: Image.Image) -> Image.Image:
    """Stretch 16 bit, 32 bit and floats to 8 bit; Pillow's own conversion would clip them.

    The darkest and the lightest ten-thousandth of the pixels do not count, so that one hot pixel does not turn the page
    black.
    """
    values = np.asarray(image, np.float32)
    finite = values[np.isfinite(values)].astype(np.float64)
    low, high = np.quantile(finite, (1e-4, 1 - 1e-4), method="nearest") if finite.size else (0.0, 1.0)
    values = np.clip(np.nan_to_num(values, nan=high, posinf=high, neginf=low), low, high)
    return Image.fromarray(((values - low) * (255 / max(high - low, 1e-9))).astype(np.uint8))
