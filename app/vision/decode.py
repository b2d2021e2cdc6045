"""File bytes to a grey image, with every limit checked before pixels are unpacked."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from app.errors import NotAnImage, TooManyPixels, UnreadableImage

FORMATS = ("JPEG", "PNG", "WEBP", "TIFF")
# How a file of these kinds begins, whatever became of the rest.
_BEGINNING = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|II\*\0|MM\0\*", re.DOTALL)
# Glyphs of a page this large are still sharper than the classifier's input; more pixels only cost time.
_ENOUGH_PX = 3_000_000
# Pillow's own guard has one limit for the whole process and decides by warning; `decode` checks each call's own. This
# switches it off for whoever imports this module, so nothing else here may open images that strangers sent.
Image.MAX_IMAGE_PIXELS = None
# What Pillow's decoders raise for a damaged file.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, struct.error)
_ORIENTATION_TAG = 0x0112
_UPRIGHT_BY = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SIDEWAYS = {5, 6, 7, 8}  # orientations that exchange width and height


@dataclass(frozen=True)
class DecodeLimits:
    """What may be decoded: width times height as the file's header states them."""

    max_pixels: int = 100_000_000


@dataclass(frozen=True)
class Picture:
    """A decoded image, perhaps smaller than the upload.

    Attributes
    ----------
    grey : uint8 (H, W), upright
    width, height : of the upload in pixels, upright
    """

    grey: NDArray[np.uint8]
    width: int
    height: int

    @property
    def scale(self) -> tuple[float, float]:
        """Pixels of the upload per pixel of `grey`, down and across."""
        return self.height / self.grey.shape[0], self.width / self.grey.shape[1]


def decode(data: bytes, limits: DecodeLimits = DecodeLimits()) -> Picture:
    """Decode an image, turn it upright by its EXIF orientation, and reduce a very large one.

    Raises
    ------
    NotAnImage : the content is none of `FORMATS`.
    TooManyPixels : the header announces more than the limit; nothing was decoded.
    UnreadableImage : the file is truncated or damaged.
    """
    image = _open(data)
    width, height = image.size
    if width * height > limits.max_pixels:
        raise TooManyPixels(
            f"expected at most {limits.max_pixels} pixels, got {width} x {height}",
            limit=limits.max_pixels,
            actual=width * height,
        )
    factor = max(1, round((width * height / _ENOUGH_PX) ** 0.5))
    try:
        if image.format in ("JPEG", "MPO"):  # many phones add a preview or a depth map, which makes it an MPO
            image.draft("L", (width // factor, height // factor))  # the decoder skips what it need not unpack
            factor = max(1, factor * image.width // width)
        image.load()
    except _DAMAGE as exc:
        raise UnreadableImage(f"expected a whole {image.format} image, but it cannot be decoded: {exc}") from exc
    orientation = _orientation(image)
    grey = _grey(image, factor)
    if orientation in _UPRIGHT_BY:
        grey = grey.transpose(_UPRIGHT_BY[orientation])
    if orientation in _SIDEWAYS:
        width, height = height, width
    return Picture(np.asarray(grey), width, height)


def _open(data: bytes) -> Image.Image:
    if not data:
        raise NotAnImage(f"expected an image of one of {', '.join(FORMATS)}, got an empty file")
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as exc:
        if _BEGINNING.match(data):
            raise UnreadableImage("the header of the image is damaged or ends too early") from exc
        raise NotAnImage(f"expected an image of one of {', '.join(FORMATS)}; the content is none of them") from exc
    except _DAMAGE as exc:
        raise UnreadableImage(f"the header of the image cannot be read: {exc}") from exc


def _orientation(image: Image.Image) -> int:
    """EXIF orientation of a loaded image, 1 for upright; Pillow itself has turned a TIFF, and taken the tag away."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except _DAMAGE:  # damaged EXIF; the picture may be whole all the same
        return 1


def _grey(image: Image.Image, factor: int) -> Image.Image:
    """Convert to 8-bit grey on white paper, `factor` times smaller; wide formats are reduced before they are copied."""
    if image.mode.startswith(("I", "F")):
        return _stretched(image).reduce(factor)
    if image.has_transparency_data:
        image = (image if image.mode == "LA" else image.convert("RGBA")).reduce(factor).convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L")
    try:
        return image.convert("L").reduce(factor)
    except ValueError as exc:
        raise UnreadableImage(f"expected an image in grey or colour, got the colour space {image.mode}") from exc


def _stretched(image: Image.Image) -> Image.Image:
    """Bring 16 bit, 32 bit and floats to 8 bit; Pillow's own conversion would clip them.

    Ten-thousandths of the pixels at either end do not count, so that one hot pixel does not turn the page black.
    """
    values = np.asarray(image, np.float32)
    finite = values[np.isfinite(values)].astype(np.float64)
    low, high = np.quantile(finite, (1e-4, 1 - 1e-4), method="nearest") if finite.size else (0.0, 1.0)
    values = np.clip(np.nan_to_num(values, nan=high, posinf=high, neginf=low), low, high)
    return Image.fromarray(((values - low) * (255 / max(high - low, 1e-9))).astype(np.uint8))
