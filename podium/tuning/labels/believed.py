"""What rows are believed to be, by probabilities that were checked against the truth.

Whether a row is won is weak evidence for a decision: of 27 positives three more or less are luck.
The probability of every row is known. Where probabilities are right, the expected gain of a
decision follows from them nearly without noise; where a network is too sure, or prefers classes,
from those that are calibrated first (`calibration.py`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.tuning.labels.calibration import fit_calibration
from podium.tuning.labels.class_weights import SCALE_ROWS

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["believed_probs", "likely_truths"]

N_TRUTHS = 8

Floats = NDArray[np.float64]


def believed_probs(probs: NDArray[Any], truth: NDArray[Any], kind: Kind) -> Floats:
    """Return `(N, C)`, of yes or no `(N, C, 2)`: the probability of each answer.

    Args:
        probs: `(N, C)`, or `(N,)` of one answer.
        truth: as a metric takes it.
        kind: of answers with probabilities.
    """
    # The prior of the weights that are judged by it: with a weaker one more of them seem to pay.
    return fit_calibration(probs, truth, kind, scale_rows=SCALE_ROWS).answers(probs)


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
