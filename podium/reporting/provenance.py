"""Where a run comes from, how far it is, what it was changed in, and what was made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import yaml

from podium.reporting.recipe_differences import Line, differences, lines_apart
from podium.training.fold_files import FoldFiles
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    from podium.reporting.entries import BlendEntry, RunEntry
    from podium.submissions.board import BoardRow

__all__ = ["FoldPart", "Origin", "Provenance", "origin_of", "provenance_of"]


@dataclass(frozen=True)
class Origin:
    """The run that another one is compared with, and why that one.

    Attributes:
        id: of the run.
        why: in words that follow its id.
    """

    id: str
    why: str


@dataclass(frozen=True)
class FoldPart:
    """One fold's training.

    Attributes:
        name: its number, or "full" of a network of all rows.
        scores: by task, where they are known.
        epochs: how many are written; `planned` is how many there will be, None if unknown.
        is_done: whether the fold is trained.
        seconds: what it took, as far as that is written.
        last: when the newest epoch was written; None without one.
    """

    name: str
    scores: dict[str, float]
    epochs: int
    planned: int | None
    is_done: bool
    seconds: float | None
    last: datetime | None


@dataclass(frozen=True)
class Provenance:
    """What a page says of one run beside its figures.

    Attributes:
        origin: what its recipe is compared with; None of the first run.
        lines: its recipe, with the lines that only the origin's has; all "same" without one.
        folds: each that the competition has, or that was trained.
        blends, submissions: ids of what is made of it, in the page's order.
    """

    origin: Origin | None
    lines: list[Line]
    folds: list[FoldPart]
    blends: list[str]
    submissions: list[str]

    @property
    def changed(self) -> list[Line]:
        """The lines that differ and say a value; a line that others are below says none."""
        return [one for one in self.lines if one.sign != "same" and one.value]


def provenance_of(
    workspace: Workspace,
    run: RunEntry,
    runs: Sequence[RunEntry],
    blends: Sequence[BlendEntry],
    rows: Sequence[BoardRow],
    n_folds: int,
) -> Provenance:
    """Return what is known of `run` beside its figures; of one in training, as far as it is.

    Args:
        workspace: where it lies.
        run: the run.
        runs: all runs.
        blends: all blends.
        rows: of the board.
        n_folds: how many folds the competition has.
    """
    origin = origin_of(run, runs)
    before = next((one.recipe for one in runs if origin and one.id == origin.id), run.recipe)
    used = [one.id for one in blends if run.id in one.members]
    sources = {run.id, *used}
    return Provenance(
        origin=origin,
        lines=differences(before, run.recipe),
        folds=_folds(workspace, run, n_folds),
        blends=used,
        submissions=[row.id for row in rows if sources & {*row.sources, *row.likely_from}],
    )


def origin_of(run: RunEntry, runs: Sequence[RunEntry]) -> Origin | None:
    """Return the run that `run` is compared with; None without a recipe, and of the first run.

    That is the one that it starts from; else the newest earlier one of its recipe's name; else the
    earlier one of the closest recipe, by lines that only one of both has, the newest of equals.
    """
    if not run.recipe:
        return None
    known = {one.id: one for one in runs if one.recipe}
    for parent in run.parents:
        if parent in known:
            return Origin(parent, "which it starts from")
    earlier = [one for one in known.values() if one.created < run.created]
    named = [one for one in earlier if one.name == run.name]
    if named:
        newest = max(named, key=lambda one: one.created)
        return Origin(newest.id, "the newest earlier run of this recipe’s name")
    if not earlier:
        return None
    closest = min(
        earlier, key=lambda one: (lines_apart(one.recipe, run.recipe), -one.created.timestamp())
    )
    return Origin(closest.id, "the earlier run with the closest recipe")


def _folds(workspace: Workspace, run: RunEntry, n_folds: int) -> list[FoldPart]:
    names = [str(k) for k in range((run.n_folds or n_folds) if run.images is None else 0)]
    others = [*run.histories, *(name for of in run.folds_by_task.values() for name in of)]
    planned = _planned(run.recipe)
    return [_fold(workspace, run, name, planned) for name in dict.fromkeys([*names, *others])]


def _fold(workspace: Workspace, run: RunEntry, name: str, planned: int | None) -> FoldPart:
    files = FoldFiles(workspace.runs / run.id, int(name) if name.isdigit() else "full")
    history = run.histories.get(name)
    facts: Any = run.fold_facts.get(name, {})
    return FoldPart(
        name=name,
        scores={task: of[name] for task, of in run.folds_by_task.items() if name in of},
        epochs=history.n_epochs if history else 0,
        planned=planned,
        is_done=files.is_done or run.status == "finished",
        seconds=facts.get("seconds"),
        last=_written(files) if history else None,
    )


def _written(files: FoldFiles) -> datetime | None:
    try:
        return datetime.fromtimestamp(files.metrics.stat().st_mtime, tz=UTC)
    except OSError:  # removed since it was read
        return None


def _planned(recipe: str) -> int | None:
    """Return the number of epochs of a resolved recipe; early stopping may end it before."""
    try:
        return sum(int(one["epochs"]) for one in yaml.safe_load(recipe)["phases"])
    except (yaml.YAMLError, TypeError, KeyError, ValueError):
        return None
