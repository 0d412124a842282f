"""Directions in the units that people write: degrees of either form, radians, gon; and axes.

An axis has no front: it comes round at half a turn, as a furrow or a fibre. Twice its angle is a
direction, which is what networks learn, blends average and metrics compare.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from podium.competition.phrases import any_phrase, plain_signs
from podium.competition.spelling import composed, plain_spelling

__all__ = [
    "COMPASS",
    "DEGREES",
    "TURNS",
    "AngleUnit",
    "Directions",
    "is_called_direction",
    "is_whole_turn",
]

Directions = Literal[
    "degrees",
    "signed degrees",
    "radians",
    "signed radians",
    "gon",
    "degrees of axes",
    "signed degrees of axes",
]
_PI = Decimal("3.14159265358979323846264338327950288419716939937510")
_DIGITS = 20
"""So many distinguish any two numbers of 64 bits, also through a division by pi."""
_SECTORS = 8
_FEWEST_SECTORS = 6


@dataclass(frozen=True)
class AngleUnit:
    """A unit of directions.

    Attributes:
        name: as `submission.directions` has it.
        size: of a whole turn, or after which an axis comes round.
        is_signed: whether directions lie on both sides of 0, by half a turn.
        is_of_axes: whether 0 and 180 degrees are the same.
    """

    name: Directions
    size: Decimal
    is_signed: bool = False
    is_of_axes: bool = False

    @property
    def least(self) -> float:
        """The least direction."""
        return -float(self.size) / 2 if self.is_signed else 0.0

    def degrees(self, text: str | float) -> float:
        """Return the degrees of a direction in this unit, from 0 and below 360.

        Of an axis they are twice its own.

        Example:
            >>> TURNS["signed degrees"].degrees("-90"), TURNS["gon"].degrees("100")
            (270.0, 90.0)
            >>> TURNS["degrees of axes"].degrees("135")
            270.0
        """
        with localcontext(prec=50):
            found = float(Decimal(str(text)) * 360 / self.size % 360)
        return found % 360  # a hair below 0 is 360 after a division

    def text(self, degrees: float) -> str:
        """Return degrees in this unit, as the shortest text that reads back as the same.

        Example:
            >>> TURNS["signed degrees"].text(270.0), TURNS["radians"].text(180.0)
            ('-90.0', '3.141592653589793')
        """
        with localcontext(prec=50) as context:
            exact = Decimal(float(degrees))
            if self.is_signed and exact >= 180:
                exact -= 360
            exact = exact * self.size / 360
            short = repr(float(exact))
            if self.degrees(short) == float(degrees):
                return short
            context.prec = _DIGITS
            return f"{+exact:f}"

    def rounded_text(self, degrees: float, decimals: int) -> str:
        """Return degrees in this unit, rounded; the end of the turn is its beginning.

        Example:
            >>> TURNS["degrees"].rounded_text(359.7, 0), TURNS["radians"].rounded_text(180.0, 2)
            ('0', '3.14')
        """
        step = Decimal(1).scaleb(-decimals)
        with localcontext(prec=50):
            found = Decimal(self.text(degrees)).quantize(step)
            least = -self.size / 2 if self.is_signed else Decimal(0)
            if found >= least + self.size:
                found = least.quantize(step)
            return f"{found + 0:.{decimals}f}"

    def holds(self, number: float) -> bool:
        """Return whether a number is a direction: half a turn may be written with either sign."""
        slack = 1e-6 * float(self.size)
        return self.least - slack <= number <= self.least + float(self.size) + slack


DEGREES = AngleUnit("degrees", Decimal(360))
TURNS: dict[Directions, AngleUnit] = {
    one.name: one
    for one in (
        DEGREES,
        AngleUnit("signed degrees", Decimal(360), is_signed=True),
        AngleUnit("radians", 2 * _PI),
        AngleUnit("signed radians", 2 * _PI, is_signed=True),
        AngleUnit("gon", Decimal(400)),
        AngleUnit("degrees of axes", Decimal(180), is_of_axes=True),
        AngleUnit("signed degrees of axes", Decimal(180), is_signed=True, is_of_axes=True),
    )
}
COMPASS = frozenset(
    "N NNE NE ENE E ESE SE SSE S SSW SW WSW W WNW NW NNW north northeast east southeast south "
    "southwest west northwest".lower().split()
)
"""Directions by their names."""


def is_called_direction(name: str) -> bool:
    """Return whether a column's name is a word for directions, in one of many languages.

    Example:
        >>> is_called_direction("wind_direction"), is_called_direction("Windrichtung")
        (True, True)
        >>> is_called_direction("age")
        False
    """
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)
    each = (plain_signs(composed(plain_spelling(one))) for one in (name, words))
    return any(_names().search(re.sub(r"[\W_]", " ", one)) is not None for one in each)


@cache
def _names() -> re.Pattern[str]:
    return re.compile(rf"(?:^| )(?:{any_phrase('direction').pattern})(?: |$)")


def is_whole_turn(
    numbers: Sequence[float] | NDArray[np.float64], turn: AngleUnit = DEGREES
) -> bool:
    """Return whether numbers are directions all around: on both sides of the end, and between.

    A tilt, or the angle of a wheel, is a direction, too, and does not come round.

    Example:
        >>> is_whole_turn([2, 50, 99, 150, 200, 250, 300, 358]), is_whole_turn([2, 50, 99])
        (True, False)
    """
    each = np.asarray(numbers, dtype=np.float64)
    if not len(each) or not all(turn.holds(one) for one in (each.min(), each.max())):
        return False
    share = (each - turn.least) / float(turn.size)
    sectors = set(np.floor(np.clip(share, 0, 1 - 1e-9) * _SECTORS).astype(int).tolist())
    return {0, _SECTORS - 1} <= sectors and len(sectors) >= _FEWEST_SECTORS
