"""The board on the page: rows and their marks, the leaderboard, the analysis of all scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.hosting.spec import public_share_of
from podium.submissions.board.analysis import BoardAnalysis, analyse
from podium.submissions.board.finals import Candidate
from podium.submissions.board.leaderboard import Snapshot, read_snapshots
from podium.submissions.board.private_scores import ExpectedPrivateScore
from podium.submissions.board.view import BoardRow, BoardView
from podium.workspace.layout import Workspace

__all__ = ["BoardSummary", "summarise_board"]

LEADERBOARD_ROWS = 10
_SAME = 0.01  # of the width of an interval


@dataclass(frozen=True)
class LeaderboardTeam:
    """A row of the leaderboard; equal scores share the best rank."""

    rank: int | None
    name: str
    score: float | None
    is_own: bool


@dataclass(frozen=True)
class SubmissionOutlook:
    """The outlook of one submission.

    Attributes:
        row: of the board.
        name: the run or blend it was made from; its id if several were made from that one.
        expected: its entry in the result of `shake_up`.
        place: rank by public score among our own, from 1; equal scores share it; None without one.
        expected_place: the same of these by expected private score; what differs by less than a
            hundredth of an interval is equal.
        candidate: its entry in the result of `finals`, where two can be chosen from.
        chosen: its place in the proposal, from 1.
    """

    row: BoardRow
    name: str
    expected: ExpectedPrivateScore
    place: int | None
    expected_place: int | None
    candidate: Candidate | None
    chosen: int | None


@dataclass(frozen=True)
class BoardSummary:
    """The board as the page shows it.

    Attributes:
        analysis: of all scores together.
        names: submission → the run or blend it was made from; its id if that is not unique.
        outlooks: of each candidate, the best first.
        snapshots: the leaderboards of the board's host, oldest first.
        teams: the top of the newest, and our row.
    """

    analysis: BoardAnalysis
    names: dict[str, str] = field(default_factory=dict)
    outlooks: tuple[SubmissionOutlook, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    teams: tuple[LeaderboardTeam, ...] = ()

    @property
    def no_finals(self) -> str:
        """Reason why no submission is proposed, unless the shake-up already gives it."""
        why = self.analysis.why_not
        return "" if why.get("finals") == why.get("shake_up") else why.get("finals", "")

    def named(self, text: str) -> str:
        """Return `text` with submission ids replaced by the runs or blends they were made from."""
        for submission, name in self.names.items():
            text = text.replace(submission, name)
        return text


def summarise_board(
    workspace: Workspace, competition: Competition, view: BoardView, problems: list[str]
) -> BoardSummary:
    """Return what the page shows of the board `view`; `problems` get what cannot be worked out."""
    snapshots = [one for one in read_snapshots(workspace) if one.target == view.target]
    slug = snapshots[-1].slug if snapshots else ""
    snapshots = [one for one in snapshots if one.slug in ("", slug)]
    teams = (
        leaderboard_teams(snapshots[-1], greater_is_better=view.greater_is_better)
        if snapshots
        else ()
    )
    analysis = _analysed(workspace, competition, view, problems)
    names = _names(view.rows)
    outlooks = submission_outlooks(view, analysis, names)
    return BoardSummary(analysis, names, outlooks, tuple(snapshots), teams)


def submission_outlooks(
    view: BoardView, analysis: BoardAnalysis, names: dict[str, str]
) -> tuple[SubmissionOutlook, ...]:
    """Return the outlook of each submission with an out-of-fold score, the best first."""
    if analysis.shake_up is None:
        return ()
    sign = 1 if view.greater_is_better else -1
    each = {one.id: one for one in analysis.shake_up.submissions}
    rows = {row.id: row for row in view.rows}
    public = {name: one.public for name, one in each.items() if one.public is not None}
    private = {name: each[name].private for name in public}
    widths = [one.private_interval[1] - one.private_interval[0] for one in each.values()]
    place = _places(public, sign)
    later = _places(private, sign, same=_SAME * float(np.median(widths)))
    made = analysis.finals
    candidates = {one.id: one for one in made.candidates} if made is not None else {}
    chosen = {name: n for n, name in enumerate(made.chosen, start=1)} if made is not None else {}
    return tuple(
        SubmissionOutlook(
            rows[one.id],
            names[one.id],
            one,
            place.get(one.id),
            later.get(one.id),
            candidates.get(one.id),
            chosen.get(one.id),
        )
        for one in sorted(each.values(), key=lambda one: -sign * one.private)
    )


def leaderboard_teams(
    snapshot: Snapshot, *, greater_is_better: bool
) -> tuple[LeaderboardTeam, ...]:
    """Return the first 10 teams of a leaderboard, and ours if it is below them."""
    sign = 1 if greater_is_better else -1
    scores = {str(place): score for place, (_, score) in enumerate(snapshot.top)}
    rank = _places({name: score for name, score in scores.items() if score is not None}, sign)
    own = snapshot.own
    at = None if own is None else _place_of(snapshot, own[1], own[2])
    teams = [
        LeaderboardTeam(rank.get(str(place)), name, score, place == at)
        for place, (name, score) in enumerate(snapshot.top[:LEADERBOARD_ROWS])
    ]
    if own is not None and not any(team.is_own for team in teams):
        teams.append(LeaderboardTeam(own[0], own[1], own[2], True))
    return tuple(teams)


def _place_of(snapshot: Snapshot, team: str, score: float) -> int | None:
    """Return the position of our team in the top; the score separates teams of one name."""
    places = [place for place, one in enumerate(snapshot.top) if one == (team, score)]
    return places[0] if places else None


def _analysed(
    workspace: Workspace, competition: Competition, view: BoardView, problems: list[str]
) -> BoardAnalysis:
    try:
        return analyse(workspace, competition, view, public_share_of(competition))
    except (PodiumError, OSError, ValueError, ArithmeticError) as error:
        problems.append(f"analysis of the submission scores: {error}")
        return BoardAnalysis()


def _names(rows: Sequence[BoardRow]) -> dict[str, str]:
    """Return a name for each row: its run or blend, or its id if that is unknown or not unique."""
    origin = {row.id: row.sources or row.likely_from for row in rows}
    first = {name: one[0] if len(one) == 1 else name for name, one in origin.items()}
    alone = _counted(first.values())
    return {name: one if alone(one) else name for name, one in first.items()}


def _counted(names: Iterable[str]) -> Callable[[str], bool]:
    every = list(names)
    return lambda name: every.count(name) == 1


def _places(scores: dict[str, float], sign: int, *, same: float = 0.0) -> dict[str, int]:
    """Return the place of each by its score, 1 for the best; equal ones share the best place."""
    return {
        name: 1 + sum(sign * (other - score) > same for other in scores.values())
        for name, score in scores.items()
    }
