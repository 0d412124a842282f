"""The board: every submission with its sources, honest score, public score and rank.

It is made from files alone: receipts, adopted submissions, records, the newest leaderboard. With a
host, these are brought up to date first. `describe_changes` compares two boards, for `--watch`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from podium.competition.scores.combination import score_metric
from podium.competition.scores.estimates import ExpectedScore, OnTestLike
from podium.competition.spec import Competition
from podium.errors import DataError
from podium.predictions.candidates import find_newest_set
from podium.predictions.kept_scores import kept_estimate, kept_expected_of_share
from podium.predictions.store.reading import views_in
from podium.submissions.board.adopted import (
    AdoptedSubmission,
    adopt_submissions,
    match_receipts,
    read_adopted,
    without_receipt,
    written_files,
)
from podium.submissions.board.leaderboard import (
    TOP,
    Leaderboard,
    OwnRank,
    Split,
    read_leaderboard,
    read_snapshots,
    record_leaderboard,
)
from podium.submissions.upload.client import (
    Client,
    HostListing,
    KaggleClient,
    Limits,
    ListedSubmission,
)
from podium.submissions.upload.endpoint import Endpoint, Target, slug_of
from podium.submissions.upload.receipt import (
    Receipt,
    file_sha256,
    read_receipts,
    save_receipt,
    updated_receipt,
)
from podium.tasks.protocols.names import TaskName
from podium.training.runs.content import DataChange
from podium.workspace import json_lines
from podium.workspace.blend_notes import format_method, member_of_same_file, weighed_members
from podium.workspace.display import html_table, number, text_table
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import UNKNOWN_START, Record, scan, scores_of_all

__all__ = [
    "BlendScore",
    "BoardRow",
    "BoardView",
    "RunScore",
    "board",
    "describe_changes",
    "score_order",
]


_SENT = ("submitted", "complete")
_STATES = {"COMPLETE": "complete", "ERROR": "error"}


@dataclass(frozen=True)
class BoardRow:
    """One submission: its sources, its honest score, its scores at the host.

    `came_from` has the sources as text, a blend with its runs. `rank` is the place that its score
    takes among the `n_teams` of its host's newest leaderboard: the public score, or the private one
    where the leaderboard is ordered by that. `adopted`: it was sent by other means; `likely_from`
    names the probable source of its content where no `sources` are proven, and `honest` is then
    that blend's, if it is one. `submitted` is when the host took it, ISO text like `created`.
    `on_test_like` is the estimate of its score on this test set, as it was kept; None: none was.
    `expected` is the score to expect of the mean of its fold models, as it was kept.
    """

    id: str
    created: str
    sources: tuple[str, ...]
    state: str
    target: Target
    ref: int | None
    honest: float | None
    honest_interval: tuple[float, float] | None
    optimistic: float | None
    public_score: float | None
    private_score: float | None
    message: str
    error: str
    rank: int | None = None
    n_teams: int | None = None
    kind: Literal["file", "code"] = "file"
    adopted: bool = False
    likely_from: tuple[str, ...] = ()
    came_from: str = ""
    submitted: str | None = None
    on_test_like: OnTestLike | None = None
    expected: ExpectedScore | None = None


@dataclass(frozen=True)
class RunScore:
    """The scores of a run or import: each fold's, the pooled one, estimates for this test set.

    They are of the run's own views. `sent_with` are the views of its newest prediction set, which
    blends and files take, where these are others; "" where they are its own.
    """

    id: str
    folds: dict[str, float]
    oof: float | None
    selected_on_fold: bool
    unknown_start: bool = False
    on_test_like: OnTestLike | None = None
    expected: ExpectedScore | None = None
    n_folds: int | None = None  # of the whole run; None: not known
    sent_with: str = ""


@dataclass(frozen=True)
class BlendScore:
    """One blend and its scores: the honest one with its interval, and the optimistic one.

    `expected` is the score to expect of the test set, as it was kept; None: none was.
    `scored_rows` is of how many rows it was scored: scores of other rows are compared in the
    `folds` alone that both have, by the honest score of each.
    `weighed` are the members that change it: others have no weight. `is_plain`: nothing was fitted
    for its decision. `same_file_as` is the member whose file is its own, though with the plain
    decision it scores better alone: nothing was chosen for it.
    """

    id: str
    members: tuple[str, ...]
    honest: float | None
    honest_interval: tuple[float, float] | None
    optimistic: float | None
    expected: ExpectedScore | None = None
    scored_rows: int | None = None
    folds: dict[str, float | None] = field(default_factory=dict)
    weighed: tuple[str, ...] = ()
    is_plain: bool = False
    same_file_as: str = ""


@dataclass(frozen=True, repr=False)
class BoardView:
    """The content of `podium board`.

    `limits` is None and `leaderboard` () without a host; the rest comes from the files.
    `leaderboard` is its top. `own`, `n_teams` and `split` are of the newest leaderboard of
    `target`, which was last current at `seen`. `best_honest` and `best_public` are ids of rows.
    `unsent` are the files in `submissions/` that no host has, by name.
    `other_data` are the runs, blends and imports that were made of other data than today's.
    `imports` are predictions made elsewhere, scored by plain decisions.
    """

    metric: str
    greater_is_better: bool
    target: Target
    rows: tuple[BoardRow, ...]
    runs: tuple[RunScore, ...]
    limits: Limits | None = None
    leaderboard: tuple[dict[str, Any], ...] = ()
    own: OwnRank | None = None
    n_teams: int | None = None
    leader: tuple[str, float | None] | None = None
    split: Split = "public"
    seen: str | None = None
    asked: str | None = None
    blends: tuple[BlendScore, ...] = ()
    unsent: tuple[str, ...] = ()
    other_data: tuple[DataChange, ...] = ()
    imports: tuple[RunScore, ...] = ()

    @property
    def quota_left(self) -> int | None:
        """Number of submissions that are left today, or None without a host."""
        return None if self.limits is None else self.limits.left

    @property
    def quota_resets(self) -> str | None:
        """The next 00:00 UTC after the host's reply, ISO text, or None without a host."""
        if self.asked is None:
            return None
        day = datetime.fromisoformat(self.asked).replace(hour=0, minute=0, second=0, microsecond=0)
        return (day + timedelta(days=1)).isoformat(timespec="seconds")

    @property
    def best_honest(self) -> str | None:
        """The id of the submission with the best honest score.

        Of equal ones it is that with the higher score to expect, then the first.
        """
        return self._best(
            lambda row: score_order(
                row.honest, row.expected, greater_is_better=self.greater_is_better
            )
        )

    @property
    def best_public(self) -> str | None:
        """The id of the submission with the best public score, the first of equal ones."""
        sign = 1 if self.greater_is_better else -1
        return self._best(
            lambda row: None if row.public_score is None else (sign * row.public_score,)
        )

    def is_rival(self, row: BoardRow) -> bool:
        """Whether its scores compete; those at a host of one's own do not with Kaggle's."""
        return row.state in _SENT and row.target == self.target

    def _best(self, goodness: Callable[[BoardRow], tuple[float, ...] | None]) -> str | None:
        scored = [
            (found, row.id)
            for row in reversed(self.rows)  # oldest first
            if self.is_rival(row) and (found := goodness(row)) is not None
        ]
        return max(scored, key=lambda one: one[0])[1] if scored else None

    def __repr__(self) -> str:
        return f"{self._title}\n{text_table(*self._table)}"

    def _repr_html_(self) -> str:
        columns, rows = self._table
        left = [] if self.quota_left is None else [f"submissions left today: {self.quota_left}"]
        return html_table(columns, rows, title=self._title, notes=left)

    @property
    def _title(self) -> str:
        n = len(self.rows)
        return f"{n} {'submission' if n == 1 else 'submissions'}, scored by {self.metric}"

    @property
    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        rows = [
            (
                row.id,
                (row.submitted or row.created)[:16].replace("T", " "),
                ", ".join(row.sources or row.likely_from) or row.came_from,
                *map(number, (row.honest, row.public_score, row.private_score)),
                "" if row.rank is None else str(row.rank),
                row.state,
            )
            for row in self.rows
        ]
        return ("submission", "when (UTC)", "from", "honest", "public", "private", "rank",
                "state"), rows  # fmt: skip

    def as_dict(self) -> dict[str, Any]:
        """Return the view as JSON values."""
        return {
            **asdict(self),
            "quota_left": self.quota_left,
            "quota_resets": self.quota_resets,
            "best_honest": self.best_honest,
            "best_public": self.best_public,
        }


