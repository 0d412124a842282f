"""The best weights of a weighted mean, where the loss is convex: the minimum over all of them.

Weights w >= 0 with sum 1 blend members to Σ_m w_m p_m. Log loss (weighted or not), the Brier score
and the squared error of it are convex in w, so there is one lowest loss, and how far from it any
weights can be at most is known: the duality gap. Nothing is drawn, so nothing depends on a seed.
Members that say the same share their weight evenly, but for rounding; any other way would do.

What the metric clips or rescales is part of the loss (`simplex_losses.py` says how). Where rows of
a multiclass task do not sum to 1, and log loss divides them by their sums, the loss is convex but
for that; the gap counts what may be missed. A metric that is not smooth has no such minimum: the
weights are those of the proper loss of the kind of task instead, log loss, or squared error of
numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.ensembling.simplex_losses import LogLoss, Loss, SquaredError
from podium.ensembling.simplex_newton import minimise
from podium.ensembling.weights import check_members
from podium.errors import DataError, UsageError
from podium.predictions.top_k import TopK, TopKMembers
from podium.tuning.scoring import Scorer

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind
    from podium.ensembling.method import Members, Objective

__all__ = ["SimplexFit", "fit_columns", "fit_simplex", "loss_name", "simplex_weights", "why_not"]

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
}
"""Metrics that are best where a loss is lowest."""

Weights = NDArray[np.float64]


@dataclass(frozen=True)
class SimplexFit:
    """Weights at the minimum of a loss, and how surely they are there.

    Attributes:
        weights: float64 `(M,)`, >= 0 with sum 1.
        loss: of the blend on the rows given; for rmse and r2 it is the mean squared error.
        gap: no weights have a loss lower than `loss` by more than this.
        name: of the loss: "log loss", "weighted log loss", "Brier score" or "squared error".
        is_scored: whether the metric asked for is best where this loss is lowest.
    """

    weights: Weights
    loss: float
    gap: float
    name: str
    is_scored: bool

    def note(self, metric: Metric) -> str:
        """Return what a reader of a blend with these weights should know."""
        found = f"{self.name} at its optimum on the simplex: gap {self.gap:.1e}"
        return found if self.is_scored else f"{metric.name} is not smooth; {found}"


def simplex_weights(
    members: Any,
    truth: NDArray[Any],
    metric: str | Metric | Callable[..., float],
    *,
    kind: TaskKind | None = None,
    options: Mapping[str, Any] | None = None,
) -> SimplexFit:
    """Return the weights of the weighted mean with the lowest loss, and its duality gap.

    Args:
        members: `(M, N, C)` or `(M, N)`, finite, in any float type; it is computed in float64.
        truth: `(N,)` or `(N, C)`.
        metric: a metric's name, a Metric, or `f(truth, probs) -> float`. log_loss,
            weighted_log_loss, brier, rmse and r2 are minimised themselves; for others the proper
            loss of the kind of task is, and `is_scored` says so.
        kind: of the task; None sees it from truth and C.
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
    scorer = Scorer.of(metric, truth, n_outputs=values.shape[2], kind=kind, options=options)
    if len(scorer.truth) != values.shape[1]:
        raise DataError(f"members have {values.shape[1]} rows, the truth has {len(scorer.truth)}")
    reason = why_not(scorer)
    if reason:
        raise UsageError(f"there are no best weights to be found: {reason}")
    return fit_simplex(values, scorer)


def fit_simplex(members: Members, objective: Objective) -> SimplexFit:
    """Return what `simplex_weights` does, of members `(M, N, C)` that were checked.

    Raises:
        DataError: a value is no probability where one is needed, or the truth is none.
    """
    name, is_scored = loss_name(objective)
    if name in (BRIER, SQUARED):
        loss: Loss = _squared(np.asarray(members), objective)
    elif objective.kind == "multiclass":
        loss = _of_true_class(members, objective, _options(objective, is_scored))
    else:
        probs = _probs(members)
        weights = _cell_weights(objective, is_scored).ravel()
        wrong = ~_is_positive(objective.truth, objective.kind, probs.shape[2]).ravel()
        eps = _options(objective, is_scored)["eps"]
        loss = LogLoss(probs.reshape(len(probs), -1), weights, eps, wrong)
    return _fitted(loss, name, is_scored)


def fit_columns(members: Members, objective: Objective) -> list[SimplexFit]:
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
    if name in (BRIER, SQUARED):
        squares = (
            SquaredError.of(values[:, :, c, None], right[:, c, None], 1 / n)
            for c in range(n_columns)
        )
        return [_fitted(one, SQUARED, is_scored) for one in squares]
    _refuse(values, 1.0)
    eps = _options(objective, is_scored)["eps"]
    weights = np.ones((n, n_columns))
    if objective.kind == "multilabel":
        weights = _cell_weights(objective, is_scored)
    totals = weights.sum(axis=0)
    weights = np.where(totals > 0, weights / np.where(totals > 0, totals, 1), 1 / n)
    return [
        _fitted(LogLoss(values[:, :, c], weights[:, c], eps, ~right[:, c]), name, is_scored)
        for c in range(n_columns)
    ]


