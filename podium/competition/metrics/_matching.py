"""Which objects of a truth and of a prediction are the same: pairs that share pixels.

Only pairs whose boxes meet are compared, each inside the meeting of the two boxes. Objects of
different classes are never the same one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podium.competition.instances import Instances
from podium.errors import DataError

__all__ = ["Pairs", "each_image", "n_matches", "pairs_of"]


@dataclass(frozen=True)
class Pairs:
    """M pairs of a true and a predicted object of one class that share pixels.

    Attributes:
        true: int64 `(M,)`, numbers of the true objects, ascending.
        said: int64 `(M,)`, numbers of the predicted objects, ascending within one true object.
        both: int64 `(M,)`, pixels of the intersection, at least 1.
        either: int64 `(M,)`, pixels of the union.
    """

    true: NDArray[np.int64]
    said: NDArray[np.int64]
    both: NDArray[np.int64]
    either: NDArray[np.int64]


def each_image(
    name: str, truth: Sequence[Instances], prediction: Sequence[Instances]
) -> Iterator[tuple[Instances, Instances]]:
    """Give the true and the predicted objects of each image, one image at a time.

    Raises:
        DataError: what stands for an image is no `Instances`, or the two have different sizes; the
            image is named by its place.
    """
    for n in range(len(truth)):
        right, said = truth[n], prediction[n]
        for what, found in (("truth", right), ("prediction", said)):
            if not isinstance(found, Instances):
                raise DataError(
                    f"{name}: the {what} of image {n} is {type(found).__name__}, not its objects",
                    fix="give podium.competition.instances.Instances, one an image",
                )
        if right.size != said.size:
            raise DataError(
                f"{name}: image {n}: sizes do not match: "
                f"truth {right.size}, prediction {said.size}",
                fix="bring both to the competition's frame",
            )
        yield right, said


def pairs_of(truth: Instances, prediction: Instances) -> Pairs:
    """Return the pairs of one image."""
    from podium.competition.metrics._crossing import crossings

    true, said, both = crossings(truth, prediction)
    kept = both > 0
    true, said, both = true[kept], said[kept], both[kept]
    return Pairs(true, said, both, truth.areas[true] + prediction.areas[said] - both)


def n_matches(pairs: Pairs, hits: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return how many of the hits `(M, T)` of each threshold need no object twice, `(T,)`.

    Hits above an IoU of 1/2 between objects that do not overlap are unique; others are matched so
    that as many as possible are kept.
    """
    some = hits.any(axis=1)
    if _are_unique(pairs.true[some]) and _are_unique(pairs.said[some]):
        return np.asarray(hits.sum(axis=0), dtype=np.int64)
    return np.array([_most(pairs.true[one], pairs.said[one]) for one in hits.T], dtype=np.int64)


def _are_unique(numbers: NDArray[np.int64]) -> bool:
    return len(np.unique(numbers)) == len(numbers)


def _most(true: NDArray[np.int64], said: NDArray[np.int64]) -> int:
    if _are_unique(true) and _are_unique(said):
        return len(true)
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import maximum_bipartite_matching

    shape = (int(true.max()) + 1, int(said.max()) + 1)
    graph = csr_array((np.ones(len(true), np.int8), (true, said)), shape=shape)
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())
