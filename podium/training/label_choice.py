"""Which images to ask about, given how much each would tell (no torch here).

Plainly the n of the highest score. Images that models doubt for one reason look alike, and a second
label of the same tells little: `spread` takes the highest, then again and again the image that is
farthest from all taken, among the `NEAR_THE_TOP` · n of the highest scores (greedy k-centre,
Gonzalez 1985; for labels Sener and Savarese 2018, arXiv:1708.00489). Everything is deterministic:
equal scores and equal distances go by id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["NEAR_THE_TOP", "Space", "choose"]

NEAR_THE_TOP = 5
"""Times as many images as are wanted compete for being far from each other."""

Positions = NDArray[np.int64]
Space = Callable[[Positions], NDArray[np.floating]]


def choose(
    ids: Sequence[str],
    scores: NDArray[np.float64],
    n: int,
    *,
    classes: NDArray[Any] | None = None,
    space: Space | None = None,
) -> Positions:
    """Return the positions of at most `n` images, the highest score first.

    Args:
        ids: `(N,)`, each once.
        scores: `(N,)`.
        n: how many; fewer where there are not so many.
        classes: `(N,)`: take equally many of each, as far as there are; None: as they come.
        space: from positions to points `(·, D)`, which should be far from each other; None: scores
            alone count.
    """
    order = np.array(sorted(range(len(ids)), key=lambda i: (-scores[i], ids[i])), dtype=np.int64)
    if classes is None:
        taken = _best(order, n, space)
    else:
        parts = [order[classes[order] == one] for one in np.unique(classes)]
        shares = _shares(parts, scores, ids, n)
        taken = np.concatenate(
            [_best(part, share, space) for part, share in zip(parts, shares, strict=True)]
            or [order]
        )
    is_taken = np.zeros(len(ids), dtype=bool)
    is_taken[taken] = True
    return order[is_taken[order]]


def _best(order: Positions, n: int, space: Space | None) -> Positions:
    """Return `n` of the positions in `order`, which are sorted by score."""
    if space is None or n >= len(order):
        return order[:n]
    near = order[: NEAR_THE_TOP * n]
    return near[_spread(np.asarray(space(near), dtype=np.float64), n)]


def _spread(points: NDArray[np.float64], n: int) -> Positions:
    """Return `n` rows of `points`: the first, then always the one that is farthest from all taken.

    Of equally far ones the first.
    """
    taken = [0] if n else []
    distance = np.full(len(points), np.inf)
    while len(taken) < n:
        distance = np.minimum(distance, np.square(points - points[taken[-1]]).sum(axis=1))
        distance[taken] = -1.0  # equal points are at distance 0, and none is taken twice
        taken.append(int(distance.argmax()))
    return np.array(taken, dtype=np.int64)


def _shares(
    parts: Sequence[Positions], scores: NDArray[np.float64], ids: Sequence[str], n: int
) -> list[int]:
    """Return how many of each part are taken: as equal as the parts' sizes allow, n together.

    What does not divide goes to the parts whose next image has the highest score.
    """
    shares = [0] * len(parts)
    rest = min(n, sum(map(len, parts)))
    while rest:
        open_parts = [i for i, part in enumerate(parts) if shares[i] < len(part)]
        if rest < len(open_parts):
            following = [(int(parts[i][shares[i]]), i) for i in open_parts]
            best = sorted((-scores[row], ids[row], i) for row, i in following)
            open_parts = [i for _, _, i in best[:rest]]
        for i in open_parts:
            shares[i] += 1
        rest -= len(open_parts)
    return shares
