"""Class weights of few numbers: how frequent classes are, and what the network gets wrong of that.

A free weight for each class needs more rows than there mostly are. Two things make other weights
than 1 right. A metric may count classes alike, while the most probable class is mostly a frequent
one: then p_c / π_c^α decides, with π the shares of the classes and one number α. And the network
may prefer classes: then its logarithms of probabilities are s · log p_c + b_c, with a scale s and
one offset a class (Alexandari et al. 2020, ICML, fit these two by maximum likelihood). Likelihood
uses each row's probability, not only whether its decision turns; b is drawn to 0 and s to 1 by
normal priors, so that few rows leave the weights near 1.

Together the decision is the largest of s · log p_c + b_c - α · log π_c, which is a weight of
exp((b_c - α · log π_c) / s) a class.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["shrunk_weights"]


WIDEST = 20.0  # weights lie in [1/20, 20]
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
    logs: Floats, truth: NDArray[np.integer[Any]], *, with_offsets: bool = True
) -> tuple[Floats, float, float]:
    """Return b `(C,)` and s of softmax(s · logs + b) that are likeliest, by Newton's method.

    Args:
        logs: `(N, C)`: logarithms of probabilities.
        truth: `(N,)`, class indices.
        with_offsets: False: b stays 0.

    Returns:
        b, s, and the logarithm of how much likelier such b and s make the truth than 0 and 1 do,
        over all that the priors allow (the Laplace approximation of a Bayes factor).
    """
    n_rows, n_classes = logs.shape
    logs = logs - logs.max(axis=1, keepdims=True)
    right = np.arange(n_rows), truth
    observed = np.append(
        np.bincount(truth, minlength=n_classes).astype(np.float64), logs[right].sum()
    )
    held = np.append(np.zeros(n_classes), 1.0)
    centre = held.copy()
    offset_rows = OFFSET_ROWS if with_offsets else HELD_ROWS
    strength = np.append(np.full(n_classes, offset_rows), SCALE_ROWS)

    def loss_and_probs(params: Floats) -> tuple[float, Floats]:
        scores = params[-1] * logs + params[:-1]
        highest = scores.max(axis=1)
        exps = np.exp(scores - highest[:, None])
        total = exps.sum(axis=1)
        likelihood = scores[right] - highest - np.log(total)
        prior = 0.5 * float(strength @ (params - centre) ** 2)
        return prior - float(likelihood.sum()), exps / total[:, None]

    def bent(probs: Floats, mean: Floats) -> Floats:
        """Return the second derivatives of the loss."""
        found = np.empty((n_classes + 1, n_classes + 1))
        found[:-1, :-1] = np.diag(probs.sum(axis=0)) - probs.T @ probs
        found[-1, :-1] = found[:-1, -1] = (probs * (logs - mean[:, None])).sum(axis=0)
        found[-1, -1] = float((probs * (logs - mean[:, None]) ** 2).sum())
        return found + np.diag(strength)

    loss, probs = loss_and_probs(held)
    of_plain = loss
    for _ in range(MAX_STEPS):
        mean = (probs * logs).sum(axis=1)
        gradient = np.append(probs.sum(axis=0), mean.sum()) - observed + strength * (held - centre)
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
