"""A page seen at one size and one way up: its ink without ruling, all pens alike, and what of it may be writing."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from app.vision.affine import Affine, rotated_back
from app.vision.ink.binarise import Levels
from app.vision.ink.components import Components
from app.vision.ink.page_ink import PageInk
from app.vision.ink.second_pen import is_second_pen, with_pens_alike
from app.vision.marks.ruled_paper import without_ruling
from app.vision.writing import find_components, keep_writing, without_holes


@dataclass(frozen=True)
class Look:
    """What is seen of a page at one size and one way up; all places are in pixels of `ink`.

    Attributes
    ----------
    ink : (H, W), how much darker each pixel is than the paper around it
    levels : how dark ink must be to count as a stroke
    components : the connected pieces of ink that may be writing
    to_page : the map from pixels of `ink` to pixels of the page as it came
    cleared : (H, W), which pixels were lines of ruled paper; None if there are none
    """

    ink: NDArray[np.uint8]
    levels: Levels
    components: Components
    to_page: Affine
    cleared: NDArray[np.bool_] | None


def look_at(page: PageInk, zoom: float, orientation_deg: int = 0) -> Look:
    """Look at a page, as if it were written with one pen.

    Parameters
    ----------
    zoom : by how much to scale the page, see `PageInk.at`
    orientation_deg : 0, 90, 180 or 270, by how much the writing is turned counter-clockwise
    """
    found = page.at(zoom)
    down, across = (whole / seen for whole, seen in zip(page.shape, found.ink.shape, strict=True))
    upright, way = rotated_back(found.ink, orientation_deg)
    ink, cleared = clear_ruling(upright, found.levels)
    components = find_writing(ink, found.levels, cleared)
    to_page = page.to_page.after(Affine.scaling(across, down)).after(way)
    return Look(ink, found.levels, components, to_page, cleared)


def with_all_pens(look: Look) -> Look:
    """Return what is seen once a paler pen's ink is as dark as the other's; `look` itself if there is no paler pen."""
    alike = with_pens_alike(look.ink, look.levels, look.components)
    if alike is look.ink:
        return look
    ink, cleared = clear_ruling(alike, look.levels)
    cleared = union(look.cleared, cleared)
    components = find_writing(ink, look.levels, cleared)
    if not is_second_pen(look.ink, look.levels, components):
        return look
    return replace(look, ink=ink, components=components, cleared=cleared)


def find_writing(ink: NDArray[np.uint8], levels: Levels, cleared: NDArray[np.bool_] | None = None) -> Components:
    """Return the pieces of ink (H, W) that may be writing.

    Parameters
    ----------
    cleared : (H, W), which pixels were lines of ruled paper; None if there are none
    """
    return keep_writing(without_holes(find_components(ink, levels, cleared)))


def clear_ruling(ink: NDArray[np.uint8], levels: Levels) -> tuple[NDArray[np.uint8], NDArray[np.bool_] | None]:
    """Return the ink without the lines of ruled paper, and which pixels (H, W) they were; None if there are none."""
    without = without_ruling(ink, levels)
    return without, None if without is ink else (without != ink) & (ink >= levels.floor)


def union(some: NDArray[np.bool_] | None, others: NDArray[np.bool_] | None) -> NDArray[np.bool_] | None:
    """Return which pixels (H, W) are in one of two masks or in both; None stands for an empty mask."""
    if some is None or others is None:
        return others if some is None else some
    return some | others
