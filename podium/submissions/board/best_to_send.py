"""What of all that is finished is to be sent, and what no blend weighs yet: one rule for all.

`podium status`, `train`, `blend`, `auto` and `submit` without a name ask it. The best blend is that
of `ranked_blends`, among those of today's folds and classes. A member that scores better alone is
sent in its place, and so is a finished run that scores better out of fold than the best blend, as
long as it is no blend of its own.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from podium.competition.scores.combination import score_metric
from podium.competition.scores.perfect import perfect_score_warning
from podium.errors import PodiumError, plural, some_names
from podium.predictions.candidates import (
    find_newest_set,
    import_gaps,
    is_current,
    newest_imports,
)
from podium.predictions.store.reading import PredictionSet
from podium.submissions.board.blend_order import RankedBlend, ranked_blends
from podium.submissions.board.view import BlendScore, BoardView, RunScore, board, score_order
from podium.training.runs.content import folds_digest
from podium.workspace.auto_record import auto_records
from podium.workspace.blend_notes import member_to_send
from podium.workspace.display import number
from podium.workspace.records import are_other_rows, is_label_free_run, scan, scores_of_all

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.auto_record import AutoRecord
    from podium.workspace.layout import Workspace
    from podium.workspace.records import Record

__all__ = ["BestToSend", "FinishedWork", "best_score_warning", "finished_work"]

_CLOCK_S = 1.0  # by which times of files and of records may differ


@dataclass(frozen=True)
class BestToSend:
    """What `podium submit` without a name sends.

    Attributes:
        name: id of a blend, or of a run or import that is no blend of its own yet.
        why: it is the best, as the end of a sentence.
        blend: the best blend; another one than `name` where a member scores better alone.
        was_sent: a host has its file.
    """

    name: str
    why: str
    blend: BlendScore
    was_sent: bool

    @property
    def is_alone(self) -> bool:
        """Whether it is a run or import, of which a blend is yet to be made."""
        return self.name != self.blend.id


@dataclass(frozen=True)
class FinishedWork:
    """What finished runs led to.

    Attributes:
        n_members: number of runs and imports of today's folds and classes, with all folds.
        not_blended: those of them that no blend weighs as they are now, oldest first.
        grown: of these, those that blends have with fewer folds alone, or as they predicted before.
        ranked: the blends of today's folds and classes, the best first.
        best: what is to be sent; None where there is no blend with a score.
        newer: the newest run, where the best blend does not weigh it and all that it weighs is
            older; "": there is none.
    """

    n_members: int
    not_blended: tuple[str, ...]
    grown: tuple[str, ...]
    ranked: tuple[RankedBlend, ...]
    best: BestToSend | None
    newer: str = ""

    @property
    def beaten(self) -> BlendScore | None:
        """The best blend of the most rows, where one of fewer is better in the folds of both."""
        if not self.ranked or not self.ranked[0].is_of_fewer_rows:
            return None
        return next((one.score for one in self.ranked if not one.is_of_fewer_rows), None)

    def better_apart(self, *, greater_is_better: bool) -> BlendScore | None:
        """Return the blend that nothing compares with the best, and whose score is better."""
        apart = next((one.score for one in self.ranked if not one.is_compared), None)
        if apart is None or apart.honest is None or self.ranked[0].score.honest is None:
            return None
        gain = apart.honest - self.ranked[0].score.honest
        return apart if (gain > 0) == greater_is_better and gain else None


def finished_work(
    workspace: Workspace,
    competition: Competition,
    view: BoardView | None = None,
    *,
    imports: bool = True,
) -> FinishedWork:
    """Return what is blended and what is not, and the best of it, by records alone.

    Args:
        workspace, competition: as everywhere.
        view: the board; None: it is read.
        imports: whether what was imported counts, which a package cannot hold.

    Raises:
        DataError: competition.yaml names a metric that there is not.
    """
    view = board(workspace, competition) if view is None else view
    found = sorted(scan(workspace), key=lambda one: (one[1].created, one[0]))
    records = {record.id: record for _, record in found}
    folds = _folds(workspace)
    others = _of_other_data(records, competition, folds)
    if not imports:
        others |= {one.id for one in records.values() if one.kind == "import"}
    runs = [
        one
        for one in records.values()
        if one.kind == "run" and one.status == "finished" and not is_label_free_run(one)
    ]
    whole = _whole_imports(found, competition, folds)
    members = [one for one in (*runs, *whole) if one.id not in others]
    today = replace(view, blends=tuple(one for one in view.blends if not others & {*one.members}))
    ranked = [
        one
        for one in ranked_blends(workspace, competition, today)
        if _can_be_written(workspace, records[one.score.id], has_file=one.has_file)
    ]
    ranked = _without_outgrown(ranked, members)
    folders = {record.id: folder for folder, record in found}
    current = {
        (blend.score.id, one.id)
        for one in members
        for blend in ranked
        if _weighs(records[blend.score.id], blend.score, one, folders[one.id])
    }
    weighed = {
        one.id
        for one in members
        if any(
            (blend.score.id, one.id) in current
            for blend in ranked
            if len(members) == 1 or len(blend.score.members) > 1
        )
    }
    weighed |= _weighed_by_plans(workspace, view, records, ranked)
    of_before = {member for blend in ranked for member in blend.score.members}
    of_before -= {member for _, member in current}
    not_blended = tuple(one.id for one in members if one.id not in weighed)
    best = _best(workspace, view, ranked, {one.id for one in members} & weighed, records, others)
    return FinishedWork(
        len(members),
        not_blended,
        tuple(one for one in not_blended if one in of_before),
        tuple(ranked),
        best,
        "" if best is None else _newer(best, members, records),
    )


def best_score_warning(competition: Competition, best: BlendScore) -> str:
    """Return why the score of the best blend is doubted, which is perfect; "" of any other."""
    return perfect_score_warning(score_metric(competition), best.honest, best.scored_rows)


def _can_be_written(workspace: Workspace, blend: Record, *, has_file: bool) -> bool:
    """Return whether a file of today's test rows can be written of a blend, or is there.

    None can where what its members predicted is gone, or where they predicted other test rows
    since.
    """
    for place in _sets_of(blend):
        folder = workspace.root / place
        if not folder.is_dir():
            if not has_file:
                return False
            continue
        newest = find_newest_set(folder.parent.parent)
        if newest is None or newest.name == folder.name:
            continue
        today, before = PredictionSet(newest), PredictionSet(folder)
        for task in today.tasks("test"):
            if task not in before.tasks("test"):
                return False
            if {*today.ids("test", task)} != {*before.ids("test", task)}:
                return False
    return True


def _sets_of(blend: Record) -> list[str]:
    """Return the places of the prediction sets of a blend."""
    parts = [blend.inputs, *blend.inputs.get("beside", [])]
    return [place for part in parts for place in part.get("sets", ())]


def _folds(workspace: Workspace) -> list[tuple[str, int]] | None:
    """Return the fold of each sample, as `folds.csv` has it; None where it cannot be read."""
    try:
        with workspace.folds_file.open(encoding="utf-8-sig", newline="") as stream:
            return [(row["id"], int(row["fold"])) for row in csv.DictReader(stream)]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _of_other_data(
    records: Mapping[str, Record], competition: Competition, folds: Sequence[tuple[str, int]] | None
) -> set[str]:
    """Return the runs and imports of other folds or classes than today's: no blend takes them.

    One whose record does not name its folds counts as of today's.
    """
    found = [one for one in records.values() if one.kind in ("run", "import")]
    found = [one for one in found if "folds" in one.inputs]
    if not found or not folds:
        return set()
    ids, numbers = zip(*folds, strict=True)
    digest = folds_digest(ids, np.array(numbers))
    return {one.id for one in found if not is_current(one, competition, digest)}


def _whole_imports(
    found: Sequence[tuple[Path, Record]],
    competition: Competition,
    folds: Sequence[tuple[str, int]] | None,
) -> list[Record]:
    """Return the imports that `podium blend` takes where none are named."""
    every = {fold for _, fold in folds or () if fold >= 0}
    imports = [record for _, record in newest_imports(found)]
    return [one for one in imports if not import_gaps(one, competition, every)]


def _without_outgrown(
    ranked: Sequence[RankedBlend], members: Sequence[Record]
) -> list[RankedBlend]:
    """Return the blends without those whose members all have further folds since, beside others.

    The score of such a one is of fewer folds than what a file of it would be made of now.
    """
    folds = {one.id: _scored_folds(one) for one in members}

    def is_outgrown(blend: BlendScore) -> bool:
        each = [folds[one] for one in blend.members if one in folds]
        is_known = bool(blend.folds) and len(each) == len(blend.members)
        return is_known and set.intersection(*each) > {*blend.folds}

    return [one for one in ranked if not is_outgrown(one.score)] or list(ranked)


def _scored_folds(member: Record) -> set[str]:
    """Return the folds of a run or import that have a score."""
    folds = scores_of_all(member.scores).get("folds", {})
    return {fold for fold, score in folds.items() if score is not None}


def _weighs(blend: Record, scored: BlendScore, member: Record, folder: Path) -> bool:
    """Return whether a blend weighs what a run or import predicts now, with all of its folds.

    Args:
        blend, scored: its record, and its scores.
        member, folder: of the run or import.
    """
    if member.id not in scored.members:
        return False
    if scored.folds and _scored_folds(member) - set(scored.folds):
        return False
    newest = find_newest_set(folder)
    sets = [Path(place).parts[-3:] for place in _sets_of(blend)]
    return newest is None or not sets or newest.parts[-3:] in sets


def _weighed_by_plans(
    workspace: Workspace,
    view: BoardView,
    records: Mapping[str, Record],
    ranked: Sequence[RankedBlend],
) -> set[str]:
    """Return the runs that plans of `podium auto` weighed, or left out.

    A blend of theirs may have one member alone, as no other run made it better; older runs that are
    no better than the best blend were known to them.

    Args:
        workspace, view, records: of the competition.
        ranked: blends, the best first.
    """
    weighed, known = set[str](), {one.score.id for one in ranked}
    sign = 1 if view.greater_is_better else -1
    for plan in _plans(workspace):
        sent = [step.sent for step in plan.steps if step.sent in known]
        if not sent:
            continue
        found = {*plan.known, *(step.run for step in plan.steps if step.run is not None)}
        made, least = records[str(sent[-1])].created, ranked[0].score.honest or 0.0
        for run in view.runs:
            is_better = run.oof is not None and sign * run.oof > sign * least
            if records[run.id].created < made and not is_better:
                found.add(run.id)
        weighed |= {one for one in found if not _predicted_since(workspace.runs / one, made)}
    return weighed


def _predicted_since(run: Path, moment: datetime) -> bool:
    """Return whether a run has a prediction set that is newer than `moment`."""
    newest = find_newest_set(run)
    if newest is None:
        return False
    # Its folder itself changes with what is predicted of other images; a further fold changes that
    # of its task alone.
    written = max(one.stat().st_mtime for one in (newest / "oof", *(newest / "oof").iterdir()))
    return written > moment.timestamp() + _CLOCK_S


def _plans(workspace: Workspace) -> list[AutoRecord]:
    """Return the plans of `podium auto`; none where one is damaged, of which `auto` tells."""
    try:
        return auto_records(workspace)
    except PodiumError:
        return []


def _best(
    workspace: Workspace,
    view: BoardView,
    ranked: Sequence[RankedBlend],
    weighed: Set[str],
    records: Mapping[str, Record],
    others: Set[str],
) -> BestToSend | None:
    """Return what is to be sent; None where there is no blend with a score.

    Args:
        workspace, view, records: of the competition.
        ranked: blends, the best first.
        weighed: runs and imports with all folds that a blend weighs.
        others: runs and imports that are not to be sent.
    """
    if not ranked:
        return None
    first = ranked[0]
    best, details = first.score, records[first.score.id].details
    # Where it was made a blend of its own, that one's score is known.
    own = {one.score.members[0] for one in ranked if len(one.score.members) == 1}
    alone = member_to_send(details.get("notes", ()), details.get("members", ()))
    # A view of a run, or a set that was made by hand elsewhere, cannot be named.
    has_folder = any((room / alone).is_dir() for room in (workspace.runs, workspace.imports))
    if alone and has_folder and alone not in own | others:
        return BestToSend(alone, f"it scores better alone than {best.id}", best, was_sent=False)
    run = _best_run_beside(view, best, weighed - own - {*best.members}, records)
    if run is not None:
        why = f"its OOF score, {number(run.oof)}, is better than honest {number(best.honest)} of "
        return BestToSend(run.id, f"{why}{best.id}", best, was_sent=False)
    return BestToSend(best.id, _why_best(ranked), best, was_sent=first.was_sent)


def _best_run_beside(
    view: BoardView, best: BlendScore, among: Set[str], records: Mapping[str, Record]
) -> RunScore | None:
    """Return the run that scores better out of fold than the best blend; None: there is none."""
    sign = 1 if view.greater_is_better else -1
    assert best.honest is not None
    found = [
        (sign * one.oof, one)
        for one in view.runs
        if one.id in among
        and one.oof is not None
        and not one.selected_on_fold
        and not are_other_rows(records[one.id].scores.get("scored_rows"), best.scored_rows)
    ]
    goodness, run = max(found, key=lambda pair: pair[0], default=(None, None))
    return None if goodness is None or goodness <= sign * best.honest else run


def _newer(best: BestToSend, members: Sequence[Record], records: Mapping[str, Record]) -> str:
    """Return the newest run among `members` where the best blend weighs older ones alone, or ""."""
    runs = sorted((one for one in members if one.kind == "run"), key=lambda one: one.created)
    weighed = [records[one].created for one in best.blend.weighed if one in records]
    if best.is_alone or not runs or not weighed or runs[-1].created <= max(weighed):
        return ""
    return runs[-1].id


def _why_best(ranked: Sequence[RankedBlend]) -> str:
    """Return why the first blend is the best, and which others are as good."""
    best, *others = ranked
    honest = f"honest {number(best.score.honest)}"
    if not others:
        return f"the only blend, {honest}"
    if not best.is_of_fewer_rows:
        return f"{honest}, the best of {plural(len(ranked), 'blend')}{_equals(best, others)}"
    whole = next(one.score for one in others if not one.is_of_fewer_rows)
    return (
        f"{honest} on {best.score.scored_rows} rows, and better in the folds that it has in common "
        f"with {whole.id} ({whole.scored_rows} rows)"
    )


def _equals(best: RankedBlend, others: Sequence[RankedBlend]) -> str:
    """Return which blends have the same honest score as the best, with a sign before; "": none."""
    honest = score_order(best.score.honest, None, greater_is_better=True)
    same = [
        one.score.id
        for one in others
        if not one.is_of_fewer_rows
        and score_order(one.score.honest, None, greater_is_better=True) == honest
    ]
    return f"; as good: {some_names(same)}" if same else ""
