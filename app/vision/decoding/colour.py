"""ICC profiles: which colours an image's numbers mean."""

from __future__ import annotations

from functools import cache, lru_cache
from io import BytesIO

import numpy as np
from PIL import Image, ImageChops, ImageCms
from PIL.ImageCms import ImageCmsProfile, ImageCmsTransform

# Levels of 255 in grey. To transform 3 megapixels takes longer than to decode them, and most photos are of pages in
# which nothing changes that much.
_NOTICEABLE = 8
_SAMPLE_EVERY_PX = 8
# Profiles that are remembered, and bytes of each: one camera's are all alike, and to work one out takes as long as
# reading a small image.
_PROFILES, _LARGEST_KEPT = 8, 2**16
_WITH_PROFILE = {"L": "L", "LA": "L", "RGB": "RGB", "RGBA": "RGB", "RGBX": "RGB", "P": "RGB", "CMYK": "CMYK"}


def to_srgb(image: Image.Image) -> ImageCmsTransform | None:
    """Return what turns the image's numbers into sRGB.

    None if it has no profile, a damaged one, one for other numbers than it has, or one that hardly differs from sRGB.
    """
    profile, mode = image.info.get("icc_profile"), _WITH_PROFILE.get(image.mode)
    if not profile or mode is None:
        return None
    return (_transform if len(profile) <= _LARGEST_KEPT else _transform.__wrapped__)(profile, mode)


@lru_cache(maxsize=_PROFILES)
def _transform(profile: bytes, mode: str) -> ImageCmsTransform | None:
    try:
        transform = ImageCms.buildTransform(ImageCmsProfile(BytesIO(profile)), _srgb(), mode, "RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return None
    return transform if _is_noticeable(transform, _all_colours(mode)) else None


def managed_grey(image: Image.Image, transform: ImageCmsTransform) -> Image.Image:
    """Convert an image without transparency to grey, by its profile wherever that is noticeable."""
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
    assert transformed is not None  # it is only where an image is changed in place
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
