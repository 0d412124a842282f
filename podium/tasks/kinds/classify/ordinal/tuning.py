"""Tuning of a rating: the cut points between classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.tuning.curves import CurveRows, ParameterCurve
from podium.tuning.labels.curves import cut_curves
from podium.tuning.labels.cuts import fit_cuts
from podium.tuning.labels.search import Search
from podium.tuning.scoring import LabelScorer

__all__ = ["curves", "fit"]


def fit(probs: NDArray[Any], scorer: LabelScorer, how: Search) -> list[dict[str, Any]]:
    """Return the cut points that score best."""
    assert scorer.n_classes is not None
    cuts = fit_cuts(
        probs,
        scorer.truth,
        scorer.metric,
        n_classes=scorer.n_classes,
        raw=how.raw,
        groups=how.groups,
        seed=how.seed,
        options=scorer.options,
    )
    return [{"cuts": cuts.tolist()}]


def curves(
    values: NDArray[np.float32],
    rows: CurveRows,
    scorer: LabelScorer,
    steps: list[dict[str, Any]],
    names: Sequence[str],
) -> Iterator[ParameterCurve]:
    """Return the curve of each cut point."""
    assert scorer.n_classes is not None
    return cut_curves(values, rows, steps, names, scorer.n_classes)
