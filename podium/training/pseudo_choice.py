"""Which labels of an artefact a student learns, and how much each counts (no torch here).

A label counts where it is as sure as its class asks; of those a class may keep the surest only.
Noisy Student (Xie et al. 2020, §3.2) balances what is left by repeating images of rare classes.
Here the rare ones weigh more instead: a repeated row would be the same picture under the same
augmentation. A label weighs MOST times another at most, else three images, right or wrong, would
weigh as much as all others of a batch.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.spec import Competition, TaskKind
from podium.errors import RecipeError
from podium.predictions.confidence import label_confidence
from podium.predictions.decide import decide

if TYPE_CHECKING:
    from collections.abc import Sequence

    from podium.training.recipe import PseudoUse

__all__ = [
    "MOST",
    "balancing_weights",
    "class_counts",
    "class_thresholds",
    "known_labels",
    "refuse_unused",
    "surest",
]

MOST = 10.0
Bools = NDArray[np.bool_]
_KINDS_WITH_ONE_CLASS = ("multiclass", "binary")


def class_thresholds(
    use: PseudoUse, competition: Competition, least: float
) -> NDArray[np.float32] | np.float32:
    """Return the lowest confidence that counts: of every class `(C,)`, or one where all are alike.

    Args:
        use: what the recipe says.
        competition: whose classes; a binary task has two.
        least: the artefact's own threshold, which holds where the recipe's is lower.

    Raises:
        RecipeError: labels of this kind have no confidence or no single class, or a class that is
            named is none.
    """
    _refuse(use, competition.kind)
    general = max(use.threshold, least)
    if not use.class_thresholds:
        return np.float32(general)
    names = competition.label_names
    for name in use.class_thresholds:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=1)
            raise RecipeError(
                f"there is no class {name!r}",
                where="pseudo.class_thresholds",
                fix=f"did you mean {near[0]}?" if near else f"choose of {', '.join(names)}",
            )
    each = [max(use.class_thresholds.get(name, use.threshold), least) for name in names]
    return np.array(each, dtype=np.float32)


def known_labels(
    probs: NDArray[np.float32], kind: TaskKind, thresholds: NDArray[np.float32] | np.float32
) -> Bools:
    """Return which labels are sure enough: `(N,)`; multilabel `(N, C)`, each class alone.

    A threshold of a class is that of the labels that name it; multilabel: of its yes and its no.
    """
    confidence = label_confidence(probs, kind)
    of_class = np.asarray(thresholds, dtype=np.float32)
    if of_class.ndim and kind in _KINDS_WITH_ONE_CLASS:
        of_class = of_class[_decided(probs, kind)]
    return np.asarray(confidence >= of_class)


def surest(
    probs: NDArray[np.float32], kind: TaskKind, known: Bools, per_class: int, ids: Sequence[str]
) -> Bools:
    """Return `known` `(N,)` without all but the `per_class` surest labels of every class.

    Of equally sure ones the first ids stay.
    """
    confidence, answers = label_confidence(probs, kind), _decided(probs, kind)
    left = np.zeros_like(known)
    best_first = np.lexsort((np.asarray(ids, dtype=np.str_), -confidence))
    for answer in np.unique(answers[known]):
        of_class = best_first[(known & (answers == answer))[best_first]]
        left[of_class[:per_class]] = True
    return left


def balancing_weights(answers: NDArray[np.int64], per_class: int) -> NDArray[np.float64]:
    """Return a factor of each label, `(N,)` in [1, MOST], with which each class weighs `per_class`.

    A class of fewer than a MOST-th of that weighs less.

    Args:
        answers: `(N,)` classes, of none more than `per_class`.
        per_class: how many labels a class counts as.

    Example:
        >>> balancing_weights(np.array([0, 0, 1]), 2).tolist()
        [1.0, 1.0, 2.0]
        >>> balancing_weights(np.array([0]), 500).tolist()
        [10.0]
    """
    _, of_row, counts = np.unique(answers, return_inverse=True, return_counts=True)
    return np.minimum(per_class / counts[of_row].astype(np.float64), MOST)


def class_counts(
    probs: NDArray[np.float32], known: Bools, competition: Competition
) -> dict[str, int]:
    """Return how many of the known labels say each class; of several labels, how many say yes.

    Args:
        probs: `(N, C)`; not of a regression.
        known: `(N,)`; multilabel `(N, C)`.
        competition: whose classes.
    """
    decided, names = decide(probs, None, competition.kind), competition.label_names
    if competition.kind == "multilabel":
        counts = (decided.astype(bool) & known).sum(axis=0)
    else:
        counts = np.bincount(decided[known].astype(np.int64), minlength=len(names))
    return dict(zip(names, counts.tolist(), strict=True))


def _decided(probs: NDArray[np.float32], kind: TaskKind) -> NDArray[np.int64]:
    return np.asarray(decide(probs, None, kind).astype(np.int64).reshape(len(probs)))


def _refuse(use: PseudoUse, kind: TaskKind) -> None:
    """Raise for what labels of this kind cannot be chosen by."""
    if kind in ("regression", "ordinal") and (use.threshold > 0 or use.class_thresholds):
        raise RecipeError(
            f"labels of kind {kind} say not how sure it is",
            where="pseudo",
            fix="leave threshold out" if use.threshold > 0 else "leave class_thresholds out",
        )
    if use.labels == "soft" and kind in ("regression", "ordinal"):
        raise RecipeError(
            f"labels of kind {kind} have no probabilities to learn",
            where="pseudo.labels",
            fix="leave labels out",
        )
    if use.per_class is not None and kind not in _KINDS_WITH_ONE_CLASS:
        why = "have several classes" if kind == "multilabel" else "say not how sure it is"
        raise RecipeError(
            f"labels of kind {kind} {why}, so there are no surest of a class",
            where="pseudo.per_class",
            fix="leave per_class out",
        )


def refuse_unused(use: PseudoUse, tasks: Sequence[str], artefact: str) -> None:
    """Raise where the recipe chooses among answers that are not learnt of this artefact."""
    of_labels = {
        "class_thresholds": bool(use.class_thresholds),
        "per_class": use.per_class is not None,
        "labels": use.labels == "soft",
    }
    named = [name for name, is_said in of_labels.items() if is_said]
    if named and "classify" not in tasks:
        raise RecipeError(
            f"{named[0]} is about labels, and of {artefact} only masks are learnt",
            where=f"pseudo.{named[0]}",
            fix=f"leave {named[0]} out",
        )
    if use.mask_threshold is not None and "segment" not in tasks:
        raise RecipeError(
            f"mask_threshold is about masks, and of {artefact} only labels are learnt",
            where="pseudo.mask_threshold",
            fix="write threshold, or leave it out",
        )
    if use.balance and "segment" in tasks:
        raise RecipeError(
            "a weight of an image is that of its mask, too, so classes of labels cannot balance it",
            where="pseudo.balance",
            fix="leave balance out",
        )
