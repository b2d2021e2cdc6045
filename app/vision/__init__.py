"""From a page image to glyph images; knows nothing of networks."""

from app.vision.box import Box
from app.vision.decode import FORMATS, decode, decode_pages
from app.vision.glyphs import Hypothesis
from app.vision.normalise import GLYPH_SIZE, normalise_glyph
from app.vision.picture import DecodeLimits, Picture
from app.vision.segment import RowOfInk, Segmentation, segment
from app.vision.words import GapModel, gap_widths

__all__ = [
    "FORMATS",
    "GLYPH_SIZE",
    "Box",
    "DecodeLimits",
    "GapModel",
    "Hypothesis",
    "Picture",
    "RowOfInk",
    "Segmentation",
    "decode",
    "decode_pages",
    "gap_widths",
    "normalise_glyph",
    "segment",
]
