"""The looks at a picture: a first one and, where that finds hardly any writing, others that may find some."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from app.ocr.first_pass import FirstPass, first_pass, rows_apart
from app.ocr.judgement.likeness import Likeness
from app.ocr.judgement.row_filter import KeptRows, keep_written_rows
from app.ocr.networks import Networks
from app.ocr.recognisers.row_reader import RowReader
from app.ocr.stages import Stages
from app.vision import PageInk, Picture, only_panels


def find_written_rows(picture: Picture, networks: Networks, likeness: Likeness | None, stages: Stages) -> KeptRows:
    """Find the rows of a picture that are to be read.

    Where few rows are to be read, their letters may touch, and they are cut apart; that counts if most are writing
    then, or more than before on a page that shows letters. Where most are nothing, and none is in another script, the
    picture is looked at otherwise to see whether some are; that counts if no row of writing is lost by it. Where
    nothing is to be read, light writing is looked for in a picture that looked as if all were dark: a sign stands
    before a bright sky.

    Parameters
    ----------
    likeness : tells writing from what is none, and from other scripts; without it, or if glyphs are read alone, all
        rows are to be read
    """
    with stages.next("segment"):
        ink = PageInk(picture.grey)
    first = first_pass(ink, networks, stages)
    if networks.rows is None or likeness is None:
        return KeptRows(first.found, first.found, first.seen, foreign=[])
    sift = partial(_sift, rows=networks.rows, likeness=likeness, stages=stages)
    kept = sift(first)
    if _is_mostly_writing(kept):
        return kept
    apart = rows_apart(first.as_it_came or first, networks, stages)
    if apart is not None and _shows_more(instead := sift(apart), kept):
        return instead
    if kept.foreign:
        return kept
    for page in _closer_looks(picture, first, kept, networks, stages):
        instead = sift(page)
        if instead.foreign and len(instead.found.rows) >= len(kept.found.rows):
            return instead
    if not kept.found.rows and (light := _light_look(picture, ink, networks, stages)) is not None:
        instead = sift(light)
        if instead.foreign or instead.found.rows:
            return instead
    return kept


def _is_mostly_writing(kept: KeptRows) -> bool:
    """Whether most rows of a page are to be read, and none is in another script."""
    return not kept.foreign and 2 * len(kept.found.rows) > len(kept.page.rows)


def _shows_more(apart: KeptRows, kept: KeptRows) -> bool:
    """Whether rows that were cut apart are to be read instead of the page as it was.

    Letters that touch those of other rows look like another script. On a page with neither these nor writing, such as a
    picture, pieces that look like writing may be cut from anything.
    """
    has_letters = bool(kept.foreign or kept.found.rows)
    has_more = len(apart.found.rows) > max(len(kept.found.rows), apart.foreign_rows)
    is_new_script = bool(apart.foreign) and not kept.foreign
    return _is_mostly_writing(apart) or (has_letters and has_more and not is_new_script)


def _sift(page: FirstPass, rows: RowReader, likeness: Likeness, stages: Stages) -> KeptRows:
    with stages.next("sift"):
        return keep_written_rows(page.found, page.seen, rows, likeness)


def _closer_looks(
    picture: Picture, first: FirstPass, kept: KeptRows, networks: Networks, stages: Stages
) -> Iterator[FirstPass]:
    """Look at a picture in ways that may show another script, one after the other as they are asked for.

    Parameters
    ----------
    first, kept : what was found at first, and what of it is to be read
    """
    if first.as_it_came is not None and not kept.found.rows:
        yield first.as_it_came  # the network reads other scripts in no orientation, and turns them for nothing
    with stages.next("segment"):
        panels = only_panels(picture.grey)
    if panels is not None:  # letters that were in one row with what is around them
        yield first_pass(PageInk(panels, panels=True), networks, stages)


def _light_look(picture: Picture, ink: PageInk, networks: Networks, stages: Stages) -> FirstPass | None:
    """Look for light writing; None if the first look, at `ink`, was for that, too."""
    with stages.next("segment"):
        light = PageInk(picture.grey, inverted=True)
        if light.is_like(ink):
            return None
    return first_pass(light, networks, stages)
