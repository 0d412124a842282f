"""Honest against optimistic scores of all blends."""

from __future__ import annotations

import math
from collections.abc import Iterator

from podium.reporting.figures.optimism import SHOWN, optimism
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BlendsSubject

TITLE, PLACE = "Optimism", 10

CAPTION = (
    "Optimistic: weights and decision were fitted on the rows that they are scored on. The gap "
    "grows with what is fitted and with fewer rows; a blend with a wide one is better than others "
    "on paper only. Believe the honest score, and of many blends a little less than the best one."
)


def plots(subject: BlendsSubject) -> Iterator[Plot]:
    """Yield both scores of each blend by the competition's metric, the best honest one on top."""
    entries = [one for one in subject.entries if one.scored_by is None]
    if not entries:
        return
    blends, names = [one.blend for one in entries], [one.id for one in entries]
    honest, optimistic = [one.honest for one in blends], [one.optimistic for one in blends]
    bounds = [one.honest_interval or (math.nan, math.nan) for one in blends]
    label = blends[0].metric
    alt = f"Honest and optimistic {label} of {len(names)} blends: " + "; ".join(
        f"{name} {low:.4f} and {high:.4f}"
        for name, low, high in list(zip(names, honest, optimistic, strict=True))[:6]
    )
    caption = CAPTION if len(names) <= SHOWN else f"{CAPTION} The best {SHOWN} of {len(names)}."
    wide, narrow = (
        optimism(names, honest, optimistic, label=label, intervals=bounds, width_px=width)
        for width in (720, NARROW_PX)
    )
    yield Plot(wide, "optimism", "Honest and optimistic", alt, caption, narrow)
