"""Counts of pixels, and a ratio of them (Dice, IoU, F-beta), averaged by pair, image or class.

Of one truth and one decision there are four counts per class: pixels that both have (intersection),
that the decision has, that the truth has, and that are labelled (valid). Pixels whose truth is
`IGNORE` are in none of them. Counts of parts of an image add up to those of the image, so an image
may be scored band by band.

With intersection I, predicted P and true T of one class, over valid pixels:

    over="pair":  mean over images × classes of r(I, P, T)
    over="image": mean over images of the mean over that image's classes of r(I, P, T)
    over="class": mean over classes of r(Σ I, Σ P, Σ T), sums over all images
    over="all":   r(Σ I, Σ P, Σ T), sums over all images and classes

`background` includes background (binary, multiclass) as one of the classes. Where P = T = 0 the
ratio is 0/0, and `empty` is its value: "one", "zero", "skip" (the pair or class is left out of the
mean) or "error". An image without a valid pixel of a class is left out of that class, whatever
`empty` is. "image" differs from "pair" where pairs are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from podium.competition.metrics._metric import Metric
from podium.competition.truths.masks import IGNORE, Mask, fix_of_shape
from podium.errors import DataError
from podium.tasks.protocols.find import pixel_kind

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = [
    "OPTIONS",
    "dice",
    "divided",
    "foreground",
    "iou",
    "kind_and_outputs",
    "mask_counts",
    "mask_metric",
    "mean_ratio",
    "ratio_sums",
    "ratio_value",
]


OVER = ("pair", "image", "class", "all")
EMPTY = ("one", "zero", "skip", "error")
Ratio = Callable[..., NDArray[np.float64]]
"""`(I, P, T, **options)`, arrays of one shape → the ratio of each, nan where it is 0/0."""


def dice(both: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]) -> NDArray[np.float64]:
    """Return 2 I / (P + T); nan where both are empty."""
    return divided(2 * both, predicted + true)


def iou(both: NDArray[Any], predicted: NDArray[Any], true: NDArray[Any]) -> NDArray[np.float64]:
    """Return I / (P + T - I); nan where both are empty."""
    return divided(both, predicted + true - both)


def divided(above: NDArray[Any], below: NDArray[Any]) -> NDArray[np.float64]:
    """Return above / below; nan where below is 0."""
    result = np.full(np.shape(below), np.nan)
    return np.asarray(np.divide(above, below, out=result, where=below > 0))


def mean_ratio(
    name: str,
    ratio: Ratio,
    *,
    over: Literal["pair", "image", "class", "all"],
    empty: Literal["one", "zero", "skip", "error"],
    options: Mapping[str, Any] | None = None,
) -> Metric:
    """Return the metric that averages `ratio`.

    Args:
        name: the file's name.
        ratio: what is averaged.
        over: the default of the option.
        empty: the default of the option.
        options: options of `ratio`, with their defaults.
    """
    return mask_metric(
        name,
        of_counts=partial(ratio_sums, name=name, ratio=ratio),
        value=partial(ratio_value, name=name, ratio=ratio),
        values=partial(ratio_values, ratio=ratio),
        options={"over": over, "empty": empty, "background": False, **(options or {})},
    )


def ratio_sums(
    counts: NDArray[np.int64],
    *,
    name: str,
    ratio: Ratio,
    kind: Kind,
    over: str,
    empty: str,
    background: bool,
    n_classes: int | None,
    unit: str = "image",
    **options: Any,
) -> NDArray[Any]:
    """Return float64 `(N, 2)`, sum and number of ratios, or the counts I, P and T of each class.

    Args:
        counts: `(N, K, 4)` as `mask_counts` gives them; of float64, too, where the parts are areas.
        name: of the metric, for errors.
        ratio: what is averaged.
        kind: of the task: which rows of the counts are classes.
        over: "class" gives `(N, 3C)`, "all" `(N, 3)`, of the dtype of the counts.
        empty: the value of 0/0.
        background: whether it is a class.
        n_classes: not used: the counts have it.
        unit: name of a row in an error.
        options: of `ratio`.
    """
    for option, given, known in (("over", over, OVER), ("empty", empty, EMPTY)):
        if given not in known:
            raise DataError(f"{name}: {option} must be one of {', '.join(known)}, got {given!r}")
    counts = foreground(counts, kind=kind, background=background)
    both, predicted, true, valid = np.moveaxis(counts, 2, 0)  # each (N, C)
    if over == "class":
        return np.hstack([both, predicted, true])
    if over == "all":
        return np.column_stack([one.sum(axis=1) for one in (both, predicted, true)])
    each = ratio(both, predicted, true, **options)
    undefined = np.isnan(each) & (valid > 0)
    if empty == "error" and undefined.any():
        image, column = np.argwhere(undefined)[0]
        what = f"{unit} {image} has {_nothing_of(int(column), counts.shape[1], background)}"
        raise DataError(f"{name} is undefined: {what}", fix="set empty: one, zero or skip")
    each[undefined] = {"one": 1.0, "zero": 0.0}.get(empty, np.nan)
    counted = ~np.isnan(each)
    total, number = np.where(counted, each, 0.0).sum(axis=1), counted.sum(axis=1)
    if over == "image":
        total, number = total / np.maximum(number, 1), number > 0
    return np.column_stack([total, number]).astype(np.float64)


def ratio_value(
    sums: NDArray[Any],
    *,
    name: str,
    ratio: Ratio,
    kind: Kind | None,
    over: str,
    empty: str,
    background: bool,
    n_classes: int | None,
    unit: str = "image",
    **options: Any,
) -> float:
    """Return the score of these sums; arguments are those of `ratio_sums`."""
    totals = sums.sum(axis=0, dtype=np.float64)
    if over not in ("class", "all"):
        total, number = totals
        if number == 0:
            raise DataError(
                f"{name} is undefined: every mask and every decision is empty",
                fix="set empty: one or zero",
            )
        return float(total / number)
    each = ratio(*totals.reshape(3, -1), **options)
    undefined = np.flatnonzero(np.isnan(each))
    if len(undefined) and (empty == "error" or (empty == "skip" and len(undefined) == len(each))):
        column = int(undefined[0])
        what = f"there is {_nothing_of(column, len(each), background and over == 'class')}"
        raise DataError(
            f"{name} is undefined: {what}",
            fix=f"score the pooled {unit}s of all folds, or set empty: skip",
        )
    if empty == "skip":
        return float(np.nanmean(each))
    return float(np.nan_to_num(each, nan=1.0 if empty == "one" else 0.0).mean())


def ratio_values(
    sums: NDArray[Any],
    *,
    ratio: Ratio,
    kind: Kind | None,
    over: str,
    empty: str,
    background: bool,
    n_classes: int | None,
    **options: Any,
) -> NDArray[np.float64]:
    """Return the score of each row of `sums` `(B, S)`, nan where it is undefined."""
    totals = sums.astype(np.float64, copy=False)
    if over not in ("class", "all"):
        return divided(totals[:, 0], totals[:, 1])
    each = ratio(*np.moveaxis(totals.reshape(len(totals), 3, -1), 1, 0), **options)  # (B, C)
    undefined = np.isnan(each)
    if empty == "skip":
        return divided(np.where(undefined, 0.0, each).sum(axis=1), (~undefined).sum(axis=1))
    counted = {"one": 1.0, "zero": 0.0}.get(empty, np.nan)
    return np.asarray(np.where(undefined, counted, each).mean(axis=1))


def _nothing_of(column: int, n_columns: int, background: bool) -> str:
    """Return what is missing: the classes count from 0, as `classes` in competition.yaml does."""
    if background and column == 0:
        who = "background"
    else:
        who = "foreground" if n_columns - background == 1 else f"class {column - background}"
    return f"no {who} in truth and decisions"


# Both come from the competition; without one they are inferred from the masks.
OPTIONS: dict[str, Any] = {"kind": None, "n_classes": None}
BAND_CELLS = 1 << 22
"""Pixels (multilabel: times classes) counted at a time: temporary arrays stay at some MB, and
OpenCV's histograms, which hold float32, count exactly up to 2^24."""
NIBBLE = 15  # values below fit into four bits, beside one for IGNORE


