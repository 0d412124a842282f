"""The images that a blend of masks is fitted on: with a true mask, predicted by all members."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from podium.competition.truths.instances import Instances
from podium.competition.truths.masks import Mask
from podium.competition.truths.volumes import Volume, refuse_torn_volumes
from podium.ensembling.rows import (
    as_object_array,
    check_folds,
    check_lengths,
    common_rows,
    keys_of,
    left_out_note,
    names_of_members,
    selection_notes,
    set_name,
    units_of,
)
from podium.errors import UsageError
from podium.predictions.store.masks import MaskProbs, OofMasks, mix_masks
from podium.predictions.store.positions import positions
from podium.predictions.store.reading import PredictionSet
from podium.tasks.protocols.names import PIXELS
from podium.workspace.ids import FileDigests, canonical_json
from podium.workspace.layout import Workspace

if TYPE_CHECKING:
    from podium.predictions.store.masks import MixedMasks

__all__ = ["MaskRows", "Truth", "gather_masks", "mask_data_digest"]

Truth = Mask | Instances
"""The truth of an image: its mask, or its objects."""


@dataclass(frozen=True)
class MaskRows:
    """Members, true masks, folds and groups of the same N images.

    Attributes:
        ids: `(N,)`.
        members: `(M,)`; each has all of `ids`, in an order of its own.
        truths: `(N,)`, masks or objects, read on demand.
        folds: `(N,)`.
        groups: `(N,)`, object; None: there are none.
        names: `(M,)`.
        notes: what was left out, and whose rows flatter it.
        volumes: which of the images are one, where volumes are scored.
    """

    ids: list[str]
    members: tuple[MaskProbs, ...]
    truths: Sequence[Truth | None]
    folds: NDArray[np.int64]
    groups: NDArray[Any] | None
    names: tuple[str, ...]
    notes: tuple[str, ...] = field(default=())
    volumes: tuple[Volume, ...] = field(default=())

    def unit_keys(self) -> list[Any]:
        """Return the unit of each image, `(N,)`, kept whole by splits: its group, or itself."""
        return keys_of(self.groups, self.ids)

    def units(self) -> NDArray[np.int64]:
        """Return `(N,)` numbers from 0, equal for images of one group."""
        return units_of(self.unit_keys())

    @property
    def scored(self) -> MaskRows:
        """The scored rows: the images; or the volumes, each with its fold and group.

        Raises:
            DataError: the slices of a volume lie in two folds.
        """
        if not self.volumes:
            return self
        refuse_torn_volumes(self.volumes, self.folds)
        first = np.array([volume.rows[0] for volume in self.volumes])
        groups = None if self.groups is None else self.groups[first]
        names = [volume.name for volume in self.volumes]
        return replace(self, ids=names, folds=self.folds[first], groups=groups, volumes=())

    def mixed(self, weights: Sequence[float]) -> MixedMasks:
        """Return the weighted mean of the members, in the order of `ids`."""
        return mix_masks(self.members, weights, self.ids)


def gather_masks(
    members: Sequence[PredictionSet] | Sequence[MaskProbs],
    truths: Sequence[Truth | None],
    folds: NDArray[np.int64],
    *,
    ids: Sequence[str],
    groups: Sequence[Any] | NDArray[Any] | None = None,
    has_mask: NDArray[np.bool_] | None = None,
    names: Sequence[str] | None = None,
) -> MaskRows:
    """Return the images that have a mask and that every member predicted out of fold.

    Args:
        members: prediction sets, or masks of probabilities; found by `ids`.
        truths: `(N,)`; read here only where `has_mask` is None.
        folds: `(N,)`: the fold whose model predicted the image.
        ids: `(N,)`.
        groups: `(N,)`; None or nan for images of none.
        has_mask: `(N,)`, whether each truth is one.
        names: `(M,)`; default: the sets' runs, or numbers.

    Raises:
        DataError: lengths differ, a set has other folds, or no image is left.
        UsageError: there is no member.
    """
    group_of = None if groups is None else as_object_array(groups)
    check_lengths(len(truths), folds=folds, groups=group_of, ids=ids, flags=has_mask)
    if len(members) == 0:
        raise UsageError("no member has masks to blend", fix="train a recipe with a segment head")
    labels = names_of_members(
        names,
        [
            set_name(one.root) if isinstance(one, PredictionSet) else f"member {m}"
            for m, one in enumerate(members)
        ],
    )
    masks = [one.oof_masks("segment") if isinstance(one, PredictionSet) else one for one in members]
    has_truth = [truth is not None for truth in truths] if has_mask is None else has_mask.tolist()
    rows = np.flatnonzero(has_truth)
    kept_ids = [ids[int(i)] for i in rows]
    at = np.stack([positions(one.ids, kept_ids) for one in masks])  # (M, true masks)
    keep = common_rows(at, labels)
    for one, where, label in zip(masks, at[:, keep], labels, strict=True):
        if isinstance(one, OofMasks):
            check_folds(one, where, folds[rows[keep]], [kept_ids[int(i)] for i in keep], label)
    kept = rows[keep]
    return MaskRows(
        [ids[int(i)] for i in kept],
        tuple(masks),
        _Some(truths, kept),
        np.asarray(folds)[kept],
        None if group_of is None else group_of[kept],
        labels,
        (*left_out_note(len(keep), len(rows)), *selection_notes(members, labels)),
    )


class _Some(Sequence["Truth | None"]):
    """Some of the truths of a sequence, read on demand."""

    def __init__(self, masks: Sequence[Truth | None], rows: NDArray[np.int64]) -> None:
        self._masks, self._rows = masks, rows.tolist()

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> Truth | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[Truth | None]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self._masks[row] for row in self._rows[index]]
        return self._masks[self._rows[index]]


def mask_data_digest(
    workspace: Workspace,
    sets: Sequence[Path],
    rows: MaskRows,
    truth_digests: Sequence[str],
) -> str:
    """Return 8 hex of everything that a blend of masks is fitted on.

    The members' files are hashed as files, and only once, since they never change.

    Args:
        workspace: keeps the digests of files.
        sets: the members' prediction sets.
        rows: what `gather_masks` returned of them.
        truth_digests: `(N,)`, the digest of each image's mask, in the order of `rows`.
    """
    digests = FileDigests(workspace)
    members = []
    for root in sets:
        files = {
            path.relative_to(root).as_posix(): path
            for path in sorted((root / "oof" / PIXELS).glob("fold-*/*"))
            if path.suffix in (".npy", ".parquet")
        }
        members.append(digests.of_many(files))
    facts = [members, rows.ids, list(truth_digests), rows.folds.tolist(), rows.units().tolist()]
    return hashlib.sha256(canonical_json(facts).encode("ascii")).hexdigest()[:8]
