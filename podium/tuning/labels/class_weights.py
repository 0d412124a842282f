"""Class weights: decide by argmax of w_c · p_c, with the w that a metric likes best.

Networks trained on unbalanced classes predict the frequent ones too often for metrics that count
classes alike, as macro F1 does. `fit_class_weights` searches weights on a log scale with Optuna
(TPE); the most frequent class keeps weight 1, since only ratios matter.

A free weight for each class needs more rows than there mostly are: `shrunk_weights` are of few
numbers. Two things make other weights than 1 right. A metric may count classes alike, while the
most probable class is mostly a frequent one: then p_c / π_c^α decides, with π the shares of the
classes and one number α. And the network may prefer classes: then its logarithms of probabilities
are s · log p_c + b_c, with a scale s and one offset a class (Alexandari et al. 2020, ICML, fit
these two by maximum likelihood). Likelihood uses each row's probability, not only whether its
decision turns; b is drawn to 0 and s to 1 by normal priors, so that few rows leave the weights
near 1. Together the decision is the largest of s · log p_c + b_c - α · log π_c, which is a weight
of exp((b_c - α · log π_c) / s) a class.
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

__all__ = ["fit_class_weights", "shrunk_weights"]

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
    _, scorer = scorer.for_decisions()
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


POWERS = (0.0, 0.25, 0.5, 0.75, 1.0)  # α
LEAST_PROB = 1e-6  # a probability of 0 is one that was rounded
OFFSET_ROWS, SCALE_ROWS = 2.0, 5.0  # how many rows the priors of b and s are worth, more or less
HELD_ROWS = 1e9  # of a prior that leaves nothing free
SCALES = (0.1, 10.0)
MAX_STEPS = 30
SIZES = 0.5 ** np.arange(12)  # of a step, until it gains

Floats = NDArray[np.float64]


def shrunk_weights(probs: NDArray[Any], truth: NDArray[np.integer[Any]]) -> list[Floats]:
    """Return weights `(C,)` to choose among, each 1 for the most frequent class.

    Args:
        probs: `(N, C)`.
        truth: `(N,)`, class indices.
    """
    logs = np.log(np.maximum(np.asarray(probs, dtype=np.float64), LEAST_PROB))
    n_classes = logs.shape[1]
    counts = np.bincount(truth, minlength=n_classes)
    frequent = -np.log((counts + 1) / (len(truth) + n_classes))
    offsets, scale, _ = fit_offsets(logs, truth)
    found = []
    for with_offsets in (False, True):
        for power in POWERS:
            if power or with_offsets:
                each = power * frequent
                found.append((each + offsets) / scale if with_offsets else each)
    first = int(counts.argmax())
    return [np.exp(np.clip(one - one[first], -np.log(WIDEST), np.log(WIDEST))) for one in found]


def fit_offsets(
    logs: Floats,
    truth: NDArray[np.integer[Any]],
    *,
    weights: Floats | None = None,
    with_offsets: bool = True,
    scale_rows: float = SCALE_ROWS,
) -> tuple[Floats, float, float]:
    """Return b `(C,)` and s of softmax(s · logs + b) that are likeliest, by Newton's method.

    Args:
        logs: `(N, C)`: logarithms of probabilities.
        truth: `(N,)`, class indices.
        weights: `(N,)`, of the rows, 1 on average; None: 1 each.
        with_offsets: False: b stays 0.
        scale_rows: how many rows the prior of s is worth, more or less.

    Returns:
        b, s, and the logarithm of how much likelier such b and s make the truth than 0 and 1 do,
        over all that the priors allow (the Laplace approximation of a Bayes factor).
    """
    n_rows, n_classes = logs.shape
    logs = logs - logs.max(axis=1, keepdims=True)
    right = np.arange(n_rows), truth
    each = np.ones(n_rows) if weights is None else weights
    observed = np.append(
        np.bincount(truth, weights=each, minlength=n_classes), (each * logs[right]).sum()
    )
    held = np.append(np.zeros(n_classes), 1.0)
    centre = held.copy()
    offset_rows = OFFSET_ROWS if with_offsets else HELD_ROWS
    strength = np.append(np.full(n_classes, offset_rows), scale_rows)

    def loss_and_probs(params: Floats) -> tuple[float, Floats]:
        scores = params[-1] * logs + params[:-1]
        highest = scores.max(axis=1)
        exps = np.exp(scores - highest[:, None])
        total = exps.sum(axis=1)
        likelihood = scores[right] - highest - np.log(total)
        prior = 0.5 * float(strength @ (params - centre) ** 2)
        return prior - float((each * likelihood).sum()), exps / total[:, None]

    def bent(probs: Floats, mean: Floats) -> Floats:
        """Return the second derivatives of the loss."""
        found = np.empty((n_classes + 1, n_classes + 1))
        weighted = probs * each[:, None]
        found[:-1, :-1] = np.diag(weighted.sum(axis=0)) - weighted.T @ probs
        found[-1, :-1] = found[:-1, -1] = (weighted * (logs - mean[:, None])).sum(axis=0)
        found[-1, -1] = float((weighted * (logs - mean[:, None]) ** 2).sum())
        return found + np.diag(strength)

    loss, probs = loss_and_probs(held)
    of_plain = loss
    for _ in range(MAX_STEPS):
        mean = (probs * logs).sum(axis=1)
        fitted = np.append((probs * each[:, None]).sum(axis=0), (each * mean).sum())
        gradient = fitted - observed + strength * (held - centre)
        step = np.linalg.solve(bent(probs, mean), gradient)
        for size in SIZES:
            tried = held - size * step
            tried[-1] = np.clip(tried[-1], *SCALES)
            new_loss, new_probs = loss_and_probs(tried)
            if new_loss <= loss:
                break
        else:
            break
        gained, held, loss, probs = loss - new_loss, tried, new_loss, new_probs
        if gained < 1e-6 * n_rows:
            break
    spread = np.linalg.slogdet(bent(probs, (probs * logs).sum(axis=1)))[1]
    evidence = of_plain - loss + 0.5 * float(np.log(strength).sum() - spread)
    return held[:-1], float(held[-1]), evidence
