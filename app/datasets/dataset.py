"""What is known of a data set before it is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.datasets.glyphs.glyph_set import GlyphSet
from app.datasets.pens.strokes import StrokeSet
from app.datasets.splits import Split

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
class RemoteFile:
    """A file to fetch.

    Attributes
    ----------
    name : what it is called here
    size_bytes, checksum : what it must be, so far as known; a check sum is ``md5:...`` or ``sha256:...``
    """

    name: str
    url: str
    size_bytes: int | None = None
    checksum: str | None = None


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
    kind : pen strokes, which can be drawn in many ways, or images
    files : what `inkrow data fetch` brings; archives among them are unpacked
    record : address of a Zenodo record that lists the files instead, with their check sums
    """

    name: str
    sentence: str
    classes: str
    licence: str
    source: str
    forms: tuple[Form, ...]
    home: str | None = None
    attribution: str = ""
    kind: Literal["strokes", "glyphs"] = "strokes"
    files: tuple[RemoteFile, ...] = ()
    record: str | None = None

    @property
    def how_to_get(self) -> str:
        """What to do if it is not there."""
        if self.files or self.record:
            return f"inkrow data fetch {self.name} brings it"
        return f"nobody publishes it for download; expected there: {'; or '.join(form.content for form in self.forms)}"

    def folder(self, root: Path) -> Path:
        """Return where it lies under the data root, whether it is there or not."""
        return root / (self.home or self.name)

    def form_in(self, root: Path) -> Form | None:
        """Return the form in which it is there, None if it is not."""
        return next((form for form in self.forms if form.is_in(self.folder(root))), None)
