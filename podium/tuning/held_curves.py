"""A decision's score along one of its parameters, all others held: what a curve is drawn from.

Of a threshold, a cut point or a class's weight a row asks one question: is it reached? So a row has
two decisions, and a place at which the one becomes the other; the sums of a metric at every point
follow from one pass over the rows. What a draw of a bootstrap scores follows from the same pass
with the weights of the draw. Any other parameter is decided and scored point by point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import bootstrap, metrics
from podium.competition.metrics import Metric
from podium.errors import DataError
from podium.tuning.curve import EQUAL
from podium.tuning.plateau import DRAWS, error_of_draws, group_codes, unit_draws

__all__ = ["MOST_POINTS", "HeldRows", "NamedCurve", "most_influential", "thinned"]

MOST_POINTS = 200  # of a curve
MOST_SCORED = 48  # points of a metric that has no sums, or of a decision that has no places
MOST_ROWS_DRAWN = 5000  # of such a metric: more rows have no standard errors
LEAST_DRAWS = 20  # where rows are millions
_CELLS_DRAWN = 20_000_000  # draws × rows: 160 MB while they are made
_CELLS_AT_ONCE = 4_000_000

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NamedCurve:
    """The score of a decision along one of its parameters, on the rows that it was fitted on.

    Attributes:
        parameter: the step of `decide`.
        name: the class, or the cut point, whose parameter it is; "" where there is one only.
        values: `(G,)`, ascending, at most 400; `chosen` is one of them, and `plain`.
        scores: `(G,)`, each with the parameter at a value and all others as they are; None where
            the metric has no score.
        standard_errors: `(G,)`, of the best score less this one, by a paired bootstrap; None where
            it is not known.
        chosen: the value that the decision has.
        plain: the value that nobody tuned; None: there is none.
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
    ) -> NamedCurve | None:
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
        """How much better the chosen value scores than the plain one; 0 where that is unknown."""
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
        """Return what a file keeps of it; its plateau with it, for who only reads."""
        return {**asdict(self), "plateau": list(self.plateau)}

    @classmethod
    def from_json(cls, found: Mapping[str, Any]) -> NamedCurve:
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
class HeldRows:
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
    ) -> HeldRows:
        """Return `n` rows with their draws."""
        codes, n_units = group_codes(groups, n)
        n_draws = max(LEAST_DRAWS, min(DRAWS, _CELLS_DRAWN // max(n, 1)))
        weights = unit_draws(n_units, n=n_draws, seed=seed).astype(np.uint16)[:, codes]
        return cls(metric, dict(options), truth, weights, groups, seed)

    @property
    def has_sums(self) -> bool:
        """Whether scores follow from sums of rows."""
        return self.metric.sums is not None and self.metric.value is not None

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
        """Return what `by_point` does, of decisions, for a metric with or without sums."""
        if self.has_sums:
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
        block = max(1, _CELLS_AT_ONCE // max(1, sums.shape[1]))
        for start in range(0, len(sums), block):
            rows = slice(start, start + block)
            found += self.weights[:, rows].astype(np.float64) @ sums[rows].astype(np.float64)
        return found


def most_influential(curves: Sequence[NamedCurve], n: int) -> tuple[NamedCurve, ...]:
    """Return the `n` curves whose tuning changes the score most, in their own order."""
    by_gain = sorted(range(len(curves)), key=lambda i: (-abs(curves[i].gain), i))
    return tuple(curves[i] for i in sorted(by_gain[:n]))


def thinned(values: NDArray[Any], wanted: Iterable[float], n: int = MOST_POINTS) -> NDArray[Any]:
    """Return at most about `n` of ascending `values`, and all of `wanted`, ascending.

    Half of them are evenly spread over the ranks, half over the range: a curve is drawn over the
    range, and most rows stand where there are most ranks.
    """
    extra = np.array(list(wanted), dtype=values.dtype)
    if len(values) > n - len(extra):
        half = max(2, (n - len(extra)) // 2)
        by_rank = np.linspace(0, len(values) - 1, half).round().astype(np.int64)
        evenly = np.searchsorted(values, np.linspace(float(values[0]), float(values[-1]), half))
        values = values[np.union1d(by_rank, np.minimum(evenly, len(values) - 1))]
    return np.union1d(values, extra)


def _differing(before: NDArray[Any], after: NDArray[Any]) -> NDArray[np.int64]:
    return np.flatnonzero((before != after).any(axis=0))


def _plain(values: Floats) -> tuple[float | None, ...]:
    return tuple(None if np.isnan(one) else float(one) for one in values)
