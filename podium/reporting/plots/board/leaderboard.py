"""The public leaderboard over time: the scores of the best and of ours, and our rank."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime

from podium.reporting.figures.leaderboard import leaderboard_ranks, leaderboard_scores
from podium.reporting.plot import NARROW_PX, Plot
from podium.reporting.subjects import BoardSubject
from podium.submissions.board.leaderboard import Snapshot

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