_DIGITS = 10  # significant: scores of equal answers may differ in the last bits


def score_order(
    honest: float | None, expected: ExpectedScore | None, *, greater_is_better: bool
) -> tuple[float, float] | None:
    """Return what orders scores, the greater the better: the honest one, then the expected one.

    Where nothing is kept to expect, it is the honest score. None: there is no honest score.
    """
    if honest is None:
        return None
    known = honest if expected is None or expected.score is None else expected.score
    sign = 1 if greater_is_better else -1
    return sign * float(f"{honest:.{_DIGITS}g}"), sign * float(f"{known:.{_DIGITS}g}")


def board(
    workspace: Workspace,
    competition: Competition,
    endpoint: Endpoint | None = None,
    *,
    client: Client | None = None,
) -> BoardView:
    """Return the board, newest submission first.

    With an `endpoint` the host is read first: receipts get their scores, submissions without a
    receipt are adopted, and the leaderboard is recorded. Without one nothing leaves the machine.
    Any number of processes may do that at once.

    Raises:
        HostError: the host refused or did not answer.
        DataError: there is no such metric.
    """
    metric = score_metric(competition)
    target = _target_of_files(workspace, competition) if endpoint is None else endpoint.target
    records = {record.id: record for _, record in scan(workspace)}
    name = metric.name
    view = BoardView(
        metric=name,
        greater_is_better=metric.greater_is_better,
        target=target,
        rows=(),
        runs=_run_scores(records.values(), name, "run", competition.scored_tasks),
        imports=_run_scores(records.values(), name, "import", competition.scored_tasks),
        blends=_blend_scores(records.values(), name),
    )
    if endpoint is not None:
        at, slug = now(), slug_of(competition)
        listing = (client or KaggleClient(endpoint, slug)).listing()
        known_blends = [one.id for one in records.values() if one.kind == "blend"]
        with json_lines.locked(workspace.board):
            receipts = _refreshed(workspace, listing, known_blends, target=target, slug=slug, at=at)
            record_leaderboard(
                workspace,
                listing,
                target=target,
                slug=slug,
                at=at,
                greater_is_better=metric.greater_is_better,
            )
        top = tuple(dict(team) for team in (listing.leaderboard or ())[:TOP])
        view = replace(
            view, limits=listing.limits, leaderboard=top, asked=at.isoformat(timespec="seconds")
        )
    else:
        receipts = read_receipts(workspace)
    rows = _rows(workspace, competition, receipts, records, view)

    def estimate(folder: Path) -> OnTestLike | None:
        found = kept_estimate(workspace, folder)
        # Of one task alone it is no neighbour of scores of several.
        return found if found is not None and found.metric == name else None

    def expected(folder: Path) -> ExpectedScore | None:
        return kept_expected_of_share(folder, competition.kaggle.public_share)

    kept = functools.cache(lambda folder: (estimate(folder), expected(folder)))
    rows = [_with_estimates(row, workspace, records, name, kept) for row in rows]
    runs = tuple(
        replace(
            run,
            on_test_like=estimate(workspace.runs / run.id),
            expected=expected(workspace.runs / run.id),
            sent_with=_sent_with(workspace.runs / run.id, records[run.id]),
        )
        if run.oof is not None
        else run
        for run in view.runs
    )
    blends = tuple(
        replace(one, expected=expected(workspace.blends / one.id)) for one in view.blends
    )
    view = replace(view, runs=runs, blends=blends, unsent=_unsent_files(workspace, receipts))
    return replace(_with_leaderboard(view, read_leaderboard(workspace, target)), rows=tuple(rows))


