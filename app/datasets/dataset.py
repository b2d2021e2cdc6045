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
    """A kind of folder that samples may be in.

    Attributes
    ----------
    content : what is in such a folder, in words
    patterns : of file names; a folder with a match for any of them has this form. Without patterns, samples need no
        files
    splits : the splits that `load` can read
    load : reads a split of a folder
    """

    content: str
    patterns: tuple[str, ...]
    splits: tuple[Split, ...]
    load: Load

    def is_in(self, folder: Path) -> bool:
        """Tell whether the names of files in `folder` have this form; nothing is opened."""
        return not self.patterns or any(next(folder.glob(pattern), None) for pattern in self.patterns)


@dataclass(frozen=True)
class RemoteFile:
    """A file to fetch.

    Attributes
    ----------
    name : of the file here
    size_bytes, checksum : what they must be; None if that is not known. A check sum is ``md5:...`` or ``sha256:...``
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
    name : on the command line, and of its folder under the data root unless `home` names another
    sentence : what the data set holds
    classes : its alphabet
    licence, source : its terms, and the address of its description
    forms : forms that its folder may have; the first that is found is read
    home : name of the folder under the data root, if it is shared with another data set
    attribution : whom to name, and what was changed, where the licence demands that
    kind : pen strokes, which can be drawn in many ways, or images
    files : what `inkrow data fetch` downloads; archives among them are unpacked
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
        """How to get the data set if it is not there."""
        if self.files or self.record:
            return f"inkrow data fetch {self.name} brings it"
        return f"nobody publishes it for download; expected there: {'; or '.join(form.content for form in self.forms)}"

    def folder(self, root: Path) -> Path:
        """Return its folder under the data root, whether that exists or not."""
        return root / (self.home or self.name)

    def form_in(self, root: Path) -> Form | None:
        """Return the form that its folder has; None if the data set is not there."""
        return next((form for form in self.forms if form.is_in(self.folder(root))), None)
