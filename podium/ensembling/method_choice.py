"""The choice among families of blends: the simplest of those within chance of the best.

Among nine ways to blend the best honest score is partly luck, and more so for a way that fits many
numbers. Of all families whose honest score lies within one standard error of the best, by a paired
bootstrap over rows or groups, the one that fits the fewest numbers is taken (the rule of Breiman et
al. 1984, §3.4.3, which has it for the size of trees).

The choice has used every fold, and so the chosen family's own score flatters it: of nine ways that
know nothing the luckiest is taken. The honest score of choosing is nested. For each fold the family
is chosen anew, by predictions of the other folds alone, which were fitted on these alone
(`nested.py`); then this family, fitted on these, predicts the fold. That the choice sees the folds'
predictions is not enough: they were fitted on the fold that is to be scored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.ensembling.honest import OofUnits, drawn_scores
from podium.ensembling.methods.rank import ranks_within
from podium.ensembling.nested import few_parts
from podium.errors import DataError

__all__ = [
    "Contender",
    "Family",
    "FamilyChoice",
    "choose",
    "mixed_units",
    "nested_choice",
    "ranks_score_alike",
]

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
        nested: the honest score of choosing so, which is the blend's; None where it is undefined.
        nested_by_fold: fold → the method that is chosen without it.
    """

    asked: tuple[str, ...]
    families: tuple[Family, ...]
    refused: dict[str, str]
    best: str
    chosen: str
    reason: str
    nested: float | None = None
    nested_by_fold: dict[int, str] | None = None

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> FamilyChoice:
        """Return the choice of which `dataclasses.asdict` and JSON made `found`.

        Raises:
            TypeError: it is none.
        """
        families = tuple(_family(one) for one in found["families"])
        nested = found.get("nested_by_fold")
        by_fold = None if nested is None else {int(fold): one for fold, one in nested.items()}
        asked = tuple(found["asked"])
        return cls(**{**found, "asked": asked, "families": families, "nested_by_fold": by_fold})

    @property
    def ranked(self) -> list[Family]:
        """The families, best honest score first, of equal ones the earlier."""
        return sorted(self.families, key=lambda one: one.behind)

    @property
    def is_no_folds(self) -> bool:
        """Whether no fold's others choose what was taken.

        The honest score of choosing so is of other families then, and tells little of this one.
        """
        return self.nested is not None and self.chosen not in (self.nested_by_fold or {}).values()

    @property
    def taken(self) -> Family:
        """The chosen family, with the honest score of its method by itself."""
        return next(one for one in self.families if one.method == self.chosen)


@dataclass(frozen=True)
class Contender:
    """The facts of a family that the rule uses.

    Attributes:
        units: its honest prediction of each unit.
        n_fitted: how many numbers it fits.
        within: part → its honest prediction of the other units, fitted without the part.
    """

    units: OofUnits
    n_fitted: int
    within: Mapping[int, OofUnits] = field(default_factory=dict)


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
) -> tuple[NDArray[np.int64], dict[int, int]]:
    """Return which contender predicts each unit `(N,)`, chosen without its fold, and fold → which.

    Args:
        contenders: K of them, on the same N units, each with `within` of `few_parts(folds)`.
        folds: `(N,)`, at least two different ones.
        n, seed: of the draws in each choice.

    Raises:
        DataError: a score is undefined without some fold.
    """
    parts = few_parts(folds)
    taken = np.empty(len(folds), dtype=np.int64)
    for part in np.unique(parts).tolist():
        others = [Contender(one.within[part], one.n_fitted) for one in contenders]
        taken[parts == part] = choose(others, n=n, seed=seed).chosen
    return taken, {fold: int(taken[folds == fold][0]) for fold in np.unique(folds).tolist()}


def mixed_units(
    units: Sequence[OofUnits],
    taken: NDArray[np.int64],
    ranked_in: NDArray[np.int64] | None = None,
) -> OofUnits:
    """Return for each unit the prediction of the contender `taken` `(N,)`.

    Args:
        units: `(K,)`, of each contender.
        taken: `(N,)`.
        ranked_in: `(N,)`: predictions are of different scales, and become their ranks in these
            parts, as `methods/rank.py` has them; None: they are of one scale.
    """
    first = units[0]
    if first.sums is not None:
        sums = np.stack([_sums(one) for one in units])
        return replace(first, sums=sums[taken, np.arange(len(taken))])
    predictions = [np.asarray(one.prediction) for one in units]
    if ranked_in is not None:
        predictions = [ranks_within(one, ranked_in) for one in predictions]
    whole = predictions[0].astype(np.result_type(*predictions))
    for k, one in enumerate(predictions):
        whole[taken == k] = one[taken == k]
    return replace(first, prediction=whole)


def ranks_score_alike(units: OofUnits) -> bool:
    """Return whether the metric sees the order of the units alone, in each column."""
    if units.sums is not None:
        return False
    ranked = mixed_units([units], np.zeros(len(units), np.int64), np.zeros(len(units), np.int64))
    try:
        return bool(np.isclose(ranked.score(), units.score(), rtol=1e-9))
    except DataError:
        return False


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
