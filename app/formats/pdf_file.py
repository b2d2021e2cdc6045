"""The parts of the PDF file format that a page with an image and text needs: objects, streams, blank fonts."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

_HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"  # bytes above 127 tell programs that this is no text file (7.5.2)
_MOST_CODES = 255  # of a simple font: one byte, without 0
_CMAP_BLOCK = 100  # entries that one CMap operator takes at most


class Name(str):
    """A PDF name, without its slash."""


class Ref(int):
    """The number of an indirect object."""


Value: TypeAlias = "Name | Ref | str | float | Sequence[Value] | Mapping[str, Value]"


class PdfFile:
    """The objects of a file, in the order in which they are added.

    References
    ----------
    ISO 32000-1:2008, Document management, Portable document format, part 1: PDF 1.7; sections are given in brackets.
    """

    def __init__(self) -> None:
        self._objects: list[bytes] = []

    def reserve(self) -> Ref:
        """Take a number for an object that is known later."""
        self._objects.append(b"null")
        return Ref(len(self._objects))

    def put(self, ref: Ref, value: Value) -> None:
        """Fill a reserved number."""
        self._objects[ref - 1] = _token(value)

    def add(self, value: Value) -> Ref:
        """Append an object."""
        ref = self.reserve()
        self.put(ref, value)
        return ref

    def add_stream(self, data: bytes, entries: Mapping[str, Value]) -> Ref:
        """Append a stream (7.3.8), packed by Flate unless its entries name the filter that packed it before."""
        if "Filter" not in entries:
            data, entries = zlib.compress(data), {**entries, "Filter": Name("FlateDecode")}
        ref = self.reserve()
        head = _token({**entries, "Length": len(data)})
        self._objects[ref - 1] = b"%b\nstream\n%b\nendstream" % (head, data)
        return ref

    def to_bytes(self, catalogue: Ref, info: Ref) -> bytes:
        """Write the file (7.5)."""
        parts = [b"%d 0 obj\n%b\nendobj\n" % (number, body) for number, body in enumerate(self._objects, 1)]
        *starts, table = accumulate(map(len, parts), initial=len(_HEADER))
        lines = [b"0000000000 65535 f \n", *(b"%010d 00000 n \n" % start for start in starts)]
        trailer = _token({"Size": len(lines), "Root": catalogue, "Info": info})
        end = b"xref\n0 %d\n%btrailer\n%b\nstartxref\n%d\n%%%%EOF\n" % (len(lines), b"".join(lines), trailer, table)
        return b"".join([_HEADER, *parts, end])


def add_blank_fonts(file: PdfFile, chars: Sequence[str]) -> tuple[dict[str, tuple[str, int]], dict[str, Ref]]:
    """Make fonts whose characters are blank squares, one em wide and high, that stand for given characters.

    A Type 3 font (9.6.5) draws nothing here and needs no font file, and its ToUnicode map (9.10.3) may name any
    character of Unicode: text to search and copy, without a pixel of ink.

    Parameters
    ----------
    chars : each once

    Returns
    -------
    the font and the code of each character, and each font's object; fonts are F1, F2, ...
    """
    codes: dict[str, tuple[str, int]] = {}
    fonts: dict[str, Ref] = {}
    for first in range(0, len(chars), _MOST_CODES):
        name, own = f"F{len(fonts) + 1}", chars[first : first + _MOST_CODES]
        codes |= {char: (name, code) for code, char in enumerate(own, 1)}
        fonts[name] = file.add(
            {
                "Type": Name("Font"),
                "Subtype": Name("Type3"),
                "FontBBox": [0, 0, 1000, 1000],
                "FontMatrix": [0.001, 0, 0, 0.001, 0, 0],
                "CharProcs": {"blank": file.add_stream(b"1000 0 0 0 1000 1000 d1", {})},
                "Encoding": {"Type": Name("Encoding"), "Differences": [1, *[Name("blank")] * len(own)]},
                "FirstChar": 1,
                "LastChar": len(own),
                "Widths": [1000] * len(own),
                "Resources": {},
                "ToUnicode": file.add_stream("\n".join(_to_unicode(own)).encode(), {}),
            }
        )
    return codes, fonts


def number(value: float) -> str:
    """Write a number for PDF, which knows no scientific notation (7.3.3)."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _to_unicode(chars: Sequence[str]) -> Iterator[str]:
    yield "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
    yield "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"
    yield "/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
    yield "1 begincodespacerange <00> <FF> endcodespacerange"
    for first in range(0, len(chars), _CMAP_BLOCK):
        block = chars[first : first + _CMAP_BLOCK]
        yield f"{len(block)} beginbfchar"
        yield from (f"<{code:02X}> <{char.encode('utf-16-be').hex()}>" for code, char in enumerate(block, first + 1))
        yield "endbfchar"
    yield "endcmap CMapName currentdict /CMap defineresource pop end end"


def _token(value: Value) -> bytes:
    match value:
        case Name():
            return b"/" + value.encode("ascii")
        case Ref():
            return b"%d 0 R" % value
        case str():  # a text string (7.9.2.2), in hexadecimal: nothing to escape
            return b"<feff%b>" % value.encode("utf-16-be").hex().encode()
        case int() | float():
            return number(value).encode()
        case Mapping():
            return b"<< %b >>" % b" ".join(b"/%b %b" % (key.encode("ascii"), _token(value[key])) for key in value)
        case _:
            return b"[%b]" % b" ".join(map(_token, value))
