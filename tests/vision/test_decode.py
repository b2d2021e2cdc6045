"""Files of every kind to grey pixels, and what is refused."""

from __future__ import annotations

import struct
import zlib
from importlib import import_module
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageFile

from app.errors import AppError, NotAnImage, TooManyPixels, UnreadableImage
from app.vision import FORMATS, DecodeLimits, Picture, decode

# Two bars that no turn and no mirror maps onto themselves; blocks of 8 pixels survive JPEG almost unchanged.
SHEET = np.full((40, 64), 255, np.uint8)
SHEET[8:16, 8:32] = 0
SHEET[24:32, 8:16] = 96

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
ORIENTATION = 0x0112


def encode(pixels, format, mode=None, **options):
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.ascontiguousarray(pixels))
    file = BytesIO()
    image.convert(mode or image.mode).save(file, format, **options)
    return file.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[ORIENTATION] = orientation
    return tags


def png_header(width, height):
    """Everything of a PNG but its pixels."""

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.fixture
def enough_for_a_quarter(monkeypatch):
    """Take so few pixels as enough that the sheet is halved along both sides."""
    monkeypatch.setattr(import_module("app.vision.decode"), "_ENOUGH_PX", SHEET.size // 4)


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(
    "format, options",
    [("PNG", {}), ("WEBP", {"lossless": True}), ("TIFF", {}), ("TIFF", {"compression": "tiff_lzw"})],
    ids=["PNG", "WebP", "TIFF", "TIFF-LZW"],
)
def test_a_file_without_loss_gives_its_very_pixels(format, options, mode):
    picture = decode(encode(SHEET, format, mode, **options))
    assert picture.grey.dtype == np.uint8
    np.testing.assert_array_equal(picture.grey, SHEET)
    assert (picture.width, picture.height, picture.scale) == (64, 40, (1.0, 1.0))


@pytest.mark.parametrize("format, options", [("JPEG", {"quality": 90}), ("WEBP", {"quality": 90})])
def test_a_file_with_loss_gives_nearly_its_pixels(format, options):
    assert np.abs(decode(encode(SHEET, format, **options)).grey.astype(int) - SHEET).max() < 12


def test_colours_become_the_brightness_that_they_have():
    colours = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8)
    np.testing.assert_allclose(decode(encode(colours, "PNG")).grey, [[76, 150, 29]], atol=1)  # ITU-R 601


@pytest.mark.parametrize("orientation", AS_STORED)
@pytest.mark.parametrize("format", FORMATS)
def test_every_exif_orientation_comes_upright(format, orientation):
    picture = decode(encode(AS_STORED[orientation], format, "RGB", exif=exif(orientation), quality=95))
    assert (picture.width, picture.height) == (64, 40)
    assert picture.grey.shape == (40, 64)
    assert np.abs(picture.grey.astype(int) - SHEET).max() < 20


@pytest.mark.usefixtures("enough_for_a_quarter")
@pytest.mark.parametrize("orientation", AS_STORED)
@pytest.mark.parametrize("format", FORMATS)
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


def test_what_is_transparent_shows_white_paper():
    ink = np.zeros((2, 3, 4), np.uint8)  # black everywhere, but seen only where alpha says so
    ink[..., 3] = [[0, 128, 255], [255, 0, 0]]
    for data in (encode(ink, "PNG"), encode(ink, "WEBP", lossless=True, exact=True), encode(ink, "TIFF")):
        np.testing.assert_allclose(decode(data).grey, [[255, 127, 0], [0, 255, 255]], atol=1)
    np.testing.assert_allclose(decode(encode(ink, "PNG", "LA")).grey, [[255, 127, 0], [0, 255, 255]], atol=1)


def test_a_palette_is_looked_up():
    image = Image.fromarray(np.array([[0, 1, 2]], np.uint8), "P")
    image.putpalette([200, 200, 200, 0, 0, 0, 90, 90, 90])
    assert decode(encode(image, "PNG")).grey.tolist() == [[200, 0, 90]]
    assert decode(encode(image, "PNG", transparency=1)).grey.tolist() == [[200, 255, 90]]


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_16_bits_are_scaled_and_not_clipped(format):
    for pixels, grey in (([0, 257 * 100, 65535], [0, 100, 255]), ([1000, 2000, 3000], [0, 127, 255])):
        np.testing.assert_allclose(decode(encode(np.array([pixels], np.uint16), format)).grey, [grey], atol=1)


def test_16_bits_with_a_transparent_grey_are_not_clipped_either():
    pixels = np.array([[1000, 2000, 3000]], np.uint16)
    np.testing.assert_allclose(decode(encode(pixels, "PNG", transparency=3000)).grey, [[0, 127, 255]], atol=1)


def test_more_than_16_bits_are_scaled_too():
    for pixels in (np.array([[-5, 0, 5]], np.int32), np.array([[0.0, 0.5, 1.0]], np.float32)):
        np.testing.assert_allclose(decode(encode(pixels, "TIFF")).grey, [[0, 127, 255]], atol=1)


def test_a_hot_pixel_does_not_turn_the_page_black():
    pixels = np.where(np.tile(SHEET, (5, 5)) == 255, 1000, 200).astype(np.uint16)
    pixels[30, 40] = 65535
    assert decode(encode(pixels, "PNG")).grey[0, 0] > 250


