"""Which thresholds cannot be told from the best one: by how much a loss against it may be chance.

The highest point of a curve is where luck and worth add up. Of a threshold t the curve says that it
loses `best - score(t)`; with other rows of the same kind that loss would be another one, and its
standard error, by a paired bootstrap over the units (Efron & Tibshirani 1993, chapters 6 and 10),
says by how much. Where the loss is not larger than its own standard error, t is as good as the best
for all that the rows can say (the one-standard-error rule, Breiman et al. 1984, §3.4.3).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import bootstrap, metrics
from podium.competition.metrics import Metric

__all__ = ["DRAWS", "error_of_draws", "group_codes", "plateau_error", "unit_draws"]

DRAWS = 100

Floats = NDArray[np.float64]


def plateau_error(
    metric: Metric,
    sums: NDArray[Any],
    *,
    options: Mapping[str, Any] | None = None,
    groups: NDArray[Any] | None = None,
    n: int = DRAWS,
    seed: int = 0,
) -> Floats:
    """Return the standard error `(T,)` of (best score - score at each of T thresholds).

    The best is that of the rows given; it loses nothing against itself. A draw in which a score is
    undefined is left out for its threshold.

    Args:
        metric: one with sums.
        sums: `(T, N, S)`: the metric's sums of each unit at each threshold.
        options: options of the metric.
        groups: `(N,)`: units that are drawn together; None: each by itself.
        n: number of draws.
        seed: of the draws.

    Example:
        >>> right = np.array([[1, 1, 1, 0], [1, 1, 0, 1]])  # at two thresholds
        >>> sums = np.stack([right, np.ones_like(right)], axis=2)
        >>> plateau_error(metrics.get("accuracy"), sums).round(1).tolist()
        [0.0, 0.4]
    """
    given = dict(options or {})
    codes, n_units = group_codes(groups, sums.shape[1])
    scores = metrics.values(metric, sums.sum(axis=1, dtype=np.float64), **given)
    weights = unit_draws(n_units, n=n, seed=seed)[:, codes].astype(np.float64)  # (B, N)
    drawn = np.stack([metrics.values(metric, weights @ one, **given) for one in sums], axis=1)
    signed = scores if metric.greater_is_better else -scores
    return error_of_draws(drawn, int(np.nanargmax(signed)))


def error_of_draws(drawn: Floats, best: int) -> Floats:
    """Return the standard error `(T,)` of the score at `best` less the score at each threshold.

    Args:
        drawn: `(B, T)`: the scores of each draw, nan where undefined.
        best: the number of the best threshold.
    """
    losses = drawn[:, best : best + 1] - drawn
    is_known = ~np.isnan(losses)
    n = is_known.sum(axis=0)
    means = np.where(is_known, losses, 0.0).sum(axis=0) / np.maximum(n, 1)
    squares = np.where(is_known, (losses - means) ** 2, 0.0).sum(axis=0)
    return np.where(n > 1, np.sqrt(squares / np.maximum(n - 1, 1)), 0.0)


def group_codes(groups: NDArray[Any] | None, n_rows: int) -> tuple[NDArray[np.int64], int]:
    """Return the number of each row's unit `(N,)`, from 0, and how many units there are.

    Rows whose group is None or nan are units by themselves.
    """
    names = None if groups is None else np.asarray(groups)
    if names is not None and len(names) == n_rows and names.dtype.kind in "iu":
        codes = np.unique(names, return_inverse=True)[1].astype(np.int64)
    else:
        codes = bootstrap.unit_codes(groups, n_rows)
    return codes, int(codes.max(initial=-1)) + 1


def unit_draws(n_units: int, *, n: int = DRAWS, seed: int = 0) -> NDArray[np.int64]:
    """Return how often each unit stands in each of `n` resamples, `(n, n_units)`."""
    rng = np.random.default_rng(seed)
    return np.stack(
        [np.bincount(rng.integers(n_units, size=n_units), minlength=n_units) for _ in range(n)]
    )
