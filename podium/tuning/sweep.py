"""A threshold that passes over all rows: what a metric's sums are at every place of it.

Between two neighbouring values no threshold changes a decision, so the distinct values are all
there is. Of each row two decisions are known, from the threshold on and below it; as the threshold
passes a row's value, the row moves from the one to the other, and the sums of the metric with it.
One count of moves a distinct value, added up from above, gives the sums at every threshold; the
same count over rows that are drawn again gives what a bootstrap would find there.

Rows that have the same truth and the same two decisions have the same sums: of a yes-or-no task
there are two kinds of rows, and the counts of positives and negatives at each value say all.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from podium.competition import metrics
from podium.tuning.plateau import DRAWS, error_of_draws, group_codes, unit_draws
from podium.tuning.scoring import Scorer

__all__ = ["Draws", "Sweep"]

MAX_DRAWN = 64  # thresholds at which errors are drawn, more or less
MAX_DRAWN_SLOWLY = 24  # where a metric has no formula for many sets at once
BESIDE = 4  # thresholds on each side of the best that are drawn one by one
FEW_KINDS = 256  # above it rows are drawn one by one, not counts of kinds of rows
FEW_UNITS = 5_000  # up to it one set of resamples serves all classes and folds of this size

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Draws:
    """How rows are drawn again for a bootstrap.

    Attributes:
        n_rows: N.
        groups: `(N,)`: rows that are drawn together; None: each by itself.
        n: how many resamples.
        seed: of the draws.
    """

    n_rows: int
    groups: NDArray[np.generic] | None = None
    n: int = DRAWS
    seed: int = 0

    @cached_property
    def units(self) -> tuple[Ints, int]:
        """The number of each row's unit `(N,)`, and how many units there are."""
        return group_codes(self.groups, self.n_rows)

    @cached_property
    def by_unit(self) -> Floats:
        """How often each unit stands in each resample, `(U, B)`."""
        draw = _kept_draws if self.units[1] <= FEW_UNITS else _draws_by_unit
        return draw(self.units[1], self.n, self.seed)

    def counts(self, cells: Ints, n_cells: int) -> Floats:
        """Return how many rows of each cell are in each resample, `(B, n_cells)`.

        Args:
            cells: `(N,)`: the cell of each row.
            n_cells: how many there are.
        """
        if self.groups is None and len(cells) > FEW_UNITS:
            # Rows of one cell are alike: their numbers can be drawn without the rows.
            shares = np.bincount(cells, minlength=n_cells) / len(cells)
            rng = np.random.default_rng(self.seed)
            return rng.multinomial(len(cells), shares, size=self.n).astype(np.float64)
        return self._added(np.ones(len(cells)), cells, n_cells)

    def totals(self, weights: Floats) -> Floats:
        """Return the sums of `weights` `(N, S)` over all rows of each resample, `(B, S)`."""
        codes, n_units = self.units
        ones = (np.ones(len(codes)), (codes, np.arange(len(codes))))
        by_unit = scipy.sparse.csr_array(ones, shape=(n_units, len(codes))) @ weights
        return np.asarray(self.by_unit.T @ by_unit)

    def sums(self, cells: Ints, n_cells: int, weights: Floats) -> Floats:
        """Return the sums of `weights` `(N, S)` in each cell of each resample, `(B, n_cells, S)`.

        Arguments are those of `counts`.
        """
        found = np.empty((self.n, n_cells, weights.shape[1]))
        for s, column in enumerate(weights.T):
            found[:, :, s] = self._added(column, cells, n_cells)
        return found

    def _added(self, weights: Floats, cells: Ints, n_cells: int) -> Floats:
        """Return the sums of `weights` `(N,)` in each cell of each resample, `(B, n_cells)`."""
        shape = n_cells, self.units[1]
        table = scipy.sparse.csr_array((weights, (cells, self.units[0])), shape=shape)
        return np.asarray(table @ self.by_unit).T


