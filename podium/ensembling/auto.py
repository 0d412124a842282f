"""Try several methods on the same members and keep one blend; the rule is in `method_choice.py`."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.blend import Blend
from podium.ensembling.honest import OofUnits
from podium.ensembling.method_choice import (
    Chosen,
    Contender,
    Family,
    FamilyChoice,
    choose,
    nested_choice,
)
from podium.errors import DataError, UsageError
from podium.workspace.progress import SILENT, Progress

__all__ = ["blend_by_families"]

FitBy = Callable[[str], tuple[Blend, OofUnits | None]]
"""The function from a method's name to its blend and the honest prediction of each scored unit."""


def blend_by_families(
    fit: FitBy,
    methods: Sequence[str],
    *,
    folds: NDArray[np.int64],
    n_outputs: int,
    seed: int = 0,
    progress: Progress = SILENT,
) -> tuple[Blend, OofUnits | None]:
    """Return the blend of the family to take, which keeps what was found of all of them.

    Where a metric has no value for each unit, nothing can be drawn: the best honest score
    is taken.

    Args:
        fit: makes the blend of one method; raises UsageError or DataError where it cannot.
        methods: at least one, each once.
        folds: `(N,)`, of the scored units, by which they were cross-fitted.
        n_outputs: numbers that a member predicts for a row, or a pixel.
        seed: of the draws.
        progress: gets a bar, a step a family.

    Raises:
        UsageError, DataError: every family refuses; the first one's reason.
    """
    made: dict[str, tuple[Blend, OofUnits | None]] = {}
    seconds: dict[str, float] = {}
    refused: dict[str, UsageError | DataError] = {}
    with progress.bar("families", len(methods)) as advance:
        for name in methods:
            started = monotonic()
            try:
                made[name] = fit(name)
            except (UsageError, DataError) as error:
                refused[name] = error
            seconds[name] = monotonic() - started
            advance(1)
    if not made:
        raise next(iter(refused.values()))
    families = [
        _family(blend, blend.how.n_fitted(len(blend.members), n_outputs), seconds[name])
        for name, (blend, _) in made.items()
    ]
    contenders = [
        Contender(units, family.n_fitted)
        for family, (_, units) in zip(families, made.values(), strict=True)
        if units is not None
    ]
    blends = [blend for blend, _ in made.values()]
    is_drawn = len(contenders) == len(families)
    found = choose(contenders, seed=seed) if is_drawn else _best_of(blends)
    families = [
        replace(one, behind=float(behind), behind_error=_defined(error))
        for one, behind, error in zip(families, found.behind, found.errors, strict=True)
    ]
    names = list(made)
    nested, by_fold = (
        _nested(contenders, blends, folds, seed) if is_drawn else (None, dict[str, str]())
    )
    choice = FamilyChoice(
        asked=tuple(methods),
        families=tuple(families),
        refused={
            name: error.message.removeprefix(f"members cannot be blended by {name}: ")
            for name, error in refused.items()
        },
        best=names[found.best],
        chosen=names[found.chosen],
        reason=_reason(families, found, is_drawn=is_drawn),
        nested=nested,
        nested_by_fold=by_fold,
    )
    blend, units = made[choice.chosen]
    return replace(blend, choice=choice, notes=(*blend.notes, *_notes(choice))), units


def _family(blend: Blend, n_fitted: int, seconds: float) -> Family:
    return Family(
        method=blend.method,
        weights=blend.weights,
        honest=blend.honest,
        honest_interval=blend.honest_interval,
        optimistic=blend.optimistic,
        beats_best=blend.beats_best,
        n_fitted=n_fitted,
        seconds=round(seconds, 3),
    )


def _best_of(blends: Sequence[Blend]) -> Chosen:
    """Return the best honest score, taken as it is."""
    sign = 1.0 if blends[0].greater_is_better else -1.0
    scores = sign * np.array([one.honest for one in blends])
    best = int(scores.argmax())
    return Chosen(best, best, scores[best] - scores, np.full(len(blends), np.nan))


def _nested(
    contenders: Sequence[Contender], blends: Sequence[Blend], folds: NDArray[np.int64], seed: int
) -> tuple[float | None, dict[str, str]]:
    """Return the honest score of choosing so, and whom each fold's others choose.

    None where it is undefined: without some fold, or where values of two families that are not
    probabilities both would be ranked as one.
    """
    try:
        units, chosen = nested_choice(contenders, folds, seed=seed)
    except DataError:
        return None, {}
    by_fold = {str(fold): blends[k].method for fold, k in chosen.items()}
    taken = set(chosen.values())
    are_apart = not all(blends[k].how.gives_probs for k in taken)
    if units.metric.scores_probs and are_apart and len(taken) > 1:
        return None, by_fold
    return units.score(), by_fold


def _reason(families: Sequence[Family], found: Chosen, *, is_drawn: bool) -> str:
    best, taken = families[found.best], families[found.chosen]
    if not is_drawn:
        return f"{taken.method}: the best honest score; this metric gives units no score to draw"
    if found.best == found.chosen:
        simpler = [one for one in families if one.n_fitted < best.n_fitted]
        if not simpler:
            return f"{taken.method}: the best honest score, and no family fits fewer numbers"
        return (
            f"{taken.method}: the best honest score; every family that fits fewer numbers is more "
            "than one standard error behind"
        )
    fewer = f"fits {taken.n_fitted} numbers, not {best.n_fitted}"
    if taken.behind == 0:
        return f"{taken.method}: as good as {best.method}, and {fewer}"
    return (
        f"{taken.method}: {taken.behind:.4f} behind {best.method}, within one standard error "
        f"({taken.behind_error:.4f}), and {fewer}"
    )


def _notes(choice: FamilyChoice) -> tuple[str, ...]:
    n = len(choice.families)
    if n == 1:
        return ()
    seen = (
        f"chosen of {n} families by honest scores, which therefore saw all folds: expect a little "
        "less"
    )
    if choice.nested is None:
        return (seen,)
    return (seen, f"honest score of choosing so, each fold by the others: {choice.nested:.4f}")


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
