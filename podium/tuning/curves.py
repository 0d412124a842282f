"""Curves: the score at every value of a threshold or of another parameter, and which value to take.

`Curve` has the score at every threshold that makes a difference. Its raw maximum is where luck and
merit add up: on the curve a threshold t loses `best - score(t)`, and with other rows of the same
kind that loss would be another one. The standard error of the loss comes from a paired bootstrap
over the units (Efron & Tibshirani 1993, chapters 6 and 10). Where the loss is not larger than its
standard error, t is as good as the best, as far as the rows can show (the one-standard-error rule,
Breiman et al. 1984, §3.4.3). The robust threshold (decision 0022) is the centre of all such
thresholds.

`ParameterCurve` is what a report draws: the score along one parameter of a decision, all others
held. A threshold, a cut point or a class's weight is either reached in a row or not. So a row has
two decisions, and a place at which the one becomes the other; the sums of a metric at every point
follow from one pass over the rows, and so does the score of every bootstrap draw, with the weights
of the draw. Any other parameter is decided and scored point by point.

A blend keeps these curves beside its record, in `blends/<id>/curves.json`:

    {"format": 1, "metric": "f1", "n_scored": 2000, "curves": [
      {"parameter": "threshold", "name": "coat", "chosen": 0.41, "plain": 0.5, "best": 0.38,
       "plateau": [0.33, 0.47], "greater_is_better": true,
       "values": […], "scores": […], "standard_errors": […]}]}

`values` ascend, at most 400 of them; `scores` and `standard_errors` (of the best score less this
one) are as many, null where there is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores import bootstrap
from podium.errors import DataError
from podium.workspace import atomic, digests

__all__ = [
    "CURVES_FILE",
    "DRAWS",
    "Curve",
    "CurveRows",
    "ParameterCurve",
    "error_of_draws",
    "group_codes",
    "most_influential",
    "plateau_error",
    "read_curves",
    "thinned",
    "unit_draws",
    "write_curves",
]


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


EQUAL = 1e-12  # losses that are no larger come from rounding
FAR = 2.0  # standard errors: a centre that loses more lies in a valley


@dataclass(frozen=True)
class Curve:
    """A metric at every threshold that makes a difference.

    Attributes:
        thresholds: `(T,)`, float32, ascending: the distinct values, and one above all of them.
        scores: `(T,)`: the score of `p >= threshold`, nan where it is undefined.
        greater_is_better: the metric's direction.
        errors: `(T,)`: the standard error of (best - score) at each, by a paired bootstrap over
            rows; None where it is unknown: of a metric that is no function of sums, or of fewer
            than 5 rows of a class.

    Example:
        >>> import podium
        >>> curve = podium.threshold_curve([0, 0, 1, 1], [0.25, 0.5, 0.75, 1.0], "f1")
        >>> curve.thresholds[:-1].tolist()
        [0.25, 0.5, 0.75, 1.0]
        >>> curve.scores.round(2).tolist()
        [0.67, 0.8, 1.0, 0.67, 0.0]
        >>> curve.best()
        0.625
    """

    thresholds: NDArray[np.float32]
    scores: Floats
    greater_is_better: bool = True
    errors: Floats | None = None

    def best(self, *, within: float = 0.0, low: float = 0.0, high: float = 1.0) -> float:
        """Return the centre of the widest plateau of best scores: the raw maximum.

        A threshold at the edge of the plateau would turn with the next row; its centre is as far
        from both edges as can be. The first plateau begins at `low` and the last one ends at
        `high`: where "never" is best, the threshold does not lie a hair above the largest value
        that occurs.

        Args:
            within: scores at most this much worse than the best count as equal to it.
            low, high: between which values may lie.

        Raises:
            DataError: the score is undefined at every threshold.
        """
        is_good = self._losses() <= within
        lows = self._lows(low)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], is_good.astype(np.int8), [0]])))
        firsts, lasts = edges[::2], edges[1::2] - 1
        highs = self.thresholds[lasts].astype(np.float64)
        highs[lasts == len(self.thresholds) - 1] = max(high, float(self.thresholds[-1]))
        widest = int(np.argmax(highs - lows[firsts]))
        return _between(lows[firsts[widest]], highs[widest])

    def robust(
        self,
        errors: Floats | None = None,
        *,
        low: float = 0.0,
        high: float = 1.0,
        by_odds: bool = True,
    ) -> float:
        """Return the centre of the thresholds that the rows cannot distinguish from the best.

        These are the ones from the lowest to the highest whose loss is at most its own standard
        error. The centre is that of the log odds: of a rare class, 0.01 and 0.1 are as far apart
        as 0.9 and 0.99. Where the centre itself is far from good, the curve has two summits, and
        the raw maximum is taken.

        Args:
            errors: `(T,)`: standard errors of (best - score); None: those of the curve, and where
                it has none the raw maximum is returned. 0 everywhere gives the centre of all best
                thresholds.
            low, high: between which values may lie.
            by_odds: whether values are probabilities; else, as for those outside [0, 1], the
                centre is the plain one.

        Raises:
            DataError: the score is undefined at every threshold.
        """
        errors = self.errors if errors is None else errors
        if errors is None:
            return self.best(low=low, high=high)
        losses = self._losses()
        good = np.flatnonzero(losses <= errors + EQUAL)
        left, right = self._lows(low)[good[0]], float(self.thresholds[good[-1]])
        if good[-1] == len(self.thresholds) - 1:
            right = max(high, right)
        centre = self._centre_of_odds(left, right) if by_odds else _between(left, right)
        at = self._at(centre)
        if losses[at] > FAR * errors[at] + EQUAL:
            return self.best(low=low, high=high)
        return centre

    def scaled(self, factor: float, offset: float) -> Curve:
        """Return the curve of `offset + factor · score`; a negative factor turns its direction."""
        return replace(
            self,
            scores=offset + factor * self.scores,
            greater_is_better=self.greater_is_better == (factor > 0),
            errors=None if self.errors is None else abs(factor) * self.errors,
        )

    def score_at(self, threshold: float) -> float:
        """Return the score of `p >= threshold`."""
        return float(self.scores[self._at(threshold)])

    def _at(self, threshold: float) -> int:
        at = int(np.searchsorted(self.thresholds, np.float32(threshold), side="left"))
        return min(at, len(self.scores) - 1)

    def _losses(self) -> Floats:
        """Return the loss of each threshold against the best, infinity where undefined."""
        signed = self.scores if self.greater_is_better else -self.scores
        signed = np.where(np.isnan(signed), -np.inf, signed)
        best = signed.max()
        if best == -np.inf:
            raise DataError(
                "the score is undefined at every threshold",
                fix="tune on rows of both classes, such as the pooled ones of all folds",
            )
        return np.asarray(best - signed)

    def _lows(self, low: float) -> Floats:
        """Every real threshold in (lows[i], thresholds[i]] decides as thresholds[i] does."""
        first = min(low, float(self.thresholds[0]))
        return np.concatenate([[first], self.thresholds[:-1].astype(np.float64)])

    def _centre_of_odds(self, left: float, right: float) -> float:
        """Return the middle of two thresholds by their log odds."""
        values = self.thresholds[:-1].astype(np.float64)
        if not len(values) or values[0] < 0 or values[-1] > 1 or right > 1.0001:
            return _between(left, right)
        # Neither 0 nor 1 has finite odds: halfway to the outermost value in the rows, instead.
        if right >= 1:
            right = (1 + values[values < 1].max(initial=0.0)) / 2
        if left <= 0:
            left = min(values[values > 0].min(initial=1.0) / 2, right)
        odds = np.sqrt(left / (1 - left) * right / (1 - right)) if left < 1 else np.inf
        centre = float(np.float32(odds / (1 + odds))) if np.isfinite(odds) else float(right)
        return centre if left < centre <= right else _between(left, right)


def _between(left: float, right: float) -> float:
    centre = float(np.float32((left + right) / 2))
    return centre if centre > left else float(right)


MOST_POINTS = 200  # of a curve
MOST_SCORED = 48  # points of a metric that has no sums, or of a decision that has no places
MOST_ROWS_DRAWN = 5000  # of such a metric: more rows have no standard errors
LEAST_DRAWS = 20  # where rows are millions
_CELLS_DRAWN = 20_000_000  # draws × rows: 160 MB while they are made
_CELLS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class ParameterCurve:
    """The score of a decision along one of its parameters, on the rows that it was fitted on.

    Attributes:
        parameter: the step of `decide`.
        name: the class, or the cut point, whose parameter it is; "" where there is one only.
        values: `(G,)`, ascending, at most 400; `chosen` is one of them, and `plain`.
        scores: `(G,)`, each with the parameter at a value and all others as they are; None where
            the metric has no score.
        standard_errors: `(G,)`, of the best score less this one, by a paired bootstrap; None where
            it is unknown.
        chosen: the value that the decision has.
        plain: the value without tuning; None: there is none.
        best: the value of the raw maximum.
        greater_is_better: the metric's direction.
    """

    parameter: str
    name: str
    values: tuple[float, ...]
    scores: tuple[float | None, ...]
    standard_errors: tuple[float | None, ...]
    chosen: float
    plain: float | None
    best: float
    greater_is_better: bool = True

    def scaled(self, factor: float, offset: float) -> ParameterCurve:
        """Return the curve of `offset + factor · score`; a negative factor turns its direction."""
        return replace(
            self,
            scores=tuple(None if one is None else offset + factor * one for one in self.scores),
            standard_errors=tuple(
                None if one is None else abs(factor) * one for one in self.standard_errors
            ),
            greater_is_better=self.greater_is_better == (factor > 0),
        )

    @classmethod
    def of(
        cls,
        parameter: str,
        name: str,
        values: NDArray[Any],
        scores: Floats,
        drawn: Floats | None,
        *,
        chosen: float,
        plain: float | None,
        greater_is_better: bool,
        best: float | None = None,
    ) -> ParameterCurve | None:
        """Return the curve; None where no point has a score.

        Args:
            parameter, name, chosen, plain, greater_is_better: as the attributes.
            values: `(G,)`, ascending.
            scores: `(G,)`, nan where there is none.
            drawn: `(B, G)`, of resampled rows; None: they cannot be drawn.
            best: where the maximum is; None: the middle of the points that have it.
        """
        if np.isnan(scores).all():
            return None
        signed = np.where(np.isnan(scores), -np.inf, scores if greater_is_better else -scores)
        at_best = np.flatnonzero(signed == signed.max())
        at = int(at_best[len(at_best) // 2])
        errors = np.full(len(scores), np.nan) if drawn is None else error_of_draws(drawn, at)
        return cls(
            parameter,
            name,
            tuple(float(one) for one in values),
            _plain(scores),
            _plain(errors),
            float(chosen),
            None if plain is None else float(plain),
            float(values[at]) if best is None else float(best),
            greater_is_better,
        )

    @property
    def plateau(self) -> tuple[float, float]:
        """The lowest and the highest value whose loss is no more than its standard error."""
        losses = self.losses
        is_good = [
            loss is not None and loss <= (error or 0.0) + EQUAL
            for loss, error in zip(losses, self.standard_errors, strict=True)
        ]
        good = [value for value, one in zip(self.values, is_good, strict=True) if one]
        return good[0], good[-1]

    @property
    def losses(self) -> tuple[float | None, ...]:
        """By how much each score is worse than the best, `(G,)`."""
        known = [one for one in self.scores if one is not None]
        top = max(known) if self.greater_is_better else min(known)
        return tuple(None if one is None else abs(top - one) for one in self.scores)

    @property
    def gain(self) -> float:
        """The gain of the chosen value over the plain one; 0 where that is unknown."""
        if self.plain is None:
            return 0.0
        chosen, plain = self.score_at(self.chosen), self.score_at(self.plain)
        if chosen is None or plain is None:
            return 0.0
        return chosen - plain if self.greater_is_better else plain - chosen

    def score_at(self, value: float) -> float | None:
        """Return the score at the point that is nearest to `value`."""
        at = int(np.argmin(np.abs(np.asarray(self.values) - value)))
        return self.scores[at]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON of a file, with the plateau for programs that only read it."""
        return {**asdict(self), "plateau": list(self.plateau)}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> ParameterCurve:
        """Return the curve that `to_json` wrote.

        Raises:
            ValueError, TypeError: `found` is no such curve.
        """
        given = {name: one for name, one in dict(found).items() if name != "plateau"}
        lists = {name: tuple(one) for name, one in given.items() if isinstance(one, list)}
        curve = cls(**{**given, **lists})
        lengths = {len(one) for one in (curve.values, curve.scores, curve.standard_errors)}
        if len(lengths) > 1 or all(one is None for one in curve.scores):
            raise ValueError("a curve needs as many scores and errors as values, and a score")
        return curve


