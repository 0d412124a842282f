"""Submissions by day, against the daily limit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from podium.reporting.figures._panel import (
    ACCENT,
    INK,
    SERIES,
    days_of,
    legend_above,
    over_time,
    panel,
    plain,
)
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject, sent_rows

__all__ = ["PLACE", "TITLE", "plots", "quota"]

TITLE, PLACE = "Our submissions", 11

SHOWN = 120  # days, the last ones


def plots(subject: BoardSubject) -> Iterator[Plot]:
    """Yield the submissions of each day by host against its limit; nothing of one alone."""
    sent = Counter((row.target, at.date()) for at, row in sent_rows(subject.view))
    if sent.total() < 2:
        return
    every = [day for _, day in sent]
    last = max(every)
    n_days = min((last - min(every)).days + 1, SHOWN)
    days = [last - timedelta(days=n_days - 1 - k) for k in range(n_days)]
    names = {"kaggle": "Kaggle", "host": "own host"}
    targets = sorted({target for target, _ in sent}, key=lambda one: one != subject.view.target)
    counts = {names[target]: [sent[target, day] for day in days] for target in targets}
    limit = subject.competition.kaggle.daily_limit
    midnights = [datetime(day.year, day.month, day.day, tzinfo=UTC) for day in days]
    totals = ", ".join(
        f"{name} {sum(each)}, on {sum(one >= limit for one in each)} days all of it"
        for name, each in counts.items()
    )
    alt = f"Submissions by day from {days[0]} to {last} (UTC), at most {limit} a day: {totals}"
    caption = f"A day is one of UTC; each host takes {limit}."
    if (last - min(every)).days >= SHOWN:
        caption += f" The last {SHOWN} days."
    narrow = quota(midnights, counts, limit, width_px=NARROW_PX)
    yield Plot(quota(midnights, counts, limit), "quota", "Quota used", alt, caption, narrow)


_COLORS = (ACCENT, SERIES[4], *SERIES[1:4])


def quota(
    days: Sequence[datetime],
    sent: Mapping[str, ArrayLike],
    limit: int,
    *,
    width_px: float = 420,
) -> Figure:
    """Return a bar for each day and host, and a line at one host's daily limit.

    Args:
        days: `(D,)`, midnights, ascending, with none left out between the first and the last.
        sent: host → `(D,)`, submissions; each host has a quota of its own, so the bars of a day
            are side by side.
        limit: submissions that a host accepts a day.
        width_px: of the figure.
    """
    figure, axes = panel(width_px, 260)
    at, width = days_of(days), 0.8 / max(len(sent), 1)
    for number, (name, counts) in enumerate(sent.items()):
        middle = at + width * (number - (len(sent) - 1) / 2)
        color = _COLORS[number % len(_COLORS)]
        axes.bar(middle, np.asarray(counts), width, color=color, label=plain(name), lw=0)
    axes.axhline(limit, color=INK, lw=1.4, ls=(0, (4, 3)), label=f"limit a day, {limit}")
    most = max((int(np.max(counts, initial=0)) for counts in sent.values()), default=0)
    axes.set_ylim(0, 1.12 * max(most, limit, 1))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    axes.set_ylabel("submissions")
    over_time(axes)
    if len(at):
        axes.set_xlim(at[0] - 0.7, max(at[-1], at[0] + 6) + 0.7)  # one day is no wall
    legend_above(figure, axes, columns=3 if width_px > 400 else 2)
    return figure


def example() -> Figure:
    """Return the figure of three weeks at two hosts."""
    rng = np.random.default_rng(0)
    days = [datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=k) for k in range(21)]
    own = np.where(np.arange(21) < 4, 2, 0)
    return quota(days, {"Kaggle": rng.integers(0, 6, 21), "own host": own}, 5)
