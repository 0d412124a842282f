"""Masks of truth and prediction as metrics and files take them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from podium.competition.metrics import Metric
from podium.competition.truths.masks import IGNORE
from podium.errors import DataError, UsageError, plural
from podium.tasks.protocols.find import pixel_kind
from podium.tasks.protocols.needs import are_objects, are_volumes
from podium.workflows.api.arguments.plain import Array, numbers, refuse, shown, unwrapped

__all__ = [
    "decided_masks",
    "masks",
    "masks_by_id",
    "options_of_masks",
    "pair_of_masks",
    "save_masks",
]


def masks(given: Any, argument: str) -> Any:
    """Return masks as the metrics take them: an array, or a list of arrays."""
    if given is None or isinstance(given, str | bytes | Path) or not hasattr(given, "__len__"):
        refuse(argument, "a list of masks, one an image", given)
    found = unwrapped(given)
    return [unwrapped(one) for one in found] if isinstance(found, list | tuple) else found


def options_of_masks(
    metric: Metric, classes: Sequence[Any] | None, kind: str | None, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return options of a metric of masks, with the kind and the number of classes that are named.

    Raises:
        DataError: there is no such kind of masks.
    """
    options, of_pixels = dict(given), None if kind is None else pixel_kind(kind)
    if of_pixels is not None:
        options["kind"] = str(of_pixels)
    has_one = of_pixels is not None and of_pixels.is_yes_no
    if classes is not None and "n_classes" in metric.options and not has_one:
        options.setdefault("n_classes", len(classes))
    return options


def pair_of_masks(metric: Metric, y_true: Any, y_pred: Any) -> tuple[Any, Any]:
    """Return truth and prediction of a metric of masks.

    Of masks `(1, H, W)`, the outputs of a network of one channel, they are `(H, W)`, and of
    `(H, W, 1)`, too, where not all have that shape.

    Raises:
        UsageError: a mask is text, its classes stand before its pixels, or the truth holds
            probabilities where classes are scored.
        DataError: the foreground of the truth is 255, which marks unlabelled pixels; or a value is
            not finite.
    """
    truth, prediction = masks(y_true, "y_true"), masks(y_pred, "y_pred")
    if are_objects(metric.needs):
        return truth, prediction
    _refuse_values(truth, "y_true")
    _refuse_values(prediction, "y_pred")
    _refuse_unlabelled_foreground(truth)
    if are_volumes(metric.needs):
        return truth, prediction
    truth, prediction = [_whole(one) for one in truth], [_whole(one) for one in prediction]
    for at, one in enumerate(truth):
        if metric.scores_decisions and np.asarray(one).dtype.kind == "f":
            raise UsageError(
                f"y_true holds probabilities in image {at}, not classes",
                fix="the truth comes first, then the prediction",
            )
    is_by_class = all(np.ndim(one) == 3 and len(one) > 1 for one in (*truth, *prediction))
    return (
        _of_one_channel(truth, "y_true", is_by_class=is_by_class),
        _of_one_channel(prediction, "y_pred", is_by_class=is_by_class),
    )


def _whole(mask: Any) -> Any:
    """Return a mask of whole floats, as torch has them, as integers; any other as it is."""
    values = np.asarray(mask)
    is_whole = values.dtype.kind == "f" and bool((values == np.floor(values)).all())
    return values.astype(np.int64) if is_whole else mask


def decided_masks(given: Any, *, is_by_class: bool) -> list[Array]:
    """Return masks to write, whole numbers as uint8, and those of one channel without it.

    Args:
        given: masks.
        is_by_class: whether a mask has a plane for each class, so that one plane stays one.
    """
    found = masks(given, "y_pred")
    _refuse_values(found, "y_pred")
    planes = _of_one_channel(found, "y_pred", is_by_class=is_by_class)
    return [_as_bytes(np.asarray(_whole(one))) for one in planes]


def _as_bytes(mask: Array) -> Array:
    fits = mask.dtype.kind in "iu" and 0 <= int(mask.min(initial=0)) <= int(mask.max(initial=0))
    return mask.astype(np.uint8) if fits and int(mask.max(initial=0)) <= IGNORE else mask


