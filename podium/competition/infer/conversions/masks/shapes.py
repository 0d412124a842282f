"""Shapes of annotation tools: a label, a form, and points in pixels."""

from __future__ import annotations

import math

__all__ = ["Point", "Shape", "ellipse"]

Point = tuple[float, float]
"""(x, y); the first pixel reaches from 0 to 1."""
Shape = tuple[str, str, list[Point]]
"""Label, form, and points."""
_CORNERS = 180


def ellipse(middle: Point, width: float, height: float, turn: float) -> list[Point]:
    """Return an ellipse by the halves of its axes, turned by radians, as corners."""
    angles = [2 * math.pi * k / _CORNERS for k in range(_CORNERS)]
    cos, sin = math.cos(turn), math.sin(turn)
    at = [(width * math.cos(one), height * math.sin(one)) for one in angles]
    return [(middle[0] + x * cos - y * sin, middle[1] + x * sin + y * cos) for x, y in at]
