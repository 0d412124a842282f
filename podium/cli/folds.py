"""Folds on a terminal: made once, by groups that were found if they are asked for, and shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.cli.tables import print_json, print_table
from podium.competition.checks.fold_groups import GROUPS_FILE, fold_by_groups
from podium.competition.folds.file import ensure_folds, folds_summary, plan_folds
from podium.competition.samples import load_samples

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.layout import Workspace
    from podium.workspace.progress import Progress

__all__ = ["make_and_print"]


def make_and_print(
    workspace: Workspace,
    competition: Competition,
    *,
    redo: bool,
    groups: Sequence[str],
    as_json: bool,
    progress: Progress,
) -> None:
    """Make `folds.csv`, where it is not there or is made anew, and print what is in each fold."""
    if groups:
        competition, n = fold_by_groups(
            workspace, competition, groups, redo=redo, progress=progress
        )
        what = f"{n:,} groups of several images: {GROUPS_FILE}, folds.group in competition.yaml"
        progress.say(what if n else "no two images belong together: nothing is written for it")
        redo = redo and not n
    samples = load_samples(competition, "train", workspace=workspace)
    folds = ensure_folds(workspace, competition, samples, redo=redo, progress=progress)
    columns, rows = folds_summary(samples, folds, competition, workspace=workspace)
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in rows])
        return
    print_table(columns, rows, title=str(workspace.folds_file))
    if (folds != plan_folds(competition, samples, workspace=workspace)).any():
        print(
            "note: competition.yaml would make other folds now; those of folds.csv are kept. "
            "To make them anew: podium folds --redo"
        )
