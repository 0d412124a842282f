"""The figures of the board: what they are called on the page, and what they say in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from podium.reporting.plot import NARROW_PX, Plot

if TYPE_CHECKING:
    from podium.reporting.board_part import Outlook
    from podium.submissions.board import BoardView
    from podium.submissions.cv_lb import CvLb
    from podium.submissions.standings import Snapshot

__all__ = ["draw_cv_lb", "draw_leaderboard", "draw_shake_up"]

LEAST_POINTS = 3
NAN = math.nan


def draw_leaderboard(
    snapshots: Sequence[Snapshot], seen: datetime | None, metric: str
) -> list[Plot]:
    """Return the public leaderboard over time, as scores and as our rank; [] of one moment.

    Args:
        snapshots: of one host, oldest first.
        seen: when the newest was last found unchanged.
        metric: its name.
    """
    from podium.reporting.figures.leaderboard import leaderboard_ranks, leaderboard_scores

    shown = [one for one in snapshots if one.split == "public"]
    if len(shown) < 2:
        return []
    at = [one.at for one in shown]
    if shown[-1] is snapshots[-1] and seen is not None and seen > at[-1]:
        shown, at = [*shown, shown[-1]], [*at, seen]
    best = [_best(one) for one in shown]
    own = [NAN if one.own is None else one.own[2] for one in shown]
    middle = [one.quantiles[len(one.quantiles) // 2] if one.quantiles else NAN for one in shown]
    days = f"{at[0]:%Y-%m-%d} to {at[-1]:%Y-%m-%d}"
    alt = (
        f"{metric} on the public leaderboard from {days}; best team {_from_to(best)}; "
        f"our team {_from_to(own)}"
    )
    figure = leaderboard_scores(at, best, own, middle, label=metric)
    caption = "As it was seen, public part."
    made = [Plot(figure, "leaderboard-scores", "Scores over time", alt, caption)]
    ranks = [NAN if one.own is None else float(one.own[0]) for one in shown]
    if any(math.isfinite(rank) for rank in ranks):
        n_teams = [NAN if one.n_teams is None else float(one.n_teams) for one in shown]
        alt = f"Rank of our team on the public leaderboard from {days}: {_from_to(ranks, '.0f')}"
        figure = leaderboard_ranks(at, ranks, n_teams)
        made.append(Plot(figure, "leaderboard-ranks", "Our rank over time", alt, caption))
    return made


def draw_cv_lb(line: CvLb | None, view: BoardView, names: dict[str, str]) -> Plot | None:
    """Return public against honest scores; None of fewer than three submissions.

    Args:
        line: what these say together.
        view: the board, for the intervals.
        names: what a submission is called where it stands out.
    """
    from podium.reporting.figures.cv_lb import cv_lb

    if line is None or line.n < LEAST_POINTS:
        return None
    points = line.points
    rows = {row.id: row for row in view.rows}
    expected = next((one.expected - one.honest for one in points if one.expected is not None), None)
    fitted = None
    if line.slope is not None and line.intercept is not None:
        fitted = (line.slope, line.intercept)
    odd = [names[one.id] if one.flag else "" for one in points]
    figure = cv_lb(
        [one.honest for one in points],
        [one.public for one in points],
        label=view.metric,
        intervals=[rows[one.id].honest_interval or (NAN, NAN) for one in points],
        line=fitted,
        gap=expected,
        odd=odd,
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
    return Plot(figure, "cv-lb", "Public against honest", alt, caption)


def draw_shake_up(outlooks: Sequence[Outlook], metric: str) -> Plot | None:
    """Return the expected private score of each submission with its interval; None without any."""
    from podium.reporting.figures.shake_up import Shaken, shake_up

    rows = [
        Shaken(
            one.name,
            one.expected.private,
            one.expected.private_interval,
            one.expected.public,
            one.row.private_score,
            one.place,
            one.expected_place,
        )
        for one in outlooks
    ]
    if not rows:
        return None
    alt = f"Expected private {metric} of {len(rows)} submissions. " + "; ".join(
        f"{row.name}: {row.expected:.4f}, {row.interval[0]:.4f} to {row.interval[1]:.4f}"
        for row in rows[:6]
    )
    caption = (
        "The best on top. On the right, the place among our own: by public score → by expected "
        "private score."
    )
    narrow = shake_up(rows, label=metric, width_px=NARROW_PX)
    wide = shake_up(rows, label=metric)
    return Plot(wide, "shake-up", "What private scores may be", alt, caption, narrow)


def _best(snapshot: Snapshot) -> float:
    """Return the first score: of teams without one nothing is drawn."""
    return next((score for _, score in snapshot.top if score is not None), NAN)


def _from_to(values: Sequence[float], form: str = ".4f") -> str:
    known = [one for one in values if math.isfinite(one)]
    if not known:
        return "not known"
    return f"{known[0]:{form}} to {known[-1]:{form}}"