@dataclass(frozen=True)
class Sweep:
    """Rows with one value and two decisions each.

    Attributes:
        scorer: the metric, one with sums, and its options.
        thresholds: `(T,)`, float32, ascending: the distinct values, and one above all of them.
        places: `(N,)`: which threshold is the row's own value.
        kinds: `(N,)`: which row of `below` and `moves` is of this row.
        below: `(K, S)`: sums of the metric where the threshold is above the row's value.
        moves: `(K, S)`: by how much they change once the row reaches it.
    """

    scorer: Scorer
    thresholds: NDArray[np.float32]
    places: Ints
    kinds: Ints
    below: Floats
    moves: Floats

    @classmethod
    def of(
        cls,
        values: NDArray[np.float32],
        scorer: Scorer,
        yes: NDArray[np.generic],
        no: NDArray[np.generic],
    ) -> Sweep | None:
        """Return the sweep over `values`; None where the metric is no function of sums.

        Args:
            values: `(N,)`, finite.
            scorer: the metric and the truth of the rows.
            yes, no: decisions `(N,)` or `(N, C)` from the threshold on, and below it.
        """
        if scorer.metric.sums is None or scorer.metric.value is None:
            return None
        truth = scorer.truth
        if yes.ndim == 1:
            truth = truth.reshape(-1)
            firsts, kinds = _kinds(truth, yes, no)
        else:
            firsts = kinds = np.arange(len(values))
        sums = [
            metrics.sums(scorer.metric, truth[firsts], said[firsts], **scorer.options)
            for said in (no, yes)
        ]
        below, above = (np.asarray(one, dtype=np.float64) for one in sums)
        if below.shape != above.shape:  # columns for the classes that were seen
            return None
        distinct, places = np.unique(values, return_inverse=True)
        above_all = np.nextafter(distinct[-1], np.float32(np.inf))
        thresholds = np.append(distinct, above_all).astype(np.float32)
        return cls(scorer, thresholds, places.astype(np.int64), kinds, below, above - below)

    def thinned(self, chosen: Ints) -> Sweep:
        """Return the sweep over some thresholds, by their numbers, 0 among them."""
        places = np.searchsorted(chosen, self.places, side="right") - 1
        return replace(self, thresholds=self.thresholds[chosen], places=places)

    def scores(self) -> Floats:
        """Return the score at each threshold `(T,)`, nan where it is undefined."""
        n_thresholds, n_kinds = len(self.thresholds), len(self.below)
        changing = np.flatnonzero((self.moves != 0).any(axis=0))
        if n_kinds <= FEW_KINDS:
            cells = np.bincount(
                self.places * n_kinds + self.kinds, minlength=n_thresholds * n_kinds
            ).reshape(n_thresholds, n_kinds)
            counts = _added_from_above(cells.astype(np.float64))
            moved = counts @ self.moves[:, changing]
        else:
            moves = self.moves[self.kinds]
            columns = [np.bincount(self.places, moves[:, s], n_thresholds) for s in changing]
            moved = _added_from_above(np.column_stack([np.zeros((n_thresholds, 0)), *columns]))
        totals = np.tile(np.bincount(self.kinds, minlength=n_kinds) @ self.below, (n_thresholds, 1))
        totals[:, changing] += moved
        found = self._values(totals)
        # Sums of thirds end differently by the order in which they were added: one plateau.
        return found if n_kinds <= FEW_KINDS else np.round(found, 12)

    def errors(self, scores: Floats, draws: Draws) -> Floats:
        """Return the standard error `(T,)` of what each threshold loses against the best one.

        It is drawn at some thresholds, all of them where they are few. Between two of these its
        square is interpolated by the number of rows: of differences that rows bring one by one,
        variances add up.

        Args:
            scores: what `scores` returned.
            draws: how rows are drawn.

        Returns:
            Zeros where the score is undefined at every threshold.
        """
        signed = scores if self.scorer.metric.greater_is_better else -scores
        if np.isnan(signed).all():
            return np.zeros(len(scores))
        best = _middle_of_best(signed)
        n_reached = np.append(0, np.cumsum(np.bincount(self.places)))[: len(scores)]
        is_slow = self.scorer.metric.values is None
        points = _points(n_reached, best, MAX_DRAWN_SLOWLY if is_slow else MAX_DRAWN)
        drawn = self._drawn(points, draws)
        errors = error_of_draws(drawn, int(np.searchsorted(points, best)))
        squares = np.interp(n_reached, n_reached[points], errors**2)
        return np.asarray(np.sqrt(squares))

    def _drawn(self, points: Ints, draws: Draws) -> Floats:
        """Return the scores of each draw at some thresholds, `(B, P)`."""
        n_points, n_kinds = len(points), len(self.below)
        cells = np.searchsorted(points, self.places, side="right") - 1
        if n_kinds <= FEW_KINDS:
            counts = draws.counts(cells * n_kinds + self.kinds, n_points * n_kinds)
            # Points first, draws last: each step passes over memory as it lies.
            reached = _added_from_above(counts.T.reshape(n_points, -1))
            reached = reached.reshape(n_points, n_kinds, -1)
            base = reached[0].T @ self.below
            totals = reached.transpose(0, 2, 1).reshape(-1, n_kinds) @ self.moves
            totals.reshape(n_points, *base.shape)[:] += base
            return self._values(totals).reshape(n_points, -1).T
        changing = np.flatnonzero((self.moves != 0).any(axis=0))
        moved = draws.sums(cells, n_points, self.moves[self.kinds][:, changing])
        base = draws.totals(self.below[self.kinds])  # (B, S)
        totals = np.repeat(base[:, None], n_points, axis=1)
        totals[:, :, changing] += _added_from_above(moved)
        found = self._values(totals.reshape(-1, totals.shape[-1]))
        return found.reshape(-1, n_points)

    def _values(self, totals: Floats) -> Floats:
        return metrics.values(self.scorer.metric, totals, **self.scorer.options)


