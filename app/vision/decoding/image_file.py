"""Image files by Pillow: what is in them is counted first, then decoded page by page."""

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

# Pillow's own guard has one limit for the whole process and decides by warning; each call here has its own. This
# switches it off for whoever imports this module, so nothing else may open images that strangers sent.
Image.MAX_IMAGE_PIXELS = None
# What is wrong with a file is said in our errors.
warnings.filterwarnings("ignore", category=UserWarning, module=r"PIL\.")
# What Pillow's decoders, and libheif's, raise for a damaged file.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, LookupError, TypeError, RuntimeError, struct.error)
# How Pillow begins to tell that what a PNG has beside its pixels takes more than a mebibyte (`MAX_TEXT_CHUNK`), or all
# of that more than 64.
_TOO_LARGE = ("Decompressed data too large", "Too much memory used in text chunks")
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
_SUBFILE_TAG = 254
_NO_PAGE = 0b101  # TIFF 6.0: a smaller version of another image, or a mask for one
# All are walked through, whichever pages are wanted; so many take Pillow half a second.
_MOST_IMAGES = 5_000


def image_pages(data: bytes, kind: str, limits: DecodeLimits, wanted: PageRange) -> Generator[Picture, None, None]:
    """Decode pages of a file of a known kind; for what is raised see `app.vision.decoding.decode`."""
    with _damage_told(f"the header of the {kind} image is damaged or ends too early"):
        image = _open(data, kind)
    if isinstance(image, TiffImageFile):
        frames, count = _tiff_pages(image, limits, wanted)
    else:
        wanted.of(1)
        limits.check_size(*image.size)
        frames, count = {1: image.tell()}, 1
    for number, frame in frames.items():
        place = f"page {number} of {count} of the {kind} file" if count > 1 else f"the {kind} image"
        with _damage_told(f"{place} is damaged or ends too early"):
            image.seek(frame)
            page = _decode(image)
        yield replace(page, number=number)


@contextmanager
def _damage_told(sentence: str) -> Iterator[None]:
    try:
        yield
    except _DAMAGE as exc:
        if str(exc).startswith(_TOO_LARGE):
            sentence = "a text or colour profile beside the image is too large when it is unpacked"
        raise UnreadableImage(sentence) from exc  # what a library says is told of its own objects, not of the file


def _open(data: bytes, kind: str) -> Image.Image:
    if kind != "HEIC":
        return Image.open(BytesIO(data), formats=[kind.upper()])
    from pi_heif import HeifImageFile

    return HeifImageFile(BytesIO(data))


def _tiff_pages(image: TiffImageFile, limits: DecodeLimits, wanted: PageRange) -> tuple[dict[int, int], int]:
    """Return the image that is each wanted page, all within the limits, and how many pages there are.

    A damaged header hides what follows. If something of that is wanted, it is listed to be told in its turn.
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
                image.seek(0)  # otherwise Pillow takes itself to be there, and seeks no more
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
    """Whether the image says of itself that it is none; a damaged tag says nothing."""
    try:
        return bool(image.tag_v2.get(_SUBFILE_TAG, 0) & _NO_PAGE)
    except _DAMAGE:
        return False


def _decode(image: Image.Image) -> Picture:
    width, height = image.size
    factor = max(1, round((width * height / picture.ENOUGH_PX) ** 0.5))
    profile = to_srgb(image)
    if image.format in ("JPEG", "MPO"):  # many phones add a preview or a depth map, which makes it an MPO
        # The decoder skips what it need not unpack: pixels, and colour. It only halves, so a photo of 24 megapixels
        # keeps 6, of which a PNG keeps 2.7. To unpack it whole and reduce it alike would save a seventh of the time to
        # read it, but on 19 photographed pages, enlarged to that size, two characters more were wrong.
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
    """EXIF orientation of a loaded image, 1 for upright; Pillow itself has turned a TIFF, and taken the tag away."""
    try:
        return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except _DAMAGE:  # damaged EXIF; the picture may be whole all the same
        return 1