def _target_of_files(workspace: Workspace, competition: Competition) -> Target:
    """Return the host that the files of the workspace are of.

    `podium host env` points a shell at a host of one's own without `kaggle.host`; then receipts,
    adopted submissions and leaderboards name it. Kaggle goes before such a host if both are there.
    """
    if competition.kaggle.host is not None:
        return "host"
    known = [(one.target, one.slug) for one in read_receipts(workspace)]
    known += [(one.target, one.slug) for one in read_adopted(workspace)]
    known += [(one.target, one.slug) for one in read_snapshots(workspace)]
    named = competition.kaggle.slug
    # Old snapshots do not name their competition.
    seen = {target for target, slug in known if named is None or slug in ("", named)}
    return "host" if seen == {"host"} else "kaggle"


def _refreshed(
    workspace: Workspace,
    listing: HostListing,
    blends: Iterable[str],
    *,
    target: Target,
    slug: str,
    at: datetime,
) -> list[Receipt]:
    """Return the receipts in the state of the host; adopt its submissions that have none."""
    receipts = read_receipts(workspace)  # after the answer: an upload may have gone on meanwhile
    found = match_receipts(receipts, listing.submissions, target=target, slug=slug)
    fresh = []
    for receipt in receipts:
        entry = found.get(receipt.id)
        if entry is not None and not _is_older(entry, receipt):
            newer = updated_receipt(receipt, entry)
            receipt = save_receipt(workspace, newer) if newer != receipt else receipt
        fresh.append(receipt)
    taken = {entry.ref for entry in found.values()}
    others = [entry for entry in listing.submissions if entry.ref not in taken]
    adopt_submissions(workspace, others, fresh, blends, target=target, slug=slug, at=at)
    return fresh


