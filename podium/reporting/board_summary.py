"""The board on the page: what to send, rows and their marks, the leaderboard, the analysis."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.hosting.spec import public_share_of
from podium.submissions.board.adopted import written_files
from podium.submissions.board.analysis import BoardAnalysis, analyse
from podium.submissions.board.best_to_send import FinishedWork
from podium.submissions.board.blend_order import current_submission_file
from podium.submissions.board.finals import Candidate
from podium.submissions.board.leaderboard import Snapshot, read_snapshots
from podium.submissions.board.private_scores import ExpectedPrivateScore
from podium.submissions.board.view import BoardRow, BoardView
from podium.submissions.upload.receipt import file_sha256, read_receipts
from podium.workspace.layout import Workspace

__all__ = ["BoardSummary", "SubmissionFile", "summarise_board"]

LEADERBOARD_ROWS = 10
_SAME = 0.01  # of the width of an interval
_SENT = ("submitted", "complete")


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
class SubmissionFile:
    """A file in `submissions/`.

    Attributes:
        name: of the file.
        blend: that it was written from; None: that is not known.
        is_current: it holds what would be written of the blend today; False of one that was kept
            when it was written anew, has other thresholds, or is older than competition.yaml.
        sent: the submissions of its content that a host has, oldest first.
    """

    name: str
    blend: str | None
    is_current: bool
    sent: tuple[BoardRow, ...]

    @property
    def public_score(self) -> float | None:
        """The last public score of its content."""
        known = [row.public_score for row in self.sent if row.public_score is not None]
        return known[-1] if known else None


@dataclass(frozen=True)
class BoardSummary:
    """The board as the page shows it.

    Attributes:
        analysis: of all scores together.
        work: what of all that is finished is to be sent.
        files: in `submissions/`, those of the best blend first.
        names: submission → the run or blend it was made from; its id if that is not unique.
        outlooks: of each candidate, the best first.
        snapshots: the leaderboards of the board's host, oldest first.
        teams: the top of the newest, and our row.
    """

    analysis: BoardAnalysis
    work: FinishedWork
    files: tuple[SubmissionFile, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    outlooks: tuple[SubmissionOutlook, ...] = ()
    snapshots: tuple[Snapshot, ...] = ()
    teams: tuple[LeaderboardTeam, ...] = ()

    @property
    def file_of_best(self) -> SubmissionFile | None:
        """The file of the best of all that is finished; None where it is to be written."""
        best = self.work.best
        of_best = (one for one in self.files if best and one.blend == best.name and one.is_current)
        return next(of_best, None)

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
    workspace: Workspace,
    competition: Competition,
    view: BoardView,
    work: FinishedWork,
    problems: list[str],
) -> BoardSummary:
    """Return what the page shows of the board.

    Args:
        workspace, competition, view: of the board.
        work: what of all that is finished is to be sent.
        problems: get what cannot be worked out.
    """
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
    files = submission_files(workspace, competition, view, work)
    return BoardSummary(analysis, work, files, names, outlooks, tuple(snapshots), teams)


def submission_files(
    workspace: Workspace, competition: Competition, view: BoardView, work: FinishedWork
) -> tuple[SubmissionFile, ...]:
    """Return the files in `submissions/`, those of the best blend first.

    A file that is called otherwise, as that of `podium auto`, is of the blend whose file has the
    same content.
    """
    digests = {file: file_sha256(file) for file in written_files(workspace)}
    blends = [one.id for one in view.blends]
    own = {digests[file]: file.stem for file in digests if file.stem in blends}
    oldest_first = view.rows[::-1]
    receipts = read_receipts(workspace)
    found = []
    for file, digest in digests.items():
        named = next((one for one in blends if file.stem.startswith(f"{one}-")), None)
        blend = file.stem if file.stem in blends else named or own.get(digest)
        current = None if blend is None else current_submission_file(workspace, competition, blend)
        is_current = current is not None and digests.get(current) == digest
        ids = {one.id for one in receipts if one.file_sha256 == digest}
        ids |= {row.id for row in view.rows if row.likely_from == (file.stem,)}
        sent = tuple(row for row in oldest_first if row.id in ids and row.state in _SENT)
        found.append(SubmissionFile(file.name, blend, is_current, sent))
    order = [one.score.id for one in work.ranked]
    places = {blend: place for place, blend in enumerate(order)}
    return tuple(
        sorted(
            found,
            key=lambda one: (places.get(one.blend or "", len(order)), not one.is_current, one.name),
        )
    )


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
