"""Class weights: decide by argmax of w_c · p_c, with the w that a metric likes best.

Networks trained on unbalanced classes say the frequent ones too often for metrics that count
classes alike, as macro F1 does. Weights are searched on a log scale with Optuna (TPE); the most
frequent class keeps weight 1, since only ratios matter.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics import Metric
from podium.errors import UsageError
from podium.tuning.scoring import Scorer

if TYPE_CHECKING:
    import optuna

__all__ = ["fit_class_weights"]

WIDEST = 20.0  # weights lie in [1/20, 20]


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
        storage: URL of an Optuna database in which to keep the study; None keeps none.
        study_name: its name; a digest of rows and settings follows it, so that other rows are
            another study and the same ones continue it.

    Raises:
        UsageError: the metric needs no decisions, or `trials` is below 1.
    """
    values = np.asarray(probs)
    scorer = Scorer.of(metric, truth, n_outputs=values.shape[1], kind="multiclass", options=options)
    if not scorer.needs_decisions:
        raise UsageError(f"{scorer.metric.name} scores probabilities: there is nothing to decide")
    if trials < 1:
        raise UsageError(f"trials must be at least 1, got {trials}")
    counts = np.bincount(scorer.truth.astype(np.int64), minlength=values.shape[1])
    name = f"{study_name}-{_digest(values, scorer, seed)}"
    with quiet():
        study = _study(scorer, seed=seed, trials=trials, storage=storage, name=name)
        for start in _starts(counts):
            study.enqueue_trial(start, skip_if_exists=True)
        left = trials - len(_finished(study))
        if left > 0:
            study.optimize(_objective(values, scorer, counts), n_trials=left)
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


def _objective(
    values: NDArray[Any], scorer: Scorer, counts: NDArray[np.int64]
) -> Callable[[optuna.Trial], float]:
    def score(trial: optuna.Trial) -> float:
        params = {
            f"class {c}": trial.suggest_float(f"class {c}", 1 / WIDEST, WIDEST, log=True)
            for c in _free_classes(counts)
        }
        return scorer.of_probs(values, [{"class_weights": _weights(params, counts)}])

    return score


def _study(
    scorer: Scorer, *, seed: int, trials: int, storage: str | None, name: str
) -> optuna.Study:
    import optuna

    # With few trials TPE's ten random ones would be all of them.
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=min(10, 1 + trials // 4))
    return optuna.create_study(
        sampler=sampler,
        direction="maximize" if scorer.metric.greater_is_better else "minimize",
        storage=storage,
        study_name=name,
        load_if_exists=True,
    )


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    import optuna

    return list(study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)))


def _first_best(study: optuna.Study) -> dict[str, float]:
    """Return the parameters of the best trial, of equal ones the first."""
    sign = 1 if study.direction.name == "MAXIMIZE" else -1
    return dict(max(_finished(study), key=lambda one: (sign * one.value, -one.number)).params)


def _digest(values: NDArray[Any], scorer: Scorer, seed: int) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(values, dtype=np.float32).tobytes())
    digest.update(np.ascontiguousarray(scorer.truth, dtype=np.int64).tobytes())
    settings = (scorer.metric.identity, sorted(scorer.options.items(), key=repr), seed)
    digest.update(repr(settings).encode())
    return digest.hexdigest()[:8]


@contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from writing a line a trial to stderr."""
    import optuna

    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