def why_not(objective: Objective) -> str:
    """Return why there is no such loss of `objective`, or ""."""
    if objective.kind == "multiclass" and np.ndim(objective.truth) == 2:
        return "several classes are right of a row, and log loss knows one"
    return ""


def loss_name(objective: Objective) -> tuple[str, bool]:
    """Return which loss is minimised for `objective`, and whether it is what the metric scores."""
    metric = objective.metric
    # A function of the user's own may have the same name.
    if metric.name in SMOOTH and metric.score is metrics.get(metric.name).score:
        return SMOOTH[metric.name], True
    return (SQUARED if objective.kind in ("regression", "ordinal") else LOG_LOSS), False


def _fitted(loss: Loss, name: str, is_scored: bool) -> SimplexFit:
    weights = minimise(loss, np.full(loss.n_members, 1 / loss.n_members))
    image = loss.image(weights)
    found = loss.scored(image)
    gap = max(0.0, found - loss.lower_bound(weights, image))
    return SimplexFit(weights, found, gap, name, is_scored)


def _squared(members: NDArray[Any], objective: Objective) -> SquaredError:
    _, n, n_columns = members.shape
    truth = np.asarray(objective.truth)
    if objective.kind == "multiclass":
        # A row's squares are added up, not averaged, over its classes.
        return SquaredError.of(members, _is_positive(truth, "multiclass", n_columns), 1 / n)
    target = truth.reshape(n, -1).astype(np.float64)
    return SquaredError.of(members, target, 1 / (n * n_columns))


def _of_true_class(members: Members, objective: Objective, options: Mapping[str, Any]) -> LogLoss:
    """Return the loss of what members `(M, N, C)`, or `TopKMembers`, give to the true class.

    Rows whose class is none of the known cost the same, whatever the weights, and are left out.
    """
    truth = np.asarray(objective.truth)
    rows = np.flatnonzero(_is_class(truth, members.shape[2]))
    classes = truth[rows].astype(np.int64)
    weights = np.full(len(rows), 1 / len(rows))
    if isinstance(members, TopKMembers):
        said = np.stack([_of_listed(one[rows], classes) for one in members])
        return LogLoss(said, weights, options["eps"])
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


def _of_listed(member: TopK, classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what each row says of one class `(N,)`, listed or not."""
    is_there = member.classes == classes[:, None]
    listed = (member.probs * is_there).sum(axis=1)
    return np.asarray(np.where(is_there.any(axis=1), listed, member.unlisted))


def _is_class(truth: NDArray[Any], n_classes: int) -> NDArray[np.bool_]:
    """Return whether each row's class is known `(N,)`.

    Raises:
        DataError: that of no row is.
    """
    is_known = np.isin(truth, np.arange(n_classes))
    if not is_known.any():
        raise DataError(f"no row's true class is among the {n_classes} columns")
    return is_known


def _is_positive(truth: NDArray[Any], kind: TaskKind, n_columns: int) -> NDArray[np.bool_]:
    """Return whether the class of each column is there `(N, C)`.

    Raises:
        DataError: the truth is not 0 or 1, or no class.
    """
    if kind == "multiclass":
        _is_class(np.asarray(truth), n_columns)
        return np.asarray(np.asarray(truth)[:, None] == np.arange(n_columns))
    cells = np.asarray(truth).reshape(len(truth), -1)
    if cells.shape[1] != n_columns or not np.isin(cells, (0, 1)).all():
        raise DataError(
            f"the truth of a {kind} task is 0 or 1 in {n_columns} columns, got {np.shape(truth)}"
        )
    return np.asarray(cells == 1)


def _cell_weights(objective: Objective, is_scored: bool) -> NDArray[np.float64]:
    """Return what each cell `(N, C)` of a binary or multilabel task weighs; they sum to 1."""
    n = len(objective.truth)
    is_positive = np.asarray(objective.truth).reshape(n, -1) == 1
    if not is_scored or objective.metric.name != "weighted_log_loss":
        return np.full(is_positive.shape, 1 / is_positive.size)
    options = _options(objective, is_scored)
    columns = np.ones(is_positive.shape[1])
    if options["weights"] is not None:
        columns = np.asarray(options["weights"], dtype=np.float64)
    each = columns * np.where(is_positive, options["positive"], 1.0)
    if options["over"] == "exam":
        each /= each.sum(axis=1, keepdims=True)
    return np.asarray(each / each.sum())


def _options(objective: Objective, is_scored: bool) -> dict[str, Any]:
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
                    f"member {m} says {value:g}, which is no probability: log loss needs some",
                    fix="blend probabilities, not logits, or choose another --method",
                )
