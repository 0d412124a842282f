"""What rows are believed to be, by probabilities that were checked against the truth.

Whether a row is won is weak evidence for a decision: of 27 positives three more or less are luck.
The probability of every row is known. Where probabilities are right, the expected gain of a
decision follows from them nearly without noise; where a network is too sure, or prefers classes,
from s · log p + b, with s and b fitted by maximum likelihood (`fit_offsets`). Nothing is fitted
where that is no likelier than the probabilities as they are, by the Laplace approximation of the
evidence (MacKay 1992, Neural Computation 4): first s alone, which is one number, then b, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from podium.tuning.labels.class_weights import LEAST_PROB, fit_offsets

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["believed_probs", "likely_truths"]

N_TRUTHS = 8
LEAST_EVIDENCE = 1.5  # the logarithm of a Bayes factor: 4.5 times as likely

Floats = NDArray[np.float64]


def believed_probs(probs: NDArray[Any], truth: NDArray[Any], kind: Kind) -> Floats:
    """Return `(N, C)`, of yes or no `(N, C, 2)`: the probability of each answer.

    Args:
        probs: `(N, C)`, or `(N,)` of one answer.
        truth: as a metric takes it.
        kind: of answers with probabilities.
    """
    values = np.asarray(probs, dtype=np.float64)
    if kind.is_exclusive:
        return _calibrated(values, truth)
    columns, right = values.reshape(len(values), -1), truth.reshape(len(values), -1)
    return np.stack(
        [
            _calibrated(np.stack([1 - p, p], axis=1), t)
            for p, t in zip(columns.T, right.T, strict=True)
        ],
        axis=1,
    )


def _calibrated(probs: Floats, truth: NDArray[Any]) -> Floats:
    """Return the probabilities `(N, C)` that are likeliest; truth -1 is unknown."""
    logs = np.log(np.maximum(probs, LEAST_PROB))
    known = truth >= 0
    best, found = LEAST_EVIDENCE, softmax(logs, axis=1)
    if known.any():
        for free in (False, True):
            offsets, scale, evidence = fit_offsets(
                logs[known], truth[known].astype(np.int64), with_offsets=free
            )
            if evidence > best:
                best, found = evidence, softmax(scale * logs + offsets, axis=1)
    return np.asarray(found)


def likely_truths(believed: Floats, kind: Kind, *, seed: int = 0) -> list[NDArray[np.int64]]:
    """Return truths that are as frequent as is believed, each row's spread evenly over them.

    Args:
        believed: of `believed_probs`.
        kind: of the task.
        seed: of the first one.
    """
    ends = believed.cumsum(axis=-1)[..., :-1]
    first = np.random.default_rng(seed).random(ends.shape[:-1])
    found = []
    for r in range(N_TRUTHS):
        at = (first + r / N_TRUTHS) % 1
        truth = (at[..., None] > ends).sum(axis=-1)
        found.append(truth[:, 0] if truth.ndim == 2 and kind.is_single else truth)
    return found
