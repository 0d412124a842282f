"""A leaderboard over time: the scores of the best and of our team, and our rank."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike, NDArray

from podium.reporting.figures._panel import (
    ACCENT,
    MUTED,
    SERIES,
    days_of,
    legend_above,
    over_time,
    panel,
    plain,
)
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject
from podium.submissions.board.leaderboard import Snapshot

__all__ = ["PLACE", "TITLE", "example", "leaderboard_ranks", "leaderboard_scores", "plots"]

TITLE, PLACE = "Leaderboard", 20

NAN = math.nan
CAPTION = "Snapshots of the public leaderboard."


def plots(subject: BoardSubject) -> Iterator[Plot]:
    """Yield the scores and our rank over time; nothing for a single snapshot."""
    view, snapshots = subject.view, subject.part.snapshots
    shown = [one for one in snapshots if one.split == "public"]
    if len(shown) < 2:
        return
    at, seen = [one.at for one in shown], view.seen and datetime.fromisoformat(view.seen)
    if shown[-1] is snapshots[-1] and seen and seen > at[-1]:
        # When the newest was last found unchanged.
        shown, at = [*shown, shown[-1]], [*at, seen]
    best = [_best(one) for one in shown]
    own = [NAN if one.own is None else one.own[2] for one in shown]
    middle = [one.quantiles[len(one.quantiles) // 2] if one.quantiles else NAN for one in shown]
    days = f"{at[0]:%Y-%m-%d} to {at[-1]:%Y-%m-%d}"
    alt = (
        f"{view.metric} on the public leaderboard from {days}; best team {_from_to(best)}; "
        f"our team {_from_to(own)}"
    )
    wide, narrow = (
        leaderboard_scores(at, best, own, middle, label=view.metric, width_px=width)
        for width in (420, NARROW_PX)
    )
    yield Plot(wide, "leaderboard-scores", "Scores over time", alt, CAPTION, narrow)
    ranks = [NAN if one.own is None else float(one.own[0]) for one in shown]
    if any(math.isfinite(rank) for rank in ranks):
        n_teams = [NAN if one.n_teams is None else float(one.n_teams) for one in shown]
        alt = f"Rank of our team on the public leaderboard from {days}: {_from_to(ranks, '.0f')}"
        wide = leaderboard_ranks(at, ranks, n_teams)
        narrow = leaderboard_ranks(at, ranks, n_teams, width_px=NARROW_PX)
        yield Plot(wide, "leaderboard-ranks", "Our rank over time", alt, CAPTION, narrow)


def _best(snapshot: Snapshot) -> float:
    """Return the first score: of teams without one nothing is drawn."""
    return next((score for _, score in snapshot.top if score is not None), NAN)


def _from_to(values: Sequence[float], form: str = ".4f") -> str:
    known = [one for one in values if math.isfinite(one)]
    if not known:
        return "unknown"
    return f"{known[0]:{form}} to {known[-1]:{form}}"


SHOWN = 500  # moments; a leaderboard that is watched for months has thousands
_WITH_MARKS = 30


def leaderboard_scores(
    at: Sequence[datetime],
    best: ArrayLike,
    own: ArrayLike,
    middle: ArrayLike,
    *,
    label: str,
    width_px: float = 420,
) -> Figure:
    """Return the scores of the best team, of ours, and of the middle one, each as a line of steps.

    Between two snapshots a score is drawn as in the earlier one.

    Args:
        at: `(T,)`, ascending.
        best, own, middle: `(T,)`; nan if unknown.
        label: the metric.
        width_px: of the figure.
    """
    figure, axes = panel(width_px, 260)
    _steps(axes, at, best, "best team", color=SERIES[1])
    _steps(axes, at, middle, "middle of all", color=MUTED, lw=1.2, ls=(0, (3, 2)))
    _steps(axes, at, own, "our team", color=ACCENT, lw=2.4)
    axes.set_ylabel(plain(label))
    over_time(axes)
    legend_above(figure, axes, columns=3 if width_px > 400 else 2)
    return figure


def leaderboard_ranks(
    at: Sequence[datetime], ranks: ArrayLike, n_teams: ArrayLike, *, width_px: float = 420
) -> Figure:
    """Return our rank as a line of steps, 1 on top, and how many teams there were.

    Args:
        at: `(T,)`, ascending.
        ranks: `(T,)`, from 1; nan if unknown.
        n_teams: `(T,)`; nan if unknown.
        width_px: of the figure.
    """
    figure, axes = panel(width_px, 260)
    _steps(axes, at, n_teams, "last place", color=MUTED, lw=1.2, ls=(0, (3, 2)))
    _steps(axes, at, ranks, "our team", color=ACCENT, lw=2.4)
    low, high = axes.get_ylim()
    axes.set_ylim(max(high, 2.0), min(low, 0.8))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=7, integer=True))
    axes.set_yticks([one for one in axes.get_yticks() if one >= 1])
    axes.set_ylim(max(high, 2.0), min(low, 0.8))
    axes.set_ylabel("rank")
    over_time(axes)
    legend_above(figure, axes, columns=3 if width_px > 400 else 2)
    return figure


def _steps(axes: Axes, at: Sequence[datetime], values: ArrayLike, name: str, **style: Any) -> None:
    numbers: NDArray[np.float64] = np.asarray(values, dtype=np.float64)
    if not np.isfinite(numbers).any():
        return
    keep = np.unique(np.linspace(0, len(numbers) - 1, min(len(numbers), SHOWN)).astype(int))
    days = days_of(at)
    marks = {"marker": "o", "ms": 3.5} if len(keep) <= _WITH_MARKS else {}
    drawn: dict[str, Any] = {"lw": 1.8, **marks, **style}
    axes.plot(days[keep], numbers[keep], drawstyle="steps-post", label=name, **drawn)


def example() -> Figure:
    """Return a made-up leaderboard of thirty days."""
    rng = np.random.default_rng(0)
    at = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day) for day in range(30)]
    best, own, middle = (
        np.maximum.accumulate(last * (1 - np.exp(-np.arange(1, 31) / slow)) + noise)
        for last, slow, noise in zip(
            (0.93, 0.91, 0.80), (5, 9, 6), rng.normal(0, 0.005, (3, 30)), strict=True
        )
    )
    own[:4] = np.nan
    return leaderboard_scores(at, best, own, middle, label="accuracy")
