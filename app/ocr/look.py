"""The first look of a network at a page: its rows, upright and the right way up."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from app.nn import Array
from app.ocr.networks import Networks
from app.ocr.orientation import (
    Certainty,
    find_orientation,
    find_slant,
    is_read_better,
    is_read_well,
    telling_rows,
)
from app.ocr.stages import Stages
from app.vision import Picture, Segmentation, deslanted, row_direction, segment


@dataclass(frozen=True)
class Look:
    """The rows of a page, what the network that counts their characters says of each, and how sure it is of them."""

    found: Segmentation
    seen: list[Array]
    certainty: Certainty


def look_at_page(picture: Picture, networks: Networks, stages: Stages) -> Look:
    """Find the rows of a picture, upright and the right way up, and look at each."""
    with stages.next("segment"):
        found = segment(picture.grey)
    look = _look_at(found, networks, stages)
    if is_read_well(look.certainty) or not found.components:
        return look
    as_it_came = found
    look = _deslanted(look, networks, stages)
    if is_read_well(look.certainty):
        return look
    with stages.next("orient"):
        turned = partial(_turned, picture, look.found.slant)
        direction = row_direction(as_it_came.components)
        found = find_orientation(look.found, look.seen, networks.legibility, turned, direction)
    if found is look.found:
        return look
    look = _look_at(found, networks, stages)
    return look if found.slant or is_read_well(look.certainty) else _deslanted(look, networks, stages)


def _deslanted(look: Look, networks: Networks, stages: Stages) -> Look:
    """Make strokes upright that lean far, if that makes a page easier to read."""
    with stages.next("orient"):
        slant = find_slant(look.found)
        if not slant:
            return look
        found = deslanted(look.found, slant)
        some = [found.rows[number] for number in telling_rows(found)]
        # The others need not be looked at if these are no better; a single row, however long, does not decide.
        if 1 < len(some) < len(found.rows):
            known = telling_rows(look.found)
            before = networks.certainty([look.found.rows[n] for n in known], [look.seen[n] for n in known])
            if not is_read_better(networks.certainty(some, networks.look(some)), before):
                return look
    upright = _look_at(found, networks, stages)
    return upright if is_read_better(upright.certainty, look.certainty) else look


def _turned(picture: Picture, slant: float, orientation_deg: int) -> Segmentation:
    """Find the rows of a page that lies otherwise; upside down, strokes lean as before."""
    found = segment(picture.grey, orientation_deg)
    return deslanted(found, slant) if slant and orientation_deg == 180 else found


def _look_at(found: Segmentation, networks: Networks, stages: Stages) -> Look:
    with stages.next(networks.first_stage):
        seen = networks.look(found.rows)
        return Look(found, seen, networks.certainty(found.rows, seen))
