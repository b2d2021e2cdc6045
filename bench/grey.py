"""How long Pillow takes to unpack a photo and make it grey: the least that a reader of photos could take."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from PIL import Image

from bench.timing import in_turns

PHOTO_MEGAPIXELS = 12
"""What phones usually take."""


def grey_ms(image: Path, turns: int) -> float:
    """Return the median milliseconds that Pillow takes to unpack an image and make it grey, colours and all.

    At its fastest, as in `bench.readers.decoding`, it leaves out the colours of a JPEG.
    """
    source = image.read_bytes()
    to_grey = in_turns({"grey": lambda: Image.open(BytesIO(source)).convert("L")}, turns)
    return 1e3 * to_grey["grey"]
