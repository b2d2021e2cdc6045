"""Image files by Pillow: orientation, reduction, pages."""

from __future__ import annotations

import struct
import sys
from importlib import import_module
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFile
from PIL.PngImagePlugin import PngInfo

from app.errors import InvalidInput, NotAnImage, TooManyPages, TooManyPixels, UnreadableImage
from app.vision import DecodeLimits, PageRange, decode, decode_pages
from tests.vision.drawn import HEIC_SHEET, SHEET, encode, encode_pages, exif

# How a camera that was held in some way stores the sheet, by the EXIF orientation that it then writes.
AS_STORED = {
    1: SHEET,
    2: SHEET[:, ::-1],
    3: SHEET[::-1, ::-1],
    4: SHEET[::-1],
    5: SHEET.T,
    6: np.rot90(SHEET),
    7: SHEET[::-1, ::-1].T,
    8: np.rot90(SHEET, -1),
}
WITH_EXIF = ["JPEG", "PNG", "WEBP", "TIFF"]


@pytest.fixture
def enough_for_a_quarter(monkeypatch):
    """Take so few pixels as enough that the sheet is halved along both sides."""
    monkeypatch.setattr(import_module("app.vision.decoding.picture"), "ENOUGH_PX", SHEET.size // 4)


@pytest.mark.parametrize("orientation", AS_STORED)
@pytest.mark.parametrize("format", WITH_EXIF)
def test_every_exif_orientation_comes_upright(format, orientation):
    picture = decode(encode(AS_STORED[orientation], format, "RGB", exif=exif(orientation), quality=95))
    assert (picture.width, picture.height) == (64, 40)
    assert picture.grey.shape == (40, 64)
    assert np.abs(picture.grey.astype(int) - SHEET).max() < 20


@pytest.mark.usefixtures("enough_for_a_quarter")
@pytest.mark.parametrize("orientation", AS_STORED)
@pytest.mark.parametrize("format", WITH_EXIF)
def test_a_reduced_picture_comes_upright_and_tells_the_size_of_the_upload(format, orientation):
    picture = decode(encode(AS_STORED[orientation], format, "RGB", exif=exif(orientation), quality=95))
    assert (picture.width, picture.height, picture.scale) == (64, 40, (2.0, 2.0))
    assert np.abs(picture.grey.astype(int) - SHEET[::2, ::2]).max() < 25


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_upright(orientation):
    np.testing.assert_array_equal(decode(encode(SHEET, "PNG", exif=exif(orientation))).grey, SHEET)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP"])
def test_damaged_exif_does_not_spoil_a_whole_picture(format):
    picture = decode(encode(SHEET, format, exif=b"Exif\0\0neither II nor MM", quality=95))
    assert picture.grey.shape == SHEET.shape


@pytest.mark.usefixtures("enough_for_a_quarter")
def test_a_photo_with_a_preview_is_decoded_like_one_without(rng):
    """Phones write such files; Pillow calls them MPO. What JPEG's own reduction gives, no other one does."""
    photo = rng.integers(0, 256, (48, 64, 3), np.uint8)
    with_preview = encode(photo, "MPO", save_all=True, append_images=[Image.fromarray(SHEET).convert("RGB")])
    np.testing.assert_array_equal(decode(with_preview).grey, decode(encode(photo, "JPEG")).grey)


@pytest.mark.parametrize("format", ["JPEG", "PNG"])
def test_a_large_image_is_reduced_and_its_scale_leads_back(format):
    page = Image.new("L", (4001, 2998), 255)  # sides that no factor divides
    page.paste(0, (3600, 2400, 3640, 2480))
    picture = decode(encode(page, format))
    assert (picture.width, picture.height) == (4001, 2998)
    assert 2_000_000 < picture.grey.size < 4_000_000
    rows, columns = np.nonzero(picture.grey < 128)
    down, across = picture.scale
    assert rows.min() * down == pytest.approx(2400, abs=3)
    assert (rows.max() + 1) * down == pytest.approx(2480, abs=3)
    assert columns.min() * across == pytest.approx(3600, abs=3)
    assert (columns.max() + 1) * across == pytest.approx(3640, abs=3)


@pytest.mark.parametrize("side", [3000, 4500, 5200])
def test_a_jpeg_keeps_at_least_the_pixels_that_a_png_of_its_size_keeps(side):
    pixels = np.full((side, side), 255, np.uint8)
    assert decode(encode(pixels, "JPEG")).grey.size >= decode(encode(pixels, "PNG")).grey.size


def test_a_text_beside_the_image_that_is_too_large_is_told_as_that():
    text = PngInfo()
    text.add_text("note", " " * 2**21, zip=True)
    with pytest.raises(UnreadableImage, match="a text or colour profile beside the image is too large"):
        decode(encode(SHEET, "PNG", pnginfo=text))


# Several pages in a file


def test_every_page_of_a_tiff_is_decoded_in_its_turn():
    pages = [SHEET, SHEET.T, 255 - SHEET]
    pictures = decode_pages(encode_pages(*pages, compression="tiff_lzw"))
    for page in pages:
        np.testing.assert_array_equal(next(pictures).grey, page)
    assert next(pictures, None) is None


def test_every_page_of_a_tiff_has_an_orientation_of_its_own():
    file = BytesIO()
    first, second = (Image.fromarray(np.ascontiguousarray(AS_STORED[way])) for way in (6, 3))
    second.encoderinfo = {"exif": exif(3)}
    first.save(file, "TIFF", save_all=True, append_images=[second], exif=exif(6))
    for picture in decode_pages(file.getvalue()):
        np.testing.assert_array_equal(picture.grey, SHEET)


def test_a_page_is_unpacked_only_when_it_is_asked_for(monkeypatch):
    loaded = []
    load = ImageFile.ImageFile.load
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: (loaded.append(image.tell()), load(image))[1])
    pictures = decode_pages(encode_pages(SHEET, SHEET, SHEET))
    next(pictures)
    assert set(loaded) == {0}
    next(pictures)
    assert set(loaded) == {0, 1}


