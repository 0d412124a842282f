"""Masks of probabilities that are read a band at a time: pooled, averaged over folds, mixed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from podium.errors import DataError, UsageError
from podium.predictions.mask_means import (
    COMBINED_VALUES,
    Combine,
    Part,
    Read,
    band_of,
    combined,
    levels_mean,
    weighted_mean,
)
from podium.predictions.mask_reading import LEVELS, MaskFold, Size
from podium.predictions.reading import all_there

__all__ = [
    "MaskArrays",
    "MaskProbs",
    "MeanMasks",
    "MixedMasks",
    "OofMasks",
    "grey_values",
    "mix_masks",
]

Floats = NDArray[np.float32]
Order = NDArray[np.int64]

_MOST_SUMMED = 2**16 // (LEVELS + 1)  # masks whose uint8 values add up in 16 bits


class MaskProbs(Protocol):
    """Probabilities of the pixels of N images; threads may read at once."""

    @property
    def ids(self) -> Sequence[str]:
        """`(N,)`."""

    @property
    def sizes(self) -> Sequence[Size]:
        """`(N,)` (height, width)."""

    @property
    def channels(self) -> int:
        """C."""

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nobody changes them.

        A pixel that no view covered is nan in every channel.
        """


@dataclass(frozen=True)
class MaskArrays:
    """Masks of probabilities in memory, in the form in which stored ones are read.

    Attributes:
        ids: `(N,)`.
        arrays: `(N,)` arrays `(H, W, C)`; nan where no view covered a pixel.
    """

    ids: Sequence[str]
    arrays: Sequence[NDArray[np.floating]]

    @property
    def sizes(self) -> list[Size]:
        return [(len(one), one.shape[1]) for one in self.arrays]

    @property
    def channels(self) -> int:
        return int(self.arrays[0].shape[2])

    def band(self, i: int, top: int, bottom: int) -> Floats:
        return self.arrays[i][top:bottom].astype(np.float32, copy=False)


@dataclass(frozen=True)
class OofMasks:
    """Out-of-fold masks of all folds there are, pooled; they stand fold after fold.

    Attributes:
        ids: `(N,)`.
        folds: `(N,)`, int64: the fold of each mask.
        models: fold → what made its masks.
    """

    ids: list[str]
    folds: NDArray[np.int64]
    models: dict[int, str]
    _parts: Mapping[int, MaskFold]
    _rows: Order

    @classmethod
    def of(cls, parts: Mapping[int, MaskFold]) -> OofMasks:
        """Return the masks of `parts`, fold → its masks."""
        counts = [len(part.ids) for part in parts.values()]
        return cls(
            ids=[one for part in parts.values() for one in part.ids],
            folds=np.repeat(np.array(list(parts), dtype=np.int64), counts),
            models={fold: part.model for fold, part in parts.items()},
            _parts=parts,
            _rows=np.concatenate([np.arange(n, dtype=np.int64) for n in counts]),
        )

    @property
    def row_models(self) -> list[str]:
        """`(N,)`: what made each mask."""
        return [self.models[int(fold)] for fold in self.folds]

    @cached_property
    def sizes(self) -> list[Size]:
        """`(N,)` (height, width)."""
        rows = zip(self.folds.tolist(), self._rows.tolist(), strict=True)
        return [self._parts[fold].sizes[row] for fold, row in rows]

    @property
    def channels(self) -> int:
        """C."""
        return next(iter(self._parts.values())).channels

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nan: not covered."""
        fold, row = self.stored_at(i)
        return fold.band(row, top, bottom)

    def stored_at(self, i: int) -> tuple[MaskFold, int]:
        """Return where mask `i` is stored: the masks of its fold, and its place among them."""
        return self._parts[int(self.folds[i])], int(self._rows[i])

    def align(self, ids: Sequence[str]) -> OofMasks:
        """Return the masks in the order of `ids`.

        Raises:
            DataError: one of `ids` has no prediction.
        """
        take = all_there(self.ids, ids, "the OOF", where=None)
        return OofMasks(list(ids), self.folds[take], self.models, self._parts, self._rows[take])


class MeanMasks:
    """The mean over the fold models that cover a pixel, in the order of the first one's masks.

    Attributes:
        ids: `(N,)`.
        sizes: `(N,)` (height, width).
        channels: C.
    """

    def __init__(self, folds: Sequence[MaskFold], orders: Sequence[Order | None]) -> None:
        self._folds = folds
        self._rows = [
            np.arange(len(fold.ids)) if order is None else order
            for fold, order in zip(folds, orders, strict=True)
        ]
        self.ids, self.sizes, self.channels = folds[0].ids, folds[0].sizes, folds[0].channels
        for fold, rows in zip(folds, self._rows, strict=True):
            _check_sizes(self.ids, self.sizes, [fold.sizes[row] for row in rows], str(fold.folder))
        self._is_quantised = (
            all(fold.dtype == "uint8" for fold in folds) and len(folds) <= _MOST_SUMMED
        )

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nan: not covered."""
        reads = [
            partial(fold.stored, int(rows[i]))
            for fold, rows in zip(self._folds, self._rows, strict=True)
        ]

        def mean(first: int, last: int) -> Floats:
            if self._is_quantised:
                return levels_mean(reads, first, last)
            return weighted_mean([(read, 1.0) for read in reads], first, last)

        return band_of(mean, top, bottom, row_values=self.sizes[i][1] * self.channels)