@dataclass(frozen=True)
class CurveRows:
    """Rows that are scored along a parameter, and draws of them.

    Attributes:
        metric, options: what scores.
        truth: `(N,)` or `(N, C)`; None where sums are given.
        weights: `(B, N)` uint16: how often each row stands in each draw.
        groups: `(N,)`, of what is drawn together; None: each row by itself.
        seed: of the draws.
    """

    metric: Metric
    options: Mapping[str, Any]
    truth: NDArray[Any] | None
    weights: NDArray[np.uint16]
    groups: NDArray[Any] | None = None
    seed: int = 0

    @classmethod
    def of(
        cls,
        metric: Metric,
        options: Mapping[str, Any],
        n: int,
        *,
        truth: NDArray[Any] | None = None,
        groups: NDArray[Any] | None = None,
        seed: int = 0,
    ) -> CurveRows:
        """Return `n` rows with their draws."""
        codes, n_units = group_codes(groups, n)
        n_draws = max(LEAST_DRAWS, min(DRAWS, _CELLS_DRAWN // n))
        weights = unit_draws(n_units, n=n_draws, seed=seed).astype(np.uint16)[:, codes]
        return cls(metric, dict(options), truth, weights, groups, seed)

    def sums(self, prediction: NDArray[Any]) -> NDArray[Any]:
        """Return the metric's sums `(N, S)` of decisions."""
        found = metrics.sums(self.metric, self.truth, prediction, **self.options)
        assert found is not None
        return found

    def totals(
        self, before: NDArray[Any], after: NDArray[Any], place: NDArray[np.int64], n_points: int
    ) -> Floats:
        """Return the sums over all rows at each point, `(G, S)`.

        Args:
            before, after: `(N, S)`: sums of a row's two decisions.
            place: `(N,)` in [0, G]: from this point on a row has its second decision.
            n_points: G.
        """
        found = np.tile(before.sum(axis=0, dtype=np.float64), (n_points, 1))
        for column in _differing(before, after):
            moved = after[:, column].astype(np.float64) - before[:, column]
            by_place = np.bincount(place, weights=moved, minlength=n_points + 1)
            found[:, column] += np.cumsum(by_place)[:n_points]
        return found

    def drawn_along(
        self, before: NDArray[Any], after: NDArray[Any], place: NDArray[np.int64], n_points: int
    ) -> Floats:
        """Return the scores `(B, G)` of the draws at each point; arguments as `totals`."""
        columns = _differing(before, after)
        start = self._drawn_sums(before)  # (B, S)
        moved = after[:, columns].astype(np.float64) - before[:, columns]
        found = np.empty((len(self.weights), n_points))
        for b, weights in enumerate(self.weights):
            totals = np.tile(start[b], (n_points, 1))
            for column, of_column in zip(columns, moved.T, strict=True):
                by_place = np.bincount(place, weights=of_column * weights, minlength=n_points + 1)
                totals[:, column] += np.cumsum(by_place)[:n_points]
            found[b] = self.scores(totals)
        return found

    def scores(self, totals: Floats) -> Floats:
        """Return the scores `(G,)` of sums `(G, S)`, nan where undefined."""
        return metrics.values(self.metric, totals, **self.options)

    def by_point(self, each: Iterable[NDArray[Any]]) -> tuple[Floats, Floats]:
        """Return scores `(G,)` and those of the draws `(B, G)`, of sums `(N, S)` of each point."""
        scores, drawn = [], []
        for sums in each:
            scores.append(float(self.scores(sums.sum(axis=0, dtype=np.float64)[None])[0]))
            drawn.append(self.scores(self._drawn_sums(sums)))
        return np.array(scores), np.stack(drawn, axis=1)

    def by_prediction(self, each: Iterable[NDArray[Any]]) -> tuple[Floats, Floats | None]:
        """Return the result of `by_point`, from decisions, for a metric with or without sums."""
        if self.metric.has_sums:
            return self.by_point(map(self.sums, each))
        scores: list[float] = []
        drawn: list[Floats] = []
        for one in each:
            scores.append(self._score(one))
            if len(one) <= MOST_ROWS_DRAWN:
                drawn.append(
                    bootstrap.scores(
                        self.metric,
                        self.truth,
                        one,
                        groups=self.groups,
                        n=DRAWS,
                        seed=self.seed,
                        **self.options,
                    )
                )
        return np.array(scores), np.stack(drawn, axis=1) if drawn else None

    def _score(self, prediction: NDArray[Any]) -> float:
        try:
            return metrics.score(self.metric, self.truth, prediction, **self.options)
        except DataError:
            return float("nan")

    def _drawn_sums(self, sums: NDArray[Any]) -> Floats:
        """Return the sums of each draw, `(B, S)`, some rows at a time."""
        found = np.zeros((len(self.weights), sums.shape[1]))
        block = max(1, _CELLS_AT_ONCE // sums.shape[1])
        for start in range(0, len(sums), block):
            rows = slice(start, start + block)
            found += self.weights[:, rows].astype(np.float64) @ sums[rows].astype(np.float64)
        return found


def most_influential(curves: Sequence[ParameterCurve], n: int) -> tuple[ParameterCurve, ...]:
    """Return the `n` curves whose tuning changes the score most, in their own order."""
    by_gain = sorted(range(len(curves)), key=lambda i: (-abs(curves[i].gain), i))
    return tuple(curves[i] for i in sorted(by_gain[:n]))


def thinned(values: NDArray[Any], required: Iterable[float], n: int = MOST_POINTS) -> NDArray[Any]:
    """Return at most about `n` of ascending `values`, and all of `required`, ascending.

    Half of them are evenly spread over the ranks, half over the range: a curve is drawn over the
    range, and most rows stand where there are most ranks.
    """
    extra = np.array(list(required), dtype=values.dtype)
    if len(values) > n - len(extra):
        half = max(2, (n - len(extra)) // 2)
        by_rank = np.linspace(0, len(values) - 1, half).round().astype(np.int64)
        evenly = np.searchsorted(values, np.linspace(float(values[0]), float(values[-1]), half))
        values = values[np.union1d(by_rank, evenly)]
    return np.union1d(values, extra)


def _differing(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.int64]:
    return np.flatnonzero((before != after).any(axis=0))


def _plain(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(one) else float(one) for one in values)


CURVES_FILE = "curves.json"
_FORMAT = 1


def read_curves(folder: Path) -> tuple[ParameterCurve, ...] | None:
    """Return the curves in a blend's folder; None: missing, damaged, or of another format."""
    if digests.is_damaged(folder / CURVES_FILE):
        return None
    try:
        found: Any = json.loads((folder / CURVES_FILE).read_text(encoding="utf-8"))
        if found["format"] != _FORMAT:
            return None
        return tuple(ParameterCurve.from_json(one) for one in found["curves"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_curves(
    folder: Path, curves: Sequence[ParameterCurve], *, metric: str, n_scored: int
) -> None:
    """Write the curves of a decision that was scored by `metric` on `n_scored` rows or images.

    Raises:
        OSError: it cannot be written.
    """
    document = {
        "format": _FORMAT,
        "metric": metric,
        "n_scored": n_scored,
        "curves": [one.to_json() for one in curves],
    }
    atomic.write_text(folder / CURVES_FILE, json.dumps(document, allow_nan=False) + "\n")
