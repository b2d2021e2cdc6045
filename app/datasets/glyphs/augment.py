"""How far training glyphs vary."""

from __future__ import annotations

from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True)  # msgspec, which reads recipes, needs slots to set defaults
class Augmentation:
    """How far glyphs vary. Values are uniform in their ranges, except sizes, whose logarithms are.

    With the defaults glyphs are as hard as on the worst pages, and nearly always still legible. Images of glyphs have
    the pen that they were written with, so `pen` and `pressure` change only strokes.

    Attributes
    ----------
    capital_px : height at which a capital is drawn, before normalisation
    pen : width of the pen relative to the height of a capital: 0.02 is a ball-point, 0.25 a thick marker
    pressure : largest change of the pen's width along the strokes, as the logarithm of its ratio to `pen`
    rotation_deg, slant, stretch, jitter : standard deviations; slant is a shear, stretch the logarithm of the aspect
        ratio, jitter the displacement of bends and strokes relative to the size of the glyph
    elastic : standard deviation of a smooth random displacement relative to the size of the glyph, see `Warps`
    blur : largest Gaussian radius relative to the height of a capital
    light : largest difference of grey from one side of the glyph to the other; ink is 1
    noise : largest standard deviation of grey noise; ink is 1
    erosion : greys below a level up to this become paper, and above 1 minus such a level full ink, as a threshold does
    neighbour : probability that a piece of another glyph touches it from the left or right
    residue : probability of marks that are not writing: specks, a piece of a ruled line, the edge of a shadow
    gap : probability of a scratch through the ink, which may break a stroke
    cut : probability that a thin strip is missing at one edge
    """

    capital_px: tuple[float, float] = (16.0, 80.0)
    pen: tuple[float, float] = (0.025, 0.18)
    pressure: float = 0.2
    rotation_deg: float = 4.0
    slant: float = 0.14
    stretch: float = 0.12
    jitter: float = 0.02
    elastic: float = 0.015
    blur: float = 0.035
    light: float = 0.3
    noise: float = 0.1
    erosion: float = 0.3
    neighbour: float = 0.06
    residue: float = 0.06
    gap: float = 0.05
    cut: float = 0.05


def amounts_of(kind: type) -> list[str]:
    """Name the settings of a variation that are numbers, and not ranges: with 0 for all of them nothing varies."""
    return [field.name for field in fields(kind) if isinstance(field.default, float)]


# For validation: a medium pen at a medium size, without any variation.
PLAIN = Augmentation(capital_px=(48.0, 48.0), pen=(0.08, 0.08), **dict.fromkeys(amounts_of(Augmentation), 0.0))