def _change_directory(data, index, tag, value):
    """Write another value of one number (tag) of a directory of a TIFF, or another place of the next one (None)."""
    data, place = bytearray(data), 4
    for _ in range(index + 1):
        (start,) = struct.unpack_from("<I", data, place)
        (entries,) = struct.unpack_from("<H", data, start)
        place = start + 2 + 12 * entries
    if tag is None:
        struct.pack_into("<I", data, place, value)
        return bytes(data)
    for entry in range(start + 2, place, 12):
        if struct.unpack_from("<H", data, entry)[0] == tag:
            struct.pack_into("<HIHH", data, entry + 2, 3, 1, value, 0)
            return bytes(data)
    raise AssertionError(f"there is no tag {tag}")


def test_a_thumbnail_in_a_tiff_is_no_page():
    thumbnail = Image.fromarray(SHEET[::4, ::4])
    for subfile, count in ((1, 2), (4, 2), (2, 3)):  # TIFF 6.0: a reduced image, a mask, one page of many
        thumbnail.encoderinfo = {"tiffinfo": {254: subfile}}
        file = BytesIO()
        Image.fromarray(SHEET).save(file, "TIFF", save_all=True, append_images=[thumbnail, Image.fromarray(SHEET.T)])
        assert len(list(decode_pages(file.getvalue()))) == count


@pytest.mark.parametrize("kind, count", [(2, 1), (11, 1), (4, 0)], ids=["text", "float", "none"])
def test_what_a_damaged_tag_says_of_an_image_in_a_tiff_keeps_no_page_from_being_one(kind, count):
    second = Image.fromarray(SHEET.T)
    second.encoderinfo = {"tiffinfo": {254: 1}}
    file = BytesIO()
    Image.fromarray(SHEET).save(file, "TIFF", save_all=True, append_images=[second])
    assert len(list(decode_pages(file.getvalue()))) == 1
    tag = struct.pack("<HHI", 254, 4, 1)
    damaged = file.getvalue().replace(tag, struct.pack("<HHI", 254, kind, count))
    assert len(list(decode_pages(damaged))) == 2


def test_pages_are_counted_before_any_is_decoded(monkeypatch):
    data = encode_pages(*[SHEET] * 3)
    assert len(list(decode_pages(data, DecodeLimits(max_pages=3)))) == 3
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("pixels were unpacked"))
    with pytest.raises(TooManyPages, match="at most 2 pages, got 3") as refusal:
        next(decode_pages(data, DecodeLimits(max_pages=2)))
    assert refusal.value.context == {"limit": 2, "actual": 3}


def test_pixels_of_every_page_are_counted_before_any_is_decoded(monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("pixels were unpacked"))
    data = _change_directory(encode_pages(SHEET, SHEET, SHEET), 1, 256, 60_000)
    with pytest.raises(TooManyPixels, match="60000 x 40 on page 2"):
        next(decode_pages(data, DecodeLimits(max_pixels=10_000)))