def _is_older(entry: ListedSubmission, receipt: Receipt) -> bool:
    """Return whether the receipt is newer: another process may have got the score meanwhile."""
    return entry.status == "PENDING" and receipt.state in ("complete", "error")


def _with_leaderboard(view: BoardView, leaderboard: Leaderboard | None) -> BoardView:
    if leaderboard is None:
        return view
    seen = leaderboard.snapshot
    return replace(
        view,
        own=seen.own,
        n_teams=seen.n_teams,
        leader=seen.top[0] if seen.top else None,
        split=seen.split,
        seen=leaderboard.seen.isoformat(timespec="seconds"),
    )


def _rows(
    workspace: Workspace,
    competition: Competition,
    receipts: Sequence[Receipt],
    records: Mapping[str, Record],
    view: BoardView,
) -> list[BoardRow]:
    """Return a row for each receipt, and for each adopted submission that none of them is."""
    others = without_receipt(read_adopted(workspace), receipts)
    rows = [_row(receipt, records, view.metric) for receipt in receipts]
    rows += [_adopted_row(one, records, view.metric, competition) for one in others]
    slugs = {one.id: one.slug for one in receipts} | {one.id: one.slug for one in others}
    leaderboard = {one: read_leaderboard(workspace, one) for one in {row.target for row in rows}}
    return [
        _ranked(row, slugs[row.id], leaderboard[row.target], view.greater_is_better)
        for row in sorted(rows, key=lambda row: row.submitted or row.created, reverse=True)
    ]


def _row(receipt: Receipt, records: Mapping[str, Record], metric: str) -> BoardRow:
    honest, interval, optimistic = _promised_scores(
        receipt.sources, receipt.honest, records, metric
    )
    return BoardRow(
        id=receipt.id,
        created=receipt.created.isoformat(timespec="seconds"),
        sources=tuple(receipt.sources),
        state=receipt.state,
        target=receipt.target,
        ref=receipt.ref,
        honest=honest,
        honest_interval=interval,
        optimistic=optimistic,
        public_score=receipt.public_score,
        private_score=receipt.private_score,
        message=receipt.message,
        error=receipt.error,
        kind=receipt.kind,
        came_from=_format_sources(receipt.sources or [receipt.file], records),
        submitted=None
        if receipt.submitted is None
        else receipt.submitted.isoformat(timespec="seconds"),
    )


def _adopted_row(
    one: AdoptedSubmission, records: Mapping[str, Record], metric: str, competition: Competition
) -> BoardRow:
    # Of several that it may be from, none is taken at its word.
    source = one.sources or (one.likely_from if len(one.likely_from) == 1 else ())
    honest, interval, optimistic = _promised_scores(source, None, records, metric)
    created = one.created.isoformat(timespec="seconds")
    likely = " or ".join(_format_sources([name], records) for name in one.likely_from)
    origin = (
        _format_sources(one.sources, records) if one.sources else f"likely {likely}" * bool(likely)
    )
    return BoardRow(
        id=one.id,
        created=created,
        sources=one.sources,
        state=_STATES.get(one.status, "submitted"),
        target=one.target,
        ref=one.ref,
        honest=honest,
        honest_interval=interval,
        optimistic=optimistic,
        public_score=one.public_score,
        private_score=one.private_score,
        message=one.description,
        error=one.error,
        kind=competition.kaggle.kind,
        adopted=True,
        likely_from=one.likely_from,
        came_from=origin or one.file_name,
        submitted=created,
    )


