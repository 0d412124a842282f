"""One metric, one truth: the scorer of any candidate in tuning and ensembling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.errors import UsageError
from podium.predictions.decisions.kinds import decisions_of
from podium.predictions.decisions.labels import Step, metric_input
from podium.predictions.top_k import TopK
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.names import IMAGES

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["LabelScorer", "kind_of"]


@dataclass(frozen=True)
class LabelScorer:
    """A metric bound to its truth.

    Args:
        metric: what is scored; it may need probabilities, decisions, rankings or confident classes.
        truth: `(N,)`, or `(N, C)` for multilabel.
        kind: the kind of the task.
        options: options of the metric; `n_classes` is added where the metric has it.
        n_classes: of an ordinal task; None for others.
    """

    metric: Metric
    truth: NDArray[Any]
    kind: Kind
    options: Mapping[str, Any] = field(default_factory=dict)
    n_classes: int | None = None

    @classmethod
    def of(
        cls,
        metric: str | Metric | Callable[..., float],
        truth: NDArray[Any],
        *,
        n_outputs: int,
        kind: str | None = None,
        options: Mapping[str, Any] | None = None,
        greater_is_better: bool | None = None,
        n_classes: int | None = None,
    ) -> LabelScorer:
        """Return the scorer of a metric by name, of a Metric, or of `f(truth, probs) -> float`.

        The columns of an ordinal task do not give its classes: `n_classes` does, and None takes the
        highest in `truth`.

        Raises:
            DataError: the metric cannot score such a task, or has no such option.
            UsageError: the metric needs instances or volumes.
        """
        right = np.asarray(truth)
        task = kind_of(right, n_outputs) if kind is None else image_kind(kind)
        bound = _as_metric(metric, greater_is_better)
        if bound.scores_objects or bound.scores_volumes:
            raise UsageError(f"{bound.name} scores {bound.needs}, which cannot be tuned here")
        fitted = metrics.fitting(bound, task, options)
        given = dict(options or {})
        n = max(2, n_outputs)
        if task.is_ordered:
            n = n_classes = max(2, int(right.max()) + 1) if n_classes is None else n_classes
        given = metrics.with_classes(fitted, given, task, n)
        return cls(fitted, right, task, given, n_classes if task.is_ordered else None)

    @property
    def needs_decisions(self) -> bool:
        return self.metric.scores_decisions

    @property
    def is_tunable(self) -> bool:
        """Whether rows are decided by something that can be tuned.

        Of a ranking it is where "none of the classes" stands, if that is right for any row.
        """
        if self.metric.scores_ranking:
            return self.truth.ndim == 1 and bool((self.truth == -1).any())
        return self.needs_decisions and bool(decisions_of(self.kind).steps)

    def weights(self) -> NDArray[np.float64] | None:
        """Return how much each cell of the truth weighs in a weighted likelihood; None: alike."""
        if self.metric.weights_of is None:
            return None
        return self.metric.weights_of(self.truth, **self.metric.complete(self.options))

    def for_decisions(self) -> tuple[float, LabelScorer]:
        """Return the scorer of what is decided, and a factor of its score in the whole.

        Of a sum whose terms also score probabilities, or rankings, it has the terms of decisions
        alone: the others score alike, whatever is decided.
        """
        if not self.metric.scores_several or not self.needs_decisions:
            return 1.0, self
        factor, metric, options = metrics.of_need(self.metric, "decisions", self.options)
        return factor, replace(self, metric=metric, options=options)

    def of_other_terms(self, probs: NDArray[Any] | TopK) -> float:
        """Return what the terms that score no decisions add to the score of `probs`."""
        factor, own = self.for_decisions()
        return 0.0 if own is self else self.of_probs(probs) - factor * own.of_probs(probs)

    def take(self, rows: NDArray[np.int64]) -> LabelScorer:
        """Return the scorer of these rows."""
        return replace(self, truth=self.truth[rows])

    def score(self, prediction: NDArray[Any]) -> float:
        """Return the score of what the metric needs: probabilities, decisions, rankings."""
        return metrics.score(self.metric, self.truth, prediction, **self.options)

    def prediction(
        self, probs: NDArray[Any] | TopK, steps: Sequence[Step] | None = None
    ) -> NDArray[Any]:
        """Return the metric's input, made of `probs` by `steps`; by default by the plain ones."""
        return metric_input(probs, steps, self.kind, self.metric, self.options)

    def of_probs(self, probs: NDArray[Any] | TopK, steps: Sequence[Step] | None = None) -> float:
        """Return the score of probabilities, decided by `steps` first where the metric needs it."""
        return self.score(self.prediction(probs, steps))


def kind_of(truth: NDArray[Any], n_outputs: int) -> Kind:
    """Return the kind of task that truth and number of columns show."""
    if truth.ndim == 2 and truth.shape[1] > 1:
        is_yes_no = bool(np.isin(truth, (-1, 0, 1)).all())
        return image_kind("multilabel" if is_yes_no else "multitarget")
    if n_outputs > 1:
        return image_kind("multiclass")
    return image_kind("binary" if bool(np.isin(truth, (0, 1)).all()) else "regression")


def _as_metric(
    metric: str | Metric | Callable[..., float], greater_is_better: bool | None
) -> Metric:
    if isinstance(metric, str | Metric):
        found = metrics.get(metric)
        if greater_is_better in (None, found.greater_is_better):
            return found
        return replace(found, greater_is_better=greater_is_better, perfect=None, worst=None)
    kinds = frozenset(kind_names(IMAGES))
    name = getattr(metric, "__name__", "score")
    return Metric(name, "probs", greater_is_better is not False, kinds, metric)