def test_only_the_pages_that_are_wanted_are_unpacked(monkeypatch):
    loaded = []
    load = ImageFile.ImageFile.load
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda image: (loaded.append(image.tell()), load(image))[1])
    data = encode_pages(255 - SHEET, SHEET, 255 - SHEET, SHEET)
    pictures = list(decode_pages(data, wanted=PageRange.parse("2,4-")))
    assert set(loaded) == {1, 3}
    assert [picture.number for picture in pictures] == [2, 4]
    for picture in pictures:
        np.testing.assert_array_equal(picture.grey, SHEET)


def test_limits_count_only_what_is_wanted():
    data = _change_directory(encode_pages(*[SHEET] * 5), 3, 256, 60_000)
    limits = DecodeLimits(max_pixels=10_000, max_pages=2)
    assert len(list(decode_pages(data, limits, PageRange.parse("1,3")))) == 2
    with pytest.raises(TooManyPixels, match="60000 x 40 on page 4"):
        next(decode_pages(data, limits, PageRange.parse("3-4")))
    with pytest.raises(TooManyPages, match="at most 2 pages, got 3 or more"):
        next(decode_pages(data, limits, PageRange.parse("1-3")))


def test_without_any_of_the_wanted_pages_it_says_how_many_there_are():
    with pytest.raises(InvalidInput, match="the 2 pages that the file has, got 3"):
        next(decode_pages(encode_pages(SHEET, SHEET), wanted=PageRange.parse("3")))
    with pytest.raises(InvalidInput, match="expected 1, the only page that the file has, got 2-"):
        next(decode_pages(encode(SHEET, "PNG"), wanted=PageRange.parse("2-")))


def test_a_damaged_page_is_told_only_if_it_or_what_it_hides_is_wanted():
    data = encode_pages(SHEET, SHEET, SHEET)
    damaged = _change_directory(data, 0, None, len(data) - 4)
    assert [picture.number for picture in decode_pages(damaged, wanted=PageRange.parse("1"))] == [1]
    with pytest.raises(UnreadableImage, match="page 2 of"):
        next(decode_pages(damaged, wanted=PageRange.parse("3")))


def test_a_walk_through_endless_pages_comes_to_an_end(monkeypatch):
    monkeypatch.setattr(import_module("app.vision.decoding.image_file"), "_MOST_IMAGES", 3)
    assert len(list(decode_pages(encode_pages(*[SHEET] * 3)))) == 3
    with pytest.raises(TooManyPages, match="at most 3 images in a TIFF file"):
        next(decode_pages(encode_pages(*[SHEET] * 4), wanted=PageRange.parse("1")))


def test_a_damaged_page_is_told_by_its_number_after_those_before_it():
    data = encode_pages(SHEET, SHEET, SHEET)
    for damaged in (_change_directory(data, 1, 258, 77), _change_directory(data, 0, None, len(data) - 4)):
        pictures = decode_pages(damaged)
        np.testing.assert_array_equal(next(pictures).grey, SHEET)
        with pytest.raises(UnreadableImage, match="page 2 of"):
            next(pictures)


def test_directories_in_a_circle_end():
    data = encode_pages(SHEET, SHEET, SHEET)
    assert len(list(decode_pages(_change_directory(data, 2, None, 8)))) == 3


def test_of_an_animation_the_first_frame_is_taken():
    second = Image.fromarray(255 - SHEET)
    for format, options in (("GIF", {}), ("PNG", {}), ("WEBP", {"lossless": True})):
        (picture,) = decode_pages(encode(SHEET, format, save_all=True, append_images=[second] * 3, **options))
        np.testing.assert_array_equal(picture.grey, SHEET)


# HEIC, which an extra reads


def test_heic_is_decoded_upright():
    picture = decode(HEIC_SHEET)
    assert (picture.width, picture.height) == (64, 40)
    assert np.abs(picture.grey.astype(int) - SHEET).max() < 12


def test_without_its_package_heic_is_refused_and_the_package_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(NotAnImage, match=r"JPEG, .*GIF or PDF, got HEIC, .* package pi-heif"):
        decode(HEIC_SHEET)
    with pytest.raises(NotAnImage, match="BMP, GIF or PDF, got a file of another kind"):
        decode(b"text")


def test_the_limit_of_pixels_holds_for_heic():
    with pytest.raises(TooManyPixels, match="64 x 40"):
        decode(HEIC_SHEET, DecodeLimits(64 * 40 - 1))