class MixedMasks:
    """Members combined, by default to their weighted mean, each where it covers a pixel.

    Attributes:
        ids: `(N,)`.
        sizes: `(N,)` (height, width).
        channels: C.
    """

    def __init__(
        self,
        members: Sequence[MaskProbs],
        weights: Sequence[float],
        orders: Sequence[Order],
        ids: Sequence[str],
        combine: Combine | None = None,
    ) -> None:
        self._combine = combine
        self._parts = list(zip(members, weights, orders, strict=True))
        self.ids, self.channels = list(ids), members[0].channels
        sizes = members[0].sizes
        self.sizes = [sizes[row] for row in orders[0]]

    def band(self, i: int, top: int, bottom: int) -> Floats:
        """Return rows `top` to `bottom` of mask `i`, `(bottom - top, W, C)`; nan: not covered."""
        parts: list[Part] = [
            (_reader(member, int(order[i])), weight) for member, weight, order in self._parts
        ]
        row_values = self.sizes[i][1] * self.channels
        if self._combine is not None:
            make = partial(combined, parts, self._combine)
            most = COMBINED_VALUES // len(parts)
            return band_of(make, top, bottom, row_values=row_values, most=most)
        if len(parts) == 1:
            member, _, order = self._parts[0]
            return member.band(int(order[i]), top, bottom)
        return band_of(partial(weighted_mean, parts), top, bottom, row_values=row_values)


def _reader(member: MaskProbs, row: int) -> Read:
    """Return what reads a mask as it is kept where it lies in one file, else as floats."""
    if isinstance(member, OofMasks):
        member, row = member.stored_at(row)
    if isinstance(member, MaskFold):
        return partial(member.stored, row)
    return lambda top, bottom, room=None: member.band(row, top, bottom)


def grey_values(probs: MaskProbs) -> Iterator[tuple[str, Floats]]:
    """Give the id and the probabilities of each image, `(H, W)` of one channel, else `(H, W, C)`.

    A pixel that no view covered is 0.
    """
    for i, (one, (height, _)) in enumerate(zip(probs.ids, probs.sizes, strict=True)):
        values = np.nan_to_num(probs.band(i, 0, height))
        yield one, values[..., 0] if probs.channels == 1 else values


def mix_masks(
    members: Sequence[MaskProbs],
    weights: Sequence[float],
    ids: Sequence[str] | None = None,
    *,
    combine: Combine | None = None,
) -> MixedMasks:
    """Return the weighted mean of `members`, or what else combines them, band by band when read.

    Args:
        members: who is mixed; the order of their masks may differ.
        weights: one a member, >= 0; they need not sum to 1. A pixel's mean is over the members
            that cover it.
        ids: which masks, in which order; None takes the first member's.
        combine: from M arrays of pixels `(P, C)` to one, float32; rows do not depend on each other.
            None: the weighted mean. A member that does not cover a pixel says there what the
            weighted mean of the others says; a pixel that nobody covers stays so.

    Raises:
        UsageError: there is no member, or the weights are not one finite number >= 0 each.
        DataError: a member lacks an id, or members differ in channels or in the size of a mask.
    """
    weighed = [
        (member, weight)
        for member, weight in zip(members, _checked_weights(members, weights), strict=True)
        if weight > 0 or combine is not None
    ]
    kept, used = [one for one, _ in weighed], [weight for _, weight in weighed]
    counts = {member.channels for member in kept}
    if len(counts) > 1:
        raise DataError(f"members differ in their number of channels: {sorted(counts)}")
    wanted = list(kept[0].ids if ids is None else ids)
    orders = [
        all_there(member.ids, wanted, f"member {i + 1}", where=None)
        for i, member in enumerate(members)
        if weights[i] > 0 or combine is not None
    ]
    mixed = MixedMasks(kept, used, orders, wanted, combine)
    for i, (member, order) in enumerate(zip(kept, orders, strict=True)):
        stored = member.sizes
        sizes = [stored[row] for row in order]
        _check_sizes(wanted, mixed.sizes, sizes, f"member {i + 1}")
    return mixed


def _checked_weights(members: Sequence[MaskProbs], weights: Sequence[float]) -> list[float]:
    values = np.asarray(weights, dtype=np.float64)
    fits = values.shape == (len(members),) and np.isfinite(values).all() and (values >= 0).all()
    if not fits or not values.any():
        raise UsageError(
            f"masks of {len(members)} members need as many weights >= 0, one above 0, got "
            f"{list(weights)}"
        )
    return [float(one) for one in values]


def _check_sizes(
    ids: Sequence[str], wanted: Sequence[Size], got: Sequence[Size], what: str
) -> None:
    for one, size, other in zip(ids, wanted, got, strict=True):
        if size != other:
            raise DataError(
                f"{what} has the mask of {one!r} as {other[0]} × {other[1]}, the first one as "
                f"{size[0]} × {size[1]}",
                fix="predict them in one frame",
            )
