"""The scores of the twelve competitions in plain numpy, as their pages define them.

Each takes what is said and what is true, by id.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

__all__ = [
    "accuracy",
    "dice_and_hausdorff",
    "global_dice",
    "iou_hits",
    "kappa",
    "macro_f1",
    "map_at_5",
    "mean_dice",
    "object_f2",
    "object_precision",
    "probabilistic_f1",
]

Mask = NDArray[np.bool_]
Masks = Mapping[str, Mask]


def iou_hits(predicted: Masks, right: Masks) -> float:
    """TGS: the share of thresholds that an image's IoU is above; both empty count 1."""
    each = []
    for name, mask in right.items():
        either = int((mask | predicted[name]).sum())
        both = int((mask & predicted[name]).sum())
        # In twentieths, so that nothing is rounded.
        hits = [20 * both > number * either for number in range(10, 20)]
        each.append(np.mean(hits) if either else 1.0)
    return float(np.mean(each))


def mean_dice(predicted: Masks, right: Masks) -> float:
    """Severstal, HuBMAP: the mean over images, or images and classes; both empty count 1."""
    each = []
    for name, mask in right.items():
        for one, other in zip(_layers(predicted[name]), _layers(mask), strict=True):
            each.append(_dice(one, other, empty=1.0))
    return float(np.mean(each))


def global_dice(predicted: Masks, right: Masks) -> float:
    """Contrails: the pixels of all images are one set."""
    both = sum(int((mask & predicted[name]).sum()) for name, mask in right.items())
    total = sum(int(mask.sum()) + int(predicted[name].sum()) for name, mask in right.items())
    return 2 * both / total


def dice_and_hausdorff(predicted: Masks, right: Masks) -> float:
    """UW-Madison: 0.4 of the Dice of slices, 0.6 of the nearness of volumes, both empty left out.

    A slice is named `<scan>_slice_<number>`; all points of the unit cube are compared with all.
    """
    dices = [
        _dice(one, other, empty=None)
        for name, mask in right.items()
        for one, other in zip(predicted[name], mask, strict=True)
    ]
    scans: dict[str, list[str]] = {}
    for name in sorted(right):
        scans.setdefault(name.partition("_slice_")[0], []).append(name)
    near = []
    for names in scans.values():
        a, b = (np.stack([part[one] for one in names], axis=1) for part in (predicted, right))
        near += [_nearness(one, other) for one, other in zip(a, b, strict=True)]
    known = [[one for one in each if one is not None] for each in (dices, near)]
    return float(0.4 * np.mean(known[0]) + 0.6 * np.mean(known[1]))


def object_precision(predicted: Mapping[str, Sequence[Mask]], right: Masks) -> float:
    """Data Science Bowl 2018: TP / (TP + FP + FN) over thresholds, then over images."""
    return _swept(predicted, right, lambda tp, fp, fn: tp / (tp + fp + fn))


def object_f2(predicted: Mapping[str, Sequence[Mask]], right: Masks) -> float:
    """Airbus: F2 over thresholds, then over images; nothing said where nothing is counts 1."""
    return _swept(predicted, right, lambda tp, fp, fn: 5 * tp / (5 * tp + 4 * fn + fp))


def probabilistic_f1(predicted: Mapping[str, float], right: Mapping[str, int]) -> float:
    """RSNA: F1 of a precision and a recall that add up probabilities."""
    found = sum(predicted[name] for name in right if right[name])
    precision, recall = found / sum(predicted.values()), found / sum(right.values())
    return 2 * precision * recall / (precision + recall)


def kappa(predicted: Mapping[str, int], right: Mapping[str, int]) -> float:
    """APTOS: quadratic weighted kappa of five ratings."""
    seen = np.zeros((5, 5))
    for name, rating in right.items():
        seen[rating, predicted[name]] += 1
    chance = np.outer(seen.sum(axis=1), seen.sum(axis=0)) / seen.sum()
    weights = (np.arange(5)[:, None] - np.arange(5)[None]) ** 2
    return float(1 - (weights * seen).sum() / (weights * chance).sum())


def accuracy(predicted: Mapping[str, str], right: Mapping[str, object]) -> float:
    return float(np.mean([predicted[name] == str(label) for name, label in right.items()]))


def macro_f1(predicted: Mapping[str, set[int]], right: Mapping[str, set[int]]) -> float:
    """Protein Atlas: the mean of 28 F1s; that of a class that is nowhere is 0."""
    each = []
    for label in range(28):
        found = sum(label in predicted[name] and label in right[name] for name in right)
        wrong = sum((label in predicted[name]) != (label in right[name]) for name in right)
        each.append(2 * found / (2 * found + wrong) if found else 0.0)
    return float(np.mean(each))


def map_at_5(predicted: Mapping[str, list[str]], right: Mapping[str, str]) -> float:
    """Whales: one over the place of the right name among five, 0 where it is not there."""
    each = []
    for name, label in right.items():
        assert len(predicted[name]) <= 5
        assert len(set(predicted[name])) == len(predicted[name])
        each.append(1 / (predicted[name].index(label) + 1) if label in predicted[name] else 0.0)
    return float(np.mean(each))


def _layers(mask: Mask) -> Mask:
    return mask[None] if mask.ndim == 2 else mask


def _dice(one: Mask, other: Mask, *, empty: float | None) -> float | None:
    total = int(one.sum()) + int(other.sum())
    return 2 * int((one & other).sum()) / total if total else empty


def _nearness(one: Mask, other: Mask) -> float | None:
    """Return 1 less the Hausdorff distance in a cube of diagonal 1; 0 where one is empty."""
    if not one.any() or not other.any():
        return 0.0 if one.any() or other.any() else None
    apart = cdist(np.argwhere(one) / one.shape, np.argwhere(other) / other.shape)
    return float(1 - max(apart.min(axis=0).max(), apart.min(axis=1).max()) / np.sqrt(3))


def _swept(
    predicted: Mapping[str, Sequence[Mask]], right: Masks, ratio: Callable[[int, int, int], float]
) -> float:
    each = []
    for name, objects in right.items():
        if not len(objects) and not len(predicted[name]):
            each.append(1.0)
            continue
        values = []
        for number in range(10, 20):
            # Above an IoU of a half no two objects that share no pixel hit the same one.
            tp = sum(
                any(20 * int((a & b).sum()) > number * int((a | b).sum()) for b in objects)
                for a in predicted[name]
            )
            values.append(ratio(tp, len(predicted[name]) - tp, len(objects) - tp))
        each.append(float(np.mean(values)))
    return float(np.mean(each))
