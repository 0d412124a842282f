"""Volumes: their slices in order, by the columns of the samples."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, plural, some

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.truths.masks import Mask

__all__ = ["Volume", "refuse_torn_volumes", "volume_of", "volumes_of"]

_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True)
class Volume:
    """One volume.

    Attributes:
        name: the value of `data.train.unit`, or of `slices.volume`, of each of its slices.
        rows: int64 `(D,)`, its slices, first to last.
    """

    name: str
    rows: NDArray[np.int64]


def volumes_of(samples: pd.DataFrame) -> list[Volume]:
    """Return the volumes of `samples`, in the order of their first rows.

    The slices of a volume are those with one `unit`, or, where each is a unit of its own, one
    `volume`. They stand in the order of the column `slice` where there is one, else in that of
    their ids, in which 10 comes after 9.

    Raises:
        DataError: neither a unit nor a volume column groups the samples, or two slices of a volume
            have the same place.
    """
    names = samples["unit"].astype(str)
    if names.is_unique and "volume" in samples.columns:
        names = samples["volume"].astype(str)
    if names.is_unique and len(samples) > 1:
        raise DataError(
            "no column groups images to volumes",
            where="data.train.unit",
            fix="write data.train.unit: the column, or the field of images, that names the volume",
        )
    places = names.groupby(names, sort=False).indices
    keys = [_key(samples, row) for row in range(len(samples))]
    found = []
    for name, rows in places.items():
        ordered = sorted(np.asarray(rows).tolist(), key=lambda row: keys[row])
        repeated = [keys[a] for a, b in itertools.pairwise(ordered) if keys[a] == keys[b]]
        if repeated:
            raise DataError(
                f"slices of the volume {name} have one place: {some(repeated)}",
                fix="give each slice a place of its own",
            )
        found.append(Volume(str(name), np.array(ordered, dtype=np.int64)))
    return found


def refuse_torn_volumes(volumes: Sequence[Volume], folds: NDArray[Any]) -> None:
    """Raise DataError where slices of a volume lie in two of `folds` `(N,)`, of all samples."""
    torn = [volume.name for volume in volumes if len({str(folds[row]) for row in volume.rows}) > 1]
    if torn:
        raise DataError(
            f"slices of {plural(len(torn), 'volume')} lie in several folds: {some(torn)}",
            where="folds.csv",
            fix="name the volume in data.train.unit, remove folds.csv, and run `podium folds`",
        )


def _key(samples: pd.DataFrame, row: int) -> Any:
    if "slice" in samples.columns:
        return samples["slice"].iloc[row]
    # Texts and numbers take turns, so that what is compared is of one type.
    parts = _NUMBER.split(str(samples["id"].iloc[row]))
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def volume_of(masks: Iterable[Mask | None], depth: int) -> NDArray[np.uint8]:
    """Return `depth` slices, taken one at a time, as one volume `(D, H, W)` or `(D, H, W, C)`.

    Raises:
        DataError: one is missing, or they have different sizes.
    """
    volume: NDArray[np.uint8] | None = None
    for place, mask in enumerate(masks):
        if mask is None:
            raise DataError(
                f"slice {place} of {depth} has no mask",
                fix="write data.train.absent: empty if a slice without one has nothing in it",
            )
        if volume is None:
            volume = np.empty((depth, *mask.shape), np.uint8)
        if mask.shape != volume.shape[1:]:
            raise DataError(
                f"slice {place} has the shape {mask.shape}, the first one {volume.shape[1:]}",
                fix="set frame to [height, width]: the slices of a volume have one size",
            )
        volume[place] = mask
    assert volume is not None
    return volume
