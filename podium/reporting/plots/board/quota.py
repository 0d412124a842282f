"""Used part of each day's quota."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from podium.reporting.figures.quota import quota
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject, sent_rows

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
    names = {"kaggle": "Kaggle", "host": "rehearsal" if subject.view.target == "kaggle" else "host"}
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