def _refuse_values(given: Any, argument: str) -> None:
    """Refuse masks of texts, and those that are not finite."""
    for at, one in enumerate(given):
        values = np.asarray(one)
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            raise DataError(
                f"{argument} holds nan or infinity in image {at}",
                fix=f"give each pixel a value; {IGNORE} marks pixels of a truth without a label",
            )
        if values.dtype.kind in "SU":
            raise UsageError(
                f"{argument} must hold masks, arrays (H, W), got {shown(one)} at {at}",
                fix="decode texts of runs first: podium.rle.decode(text, (height, width))",
            )


def _of_one_channel(given: Any, argument: str, *, is_by_class: bool) -> Any:
    """Return masks with those of shape `(1, H, W)` as `(H, W)`: no image has one row of pixels.

    Those of `(H, W, 1)` are, too, where masks have no plane for each class.
    """
    shapes = [np.shape(one) for one in given]
    for at, shape in enumerate(shapes):
        if len(shape) == 3 and 1 < shape[0] < min(shape[1:]):
            raise UsageError(
                f"{argument} holds masks (H, W, C), and that at {at} has the shape {shape}, with "
                "more classes than rows of pixels",
                fix="the classes come last: masks.transpose(0, 2, 3, 1) of (N, C, H, W)",
            )
    return [_without_channel(one, is_by_class=is_by_class) for one in given]


def _without_channel(mask: Any, *, is_by_class: bool) -> Any:
    shape = np.shape(mask)
    if len(shape) == 3 and shape[0] == 1:
        return np.asarray(mask)[0]
    is_last = len(shape) == 3 and shape[2] == 1 and not is_by_class
    return np.asarray(mask)[..., 0] if is_last else mask


def _refuse_unlabelled_foreground(truth: Any) -> None:
    """Refuse masks of 0 and 255 alone, as PNGs hold foreground."""
    has_255 = False
    for one in truth:
        values = np.asarray(one)
        if values.dtype.kind not in "iu" or ((values != 0) & (values != IGNORE)).any():
            return
        has_255 = has_255 or bool((values == IGNORE).any())
    if has_255:
        raise DataError(
            f"y_true holds no other values than 0 and {IGNORE}, and {IGNORE} marks unlabelled "
            "pixels, which are not scored",
            fix="write foreground as 1: pass mask > 0 in the place of each mask",
        )


def masks_by_id(given: Any, ids: Any, argument: str) -> dict[str, Array] | None:
    """Return masks in memory by the ids of their images; None: `given` is of another form.

    Args:
        given: a mapping by id; or `(N, H, W)`, `(N, H, W, C)` or a list of N masks, beside `ids`.
        ids: `(N,)`.
        argument: the name of `given`.

    Raises:
        UsageError: there are not as many masks as ids, an id stands twice, or a mask is none.
    """
    if isinstance(given, Mapping):
        names, each = list(given), list(given.values())
    else:
        found = unwrapped(given)
        each = list(found) if isinstance(found, list | tuple | np.ndarray) else []
        names = [] if ids is None or isinstance(ids, str | Path) else list(unwrapped(ids))
    are_names = all(isinstance(one, str | int | np.integer) for one in names)
    if not (names and are_names and all(getattr(one, "ndim", 0) > 1 for one in each)):
        return None
    if len(each) != len(names) or len(set(map(str, names))) != len(names):
        raise UsageError(
            f"{argument} has {plural(len(each), 'mask')}, and "
            f"{plural(len(set(names)), 'different id')}",
            fix="name each image once",
        )
    return {
        str(name): numbers(one, f"{argument}[{name!r}]")
        for name, one in zip(names, each, strict=True)
    }


def save_masks(folder: Path, masks: Mapping[str, Array], n_channels: int) -> None:
    """Write `<id>.npy` of each mask below `folder`, `(H, W)` or, channels last, `(H, W, C)`."""
    for name, mask in masks.items():
        last = mask
        if mask.ndim == 3 and mask.shape[2] != n_channels and mask.shape[0] == n_channels:
            last = np.moveaxis(mask, 0, 2)  # as networks put them out
        file = folder / f"{name}.npy"
        file.parent.mkdir(parents=True, exist_ok=True)
        np.save(file, last)
