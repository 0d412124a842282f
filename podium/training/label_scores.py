"""How much a label of each image would tell: rules of active learning, as numbers (no torch here).

A rule gives each image a score; the highest are asked about. With p the mean over models, `(C,)`:

    entropy            -Σ_c p_c ln p_c
    margin             1 - (p_(1) - p_(2)), of the two likeliest classes
    least-confidence   1 - max_c p_c
    disagreement       H(p) - 1/M Σ_m H(p_m) = 1/M Σ_m KL(p_m ‖ p), H the entropy

(Settles 2009, Active Learning Literature Survey, section 3; the last is the generalised
Jensen-Shannon divergence, Lin 1991, also called BALD, Houlsby 2011, arXiv:1112.5745.) Of a binary
task the classes are no and yes. Of a multilabel task each class is a binary question of its own:
the score is the mean over classes; by margin it is the closest call, the class with the largest
score. A value (ordinal, regression) has no probability: there models disagree by their standard
deviation, and no other rule says anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import TaskKind
from podium.errors import UsageError

__all__ = ["RULES", "Rule", "check_rule", "label_scores"]

Rule = Literal["entropy", "margin", "least-confidence", "disagreement"]
_VALUES = ("ordinal", "regression")
RULES: tuple[Rule, ...] = get_args(Rule)

Floats = NDArray[np.float64]


def label_scores(
    probs: NDArray[np.floating], voices: Sequence[NDArray[np.floating]], rule: Rule, kind: TaskKind
) -> Floats:
    """Return the score of each image, `(N,)` float64: the higher, the more its label would tell.

    Args:
        probs: `(N, C)`, what all models say together; binary, ordinal and regression `(N, 1)`.
        voices: `(M, N, C)`: what each says alone; only "disagreement" looks at them.
        rule: which.
        kind: of the task.

    Raises:
        UsageError: the rule says nothing about this kind of task, or one model cannot disagree.
    """
    check_rule(rule, kind)
    if rule == "disagreement" and len(voices) < 2:
        raise UsageError(
            "one model cannot disagree",
            fix="name a run of several folds, or a blend"
            + ("" if kind in _VALUES else "; or write --by entropy"),
        )
    if kind in _VALUES:
        return np.asarray(np.stack([_flat(one) for one in voices]).std(axis=0))
    # (N,), multilabel (N, C)
    each = _scores(_classes(probs, kind), [_classes(one, kind) for one in voices], rule)
    if each.ndim == 1:
        return each
    return np.asarray(each.max(axis=1) if rule == "margin" else each.mean(axis=1))


def check_rule(rule: Rule, kind: TaskKind) -> None:
    """Raise UsageError where `rule` says nothing about tasks of this kind."""
    if kind in _VALUES and rule != "disagreement":
        raise UsageError(
            f"an answer of kind {kind} has no probability, of which {rule} could be told",
            fix="write --by disagreement",
        )


def _scores(probs: Floats, voices: Sequence[Floats], rule: Rule) -> Floats:
    """Return the scores of distributions over the last axis."""
    if rule == "entropy":
        return _entropy(probs)
    if rule == "disagreement":
        mean = np.mean(voices, axis=0)
        divergence = _entropy(mean) - np.mean([_entropy(one) for one in voices], axis=0)
        return np.asarray(np.maximum(divergence, 0.0))  # rounding may leave -1e-17
    likeliest = np.sort(probs, axis=-1)
    if rule == "margin":
        return np.asarray(1.0 - (likeliest[..., -1] - likeliest[..., -2]))
    return np.asarray(1.0 - likeliest[..., -1])


def _entropy(probs: Floats) -> Floats:
    """Return the entropy over the last axis, in nats; 0 · ln 0 is 0."""
    logs = np.log(probs, out=np.zeros_like(probs), where=probs > 0)
    return np.asarray(-(probs * logs).sum(axis=-1))


def _classes(probs: NDArray[np.floating], kind: TaskKind) -> Floats:
    """Return distributions: `(N, C)`, binary `(N, 2)`, multilabel `(N, C, 2)`."""
    values = np.asarray(probs, dtype=np.float64)
    if kind == "multiclass":
        return values
    yes = _flat(values) if kind == "binary" else values
    return np.stack([1.0 - yes, yes], axis=-1)


def _flat(values: NDArray[np.floating]) -> Floats:
    return np.asarray(values, dtype=np.float64).reshape(len(values))
