"""The decision of a task, tuned: thresholds or class weights, as steps of `decide`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.tuning.class_weights import fit_class_weights
from podium.tuning.thresholds import fit_thresholds

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["fit_decision"]


def fit_decision(
    probs: NDArray[Any],
    truth: NDArray[Any],
    metric: str | Metric,
    kind: TaskKind,
    *,
    trials: int = 50,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    storage: str | None = None,
    study_name: str = "class-weights",
) -> list[dict[str, Any]]:
    """Return the steps of `decide` that score best on these rows; none where nothing is decided.

    Args:
        probs: `(N, C)`; binary `(N,)` or `(N, 1)`.
        truth: as the metric takes it.
        metric: any; one that scores probabilities needs no decision.
        kind: multiclass is decided by class weights, binary and multilabel by thresholds.
        trials: of the search for class weights.
        seed: of the search.
        options: options of the metric.
        storage: URL of an Optuna database that keeps the study; None keeps none.
        study_name: the study's name there.
    """
    if metrics.get(metric).needs != "decisions" or kind == "regression":
        return []
    if kind == "multiclass":
        weights = fit_class_weights(
            probs,
            truth,
            metric,
            trials=trials,
            seed=seed,
            options=options,
            storage=storage,
            study_name=study_name,
        )
        return [{"class_weights": weights.tolist()}]
    thresholds = fit_thresholds(probs, truth, metric, kind, options=options).tolist()
    return [{"threshold": thresholds[0] if kind == "binary" else thresholds}]
