"""Every data set by name: what it is, where it comes from, and how it is read.

A new data set is one entry in `DATASETS`; a new kind of file is one `Form`, which entries and folders then share.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from app.datasets.augment import PLAIN
from app.datasets.glyph_set import GlyphSet
from app.datasets.render import render_glyphs
from app.datasets.strokes import StrokeSet
from app.datasets.unipen import ATTRIBUTION as UNIPEN_ATTRIBUTION
from app.datasets.unipen import LICENCE as UNIPEN_LICENCE
from app.datasets.unipen import load_unipen
from app.datasets.unipen36 import CLASSES as UNIPEN36_CLASSES
from app.datasets.unipen36 import load_unipen36
from app.errors import DatasetNotFound, InvalidInput

Split = Literal["train", "valid", "test"]
Load = Callable[[Path, Split], StrokeSet | GlyphSet]


@dataclass(frozen=True)
class Form:
    """A way in which samples lie in a folder.

    Attributes
    ----------
    content : what is in such a folder, in words
    patterns : file name patterns; a folder with a match for any of them is taken for one of this form. None of them
        stands for samples that need no files
    splits : the splits that `load` knows
    load : reads a split of the folder it is given
    """

    content: str
    patterns: tuple[str, ...]
    splits: tuple[Split, ...]
    load: Load

    def is_in(self, folder: Path) -> bool:
        """Tell whether `folder` looks like this; nothing is opened."""
        return not self.patterns or any(next(folder.glob(pattern), None) for pattern in self.patterns)


@dataclass(frozen=True)
class Dataset:
    """What is known of a data set before it is read.

    Attributes
    ----------
    name : what it is called on the command line, and its folder under the data root unless `home` says otherwise
    sentence : what it holds
    classes : its alphabet
    licence, source : under what terms, and the address of its description
    forms : how it may lie in its folder; the first that is there is read
    home : name of the folder under the data root, where it is shared with another data set
    attribution : whom to name, and what was changed, where the licence wants that
    """

    name: str
    sentence: str
    classes: str
    licence: str
    source: str
    forms: tuple[Form, ...]
    home: str | None = None
    attribution: str = ""

    def folder(self, root: Path) -> Path:
        """Return where it lies under the data root, whether it is there or not."""
        return root / (self.home or self.name)

    def form_in(self, root: Path) -> Form | None:
        """Return the form in which it is there, None if it is not."""
        return next((form for form in self.forms if form.is_in(self.folder(root))), None)


_PRINTABLE = "".join(map(chr, range(33, 127)))

UNIPEN_NPZ = Form(
    "chars_train.npz and chars_valid.npz: UNIPEN's characters, selected and cleaned",
    ("chars_train.npz", "chars_valid.npz"),
    ("train", "valid"),
    lambda folder, split: load_unipen(folder, "valid" if split == "valid" else "train"),
)

UNIPEN36_NPZ = Form(UNIPEN_NPZ.content, UNIPEN_NPZ.patterns, ("train", "valid", "test"), load_unipen36)

DATASETS: dict[str, Dataset] = {
    entry.name: entry
    for entry in (
        Dataset(
            "unipen",
            "Pen strokes of single characters by some 420 writers.",
            _PRINTABLE,
            UNIPEN_LICENCE,
            "https://doi.org/10.5281/zenodo.1195803",
            (UNIPEN_NPZ,),
            attribution=UNIPEN_ATTRIBUTION,
        ),
        Dataset(
            "unipen36",
            "300 training, 100 validation and 50 test glyphs of each digit and capital, cut out of unipen.",
            UNIPEN36_CLASSES,
            UNIPEN_LICENCE,
            "https://doi.org/10.5281/zenodo.1195803",
            (UNIPEN36_NPZ,),
            home="unipen",
            attribution=UNIPEN_ATTRIBUTION,
        ),
        # Further data sets go here, one entry each.
    )
}
# What a folder that is named by its path may hold, the most particular first.
FORMS: tuple[Form, ...] = (UNIPEN_NPZ,)


def load_samples(name: str, split: str, folder: Path) -> StrokeSet | GlyphSet:
    """Read one split of a data set.

    Parameters
    ----------
    name : a name of the catalogue, or the path of a folder; then its files tell what it is
    split : train, valid or test, so far as the data set has it
    folder : the data root; the files of data set `name` are in ``folder / name``

    Raises
    ------
    DatasetNotFound : no such name and no such folder, or the data set has not been fetched
    InvalidInput : no such split
    DamagedDataset : a file is not what it should be; the message names it
    """
    place, form = find(name, folder)
    known = next((known for known in form.splits if known == split), None)
    if known is None:
        raise InvalidInput(f"expected a split of {name} ({', '.join(form.splits)}), got {split!r}")
    return form.load(place, known)


def load_glyphs(name: str, split: str, folder: Path) -> GlyphSet:
    """Read one split as `load_samples` does, pen strokes drawn plainly: a middling pen, nothing bent."""
    samples = load_samples(name, split, folder)
    return samples if isinstance(samples, GlyphSet) else drawn(samples)


def drawn(samples: StrokeSet) -> GlyphSet:
    """Draw pen strokes plainly, at the size and place of classifier inputs."""
    glyphs = render_glyphs(samples, np.arange(len(samples)), PLAIN, np.random.default_rng(0))
    return GlyphSet(np.rint(glyphs[:, 0] * 255).astype(np.uint8), samples.labels, samples.writers)


def find(name: str, root: Path) -> tuple[Path, Form]:
    """Return the folder of a data set and the form in which it is there; arguments and errors as in `load_samples`."""
    if (entry := DATASETS.get(name)) is not None:
        place = entry.folder(root)
        if (form := entry.form_in(root)) is None:
            detail = f"data set {name} is not in {place}; inkrow data fetch {name} brings it"
            raise DatasetNotFound(detail, name=name, path=str(place))
        return place, form
    place = Path(name)
    if not place.is_dir():
        detail = f"no data set {name!r}; there is {', '.join(DATASETS)}, or the path of a folder"
        raise DatasetNotFound(detail, name=name, names=list(DATASETS))
    form = next((form for form in FORMS if form.is_in(place)), None)
    if form is None:
        contents = "; ".join(form.content for form in FORMS)
        raise DatasetNotFound(f"{place} holds no data set; expected one of: {contents}", path=str(place))
    return place, form