def mask_counts(truth: Mask, prediction: Mask, *, kind: Kind, n_outputs: int) -> NDArray[np.int64]:
    """Return intersection, predicted, true and valid pixels of every class, int64 `(K, 4)`.

    Args:
        truth: uint8 `(H, W)`, multilabel `(H, W, C)`; `IGNORE` in unlabelled pixels.
        prediction: a decision of the same shape, without `IGNORE`.
        kind: of the task. Rows are, binary: background, foreground; multiclass: background and the
            classes; multilabel: the classes, each against its own rest.
        n_outputs: the network's channels: 1 (binary), classes + 1 (multiclass), classes.

    Raises:
        DataError: shapes do not match, or a value is not one of this kind of mask.
    """
    kind = pixel_kind(kind)
    right, decision = _as_mask(truth, "truth"), _as_mask(prediction, "decision")
    n_dims = 3 if kind.is_by_class else 2
    if right.shape != decision.shape:
        what = f"shapes do not match: truth {right.shape}, decision {decision.shape}"
        raise DataError(what, fix=fix_of_shape(decision.shape, right.shape))
    if right.ndim != n_dims or (n_dims == 3 and right.shape[2] != n_outputs):
        expected = f"(H, W, {n_outputs})" if n_dims == 3 else "(H, W)"
        raise DataError(f"{kind.named} mask has the shape {expected}, got {right.shape}")
    n_values = 2 if kind.is_yes_no else n_outputs
    count: Callable[..., NDArray[np.int64]] = _of_bits
    if not kind.is_yes_no:
        count = _of_classes if kind.is_by_class else _of_values
    counts = np.zeros((n_values, 4), np.int64)
    rows = max(1, BAND_CELLS // max(1, right[:1].size))
    for top in range(0, len(right), rows):
        band = slice(top, top + rows)
        counts += count(
            np.ascontiguousarray(right[band]), np.ascontiguousarray(decision[band]), n_values
        )
    return counts


def _as_mask(mask: Any, what: str) -> NDArray[np.uint8]:
    found = np.asarray(mask)
    if found.dtype == np.uint8:
        return found
    if found.dtype == np.bool_:
        return found.view(np.uint8)
    if found.dtype.kind not in "iu":
        fix = "turn probabilities into decisions first" if found.dtype.kind == "f" else None
        raise DataError(f"the {what} must be a uint8 mask, got dtype {found.dtype}", fix=fix)
    if found.size and (found.min() < 0 or found.max() > IGNORE):
        raise DataError(f"the {what} holds values outside 0 … {IGNORE}")
    return found.astype(np.uint8)


def _of_bits(
    truth: NDArray[np.uint8], decision: NDArray[np.uint8], n_values: int = 2
) -> NDArray[np.int64]:
    """Return the counts `(2, 4)` of a band of 0 and 1; several times faster than histograms."""
    n_valid = truth.size
    if truth.max(initial=0) > 1:
        is_known = (truth != IGNORE).view(np.uint8)
        truth, decision = truth * is_known, decision * is_known
        n_valid = int(np.count_nonzero(is_known))
        _refuse_values(truth, n_values, "truth")
    _refuse_values(decision, n_values, "decision")
    true, predicted = np.count_nonzero(truth), np.count_nonzero(decision)
    both = np.count_nonzero(truth & decision)
    neither = n_valid - true - predicted + both
    return np.array(
        [
            [neither, n_valid - predicted, n_valid - true, n_valid],
            [both, predicted, true, n_valid],
        ],
        dtype=np.int64,
    )


def _of_classes(
    truth: NDArray[np.uint8], decision: NDArray[np.uint8], n_classes: int
) -> NDArray[np.int64]:
    """Return the counts `(C, 4)` of a multilabel band `(h, W, C)`, class by class."""
    # One plane a class first: reading every C-th byte is slow. (OpenCV has the faster transpose.)
    planes = [cv2.transpose(mask.reshape(-1, n_classes)) for mask in (truth, decision)]
    each = [_of_bits(*pair)[1] for pair in zip(*planes, strict=True)]
    return np.stack(each)


def _of_values(
    truth: NDArray[np.uint8], decision: NDArray[np.uint8], n_values: int
) -> NDArray[np.int64]:
    """Return the counts `(n_values, 4)` of a band of class values."""
    is_known = (truth != IGNORE).view(np.uint8)
    has_unknown = not is_known.all()
    _refuse_values(truth * is_known if has_unknown else truth, n_values, "truth")
    _refuse_values(decision * is_known if has_unknown else decision, n_values, "decision")
    if n_values <= NIBBLE:
        # Truth and decision as one byte: one histogram has all counts. IGNORE becomes row 15.
        bytes_of_pairs = np.asarray((truth << 4) | (decision & NIBBLE), dtype=np.uint8)
        pairs = _histogram(bytes_of_pairs).reshape(16, 16)[:n_values, :n_values]
        both, predicted, true = pairs.diagonal(), pairs.sum(axis=0), pairs.sum(axis=1)
    else:
        true = _histogram(truth)[:n_values]
        predicted = _histogram(decision, is_known if has_unknown else None)[:n_values]
        both = _histogram(truth, (truth == decision).view(np.uint8))[:n_values]
    return np.stack([both, predicted, true, np.full(n_values, true.sum())], axis=1)


def _histogram(
    values: NDArray[np.uint8], where: NDArray[np.uint8] | None = None
) -> NDArray[np.int64]:
    # np.bincount would first make eight bytes of every pixel.
    found = cv2.calcHist([values], [0], where, [256], [0, 256])
    return np.asarray(found.ravel().astype(np.int64))


def _refuse_values(mask: NDArray[np.uint8], n_values: int, what: str) -> None:
    highest = int(mask.max(initial=0))
    if highest < n_values:
        return
    fix = "write foreground as 1, mask > 0" if n_values == 2 else None
    if highest == IGNORE:
        fix = (
            f"write foreground as 1; {IGNORE} in a truth marks unlabelled pixels, and the truth "
            "comes first, then the prediction"
        )
    raise DataError(f"the {what} holds {highest}, where 0 … {n_values - 1} are known", fix=fix)


def counts_of_masks(
    truth: Sequence[Mask], prediction: Sequence[Mask], *, kind: Kind, n_outputs: int
) -> NDArray[np.int64]:
    """Return the counts `(N, K, 4)` of many images, one after the other.

    Raises:
        DataError: as `mask_counts`, naming the image by its place.
    """
    each = []
    for n, (right, decision) in enumerate(zip(truth, prediction, strict=True)):
        if right is None:
            raise DataError(
                f"the truth of image {n} is missing", fix="score the images that have a mask"
            )
        try:
            each.append(mask_counts(right, decision, kind=kind, n_outputs=n_outputs))
        except DataError as error:
            raise DataError(f"image {n}: {error.message}", fix=error.fix) from error
    return np.stack(each)


def mask_metric(
    name: str,
    *,
    of_counts: Callable[..., NDArray[Any]],
    value: Callable[..., float],
    values: Callable[..., NDArray[np.float64]] | None = None,
    options: Mapping[str, Any] | None = None,
) -> Metric:
    """Return a metric of masks from its two halves.

    Args:
        name: the file's name.
        of_counts: `(counts (N, K, 4), *, kind, **options)` → sums `(N, S)`.
        value: `(sums, **options)` → the score.
        values: as in `Metric`.
        options: with their defaults; `OPTIONS` are added, and passed to both.
    """

    def sums(truth: Sequence[Mask], prediction: Sequence[Mask], **given: Any) -> NDArray[Any]:
        kind, n_outputs = kind_and_outputs(truth, prediction, given["kind"], given["n_classes"])
        counts = counts_of_masks(truth, prediction, kind=kind, n_outputs=n_outputs)
        return of_counts(counts, **{**given, "kind": kind})

    def score(truth: Sequence[Mask], prediction: Sequence[Mask], **given: Any) -> float:
        return value(sums(truth, prediction, **given), **given)

    def refuse(kind: Kind, n_classes: int, given: Mapping[str, Any]) -> None:
        # A right mask of two pixels of each class: any options that have a meaning can score it.
        n_values = 2 if kind.is_yes_no else n_classes + (not kind.is_by_class)
        counts = np.tile(np.array([2, 2, 2, 2 * n_values], dtype=np.int64), (1, n_values, 1))
        own = {**given, "kind": kind}
        value(of_counts(counts, **own), **own)

    return Metric(
        name,
        needs="decisions",
        greater_is_better=True,
        perfect=1.0,
        worst=0.0,
        kinds=frozenset({"multiclass", "multilabel", "binary"}),
        score=score,
        options=MappingProxyType({**(options or {}), **OPTIONS}),
        sums=sums,
        value=value,
        task="segment",
        of_counts=of_counts,
        values=values,
        refuse=refuse,
    )


def kind_and_outputs(
    truth: Sequence[Mask],
    prediction: Sequence[Mask],
    kind: Kind | None,
    n_classes: int | None,
    *,
    n_dims: int = 2,
) -> tuple[Kind, int]:
    """Return the kind of the masks and the channels of a network for it, inferred where None.

    Args:
        truth: masks, or volumes of them; all are read where kind or classes are inferred from them.
        prediction: decisions.
        kind: None: inferred.
        n_classes: None: inferred.
        n_dims: axes of a mask of one value a pixel: 2, of a volume 3.

    Raises:
        DataError: of the classes up to the highest value one has no pixel, as of grey values, where
            `n_classes` is None: such a class may count as right.
    """
    if kind is None and np.ndim(prediction[0]) == n_dims + 1:
        kind = pixel_kind("multilabel")
    if kind is not None:
        kind = pixel_kind(kind)
        if kind.is_by_class:
            return kind, n_classes or np.shape(prediction[0])[-1]
        if kind.is_yes_no:
            return kind, 1
    if n_classes is not None:
        return pixel_kind("multiclass"), n_classes + 1

    def each() -> Iterator[NDArray[Any]]:
        return (np.asarray(one) for one in chain(truth, prediction) if one is not None)

    highest = max(int(one.max(initial=0, where=one != IGNORE)) for one in each())
    if kind is None and (highest <= 1 or any(one.dtype == np.bool_ for one in each())):
        return pixel_kind("binary"), 1
    _refuse_gaps(each(), highest)
    return pixel_kind("multiclass"), max(highest, 1) + 1


def _refuse_gaps(masks: Iterable[NDArray[Any]], highest: int) -> None:
    """Refuse masks in which a class below the highest value has no pixel."""
    is_there = np.zeros(IGNORE + 1, dtype=bool)
    for mask in masks:
        is_there[np.minimum(np.maximum(mask, 0), np.int64(IGNORE)).astype(np.uint8)] = True
    if not is_there[1:highest].all():
        nowhere = 1 + int(np.argmin(is_there[1:highest]))
        raise DataError(
            f"truth and prediction hold {highest} and no pixel of class {nowhere}: are these grey "
            "values?",
            fix="pass foreground as mask > 0, and classes as their numbers, 1 and up; or name all "
            "classes, also those that are nowhere: classes=[…]",
        )


def foreground(counts: NDArray[np.int64], *, kind: Kind, background: bool) -> NDArray[np.int64]:
    """Return the rows of counts `(N, K, 4)` that are scored: the classes, and background if set.

    Raises:
        DataError: `background` is set for a multilabel task, which has none.
    """
    if kind.is_by_class:
        if background:
            raise DataError(
                "a multilabel mask has no background class", fix="set background: false"
            )
        return counts
    return counts if background else counts[:, 1:]
