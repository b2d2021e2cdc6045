"""The floor: nobody can read a page before its file is unpacked."""

from __future__ import annotations

from io import BytesIO

import PIL
from PIL import Image

from bench.readers import Reading


class Decoding:
    """Unpacks a page to grey at its full size, the fastest way that Pillow has, and reads nothing."""

    shareable = True
    title = f"decoding to grey (Pillow {PIL.__version__})"

    def read(self, source: bytes) -> Reading:
        image = Image.open(BytesIO(source))
        image.draft("L", image.size)  # a JPEG's colours need not be unpacked
        image.convert("L").load()
        return Reading("")
