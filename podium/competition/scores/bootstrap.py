"""Percentile bootstrap of a metric: how much a score varies over other rows of the same kind.

Efron & Tibshirani 1993, chapter 13. With `groups`, whole groups are drawn: rows of one patient or
product are not independent, and drawing them one by one makes the interval too narrow.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import DataError, plural

__all__ = ["draw_counts", "interval", "scores", "scores_of_counts", "unit_codes"]

CELLS_AT_ONCE = 2_000_000  # draws × rows whose counts are held at a time: 16 MB
SPARSE_BELOW = 0.1  # share of sums that are not zero: many classes, few of them in a row


def interval(
    metric: str | Metric,
    truth: Any = None,
    prediction: Any = None,
    *,
    sums: NDArray[Any] | None = None,
    groups: Any = None,
    n: int = 1000,
    seed: int = 0,
    level: float = 0.95,
    **options: Any,
) -> tuple[float, float]:
    """Return the bounds that hold the middle `level` of the scores of `n` resampled data sets.

    Args:
        metric: a metric's name, or the metric.
        truth: as `metrics.score` takes it.
        prediction: as `metrics.score` takes it.
        sums: `(N, S)` of the metric, in place of truth and prediction: masks are then counted
            once and not kept.
        groups: `(N,)`, one name a row; groups are drawn, each with all of its rows. None: rows are
            drawn.
        n: number of draws.
        seed: of the draws; equal seeds give equal bounds.
        level: in (0, 1).
        options: options of the metric.

    Raises:
        DataError: the score is undefined, for all rows or in more than half of the draws.

    Example:
        >>> interval("accuracy", [0] * 100, [0] * 80 + [1] * 20)
        (0.72, 0.88)
    """
    if not (0 < level < 1 and n >= 1):
        raise DataError(f"level must be in (0, 1) and n at least 1, got {level} and {n}")
    metric = metrics.get(metric)
    if sums is None and not _is_drawn_by_sums(metric):
        metrics.score(metric, truth, prediction, **options)
    else:
        sums = _sums(metric, truth, prediction, sums, options)
        metrics.value(metric, sums, **options)
    drawn = scores(metric, truth, prediction, sums=sums, groups=groups, n=n, seed=seed, **options)
    return _bounds(drawn, n=n, level=level, name=metric.name)


def scores(
    metric: str | Metric,
    truth: Any = None,
    prediction: Any = None,
    *,
    sums: NDArray[Any] | None = None,
    groups: Any = None,
    n: int = 1000,
    seed: int = 0,
    **options: Any,
) -> NDArray[np.float64]:
    """Return the scores of `n` resamples of the rows, nan where a draw has none.

    Equal seeds draw equal rows: the scores of two predictions of the same rows are paired.
    Arguments are those of `interval`.
    """
    metric = metrics.get(metric)
    if sums is not None or _is_drawn_by_sums(metric):
        sums = _sums(metric, truth, prediction, sums, options)
    codes = unit_codes(groups, len(truth if sums is None else sums))
    n_units, rng = int(codes.max()) + 1, np.random.default_rng(seed)
    draws = draw_counts(n_units, n_units, n, len(codes), rng)
    return scores_of_counts(metric, codes, draws, truth, prediction, sums=sums, **options)


def scores_of_counts(
    metric: str | Metric,
    codes: NDArray[np.int64],
    counts: Iterable[NDArray[np.int64]],
    truth: Any = None,
    prediction: Any = None,
    *,
    sums: NDArray[Any] | None = None,
    **options: Any,
) -> NDArray[np.float64]:
    """Return the scores `(B,)` of data sets that hold units so often, nan where there is none.

    Args:
        metric: a metric's name, or the metric.
        codes: `(N,)`, the number of each row's unit, from 0.
        counts: blocks `(b, U)`: how often each of the U units is in each data set; B in all.
        truth, prediction, sums, options: as `interval` takes them.
    """
    metric = metrics.get(metric)
    if sums is None:
        return np.array(_from_rows(metric, truth, prediction, codes, counts, options))
    return np.array(_from_sums(metric, sums, codes, counts, options))


def _is_drawn_by_sums(metric: Metric) -> bool:
    """Return whether draws are of sums: not where the metric draws itself (its sums are large)."""
    return metric.sums is not None and metric.score_draws is None


def _sums(
    metric: Metric,
    truth: Any,
    prediction: Any,
    given: NDArray[Any] | None,
    options: dict[str, Any],
) -> NDArray[Any]:
    if given is None:
        sums = metrics.sums(metric, truth, prediction, **options)
        assert sums is not None
        return sums
    if metric.value is None:
        raise DataError(f"{metric.name} is no function of sums", fix="give truth and prediction")
    return given


def unit_codes(groups: Any, n_rows: int) -> NDArray[np.int64]:
    """Return the number of each row's unit, from 0: its group, or itself where it has none.

    Args:
        groups: `(N,)`, None or nan for rows of no group; None: no row has one.
        n_rows: N.

    Raises:
        DataError: there is not one group a row.
    """
    if groups is None:
        return np.arange(n_rows)
    if len(groups) != n_rows:
        raise DataError(f"{plural(len(groups), 'group')} for {plural(n_rows, 'row')}")
    names = np.asarray(groups)
    codes = np.unique(names.astype(str), return_inverse=True)[1].astype(np.int64)
    alone = np.flatnonzero([one is None or one != one for one in names.tolist()])
    if not len(alone):
        return codes
    codes[alone] = codes.max() + 1 + np.arange(len(alone))
    return np.unique(codes, return_inverse=True)[1].astype(np.int64)  # no number without a row


def draw_counts(
    n_units: int, n_drawn: int, n: int, n_rows: int, rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Yield how often each unit is in each draw, `(b, n_units)`, a block of draws at a time.

    Args:
        n_units: the units, of `n_rows` rows in all.
        n_drawn: units of a draw.
        n: draws.
        n_rows: rows of all units.
        rng: draws the units.
    """
    block = max(1, CELLS_AT_ONCE // max(n_rows, n_drawn))
    for start in range(0, n, block):
        drawn = rng.integers(n_units, size=(min(block, n - start), n_drawn))
        yield np.stack([np.bincount(row, minlength=n_units) for row in drawn])


def _from_sums(
    metric: Metric,
    sums: NDArray[Any],
    codes: NDArray[np.int64],
    draws: Iterable[NDArray[np.int64]],
    options: dict[str, Any],
) -> list[float]:
    assert metric.value is not None
    complete = metric.complete(options)
    by_row = scipy.sparse.csr_array(
        (np.ones(len(codes)), (codes, np.arange(len(codes)))),
        shape=(int(codes.max()) + 1, len(codes)),
    )
    is_sparse = np.count_nonzero(sums) < SPARSE_BELOW * sums.size
    table = by_row @ (scipy.sparse.csr_array(sums) if is_sparse else sums)  # (units, S)
    scores: list[float] = []
    for counts in draws:
        totals = counts.astype(np.float64) @ table  # (draws, S)
        scores.extend(_defined(metric.value, row[None], complete) for row in np.asarray(totals))
    return scores


def _from_rows(
    metric: Metric,
    truth: Any,
    prediction: Any,
    codes: NDArray[np.int64],
    draws: Iterable[NDArray[np.int64]],
    options: dict[str, Any],
) -> list[float]:
    truth, prediction = metrics.arguments(metric, truth, prediction)
    complete = metric.complete(options)

    def score(rows: NDArray[np.int64]) -> float:
        return metric.score(_taken(truth, rows), _taken(prediction, rows), **complete)

    scores: list[float] = []
    for counts in draws:
        by_row = counts[:, codes]
        if metric.score_draws is not None:
            scores.extend(metric.score_draws(truth, prediction, by_row, **complete))
        else:
            every = np.arange(len(codes))
            scores.extend(_defined(score, np.repeat(every, one), {}) for one in by_row)
    return scores


def _taken(values: Any, rows: NDArray[np.int64]) -> Any:
    """Return these rows of an array, or of a sequence of masks or of images' objects."""
    return values[rows] if isinstance(values, np.ndarray) else [values[row] for row in rows]


def _defined(score: Any, argument: NDArray[Any], options: dict[str, Any]) -> float:
    """Return the score, or nan where this draw has none (for example without a positive row)."""
    try:
        return float(score(argument, **options))
    except DataError:
        return float("nan")


def _bounds(drawn: NDArray[np.float64], *, n: int, level: float, name: str) -> tuple[float, float]:
    drawn = drawn[~np.isnan(drawn)]
    if len(drawn) * 2 < n:
        raise DataError(
            f"{name} is undefined in {n - len(drawn)} of {plural(n, 'draw')}",
            fix="an interval needs more rows of the rarest class",
        )
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)
