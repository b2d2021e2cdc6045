"""Files of every kind to grey pixels, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import ImageFile

from app.errors import AppError, NotAnImage, TooManyPixels, UnreadableImage
from app.vision import DecodeLimits, Picture, decode, decode_pages
from tests.vision.drawn import DRAW_SHEET, HEIC_SHEET, SHEET, encode, encode_pages, exif, pdf_file, png_header

# A file of every kind that Pillow writes, and of most ways to pack its pixels.
PACKED = [
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("PNG", {}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("TIFF", {"compression": "jpeg"}),
    ("BMP", {}),
    ("GIF", {}),
]
NAMES = ["-".join([format, *map(str, options.values())]) for format, options in PACKED]


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize(
    "format, options",
    [
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("BMP", {}),
        ("GIF", {}),
    ],
    ids=["PNG", "WebP", "TIFF", "TIFF-LZW", "BMP", "GIF"],
)
def test_a_file_without_loss_gives_its_very_pixels(format, options, mode):
    picture = decode(encode(SHEET, format, mode, **options))
    assert picture.grey.dtype == np.uint8
    np.testing.assert_array_equal(picture.grey, SHEET)
    assert (picture.width, picture.height, picture.scale) == (64, 40, (1.0, 1.0))


@pytest.mark.parametrize("format, options", [("JPEG", {"quality": 90}), ("WEBP", {"quality": 90})])
def test_a_file_with_loss_gives_nearly_its_pixels(format, options):
    assert np.abs(decode(encode(SHEET, format, **options)).grey.astype(int) - SHEET).max() < 12


def test_the_scale_is_down_and_across():
    assert Picture(np.zeros((10, 20), np.uint8), width=60, height=20).scale == (2.0, 3.0)


# What is refused


def test_a_header_that_announces_too_much_is_refused_before_anything_is_decoded(monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("pixels were unpacked"))
    with pytest.raises(TooManyPixels) as refusal:
        decode(png_header(60_000, 50_000))
    assert refusal.value.context == {"limit": 100_000_000, "actual": 3_000_000_000}
    assert "60000 x 50000" in refusal.value.detail


@pytest.mark.parametrize("format, options", PACKED, ids=NAMES)
def test_a_limit_may_be_reached_but_not_passed(format, options):
    data = encode(SHEET, format, **options)
    assert decode(data, DecodeLimits(64 * 40)).grey.shape == (40, 64)
    with pytest.raises(TooManyPixels, match="64 x 40"):
        decode(data, DecodeLimits(64 * 40 - 1))


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("format, options", PACKED, ids=NAMES)
def test_a_truncated_file_is_unreadable_and_says_so(format, options, share, rng):
    data = encode(rng.integers(0, 256, (50, 70), np.uint8), format, **options)
    with pytest.raises(UnreadableImage, match=r"damaged or ends too early$"):
        decode(data[: int(share * len(data))])


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
@pytest.mark.parametrize("data", [HEIC_SHEET, pdf_file(DRAW_SHEET)], ids=["HEIC", "PDF"])
def test_a_truncated_document_is_unreadable_too(data, share):
    data = data[: int(share * len(data))]
    try:
        decode(data)  # PDFium finds the pages of some
    except UnreadableImage as exc:
        assert "damaged or ends too early" in exc.detail  # noqa: PT017 - some are read


def test_a_picture_without_width_is_unreadable():
    with pytest.raises(UnreadableImage):
        decode(png_header(0, 10))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"TO DO LIST\n1. MAKE A TO DO LIST\n",
        b"BMW: A CAR\n",
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>',
        encode(SHEET, "JPEG2000"),
        encode(SHEET, "PPM"),
    ],
    ids=["empty", "one-byte", "text", "text-like-BMP", "SVG", "JPEG2000", "PPM"],
)
def test_what_is_no_image_of_a_kind_we_read_is_refused_by_name(data):
    with pytest.raises(NotAnImage, match="JPEG, PNG, WebP, TIFF, BMP, GIF, HEIC or PDF"):
        decode(data)


WHOLE = {
    **{
        name: encode(
            SHEET, format, "RGB", **({"exif": exif(6)} if format in ("JPEG", "PNG", "WEBP") else {}), **options
        )
        for name, (format, options) in zip(NAMES, PACKED, strict=True)
    },
    "TIFF-pages": encode_pages(SHEET, SHEET.T, SHEET),
    "BMP-RLE": b"BM"
    + bytes(8)
    + bytes([62, 0, 0, 0, 40, 0, 0, 0, 9, 0, 0, 0, 4, 0, 0, 0, 1, 0, 8, 0, 1, 0, 0, 0])
    + bytes([12, 0, 0, 0])
    + bytes(8)
    + bytes([2, 0, 0, 0])
    + bytes(4)
    + bytes([0, 0, 0, 0, 255, 255, 255, 0])
    + bytes([9, 1, 0, 0, 4, 0, 5, 1, 0, 0, 0, 2, 3, 1, 6, 1, 0, 1]),
    "HEIC": HEIC_SHEET,
    "PDF": pdf_file(DRAW_SHEET, DRAW_SHEET),
    "PDF-of-a-scan": encode(SHEET, "PDF", "RGB"),
}


@pytest.mark.parametrize("name", WHOLE)
def test_whatever_is_wrong_with_a_file_it_is_read_or_refused(name, rng):
    whole = np.frombuffer(WHOLE[name], np.uint8)
    assert list(decode_pages(whole.tobytes()))
    for _ in range(150):
        damaged = whole.copy()
        places = rng.integers(0, rng.choice([min(200, len(whole)), len(whole)]), rng.integers(1, 6))
        damaged[places] = rng.choice([0, 1, 127, 128, 255], len(places))
        damaged = damaged[: rng.choice([len(whole), rng.integers(len(whole))])]
        try:
            pictures = list(decode_pages(damaged.tobytes(), DecodeLimits(1_000_000, 10)))
        except AppError:
            continue
        assert all(picture.grey.ndim == 2 and picture.grey.size for picture in pictures)
