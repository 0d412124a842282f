"""Public against honest scores of our submissions."""

from __future__ import annotations

import math
from collections.abc import Iterator

from podium.reporting.figures.cv_lb import cv_lb
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject

TITLE, PLACE = "CV against LB", 30

LEAST_POINTS = 3
_NONE = (math.nan, math.nan)


def plots(subject: BoardSubject) -> Iterator[Plot]:
    """Yield a point for each submission and the line through them; nothing of fewer than three."""
    view, names, line = subject.view, subject.part.names, subject.part.analysis.cv_lb
    if line is None or line.n < LEAST_POINTS:
        return
    points = line.points
    rows = {row.id: row for row in view.rows}
    expected = next((one.expected - one.honest for one in points if one.expected is not None), None)
    fitted = None
    if line.slope is not None and line.intercept is not None:
        fitted = (line.slope, line.intercept)
    odd = [names[one.id] if one.flag else "" for one in points]
    wide, narrow = (
        cv_lb(
            [one.honest for one in points],
            [one.public for one in points],
            label=view.metric,
            intervals=[rows[one.id].honest_interval or _NONE for one in points],
            line=fitted,
            gap=expected,
            odd=odd,
            width_px=width,
        )
        for width in (420, NARROW_PX)
    )
    alt = f"Public against honest {view.metric} of {line.n} submissions"
    if line.slope is not None:
        alt += f"; slope {line.slope:.2f}"
    if line.rank_correlation is not None:
        alt += f", rank correlation {line.rank_correlation:.2f}"
    alt += f"; odd: {', '.join(filter(None, odd))}" if any(odd) else "; none is odd"
    caption = (
        "Lines are the 95 % intervals of the honest scores. Promised: the honest score and the "
        "median gap of all."
    )
    yield Plot(wide, "cv-lb", "Public against honest", alt, caption, narrow)
