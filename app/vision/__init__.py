"""From a page image to glyph images; knows nothing of networks."""

from app.vision.box import Box
from app.vision.components import Components
from app.vision.crop import crop_glyph, crop_row, glyph_of_row
from app.vision.decode import FORMATS, decode, decode_pages
from app.vision.glyphs import Hypothesis
from app.vision.lanes import Lanes, Place, lay_out
from app.vision.normalise import GLYPH_SIZE, normalise_glyph
from app.vision.page_range import ALL_PAGES, PageRange
from app.vision.picture import DecodeLimits, Picture
from app.vision.region import Region, cut_region
from app.vision.rows import row_direction
from app.vision.segment import RowOfInk, Segmentation, find_strips, made_upright, segment
from app.vision.shares import cut_between, share_out
from app.vision.single import glyph_of_image, strip_of_image
from app.vision.slant import stroke_slant
from app.vision.strip import COLUMN_PX, STRIP_HEIGHT, Strip, normalise_strip
from app.vision.turn import Affine, may_lean_back, redrawn
from app.vision.words import GapModel, gap_widths

__all__ = [
    "ALL_PAGES",
    "COLUMN_PX",
    "FORMATS",
    "GLYPH_SIZE",
    "STRIP_HEIGHT",
    "Affine",
    "Box",
    "Components",
    "DecodeLimits",
    "GapModel",
    "Hypothesis",
    "Lanes",
    "PageRange",
    "Picture",
    "Place",
    "Region",
    "RowOfInk",
    "Segmentation",
    "Strip",
    "crop_glyph",
    "crop_row",
    "cut_between",
    "cut_region",
    "decode",
    "decode_pages",
    "find_strips",
    "gap_widths",
    "glyph_of_image",
    "glyph_of_row",
    "lay_out",
    "made_upright",
    "may_lean_back",
    "normalise_glyph",
    "normalise_strip",
    "redrawn",
    "row_direction",
    "segment",
    "share_out",
    "strip_of_image",
    "stroke_slant",
]
