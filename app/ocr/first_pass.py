"""The first look at a page: find its rows, and turn them until a network can read them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from app.nn import Array
from app.ocr.networks import Networks
from app.ocr.orientation import Certainty, find_orientation, find_slant, is_read_better, is_read_well, telling_rows
from app.ocr.stages import Stages
from app.vision import PageInk, Segmentation, deslanted, row_direction, segment_ink, with_rows_apart


@dataclass(frozen=True)
class FirstPass:
    """The rows of a page, and how well a network can read them.

    Attributes
    ----------
    seen : for each row, the log-probabilities that `Networks.predict` returned
    certainty : how sure the network is of all characters of the page, see `Networks.certainty`
    as_it_came : what was found before the page was changed; None if it was not
    """

    found: Segmentation
    seen: list[Array]
    certainty: Certainty
    as_it_came: FirstPass | None = None


def first_pass(ink: PageInk, networks: Networks, stages: Stages) -> FirstPass:
    """Find the rows of a page and let a network see each.

    A page that is read well as it came is left as it is. Otherwise its strokes are made upright if they lean far, then
    other ways up are tried; each change is kept only if the network reads the rows clearly better.
    """
    with stages.next("segment"):
        found = segment_ink(ink)
    as_it_came = _look(found, networks, stages)
    if is_read_well(as_it_came.certainty) or not found.components:
        return as_it_came
    page = _upright(as_it_came, ink, networks, stages)
    return page if page is as_it_came else replace(page, as_it_came=as_it_came)


def _upright(as_it_came: FirstPass, ink: PageInk, networks: Networks, stages: Stages) -> FirstPass:
    """Make strokes upright and turn the page, as far as that makes it easier to read."""
    page = _deslanted(as_it_came, networks, stages)
    if is_read_well(page.certainty):
        return page
    with stages.next("orient"):
        turned = partial(_turned, ink, page.found.view.slant)
        direction = row_direction(as_it_came.found.components)
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
    return page if found.view.slant or is_read_well(page.certainty) else _deslanted(page, networks, stages)


def _deslanted(page: FirstPass, networks: Networks, stages: Stages) -> FirstPass:
    """Make strokes upright if they lean far; return the page as it was if that does not make it easier to read."""
    with stages.next("orient"):
        slant = find_slant(page.found)
        if not slant:
            return page
        found = deslanted(page.found, slant)
        longest = [found.rows[number] for number in telling_rows(found)]
        # The longest rows decide whether it is worth while to look at the others, unless that is one row alone.
        if 1 < len(longest) < len(found.rows):
            known = telling_rows(page.found)
            before = networks.certainty([page.found.rows[n] for n in known], [page.seen[n] for n in known])
            if not is_read_better(networks.certainty(longest, networks.predict(longest)), before):
                return page
    upright = _look(found, networks, stages)
    return upright if is_read_better(upright.certainty, page.certainty) else page


def _turned(ink: PageInk, slant: float, orientation_deg: int) -> Segmentation:
    """Find the rows of the page turned by so many degrees. Upside down strokes lean as they did, so that is undone."""
    found = segment_ink(ink, orientation_deg)
    return deslanted(found, slant) if slant and orientation_deg == 180 else found


def _look(found: Segmentation, networks: Networks, stages: Stages) -> FirstPass:
    """Let the network see all rows of a page."""
    with stages.next(networks.first_stage):
        seen = networks.predict(found.rows)
        return FirstPass(found, seen, networks.certainty(found.rows, seen))


def rows_apart(page: FirstPass, networks: Networks, stages: Stages) -> FirstPass | None:
    """Cut apart rows whose letters touch those above and below; None if that does not make them easier to read."""
    with stages.next("segment"):
        tries = with_rows_apart(page.found)
    best = page
    for found in tries:
        with stages.next(networks.first_stage):
            some = [found.rows[number] for number in telling_rows(found, few=True)]
            certainty = networks.certainty(some, networks.predict(some))
        if is_read_better(certainty, best.certainty):
            apart = _look(found, networks, stages)
            best = apart if is_read_better(apart.certainty, best.certainty) else best
    return None if best is page else best
