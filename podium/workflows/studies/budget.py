"""How long each recipe of a comparison may learn: equal epochs, or epochs that take equal time."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from time import monotonic

from podium.training.deadline import Deadline
from podium.training.fold_files import Fold
from podium.training.recipe import Recipe
from podium.training.run import train
from podium.training.standing import HistoryRow
from podium.workflows.studies.running import Setting

__all__ = ["epochs_in", "epochs_shared", "measure"]

TRIAL_EPOCHS = 2


def epochs_shared(recipe: Recipe, total: int) -> tuple[int, ...]:
    """Return the epochs of each phase that make `total`, in the proportions of the recipe.

    Each has one at least; what is left over by rounding goes to those that lost most by it.
    """
    planned = [phase.epochs for phase in recipe.phases]
    exact = [total * one / sum(planned) for one in planned]
    found = [max(1, int(one)) for one in exact]
    by_loss = sorted(range(len(exact)), key=lambda at: found[at] - exact[at])
    for at in by_loss[: max(0, total - sum(found))]:
        found[at] += 1
    return tuple(found)


def epochs_in(recipe: Recipe, minutes: float, seconds: Sequence[float]) -> tuple[int, ...]:
    """Return the epochs of each phase that take `minutes` together, as nearly as whole ones do.

    Args:
        recipe: whose proportions of epochs stay.
        minutes: of training, of one model.
        seconds: that an epoch of each phase takes.
    """
    planned = [phase.epochs for phase in recipe.phases]
    takes = sum(n * one for n, one in zip(planned, seconds, strict=True))
    factor = 60 * minutes / max(takes, 1e-9)
    return tuple(max(1, round(factor * one)) for one in planned)


class _Measured(Exception):  # noqa: N818 — no error: what was asked is known
    """Ends a trial."""


def measure(
    setting: Setting,
    file: Path,
    recipe: Recipe,
    overrides: tuple[str, ...],
    *,
    name: str,
    without_labels: bool,
    deadline: Deadline,
) -> tuple[float, ...] | None:
    """Return the seconds that an epoch of each phase takes here, its evaluation among them.

    A short training of one fold tells: the second epoch of each phase, as the first one also warms
    up caches and the device. Its run is removed.

    Args:
        name: of that run, which nothing else has: one that an earlier process left is removed.

    Returns:
        A number for each phase; None: the deadline came first.

    Raises:
        PodiumError: as `podium.training.run.train`.
    """
    _remove(setting, name)
    ends: dict[str, list[float]] = {phase.name: [] for phase in recipe.phases}

    def watch(_: Fold, row: HistoryRow) -> None:
        ends[str(row["phase"])].append(monotonic())
        if len(ends[recipe.phases[-1].name]) == TRIAL_EPOCHS:
            raise _Measured

    every = [f"phases[{at}].epochs={TRIAL_EPOCHS}" for at in range(len(recipe.phases))]
    try:
        train(
            setting.workspace,
            setting.competition,
            file,
            overrides=(*overrides, *every),
            folds=None if without_labels else setting.folds[:1],
            max_time_s=deadline.left(),
            name=name,
            watch=watch,
            progress=setting.progress,
        )
    except _Measured:
        pass
    finally:
        _remove(setting, name)
    if any(len(moments) < TRIAL_EPOCHS for moments in ends.values()):
        return None
    return tuple(moments[-1] - moments[-2] for moments in ends.values())


def _remove(setting: Setting, name: str) -> None:
    runs = setting.workspace.runs
    found = [one for one in runs.glob("*") if one.name.rpartition("-")[0] == name]
    for run in found:
        shutil.rmtree(run, ignore_errors=True)
