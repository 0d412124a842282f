"""Keeps features and masks at the ends of the epochs that a recipe's `keep:` names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import nn

from podium.competition.masks import Mask
from podium.competition.samples import truth
from podium.errors import RecipeError, some
from podium.models.network import Network
from podium.predictions.decide_masks import decide_mask
from podium.predictions.kept import epoch_folder, write_kept
from podium.predictions.mask_probs import MaskArrays
from podium.training.augment import build_eval
from podium.training.evaluation import Autocast, EvalImages, evaluating
from podium.training.fold_files import Fold
from podium.training.inference import whole_masks
from podium.training.job import Job
from podium.training.onlooking import Moment
from podium.training.probe import pooled_features
from podium.training.randomness import generator
from podium.training.recipe import Keep
from podium.training.standing import HistoryRow
from podium.training.streams import Normaliser
from podium.training.training_rows import rows_of
from podium.workspace.progress import Progress

__all__ = ["Keeper", "keeper_of"]


@dataclass(frozen=True)
class Keeper:
    """Writes what is kept; an onlooker of a loop.

    Args:
        job, fold: whose.
        epochs: the ends of these epochs of the run, from 1.
        keeps_last: and the end of the run, whenever that is.
        ids, labels: of the images whose features are kept, as `read_features` gives them.
        images: the same, as they are shown in validation; None: no features are kept.
        drawn: the samples whose masks are kept.
        learnt: `(n,)`: whether the fold learns from the mask of each of these.
    """

    job: Job
    fold: Fold
    epochs: frozenset[int]
    keeps_last: bool
    ids: Sequence[str]
    labels: NDArray[Any] | None
    images: EvalImages | None
    drawn: pd.DataFrame
    learnt: Sequence[bool]

    def is_due(self, at: Moment) -> bool:
        if at.number not in self.epochs and not (self.keeps_last and at.ends_run):
            return False
        # An epoch that comes again after an interruption ends as it did.
        return not epoch_folder(self.job.run, self.fold, at.number).exists()

    def look(
        self, network: nn.Module, at: Moment, normalise: Normaliser, autocast: Autocast
    ) -> HistoryRow:
        features = masks = None
        network = cast(Network, network)
        if self.images is not None:
            head = network.parts.get("classify")
            if not hasattr(head, "embed"):
                head = None  # one of the user's own need not say what it sees
            vectors = pooled_features(network, self.images, normalise, autocast, head=head)
            features = self.ids, self.labels, vectors
        if len(self.drawn):
            said = self._masks(network, normalise, autocast)
            masks = list(self.drawn["id"]), said, self.learnt
        write_kept(self.job.run, self.fold, at.number, features=features, masks=masks)
        return {}

    def _masks(self, network: Network, normalise: Normaliser, autocast: Autocast) -> list[Mask]:
        kind, found = self.job.competition.mask_kind, []
        with evaluating(network):
            every = whole_masks(self.job, network, self.drawn, normalise, autocast)
            for name, probs in zip(self.drawn["id"], every, strict=True):
                found.append(decide_mask(MaskArrays([name], [probs]), 0, None, kind))
        return found


def keeper_of(job: Job, fold: Fold, n_epochs: int, progress: Progress) -> Keeper | None:
    """Return who keeps what the recipe says; None where it says nothing.

    Args:
        job, fold: whose.
        n_epochs: how many the fold's training plans, over all phases.
        progress: is told of epochs that do not come.

    Raises:
        RecipeError: there are no masks to keep, no image of a name, or no features of whole images.
    """
    keep = job.recipe.keep
    if keep is None:
        return None
    ids: list[str] = []
    labels = images = None
    if keep.features:
        _refuse_windows(job)
        samples = _some_rows(job, fold, keep.features)
        ids, labels = list(samples["id"]), _labels(job, samples)
        rows = rows_of(job, samples, progress, answers=False)
        view = build_eval(job.recipe.input, job.competition.pixels)
        images = EvalImages(rows, view, batch_size=job.recipe.batch_size)
    drawn, learnt = _drawn(job, fold, keep)
    epochs = _epochs(keep, n_epochs)
    late = sorted(one for one in epochs if one > n_epochs)
    if late:
        progress.say(
            f"{job.files(fold).title}: keep names epoch {some(late)}, and there are {n_epochs}"
        )
    last = "last" in keep.epochs
    return Keeper(job, fold, epochs, last, ids, labels, images, drawn, learnt)


def _epochs(keep: Keep, n_epochs: int) -> frozenset[int]:
    named = {"first": 1, "middle": (n_epochs + 1) // 2}
    return frozenset(
        named[one] if isinstance(one, str) else one for one in keep.epochs if one != "last"
    )


def _some_rows(job: Job, fold: Fold, n: int) -> pd.DataFrame:
    """Return `n` validation rows at most; of a training that validates none, of its own.

    They follow from the fold alone, so that every run over the same folds keeps the same.
    """
    learnt, valid = job.data.rows(fold)
    at = valid if len(valid) else learnt
    if len(at) > n:
        at = np.sort(generator("keep", str(fold)).choice(at, n, replace=False))
    return job.data.samples.iloc[at]


def _labels(job: Job, samples: pd.DataFrame) -> NDArray[Any] | None:
    return truth(samples, job.competition) if "classify" in job.competition.tasks else None


def _drawn(job: Job, fold: Fold, keep: Keep) -> tuple[pd.DataFrame, list[bool]]:
    """Return the samples whose masks are kept, and whether the fold learns from each."""
    train = job.data.samples
    if not keep.masks:
        return train.iloc[:0], []
    if "segment" not in job.tasks:
        what = "learns without labels" if job.is_label_free else "has no head for masks"
        fix = "leave keep.masks out"
        raise RecipeError(f"the network {what}, so it makes none", where="keep.masks", fix=fix)
    parts = [train] if job.competition.data.test is None else [train, job.samples("test")]
    every = pd.concat(parts, ignore_index=True)
    place = {name: row for row, name in enumerate(every["id"])}
    unknown = [name for name in keep.masks if name not in place]
    if unknown:
        raise RecipeError(
            f"there is no train or test image {some(unknown)}",
            where="keep.masks",
            fix="write ids as they stand in folds.csv",
        )
    at = [place[name] for name in keep.masks]
    learnt, _ = job.data.rows(fold)
    return every.iloc[at].reset_index(drop=True), np.isin(at, learnt).tolist()


def _refuse_windows(job: Job) -> None:
    if job.recipe.input.fit == "tile":
        raise RecipeError(
            "fit: tile shows windows of an image, and features are kept of whole ones",
            where="keep.features",
            fix="write features: 0, or another fit",
        )
