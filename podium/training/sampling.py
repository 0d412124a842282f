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
    round: int = 0,
    sampling: Sampling = "shuffle",
    labels: ArrayLike | None = None,
    weights: ArrayLike | None = None,
    empty: ArrayLike | None = None,
    empty_share: float | None = None,
) -> NDArray[np.int64]:
    """Return the `n` positions that pass number `pass_` visits, `(n,)` in [0, n).

    Args:
        n: size of the stream.
        seed: the recipe's.
        phase: index of the phase.
        stream: name of the stream.
        pass_: number of the pass; it changes the order as the three above do.
        round: how often the stream has begun anew with other samples; it changes the order, too.
        sampling: "shuffle" visits every sample once; "balanced" visits every class equally often
            (to within one), within a class every sample before any sample twice; "weighted" draws
            with replacement, in proportion to `weights`.
        labels: `(n,)` classes, or `(n, C)` zeros and ones, for "balanced". A multilabel row counts
            for the rarest of its classes; a row without any is a class of its own.
        weights: `(n,)` non-negative, for "weighted".
        empty: `(n,)` bool, for `empty_share`: whose mask is known and empty.
        empty_share: share of the positions that are empty ones, to the nearest whole number; both
            parts are sampled as `sampling` says. None: as many as come.

    Raises:
        RecipeError: the labels or weights that the sampling needs are missing or impossible.

    Example:
        >>> sorted(order(4, seed=0, phase=0, stream="labelled", pass_=0).tolist())
        [0, 1, 2, 3]
    """
    # A stream that never begins anew has the order of the times when none could.
    rng = generator("order", seed, phase, stream, pass_, *([round] if round else []))
    draw = _Draw(sampling, labels, weights, n)
    if empty_share is None or n == 0:
        return draw(np.arange(n), n, rng)
    parts = draw.split(empty, empty_share)
    return rng.permutation(np.concatenate([draw(rows, quota, rng) for rows, quota in parts]))


class _Draw:
    """Draws of the rows of a stream as `sampling` says."""

    def __init__(
        self, sampling: Sampling, labels: ArrayLike | None, weights: ArrayLike | None, n: int
    ) -> None:
        self._n = n
        self._classes = _classes_of(labels, n) if sampling == "balanced" and n else None
        self._weights = _checked_weights(weights, n) if sampling == "weighted" and n else None

    def __call__(
        self, rows: NDArray[np.int64], size: int, rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """Return `size` of `rows`."""
        if self._classes is not None:
            return rows[_balanced(self._classes[rows], size, rng)]
        if self._weights is not None:
            return rng.choice(rows, size=size, p=_shares(self._weights[rows]))
        return _cycle(rows, size, rng)

    def split(self, empty: ArrayLike | None, share: float) -> list[tuple[NDArray[np.int64], int]]:
        """Return the rows of empty masks and all others, each with how many to draw."""
        is_empty = np.zeros(self._n, dtype=bool) if empty is None else np.asarray(empty, dtype=bool)
        wanted = round(share * self._n)
        parts = [
            (np.flatnonzero(is_empty), wanted, "empty"),
            (np.flatnonzero(~is_empty), self._n - wanted, "anything but empty"),
        ]
        for rows, quota, what in parts:
            if quota and not len(rows):
                raise RecipeError(
                    f"empty_share: {share:g} cannot be had: no mask is {what}",
                    fix="leave empty_share out",
                )
        return [(rows, quota) for rows, quota, _ in parts if quota]


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


def _balanced(classes: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `size` positions in `classes`, every class as often to within one."""
    found = np.unique(classes)
    quotas = np.full(len(found), size // len(found))
    quotas[rng.permutation(len(found))[: size % len(found)]] += 1
    drawn = [
        _cycle(np.flatnonzero(classes == one), quota, rng)
        for one, quota in zip(found, quotas, strict=True)
    ]
    return rng.permutation(np.concatenate(drawn)).astype(np.int64)


def _cycle(members: NDArray[np.int64], size: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return `size` members: whole shuffled rounds first, so that none comes twice too early."""
    rounds = -(-size // max(1, len(members)))
    return np.concatenate([rng.permutation(members) for _ in range(rounds)] or [members[:0]])[:size]


def _checked_weights(weights: ArrayLike | None, n: int) -> NDArray[np.float64]:
    if weights is None:
        raise RecipeError("sampling: weighted needs sample weights, and there are none")
    given = np.asarray(weights, dtype=np.float64)
    if given.shape != (n,):
        raise ValueError(f"expected weights of shape ({n},), got {given.shape}")
    return given


def _shares(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    if not np.isfinite(weights).all() or (weights < 0).any() or weights.sum() <= 0:
        raise RecipeError(
            "sample weights must be finite, not negative, and not all zero",
            fix="mend the weight column of the samples, or write sampling: shuffle",
        )
    shares: NDArray[np.float64] = weights / weights.sum()
    return shares
