"""The best weights of a weighted mean, where the loss is convex: the minimum over all of them.

Weights w >= 0 with sum 1 blend members to Σ_m w_m p_m. Log loss (weighted or not), the Brier score
and the squared error of it are convex in w, so there is one lowest loss, and the duality gap bounds
how far from it any weights are. Nothing is drawn, so nothing depends on a seed. Equal members share
their weight evenly, but for rounding; any other way would do. A metric that is not smooth has no
such minimum: the weights are those of the proper loss of the kind of task instead, log loss, or
squared error of numbers.

**Log loss**, of cells r (true classes, or columns) with weights c_r and q_r = Σ_m w_m a_mr, where
a_mr is what member m gives to what is right:

    f(w) = -Σ_r c_r ln clip(q_r, eps, 1 - eps)

Clipping makes f flat where q < eps, so it is not convex there. The search goes down on the largest
convex function below each -ln max(q, eps), which leaves it for its tangent through (0, -ln eps):

    -ln e + 1 - q / e,   e = max(q, eps · exp 1)

It equals the metric for q = 0 and from eps · exp 1 on; above 1 - eps, where the metric is flat, it
is lower by eps at most. Rows that are divided by their sums s_r = Σ_m w_m s_mr add Σ_r c_r ln s_r.
This is concave: it lies above its chord Σ_m w_m Σ_r c_r ln s_mr, which bounds it from below. The
gap counts what may be missed by that.

**Squared error** is a quadratic function, wᵀQw with Q_ij = Σ_r c_r (a_ir - t_r)(a_jr - t_r), for
the weights sum to 1.

**Newton's method on the simplex.** Each step minimises the quadratic model of the loss over the
whole simplex, by an active-set method, and goes there as far as the loss falls enough (Armijo).
Where the loss is convex this ends at its global minimum; any weights with the gradient g are no
more than g·w - min g above it: the duality gap of Frank and Wolfe (1956), as Jaggi (2013,
"Revisiting Frank-Wolfe", ICML) has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.ensembling.hill_climbing import check_members
from podium.ensembling.targets import blending_of
from podium.errors import DataError, UsageError, plural
from podium.predictions.top_k import TopK, TopKMembers
from podium.tasks.protocols.outputs import as_indices, blocks
from podium.tuning.scoring import LabelScorer

if TYPE_CHECKING:
    from podium.ensembling.method import BlendObjective, Members
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "LogLoss",
    "SimplexFit",
    "fit_columns",
    "fit_simplex",
    "loss_at",
    "quadratic_minimum",
    "simplex_weights",
    "why_not_convex",
]


BLOCK = 1 << 18  # values at a time: 2 MiB in float64 stay in the cache

Floats = NDArray[np.floating[Any]]
Vector = NDArray[np.float64]
MemberNumbers = NDArray[np.int64]


class SimplexLoss(Protocol):
    """A loss of weights `(M,)` through an image, linear in them, that a step along a line keeps."""

    @property
    def n_members(self) -> int: ...
    @property
    def scale(self) -> float:
        """The scale against which a gap is small."""

    def image(self, weights: Vector) -> Vector:
        """Return the linear image of weights, or of a change of weights."""

    def value(self, image: Vector) -> float:
        """Return the loss that is minimised; it is nowhere above `scored`, or by rounding only."""

    def scored(self, image: Vector) -> float:
        """Return the loss as the metric has it."""

    def gradient(self, image: Vector) -> Vector:
        """Return the gradient of `value` `(M,)`."""

    def hessian(self, image: Vector, members: MemberNumbers) -> Vector:
        """Return that of `value`, or what lies above it, positive semidefinite, of k members."""

    def lower_bound(self, weights: Vector, image: Vector) -> float:
        """Return a number that the loss reaches nowhere on the simplex, or just reaches."""

    def longest(self, image: Vector, change: Vector) -> float:
        """Return how far along `change`, at most 1, the model at `image` can be trusted."""


@dataclass(frozen=True)
class SquaredError:
    """wᵀQw."""

    products: Vector  # (M, M)

    @classmethod
    def of(cls, members: Floats, target: NDArray[Any], weight: float) -> SquaredError:
        """Return `weight` · Σ (p - t)² of members `(M, N, C)` and the target `(N, C)`."""
        n_members, n, n_columns = members.shape
        products = np.zeros((n_members, n_members))
        for rows in _slices(n, n_members * n_columns):
            off = np.subtract(members[:, rows], target[rows], dtype=np.float64)
            off = off.reshape(n_members, -1)
            products += off @ off.T
        return cls(products * weight)

    @property
    def n_members(self) -> int:
        return len(self.products)

    @property
    def scale(self) -> float:
        return float(self.products.diagonal().mean())

    def image(self, weights: Vector) -> Vector:
        return weights

    def value(self, image: Vector) -> float:
        return float(image @ self.products @ image)

    def scored(self, image: Vector) -> float:
        return self.value(image)

    def gradient(self, image: Vector) -> Vector:
        return np.asarray(2 * self.products @ image)

    def hessian(self, image: Vector, members: MemberNumbers) -> Vector:
        return 2 * self.products[np.ix_(members, members)]

    def lower_bound(self, weights: Vector, image: Vector) -> float:
        gradient = self.gradient(image)
        return float(self.value(image) - gradient @ weights + gradient.min())

    def longest(self, image: Vector, change: Vector) -> float:
        return 1.0


@dataclass(frozen=True)
class LogLoss:
    """Log loss of R cells. Images are `(R,)`, or `(2 R,)` where rows are divided by their sums.

    Attributes:
        values: `(M, R)`, in any float type, >= 0: what each member predicts for each cell.
        weights: `(R,)`, >= 0 with sum 1.
        eps: the metric clips there.
        is_wrong: `(R,)`, whether the cell's class is not there, so that 1 - p is right; None: all
            values are of what is right.
        sums: `(M, R)`, > 0: what the classes of a row sum to; None: rows are not divided.
    """

    values: Floats
    weights: Vector
    eps: float
    is_wrong: NDArray[np.bool_] | None = None
    sums: Floats | None = None

    @property
    def n_members(self) -> int:
        return len(self.values)

    @property
    def scale(self) -> float:
        return 1.0

    @property
    def n_cells(self) -> int:
        return len(self.weights)

    def image(self, weights: Vector) -> Vector:
        n = self.n_cells
        found = np.empty(n if self.sums is None else 2 * n)
        # What is left out has no part in a product: a row of zeros costs as much as any other.
        used = np.flatnonzero(weights)
        for cells in _slices(n, self.n_members):
            found[cells] = weights[used] @ self._right(cells, used)
            if self.sums is not None:
                sums = self.sums[used, cells].astype(np.float64)
                found[n + cells.start : n + cells.stop] = weights[used] @ sums
        return found

    def value(self, image: Vector) -> float:
        right, sums = self._parts(image)
        floored = np.maximum(right, self._floor)
        found = self.weights @ (1 - right / floored - np.log(floored))
        return float(found if sums is None else found + self.weights @ np.log(sums))

    def scored(self, image: Vector) -> float:
        right, sums = self._parts(image)
        probs = right if sums is None else right / sums
        return float(-(self.weights @ np.log(np.clip(probs, self.eps, 1 - self.eps))))

    def gradient(self, image: Vector) -> Vector:
        right, sums = self._parts(image)
        slope = -self._of_right(self.weights / np.maximum(right, self._floor))
        return slope if sums is None else slope + self._of_sums(self.weights / sums)

    def hessian(self, image: Vector, members: MemberNumbers) -> Vector:
        right, _ = self._parts(image)
        # A line has no curvature; that of the sums is below 0.
        bent = np.sqrt(self.weights) / right.clip(self._floor) * (right >= self._floor)
        found = np.zeros((len(members), len(members)))
        for cells in _slices(self.n_cells, self.n_members):
            scaled = self._right(cells, members)
            scaled *= bent[cells]
            found += scaled @ scaled.T
        return found

    def lower_bound(self, weights: Vector, image: Vector) -> float:
        right, sums = self._parts(image)
        floored = np.maximum(right, self._floor)
        slope = -self._of_right(self.weights / floored)
        found = self.weights @ (1 - right / floored - np.log(floored)) - slope @ weights
        if sums is not None:
            slope = slope + self._of_sums(self.weights, np.log)
        return float(found + slope.min())

    def longest(self, image: Vector, change: Vector) -> float:
        right, _ = self._parts(image)
        step, _ = self._parts(change)
        # A parabola does not fit a logarithm far below: no cell loses more than nine tenths.
        falls = (right + step < 0.1 * right) & (right > self._floor)
        if not falls.any():
            return 1.0
        return float(min(1.0, (0.9 * right[falls] / -step[falls]).min()))

    @property
    def _floor(self) -> Any:
        """Value below which the search follows the tangent; of each cell where there are sums."""
        floor = self.eps * np.e
        return floor if self.sums is None else floor * self.sums.max(axis=0)

    def _parts(self, image: Vector) -> tuple[Vector, Vector | None]:
        n = self.n_cells
        return (image, None) if self.sums is None else (image[:n], image[n:])

    def _right(self, cells: slice, members: MemberNumbers | slice = slice(None)) -> Vector:
        """Return members' values of the right answers, float64 `(k, R)`, as an array of its own."""
        found = self.values[members, cells].astype(np.float64)
        if self.is_wrong is None:
            return found
        found -= self.is_wrong[cells]
        return np.abs(found, out=found)

    def _of_right(self, factor: Vector) -> Vector:
        """Return Σ_r factor_r · a_mr for each member."""
        found = np.zeros(self.n_members)
        for cells in _slices(self.n_cells, self.n_members):
            found += self._right(cells) @ factor[cells]
        return found

    def _of_sums(self, factor: Vector, of: Any = None) -> Vector:
        """Return Σ_r factor_r · of(s_mr) for each member."""
        assert self.sums is not None
        found = np.zeros(self.n_members)
        for cells in _slices(self.n_cells, self.n_members):
            sums = self.sums[:, cells].astype(np.float64)
            found += (sums if of is None else of(sums)) @ factor[cells]
        return found


