"""Tuning of yes and no: a threshold for each probability; other kinds are refused."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.tuning.curves import CurveRows, ParameterCurve
from podium.tuning.labels.believed import believed_probs, likely_truths
from podium.tuning.labels.decision_curves import threshold_curves
from podium.tuning.labels.search import Search
from podium.tuning.labels.thresholds import fit_thresholds, shrunk_thresholds
from podium.tuning.scoring import LabelScorer


def candidates(probs: NDArray[Any], scorer: LabelScorer, how: Search) -> list[list[dict[str, Any]]]:
    """Return the decision by the thresholds that score best; unless raw, drawn towards 0.5.

    Where probabilities are believed, also by the thresholds that are expected to score best.

    Raises:
        UsageError: the task has none.
    """

    def fitted(values: NDArray[Any], truth: NDArray[Any], **given: Any) -> NDArray[np.float64]:
        return fit_thresholds(
            values,
            truth,
            scorer.metric,
            scorer.kind,
            seed=how.seed,
            options=scorer.options,
            **given,
        )

    found = [fitted(probs, scorer.truth, raw=how.raw, groups=how.groups)]
    if not how.raw:
        found[0] = shrunk_thresholds(found[0], scorer.truth)
        if how.is_believed:
            truths = likely_truths(believed_probs(probs, scorer.truth, scorer.kind), scorer.kind)
            many = np.concatenate([probs] * len(truths))
            found.append(fitted(many, np.concatenate(truths), raw=True))
    one = scorer.kind.is_single
    return [[{"threshold": each.tolist()[0] if one else each.tolist()}] for each in found]


def curves(
    values: NDArray[np.float32],
    rows: CurveRows,
    scorer: LabelScorer,
    steps: list[dict[str, Any]],
    names: Sequence[str],
) -> Iterator[ParameterCurve]:
    """Return the curve of each threshold."""
    return threshold_curves(values, rows, steps, names, scorer.kind)
