"""Try several methods on the same members and keep one blend; the rule is in `method_choice.py`.

The honest score of the blend is that of choosing, see there: the scores of the single families are
honest of each by itself, and the best of them is partly luck.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.blend import AS_SENT, Blend
from podium.ensembling.honest import (
    BestMember,
    OofUnits,
    honest_by_fold,
    share_of_wins,
    units_interval,
)
from podium.ensembling.method_choice import (
    Chosen,
    Contender,
    Family,
    FamilyChoice,
    choose,
    mixed_units,
    nested_choice,
    ranks_score_alike,
)
from podium.ensembling.nested import few_parts
from podium.errors import DataError, UsageError, either, plural
from podium.workspace.blend_notes import better_member, better_member_note, is_of_same_file
from podium.workspace.progress import SILENT, Progress

__all__ = ["FamilyFit", "FamilyFits", "FitFamilies", "blend_by_families", "fit_family"]


class FamilyFits(Protocol):
    """Rows that are blended by several methods, as `LabelFits` and `MaskFits` are."""

    def by(self, method: str) -> tuple[Blend, OofUnits | None]:
        """Return the blend of one method, and its honest prediction of each scored unit.

        Raises:
            UsageError, DataError: it cannot be made.
        """

    def within(self, method: str, parts: NDArray[np.int64]) -> dict[int, OofUnits] | None:
        """Return for each part what a method honestly predicts of the others, not seeing it."""

    @property
    def parts(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """The part of each scored unit, by which it is cross-fitted, and notes on them."""

    @property
    def best_member(self) -> BestMember | None:
        """The member that scores best alone; None where there is but one."""

    @property
    def n_resamples(self) -> int:
        """Draws for the interval."""


@dataclass(frozen=True)
class FamilyFit:
    """One family, fitted.

    Attributes:
        made: its blend, and its honest prediction of each scored unit; None where it refuses.
        within: as `FamilyFits.within` has it.
        refused: why it cannot be made.
        seconds: that it took.
    """

    made: tuple[Blend, OofUnits | None] | None
    within: dict[int, OofUnits] | None
    refused: UsageError | DataError | None
    seconds: float


FitFamilies = Callable[
    [FamilyFits, Sequence[str], NDArray[np.int64] | None, Progress], Sequence[FamilyFit]
]
"""Fits families, and where there are parts also without each of them; they come in their order."""


def fit_family(fits: FamilyFits, method: str, parts: NDArray[np.int64] | None) -> FamilyFit:
    """Return one family, fitted; see `FitFamilies`."""
    started, made, within, refused = monotonic(), None, None, None
    try:
        made = fits.by(method)
        within = None if parts is None else fits.within(method, parts)
    except (UsageError, DataError) as error:
        made, refused = None, error
    return FamilyFit(made, within, refused, monotonic() - started)


def fit_here(
    fits: FamilyFits,
    methods: Sequence[str],
    parts: NDArray[np.int64] | None,
    progress: Progress,
) -> list[FamilyFit]:
    """Fit one family after the other, in this process."""
    found = []
    with progress.bar("families", len(methods)) as advance:
        for method in methods:
            found.append(fit_family(fits, method, parts))
            advance(1)
    return found


def blend_by_families(
    fits: FamilyFits,
    methods: Sequence[str],
    *,
    n_outputs: int,
    seed: int = 0,
    fit_families: FitFamilies | None = None,
    progress: Progress = SILENT,
) -> tuple[Blend, OofUnits | None]:
    """Return the blend of the family to take, which keeps what was found of all of them.

    Its honest score, interval and units are those of choosing so, each fold by what was fitted on
    the others, and that of the family by itself stands in `choice`. Where a metric has no value for
    each unit, nothing can be drawn: the best honest score is taken as it is, with a note.

    Args:
        fits: makes the blend of one method.
        methods: at least one, each once.
        n_outputs: numbers that a member predicts for a row, or a pixel.
        seed: of the draws.
        fit_families: that fits them; by default one after the other, in this process.
        progress: gets a bar, a step a family.

    Raises:
        UsageError, DataError: every family refuses; the first one's reason.
    """
    folds = fits.parts[0]
    parts = few_parts(folds) if len(methods) > 1 else None
    fit = fit_here if fit_families is None else fit_families
    found_of = dict(zip(methods, fit(fits, methods, parts, progress), strict=True))
    refused = {name: one.refused for name, one in found_of.items() if one.refused is not None}
    made = {name: one.made for name, one in found_of.items() if one.made is not None}
    within = {name: one.within for name, one in found_of.items()}
    if not made:
        raise next(iter(refused.values()))
    families = [
        _family(blend, blend.how.n_fitted(len(blend.members), n_outputs), found_of[name].seconds)
        for name, (blend, _) in made.items()
    ]
    contenders = [
        Contender(units, family.n_fitted, within[family.method] or {})
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
    can_nest = is_drawn and len(names) > 1 and all(within[name] for name in names)
    nested = _nested(contenders, blends, folds, seed) if can_nest else _Nested()
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
        nested=nested.score,
        nested_by_fold=nested.by_fold,
    )
    blend, units = made[choice.chosen]
    blend = replace(blend, choice=choice, notes=(*blend.notes, *_notes(choice)))
    if nested.score is None:
        return blend, units
    return _with_honest_choice(blend, nested, fits), nested.units


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


@dataclass(frozen=True)
class _Nested:
    """The honest score of choosing, and whom each fold's others choose; None: it is undefined.

    `units` are None where values of two families are no predictions of one scale.
    """

    score: float | None = None
    units: OofUnits | None = None
    by_fold: dict[int, str] = field(default_factory=dict)
    of_fold: dict[int, float] = field(default_factory=dict)


def _nested(
    contenders: Sequence[Contender], blends: Sequence[Blend], folds: NDArray[np.int64], seed: int
) -> _Nested:
    try:
        taken, chosen = nested_choice(contenders, folds, seed=seed)
    except DataError:
        return _Nested()
    by_fold = {int(fold): blends[k].method for fold, k in chosen.items()}
    every = [one.units for one in contenders]
    different = sorted(set(chosen.values()))
    are_apart = not all(blends[k].how.gives_probs for k in different)
    is_of_values = every[0].metric.scores_probs and every[0].sums is None
    ranked_in = folds if is_of_values and are_apart and len(different) > 1 else None
    try:
        units = mixed_units(every, taken, ranked_in)
        of_fold = honest_by_fold(lambda rows: units.score(rows), folds)
        if ranked_in is None or all(ranks_score_alike(every[k]) for k in different):
            return _Nested(units.score(), units, by_fold, of_fold)
        # No fold's values can stand beside another's: the folds are scored one by one.
        plain = mixed_units(every, taken)
        scores = {fold: plain.score(np.flatnonzero(folds == fold)) for fold in chosen}
    except DataError:
        return _Nested(by_fold=by_fold)
    share = {fold: float(np.mean(folds == fold)) for fold in chosen}
    score = sum(share[fold] * scores[fold] for fold in chosen)
    return _Nested(score, None, by_fold, {int(fold): one for fold, one in scores.items()})


def _with_honest_choice(blend: Blend, nested: _Nested, fits: FamilyFits) -> Blend:
    """Return the blend with the honest scores of having been chosen."""
    assert nested.score is not None
    units, best = nested.units, fits.best_member
    bounds, wins = None, None
    if units is not None:
        bounds = units_interval(units, n=fits.n_resamples, seed=blend.seed)
        wins = None if best is None else share_of_wins(units, best, seed=blend.seed)
    return replace(
        blend,
        honest=nested.score,
        honest_interval=bounds,
        by_fold=nested.of_fold,
        beats_best=wins,
        notes=(*blend.notes, *_member_note(blend, best, nested.score)),
    )


def _member_note(blend: Blend, best: BestMember | None, honest: float) -> tuple[str, ...]:
    """Return the note on a best member that beats the honest score of choosing, unless it has one.

    The family by itself may have scored as well as the member, or better. Where no fold chose it,
    that is what the member is compared with, and the blend has the note already.
    """
    assert blend.choice is not None
    if best is None or blend.choice.is_no_folds:
        return ()
    if any(better_member(one, blend.members) or is_of_same_file(one) for one in blend.notes):
        return ()
    sign = 1 if blend.greater_is_better else -1
    if sign * best.honest <= sign * honest:
        return ()
    is_decided = blend.untuned is not None
    return (better_member_note(best.name, best.honest, AS_SENT if is_decided else ""),)


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
    fewer = f"fits {plural(taken.n_fitted, 'number')}, not {best.n_fitted}"
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
    if choice.nested is None:
        return (
            f"chosen of {either(n, 'family', 'families')} by honest scores, which therefore saw "
            "all folds: expect a little less",
        )
    alone = next(one.honest for one in choice.families if one.method == choice.chosen)
    note = (
        f"chosen of {either(n, 'family', 'families')}, anew for each fold by the others, which "
        "honest includes; "
        f"{choice.chosen} by itself: honest {alone:.4f}"
    )
    if choice.is_no_folds:
        others = " and ".join(sorted(set((choice.nested_by_fold or {}).values())))
        note += (
            f", which flatters; no fold's others choose it, so honest, its interval, the draws and "
            f"what to expect are of {others}"
        )
    return (note,)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
