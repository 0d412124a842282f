"""Active learning (`podium label`): scores of images, and the choice of a batch.

A rule gives each image a score; the highest are chosen. With p the mean over models, `(C,)`:

    entropy            -Σ_c p_c ln p_c
    margin             1 - (p_(1) - p_(2)), of the two likeliest classes
    least-confidence   1 - max_c p_c
    disagreement       H(p) - 1/M Σ_m H(p_m) = 1/M Σ_m KL(p_m ‖ p), H the entropy

(Settles 2009, Active Learning Literature Survey, section 3; the last is the generalised
Jensen-Shannon divergence, Lin 1991, also called BALD, Houlsby 2011, arXiv:1112.5745.) Of a binary
task the classes are no and yes. Of a multilabel task each class is a binary question of its own:
the score is the mean over classes; by margin it is the closest call, the class with the largest
score. A value (ordinal, regression) has no probability: there models disagree by their standard
deviation, and no other rule applies.

Without `spread` the n images of the highest score are chosen. Images of which models are unsure for
one reason are often alike, and a second label of the same adds little: `spread` takes the highest,
then again and again the image that is farthest from all taken, among the `NEAR_THE_TOP` · n of the
highest scores (greedy k-centre, Gonzalez 1985; for labels Sener and Savarese 2018,
arXiv:1708.00489). Everything is deterministic: equal scores and equal distances go by id.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from podium.errors import UsageError
from podium.tasks.protocols.kind import Kind

__all__ = [
    "NEAR_THE_TOP",
    "RULES",
    "FeatureLookup",
    "Rule",
    "acquisition_scores",
    "check_rule",
    "choose_images",
]


Rule = Literal["entropy", "margin", "least-confidence", "disagreement"]
RULES: tuple[Rule, ...] = get_args(Rule)

Floats = NDArray[np.float64]


def acquisition_scores(
    probs: NDArray[np.floating], committee: Sequence[NDArray[np.floating]], rule: Rule, kind: Kind
) -> Floats:
    """Return the score of each image, `(N,)` float64: the higher, the more useful its label.

    Args:
        probs: `(N, C)`, the mean prediction of all models; binary, ordinal and regression `(N, 1)`.
        committee: `(M, N, C)`: the prediction of each model; only "disagreement" uses them.
        rule: which.
        kind: of the task.

    Raises:
        UsageError: the rule is undefined for this kind of task, or there is only one model to
            disagree.
    """
    check_rule(rule, kind)
    if rule == "disagreement" and len(committee) < 2:
        raise UsageError(
            "one model cannot disagree",
            fix="name a run of several folds, or a blend"
            + ("; or write --by entropy" if kind.is_prob else ""),
        )
    if not kind.is_prob:
        return _deviation(committee)
    # (N,), multilabel (N, C)
    each = _scores(_classes(probs, kind), [_classes(one, kind) for one in committee], rule)
    if each.ndim == 1:
        return each
    return np.asarray(each.max(axis=1) if rule == "margin" else each.mean(axis=1))


def check_rule(rule: Rule, kind: Kind) -> None:
    """Raise UsageError where `rule` is undefined for tasks of this kind."""
    if not kind.is_prob and rule != "disagreement":
        raise UsageError(
            f"a prediction of kind {kind} has no probability, which {rule} needs",
            fix="write --by disagreement",
        )


def _scores(probs: Floats, committee: Sequence[Floats], rule: Rule) -> Floats:
    """Return the scores of distributions over the last axis."""
    if rule == "entropy":
        return _entropy(probs)
    if rule == "disagreement":
        mean = np.mean(committee, axis=0)
        divergence = _entropy(mean) - np.mean([_entropy(one) for one in committee], axis=0)
        return np.asarray(np.maximum(divergence, 0.0))  # rounding may leave -1e-17
    likeliest = np.sort(probs, axis=-1)
    if rule == "margin":
        return np.asarray(1.0 - (likeliest[..., -1] - likeliest[..., -2]))
    return np.asarray(1.0 - likeliest[..., -1])


def _entropy(probs: Floats) -> Floats:
    """Return the entropy over the last axis, in nats; 0 · ln 0 is 0."""
    logs = np.log(probs, out=np.zeros_like(probs), where=probs > 0)
    return np.asarray(-(probs * logs).sum(axis=-1))


def _classes(probs: NDArray[np.floating], kind: Kind) -> Floats:
    """Return distributions: `(N, C)`, binary `(N, 2)`, multilabel `(N, C, 2)`."""
    values = np.asarray(probs, dtype=np.float64)
    if kind.is_exclusive:
        return values
    yes = values.reshape(len(values)) if kind.is_single else values
    return np.stack([1.0 - yes, yes], axis=-1)


def _deviation(committee: Sequence[NDArray[np.floating]]) -> Floats:
    """Return the standard deviation of values, of vectors the root of their summed variance."""
    values = np.stack([np.asarray(one, dtype=np.float64) for one in committee])
    return np.asarray(np.sqrt(values.reshape(*values.shape[:2], -1).var(axis=0).sum(axis=1)))


NEAR_THE_TOP = 5
"""Times as many images as are asked for compete for being far from each other."""

Positions = NDArray[np.int64]
FeatureLookup = Callable[[Positions], NDArray[np.floating]]


def choose_images(
    ids: Sequence[str],
    scores: NDArray[np.float64],
    n: int,
    *,
    classes: NDArray[Any] | None = None,
    space: FeatureLookup | None = None,
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
        taken = _highest(order, n, space)
    else:
        parts = [order[classes[order] == one] for one in np.unique(classes)]
        shares = _shares(parts, scores, ids, n)
        taken = np.concatenate(
            [_highest(part, share, space) for part, share in zip(parts, shares, strict=True)]
            or [order]
        )
    is_taken = np.zeros(len(ids), dtype=bool)
    is_taken[taken] = True
    return order[is_taken[order]]


def _highest(order: Positions, n: int, space: FeatureLookup | None) -> Positions:
    """Return `n` of the positions in `order`, which are sorted by score."""
    if space is None or n >= len(order):
        return order[:n]
    near = order[: NEAR_THE_TOP * n]
    return near[_spread_out(np.asarray(space(near), dtype=np.float64), n)]


def _spread_out(points: NDArray[np.float64], n: int) -> Positions:
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
