"""Volumes of masks for metrics: a pair at a time, a class at a time, a slab at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.masks import IGNORE
from podium.errors import DataError

if TYPE_CHECKING:
    from podium.tasks.protocols.kind import Kind

__all__ = ["Volume", "each_volume", "n_classes_of", "of_class", "refuse_values"]

Volume = NDArray[np.uint8]
"""(D, H, W), of a multilabel task (D, H, W, C): slices that are masks, see `masks.Mask`."""


def n_classes_of(kind: Kind, n_outputs: int) -> int:
    """Return how many classes are scored: background is none."""
    return n_outputs - kind.has_background


def each_volume(
    name: str, truth: Sequence[Volume], prediction: Sequence[Volume], *, kind: Kind, size: int
) -> Iterator[tuple[Volume, Volume]]:
    """Give truth and decision of each volume, one volume at a time.

    Args:
        name: of the metric, for errors.
        truth: volumes; read when it is their turn.
        prediction: decisions.
        kind: of the task.
        size: the network's channels.

    Raises:
        DataError: something is no volume of this kind, or two shapes differ; the volume is named by
            its place.
    """
    n_dims = 4 if kind.is_by_class else 3
    for n in range(len(truth)):
        right, decision = (np.asarray(one) for one in (truth[n], prediction[n]))
        for what, found in (("truth", right), ("decision", decision)):
            if found.dtype.kind not in "biu":
                fix = "turn probabilities into decisions first" if what == "decision" else None
                raise DataError(
                    f"{name}: the {what} of volume {n} must be uint8, got {found.dtype}", fix=fix
                )
            if found.ndim != n_dims or (n_dims == 4 and found.shape[3] != size):
                form = f"(D, H, W, {size})" if n_dims == 4 else "(D, H, W)"
                raise DataError(
                    f"{name}: the {what} of volume {n} has the shape {found.shape}, not {form}"
                )
        if right.shape != decision.shape:
            raise DataError(
                f"{name}: volume {n}: shapes do not match: truth {right.shape}, "
                f"decision {decision.shape}",
                fix="bring both to the competition's frame",
            )
        yield right, decision


def refuse_values(name: str, part: Volume, *, kind: Kind, size: int, what: str) -> None:
    """Refuse values that mean nothing, `IGNORE` among them: it has no place in a volume.

    Raises:
        DataError: a value is too high or negative.
    """
    n_values = size if kind.is_exclusive else 2
    if not part.size or (part.max() < n_values and part.min() >= 0):
        return
    worst = int(part.max()) if part.max() >= n_values else int(part.min())
    if worst == IGNORE and what == "truth":
        raise DataError(
            f"{name}: the truth has unlabelled voxels ({IGNORE})",
            fix="score volumes, or cut out parts of them, whose every voxel is labelled",
        )
    raise DataError(f"{name}: the {what} holds {worst}, where 0 … {n_values - 1} are known")


def of_class(part: Volume, c: int, kind: Kind) -> NDArray[np.bool_]:
    """Return bool `(D, H, W)`: where class c, from 0, is in a part of a volume."""
    if kind.is_by_class:
        return np.asarray(part[..., c] == 1)
    return np.asarray(part == c + 1)
