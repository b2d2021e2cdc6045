"""Files of every kind with a small sheet on them, drawn in code."""

from __future__ import annotations

import base64
import struct
import zlib
from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

# Two bars that no turn and no mirror maps onto themselves; blocks of 8 pixels survive JPEG almost unchanged.
SHEET = np.full((40, 64), 255, np.uint8)
SHEET[8:16, 8:32] = 0
SHEET[24:32, 8:16] = 96

# The sheet as HEIC, which only its encoder can draw. Stored lying on its side, with the turn that makes it upright.
HEIC_SHEET = base64.b85decode(
    "0000SW^{RQXk}@500000ZE0pPXk}@5ZE0a<0004NZDn*}000000000XXk=`10000000000aA{+700000000000000000000B57=IV*mgE07O6l"
    "0RRC200001j{pGx00000001KZ001LtX>Mi!000000RR916=`l}WdZ;I000310BCk&F#rGn01j|zbZr0t000010002%X>f9I0002XX>en20001R"
    "Xm(>m0R#vD005u(000009`FGC{P_3)01pFT0096OKmiN^|NjIC00093pZEX(0{{RXx&lC90096cLID8;2mk;B0H62(00RI39>9VG7F(;5n&!ZO"
    "000bt00093gkk^z00u+>!E?Zg0000KX>)L8000000000$0000$0000eV{Bn?0000e000010000$00001|NsB!0000200000000020000EaA|mH"
    "000000SEv9010VwZ*&6y000<iaBX1#00000000310R@2q1cQYD001j(WMOmw0018-0j?+K+_&HVnlE~waw8l6SlOdV`)m#YDgT+{fUE"
)


def encode(pixels: Any, format: str, mode: str | None = None, **options: Any) -> bytes:
    """Write an image or an array as a file of a format."""
    image = pixels if isinstance(pixels, Image.Image) else Image.fromarray(np.ascontiguousarray(pixels))
    file = BytesIO()
    image.convert(mode or image.mode).save(file, format, **options)
    return file.getvalue()


def encode_pages(*pages: Any, **options: Any) -> bytes:
    """Write arrays as the pages of a TIFF."""
    first, *others = [Image.fromarray(np.ascontiguousarray(page)) for page in pages]
    return encode(first, "TIFF", save_all=True, append_images=others, **options)


def exif(orientation: int) -> Image.Exif:
    tags = Image.Exif()
    tags[0x0112] = orientation
    return tags


def png_header(width: int, height: int) -> bytes:
    """Everything of a PNG but its pixels."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


# What draws the sheet on a page of its size in points; the second number of a place counts from below.
DRAW_SHEET = b"0 g 8 24 24 8 re f 0.3765 g 8 8 8 8 re f"


def pdf_file(*contents: bytes, box: str = "0 0 64 40", page: str = "", trailer: str = "") -> bytes:
    """Write a PDF with a page for each content stream; `page` and `trailer` are further entries of these."""
    kids = " ".join(f"{2 * number + 3} 0 R" for number in range(len(contents)))
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Kids[{kids}]/Count {len(contents)}>>".encode()]
    for number, content in enumerate(contents):
        objects.append(f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents {2 * number + 4} 0 R{page}>>".encode())
        objects.append(b"<</Length %d>>stream\n%s\nendstream" % (len(content), content))
    file, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    file += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    end = f"trailer<</Size {len(objects) + 1}/Root 1 0 R{trailer}>>\nstartxref\n{file.rindex(b'xref')}\n%%EOF"
    return file + end.encode()


def icc_profile(gamma: float, primaries: Sequence[Sequence[float]] = ()) -> bytes:
    """Write a profile of RGB with the XYZ (D50) of its three primaries, or without any of grey; ICC.1:2022."""

    def numbers(kind: bytes, *values: float) -> bytes:
        return kind + bytes(4) + b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    curve = b"para" + bytes(8) + struct.pack(">i", round(gamma * 65536))
    tags = {b"wtpt": numbers(b"XYZ ", 0.9642, 1.0, 0.8249)}
    if primaries:
        for letter, primary in zip((b"r", b"g", b"b"), primaries, strict=True):
            tags |= {letter + b"XYZ": numbers(b"XYZ ", *primary), letter + b"TRC": curve}
    else:
        tags[b"kTRC"] = curve
    index, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        index += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(content))
        body += content
    length = 132 + 12 * len(tags) + len(body)
    space = b"RGB " if primaries else b"GRAY"
    header = struct.pack(">I4xI4s4s4s12x4s28x", length, 0x04200000, b"mntr", space, b"XYZ ", b"acsp")
    return header + numbers(b"", 0.9642, 1.0, 0.8249)[4:] + bytes(48) + index + body
