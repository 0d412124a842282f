"""In which order a pass over a stream takes its samples: a pure function of its arguments."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from podium.errors import RecipeError
from podium.training.randomness import generator

__all__ = ["Sampling", "order"]

Sampling = Literal["shuffle", "balanced", "weighted"]


def order(
    n: int,
    *,
    seed: int,
    phase: int,
    stream: str,
    pass_: int,
    sampling: Sampling = "shuffle",
    labels: ArrayLike | None = None,
    weights: ArrayLike | None = None,
) -> NDArray[np.int64]:
    """Return the `n` positions that pass number `pass_` visits, `(n,)` in [0, n).

    Args:
        n: size of the stream.
        seed: the recipe's.
        phase: index of the phase.
        stream: name of the stream.
        pass_: number of the pass; it changes the order as the three above do.
        sampling: "shuffle" visits every sample once; "balanced" visits every class equally often
            (to within one), within a class every sample before any sample twice; "weighted" draws
            with replacement, in proportion to `weights`.
        labels: `(n,)` classes, or `(n, C)` zeros and ones, for "balanced". A multilabel row counts
            for the rarest of its classes; a row without any is a class of its own.
        weights: `(n,)` non-negative, for "weighted".

    Raises:
        RecipeError: the labels or weights that the sampling needs are missing or impossible.

    Example:
        >>> sorted(order(4, seed=0, phase=0, stream="labelled", pass_=0).tolist())
        [0, 1, 2, 3]
    """
    rng = generator("order", seed, phase, stream, pass_)
    if sampling == "shuffle" or n == 0:
        return rng.permutation(n).astype(np.int64)
    if sampling == "balanced":
        return _balanced(_classes_of(labels, n), n, rng)
    return rng.choice(n, size=n, p=_shares(weights, n)).astype(np.int64)


def _classes_of(labels: ArrayLike | None, n: int) -> NDArray[np.int64]:
    if labels is None:
        raise RecipeError(
            "sampling: balanced needs classes, and this task has none",
            fix="write sampling: shuffle",
        )
    given = np.asarray(labels)
    if len(given) != n:
        raise ValueError(f"expected {n} labels, got {len(given)}")
    if given.ndim == 1:
        return np.unique(given, return_inverse=True)[1].astype(np.int64)
    present = given == 1
    counts = present.sum(axis=0)
    by_rarity = np.where(present, counts, n + 1)  # (n, C)
    return np.where(present.any(axis=1), by_rarity.argmin(axis=1), -1).astype(np.int64)


def _balanced(classes: NDArray[np.int64], n: int, rng: np.random.Generator) -> NDArray[np.int64]:
    found = np.unique(classes)
    quotas = np.full(len(found), n // len(found))
    quotas[rng.permutation(len(found))[: n % len(found)]] += 1
    drawn = [
        _cycle(np.flatnonzero(classes == one), quota, rng)
        for one, quota in zip(found, quotas, strict=True)
    ]
    return rng.permutation(np.concatenate(drawn)).astype(np.int64)


def _cycle(members: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `size` members: whole shuffled rounds first, so that none comes twice too early."""
    rounds = -(-size // len(members))
    return np.concatenate([rng.permutation(members) for _ in range(rounds)] or [members[:0]])[:size]


def _shares(weights: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if weights is None:
        raise RecipeError("sampling: weighted needs sample weights, and there are none")
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (n,):
        raise ValueError(f"expected weights of shape ({n},), got {given.shape}")
    if not np.isfinite(given).all() or (given < 0).any() or given.sum() <= 0:
        raise RecipeError(
            "sample weights must be finite, not negative, and not all zero",
            fix="mend the weight column of the samples, or write sampling: shuffle",
        )
    shares: NDArray[np.float64] = given / given.sum()
    return shares
