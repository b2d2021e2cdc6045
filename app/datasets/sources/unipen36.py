"""The classic small task: 36 classes, 300 training, 100 validation and 50 test glyphs of each, by different writers.

The samples are UNIPEN's characters. Its own validation writers are too few: of most classes they wrote less than the
150 glyphs that validation and test need. So all writers are put in one line, those of UNIPEN's validation split first,
each of the two groups shuffled by a fixed seed. The test split takes writers from the head of the line until it has 50
glyphs of every class, the validation split takes the next ones until it has 100, and training draws from all others.
Thus no writer is in two splits, none of UNIPEN's validation writers is trained on, and the same files always give the
same glyphs.

A split takes of each class first one glyph by each of its writers, then a second one by all who have it, and so on: it
has as many hands as possible, and none dominates. Labels that another network, which had not seen the writer, ranked
third or worse are left out of all splits: about one in thirty. They are wrong, or belong to pieces of characters or to
very unusual shapes. The pen is broad, as on photographed paper: the thin lines of two people's drawings of one letter
hardly overlap, and a network without convolutions reads them one or two percentage points worse.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from string import ascii_uppercase, digits
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from app.datasets.faults import damaged
from app.datasets.glyphs.augment import PLAIN
from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.glyphs.render import render_glyphs
from app.datasets.pens.strokes import StrokeSet, join_strokes
from app.datasets.sources.unipen import load_unipen
from app.datasets.splits import Split

CLASSES = digits + ascii_uppercase
PER_CLASS: Mapping[str, int] = MappingProxyType({"train": 300, "valid": 100, "test": 50})
MAX_DOUBT = 3
# Without variation, like validation glyphs, with a pen of an eighth of the height.
_DRAWING = replace(PLAIN, pen=(0.12, 0.12))
_IN_LINE = ("test", "valid", "train")  # the order in which splits take writers; the last takes all others
_SEED = 36  # another seed makes another data set


def load_unipen36(
    folder: Path,
    split: Split,
    *,
    read: Callable[[Path, Split], StrokeSet] = load_unipen,
    per_class: Mapping[str, int] = PER_CLASS,
) -> GlyphSet:
    """Take one split out of UNIPEN, and draw it with one pen and without variation.

    Parameters
    ----------
    folder : holds UNIPEN's characters
    read : reads their train and valid splits
    per_class : glyphs of each class in each of the three splits; all three matter, as each leaves fewer writers

    Returns
    -------
    GlyphSet : ``36 * per_class[split]`` images of 32x32, class after class in the order of `CLASSES`

    Raises
    ------
    DamagedDataset : a file is missing or damaged, or has too few glyphs; the message says which.
    """
    sources = [_usable(read(folder, "valid")), _usable(read(folder, "train"))]
    samples = join_strokes(sources)
    rng = np.random.default_rng(_SEED)
    line = np.concatenate([rng.permutation(np.unique(source.writers)) for source in sources])
    owned = _writers_by_split(samples, line, per_class)
    if owned is None:
        wanted = ", ".join(f"{per_class[name]} for {name}" for name in _IN_LINE)
        raise damaged(folder, f"expected glyphs of each of {CLASSES} by different writers, {wanted}; there are too few")
    chosen = _spread(samples, np.isin(samples.writers, owned[split]), per_class[split], rng)
    images = np.rint(render_glyphs(samples, chosen, _DRAWING, rng)[:, 0] * 255).astype(np.uint8)
    return GlyphSet(images, samples.labels[chosen], samples.writers[chosen])


def _usable(samples: StrokeSet) -> StrokeSet:
    return samples.select(np.isin(samples.labels, list(CLASSES)) & (samples.doubt < MAX_DOUBT))


def _writers_by_split(
    samples: StrokeSet, line: NDArray[np.str_], per_class: Mapping[str, int]
) -> dict[str, NDArray[np.str_]] | None:
    """Let each split take writers from the line until it has enough of every class; None if there are too few."""
    # (N,), place of each glyph's writer in the line
    place = np.argsort(line)[np.searchsorted(np.sort(line), samples.writers)]
    written = np.zeros((len(line), len(CLASSES)), np.int64)
    np.add.at(written, (place, np.searchsorted(list(CLASSES), samples.labels)), 1)
    owned, start = {}, 0
    for split in _IN_LINE:
        enough = (written[start:].cumsum(axis=0) >= per_class[split]).all(axis=1)
        if not enough.any():
            return None
        stop = len(line) if split == _IN_LINE[-1] else start + int(enough.argmax()) + 1
        owned[split] = line[start:stop]
        start = stop
    return owned


def _spread(samples: StrokeSet, among: NDArray[np.bool_], count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the indices of `count` glyphs a class, where `among` is True, by as many writers as possible."""
    shuffled = rng.permutation(len(samples))
    chosen = []
    for label in CLASSES:
        candidates = shuffled[among[shuffled] & (samples.labels[shuffled] == label)]
        chosen.append(candidates[np.argsort(_turns(samples.writers[candidates]), kind="stable")][:count])
    return np.concatenate(chosen)


def _turns(writers: NDArray[np.str_]) -> NDArray[np.intp]:
    """Return how many glyphs of the same writer come before each (N,)."""
    order = np.argsort(writers, kind="stable")
    _, first, counts = np.unique(writers[order], return_index=True, return_counts=True)
    turns = np.empty(len(writers), np.intp)
    turns[order] = np.arange(len(writers)) - np.repeat(first, counts)
    return turns
