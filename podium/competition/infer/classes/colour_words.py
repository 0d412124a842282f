"""What people call colours: words for them, and the colours that each means."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

__all__ = ["CALLED", "SHADES", "Colour", "colour_name", "nearest_colour"]

Colour = tuple[int, int, int]

CALLED: Mapping[str, tuple[Colour, ...]] = {
    "red": ((255, 0, 0),),
    "green": ((0, 255, 0), (0, 128, 0)),
    "blue": ((0, 0, 255),),
    "yellow": ((255, 255, 0),),
    "cyan": ((0, 255, 255),),
    "turquoise": ((0, 255, 255), (64, 224, 208)),
    "magenta": ((255, 0, 255),),
    "fuchsia": ((255, 0, 255),),
    "pink": ((255, 192, 203), (255, 105, 180), (255, 0, 255)),
    "purple": ((128, 0, 128), (160, 32, 240), (255, 0, 255)),
    "violet": ((128, 0, 255), (238, 130, 238)),
    "orange": ((255, 165, 0), (255, 128, 0)),
    "brown": ((165, 42, 42), (139, 69, 19), (84, 42, 0)),
    "white": ((255, 255, 255),),
    "black": ((0, 0, 0),),
}
"""Colours by the word that people call them; of several, any."""
SHADES = "light|dark|pale|deep|bright"
"""Words before such a word that make it another colour, as the pattern of any."""
_FARTHEST = 70.0


def colour_name(colour: Colour) -> str:
    """Return the word for a colour with its numbers, or these alone.

    Example:
        >>> colour_name((255, 0, 0)), colour_name((90, 150, 140))
        ('red (255, 0, 0)', '(90, 150, 140)')
    """
    nearest = min(CALLED, key=lambda word: _distance(word, colour))
    return f"{nearest} {colour}" if _distance(nearest, colour) <= _FARTHEST else str(colour)


def nearest_colour(word: str, colours: Sequence[Colour]) -> Colour | None:
    """Return the colour that is nearest to what a word calls so; None where none is near."""
    nearest = min(colours, key=lambda one: _distance(word, one), default=None)
    return nearest if nearest is not None and _distance(word, nearest) <= _FARTHEST else None


def _distance(word: str, colour: Colour) -> float:
    return min(math.dist(one, colour) for one in CALLED[word])
