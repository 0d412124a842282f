"""The decision of a task, tuned: thresholds, class weights or cut points, as steps of `decide`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.predictions.top_k import TopK
from podium.tuning.class_weights import fit_class_weights
from podium.tuning.cuts import fit_cuts
from podium.tuning.ranking import fit_ranking
from podium.tuning.scoring import Scorer
from podium.tuning.thresholds import fit_thresholds
from podium.tuning.worth import is_worth_it

if TYPE_CHECKING:
    from podium.competition.spec import TaskKind

__all__ = ["fit_decision"]


def fit_decision(
    probs: NDArray[Any] | TopK,
    truth: NDArray[Any],
    metric: str | Metric,
    kind: TaskKind,
    *,
    trials: int = 50,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    storage: str | None = None,
    study_name: str = "class-weights",
    n_classes: int | None = None,
) -> list[dict[str, Any]]:
    """Return the steps of `decide` that score best on these rows.

    None where nothing is decided, or where the best steps gain less over the plain decision than
    the standard error of that gain: then the plain one is kept. Rankings have steps always.

    Args:
        probs: `(N, C)`; binary `(N,)` or `(N, 1)`; of thousands of classes `TopK`, whose rankings
            are tuned.
        truth: as the metric takes it.
        metric: any; one that scores probabilities needs no decision.
        kind: multiclass is decided by class weights, binary and multilabel by thresholds, ordinal
            by cut points; of a ranking it is tuned where "none of the classes" stands.
        trials: of the search for class weights.
        seed: of the search.
        options: options of the metric.
        storage: URL of an Optuna database that keeps the study; None keeps none.
        study_name: the study's name there.
        n_classes: of an ordinal task; None takes the highest in `truth`.
    """
    scorer = Scorer.of(
        metric,
        truth,
        n_outputs=_n_outputs(probs),
        kind=kind,
        options=options,
        n_classes=n_classes,
    )
    if scorer.metric.needs in ("ranking", "confident"):
        return fit_ranking(probs, scorer, seed=seed)
    # Weights of thousands of classes cannot be tuned, nor told from the likeliest ones.
    if not scorer.is_tunable or isinstance(probs, TopK):
        return []
    steps = _fitted(probs, scorer, trials, seed, storage, study_name)
    plain, tuned = scorer.prediction(probs), scorer.prediction(probs, steps)
    return steps if is_worth_it(scorer, plain, tuned, seed=seed) else []


def _fitted(
    probs: NDArray[Any], scorer: Scorer, trials: int, seed: int, storage: str | None, name: str
) -> list[dict[str, Any]]:
    if scorer.kind == "multiclass":
        weights = fit_class_weights(
            probs,
            scorer.truth,
            scorer.metric,
            trials=trials,
            seed=seed,
            options=scorer.options,
            storage=storage,
            study_name=name,
        )
        return [{"class_weights": weights.tolist()}]
    if scorer.kind == "ordinal":
        assert scorer.n_classes is not None
        cuts = fit_cuts(
            probs,
            scorer.truth,
            scorer.metric,
            n_classes=scorer.n_classes,
            options=scorer.options,
        )
        return [{"cuts": cuts.tolist()}]
    found = fit_thresholds(
        probs, scorer.truth, scorer.metric, scorer.kind, options=scorer.options
    ).tolist()
    return [{"threshold": found[0] if scorer.kind == "binary" else found}]


def _n_outputs(probs: NDArray[Any] | TopK) -> int:
    return 1 if probs.ndim == 1 else int(probs.shape[1])
