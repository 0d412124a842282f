"""Prediction sets on a terminal: how they are made, where they are, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from podium.cli.context import command_line, progress
from podium.cli.tables import print_json
from podium.competition.spec import Competition
from podium.workflows.blends.blending import finished_runs
from podium.workflows.nearest_neighbours import nearest_neighbour_member
from podium.workflows.packs.new_images import predict_new_images
from podium.workflows.predicting import SetScore, predict_sets, score_of_set
from podium.workspace.display import number
from podium.workspace.layout import Workspace

__all__ = ["describe_score", "predict_and_print", "predict_images"]

_NO_VIEWS = "the image as it is"


def predict_images(
    workspace: Workspace, competition: Competition, what: str, *, images: Path, to: Path | None
) -> None:
    """Write what a run or a blend predicts of new images, and print the file."""
    suffix = competition.submission.file.suffix
    target = Path(f"predictions{suffix}") if to is None else to
    made = predict_new_images(
        workspace, competition, what, images=images, to=target, progress=progress()
    )
    print(made)


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
    scores = [score_of_set(workspace, competition, run, folder) for folder in made]
    if each_view:
        wide = max(map(len, sets))
        lines = [
            f"{name:<{wide}}  {folder}{_after(score)}"
            for (name, folder), score in zip(sets.items(), scores, strict=True)
        ]
    else:
        lines = [*map(str, made), *describe_score(scores[0], run.name)]
    if neighbours:
        made.append(nearest_neighbour_member(workspace, competition, run, progress=progress()))
        lines.append(str(made[-1]))
    # A set of the same views may have had them before this command.
    has_oof = all((folder / "oof").is_dir() for folder in made)
    if not has_oof and "test" in (splits or ()):
        lines.append("without out-of-fold rows, no blend and no file is made from these")
    words = _next_words(workspace, run.name, splits or (), has_oof=has_oof)
    if each_view or neighbours:
        words = ["blend", *map(str, made)]
    following = command_line(*words)
    if as_json_lines:
        found = [None if score is None else asdict(score) for score in scores]
        print_json({"sets": made, "scores": found, "next": [following]})
    else:
        print(*lines, "next:", f"  {following}", sep="\n")


def describe_score(score: SetScore | None, run: str) -> list[str]:
    """Return the lines of a new set's score beside its run's, and how to go back from a worse."""
    if score is None or score.oof is None:
        return []
    line = f"OOF {score.metric}: {number(score.oof)} with {score.views or _NO_VIEWS}"
    if score.run_oof is None or score.views == score.run_views:
        return [line]
    lines = [
        f"{line}; {number(score.run_oof)} with the run's own views, {score.run_views or _NO_VIEWS}"
    ]
    if score.is_worse:
        back = command_line("predict", run)
        lines.append(
            "warning: these views are worse, and from now on the run stands for them in blends and "
            f"submissions; back to its own: {back}"
        )
    return lines


def _after(score: SetScore | None) -> str:
    """Return what stands after the folder of one view."""
    if score is None or score.oof is None:
        return ""
    return f"  OOF {score.metric} {number(score.oof)}"


def _next_words(
    workspace: Workspace, run: str, splits: Sequence[str], *, has_oof: bool
) -> list[str]:
    """Return the words of the command that makes sense after a set of these splits."""
    if set(splits) == {"unlabelled"}:
        return ["pseudo", run]
    if not has_oof:  # no blend and no file is made from it
        return ["predict", run]
    if len(finished_runs(workspace)) > 1:
        return ["blend"]
    return ["submit", run, "--dry-run"]
