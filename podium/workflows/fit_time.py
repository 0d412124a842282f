"""`podium train R --fit-time 20m`: the epochs of a recipe's phases, and its schedules, for a time.

Every phase is stretched or cut by the same factor, so that all folds together take nine tenths of
the time as `recipe_timing` measured it. What comes out are overrides, as of `-o`: the run's id has
them, and the same overrides train the same run on any machine.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from podium.competition.spec import Competition
from podium.errors import UsageError, plural
from podium.training.recipe import OptimizerSpec, Phase, Recipe
from podium.training.runs.timing import RecipeTiming, recipe_timing
from podium.workspace.layout import Workspace

__all__ = ["FittedRecipe", "describe_seconds", "fit_time"]

SHARE = 0.9
"""of the time that is planned: a machine has other things to do, and libraries to load"""
SMALLEST = 32
"""side, in pixels, below which no smaller image is proposed"""


@dataclass(frozen=True)
class FittedRecipe:
    """A recipe whose schedule fits into a time.

    Attributes:
        overrides: changes to the recipe, as "phases[0].epochs=7"; empty where it fits as it is.
        timing: expected seconds, with these epochs and folds.
        before: the recipe's own epochs, by phase.
        changes: the keys that changed, as "phases[0].epochs: 20 to 7".
    """

    overrides: tuple[str, ...]
    timing: RecipeTiming
    before: tuple[int, ...]
    changes: tuple[str, ...]

    def describe(self) -> str:
        """Return one line: seconds a step, epochs that come out, expected time, what changed."""
        pairs = zip(self.timing.phases, self.before, strict=True)
        each = ", ".join(
            f"{one.name} {one.epochs}" + ("" if n == one.epochs else f" (recipe: {n})")
            for one, n in pairs
        )
        steps = ", ".join(_short(one.step_s) for one in self.timing.phases if one.steps) or "no"
        folds = "1 network" if self.timing.folds == 1 else f"{self.timing.folds} folds"
        others = [one for one in self.changes if ".epochs:" not in one]
        return (
            f"{describe_seconds(self.timing.total_s)} expected for {folds}: {steps} s a step, "
            f"epochs: {each}" + (f"; {', '.join(others)}" if others else "")
        )


def fit_time(
    workspace: Workspace,
    competition: Competition,
    recipe: Recipe,
    time_s: float,
    *,
    folds: int | None = None,
    full: bool = False,
    timing: RecipeTiming | None = None,
) -> FittedRecipe:
    """Return the overrides by which all folds of `recipe` together take `time_s` seconds.

    Args:
        workspace: whose data and cache.
        competition: what is trained for.
        recipe: as resolved.
        time_s: of everything: decoding, training and predicting.
        folds: how many are trained; None: all.
        full: whether a network on all rows is, too.
        timing: of the recipe; None: it is measured.

    Raises:
        UsageError: not one epoch of each phase fits; what would is named.
        PodiumError: the recipe cannot be trained on these data.
    """
    timing = recipe_timing(workspace, competition, recipe) if timing is None else timing
    if timing.predicted:  # else it learns without labels, in no folds
        timing = timing.with_folds((timing.folds if folds is None else folds) + int(full))
    epochs = fit_epochs(timing, SHARE * time_s)
    if epochs is None:
        raise _too_short(timing, recipe, time_s)
    changes = _changes(recipe, epochs)
    names = [phase.name for phase in recipe.phases]
    return FittedRecipe(
        overrides=tuple(f"{key}={_text(value)}" for key, _, value in changes),
        timing=timing.with_epochs(dict(zip(names, epochs, strict=True))),
        before=tuple(phase.epochs for phase in recipe.phases),
        changes=tuple(f"{key}: {_text(old)} to {_text(value)}" for key, old, value in changes),
    )


def fit_epochs(timing: RecipeTiming, time_s: float) -> tuple[int, ...] | None:
    """Return the epochs of each phase that take at most `time_s` in all, as many as fit.

    They keep the phases' shares as far as whole epochs allow; each phase has one at least. None:
    not even these fit.

    Example:
        >>> from podium.training.runs.timing import PhaseTiming
        >>> phase = PhaseTiming("whole", epochs=10, steps=100, step_s=0.1)
        >>> fit_epochs(RecipeTiming((phase,), 5, start_s=2.0, image_s=0.0, predicted=0), 220.0)
        (4,)
    """
    each = [timing.folds * one.epoch_s for one in timing.phases]
    left = time_s - timing.fixed_s
    if left < sum(each):
        return None
    # A phase that is solved has its one epoch, whatever the time.
    shares = [one.epochs if one.steps else 0 for one in timing.phases]
    solved = sum(cost for share, cost in zip(shares, each, strict=True) if not share)
    planned = sum(share * cost for share, cost in zip(shares, each, strict=True))
    factor = (left - solved) / planned if planned else 1.0
    wanted = [factor * share or 1.0 for share in shares]
    epochs = [max(1, math.floor(one + 1e-9)) for one in wanted]
    left -= sum(n * cost for n, cost in zip(epochs, each, strict=True))
    while left < 0:  # a phase that got its one epoch pushes the others
        at = max((i for i, n in enumerate(epochs) if n > 1), key=lambda i: epochs[i] / wanted[i])
        epochs[at] -= 1
        left += each[at]
    for at in sorted(range(len(epochs)), key=lambda i: epochs[i] / wanted[i]):
        if 0 < each[at] <= left and epochs[at] + 1 <= math.ceil(wanted[at]):
            epochs[at] += 1
            left -= each[at]
    return tuple(epochs)


Change = tuple[str, Any, Any]
"""A key of the recipe, its value before and after."""


def _changes(recipe: Recipe, epochs: Sequence[int]) -> list[Change]:
    found: list[Change] = []
    pairs = list(zip(recipe.phases, epochs, strict=True))
    shared = [(one.epochs, n) for one, n in pairs if one.optimizer is None]
    if shared:
        ratio = sum(n for _, n in shared) / sum(old for old, _ in shared)
        found += _schedule("optimizer", recipe.optimizer, ratio)
    for number, (phase, n) in enumerate(pairs):
        here = f"phases[{number}]"
        if n != phase.epochs:
            found.append((f"{here}.epochs", phase.epochs, n))
        if phase.optimizer is not None:
            found += _schedule(f"{here}.optimizer", phase.optimizer, n / phase.epochs)
        found += _of_method(here, phase, n / phase.epochs)
    return found


def _schedule(key: str, spec: OptimizerSpec, ratio: float) -> list[Change]:
    """Return the changes to a schedule that is written in epochs."""
    found: list[Change] = []
    if spec.warmup_epochs:
        found.append((f"{key}.warmup_epochs", spec.warmup_epochs, spec.warmup_epochs * ratio))
    if spec.cosine_epochs is not None:
        found.append((f"{key}.cosine_epochs", spec.cosine_epochs, spec.cosine_epochs * ratio))
    if spec.schedule == "step":
        found.append((f"{key}.step_epochs", spec.step_epochs, spec.step_epochs * ratio))
    changed = [(name, old, _like(old, new)) for name, old, new in found]
    return [one for one in changed if one[1] != one[2]]


def _of_method(here: str, phase: Phase, ratio: float) -> list[Change]:
    """Return the changes to the options of a method that are epochs."""
    options = phase.method.model_extra or {}
    found = [
        (f"{here}.method.{name}", old, _like(old, old * ratio))
        for name, old in options.items()
        if name.endswith("_epochs") and isinstance(old, int | float)
    ]
    return [one for one in found if one[1] != one[2]]


def _like(old: float, new: float) -> float:
    """Return `new` as whole epochs, one at least, where `old` is whole; else to two digits."""
    return max(1, round(new)) if isinstance(old, int) else float(f"{new:.2g}")


def _text(value: float) -> str:
    return f"{value:g}"


def _short(seconds: float) -> str:
    return f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"


def _too_short(timing: RecipeTiming, recipe: Recipe, time_s: float) -> UsageError:
    """Return the error that not one epoch fits, with what would."""
    once = timing.with_epochs({one.name: 1 for one in timing.phases})
    steps = " + ".join(
        f"{plural(one.steps, 'step')} of {_short(one.step_s)} s" if one.steps
        else f"{_short(one.scoring_s)} s of solving"
        for one in once.phases
    )  # fmt: skip
    ways = [f"give --fit-time {describe_seconds(once.total_s / SHARE, up=True)}"]
    room = SHARE * time_s - timing.once_s
    n_folds = int(room / once.fold_s) if once.fold_s else 0
    if 0 < n_folds < timing.folds:
        numbers = ",".join(map(str, range(n_folds)))
        ways.append(f"train fewer folds, as --folds {numbers}")
    side = max(recipe.input.height_width)
    share = room / (once.total_s - timing.once_s)
    smaller = 32 * int(side * math.sqrt(max(share, 0.0)) / 32)
    if SMALLEST <= smaller < side:
        ways.append(f"take smaller images, as -o input.size={smaller}")
    folds = "1 network" if timing.folds == 1 else f"{timing.folds} folds"
    return UsageError(
        f"not one epoch a phase fits into {describe_seconds(time_s)}: {folds} of one take "
        f"{describe_seconds(once.total_s)} ({steps} a fold, and what is beside them)",
        where="--fit-time",
        fix="; or ".join(ways),
    )


def describe_seconds(seconds: float, *, up: bool = False) -> str:
    """Return a time as people write it, and as `--fit-time` reads it.

    Args:
        seconds: at least 0.
        up: whether to round up.

    Example:
        >>> describe_seconds(42.4), describe_seconds(754), describe_seconds(9000)
        ('42s', '13m', '2h30m')
    """
    rounded = math.ceil if up else round
    if seconds < 90:
        return f"{rounded(seconds)}s"
    minutes = rounded(seconds / 60)
    if minutes < 60:
        return f"{minutes}m"
    hours, rest = divmod(minutes, 60)
    return f"{hours}h{rest:02}m" if rest else f"{hours}h"
