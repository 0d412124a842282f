"""Predictions of a blend: labels block by block, masks band by band, and the input of the gate."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from podium.competition.units import units_of
from podium.ensembling.blend import Blend
from podium.ensembling.masks.gate import presence_of
from podium.ensembling.method import BlendMethod, Fitted
from podium.errors import DataError, RunError, UsageError, plural, some
from podium.predictions.store.fold_reader import Probs
from podium.predictions.store.masks import MixedMasks, mix_masks
from podium.predictions.store.positions import positions, require_positions
from podium.predictions.store.reading import Fold, Oof, PredictionSet, Split
from podium.predictions.top_k import concatenate, require_dense
from podium.tasks.protocols.names import IMAGES, PIXELS, has_images

if TYPE_CHECKING:
    import pandas as pd

    from podium.competition.spec import Competition
    from podium.ensembling.record import BlendPart
    from podium.predictions.store.masks import MaskProbs
    from podium.tasks.protocols.names import TaskName

__all__ = ["blend_masks", "blend_presence", "blend_probs", "blend_scored", "mixed_masks"]

MOST_ROWS = 4_000  # that show by how much fold models differ; up to twice as many are read


def blend_probs(
    blend: Blend,
    sets: Sequence[Path],
    split: Split,
    *,
    task: str = IMAGES,
) -> tuple[list[str], Probs]:
    """Return `(ids, probs)` of the blend, `probs` `(N, C)`, in the order of the first member's ids.

    Members are read a block of rows at a time, so that memory does not grow with their number.

    Args:
        blend: what `read_blend` returned.
        sets: its members' sets, which `read_blend` returned with it.
        split: "test" and "unlabelled" are averaged over fold models; "oof" holds the rows that
            every member predicted.
        task: the task.

    Raises:
        DataError: a member lacks the split, or rows of it.
    """
    members = _members(blend, sets)
    if split == "oof":
        return _oof_probs(blend, [one.oof(task) for one in members])
    ids = members[0].ids(split, task)
    for name, member in zip(blend.members, members, strict=True):
        _check_ids(name, ids, member.ids(split, task))
    method, step = blend.how, max(1, len(ids) // MOST_ROWS)

    def read(member: PredictionSet, folds: Sequence[Fold] | None) -> Probs:
        return _read(member, split, task, ids, folds, step=step)

    fitted = _fit_for_means(blend, members, split, task, read)
    streams = [one.mean_blocks(split, task, ids=ids) for one in members]
    if method.prepare is not None:  # needs all rows of a member
        whole = [concatenate([probs for _, probs in one]) for one in streams]
        return ids, method.combined(method.prepared(whole), fitted)
    blocks = [
        method.combined([probs for _, probs in block], fitted)
        for block in zip(*streams, strict=True)
    ]
    return ids, concatenate(blocks)


def blend_scored(
    blend: Blend,
    sets: Sequence[Path],
    split: Split,
    samples: pd.DataFrame,
    competition: Competition,
) -> tuple[list[str], Probs]:
    """Return `(names, probs)` of what is scored: units, aggregated from their images, or images.

    Each member's predictions are aggregated first, and then blended, as when the blend was fitted.

    Args:
        blend, sets, split: as `blend_probs` has them.
        samples: of the split (“oof”: of train), which hold the unit of each image.
        competition: whose.

    Raises:
        DataError: as `blend_probs`, or an image is not among the samples.
        RunError: the blend was made for images, and units are scored now, or the reverse.
    """
    if (blend.aggregate is not None) != competition.scores_units:
        blended, scored = ("images", "units") if competition.scores_units else ("units", "images")
        raise RunError(
            f"the blend was made for {blended}, and {scored} are scored now", fix="podium blend"
        )
    if blend.aggregate is None:
        return blend_probs(blend, sets, split)
    members = _members(blend, sets)
    if split == "oof":
        ids, each, folds = _shared_oof([one.oof(IMAGES) for one in members])
    else:
        ids = members[0].ids(split, IMAGES)
        for name, member in zip(blend.members, members, strict=True):
            _check_ids(name, ids, member.ids(split, IMAGES))
        each = [_read(one, split, IMAGES, ids) for one in members]
        folds = np.zeros(len(ids), dtype=np.int64)
    at = require_positions(list(samples["id"]), ids, f"the {split} samples", where=None)
    units = units_of(samples.iloc[at], competition, blend.aggregate)
    assert units is not None
    method = blend.how
    of_units = [units.probs(require_dense(one, who="the mean of a unit")) for one in each]
    prepared = method.prepared(of_units, folds[units.first])
    fitted = blend.fitted
    if split != "oof":
        fitted = _fit_for_means(
            blend,
            members,
            split,
            IMAGES,
            lambda one, chosen: units.probs(
                require_dense(_read(one, split, IMAGES, ids, chosen), who="the mean of a unit")
            ),
        )
    return list(units.names), method.combined(prepared, fitted)


def blend_masks(
    blend: Blend, sets: Sequence[Path], split: Split, *, ids: Sequence[str] | None = None
) -> MixedMasks:
    """Return the masks of probabilities of a blend's segment part, mixed when they are read.

    Args:
        blend: the segment part.
        sets: its members' sets.
        split: "test" and "unlabelled" are averaged over fold models; "oof" holds the images that
            every member predicted.
        ids: which images, in which order; None takes the order of the first member.

    Raises:
        DataError: a member lacks the split, or images of it.
    """
    members, method = _members(blend, sets), blend.how
    if split == "oof":
        oofs = [one.oof_masks(blend.task) for one in members]
        if ids is None:
            shared = set(oofs[0].ids).intersection(*(one.ids for one in oofs))
            ids = [one for one in oofs[0].ids if one in shared]
        return mixed_masks(method, blend.fitted, oofs, ids)
    means = [one.mean_masks(split, blend.task) for one in members]
    for name, one in zip(blend.members, means, strict=True):
        _check_ids(name, list(means[0].ids), list(one.ids))
    return mixed_masks(method, blend.fitted, means, ids)


def mixed_masks(
    method: BlendMethod,
    fitted: Fitted,
    members: Sequence[MaskProbs],
    ids: Sequence[str] | None = None,
) -> MixedMasks:
    """Return the masks that a method makes of `members`, mixed when they are read.

    Args:
        method: how.
        fitted: what it combines them with.
        members: the predictions to mix; the order of their masks may differ.
        ids: which masks, in which order; None takes the first member's.

    Raises:
        UsageError: there is no member.
        DataError: a member lacks an id, or members differ in channels or in the size of a mask.
    """
    if len(members) == 1 or not fitted.params:
        return mix_masks(members, fitted.weights, ids)
    return mix_masks(
        members, fitted.weights, ids, combine=lambda bands: method.combined(bands, fitted)
    )


def blend_presence(
    parts: Mapping[TaskName, BlendPart], split: Split, ids: Sequence[str], *, n_classes: int
) -> NDArray[np.float32] | None:
    """Return the input of a gate: for each image and mask class, the probability that it is there.

    Args:
        parts: what `read_parts` returned.
        split: of the images.
        ids: `(N,)`, the images.
        n_classes: mask classes, 1 for a binary mask.

    Returns:
        `(N, C)`; None where the decision on masks has no gate.

    Raises:
        DataError: the members of the classification part did not predict one of the images.
        RunError: there is no such part.
    """
    if not any("gate" in step for step in parts[PIXELS].blend.decision):
        return None
    if not has_images(parts):
        raise RunError("the decision has a gate, but no part to ask", fix="make the blend again")
    labels = parts[IMAGES]
    have, probs = blend_probs(labels.blend, labels.sets, split)
    take = require_positions(have, ids, "the classification part", where=None)
    return presence_of(require_dense(probs[take], who="a gate"), n_classes)


def _members(blend: Blend, sets: Sequence[Path]) -> list[PredictionSet]:
    members = [PredictionSet(root) for root in sets]
    if len(members) != len(blend.weights):
        raise UsageError(
            f"{len(members)} prediction sets for {plural(len(blend.weights), 'member')}"
        )
    return members


def _read(
    member: PredictionSet,
    split: Split,
    task: str,
    ids: Sequence[str],
    folds: Sequence[Fold] | None = None,
    *,
    step: int = 1,
) -> Probs:
    """Return the mean `(N, C)` over some fold models, of every `step`-th row in the order of `ids`.

    No more than a block of rows is held beside those that are returned.
    """
    kept, start = [], 0
    for names, probs in member.mean_blocks(split, task, folds=folds, ids=ids):
        kept.append(probs[-start % step :: step])
        start += len(names)
    made: Probs = concatenate(kept)
    return made


def _fit_for_means(
    blend: Blend,
    members: Sequence[PredictionSet],
    split: Split,
    task: str,
    read: Callable[[PredictionSet, Sequence[Fold] | None], Probs],
) -> Fitted:
    """Return the fit for means over fold models, calibrated as these and not as one of them.

    Args:
        blend: was fitted on predictions of one fold model a row.
        members: its prediction sets.
        split: "test" or "unlabelled".
        task: the task.
        read: from a member and its fold models, None for all, to their mean of some rows.
    """
    method, plain = blend.how, blend.fitted.uncalibrated()
    models = [one.averaged_folds(split, task) for one in members]
    n_models = max(map(len, models))
    if blend.fitted.calibration is None or n_models < 2:
        return blend.fitted

    def combined(number: int | None) -> NDArray[np.float32]:
        """Return the blend of the members' models of one number; None: of their means."""
        parts = [
            read(one, None if number is None else [folds[number % len(folds)]])
            for one, folds in zip(members, models, strict=True)
        ]
        return np.asarray(method.combined(method.prepared(parts), plain))

    each = np.stack([combined(number) for number in range(n_models)])
    return blend.fitted.calibrated_for_means(each, combined(None))