def _ranked(
    row: BoardRow, slug: str, leaderboard: Leaderboard | None, greater_is_better: bool
) -> BoardRow:
    """Return the row with its rank; old snapshots do not name their competition.

    It is the rank that our team would have with this score, without our better ones; of our best
    score it is the team's.
    """
    if leaderboard is None or leaderboard.snapshot.slug not in ("", slug):
        return row
    is_private = leaderboard.snapshot.split == "private"
    score = row.private_score if is_private else row.public_score
    rank = leaderboard.rank(
        score if row.state in _SENT else None, greater_is_better=greater_is_better
    )
    own = leaderboard.snapshot.own
    if rank is not None and score is not None and own is not None:
        is_own = round(score, leaderboard.digits) == round(own[2], leaderboard.digits)
        # Of teams with our best score the host tells who is before whom.
        rank = own[0] if is_own else rank - (own[0] < rank)
    return replace(row, rank=rank, n_teams=leaderboard.snapshot.n_teams)


def _with_estimates(
    row: BoardRow,
    workspace: Workspace,
    records: Mapping[str, Record],
    metric: str,
    kept: Callable[[Path], tuple[OnTestLike | None, ExpectedScore | None]],
) -> BoardRow:
    """Return the row with the kept estimates of the blend whose honest score it has."""
    if row.honest is None:
        return row
    for source in row.sources or row.likely_from:
        if source in records and "honest" in records[source].scores:
            if records[source].scores.get("metric", metric) != metric:
                return row
            on_test_like, expected = kept(workspace.blends / source)
            return replace(row, on_test_like=on_test_like, expected=expected)
    return row


def _promised_scores(
    sources: Sequence[str], honest: float | None, records: Mapping[str, Record], metric: str
) -> tuple[float | None, tuple[float, float] | None, float | None]:
    """Return honest score, its interval and the optimistic score of the first source that has one.

    Scores by another metric than today's are left out.
    """
    for source in sources:
        if source in records and "honest" in records[source].scores:
            scores = records[source].scores
            if scores.get("metric", metric) != metric:
                return None, None, None
            low_high = scores.get("honest_interval")
            return (
                scores.get("honest") if honest is None else honest,
                None if low_high is None else (low_high[0], low_high[1]),
                scores.get("optimistic"),
            )
    return honest, None, None


def _format_sources(sources: Sequence[str], records: Mapping[str, Record]) -> str:
    """Return the sources, a blend as "blend-0a1b2c3d (mean of a-1 and b-2)"."""
    parts = []
    for source in sources:
        record = records.get(source)
        if record is None or record.kind != "blend" or not record.parents:
            parts.append(source)
            continue
        method = format_method(str(record.details.get("method") or ""))
        *first, last = weighed_members(record)
        runs = f"{', '.join(first)} and {last}" if first else last
        of = f"{method} of {runs}" if method and first else f"of {runs}"
        parts.append(f"{source} ({of})")
    return ", ".join(parts)


def _run_scores(
    records: Iterable[Record],
    metric: str,
    kind: Literal["run", "import"],
    tasks: Sequence[TaskName],
) -> tuple[RunScore, ...]:
    """Return runs with a finished fold, or imports; oldest first; only scores by this metric.

    Folds of a run that does not predict all the `tasks` that are scored together have None.
    """
    found = []
    for record in sorted(records, key=lambda record: record.created):
        if record.kind == kind and (record.scores or kind == "import"):
            scores = scores_of_all(record.scores)
            if scores.get("metric", metric) != metric:
                is_part = not set(tasks) <= set(record.scores.get("tasks", tasks))
                scores = {"folds": dict.fromkeys(scores.get("folds", {}))} if is_part else {}
            found.append(
                RunScore(
                    id=record.id,
                    folds=dict(scores.get("folds", {})),
                    oof=scores.get("oof"),
                    selected_on_fold=bool(scores.get("selected_on_fold", False)),
                    unknown_start=UNKNOWN_START in record.scores,
                    n_folds=record.details.get("n_folds"),
                )
            )
    return tuple(found)


