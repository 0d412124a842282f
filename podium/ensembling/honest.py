"""What stands beside an honest score: its interval, and the score in each fold."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError

if TYPE_CHECKING:
    from podium.competition.sum_scorer import SumScorer
    from podium.ensembling.mask_rows import MaskRows
    from podium.ensembling.rows import Rows
    from podium.tuning.mask_decision import MaskScorer
    from podium.tuning.scoring import Scorer

__all__ = ["honest_by_fold", "honest_interval"]


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
