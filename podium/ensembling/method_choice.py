"""The choice among families of blends: the simplest of those within chance of the best.

Among nine ways to blend the best honest score is partly luck, and more so for a way that fits many
numbers. Of all families whose honest score lies within one standard error of the best, by a paired
bootstrap over rows or groups, the one that fits the fewest numbers is taken (the rule of Breiman et
al. 1984, §3.4.3, which has it for the size of trees).

The choice has used every fold. Its honest score is estimated by choosing anew for each fold, by the
families' honest predictions of the others, and scoring the chosen one's of this fold. That is
nested in the choice; the families' own fits for a fold are not made anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.honest import OofUnits, drawn_scores
from podium.errors import DataError

__all__ = ["Contender", "Family", "FamilyChoice", "choose", "nested_choice"]

DRAWS = 200


@dataclass(frozen=True)
class Family:
    """One way to blend, fitted and scored.

    Attributes:
        method: its name.
        weights: `(M,)`, fitted on all rows.
        honest: the cross-fitted score.
        honest_interval: bounds of 95 % of it; None where it is undefined.
        optimistic: the score on the rows that everything was fitted on.
        beats_best: the share of paired draws in which it beats the best member; None: unknown.
        n_fitted: how many numbers it fits, the decision's not counted.
        seconds: that fitting and scoring it took.
        behind: by how much its honest score is worse than the best family's, >= 0.
        behind_error: the standard error of that; None: it is the best, or nothing was drawn.
    """

    method: str
    weights: tuple[float, ...]
    honest: float
    honest_interval: tuple[float, float] | None
    optimistic: float
    beats_best: float | None
    n_fitted: int
    seconds: float
    behind: float = 0.0
    behind_error: float | None = None


@dataclass(frozen=True)
class FamilyChoice:
    """The families that were tried, and which was taken.

    Attributes:
        asked: the methods to choose from, in the order in which they were named.
        families: what each made, in that order.
        refused: method → why these members cannot be blended so.
        best: the method of the best honest score.
        chosen: the method that was taken.
        reason: why, in one line.
        nested: the honest score of choosing so; None where it is undefined.
        nested_by_fold: fold → the method that the other folds choose.
    """

    asked: tuple[str, ...]
    families: tuple[Family, ...]
    refused: dict[str, str]
    best: str
    chosen: str
    reason: str
    nested: float | None = None
    nested_by_fold: dict[str, str] | None = None

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> FamilyChoice:
        """Return the choice of which `dataclasses.asdict` and JSON made `found`.

        Raises:
            TypeError: it is none.
        """
        families = tuple(_family(one) for one in found["families"])
        return cls(**{**found, "asked": tuple(found["asked"]), "families": families})

    @property
    def ranked(self) -> list[Family]:
        """The families, best honest score first, of equal ones the earlier."""
        return sorted(self.families, key=lambda one: one.behind)


@dataclass(frozen=True)
class Contender:
    """The facts of a family that the rule uses.

    Attributes:
        units: its honest prediction of each unit.
        n_fitted: how many numbers it fits.
    """

    units: OofUnits
    n_fitted: int


@dataclass(frozen=True)
class Chosen:
    """The result of the rule among K contenders.

    Attributes:
        best: the place of the best honest score, the first of equal ones.
        chosen: the place of the one to take.
        behind: `(K,)`, how much worse than the best each scores.
        errors: `(K,)`, the standard error of that; nan of the best, and where nothing was drawn.
    """

    best: int
    chosen: int
    behind: NDArray[np.float64]
    errors: NDArray[np.float64]


def choose(contenders: Sequence[Contender], *, n: int = DRAWS, seed: int = 0) -> Chosen:
    """Return the contender with the fewest numbers fitted within one standard error of the best.

    Of as few numbers the better honest score wins, then the first.

    Args:
        contenders: K of them, on the same units.
        n: number of bootstrap draws; one in which either score is undefined is left out.
        seed: of the draws.

    Raises:
        DataError: a score is undefined on all units.
    """
    metric = contenders[0].units.metric
    sign = 1.0 if metric.greater_is_better else -1.0
    scores = sign * np.array([one.units.score() for one in contenders])
    drawn = sign * np.stack([drawn_scores(one.units, n=n, seed=seed) for one in contenders])
    best = int(scores.argmax())
    behind = scores[best] - scores
    errors = np.array([_standard_error(drawn[best] - one) for one in drawn])
    # Equal scores are within any error, an undefined one included.
    near = (behind <= errors) | (behind == 0)
    errors[best] = np.nan
    order = sorted(
        np.flatnonzero(near).tolist(), key=lambda k: (contenders[k].n_fitted, behind[k], k)
    )
    return Chosen(best, order[0], behind, errors)


def nested_choice(
    contenders: Sequence[Contender],
    folds: NDArray[np.int64],
    *,
    n: int = DRAWS,
    seed: int = 0,
) -> tuple[OofUnits, dict[int, int]]:
    """Return the predictions of each fold by the contender that the other folds choose.

    Args:
        contenders: K of them, on the same N units.
        folds: `(N,)`, at least two different ones.
        n, seed: of the draws in each choice.

    Returns:
        the units, in their order, and fold → the place of its contender.

    Raises:
        DataError: a score is undefined without some fold.
    """
    by_fold: dict[int, int] = {}
    taken = np.empty(len(folds), dtype=np.int64)
    for fold in np.unique(folds).tolist():
        outside = np.flatnonzero(folds != fold)
        others = [replace(one, units=one.units.take(outside)) for one in contenders]
        by_fold[fold] = choose(others, n=n, seed=seed).chosen
        taken[folds == fold] = by_fold[fold]
    return _mixed([one.units for one in contenders], taken), by_fold


def _mixed(units: Sequence[OofUnits], taken: NDArray[np.int64]) -> OofUnits:
    """Return for each unit the prediction of the contender `taken` `(N,)`."""
    first = units[0]
    if first.sums is not None:
        sums = np.stack([_sums(one) for one in units])
        return replace(first, sums=sums[taken, np.arange(len(taken))])
    predictions = [np.asarray(one.prediction) for one in units]
    whole = predictions[0].astype(np.result_type(*predictions))
    for k, one in enumerate(predictions):
        whole[taken == k] = one[taken == k]
    return replace(first, prediction=whole)


def _sums(units: OofUnits) -> NDArray[Any]:
    if units.sums is None:
        raise DataError("some of these blends have sums, and some have not")
    return units.sums


def _standard_error(differences: NDArray[np.float64]) -> float:
    """Return their standard deviation over the draws that have one, nan of fewer than two."""
    defined = differences[~np.isnan(differences)]
    return float(defined.std(ddof=1)) if len(defined) > 1 else float("nan")


def _family(found: Mapping[str, Any]) -> Family:
    interval = found["honest_interval"]
    return Family(
        **{
            **found,
            "weights": tuple(found["weights"]),
            "honest_interval": None if interval is None else (interval[0], interval[1]),
        }
    )