def test_what_is_no_number_in_a_tiff_of_floats_is_as_light_as_paper():
    pixels = np.array([[np.nan, np.inf, -np.inf, 0.0, 50.0, 100.0]], np.float32)
    np.testing.assert_allclose(decode(encode(pixels, "TIFF")).grey, [[255, 255, 0, 0, 127, 255]], atol=1)


def test_a_uniform_picture_of_16_bits_divides_by_nothing():
    assert np.ptp(decode(encode(np.full((3, 3), 4000, np.uint16), "PNG")).grey) == 0


def test_one_bit_is_black_and_white():
    np.testing.assert_array_equal(decode(encode(SHEET > 127, "PNG")).grey, np.where(SHEET > 127, 255, 0))


@pytest.mark.parametrize("format", ["JPEG", "TIFF"])
def test_black_printing_ink_is_dark_and_none_is_paper(format):
    ink = np.zeros((16, 32, 4), np.uint8)
    ink[:, :16, 3] = 255  # the K of CMYK
    grey = decode(encode(Image.fromarray(ink, "CMYK"), format)).grey
    assert grey[:, :14].max() < 10
    assert grey[:, 18:].min() > 245


def test_of_several_pictures_in_a_file_the_first_is_taken():
    second = Image.fromarray(SHEET.T)
    np.testing.assert_array_equal(decode(encode(SHEET, "TIFF", save_all=True, append_images=[second])).grey, SHEET)


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


def test_the_scale_is_down_and_across():
    assert Picture(np.zeros((10, 20), np.uint8), width=60, height=20).scale == (2.0, 3.0)


# What is refused


def test_a_header_that_announces_too_much_is_refused_before_anything_is_decoded(monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("pixels were unpacked"))
    with pytest.raises(TooManyPixels) as refusal:
        decode(png_header(60_000, 50_000))
    assert refusal.value.context == {"limit": 100_000_000, "actual": 3_000_000_000}
    assert "60000 x 50000" in refusal.value.detail


def test_a_limit_may_be_reached_but_not_passed():
    data = encode(SHEET, "PNG")
    assert decode(data, DecodeLimits(64 * 40)).grey.shape == (40, 64)
    with pytest.raises(TooManyPixels):
        decode(data, DecodeLimits(64 * 40 - 1))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")  # Pillow says so of a TIFF that ends before its tags
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
@pytest.mark.parametrize(
    "format, options",
    [(format, {}) for format in FORMATS] + [("TIFF", {"compression": "tiff_lzw"}), ("JPEG", {"progressive": True})],
    ids=[*FORMATS, "TIFF-LZW", "JPEG-progressive"],
)
def test_a_truncated_file_is_unreadable_and_says_so(format, options, share, rng):
    data = encode(rng.integers(0, 256, (50, 70), np.uint8), format, **options)
    with pytest.raises(UnreadableImage):
        decode(data[: int(share * len(data))])


def test_a_colour_space_that_is_no_grey_and_no_colour_is_refused_by_name():
    with pytest.raises(UnreadableImage, match="LAB"):
        decode(encode(Image.new("LAB", (9, 9)), "TIFF"))


def test_a_picture_without_width_is_unreadable():
    with pytest.raises(UnreadableImage):
        decode(png_header(0, 10))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"TO DO LIST\n1. MAKE A TO DO LIST\n",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        b"%PDF-1.7\n",
        encode(SHEET, "GIF"),
        encode(SHEET, "BMP"),
    ],
    ids=["empty", "one-byte", "text", "SVG", "PDF", "GIF", "BMP"],
)
def test_what_is_no_image_of_a_kind_we_read_is_refused_by_name(data):
    with pytest.raises(NotAnImage, match="JPEG, PNG, WEBP, TIFF"):
        decode(data)


@pytest.mark.filterwarnings("ignore")  # Pillow warns of much that is wrong with these files, in many words
@pytest.mark.parametrize("format", FORMATS)
def test_whatever_is_wrong_with_a_file_it_is_read_or_refused(format, rng):
    whole = np.frombuffer(encode(SHEET, format, "RGB", exif=exif(6)), np.uint8)
    for _ in range(150):
        damaged = whole.copy()
        places = rng.integers(0, rng.choice([min(200, len(whole)), len(whole)]), rng.integers(1, 6))
        damaged[places] = rng.choice([0, 1, 127, 128, 255], len(places))
        try:
            picture = decode(damaged.tobytes(), DecodeLimits(1_000_000))
        except AppError:
            continue
        assert picture.grey.ndim == 2
        assert picture.grey.size > 0


def test_one_hot_pixel_does_not_turn_a_page_of_floats_black():
    pixels = np.full((200, 200), 0.9, np.float32)
    pixels[:, 50:60] = 0.1
    pixels[0, 0] = 1e6
    grey = decode(encode(pixels, "TIFF")).grey
    assert grey[:, 50:60].max() == 0
    assert grey[:, 60:].min() == 255


@pytest.mark.parametrize("side", [3000, 4500, 5200])
def test_a_jpeg_keeps_at_least_the_pixels_that_a_png_of_its_size_keeps(side):
    pixels = np.full((side, side), 255, np.uint8)
    assert decode(encode(pixels, "JPEG")).grey.size >= decode(encode(pixels, "PNG")).grey.size
