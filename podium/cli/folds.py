"""The folds on a terminal: what is in each, what is uneven, and groups that checks found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.cli.context import print_to_type, progress
from podium.cli.tables import print_json, print_table
from podium.competition.checks.fold_groups import GROUPS_FILE, fold_by_groups
from podium.competition.folds.file import (
    are_other_than_planned,
    describe_uneven,
    describe_unvalidated,
    ensure_folds,
    folds_summary,
    has_runs,
    redo_advice,
)
from podium.competition.samples import load_samples
from podium.errors import plural

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.layout import Workspace

__all__ = ["show_folds"]


def show_folds(
    workspace: Workspace,
    competition: Competition,
    *,
    redo: bool,
    group: Sequence[str],
    as_json: bool,
) -> None:
    """Make folds.csv where there is none, and print what is in each fold.

    Args:
        workspace, competition: as everywhere.
        redo: make them anew.
        group: what checks find that is kept together: duplicates, drift:sequence.
        as_json: prints the table alone.
    """
    to = progress()
    if group:
        competition, n = _group(workspace, competition, group, redo=redo)
        redo = redo and not n
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples, redo=redo, progress=to)
    columns, rows = folds_summary(samples, folds, competition, workspace=workspace)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    print_table(columns, rows, title=str(workspace.folds_file))
    if told := describe_unvalidated(samples, folds, scheme=competition.folds.scheme):
        print_to_type(f"note: {told}")
    # Where runs have these folds, other ones would cost all of them.
    if not has_runs(workspace) and (
        uneven := describe_uneven(samples, folds, competition, workspace=workspace)
    ):
        print_to_type(f"note: {uneven}")
    if are_other_than_planned(workspace, competition, samples, folds):
        print_to_type(
            "note: competition.yaml would make other folds now; those of folds.csv are kept. "
            f"To make them anew: {redo_advice(workspace)}"
        )


def _group(
    workspace: Workspace, competition: Competition, found: Sequence[str], *, redo: bool
) -> tuple[Competition, int]:
    """Return the competition with the groups that were found, and how many of several images."""
    to = progress()
    competition, n = fold_by_groups(workspace, competition, found, redo=redo, progress=to)
    what = f"{plural(n, 'group')} of several images: {GROUPS_FILE}, folds.group in competition.yaml"
    to.say(
        what if n else f"found no {' and no '.join(found)}: the folds are made without these groups"
    )
    return competition, n
