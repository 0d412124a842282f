"""The samples that a method answered, as rows to learn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podium.competition.masks import IGNORE, Mask
from podium.training.method import Selected
from podium.training.pseudo_tables import classes_in
from podium.training.rows import Rows, missing_answers

__all__ = ["AskedOfMasks", "Selection", "has_label", "rows_of_selected"]


@dataclass(frozen=True)
class AskedOfMasks:
    """What the sampling of a recipe asks about masks.

    Attributes:
        n_classes: that a mask tells apart beside background.
        balanced: whether their classes are to come as often as each other.
    """

    n_classes: int
    balanced: bool


@dataclass(frozen=True)
class Selection:
    """What a method selected, and at the beginning of which epoch of its phase."""

    selected: Selected
    epoch: int


def rows_of_selected(
    selected: Selected, pool: Rows, labelled: Rows, asked: AskedOfMasks | None = None
) -> Rows | None:
    """Return the selected samples of `pool` as rows to learn from; None where none is selected.

    Args:
        selected: what the method returned.
        pool: the unlabelled samples.
        labelled: the samples that they may be learnt beside: what is not selected of an answer that
            these have is missing, in its form.
        asked: what must be known of their masks, so that they can be sampled beside the labelled
            ones; None: nothing.
    """
    if not len(selected):
        return None
    chosen, labels = pool.subset(selected.index), selected.labels
    n, at, answered = len(selected), chosen.at.tolist(), {}
    if "classify" in labelled.target:
        labels = missing_answers(n, labelled.target["classify"]) if labels is None else labels
        answered["classify"] = has_label(labels)
    if labelled.masks is not None:
        answered["segment"] = np.full(n, selected.masks is not None)
    rows = replace(
        chosen,
        target={} if labels is None else {"classify": labels},
        weight=np.ones(n, dtype=np.float32) if selected.weight is None else selected.weight,
        strata=None if labels is None else _strata(labels, labelled.strata),
        masks=None if selected.masks is None else _GivenMasks(len(pool.images), at, selected.masks),
        answered=answered,
    )
    return rows if asked is None else _with_shown(rows, asked)


def _strata(labels: NDArray[Any], like: NDArray[np.generic] | None) -> NDArray[Any] | None:
    """Return `labels` as classes to sample by, in the form of those of the labelled samples.

    Unknown is one stratum with the labelled samples that have no label, who say -1.
    """
    if like is None:
        return None
    known: NDArray[Any] = np.nan_to_num(labels, nan=-1)
    if known.ndim > like.ndim:  # probabilities beside classes
        return np.where(has_label(labels), known.argmax(axis=1), -1)
    return known


def _with_shown(rows: Rows, asked: AskedOfMasks) -> Rows:
    has_class = np.zeros((len(rows), asked.n_classes), dtype=np.uint8)
    is_known = np.zeros(len(rows), dtype=bool)
    for row in range(len(rows)):
        mask = None if rows.masks is None else rows.whole_mask(row)
        if mask is not None:
            has_class[row] = classes_in(mask, asked.n_classes)
            is_known[row] = (mask != IGNORE).any()
    return rows.with_shown(has_class, is_known, balanced=asked.balanced)


def has_label(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return whose of `labels`, `(N,)` or `(N, C)`, is an answer: not -1 and not nan."""
    known = np.isfinite(labels) & (labels >= 0)
    return np.asarray(known if labels.ndim == 1 else known.any(axis=1))


class _GivenMasks:
    """Masks of the images `at` of `n`, not touched before one is read; None for all others."""

    def __init__(self, n: int, at: Sequence[int], masks: Sequence[Mask]) -> None:
        self._n, self._masks = n, masks
        self._where = {image: number for number, image in enumerate(at)}

    def __len__(self) -> int:
        return self._n

    def __getitem__(self, index: int, /) -> Mask | None:
        mask = self.window(index)
        return None if mask is None else np.array(mask)

    def window(self, index: int) -> Mask | None:
        number = self._where.get(int(index))
        return None if number is None else self._masks[number]
