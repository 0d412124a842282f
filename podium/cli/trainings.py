"""The end of a training on a terminal: what it brought, and the two commands to go on with."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from podium.cli.context import program_name
from podium.cli.tables import number
from podium.competition import metrics
from podium.workflows.blending import finished_runs
from podium.workspace.progress import format_duration

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.training.runs.train import Trained
    from podium.workspace.layout import Workspace

__all__ = ["describe_gain", "next_commands"]


def describe_gain(
    workspace: Workspace, competition: Competition, trained: Sequence[Trained], seconds: float
) -> str | None:
    """Return what the finished runs of a command brought, in a line; None where none has a score.

    Args:
        workspace: of the runs.
        competition: of the workspace.
        trained: the runs of the command.
        seconds: that it took.
    """
    metric, own = metrics.of(competition), {one.run.name for one in trained}
    scores = {
        folder.name: float(oof)
        for folder, record in finished_runs(workspace)
        if (oof := record.scores.get("oof")) is not None
    }
    best_of = max if metric.greater_is_better else min
    mine = {name: score for name, score in scores.items() if name in own}
    if not mine:
        return None
    best = best_of(mine, key=mine.__getitem__)
    took = f"in {format_duration(seconds)}"
    found = f"brought: {best}, OOF {competition.metric.name} {number(mine[best])}, {took}"
    others = {name: score for name, score in scores.items() if name not in own}
    if not others:
        return f"{found}; there was no finished run before"
    rival = best_of(others, key=others.__getitem__)
    gain = mine[best] - others[rival]
    return f"{found}; {gain:+.4f} beside the best run before, {rival} ({number(others[rival])})"


def next_commands(workspace: Workspace, trained: Sequence[Trained]) -> list[str]:
    """Return two commands that make sense after a training; none where every run failed.

    Args:
        workspace: of the runs.
        trained: the runs of the command.
    """
    return [shlex.join([program_name(), *words]) for words in _next_words(workspace, trained)]


def _next_words(workspace: Workspace, trained: Sequence[Trained]) -> list[list[str]]:
    if not trained:
        return []
    last = trained[-1]
    if last.stopped is not None:
        return [sys.argv[1:], ["show", last.run.name]]
    if last.missing:
        return [["train", _recipe(last)], ["show", last.run.name]]
    if last.without_labels:
        return [["train", "RECIPE", "-o", f"model.from={last.run.name}"], ["report"]]
    if len(finished_runs(workspace)) > 1:
        return [["blend", "--auto"], ["submit", "--dry-run"]]
    return [["submit", last.run.name, "--dry-run"], ["recipes", "suggest"]]


def _recipe(trained: Trained) -> str:
    """Return the name of the recipe of a run: its id without the digest."""
    return trained.run.name.rpartition("-")[0]