def _slices(n: int, width: int) -> Iterator[slice]:
    """Yield consecutive slices of `n` cells, of which each has `width` values."""
    step = max(1, BLOCK // width)
    for start in range(0, n, step):
        yield slice(start, min(start + step, n))


STEPS = 200
TOLERANCE = 1e-11  # of the gap, against the scale of the loss; rounding is some 1e-15
ROUNDING = 1e-14  # of a loss, a sum of many cells
SHORTEST = 1e-10  # share of a step
RIDGE = 1e-10  # of the Hessian's diagonal: equal members would make it singular


def minimise(loss: SimplexLoss, start: Vector) -> Vector:
    """Return weights `(M,)` with a gap below `TOLERANCE`, or as small as rounding lets it be.

    Args:
        loss: what is minimised.
        start: `(M,)`, on the simplex, with a loss that is finite.
    """
    weights, image = start, loss.image(start)
    value = loss.value(image)
    before, least, is_flat = weights, np.inf, False
    for _ in range(STEPS):
        gradient = loss.gradient(image)
        level = gradient @ weights
        gap = level - gradient.min()
        if gap <= TOLERANCE * loss.scale:
            break
        # Where rounding hides a fall of the loss, a gap that closes still shows the way.
        if is_flat and gap >= least:
            return before
        before, least = weights, gap
        # Nothing is won by others, and the Hessian of few members costs little.
        members = np.flatnonzero((weights > 0) | (gradient < level))
        change = np.zeros(len(weights))
        change[members] = _step(loss.hessian(image, members), gradient[members], weights[members])
        image_change = loss.image(change)
        share = loss.longest(image, image_change)
        fall = float(gradient @ change)
        most = value + ROUNDING * abs(value)
        while (lower := loss.value(image + share * image_change)) > most + 1e-4 * share * fall:
            share /= 2
            if share < SHORTEST:
                return weights
        is_flat = lower >= value
        weights = _on_simplex(weights + share * change)
        image, value = image + share * image_change, lower
    return weights


def _step(hessian: Vector, gradient: Vector, weights: Vector) -> Vector:
    """Return the change of weights that brings them to the minimum of the model."""
    hessian = _regular(hessian)
    return quadratic_minimum(hessian, gradient - hessian @ weights, weights) - weights


def quadratic_minimum(hessian: Vector, linear: Vector, start: Vector) -> Vector:
    """Return the `v` on the simplex with the least ½ vᵀHv + linear·v, by a primal active set.

    Args:
        hessian: `(M, M)`, positive definite.
        linear: `(M,)`.
        start: `(M,)`, on the simplex; near the minimum it saves steps.
    """
    found, is_free = start.copy(), start > 0
    for _ in range(20 * len(start)):
        free = np.flatnonzero(is_free)
        solution, level = _with_sum_one(hessian[np.ix_(free, free)], linear[free])
        here = found[free]
        if (solution >= 0).all():
            found[free] = solution
            rises = hessian @ found + linear - level
            rises[free] = np.inf
            joins = int(rises.argmin())
            if rises[joins] >= -1e-13 * max(abs(level), float(np.abs(linear).max())):
                break
            is_free[joins] = True
            continue
        falls = solution < 0
        shares = here[falls] / (here[falls] - solution[falls])
        found[free] = np.maximum(0, here + shares.min() * (solution - here))
        blocked = free[falls][int(shares.argmin())]
        found[blocked] = 0
        is_free[blocked] = False
    return _on_simplex(found)


def _with_sum_one(hessian: Vector, linear: Vector) -> tuple[Vector, float]:
    """Return the `v` with sum 1 and the least ½ vᵀHv + linear·v, and the multiplier of the sum."""
    both = np.linalg.solve(hessian, np.column_stack([-linear, np.ones(len(linear))]))
    level = (1 - both[:, 0].sum()) / both[:, 1].sum()
    return both[:, 0] + level * both[:, 1], float(level)


def _regular(hessian: Vector) -> Vector:
    """Return the Hessian with a little more on its diagonal, so that it can be inverted."""
    diagonal = hessian.diagonal()
    least = 1e-12 * diagonal.max() or 1.0
    return np.asarray(hessian + np.diag(RIDGE * np.maximum(diagonal, least)))


def _on_simplex(weights: Vector) -> Vector:
    """Return weights that rounding took off the simplex, on it."""
    weights = np.maximum(weights, 0)
    return np.asarray(weights / weights.sum())


LOG_LOSS, WEIGHTED, BRIER, SQUARED = (
    "log loss",
    "weighted log loss",
    "Brier score",
    "squared error",
)
SMOOTH = {
    "log_loss": LOG_LOSS,
    "weighted_log_loss": WEIGHTED,
    "brier": BRIER,
    "rmse": SQUARED,
    "r2": SQUARED,
    "pixel_rmse": SQUARED,
    "log_loss_by_output": LOG_LOSS,
}
"""Metrics that are best where a loss is lowest."""

Weights = NDArray[np.float64]


@dataclass(frozen=True)
class SimplexFit:
    """Weights at the minimum of a loss, with the duality gap.

    Attributes:
        weights: float64 `(M,)`, >= 0 with sum 1.
        loss: of the blend on the rows given; for rmse and r2 it is the mean squared error.
        gap: no weights have a loss lower than `loss` by more than this.
        name: of the loss: "log loss", "weighted log loss", "Brier score" or "squared error".
        is_scored: whether the requested metric is best where this loss is lowest.
    """

    weights: Weights
    loss: float
    gap: float
    name: str
    is_scored: bool

    def note(self, metric: Metric) -> str:
        """Return the note of a blend with these weights."""
        found = f"no other weights of these members have a lower {self.name}{lower_by(self.gap)}"
        if self.is_scored:
            return found
        return f"{metric.name} changes in steps, so weights are fitted by the {self.name}: {found}"


_SHOWN_GAP = 1e-6  # a smaller one is of rounding


def lower_by(gap: float) -> str:
    """Return by how much a loss may yet be lower, "" where that is rounding alone."""
    return f" by more than {gap:.1e}" if gap > _SHOWN_GAP else ""


def simplex_weights(
    members: Any,
    truth: NDArray[Any],
    metric: str | Metric | Callable[..., float],
    *,
    kind: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> SimplexFit:
    """Return the weights of the weighted mean with the lowest loss, and its duality gap.

    Args:
        members: `(M, N, C)` or `(M, N)`, finite, in any float type; it is computed in float64.
        truth: `(N,)` or `(N, C)`.
        metric: a metric's name, a Metric, or `f(truth, probs) -> float`. log_loss,
            weighted_log_loss, brier, rmse and r2 are minimised themselves; for others the proper
            loss of the kind of task is, see `is_scored`.
        kind: of the task; None infers it from truth and C.
        options: options of the metric.

    Raises:
        DataError: a value is not finite, or no probability where one is needed; or shapes or truth
            do not fit.
        UsageError: the task has no such loss.

    Example:
        >>> truth = np.array([0, 0, 1, 1])
        >>> members = np.array([[0.1, 0.4, 0.6, 0.9], [0.4, 0.1, 0.9, 0.6], [0.5, 0.5, 0.5, 0.5]])
        >>> simplex_weights(members, truth, "log_loss").weights.round(6).tolist()
        [0.5, 0.5, 0.0]
    """
    values = check_members(members)
    scorer = LabelScorer.of(metric, truth, n_outputs=values.shape[2], kind=kind, options=options)
    if len(scorer.truth) != values.shape[1]:
        raise DataError(f"members have {values.shape[1]} rows, the truth has {len(scorer.truth)}")
    reason = why_not_convex(scorer)
    if reason:
        raise UsageError(f"there are no best weights to be found: {reason}")
    return fit_simplex(values, scorer)


def fit_simplex(members: Members, objective: BlendObjective) -> SimplexFit:
    """Return the result of `simplex_weights` for checked members `(M, N, C)`.

    Raises:
        DataError: a value is no probability where one is needed, or the truth is none.
    """
    name, is_scored = loss_name(objective)
    return _fitted(_loss(members, objective), name, is_scored)


def loss_at(
    weights: Weights, members: Members, objective: BlendObjective, *, least: float = 0.0
) -> float:
    """Return the loss that `fit_simplex` minimises, at these weights.

    Args:
        weights: `(M,)`.
        members, objective: as of `fit_simplex`.
        least: what a probability counts as at least.

    Raises:
        DataError: as `fit_simplex`.
    """
    loss = _loss(members, objective)
    if isinstance(loss, LogLoss):
        loss = replace(loss, eps=max(loss.eps, least))
    return loss.scored(loss.image(weights))


def _loss(members: Members, objective: BlendObjective) -> SimplexLoss:
    name, is_scored = loss_name(objective)
    if name in (BRIER, SQUARED):
        return _squared(np.asarray(members), objective)
    if objective.kind.is_exclusive:
        return _of_true_class(members, objective, _options(objective, is_scored))
    if objective.kind.is_by_output and is_scored:
        return _of_true_class_of_outputs(members, objective, _options(objective, is_scored))
    probs = _probs(members)
    # Of a label that is unknown the weight is 0.
    weights = _cell_weights(objective, is_scored).ravel()
    wrong = ~_is_positive(objective.truth, objective.kind, probs.shape[2]).ravel()
    eps = _options(objective, is_scored)["eps"]
    return LogLoss(probs.reshape(len(probs), -1), weights, eps, wrong)


def fit_columns(members: Members, objective: BlendObjective) -> list[SimplexFit]:
    """Return the best weights of each column by itself: its class against all others.

    Of the Brier score they are those of the squared error, else of log loss, with the metric's
    weights where it has some. Of a multilabel task the columns' optima make up that of the metric.

    Args:
        members: `(M, N, C)`.
        objective: of a multiclass or multilabel task.

    Raises:
        DataError: as `fit_simplex`.
    """
    name, is_scored = loss_name(objective)
    values = np.asarray(members)
    _, n, n_columns = values.shape
    right = _is_positive(objective.truth, objective.kind, n_columns)
    known = np.ones((n, n_columns), dtype=bool)
    if not objective.kind.is_exclusive:
        known = _is_known(objective)
    if name in (BRIER, SQUARED):
        squares = (
            SquaredError.of(
                values[:, known[:, c], c, None],
                right[known[:, c], c, None],
                1 / max(1, int(known[:, c].sum())),
            )
            for c in range(n_columns)
        )
        return [_fitted(one, SQUARED, is_scored) for one in squares]
    _refuse(values, 1.0)
    eps = _options(objective, is_scored)["eps"]
    weights = known.astype(np.float64)
    if objective.kind.is_by_class:
        scored = _cell_weights(objective, is_scored)
        # A column that the metric does not count is fitted all the same, of what is known of it.
        weights = np.where(scored.any(axis=0), scored, weights)
    weights /= np.maximum(weights.sum(axis=0), np.finfo(np.float64).tiny)
    return [
        _fitted(LogLoss(values[:, :, c], weights[:, c], eps, ~right[:, c]), name, is_scored)
        for c in range(n_columns)
    ]


def why_not_convex(objective: BlendObjective) -> str:
    """Return why there is no such loss of `objective`, or ""."""
    if objective.kind.is_exclusive and np.ndim(objective.truth) == 2:
        return "several classes are right of a row, and log loss takes one"
    return ""


def loss_name(objective: BlendObjective) -> tuple[str, bool]:
    """Return which loss is minimised for `objective`, and whether it is what the metric scores."""
    metric = objective.metric
    # A function of the user's own may have the same name.
    if metric.name in SMOOTH and metric.score is metrics.get(metric.name).score:
        return SMOOTH[metric.name], True
    return (LOG_LOSS if objective.kind.is_prob else SQUARED), False


def _fitted(loss: SimplexLoss, name: str, is_scored: bool) -> SimplexFit:
    weights = minimise(loss, np.full(loss.n_members, 1 / loss.n_members))
    image = loss.image(weights)
    found = loss.scored(image)
    gap = max(0.0, found - loss.lower_bound(weights, image))
    return SimplexFit(weights, found, gap, name, is_scored)


def _squared(members: NDArray[Any], objective: BlendObjective) -> SquaredError:
    _, n, n_columns = members.shape
    truth, kind = np.asarray(objective.truth), objective.kind
    if kind.is_exclusive:
        # A row's squares are added up, not averaged, over its classes.
        return SquaredError.of(members, _is_positive(truth, kind, n_columns), 1 / n)
    if kind.is_prob:
        known = _is_known(objective)
        if not known.all():
            target = truth.reshape(n, -1)[known][:, None].astype(np.float64)
            return SquaredError.of(members[:, known][:, :, None], target, 1 / len(target))
        target = truth.reshape(n, -1).astype(np.float64)
    else:
        in_units = loss_name(objective)[1]
        members, target = blending_of(kind).comparable(members, truth, in_units=in_units)
    n_cells = int(np.isfinite(truth).sum()) if kind.is_by_column else n * n_columns
    return SquaredError.of(members, target, 1 / n_cells)


def _of_true_class(
    members: Members, objective: BlendObjective, options: Mapping[str, Any]
) -> LogLoss:
    """Return the loss of what members `(M, N, C)`, or `TopKMembers`, give to the true class.

    Rows whose class is none of the classes cost the same, whatever the weights, and are left out.
    """
    truth = np.asarray(objective.truth)
    rows = np.flatnonzero(_is_class(truth, members.shape[2]))
    classes = truth[rows].astype(np.int64)
    weights = np.full(len(rows), 1 / len(rows))
    if options["class_weights"] is not None:
        each = np.asarray(options["class_weights"], dtype=np.float64)[classes]
        weights = each / each.sum()
    if isinstance(members, TopKMembers):
        listed = np.stack([_of_listed(one[rows], classes) for one in members])
        return LogLoss(listed, weights, options["eps"])
    _refuse(members, np.inf if options["rescale"] else 1.0)
    right = np.stack([one[rows, classes] for one in members])
    if not options["rescale"]:
        return LogLoss(right, weights, options["eps"])
    every = [np.asarray(np.sum(one, axis=1, dtype=np.float64)) for one in members]
    sums = np.stack(every)[:, rows]
    if (sums == 0).any():
        m, row = (int(at[0]) for at in np.nonzero(sums == 0))
        raise DataError(
            f"member {m} gives no class of row {rows[row]} a probability: no sum to divide by",
            fix="predict with this member again, or leave it out",
        )
    return LogLoss(right, weights, options["eps"], sums=None if (sums == 1).all() else sums)


def _of_true_class_of_outputs(
    members: Members, objective: BlendObjective, options: Mapping[str, Any]
) -> LogLoss:
    """Return the loss of what members `(M, N, C)` give to the true class of each output.

    A row has a cell for each of its known answers; those of an output weigh together as the output.
    """
    truth, sizes, metric = np.asarray(objective.truth), objective.kind.sizes, objective.metric
    assert metric.weights_of is not None
    indices, of_cells = as_indices(truth, sizes), metric.weights_of(truth, **options)
    shares = options["weights"] or [1.0] * len(sizes)
    _refuse(members, np.inf if options["rescale"] else 1.0)
    right, sums, weights = [], [], []
    for at, block in enumerate(blocks(sizes)):
        rows = np.flatnonzero(indices[:, at] >= 0)
        own = np.stack([np.asarray(one[rows, block], dtype=np.float64) for one in members])
        right.append(own[:, np.arange(len(rows)), indices[rows, at]])
        sums.append(own.sum(axis=2))
        total = of_cells[rows, at].sum()
        weights.append(shares[at] * of_cells[rows, at] / (total or 1.0))
    each, of_rows = np.concatenate(weights), np.hstack(sums)
    is_divided = options["rescale"] and not (of_rows == 1).all()
    if is_divided and (of_rows == 0).any():
        m = int(np.nonzero(of_rows == 0)[0][0])
        raise DataError(
            f"member {m} gives no class of an output a probability: no sum to divide by",
            fix="predict with this member again, or leave it out",
        )
    return LogLoss(
        np.hstack(right),
        each / each.sum(),
        options["eps"],
        sums=of_rows if is_divided else None,
    )


def _of_listed(member: TopK, classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return each row's probability of one class `(N,)`, listed or not."""
    is_there = member.classes == classes[:, None]
    listed = (member.probs * is_there).sum(axis=1)
    return np.asarray(np.where(is_there.any(axis=1), listed, member.unlisted))


def _is_class(truth: NDArray[Any], n_classes: int) -> NDArray[np.bool_]:
    """Return whether each row's class is one of the classes `(N,)`.

    Raises:
        DataError: that of no row is.
    """
    is_known = np.isin(truth, np.arange(n_classes))
    if not is_known.any():
        raise DataError(f"no row's true class is among the {plural(n_classes, 'column')}")
    return is_known


def _is_positive(truth: NDArray[Any], kind: Kind, n_columns: int) -> NDArray[np.bool_]:
    """Return whether the class of each column is there `(N, C)`; not where that is unknown (-1).

    Raises:
        DataError: the truth is not 0 or 1, or no class.
    """
    if kind.is_exclusive:
        _is_class(np.asarray(truth), n_columns)
        return np.asarray(np.asarray(truth)[:, None] == np.arange(n_columns))
    cells = np.asarray(truth).reshape(len(truth), -1)
    possible = (-1, 0, 1) if kind.is_by_class else (0, 1)
    if cells.shape[1] != n_columns or not np.isin(cells, possible).all():
        raise DataError(
            f"the truth of {kind.named} task is 0 or 1 in {plural(n_columns, 'column')}, "
            f"got {np.shape(truth)}"
        )
    return np.asarray(cells == 1)


def _cell_weights(objective: BlendObjective, is_scored: bool) -> NDArray[np.float64]:
    """Return the weights of the cells `(N, C)` of a binary or multilabel task; they sum to 1.

    That of a label that is unknown is 0.
    """
    known = _is_known(objective)
    each = known.astype(np.float64)
    weights_of = objective.metric.weights_of if is_scored else None
    if weights_of is not None:
        truth = np.asarray(objective.truth).reshape(known.shape)
        weights = weights_of(truth, **_options(objective, is_scored))
        # A metric may weigh the classes of each of several outputs, whose columns are fitted alike.
        each *= weights if weights.shape == each.shape else 1.0
    return np.asarray(each / (each.sum() or 1.0))


def _is_known(objective: BlendObjective) -> NDArray[np.bool_]:
    """Return whether the answer of each cell `(N, C)` of a binary or multilabel task is known."""
    cells = np.asarray(objective.truth).reshape(len(objective.truth), -1)
    known = metrics.known_cells(cells)
    return np.ones(cells.shape, dtype=bool) if known is None else known


def _options(objective: BlendObjective, is_scored: bool) -> dict[str, Any]:
    """Return the options of the log loss that is minimised."""
    if is_scored:
        return objective.metric.complete(objective.options)
    return metrics.get("log_loss").complete({})


def _probs(members: Members) -> NDArray[Any]:
    _refuse(members, 1.0)
    return np.asarray(members)


def _refuse(members: Members, most: float) -> None:
    """Raise DataError where a value is below 0 or above `most`."""
    for m, member in enumerate(members):
        for value in (float(np.min(member)), float(np.max(member)) if most < np.inf else 0.0):
            if not 0 <= value <= most:
                raise DataError(
                    f"member {m} predicts {value:g}, which is no probability: log loss needs some",
                    fix="blend probabilities, not logits, or choose another --method",
                )
