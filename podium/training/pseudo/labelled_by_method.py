"""Samples that a method labelled: as rows to learn from, and as files or state of a checkpoint.

The method decides which they are (`select_confident` of `methods/pseudo_label.py`); `selection.py`
is of pseudo-labels between runs.
Their masks are kept packed, in memory and on disk: pseudo-masks are large areas of one value.
"""

from __future__ import annotations

import itertools
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.competition.truths.masks import IGNORE, Mask
from podium.errors import DAMAGED_ARRAY, RunError
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images
from podium.training.data.rows import SampleRows, missing_answers
from podium.training.method import SelectedSamples
from podium.training.pseudo.tables import classes_in
from podium.workspace import digests
from podium.workspace.atomic import replacing

__all__ = [
    "MaskSampling",
    "PackedMasks",
    "Selection",
    "from_state",
    "has_label",
    "read_selected",
    "rows_of_selected",
    "to_state",
    "write_selected",
]


_FAST = 1  # of zlib's levels: areas of one value shrink at any


class PackedMasks(Sequence[Mask]):
    """Masks `(H, W)` or `(H, W, C)`, uint8; each is unpacked when it is read."""

    def __init__(self, packed: Iterable[tuple[bytes, tuple[int, ...]]] = ()) -> None:
        self._packed = list(packed)

    @classmethod
    def of(cls, masks: Iterable[Mask]) -> PackedMasks:
        """Return `masks` packed; those that are it already are not touched."""
        if isinstance(masks, PackedMasks):
            return masks
        found = cls()
        for mask in masks:
            found.append(mask)
        return found

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> PackedMasks:
        """Return what `to_arrays` described."""
        data, shapes = arrays["masks"].tobytes(), arrays["shapes"].tolist()
        stops = np.cumsum([0, *arrays["lengths"].tolist()]).tolist()
        parts = [data[start:stop] for start, stop in itertools.pairwise(stops)]
        flat = [tuple(shape) if shape[2] else tuple(shape[:2]) for shape in shapes]
        return cls(zip(parts, flat, strict=True))

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Return all masks as a few arrays, to be kept on disk."""
        shapes = [(*shape, 0)[:3] for _, shape in self._packed]  # a flat mask has 0 layers
        return {
            "masks": np.frombuffer(b"".join(data for data, _ in self._packed), np.uint8).copy(),
            "lengths": np.array([len(data) for data, _ in self._packed], np.int64),
            "shapes": np.array(shapes, np.int64).reshape(-1, 3),
        }

    def append(self, mask: Mask) -> None:
        """Keep `mask` behind the others.

        Raises:
            TypeError: it is not of bytes.
        """
        pixels = mask.astype(np.uint8, casting="safe", copy=False)
        self._packed.append((zlib.compress(pixels.tobytes(), _FAST), pixels.shape))

    def __add__(self, others: PackedMasks) -> PackedMasks:
        return PackedMasks([*self._packed, *others._packed])

    def subset(self, at: NDArray[np.int64]) -> PackedMasks:
        """Return the masks at these positions, none of them unpacked."""
        return PackedMasks([self._packed[one] for one in at])

    def __len__(self) -> int:
        return len(self._packed)

    @overload
    def __getitem__(self, at: int) -> Mask: ...

    @overload
    def __getitem__(self, at: slice) -> PackedMasks: ...

    def __getitem__(self, at: int | slice) -> Mask | PackedMasks:
        if isinstance(at, slice):
            return PackedMasks(self._packed[at])
        data, shape = self._packed[at]
        return np.frombuffer(bytearray(zlib.decompress(data)), dtype=np.uint8).reshape(shape)


Arrays = dict[str, NDArray[Any]]


def write_selected(path: Path, selected: SelectedSamples) -> None:
    """Write `selected` to an `.npz` file, whole or not at all."""
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, allow_pickle=False, **_arrays_of(selected))


def read_selected(path: Path) -> SelectedSamples:
    """Return what `write_selected` wrote.

    Raises:
        RunError: the file is missing or damaged.
    """
    digests.check(path)
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return _selected_of({name: arrays[name] for name in arrays.files})
    except DAMAGED_ARRAY as error:
        raise RunError(
            f"the pseudo-labels of an unfinished training cannot be read: {error}",
            where=path,
            fix="remove the fold's folder and train it again",
        ) from error


def to_state(selected: SelectedSamples) -> dict[str, Tensor]:
    """Return `selected` as tensors, for the state of a method."""
    return {name: torch.from_numpy(array) for name, array in _arrays_of(selected).items()}


def from_state(state: Mapping[str, Tensor]) -> SelectedSamples:
    """Return what `to_state` described."""
    return _selected_of({name: tensor.cpu().numpy() for name, tensor in state.items()})


def _arrays_of(selected: SelectedSamples) -> Arrays:
    arrays: Arrays = {
        "index": selected.index,
        "confidence": selected.confidence,
        "round": selected.round,
    }
    if selected.labels is not None:
        arrays["labels"] = selected.labels
    if selected.weight is not None:
        arrays["weight"] = selected.weight
    if selected.masks is not None:
        arrays |= PackedMasks.of(selected.masks).to_arrays()
    return arrays


def _selected_of(arrays: Mapping[str, NDArray[Any]]) -> SelectedSamples:
    return SelectedSamples(
        index=arrays["index"],
        confidence=arrays["confidence"],
        round=arrays["round"],
        labels=arrays.get("labels"),
        masks=PackedMasks.from_arrays(arrays) if "masks" in arrays else None,
        weight=arrays.get("weight"),
    )


@dataclass(frozen=True)
class MaskSampling:
    """Facts on masks that the sampling of a recipe needs.

    Attributes:
        n_classes: classes of a mask beside background.
        balanced: whether their classes are to come as often as each other.
    """

    n_classes: int
    balanced: bool


@dataclass(frozen=True)
class Selection:
    """Samples that a method selected, and the epoch of its phase at whose beginning it did."""

    selected: SelectedSamples
    epoch: int


def rows_of_selected(
    selected: SelectedSamples,
    pool: SampleRows,
    labelled: SampleRows,
    sampling: MaskSampling | None = None,
) -> SampleRows | None:
    """Return the selected samples of `pool` as rows to learn from; None where none is selected.

    Args:
        selected: what the method returned.
        pool: the unlabelled samples.
        labelled: the samples beside which they may be learnt: a target that these have and the
            selected lack is missing, in its form.
        sampling: facts on their masks to compute, so that they can be sampled beside the labelled
            ones; None: none.
    """
    if not len(selected):
        return None
    chosen, labels = pool.subset(selected.index), selected.labels
    n, at, has_target = len(selected), chosen.at.tolist(), {}
    if has_images(labelled.target):
        labels = missing_answers(n, labelled.target[IMAGES]) if labels is None else labels
        has_target[IMAGES] = has_label(labels)
    if labelled.masks is not None:
        has_target[PIXELS] = np.full(n, selected.masks is not None)
    rows = replace(
        chosen,
        target={} if labels is None else {IMAGES: labels},
        weight=np.ones(n, dtype=np.float32) if selected.weight is None else selected.weight,
        strata=None if labels is None else _strata(labels, labelled.strata),
        masks=None
        if selected.masks is None
        else _SelectedMasks(len(pool.images), at, selected.masks),
        answered=has_target,
    )
    return rows if sampling is None else _with_shown(rows, sampling)


def _strata(labels: NDArray[Any], like: NDArray[np.generic] | None) -> NDArray[Any] | None:
    """Return `labels` as classes to sample by, in the form of those of the labelled samples.

    Unknown is one stratum with the labelled samples that have no label, which have -1.
    """
    if like is None:
        return None
    known: NDArray[Any] = np.nan_to_num(labels, nan=-1)
    if known.ndim > like.ndim:  # probabilities beside classes
        return np.where(has_label(labels), known.argmax(axis=1), -1)
    return known


def _with_shown(rows: SampleRows, sampling: MaskSampling) -> SampleRows:
    has_class = np.zeros((len(rows), sampling.n_classes), dtype=np.uint8)
    is_known = np.zeros(len(rows), dtype=bool)
    for row in range(len(rows)):
        mask = None if rows.masks is None else rows.whole_mask(row)
        if mask is not None:
            has_class[row] = classes_in(mask, sampling.n_classes)
            is_known[row] = (mask != IGNORE).any()
    return rows.with_shown(has_class, is_known, balanced=sampling.balanced)


def has_label(labels: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which of `labels`, `(N,)` or `(N, C)`, are known: not -1 and not nan."""
    known = np.isfinite(labels) & (labels >= 0)
    return np.asarray(known if labels.ndim == 1 else known.any(axis=1))


class _SelectedMasks:
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
