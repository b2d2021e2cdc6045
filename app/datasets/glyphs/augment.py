"""How far training glyphs vary."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)  # with slots msgspec, which reads recipes, sets what a file leaves out
class Augmentation:
    """How far glyphs vary. Ranges are uniform, except sizes, which are uniform in their logarithm.

    What the defaults draw is as hard as pages get, and nearly always still legible. Strokes know all of it; images of
    glyphs have their pen already, so `pen` and `pressure` leave them as they are.

    Attributes
    ----------
    capital_px : height at which a capital is drawn, before normalising
    pen : pen width over the height of a capital: 0.02 is a ball-point, 0.25 a thick marker
    pressure : largest change of the pen's width along the strokes, as the log of its ratio to `pen`
    rotation_deg, slant, stretch, jitter : standard deviations; slant is the shear, stretch the log of the aspect,
        jitter the displacement of bends and strokes over the size of the glyph
    elastic : standard deviation of a smooth random displacement over the size of the glyph, see `Warp`
    blur : largest Gaussian radius over the height of a capital
    light : largest difference of grey from one side of the glyph to the other, ink being 1
    noise : largest standard deviation of grey noise, ink being 1
    erosion : largest grey level below which ink is lost, and above 1 minus which it is full, as a threshold does
    neighbour : probability that a piece of another glyph touches it from the left or right
    residue : probability of something that is not writing: specks, a piece of a ruled line, the edge of a shadow
    gap : probability of a scratch through the ink, which may break a stroke
    cut : probability that a sliver is missing at one edge
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


# What validation sees: a middling pen at a middling size, nothing bent, nothing spoiled.
PLAIN = Augmentation(
    capital_px=(48.0, 48.0),
    pen=(0.08, 0.08),
    pressure=0.0,
    rotation_deg=0.0,
    slant=0.0,
    stretch=0.0,
    jitter=0.0,
    elastic=0.0,
    blur=0.0,
    light=0.0,
    noise=0.0,
    erosion=0.0,
    neighbour=0.0,
    residue=0.0,
    gap=0.0,
    cut=0.0,
)
