"""From a page image to glyph images; knows nothing of networks."""

from app.vision.affine import Affine, may_shear_back, warped
from app.vision.box import Box
from app.vision.cells import Cells
from app.vision.crop import crop_glyph, crop_row, glyph_of_row
from app.vision.decoding.decode import FORMATS, decode, decode_pages
from app.vision.decoding.page_range import ALL_PAGES, PageRange
from app.vision.decoding.picture import DecodeLimits, Picture
from app.vision.ink.components import Components
from app.vision.ink.page_ink import PageInk
from app.vision.ink.panels import only_panels
from app.vision.inputs.glyphs import Hypothesis
from app.vision.inputs.lanes import Lanes, Place, pack_strips
from app.vision.inputs.normalise import GLYPH_SIZE, normalise_glyph
from app.vision.inputs.region import Region, cut_region
from app.vision.inputs.single import glyph_of_image, strip_of_image
from app.vision.inputs.strip import COLUMN_PX, STRIP_HEIGHT, Strip, normalise_strip
from app.vision.layout.character_ink import assign_ink, cut_between
from app.vision.layout.rows import row_direction
from app.vision.layout.slant import stroke_slant
from app.vision.layout.words import GapModel, gap_widths
from app.vision.segment import (
    RowOfInk,
    Segmentation,
    View,
    deslanted,
    find_strips,
    segment,
    segment_ink,
    with_rows_apart,
)

__all__ = [
    "ALL_PAGES",
    "COLUMN_PX",
    "FORMATS",
    "GLYPH_SIZE",
    "STRIP_HEIGHT",
    "Affine",
    "Box",
    "Cells",
    "Components",
    "DecodeLimits",
    "GapModel",
    "Hypothesis",
    "Lanes",
    "PageInk",
    "PageRange",
    "Picture",
    "Place",
    "Region",
    "RowOfInk",
    "Segmentation",
    "Strip",
    "View",
    "assign_ink",
    "crop_glyph",
    "crop_row",
    "cut_between",
    "cut_region",
    "decode",
    "decode_pages",
    "deslanted",
    "find_strips",
    "gap_widths",
    "glyph_of_image",
    "glyph_of_row",
    "may_shear_back",
    "normalise_glyph",
    "normalise_strip",
    "only_panels",
    "pack_strips",
    "row_direction",
    "segment",
    "segment_ink",
    "strip_of_image",
    "stroke_slant",
    "warped",
    "with_rows_apart",
]
