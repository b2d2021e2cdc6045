"""Keep of a page's rows those that are writing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import compress

import numpy as np

from app.nn import Array
from app.ocr.judgement.evidence import EVIDENCE
from app.ocr.judgement.likeness import Kind, Likeness
from app.ocr.judgement.regions import regions
from app.ocr.recognisers.row_reader import RowReader
from app.vision import Box, RowOfInk, Segmentation


@dataclass(frozen=True)
class KeptRows:
    """What of a page is to be read.

    Attributes
    ----------
    page : the page with all of its rows
    found : the page with no other rows than those to be read
    seen : for each of them what the network that counts characters says
    foreign : regions in a script that it does not know, in pixels of the segmented image
    foreign_rows : how many rows these hold
    """

    page: Segmentation
    found: Segmentation
    seen: Sequence[Array]
    foreign: list[Box]
    foreign_rows: int = 0


def keep_written_rows(found: Segmentation, seen: Sequence[Array], rows: RowReader, classifier: Likeness) -> KeptRows:
    """Judge all rows. Those that are too long to be looked at cannot be judged, and are kept.

    Parameters
    ----------
    seen : for each row what `rows` says, see `RowReader.predict`
    """
    kinds = _judge(found.rows, seen, rows, classifier)
    keep = [kind is Kind.WRITING for kind in kinds]
    foreign = [_box(row) for row, kind in zip(found.rows, kinds, strict=True) if kind is Kind.FOREIGN]
    kept = replace(found, rows=[*compress(found.rows, keep)])
    return KeptRows(found, kept, [*compress(seen, keep)], regions(foreign), len(foreign))


def _judge(found: Sequence[RowOfInk], seen: Sequence[Array], rows: RowReader, classifier: Likeness) -> list[Kind]:
    kinds = [Kind.WRITING] * len(found)
    short = [number for number, row in enumerate(found) if rows.is_short_enough(row.strip)]
    evidence = [rows.evidence.of(found[number].strip, seen[number]) for number in short]
    for number, kind in zip(short, classifier.judge(np.array(evidence).reshape(-1, len(EVIDENCE))), strict=True):
        kinds[number] = kind
    return kinds


def _box(row: RowOfInk) -> Box:
    return Box.around(piece.box for piece in row.pieces)
