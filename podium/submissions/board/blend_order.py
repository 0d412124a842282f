"""Which blend is the best: one rule for the status, the next command, the report and the board.

A blend that is scored on fewer rows than others is compared with the best of those in the folds
that both have: it is the best where it is better there. Where they have none in common, nothing
compares them, and it stands behind.

Of equal honest scores the higher score to expect of the test set comes first, then a blend that a
host has, then one whose file is there, then the simplest: of the fewest members with a weight, and
of those the one with the plain decision; then the oldest. Blends that combine and decide alike
write one file: what is known of one of them holds for all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.submissions.board.view import BlendScore, BoardView, score_order
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.records import (
    Record,
    is_better_in_common_folds,
    read_record,
    scored_on_fewer_rows,
)

__all__ = ["RankedBlend", "blends_alike", "current_submission_file", "ranked_blends"]

_SENT = ("submitted", "complete")


@dataclass(frozen=True)
class RankedBlend:
    """A blend with a score, and what else decides its place.

    Attributes:
        score: as the board has it.
        is_of_fewer_rows: it is scored on fewer rows than others.
        is_compared: it was compared with the best of the others in the folds that both have, or
            is of as many rows.
        was_sent: a host has its file, or that of a blend that decides alike.
        has_file: its own file is there, or was sent.
    """

    score: BlendScore
    is_of_fewer_rows: bool
    is_compared: bool
    was_sent: bool
    has_file: bool


def ranked_blends(
    workspace: Workspace, competition: Competition, view: BoardView
) -> list[RankedBlend]:
    """Return the blends that have a score by the competition's metric, the best first.

    Behind the best, those that are scored on fewer rows than others stand behind all that are
    scored on the most.
    """
    scored = [one for one in view.blends if one.honest is not None]
    fewer = scored_on_fewer_rows({one.id: one.scored_rows for one in scored})
    answers = {one.id: _answers(workspace.blends / one.id) for one in scored}
    sent = {source for row in view.rows if row.state in _SENT for source in row.sources}
    sent_answers = {answers[one] for one in sent if one in answers}
    expected = {answers[one.id]: one.expected for one in scored if one.expected is not None}

    def place(one: RankedBlend) -> tuple[Any, ...]:
        order = score_order(
            one.score.honest,
            expected.get(answers[one.score.id]),
            greater_is_better=view.greater_is_better,
        )
        assert order is not None
        simplicity = (-len(one.score.weighed), one.score.is_plain)
        return not one.is_of_fewer_rows, order, one.was_sent, one.has_file, simplicity

    found = [
        RankedBlend(
            one,
            is_of_fewer_rows=one.id in fewer,
            is_compared=one.id not in fewer,
            was_sent=answers[one.id] in sent_answers,
            has_file=one.id in sent
            or current_submission_file(workspace, competition, one.id) is not None,
        )
        for one in scored
    ]
    # The board has the oldest first; sorting keeps that order of equal ones, in reverse, too.
    ordered = sorted(found, key=place, reverse=True)
    return _best_in_common_folds_first(ordered, greater_is_better=view.greater_is_better)


def _best_in_common_folds_first(
    ordered: Sequence[RankedBlend], *, greater_is_better: bool
) -> list[RankedBlend]:
    """Return the blends with the best of fewer rows first, where it is better in the same folds.

    Args:
        ordered: those of the most rows first; of as many rows the best first.
        greater_is_better: of their scores.
    """
    if not ordered:
        return []
    best, found = ordered[0], list[RankedBlend]()
    for one in ordered:
        is_better = None
        if one.is_of_fewer_rows:
            is_better = is_better_in_common_folds(
                one.score.folds, best.score.folds, greater_is_better=greater_is_better
            )
            one = replace(one, is_compared=is_better is not None)
            # Of the same runs the one of more folds is what the other one became.
            is_better = is_better and set(one.score.members) != set(best.score.members)
        found.append(one)
        best = one if is_better else best
    return [best, *(one for one in found if one is not best)]


def current_submission_file(
    workspace: Workspace, competition: Competition, blend: str
) -> Path | None:
    """Return a blend's file; None where it is to be written.

    One that is older than competition.yaml may be of another form.
    """
    file = workspace.submissions / f"{blend}{competition.submission.file.suffix}"
    if not file.is_file():
        return None
    is_older = file.stat().st_mtime < workspace.competition_file.stat().st_mtime
    return None if is_older else file


def blends_alike(workspace: Workspace, folder: Path) -> list[str]:
    """Return the other blends that combine and decide as the one in `folder`, by name."""
    own = _answers(folder)
    others = [one for one in workspace.artefact_folders() if one.parent == folder.parent]
    return sorted(one.name for one in others if one.name != folder.name and _answers(one) == own)


def _answers(folder: Path) -> str:
    """Return a digest of what a blend combines and decides; its id where the record lacks it."""
    try:
        record = read_record(folder)
        return short_digest(_decided(record))
    except (PodiumError, KeyError, TypeError, ValueError, AttributeError):
        return folder.name


def _decided(record: Record) -> list[Any]:
    """Return what each part of a blend combines, and how it decides.

    Members of weight 0 change nothing, and one member alone is what it is by any method.
    """
    parts = [record.details, *record.details.get("beside", {}).values()]
    facts = [record.inputs, *record.inputs.get("beside", [])]
    return [_combined(part, fact) for part, fact in zip(parts, facts, strict=True)]


def _combined(part: Mapping[str, Any], facts: Mapping[str, Any]) -> list[Any]:
    sets, weights = facts["sets"], part["weights"]
    params, decision = part.get("params", {}), part["decision"]
    members = sorted(
        [str(one), float(weight)]
        for one, weight in zip(sets, weights, strict=True)
        if weight or params
    )
    is_alone = len(members) == 1 and not params
    return ["" if is_alone else part["method"], members, params, decision]
