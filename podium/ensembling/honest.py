"""What stands beside an honest score: its interval, the score in each fold, and the best member.

Whether a blend was worth making is a question to pairs: the blend and the member that scores best
alone, each with a decision of its own that was fitted on the other folds, are scored on the same
resampled rows or groups. `Units` has what is scored, of labels and of masks alike.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError

if TYPE_CHECKING:
    from podium.competition.sum_scorer import SumScorer
    from podium.ensembling.mask_rows import MaskRows
    from podium.ensembling.rows import Rows
    from podium.ensembling.units import Units
    from podium.tuning.masks.decision import MaskScorer
    from podium.tuning.scoring import Scorer

__all__ = [
    "Rival",
    "beats",
    "best_alone",
    "drawn_scores",
    "honest_by_fold",
    "honest_interval",
    "share_of_better",
]


@dataclass(frozen=True)
class Rival:
    """The member that a blend must beat: the one that scores best alone.

    Attributes:
        name: its name.
        honest: its score, with a decision of its own that was fitted on the other folds.
        drawn: `(n,)`, its scores in the draws, nan where one has none.
    """

    name: str
    honest: float
    drawn: NDArray[np.float64]

    @classmethod
    def of(cls, name: str, units: Units, *, n: int, seed: int) -> Rival:
        """Return the member that honestly says `units`; see `drawn_scores`."""
        return cls(name, units.score(), drawn_scores(units, n=n, seed=seed))


def drawn_scores(units: Units, *, n: int, seed: int) -> NDArray[np.float64]:
    """Return the scores `(n,)` of resampled units, whole groups at a time, nan where undefined.

    Equal seeds draw equal units: scores of two predictions of the same units are paired.
    """
    from podium.competition import bootstrap

    return bootstrap.scores(
        units.metric,
        units.truth,
        units.prediction,
        sums=units.sums,
        groups=units.groups,
        n=n,
        seed=seed,
        **units.options,
    )


def best_alone(scores: Sequence[float], is_better: Callable[[float, float], bool]) -> int:
    """Return which of the members' scores `(M,)` is best, the first of equal ones."""
    best = 0
    for m, score in enumerate(scores):
        if is_better(score, scores[best]):
            best = m
    return best


def beats(units: Units, rival: Rival, *, seed: int) -> float | None:
    """Return the share of draws in which `units` score better than `rival`, ties counted half.

    Args:
        units: what the blend honestly says of the units that the rival was scored on.
        rival: the best member; as many draws are made as it has.
        seed: that the rival was drawn with.

    Returns:
        in [0, 1]; None where no draw has a score of both.
    """
    drawn = drawn_scores(units, n=len(rival.drawn), seed=seed)
    return share_of_better(drawn, rival.drawn, greater_is_better=units.metric.greater_is_better)


def share_of_better(
    drawn: NDArray[np.float64], other: NDArray[np.float64], *, greater_is_better: bool
) -> float | None:
    """Return how often paired draws `(n,)` score better than others, ties counted half.

    None where no draw has a score of both.
    """
    gains = (1.0 if greater_is_better else -1.0) * (drawn - other)
    gains = gains[~np.isnan(gains)]
    if not len(gains):
        return None
    return float(np.mean(gains > 0) + np.mean(gains == 0) / 2)


def honest_interval(
    scorer: Scorer | MaskScorer | SumScorer,
    rows: Rows | MaskRows,
    *,
    truth: NDArray[Any] | None = None,
    prediction: NDArray[Any] | None = None,
    sums: NDArray[Any] | None = None,
    n: int,
    seed: int,
) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    """Return the bounds of 95 % over rows or groups; None, and a note, where there are none.

    Args:
        scorer: has the metric and its options.
        rows: that were scored, which say what is drawn together.
        truth, prediction, sums: as `bootstrap.interval` takes them.
        n: number of draws.
        seed: of the draws.
    """
    from podium.competition.bootstrap import interval

    groups = None if rows.groups is None else rows.units()
    try:
        bounds = interval(
            scorer.metric,
            truth,
            prediction,
            sums=sums,
            groups=groups,
            n=n,
            seed=seed,
            **scorer.options,
        )
    except DataError as error:
        return None, (f"no interval: {error.message}",)
    return bounds, ()


def honest_by_fold(
    score: Callable[[NDArray[np.int64]], float], folds: NDArray[np.int64]
) -> dict[str, float]:
    """Return what `score` gives for the positions of each fold, where it is defined.

    It is not where rank metrics find one class alone, or where no mask is there and none is said.
    """
    found = {}
    for fold in np.unique(folds):
        try:
            found[str(fold)] = score(np.flatnonzero(folds == fold))
        except DataError:
            continue
    return found