def _sent_with(run: Path, record: Record) -> str:
    """Return the views of a run's newest prediction set in words, where it is not its own set."""
    newest, own = find_newest_set(run), record.details.get("predictions")
    if newest is None or own is None or newest.name == own:
        return ""
    try:
        return views_in(newest).description or "the image as it is"
    except DataError:  # it is damaged, of which the blend that reads it tells
        return ""


def _blend_scores(records: Iterable[Record], metric: str) -> tuple[BlendScore, ...]:
    """Return the blends, oldest first, their scores where they are by this metric."""
    return tuple(
        BlendScore(
            record.id,
            tuple(record.parents),
            *_promised_scores([record.id], None, {record.id: record}, metric),
            scored_rows=record.scores.get("scored_rows"),
            folds=dict(record.scores.get("folds", {})),
            weighed=weighed_members(record),
            is_plain=not any(
                one.get("decision")
                for one in (record.details, *record.details.get("beside", {}).values())
            ),
            same_file_as=member_of_same_file(
                record.details.get("notes", ()), record.details.get("members", ())
            ),
        )
        for record in sorted(records, key=lambda record: record.created)
        if record.kind == "blend"
    )


def _unsent_files(workspace: Workspace, receipts: Iterable[Receipt]) -> tuple[str, ...]:
    """Return the names of the files in `submissions/` whose content no receipt has as sent."""
    sent = {one.file_sha256 for one in receipts if one.state in _SENT}
    files = written_files(workspace)
    return tuple(file.name for file in files if file_sha256(file) not in sent)


def describe_changes(before: BoardView, after: BoardView) -> list[str]:
    """Return a sentence for each change: scores, new submissions, rank, leader, and the quota."""
    known = {row.id: row for row in before.rows}
    changes = []
    for row in reversed(after.rows):  # oldest first
        changes += _row_changes(known.get(row.id), row)
    return changes + _leaderboard_changes(before, after) + _quota_changes(before, after)


def _row_changes(old: BoardRow | None, row: BoardRow) -> list[str]:
    changes = []
    if old is None:
        by = " by other means" if row.adopted else ""
        changes.append(f"{row.id} was sent{by}: {row.message or row.came_from}")
    for split in ("public", "private"):
        score = getattr(row, f"{split}_score")
        last = None if old is None else getattr(old, f"{split}_score")
        if score is not None and score != last:
            was = "" if last is None else f", it was {last:g}"
            changes.append(f"{row.id} has the {split} score {score:g}{was}")
    if row.error and (old is None or old.error != row.error):
        changes.append(f"{row.id} was refused: {row.error}")
    return changes


def _leaderboard_changes(before: BoardView, after: BoardView) -> list[str]:
    if before.split != after.split:
        return [f"the leaderboard shows {after.split} scores now", *_describe_rank(after)]
    changes = []
    if after.own is not None and (before.own is None or before.own[0] != after.own[0]):
        if before.own is None:
            changes += _describe_rank(after)
        else:
            verb = "won" if after.own[0] < before.own[0] else "lost"
            changes.append(f"{verb}: rank {after.own[0]}{_of_teams(after)}, it was {before.own[0]}")
    if after.leader is not None and after.leader != before.leader:
        team, score = after.leader
        shown = "no score" if score is None else f"{score:g}"
        is_new = before.leader is None or before.leader[0] != team
        changes.append(f"{'the leader is' if is_new else 'the leader,'} {team} with {shown}")
    return changes


def _describe_rank(view: BoardView) -> list[str]:
    return [] if view.own is None else [f"rank {view.own[0]}{_of_teams(view)}"]


def _of_teams(view: BoardView) -> str:
    return "" if view.n_teams is None else f" of {view.n_teams}"


def _quota_changes(before: BoardView, after: BoardView) -> list[str]:
    ended = after.limits.end if after.limits is not None else ""
    if ended:
        return [] if before.limits is not None and before.limits.end else [ended]
    if before.asked is None or after.asked is None or before.asked[:10] == after.asked[:10]:
        return []
    return [f"a new day: {after.quota_left} submissions left"]
