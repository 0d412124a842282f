"""Tuning of yes and no: a threshold for each probability; other kinds are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.tuning.curves import CurveRows, ParameterCurve
from podium.tuning.labels.curves import threshold_curves
from podium.tuning.labels.search import Search
from podium.tuning.labels.thresholds import fit_thresholds, shrunk_thresholds
from podium.tuning.scoring import LabelScorer

__all__ = ["candidates", "curves"]


def candidates(probs: NDArray[Any], scorer: LabelScorer, how: Search) -> list[list[dict[str, Any]]]:
    """Return the decision by the thresholds that score best; unless raw, drawn towards 0.5.

    Raises:
        UsageError: the task has none.
    """
    found = fit_thresholds(
        probs,
        scorer.truth,
        scorer.metric,
        scorer.kind,
        raw=how.raw,
        groups=how.groups,
        seed=how.seed,
        options=scorer.options,
    )
    if not how.raw:
        found = shrunk_thresholds(found, scorer.truth)
    return [[{"threshold": found.tolist()[0] if scorer.kind.is_single else found.tolist()}]]


def curves(
    values: NDArray[np.float32],
    rows: CurveRows,
    scorer: LabelScorer,
    steps: list[dict[str, Any]],
    names: Sequence[str],
) -> Iterator[ParameterCurve]:
    """Return the curve of each threshold."""
    return threshold_curves(values, rows, steps, names, scorer.kind)
