"""Tuning of one class of several: a weight for each class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.tuning.curves import CurveRows, ParameterCurve
from podium.tuning.labels.class_weights import fit_class_weights, shrunk_weights
from podium.tuning.labels.decision_curves import weight_curves
from podium.tuning.labels.search import Search
from podium.tuning.scoring import LabelScorer


def candidates(probs: NDArray[Any], scorer: LabelScorer, how: Search) -> list[list[dict[str, Any]]]:
    """Return decisions by class weights of few numbers; raw: by the best of a free search."""
    if how.raw:
        free = fit_class_weights(
            probs,
            scorer.truth,
            scorer.metric,
            trials=how.trials,
            seed=how.seed,
            options=scorer.options,
            storage=how.storage,
            study_name=how.study_name,
        )
        return [[{"class_weights": free.tolist()}]]
    found = shrunk_weights(probs, scorer.truth)
    # The plain decision is tried, too.
    return [[{"class_weights": one.tolist()}] for one in found[: how.trials - 1]]


def curves(
    values: NDArray[np.float32],
    rows: CurveRows,
    scorer: LabelScorer,
    steps: list[dict[str, Any]],
    names: Sequence[str],
) -> Iterator[ParameterCurve]:
    """Return the curve of each class's weight."""
    return weight_curves(values, rows, steps, names)
