"""The expected shake-up: how far private scores will lie from today's public ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.submissions.private_scores import Evidence, sample_private

__all__ = ["Expected", "ShakeUp", "shake_up"]

_BOUNDS = (0.025, 0.975)


@dataclass(frozen=True)
class Expected:
    """What to expect of one submission.

    Attributes:
        id: its name.
        public: its score today, None where there is none.
        moved: bounds of 95 % of private − public score, in draws of test sets from the OOF.
        moved_sd: the standard deviation of these.
        private: the expected private score, given all scores that were seen.
        private_interval: bounds that hold it with 95 %.
        best: the probability that it has the best private score of ours; equal ones share it.
    """

    id: str
    public: float | None
    moved: tuple[float, float]
    moved_sd: float
    private: float
    private_interval: tuple[float, float]
    best: float


@dataclass(frozen=True)
class ShakeUp:
    """What the private part will do to the order of our own submissions.

    Attributes:
        n_public, n_private: units of the two parts, as they are taken to be.
        submissions: in the order given.
        turned: the expected share of pairs whose private order is not their public order; None
            with fewer than two public scores.
        keeps_best: the probability that today's best public one is our best private one, too.
        expected_best: the expected private score of the best of ours, which nobody can choose.
        best_public: id of today's best public one; None where there is none.
    """

    n_public: int
    n_private: int
    submissions: tuple[Expected, ...]
    turned: float | None
    keeps_best: float | None
    expected_best: float
    best_public: str | None


def shake_up(
    known: Evidence, samples: NDArray[np.float64] | None = None, *, seed: int = 0
) -> ShakeUp:
    """Return the expected shake-up of the submissions in `known`.

    Args:
        known: what `evidence_of` returned.
        samples: `(n, K)` what `sample_private` returned of it; None: drawn here.
        seed: of the samples.
    """
    drawn = sample_private(known, seed=seed) if samples is None else samples
    good = known.sign * drawn
    best = _shares_of_best(good)
    low, high = np.quantile(drawn, _BOUNDS, axis=0)
    moved_low, moved_high = np.quantile(known.moved, _BOUNDS, axis=0)
    each = tuple(
        Expected(
            name,
            None if np.isnan(known.public[k]) else float(known.public[k]),
            (float(moved_low[k]), float(moved_high[k])),
            float(known.moved[:, k].std(ddof=1)),
            float(drawn[:, k].mean()),
            (float(low[k]), float(high[k])),
            float(best[k]),
        )
        for k, name in enumerate(known.names)
    )
    public = known.sign * known.public
    seen = np.flatnonzero(~np.isnan(public))
    first = int(seen[np.argmax(public[seen])]) if len(seen) else None
    return ShakeUp(
        known.n_public,
        known.n_private,
        each,
        _turned(good[:, seen], public[seen]),
        None if first is None else each[first].best,
        float(known.sign * good.max(axis=1).mean()),
        None if first is None else known.names[first],
    )


def _shares_of_best(good: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return how often each column is the greatest; equal ones share."""
    is_best = good == good.max(axis=1, keepdims=True)
    return np.asarray((is_best / is_best.sum(axis=1, keepdims=True)).mean(axis=0))


def _turned(good: NDArray[np.float64], public: NDArray[np.float64]) -> float | None:
    """Return the mean share of pairs with a public order that the private scores turn round."""
    shares = []
    for a in range(len(public)):
        for b in range(a):
            if public[a] != public[b]:
                better, worse = (a, b) if public[a] > public[b] else (b, a)
                shares.append((good[:, better] < good[:, worse]).mean())
    return float(np.mean(shares)) if shares else None
