"""What one correction teaches: the inputs of the networks with their text, and how these are stored."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from app.errors import CorruptCorrection
from app.vision import GLYPH_SIZE, STRIP_HEIGHT, Box, Strip

_FORMAT = 1
_MOST_BYTES = 16 * 1024**2  # far more than the longest row that a network for rows looks at
# Raised when bytes are read that are not those of a lesson.
_DAMAGE = (ValueError, KeyError, TypeError, zlib.error)


@dataclass(frozen=True)
class TaughtChar:
    """One character of a correction.

    Attributes
    ----------
    box : of its ink, in pixels of the page as uploaded, or as `Lesson.placed` says; None if its ink cannot be told
    image : (GLYPH_SIZE, GLYPH_SIZE) uint8, 255 times the input of a network for glyphs; None if this is not surely
        this character and nothing else
    """

    char: str
    box: Box | None
    image: NDArray[np.uint8] | None


class OutlinedChar(NamedTuple):
    """A `TaughtChar` without its pixels: whether it has any."""

    char: str
    box: Box | None
    is_taught: bool


class Outline(NamedTuple):
    """What a lesson is about, without its pixels: its characters, and whether it teaches their row."""

    chars: tuple[OutlinedChar, ...]
    has_row: bool


@dataclass(frozen=True)
class Lesson:
    """What one correction teaches.

    Attributes
    ----------
    text : what is written there
    read : what the networks made of it
    chars : of the text, spaces left out
    strip : the input of a network for rows; None if a single glyph was corrected
    box : of all the ink, in the same pixels
    """

    text: str
    read: str
    chars: tuple[TaughtChar, ...]
    strip: Strip | None
    box: Box

    def placed(self, place: Callable[[Box], Box]) -> Self:
        """Return the lesson with other boxes; `place` maps each box to its new place."""
        chars = tuple(replace(char, box=char.box and place(char.box)) for char in self.chars)
        return replace(self, chars=chars, box=place(self.box))

    def pack(self) -> bytes:
        """Encode the lesson as bytes to store."""
        strip = self.strip
        header = {
            "format": _FORMAT,
            "text": self.text,
            "read": self.read,
            "box": self.box,
            "strip": None if strip is None else [strip.width, strip.left, strip.scale],
            "chars": [[char.char, char.box, char.image is not None] for char in self.chars],
        }
        arrays = [] if strip is None else [strip.pixels]
        arrays += [char.image for char in self.chars if char.image is not None]
        parts = [json.dumps(header).encode(), *(array.tobytes() for array in arrays)]
        return zlib.compress(len(parts[0]).to_bytes(4, "big") + b"".join(parts))

    @classmethod
    def unpack(cls, packed: bytes) -> Self:
        """Decode what `pack` has written.

        Raises
        ------
        CorruptCorrection : the bytes are damaged, or of a release with another format.
        """
        try:
            unzip = zlib.decompressobj()
            header = _read_header(unzip, packed)
            pixels = unzip.decompress(unzip.unconsumed_tail, _MOST_BYTES)
            if not unzip.eof:
                raise ValueError("it is cut off, or too large")
            return cls._filled(header, pixels)
        except _DAMAGE as exc:
            raise _corrupt(exc) from exc

    @staticmethod
    def outline(packed: bytes) -> Outline:
        """Decode what `pack` has written without the pixels, which are neither unpacked nor checked.

        Raises
        ------
        CorruptCorrection : as of `unpack`.
        """
        try:
            header = _read_header(zlib.decompressobj(), packed)
            chars = [
                OutlinedChar(str(char), None if box is None else Box(*box), bool(has))
                for char, box, has in header["chars"]
            ]
            return Outline(tuple(chars), header["strip"] is not None)
        except _DAMAGE as exc:
            raise _corrupt(exc) from exc

    @classmethod
    def _filled(cls, header: Mapping[str, Any], pixels: bytes) -> Self:
        place = 0

        def take(height: int, width: int) -> NDArray[np.uint8]:
            nonlocal place
            place += height * width
            return np.frombuffer(pixels[place - height * width : place], np.uint8).reshape(height, width)

        match header:
            case {"text": str(text), "read": str(read), "box": list(box), "strip": strip, "chars": list(chars)}:
                whole = None
                if isinstance(strip, list):
                    width, left, scale = strip
                    whole = Strip(take(STRIP_HEIGHT, int(width)), int(left), float(scale))
                taught = [
                    TaughtChar(
                        str(char),
                        None if its_box is None else Box(*its_box),
                        take(GLYPH_SIZE, GLYPH_SIZE) if has else None,
                    )
                    for char, its_box, has in chars
                ]
                return cls(text, read, tuple(taught), whole, Box(*box))
        raise ValueError("members are missing")


def _read_header(unzip: zlib._Decompress, packed: bytes) -> Mapping[str, Any]:
    """Unpack all before the pixels; they are left to `unzip`."""
    size = int.from_bytes(unzip.decompress(packed, 4), "big")
    if not 0 < size <= _MOST_BYTES:  # 0 would be no limit
        raise ValueError(f"{size} bytes before the pixels")
    header: dict[str, Any] = json.loads(unzip.decompress(unzip.unconsumed_tail, size))
    if header["format"] != _FORMAT:
        raise ValueError(f"format {header['format']}")
    return header


def _corrupt(exc: Exception) -> CorruptCorrection:
    return CorruptCorrection(f"expected a correction as this release keeps them, got another: {exc}")
