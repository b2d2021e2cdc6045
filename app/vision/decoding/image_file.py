"""Image files, read with Pillow: first their pages and pixels are counted, then the pages are decoded one by one."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import BytesIO

import numpy as np
from PIL import Image
from PIL.TiffImagePlugin import TiffImageFile

from app.errors import TooManyPages, UnreadableImage
from app.vision.decoding import picture
from app.vision.decoding.colour import to_srgb
from app.vision.decoding.grey import to_grey
from app.vision.decoding.page_range import PageRange
from app.vision.decoding.picture import DecodeLimits, Picture

# Pillow guards against huge images by one limit for the whole process, and by a warning. Here each call has a limit of
# its own. This switches Pillow's guard off for the whole process, so nothing else may open images that strangers sent.
Image.MAX_IMAGE_PIXELS = None
# Pillow warns of what is wrong with a file, too; our errors say it.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
# What Pillow's decoders, and libheif's, raise for a damaged file.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, RuntimeError, struct.error)
# How Pillow's messages begin if a text or a profile in a PNG takes more than 1 MiB when it is unpacked (its
# `MAX_TEXT_CHUNK`), or all of them together take more than 64 MiB.
_TOO_LARGE = ("Decompressed data too large", "Too much memory used in text chunks")
_ORIENTATION_TAG = 0x0112
# What makes a picture of each EXIF orientation upright; orientation 1 is upright.
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
_SUBFILE_TAG = 254  # of TIFF 6.0: NewSubfileType
_NO_PAGE = 0b101  # the bits of that tag for a smaller version of another image, and for a mask
# Images in a TIFF file at most. Whichever pages are wanted, all images are walked through, and this many take Pillow
# half a second.
_MOST_IMAGES = 5_000


def image_pages(data: bytes, kind: str, limits: DecodeLimits, wanted: PageRange) -> Generator[Picture, None, None]:
    """Decode pages of a file of a known kind; for what is raised see `app.vision.decoding.decode`."""
    with _damage_reported(f"the header of the {kind} image is damaged or ends too early"):
        image = _open(data, kind)
    if isinstance(image, TiffImageFile):
        frames, count = _tiff_pages(image, limits, wanted)
    else:
        wanted.of(1)
        limits.check_size(*image.size)
        frames, count = {1: image.tell()}, 1
    for number, frame in frames.items():
        place = f"page {number} of {count} of the {kind} file" if count > 1 else f"the {kind} image"
        with _damage_reported(f"{place} is damaged or ends too early"):
            image.seek(frame)
            page = _decode(image)
        yield replace(page, number=number)


@contextmanager
def _damage_reported(sentence: str) -> Iterator[None]:
    """Raise UnreadableImage with this sentence for whatever Pillow raises inside the ``with``."""
    try:
        yield
    except _DAMAGE as exc:
        if str(exc).startswith(_TOO_LARGE):
            sentence = "a text or colour profile beside the image is too large when it is unpacked"
        raise UnreadableImage(sentence) from exc  # Pillow's own messages speak of Python objects, not of the file


def _open(data: bytes, kind: str) -> Image.Image:
    if kind != "HEIC":
        return Image.open(BytesIO(data), formats=[kind.upper()])
    from pi_heif import HeifImageFile

    return HeifImageFile(BytesIO(data))


def _tiff_pages(image: TiffImageFile, limits: DecodeLimits, wanted: PageRange) -> tuple[dict[int, int], int]:
    """Find the wanted pages of a TIFF and check them against the limits.

    Returns
    -------
    pages, count : the index of the image that is each wanted page, by the page's number; how many pages there are
        A damaged header hides all images behind it. If one of these is wanted, the damaged image is listed for it, so
        that the damage is reported when that page is decoded.
    """
    pages: dict[int, int] = {}
    count = 0
    for index in range(_MOST_IMAGES + 1):
        try:
            image.seek(index)
        except EOFError:
            break
        except _DAMAGE:
            count += 1
            if wanted.after(count - 1):
                pages[count] = index
                image.seek(0)  # otherwise Pillow takes itself to be at the damaged image, and will not seek it again
            break
        if index > 0 and _is_no_page(image):
            continue
        count += 1
        if count in wanted:
            pages[count] = index
            limits.check_count(len(pages), " or more")
            limits.check_size(*image.size, f" on page {count}")
    else:
        detail = f"expected at most {_MOST_IMAGES} images in a TIFF file, got more"
        raise TooManyPages(detail, limit=_MOST_IMAGES, actual=_MOST_IMAGES + 1)
    if not pages:
        wanted.of(count)
    return pages, count


def _is_no_page(image: TiffImageFile) -> bool:
    """Whether a tag says that the current image is a thumbnail or a mask; a damaged tag does not count."""
    try:
        return bool(image.tag_v2.get(_SUBFILE_TAG, 0) & _NO_PAGE)
    except _DAMAGE:
        return False


def _decode(image: Image.Image) -> Picture:
    width, height = image.size
    factor = max(1, round((width * height / picture.ENOUGH_PX) ** 0.5))
    profile = to_srgb(image)
    if image.format in ("JPEG", "MPO"):  # many phones add a preview or a depth map, which makes it an MPO
        # The decoder saves time: it need not unpack all pixels, nor colour. But it can only halve. So a JPEG of 24
        # megapixels keeps 6, while a PNG is reduced to 2.7. With JPEGs unpacked whole and reduced like PNGs, reading
        # took a seventh less time, but two more characters were wrong on 19 photographed pages enlarged to that size.
        image.draft("RGB" if profile else "L", (width // factor, height // factor))
        factor = max(1, factor * image.width // width)
    image.load()
    orientation = _orientation(image)
    grey = to_grey(image, factor, profile)
    if orientation in _UPRIGHT_BY:
        grey = grey.transpose(_UPRIGHT_BY[orientation])
    if orientation in _SIDEWAYS:
        width, height = height, width
    return Picture(np.asarray(grey), width, height)


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation of a loaded image; 1 for upright, also for a TIFF, which Pillow itself turned."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except _DAMAGE:  # damaged EXIF; the picture may be whole all the same
        return 1
