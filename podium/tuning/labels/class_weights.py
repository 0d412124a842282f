"""Class weights: decide by argmax of w_c · p_c, with the w that a metric likes best.

Networks trained on unbalanced classes predict the frequent ones too often for metrics that count
classes alike, as macro F1 does. Weights are searched on a log scale with Optuna (TPE); the most
frequent class keeps weight 1, since only ratios matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.errors import DataError, UsageError
from podium.tuning.scoring import LabelScorer
from podium.tuning.space import NumberRange, SearchParameter, SearchSpace
from podium.tuning.studies import RunningTrial, TrialOutcome, open_study, run_trials

if TYPE_CHECKING:
    import optuna

__all__ = ["fit_class_weights"]

WIDEST = 20.0  # weights lie in [1/20, 20]

_HEARTBEAT_S = 5  # trials are quick: one whose process was killed need not be waited for longer


def fit_class_weights(
    probs: NDArray[Any],
    truth: NDArray[Any],
    metric: str | Metric,
    *,
    trials: int = 50,
    seed: int = 0,
    options: Mapping[str, Any] | None = None,
    storage: str | None = None,
    study_name: str = "class-weights",
) -> NDArray[np.float64]:
    """Return the weights `(C,)` of the best of `trials`; 1 for the most frequent class.

    The first trials are no weights at all and the inverse class frequencies, so that the result is
    never worse than these on the rows given, and equal scores leave the weights alone.

    Args:
        probs: `(N, C)`.
        truth: `(N,)`, class indices.
        metric: one that needs decisions.
        trials: how many weights are tried.
        seed: of the search.
        options: options of the metric.
        storage: URL at which to keep the study, as `open_study` takes it; None keeps none.
        study_name: its name; a digest of rows and settings follows it, so that other rows are
            another study and the same ones continue it.

    Raises:
        UsageError: the metric needs no decisions, `trials` is below 1, or a value is not finite.
        DataError: the metric has no score whatever the weights are.
    """
    values = np.asarray(probs)
    scorer = LabelScorer.of(
        metric, truth, n_outputs=values.shape[1], kind="multiclass", options=options
    )
    if not scorer.needs_decisions:
        raise UsageError(f"{scorer.metric.name} scores probabilities: there is nothing to decide")
    if trials < 1:
        raise UsageError(f"trials must be at least 1, got {trials}")
    if not np.isfinite(values).all():
        row = int(np.flatnonzero(~np.isfinite(values).all(axis=1))[0])
        raise UsageError(f"row {row} is not a finite number", fix="predict again")
    counts = np.bincount(scorer.truth.astype(np.int64), minlength=values.shape[1])
    name = f"{study_name}-{_digest(values, scorer, seed)}"
    direction = "maximize" if scorer.metric.greater_is_better else "minimize"
    facts = {"kind": "thresholds", "metric": [scorer.metric.name]}
    with open_study(
        storage, name, directions=[direction], heartbeat_s=_HEARTBEAT_S, facts=facts
    ) as opened:
        study = opened.study
        for start in _starts(counts):
            study.enqueue_trial(start, skip_if_exists=True)
        # A sampler begins its draws anew: a study that goes on must not draw the same again.
        study.sampler = _sampler(seed + len(_finished(study)), trials)
        run_trials(opened, _space(counts), _objective(values, scorer, counts), trials=trials)
        if not _finished(study):
            scorer.of_probs(values)  # raises the cause that stopped every trial
            raise DataError(
                f"{scorer.metric.name} is undefined with any class weights",
                fix="tune on more rows, such as the pooled ones of all folds",
            )
        return _weights(_first_best(study), counts)


def _starts(counts: NDArray[np.int64]) -> list[dict[str, float]]:
    """Return no weights, and the inverse frequencies and their roots."""
    ratio = np.clip(counts.max() / np.maximum(counts, 1), 1.0, WIDEST)
    tried = [np.ones(len(counts)), np.sqrt(ratio), ratio]
    free = _free_classes(counts)
    return [{f"class {c}": float(weights[c]) for c in free} for weights in tried]


def _free_classes(counts: NDArray[np.int64]) -> list[int]:
    return [c for c in range(len(counts)) if c != int(counts.argmax())]


def _weights(params: Mapping[str, float], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.array([params.get(f"class {c}", 1.0) for c in range(len(counts))])


def _space(counts: NDArray[np.int64]) -> SearchSpace:
    factor = NumberRange(1 / WIDEST, WIDEST, log=True)
    return SearchSpace(tuple(SearchParameter(f"class {c}", factor) for c in _free_classes(counts)))


def _objective(
    values: NDArray[Any], scorer: LabelScorer, counts: NDArray[np.int64]
) -> Callable[[RunningTrial], TrialOutcome]:
    def score(running: RunningTrial) -> TrialOutcome:
        steps = [{"class_weights": _weights(running.values, counts)}]
        return TrialOutcome((scorer.of_probs(values, steps),))

    return score


def _sampler(seed: int, trials: int) -> optuna.samplers.BaseSampler:
    import optuna

    # With few trials TPE's ten random ones would be all of them.
    return optuna.samplers.TPESampler(seed=seed, n_startup_trials=min(10, 1 + trials // 4))


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    import optuna

    return list(study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)))


def _first_best(study: optuna.Study) -> dict[str, float]:
    """Return the parameters of the best trial, of equal ones the first."""
    sign = 1 if study.direction.name == "MAXIMIZE" else -1
    return dict(max(_finished(study), key=lambda one: (sign * one.value, -one.number)).params)


def _digest(values: NDArray[Any], scorer: LabelScorer, seed: int) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(values, dtype=np.float32).tobytes())
    digest.update(np.ascontiguousarray(scorer.truth, dtype=np.int64).tobytes())
    settings = (scorer.metric.identity, sorted(scorer.options.items(), key=repr), seed)
    digest.update(repr(settings).encode())
    return digest.hexdigest()[:8]
