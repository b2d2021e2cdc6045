"""Colours by their ICC profile."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from app.vision import decode
from app.vision.decoding import colour
from tests.vision.drawn import SHEET, encode, icc_profile

# The XYZ, for the white of print (D50), of the primaries of two displays.
SRGB = [(0.4361, 0.2225, 0.0139), (0.3851, 0.7169, 0.0971), (0.1431, 0.0606, 0.7139)]
DISPLAY_P3 = [(0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841)]
PEN = np.full((40, 64, 3), 230, np.uint8)
PEN[8:32, 8:24] = (200, 40, 30)


def _by_its_profile(pixels, profile):
    """What the image is in sRGB, by the library itself."""
    mode, source = Image.fromarray(pixels).mode, ImageCms.ImageCmsProfile(BytesIO(profile))
    image = ImageCms.profileToProfile(Image.fromarray(pixels), source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    assert mode in ("L", "RGB")
    return np.asarray(image.convert("L"))


@pytest.mark.parametrize("format, options", [("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True}), ("JPEG", {})])
def test_colours_of_a_wide_display_become_what_they_look_like(format, options):
    profile = icc_profile(2.2, DISPLAY_P3)
    expected = _by_its_profile(PEN, profile)
    plain = decode(encode(PEN, format, **options)).grey
    managed = decode(encode(PEN, format, icc_profile=profile, **options)).grey
    assert int(plain[20, 16]) - int(expected[20, 16]) > 15  # there is something to get wrong
    assert abs(int(managed[20, 16]) - int(expected[20, 16])) < 4
    assert abs(int(managed[4, 40]) - int(expected[4, 40])) < 4


@pytest.mark.parametrize("format, options", [("PNG", {}), ("JPEG", {}), ("TIFF", {})])
def test_grey_of_another_gamma_becomes_what_it_looks_like(format, options):
    grey = np.where(SHEET == 96, 40, SHEET)
    profile = icc_profile(1.0)
    expected = _by_its_profile(grey, profile)
    assert expected[28, 12] > 100
    managed = decode(encode(grey, format, icc_profile=profile, **options)).grey
    assert np.abs(managed.astype(int) - expected)[26:30, 10:14].max() < 6


def test_what_is_transparent_stays_white_paper_and_colours_under_it_are_managed():
    pixels = np.dstack([PEN, np.full(PEN.shape[:2], 255, np.uint8)])
    pixels[:, 40:, 3] = 0
    profile = icc_profile(2.2, DISPLAY_P3)
    managed = decode(encode(pixels, "PNG", icc_profile=profile)).grey
    assert managed[:, 40:].min() == 255
    assert abs(int(managed[20, 16]) - int(_by_its_profile(PEN, profile)[20, 16])) < 4


def test_the_colours_of_a_palette_are_managed_too():
    profile = icc_profile(1.0, SRGB)
    palette = Image.fromarray(PEN).quantize(2)
    managed = decode(encode(palette, "PNG", icc_profile=profile)).grey
    assert abs(int(managed[20, 16]) - int(_by_its_profile(PEN, profile)[20, 16])) < 6


@pytest.mark.parametrize(
    "profile",
    [
        b"no profile",
        icc_profile(2.2, DISPLAY_P3)[:150],
        icc_profile(2.2, DISPLAY_P3).replace(b"TRC", b"trc"),
        icc_profile(1.0),  # of grey
        bytes(500),
    ],
    ids=["words", "truncated", "without-curves", "other-space", "zeros"],
)
def test_a_profile_that_cannot_be_used_does_not_spoil_the_page(profile):
    np.testing.assert_array_equal(decode(encode(PEN, "PNG", icc_profile=profile)).grey, decode(encode(PEN, "PNG")).grey)


def test_a_profile_that_changes_nothing_leaves_the_pixels_as_they_are():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for format in ("PNG", "JPEG"):
        with_profile, without = encode(PEN, format, icc_profile=srgb), encode(PEN, format)
        np.testing.assert_array_equal(decode(with_profile).grey, decode(without).grey)


def test_a_large_photo_is_managed_after_it_was_reduced(monkeypatch):
    sizes = []
    apply = ImageCms.applyTransform
    monkeypatch.setattr(
        ImageCms, "applyTransform", lambda image, *rest: (sizes.append(image.size), apply(image, *rest))[1]
    )
    photo = np.tile(PEN, (75, 63, 1))  # 3000 x 4032
    for format in ("JPEG", "PNG"):
        grey = decode(encode(photo, format, icc_profile=icc_profile(2.2, DISPLAY_P3))).grey
        assert grey.shape == (1500, 2016)
        assert (2016, 1500) in sizes
        assert (4032, 3000) not in sizes
        sizes.clear()


def test_a_large_profile_counts_as_well_and_is_not_kept(monkeypatch):
    profile = icc_profile(2.2, DISPLAY_P3)
    kept = decode(encode(PEN, "PNG", icc_profile=profile)).grey
    monkeypatch.setattr(colour, "_LARGEST_KEPT", len(profile) - 1)
    colour._transform.cache_clear()
    np.testing.assert_array_equal(decode(encode(PEN, "PNG", icc_profile=profile)).grey, kept)
    assert colour._transform.cache_info().currsize == 0
