"""Every format by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial

from app.errors import InvalidInput
from app.formats.alto import write_alto
from app.formats.document import write_json
from app.formats.hocr import write_hocr
from app.formats.overlay import write_png
from app.formats.page_xml import write_page_xml
from app.formats.pdf import write_pdf
from app.formats.sheet import Model, Sheet
from app.formats.text import write_text
from app.formats.tsv import write_tsv


@dataclass(frozen=True)
class Format:
    """A kind of file that readings are written as.

    Attributes
    ----------
    name : what callers ask for
    media_type : without parameters; no two formats share one, so that it can be asked for as well
    suffix : of a file's name, with its dot
    write : from sheets in reading order, at least one, to the file's bytes; takes each sheet once and keeps no picture
        longer than it needs it
    many_pages : whether one file holds several pages; if not, `write` raises InvalidInput for the second
    """

    name: str
    media_type: str
    suffix: str
    write: Callable[[Iterable[Sheet], Model], bytes]
    many_pages: bool = True

    @property
    def content_type(self) -> str:
        """The media type as HTTP states it: with a charset if it is text."""
        return f"{self.media_type}; charset=utf-8" if self.media_type.startswith("text/") else self.media_type


# The first is for clients that do not say what they want.
_ALL = (
    Format("json", "application/json", ".json", write_json),
    Format("text", "text/plain", ".txt", write_text),
    Format("tsv", "text/tab-separated-values", ".tsv", write_tsv),
    Format("hocr", "text/html", ".hocr", write_hocr),
    Format("alto", "application/alto+xml", ".alto.xml", write_alto),
    Format("page", "application/vnd.prima.page+xml", ".page.xml", write_page_xml, many_pages=False),
    Format("pdf", "application/pdf", ".pdf", write_pdf),
    Format("png", "image/png", ".png", write_png, many_pages=False),
)
FORMATS = {format_.name: format_ for format_ in _ALL}


def find_format(name: str, stage: str | None = None) -> Format:
    """Return one of `FORMATS`.

    Parameters
    ----------
    stage : for png, what it shows: one of `STAGES`; None for the last, the glyphs

    Raises
    ------
    InvalidInput : there is a stage, and the format has none.
    """
    if stage is None:
        return FORMATS[name]
    if name != "png":
        raise InvalidInput(f"stage: expected none, for only the format png has stages; got '{stage}' with {name}")
    return replace(FORMATS[name], write=partial(write_png, stage=stage))
