"""Prediction sets on a terminal: how they are made, where they are, and what comes next."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from podium.cli.context import program_name, progress
from podium.cli.tables import print_json
from podium.competition.spec import Competition
from podium.workflows.blends.blending import finished_runs
from podium.workflows.nearest_neighbours import nearest_neighbour_member
from podium.workflows.predicting import predict_sets
from podium.workspace.layout import Workspace

__all__ = ["predict_and_print"]


def predict_and_print(
    workspace: Workspace,
    competition: Competition,
    run_name: str,
    *,
    splits: Sequence[str] | None,
    tta: Sequence[str] | None,
    tta_mean: str | None,
    each_view: bool,
    folds: Sequence[int] | None,
    neighbours: bool,
    on: str,
    as_json_lines: bool,
) -> None:
    """Predict with a run's networks, and print the folders and the next command."""
    run = workspace.artefact(run_name, rooms=("runs",))
    sets = predict_sets(
        workspace,
        competition,
        run,
        each_view=each_view,
        splits=splits,
        tta=tta,
        tta_mean=tta_mean,
        folds=folds,
        on=on,
        progress=progress(),
    )
    made = [*sets.values()]
    lines = [str(folder) for folder in made]
    if each_view:
        lines = [f"{name:<{max(map(len, sets))}}  {folder}" for name, folder in sets.items()]
    if neighbours:
        made.append(nearest_neighbour_member(workspace, competition, run, progress=progress()))
        lines.append(str(made[-1]))
    words = _next_words(workspace, run.name, splits or ())
    if each_view or neighbours:
        words = ["blend", *map(str, made)]
    following = shlex.join([program_name(), *words])
    if as_json_lines:
        print_json({"sets": made, "next": [following]})
    else:
        print(*lines, "next:", f"  {following}", sep="\n")


def _next_words(workspace: Workspace, run: str, splits: Sequence[str]) -> list[str]:
    """Return the words of the command that makes sense after a set of these splits."""
    if set(splits) == {"unlabelled"}:
        return ["pseudo", run]
    if len(finished_runs(workspace)) > 1:
        return ["blend", "--auto"]
    return ["submit", run, "--dry-run"]
