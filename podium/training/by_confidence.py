"""Samples of the unlabelled pool chosen by how sure the network is about them.

An image is chosen when any of its answers is sure enough: its label, or a pixel of its mask. Those
that are not stay missing. Its confidence is that of its label where it has one, else the mean over
the pixels with an answer.

Where each class has a number of places, the surest labels of it take them, of equally sure ones
those that come first in the pool. An image without a place stays only for its mask: masks have no
class to be counted by.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from podium.competition.masks import IGNORE, Mask
from podium.competition.spec import TaskKind
from podium.training.hardening import Hard, harden
from podium.training.method import Answers, Selected
from podium.training.packed_masks import PackedMasks

__all__ = ["joined", "select"]

Index = NDArray[np.int64]
Sureness = NDArray[np.float32]


def select(
    said: Iterable[Answers],
    kinds: Mapping[str, TaskKind],
    *,
    thresholds: Mapping[str, float],
    epoch: int,
    per_class: int | None = None,
    without: Index | None = None,
) -> Selected:
    """Return the samples with an answer of which the network is sure enough, and those answers.

    Args:
        said: its probabilities about the unlabelled pool.
        kinds: of the tasks to answer.
        thresholds: task → lowest confidence of an answer that counts; 0: all count.
        epoch: noted as the round of each sample.
        per_class: how many labels of a class count at most (multiclass, binary); None: all.
        without: rows of the pool that are passed over.
    """
    index, of_labels, of_masks, labels, masks = [], [], [], [], PackedMasks()
    for answers in said:
        is_new = ~np.isin(answers.index, [] if without is None else without)
        sure = np.full(len(is_new), np.nan, dtype=np.float32)
        sure_of_mask = sure.copy()
        given: NDArray[Any] | None = None
        if "classify" in kinds:
            given, sure = _labels(answers, kinds["classify"], thresholds["classify"])
        if "segment" in kinds:
            assert answers.masks is not None
            for position, probs in enumerate(answers.masks):
                if is_new[position]:
                    mask, sureness = _mask(probs, kinds["segment"], thresholds["segment"])
                    sure_of_mask[position] = sureness
                    if not (np.isnan(sure[position]) and np.isnan(sureness)):
                        masks.append(mask)
        passes = is_new & ~(np.isnan(sure) & np.isnan(sure_of_mask))
        index.append(answers.index[passes])
        of_labels.append(sure[passes])
        of_masks.append(sure_of_mask[passes])
        if given is not None:
            labels.append(given[passes])
    rows = np.concatenate([np.empty(0, np.int64), *index])
    of_label = np.concatenate([np.empty(0, np.float32), *of_labels])
    of_mask = np.concatenate([np.empty(0, np.float32), *of_masks])
    chosen = Selected(
        index=rows,
        confidence=np.where(np.isnan(of_label), of_mask, of_label),
        round=np.full(len(rows), epoch, dtype=np.int64),
        labels=np.concatenate(labels) if labels else None,
        masks=masks if "segment" in kinds else None,
    )
    return chosen if per_class is None else _capped(chosen, of_label, of_mask, per_class)


def _capped(chosen: Selected, of_label: Sureness, of_mask: Sureness, per_class: int) -> Selected:
    """Return `chosen` with at most `per_class` labels of each class, the surest."""
    assert chosen.labels is not None
    has_place = np.zeros(len(chosen), dtype=bool)
    surest_first = np.lexsort((chosen.index, -of_label))  # nan, no label, comes last
    for label in np.unique(chosen.labels[~np.isnan(of_label)]):
        of_class = surest_first[(chosen.labels == label)[surest_first]]
        has_place[of_class[:per_class]] = True
    is_class = np.issubdtype(chosen.labels.dtype, np.integer)
    labels = np.where(
        has_place, chosen.labels, chosen.labels.dtype.type(-1 if is_class else np.nan)
    )
    stays = np.flatnonzero(has_place | ~np.isnan(of_mask))
    return Selected(
        index=chosen.index[stays],
        confidence=np.where(has_place, of_label, of_mask)[stays],
        round=chosen.round[stays],
        labels=labels[stays],
        masks=chosen.masks.subset(stays) if isinstance(chosen.masks, PackedMasks) else None,
    )


def _labels(answers: Answers, kind: TaskKind, threshold: float) -> tuple[NDArray[Any], Sureness]:
    """Return hard labels, `(n,)` or `(n, C)`, and how sure each sample is of those it has."""
    assert answers.labels is not None
    hard = harden(torch.from_numpy(answers.labels), kind, threshold=threshold)
    target = hard.target.numpy()
    return (target[:, 0] if kind == "binary" else target), _sureness(hard)


def _mask(probs: NDArray[np.float32], kind: TaskKind, threshold: float) -> tuple[Mask, np.float32]:
    """Return the hard mask of `probs` `(H, W, C)` as truth has masks, and how sure it is."""
    channels_first = torch.from_numpy(probs).permute(2, 0, 1).unsqueeze(0)  # (1, C, H, W)
    hard = harden(channels_first, kind, threshold=threshold)
    answer = hard.answer.masked_fill(~hard.kept, IGNORE)
    mask = answer[0].to(torch.uint8).numpy()  # (H, W), or (C, H, W)
    if kind == "binary":
        mask = mask[0]
    elif kind == "multilabel":
        mask = mask.transpose(1, 2, 0)
    return mask, _sureness(hard)[0]


def _sureness(hard: Hard) -> Sureness:
    """Return the mean confidence of each sample's answers that count, `(n,)`; nan for none."""
    kept = hard.kept.flatten(1) if hard.kept.ndim > 1 else hard.kept.unsqueeze(1)
    confidence = hard.confidence.reshape(kept.shape).double().masked_fill(~kept, 0)
    mean = confidence.sum(dim=1) / kept.sum(dim=1)
    return np.asarray(mean.float().numpy())


def joined(old: Selected, new: Selected) -> Selected:
    """Return what `old` has, as it is, and behind it what `new` has."""
    masks = None
    if isinstance(old.masks, PackedMasks) and isinstance(new.masks, PackedMasks):
        masks = old.masks + new.masks
    labels = None
    if old.labels is not None and new.labels is not None:
        labels = np.concatenate([old.labels, new.labels])
    return Selected(
        index=np.concatenate([old.index, new.index]),
        confidence=np.concatenate([old.confidence, new.confidence]),
        round=np.concatenate([old.round, new.round]),
        labels=labels,
        masks=masks,
    )
