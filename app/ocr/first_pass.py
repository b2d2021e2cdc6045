"""The first pass of a network over a page: its rows, upright and the right way up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from app.nn import Array
from app.ocr.networks import Networks
from app.ocr.orientation import Certainty, find_orientation, find_slant, is_read_better, is_read_well, telling_rows
from app.ocr.stages import Stages
from app.vision import PageInk, Picture, Segmentation, deslanted, row_direction, segment_ink


@dataclass(frozen=True)
class FirstPass:
    """The rows of a page, and how they can be read.

    Attributes
    ----------
    seen : for each row, what `Networks.predict` returned
    certainty : of their characters
    """

    found: Segmentation
    seen: list[Array]
    certainty: Certainty


def first_pass(picture: Picture, networks: Networks, stages: Stages) -> FirstPass:
    """Find the rows of a picture, upright and the right way up, and let a network see each."""
    with stages.next("segment"):
        ink = PageInk(picture.grey)
        found = segment_ink(ink)
    page = _look(found, networks, stages)
    if is_read_well(page.certainty) or not found.components:
        return page
    as_it_came = found
    page = _deslanted(page, networks, stages)
    if is_read_well(page.certainty):
        return page
    with stages.next("orient"):
        turned = partial(_turned, ink, page.found.slant)
        direction = row_direction(as_it_came.components)
        found = find_orientation(
            page.found,
            page.seen,
            predict=networks.predict,
            legibility=networks.legibility,
            turned=turned,
            direction=direction,
        )
    if found is page.found:
        return page
    page = _look(found, networks, stages)
    return page if found.slant or is_read_well(page.certainty) else _deslanted(page, networks, stages)


def _deslanted(page: FirstPass, networks: Networks, stages: Stages) -> FirstPass:
    """Make strokes upright that lean far, if that makes a page easier to read."""
    with stages.next("orient"):
        slant = find_slant(page.found)
        if not slant:
            return page
        found = deslanted(page.found, slant)
        longest = [found.rows[number] for number in telling_rows(found)]
        # The others need not be looked at if these are no better; a single row, however long, does not decide.
        if 1 < len(longest) < len(found.rows):
            known = telling_rows(page.found)
            before = networks.certainty([page.found.rows[n] for n in known], [page.seen[n] for n in known])
            if not is_read_better(networks.certainty(longest, networks.predict(longest)), before):
                return page
    upright = _look(found, networks, stages)
    return upright if is_read_better(upright.certainty, page.certainty) else page


def _turned(ink: PageInk, slant: float, orientation_deg: int) -> Segmentation:
    """Find the rows of a page that lies otherwise; upside down, strokes lean as before."""
    found = segment_ink(ink, orientation_deg)
    return deslanted(found, slant) if slant and orientation_deg == 180 else found


def _look(found: Segmentation, networks: Networks, stages: Stages) -> FirstPass:
    """Let the network see all rows."""
    with stages.next(networks.first_stage):
        seen = networks.predict(found.rows)
        return FirstPass(found, seen, networks.certainty(found.rows, seen))
