"""Tuning of a rating: the cut points between classes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.tuning.curves import CurveRows, ParameterCurve
from podium.tuning.labels.cuts import fit_cuts, shrunk_cuts
from podium.tuning.labels.decision_curves import cut_curves
from podium.tuning.labels.search import Search
from podium.tuning.scoring import LabelScorer


def candidates(probs: NDArray[Any], scorer: LabelScorer, how: Search) -> list[list[dict[str, Any]]]:
    """Return the decision by the cut points that score best; unless raw, drawn towards halves."""
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
    if not how.raw:
        cuts = shrunk_cuts(cuts, scorer.truth)
    return [[{"cuts": cuts.tolist()}]]


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
