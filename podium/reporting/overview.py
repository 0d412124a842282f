"""The figure at the head of the page: all scores on one scale."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.reporting.plot import NARROW_PX, Plot

if TYPE_CHECKING:
    from podium.reporting.entries import BlendEntry, RunEntry
    from podium.submissions.board import BoardRow

__all__ = ["draw_overview"]


def draw_overview(
    runs: Sequence[RunEntry], blends: Sequence[BlendEntry], board: Sequence[BoardRow], metric: str
) -> Plot | None:
    """Return all scores by the competition's metric on one scale; None without any."""
    from podium.reporting.figures.scores import Scored, scores

    public = {
        source: row.public_score
        for row in reversed(board)
        for source in row.sources
        if row.public_score is not None
    }
    blends = [one for one in blends if one.scored_by is None]
    rows = [
        Scored(
            one.id,
            one.blend.honest,
            tuple(one.blend.by_fold.values()),
            one.blend.honest_interval,
            one.blend.optimistic,
            public.get(one.id),
        )
        for one in blends
    ]
    rows += [
        Scored(run.id, run.oof, tuple(run.folds.values()), public=public.get(run.id))
        for run in runs
        if run.folds
    ]
    if not rows:
        return None
    alt = f"{metric} of {len(blends)} blends and {len(rows) - len(blends)} runs. " + "; ".join(
        f"{row.name}: {row.value:.4f}" for row in rows[:6] if row.value is not None
    )
    caption = (
        "Blends by honest score, then runs by OOF score. The line is the honest score's 95 % "
        "interval; the ticks are folds. Optimistic scores are fitted and scored on the same rows."
    )
    narrow = scores(rows, label=metric, width_px=NARROW_PX)
    return Plot(scores(rows, label=metric), "overview", "All scores", alt, caption, narrow)
