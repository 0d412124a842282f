"""Stacking: a model of the members' predictions predicts each fold, fitted on the other folds.

The result is like that of one more network: predictions out of fold, and a model for the test set,
which is fitted on all rows. So stacked predictions can be members themselves. As everywhere, that
is cross-fitted, not nested: the members that predicted the other folds were trained on this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.ensembling.method import Fitted, Members, load_method
from podium.ensembling.rows import gather, parts_of
from podium.errors import DataError, either
from podium.tasks.protocols.find import image_kind
from podium.tuning.cross_fit import cross_fit
from podium.tuning.scoring import LabelScorer, kind_of

if TYPE_CHECKING:
    from podium.predictions.store.reading import PredictionSet
    from podium.tasks.protocols.kind import Kind

__all__ = ["Stacked", "stack"]


@dataclass(frozen=True)
class Stacked:
    """Stacked predictions of the rows, and the stacker for others.

    Attributes:
        probs: `(N, C)` float32: of each row by the stacker that saw neither its fold nor its group.
        fitted: the final stacker, fitted on all rows: its shares and parameters.
        by_fold: fold → the stacker of the other folds.
        honest: the score of `probs`, plainly decided where decisions are scored.
        optimistic: the score of the final stacker on the rows that it was fitted on.
        members: names, in the order that `predict` wants.
        method: how they are stacked.
        kind: of the task.
        ids: `(N,)`, the rows that every member predicted; None where members are arrays.
        notes: caveats of the scores.
    """

    probs: NDArray[np.float32] = field(repr=False)
    fitted: Fitted
    by_fold: dict[int, Fitted] = field(repr=False)
    honest: float
    optimistic: float
    members: tuple[str, ...]
    method: str
    kind: Kind
    ids: tuple[str, ...] | None = field(default=None, repr=False)
    notes: tuple[str, ...] = ()

    def predict(self, members: Members | Sequence[Any]) -> NDArray[np.float32]:
        """Return `(N, C)`: what the final stacker makes of other rows, those of the test set.

        Args:
            members: `(M, N, C)` or M arrays `(N, C)`, in the order of `self.members`; of the rows
                of a test set, all at once.

        Raises:
            DataError: there is another number of members.
        """
        if len(members) != len(self.members):
            raise DataError(
                f"{either(len(self.members), 'member was', 'members were')} stacked, and "
                f"{len(members)} are given",
                fix="give what each of them predicts, in their order",
            )
        how = load_method(self.method)
        made: NDArray[np.float32] = how.combined(how.prepared(members), self.fitted)
        return made


def stack(
    members: Members | Sequence[Members] | Sequence[PredictionSet],
    truth: NDArray[Any],
    metric: str | Metric,
    folds: NDArray[np.int64],
    *,
    groups: Sequence[Any] | NDArray[Any] | None = None,
    ids: Sequence[str] | None = None,
    kind: str | None = None,
    method: str | None = None,
    names: Sequence[str] | None = None,
    seed: int = 0,
    metric_options: Mapping[str, Any] | None = None,
    n_classes: int | None = None,
) -> Stacked:
    """Return the members stacked: a stacker for fold k is fitted on the rows of the other folds.

    Args:
        members: `(M, N, C)`, M arrays `(N, C)`, or prediction sets. Rows of arrays stand in the
            order of the truth; rows of sets are found by `ids`, and those that a set lacks are left
            out.
        truth: `(N,)` or `(N, C)`.
        metric: a metric's name, or the metric; a stacker is fitted for log loss or squared error,
            and scored by it.
        folds: `(N,)`: the fold whose model predicted the row. A lone fold is cut into parts.
        groups: `(N,)`: a group may lie in one fold only; None or nan for rows of none.
        ids: `(N,)`, needed for sets.
        kind: of the task; None sees it from truth and C.
        method: a file of `ensembling/methods/`, or `module:object`; None: stack_logistic of
            probabilities, stack_ridge of values and ratings.
        names: `(M,)`; default: the sets' runs, or numbers.
        seed: of the method, and of the cut of a lone fold.
        metric_options: options of the metric.
        n_classes: of an ordinal task; None takes the highest in `truth`.

    Raises:
        DataError: a value is not finite, sets were made with other folds, or a group crosses folds.
        UsageError: there is no such method, or it refuses the task.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> truth = rng.integers(0, 2, 200)
        >>> members = 1 / (1 + np.exp(-(2 * truth - 1 + rng.standard_normal((3, 200)))))
        >>> found = stack(members[..., None], truth, "log_loss", np.arange(200) % 5)
        >>> found.probs.shape, found.honest > found.optimistic, len(found.by_fold)
        ((200, 1), True, 5)
    """
    rows = gather(members, truth, folds, groups=groups, ids=ids, names=names)
    n_outputs = rows.members.shape[2]
    task = kind_of(rows.truth, n_outputs) if kind is None else image_kind(kind)
    scorer = LabelScorer.of(
        metric,
        rows.truth,
        n_outputs=n_outputs,
        kind=task,
        options=metric_options,
        n_classes=n_classes,
    )
    name = method or _default_of(task)
    how = load_method(name)
    how.check(name, rows.members, scorer)
    prepared = how.prepared(rows.members, rows.folds)
    parts, part_notes = parts_of(rows.folds, rows.units(), seed)

    def fit(inside: NDArray[np.int64]) -> Fitted:
        return how.fitted(prepared[:, inside], scorer.take(inside), seed=seed)

    def apply(fitted: Fitted, inside: NDArray[np.int64]) -> NDArray[Any]:
        made: NDArray[Any] = how.combined(prepared[:, inside], fitted)
        return made

    found = cross_fit(fit, apply, folds=parts, groups=rows.groups)
    return Stacked(
        probs=found.prediction,
        fitted=found.final,
        by_fold=found.by_fold,
        honest=scorer.of_probs(found.prediction),
        optimistic=scorer.of_probs(apply(found.final, np.arange(len(parts)))),
        members=rows.names,
        method=name,
        kind=task,
        ids=rows.ids,
        notes=(*rows.notes, *part_notes, *found.final.notes),
    )


def _default_of(kind: Kind) -> str:
    return "stack_logistic" if kind.is_prob else "stack_ridge"
