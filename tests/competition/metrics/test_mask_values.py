"""Scores of many sets of units at once: each equals `value` of that set, to the bit."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
import pytest

from podium.competition import metrics
from podium.errors import DataError

OF_MASKS = [one for one in map(metrics.get, metrics.names()) if one.of_counts is not None]
OVER = ("pair", "image", "class", "all", "pixel")
EMPTY = ("one", "zero", "skip", "error")


def options_of(metric: metrics.Metric) -> list[dict[str, Any]]:
    axes: dict[str, tuple[Any, ...]] = {"over": OVER, "empty": EMPTY, "background": (False, True)}
    of_it = {name: values for name, values in axes.items() if name in metric.options}
    return [dict(zip(of_it, one, strict=True)) for one in itertools.product(*of_it.values())]


def counts_of(rng: np.random.Generator, n: int, n_classes: int) -> np.ndarray:
    """Counts of masks of 50 pixels; some have no class, some truths are all unlabelled."""
    true = rng.integers(0, 51, (n, n_classes)) * rng.integers(0, 2, (n, n_classes))
    predicted = rng.integers(0, 51, (n, n_classes)) * rng.integers(0, 2, (n, n_classes))
    both = np.minimum(rng.integers(0, 51, (n, n_classes)), np.minimum(true, predicted))
    both = np.maximum(both, true + predicted - 50)
    return np.stack([both, predicted, true, np.full_like(true, 50)], axis=2) * rng.integers(
        0, 2, (n, 1, 1)
    )


def score_or_nan(metric: metrics.Metric, sums: np.ndarray, options: dict[str, Any]) -> float:
    try:
        return metrics.value(metric, sums, **options)
    except DataError:
        return float("nan")


@pytest.mark.parametrize("kind", ["binary", "multiclass", "multilabel"])
@pytest.mark.parametrize("metric", OF_MASKS, ids=lambda one: one.name)
def test_values_equal_value_of_each_row(metric: metrics.Metric, kind: Any) -> None:
    rng = np.random.default_rng(0)
    n_tried = 0
    for options in options_of(metric):
        sets = []
        for n_units in (1, 1, 1, 5):
            counts = counts_of(rng, n_units * 12, 2 if kind == "binary" else 9)
            try:
                sums = metrics.of_counts(metric, counts, kind=kind, **options)
            except DataError:  # an option that this metric does not know, or an empty pair
                continue
            sets.append(sums.reshape(12, n_units, -1).sum(axis=1, dtype=np.float64))
        for totals in sets:
            expected = [score_or_nan(metric, one[None], options) for one in totals]
            np.testing.assert_array_equal(metrics.values(metric, totals, **options), expected)
            n_tried += 1
    assert n_tried >= 4


def test_a_metric_without_values_is_scored_row_by_row() -> None:
    sums = np.array([[1, 2, 0, 1], [0, 0, 0, 0], [3, 1, 1, 1]], np.float64)
    f1 = dataclasses.replace(metrics.get("f1"), values=None)
    expected = [score_or_nan(f1, one[None], {}) for one in sums]
    np.testing.assert_array_equal(metrics.values(f1, sums), expected)


def test_a_metric_without_sums_has_no_values() -> None:
    with pytest.raises(DataError, match="auc is no function of sums"):
        metrics.values("auc", np.zeros((2, 3)))
    with pytest.raises(DataError, match=r"sums have the shape \(B, S\), got \(3,\)"):
        metrics.values("mean_dice", np.zeros(3))
    with pytest.raises(DataError, match="write over"):
        metrics.values("mean_dice", np.zeros((1, 2)), ovr="pair")