def _draws_by_unit(n_units: int, n: int, seed: int) -> Floats:
    """Return how often each unit stands in each resample, `(U, B)`, not to be written to."""
    found = np.ascontiguousarray(unit_draws(n_units, n=n, seed=seed).T, dtype=np.float64)
    found.flags.writeable = False
    return found


@lru_cache(maxsize=8)  # of 4 MB at most: the folds of a fit have few sizes
def _kept_draws(n_units: int, n: int, seed: int) -> Floats:
    return _draws_by_unit(n_units, n, seed)


def _kinds(
    truth: NDArray[np.generic], yes: NDArray[np.generic], no: NDArray[np.generic]
) -> tuple[Ints, Ints]:
    """Return a row of each kind `(K,)`, and the kind of each row `(N,)`."""
    _, code = np.unique(truth, return_inverse=True)
    for said in (yes, no):
        lowest = said.min()
        code = code * int(said.max() - lowest + 1) + (said - lowest).astype(np.int64)
    _, firsts, kinds = np.unique(code, return_index=True, return_inverse=True)
    return firsts.astype(np.int64), kinds.astype(np.int64)


def _added_from_above(cells: Floats) -> Floats:
    """Return the sum of each cell and all after it, over the last axis but one."""
    return np.asarray(np.cumsum(cells[..., ::-1, :], axis=-2)[..., ::-1, :])


def _middle_of_best(signed: Floats) -> int:
    at = np.flatnonzero(signed == np.nanmax(signed))
    return int(at[len(at) // 2])


def _points(n_below: Ints, best: int, most: int) -> Ints:
    """Return the numbers of some thresholds, as many rows between them; the best and those beside.

    Args:
        n_below: `(T,)`: how many rows lie below each threshold.
        best: the number of the best one.
        most: how many, those beside the best not counted.
    """
    n_thresholds = len(n_below)
    if n_thresholds <= most:
        return np.arange(n_thresholds)
    spread = np.searchsorted(n_below, np.linspace(0, n_below[-1], most).round())
    beside = np.arange(max(0, best - BESIDE), min(n_thresholds, best + BESIDE + 1))
    return np.unique(np.concatenate([spread, beside, [0, n_thresholds - 1]]))