def _oof_probs(blend: Blend, oofs: Sequence[Oof]) -> tuple[list[str], Probs]:
    ids, parts, folds = _shared_oof(oofs)
    method = blend.how
    return ids, method.combined(method.prepared(parts, folds), blend.fitted)


def _shared_oof(oofs: Sequence[Oof]) -> tuple[list[str], list[Probs], NDArray[np.int64]]:
    """Return the ids that all have, each member's predictions of them, and the fold of each."""
    ids = oofs[0].ids
    at = np.stack([positions(oof.ids, ids) for oof in oofs])
    keep = np.flatnonzero((at >= 0).all(axis=0))
    parts = [oof.probs[where] for oof, where in zip(oofs, at[:, keep], strict=True)]
    return [ids[int(i)] for i in keep], parts, oofs[0].folds[keep]


def _check_ids(name: str, expected: list[str], have: list[str]) -> None:
    if expected == have:
        return
    missing, extra = set(expected) - set(have), set(have) - set(expected)
    if missing or extra:
        text = (
            f"lacks {plural(len(missing), 'row')}"
            if missing
            else f"has {plural(len(extra), 'row')} more"
        )
        raise DataError(
            f"{name} {text} than the first member: {some(sorted(missing or extra))}",
            fix="predict with every member on the same files",
        )
