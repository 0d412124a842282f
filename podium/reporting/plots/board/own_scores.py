"""Scores of our own submissions, from the first to the last."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import datetime

from podium.reporting.figures.own_scores import best_so_far, own_scores
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject, sent_rows

TITLE, PLACE = "Our submissions", 10

NAN = math.nan


def plots(subject: BoardSubject) -> Iterator[Plot]:
    """Yield honest and public scores over time; nothing for a single submission."""
    view = subject.view
    rows = [(at, row) for at, row in sent_rows(view) if row.target == view.target]
    honest = [NAN if row.honest is None else row.honest for _, row in rows]
    public = [NAN if row.public_score is None else row.public_score for _, row in rows]
    known = [one for one in zip(honest, public, strict=True) if not all(map(math.isnan, one))]
    if len(known) < 2:
        return
    at: list[datetime] = [moment for moment, _ in rows]
    better = view.greater_is_better
    wide, narrow = (
        own_scores(at, honest, public, label=view.metric, greater_is_better=better, width_px=width)
        for width in (420, NARROW_PX)
    )
    alt = f"{view.metric} of {len(rows)} submissions from {at[0]:%Y-%m-%d} to {at[-1]:%Y-%m-%d}"
    for name, scores in (("honest", honest), ("public", public)):
        best = best_so_far(scores, greater_is_better=better)
        first = next((one for one in best if not math.isnan(one)), NAN)
        if not math.isnan(first):
            alt += f"; best {name} from {first:.4f} to {best[-1]:.4f}"
    caption = "Marks: each submission. Lines: the best so far."
    yield Plot(wide, "own-scores", "Our scores over time", alt, caption, narrow)
