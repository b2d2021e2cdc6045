"""ICC profiles: which colours an image's numbers mean."""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageCms
from PIL.ImageCms import ImageCmsProfile, ImageCmsTransform

# Grey levels, of 255. A profile is applied only if it changes some pixel by more. Applying it to 3 megapixels takes
# longer than decoding them, and on most photos of pages nothing changes that much.
_NOTICEABLE = 8
_SAMPLE_EVERY_PX = 8  # along both sides: these pixels show whether a profile changes an image noticeably
# Transforms that are kept. Making one takes as long as reading a small image, and all photos of one camera share one.
_MOST_KEPT = 8
_LARGEST_KEPT = 2**16  # bytes of the largest profile whose transform is kept
# The modes of images that may have a profile. Each is converted to the mode on the right before its profile is applied.
_INPUT_MODES = {"L": "L", "LA": "L", "RGB": "RGB", "RGBA": "RGB", "RGBX": "RGB", "P": "RGB", "CMYK": "CMYK"}


def to_srgb(image: Image.Image) -> ImageCmsTransform | None:
    """Return the transform from an image's own colours to sRGB.

    None if the image has no profile, if the profile is damaged or made for another mode, or if it hardly differs from
    sRGB.
    """
    profile, mode = image.info.get("icc_profile"), _INPUT_MODES.get(image.mode)
    if not profile or mode is None:
        return None
    return (_transform if len(profile) <= _LARGEST_KEPT else _transform.__wrapped__)(profile, mode)


@lru_cache(maxsize=_MOST_KEPT)
def _transform(profile: bytes, mode: str) -> ImageCmsTransform | None:
    try:
        transform = ImageCms.buildTransform(ImageCmsProfile(BytesIO(profile)), _srgb(), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
    return transform if _is_noticeable(transform, _all_colours(mode)) else None


def managed_grey(image: Image.Image, transform: ImageCmsTransform) -> Image.Image:
    """Convert an image without transparency to grey, by its profile if that changes any pixel noticeably."""
    image = image.convert(transform.input_mode)
    sample_size = (-(-image.width // _SAMPLE_EVERY_PX), -(-image.height // _SAMPLE_EVERY_PX))
    if _is_noticeable(transform, image.resize(sample_size, Image.Resampling.NEAREST)):
        image = _apply(transform, image)
    return image.convert("L")


def _is_noticeable(transform: ImageCmsTransform, image: Image.Image) -> bool:
    change = ImageChops.difference(_apply(transform, image).convert("L"), image.convert("L"))
    return int(np.asarray(change).max()) > _NOTICEABLE


def _apply(transform: ImageCmsTransform, image: Image.Image) -> Image.Image:
    transformed = ImageCms.applyTransform(image, transform)
    assert transformed is not None  # Pillow returns None only if the image is changed in place
    return transformed


@cache
def _srgb() -> ImageCmsProfile:
    return ImageCmsProfile(ImageCms.createProfile("sRGB"))


@cache
def _all_colours(mode: str) -> Image.Image:
    """Return an image of evenly spaced colours, nine levels of each channel."""
    levels = np.linspace(0, 255, 9).round().astype(np.uint8)
    channels = np.meshgrid(*[levels] * len(mode), indexing="ij")
    return Image.merge(mode, [Image.fromarray(channel.reshape(1, -1)) for channel in channels])
