"""Callbacks of a training: probes of features, features and masks kept by epoch, and first batches.

A probe (`probe:`) measures how well features that are learnt without labels separate the classes:

    knn      s_q(c) = sum_{i in N_k(q), y_i = c} exp(cos(f_q, f_i) / 0.07),   ŷ_q = argmax_c s_q(c)
             (Wu et al. 2018, arXiv:1805.01978, §3.4; k and the temperature as there)
    linear   multinomial logistic regression, C = 1, on features that the bank's mean and deviation
             make standard
f is the deepest map, pooled, of the network in evaluation mode, on images prepared as in
validation. The queries are the held-out rows of the fold, or, of a training on all rows, those of
the first fold; the bank is the training rows of that fold. Both numbers are accuracies. Labels are
read and choose nothing: no epoch, no rate, no weight.

Snapshots (`keep:`) are features and masks at the ends of chosen epochs, for figures. First batches
are a few samples of every stream, in all views: recording them draws nothing, and reads nothing
that the training has not read, so weights are the same without it.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import cv2
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from podium.competition.samples import truth
from podium.competition.truths.masks import Mask, resize_nearest
from podium.competition.truths.pixels import Pixels
from podium.errors import RecipeError, some
from podium.models.network import Network
from podium.predictions.decisions.masks import decide_mask
from podium.predictions.retrieval import nearest_neighbours
from podium.predictions.snapshots import (
    StreamPreview,
    ViewPreview,
    epoch_folder,
    preview_file,
    preview_folds,
    write_preview,
    write_snapshot,
)
from podium.predictions.store.masks import MaskArrays
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, has_images, has_pixels, of_images
from podium.training.data.augment import build_eval
from podium.training.data.rows import rows_of
from podium.training.data.sampling import LABELLED, Stream, generator
from podium.training.data.streams import HostBatch, Normaliser
from podium.training.fit.loop import EpochEnd
from podium.training.fit.phase_plans import method_of
from podium.training.fit.phase_run import PhasePlan
from podium.training.inference.images import Autocast, EvalImages, evaluation_mode
from podium.training.inference.network import whole_masks
from podium.training.method import Step
from podium.training.recipe import Keep, Phase, Probe
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.training.runs.history import HistoryRow
from podium.training.runs.job import Job, TrainingData
from podium.training.self_supervised import pooled
from podium.workspace.progress import Progress

__all__ = [
    "SAMPLES",
    "SIDE_PX",
    "FirstBatches",
    "knn_accuracy",
    "linear_accuracy",
    "probe_callback",
    "snapshot_callback",
    "with_first_batches",
]


TEMPERATURE = 0.07
MOST_ITERATIONS = 200

Vectors = NDArray[np.float32]
Classes = NDArray[np.int64]


@dataclass(frozen=True)
class ProbeSamples:
    """Some labelled samples.

    Attributes:
        images: as they are shown in validation.
        labels: `(N,)` classes.
    """

    images: EvalImages
    labels: Classes


@dataclass(frozen=True)
class ProbeCallback:
    """Callback that measures features every so many epochs.

    Args:
        probes: the probe of each phase that has one, by the phase's index.
        bank: the samples that vote, and on which the linear probe is fitted.
        queries: the samples that are predicted.
    """

    probes: Mapping[int, Probe]
    bank: ProbeSamples
    queries: ProbeSamples

    def is_due(self, at: EpochEnd) -> bool:
        spec = self.probes.get(at.phase)
        return spec is not None and (at.ends_phase or at.epoch % spec.every == 0)

    def on_epoch_end(
        self, network: nn.Module, at: EpochEnd, normalise: Normaliser, autocast: Autocast
    ) -> HistoryRow:
        spec, network = self.probes[at.phase], cast(Network, network)
        bank, queries = (
            pooled_features(network, one.images, normalise, autocast)
            for one in (self.bank, self.queries)
        )
        labels = self.bank.labels, self.queries.labels
        row: HistoryRow = {}
        if spec.knn:
            row["knn"] = knn_accuracy(bank, labels[0], queries, labels[1], k=spec.knn)
        if spec.linear:
            row["linear"] = linear_accuracy(bank, labels[0], queries, labels[1])
        return row


def probe_callback(job: Job, fold: Fold, progress: Progress) -> ProbeCallback | None:
    """Return the probe of the phases of `job` that have one; None where none has.

    Raises:
        RecipeError: a phase with a probe learns from labels, or there are no classes to predict.
    """
    probes = {i: one.probe for i, one in enumerate(job.recipe.phases) if one.probe is not None}
    if not probes:
        return None
    for i in probes:
        _refuse_labelled(job, job.recipe.phases[i])
    where = f"phase {job.recipe.phases[min(probes)].name}: probe"
    _refuse_other_tasks(job, where)
    is_outside = not job.data.fold_numbers  # of a run that is in no folds
    data = TrainingData.load(job.workspace, job.competition) if is_outside else job.data
    fold_of_queries = data.fold_numbers[0] if fold == "full" else fold
    most = max(one.rows for one in probes.values())
    samples = []
    for name, at in zip(("bank", "queries"), data.rows(fold_of_queries), strict=True):
        labels = truth(data.samples.iloc[at], job.competition)
        there = np.flatnonzero(labels >= 0)
        if not len(there):
            raise RecipeError(
                f"no sample of fold {fold_of_queries}'s {name} has a label",
                where=where,
                fix="leave it out",
            )
        chosen = _some(there, most, job.recipe.seed, name)
        rows = rows_of(job, data.samples.iloc[at[chosen]], progress, answers=False)
        view = build_eval(job.recipe.input, job.competition.pixels)
        images = EvalImages(rows, view, batch_size=job.recipe.batch_size)
        samples.append(ProbeSamples(images, labels[chosen]))
    return ProbeCallback(probes, *samples)


def _some(at: NDArray[np.int64], most: int, seed: int, name: str) -> NDArray[np.int64]:
    """Return `most` of `at` at most, the same ones every time, in their order."""
    if len(at) <= most:
        return at
    return np.sort(generator("probe", seed, name).choice(at, most, replace=False))


def _refuse_labelled(job: Job, phase: Phase) -> None:
    if LABELLED in method_of(phase, job.workspace.root).needs:
        raise RecipeError(
            f"{phase.method.name} learns from labels, so its epochs are validated anyhow",
            where=f"phase {phase.name}: probe",
            fix="leave it out",
        )


def _refuse_other_tasks(job: Job, where: str) -> None:
    tasks = job.competition.tasks
    kind = of_images(tasks)
    if kind is None or not kind.is_one_class:
        has = "has no labels" if kind is None else f"has {kind} labels"
        raise RecipeError(
            f"a probe predicts classes, multiclass or binary, and the competition {has}",
            where=where,
            fix="leave it out",
        )
    if job.recipe.input.fit == "tile":
        raise RecipeError(
            "a probe is of whole images, and fit: tile shows windows of them",
            where=where,
            fix="leave it out, or write another fit",
        )


@torch.inference_mode()
def pooled_features(
    network: Network,
    images: EvalImages,
    normalise: Normaliser,
    autocast: Autocast,
    *,
    head: nn.Module | None = None,
) -> Vectors:
    """Return what `network` in evaluation mode makes of images, `(N, F)`; its mode is put back.

    Args:
        network: on the device of `normalise`.
        images: in the order of the rows.
        normalise: of the network.
        autocast: the precision that networks run in.
        head: whose `embed` makes a vector of the maps; None: the deepest map's average.
    """
    made = []
    with evaluation_mode(network):
        for batch in images:
            with autocast():
                features = network.features(normalise(batch))
                vectors = pooled(features) if head is None else head.embed(features)  # type: ignore[operator]
            made.append(vectors.float().cpu().numpy())
    return np.concatenate(made)


def knn_accuracy(
    bank: Vectors, bank_labels: Classes, queries: Vectors, labels: Classes, *, k: int
) -> float:
    """Return the share of queries whose class their neighbours vote for.

    Args:
        bank: `(N, F)`; lengths do not count, and a vector of zeros is as far from all as can be.
        bank_labels: `(N,)` classes, not below 0.
        queries: `(Q, F)`.
        labels: `(Q,)` classes.
        k: neighbours that vote, all where there are fewer.
    """
    found = nearest_neighbours(_directions(queries), _directions(bank), min(k, len(bank)))
    votes = np.zeros((len(queries), int(bank_labels.max()) + 1))
    weight = np.exp(found.similarity.astype(np.float64) / TEMPERATURE)
    np.add.at(votes, (np.arange(len(queries))[:, None], bank_labels[found.rows]), weight)
    return float((votes.argmax(axis=1) == labels).mean())


def _directions(vectors: Vectors) -> Vectors:
    """Return `(N, F + 1)` vectors whose cosines are those of `(N, F)` ones; none is 0."""
    is_nothing = ~vectors.any(axis=1, keepdims=True)
    return np.concatenate([vectors, is_nothing], axis=1, dtype=np.float32)


def linear_accuracy(
    bank: Vectors, bank_labels: Classes, queries: Vectors, labels: Classes
) -> float:
    """Return the share of queries whose class a logistic regression on the bank predicts.

    Arguments as of `knn_accuracy`. A bank of one class predicts that one.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    if (bank_labels == bank_labels[0]).all():
        return float((labels == bank_labels[0]).mean())
    mean, deviation = bank.mean(axis=0), bank.std(axis=0)
    scale = np.where(deviation > 0, deviation, 1)
    model: Any = LogisticRegression(max_iter=MOST_ITERATIONS)
    with warnings.catch_warnings():
        # The solver need not converge to the last digit: the accuracy only informs.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit((bank - mean) / scale, bank_labels)
    return float((model.predict((queries - mean) / scale) == labels).mean())


@dataclass(frozen=True)
class SnapshotCallback:
    """Callback that writes features and masks.

    Args:
        job, fold: of the training.
        epochs: the ends of these epochs of the run, from 1.
        keeps_last: and the end of the run, whenever that is.
        ids, labels: of the images whose features are kept, as `read_epoch_features` gives them.
        images: the same, prepared as in validation; None: no features are kept.
        drawn: the samples whose masks are kept.
        in_training: `(n,)`: whether the fold is trained on the mask of each of these.
    """

    job: Job
    fold: Fold
    epochs: frozenset[int]
    keeps_last: bool
    ids: Sequence[str]
    labels: NDArray[Any] | None
    images: EvalImages | None
    drawn: pd.DataFrame
    in_training: Sequence[bool]

    def is_due(self, at: EpochEnd) -> bool:
        if at.number not in self.epochs and not (self.keeps_last and at.ends_run):
            return False
        # An epoch that comes again after an interruption ends as it did.
        return not epoch_folder(self.job.run, self.fold, at.number).exists()

    def on_epoch_end(
        self, network: nn.Module, at: EpochEnd, normalise: Normaliser, autocast: Autocast
    ) -> HistoryRow:
        features = masks = None
        network = cast(Network, network)
        if self.images is not None:
            head = network.parts.get(IMAGES)
            if not hasattr(head, "embed"):
                head = None  # a head of the user's own need not describe its input
            vectors = pooled_features(network, self.images, normalise, autocast, head=head)
            features = self.ids, self.labels, vectors
        if len(self.drawn):
            found = self._masks(network, normalise, autocast)
            masks = list(self.drawn["id"]), found, self.in_training
        write_snapshot(self.job.run, self.fold, at.number, features=features, masks=masks)
        return {}

    def _masks(self, network: Network, normalise: Normaliser, autocast: Autocast) -> list[Mask]:
        kind, found = self.job.competition.mask_kind, []
        with evaluation_mode(network):
            every = whole_masks(self.job, network, self.drawn, normalise, autocast)
            for name, probs in zip(self.drawn["id"], every, strict=True):
                found.append(decide_mask(MaskArrays([name], [probs]), 0, None, kind))
        return found


def snapshot_callback(
    job: Job, fold: Fold, n_epochs: int, progress: Progress
) -> SnapshotCallback | None:
    """Return the callback that keeps what `keep:` names; None where the recipe has none.

    Args:
        job, fold: of the training.
        n_epochs: number that the fold's training plans, over all phases.
        progress: gets a message about epochs that do not come.

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
        ids, labels = list(samples["id"]), _snapshot_labels(job, samples)
        rows = rows_of(job, samples, progress, answers=False)
        view = build_eval(job.recipe.input, job.competition.pixels)
        images = EvalImages(rows, view, batch_size=job.recipe.batch_size)
    drawn, in_training = _mask_samples(job, fold, keep)
    epochs = _snapshot_epochs(keep, n_epochs)
    late = sorted(one for one in epochs if one > n_epochs)
    if late:
        progress.say(
            f"{job.files(fold).title}: keep names epoch {some(late)}, and there are {n_epochs}"
        )
    last = "last" in keep.epochs
    return SnapshotCallback(job, fold, epochs, last, ids, labels, images, drawn, in_training)


def _snapshot_epochs(keep: Keep, n_epochs: int) -> frozenset[int]:
    named = {"first": 1, "middle": (n_epochs + 1) // 2}
    return frozenset(
        named[one] if isinstance(one, str) else one for one in keep.epochs if one != "last"
    )


def _some_rows(job: Job, fold: Fold, n: int) -> pd.DataFrame:
    """Return `n` validation rows at most; of a training that validates none, of its own.

    They follow from the fold alone, so that every run over the same folds keeps the same.
    """
    train, valid = job.data.rows(fold)
    at = valid if len(valid) else train
    if len(at) > n:
        at = np.sort(generator("keep", str(fold)).choice(at, n, replace=False))
    return job.data.samples.iloc[at]


def _snapshot_labels(job: Job, samples: pd.DataFrame) -> NDArray[Any] | None:
    return truth(samples, job.competition) if job.competition.has_labels else None


def _mask_samples(job: Job, fold: Fold, keep: Keep) -> tuple[pd.DataFrame, list[bool]]:
    """Return the samples whose masks are kept, and whether the fold learns from each."""
    train = job.data.samples
    if not keep.masks:
        return train.iloc[:0], []
    if not has_pixels(job.tasks):
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
    trained, _ = job.data.rows(fold)
    return every.iloc[at].reset_index(drop=True), np.isin(at, trained).tolist()


def _refuse_windows(job: Job) -> None:
    if job.recipe.input.fit == "tile":
        raise RecipeError(
            "fit: tile shows windows of an image, and features are kept of whole ones",
            where="keep.features",
            fix="write features: 0, or another fit",
        )


SAMPLES, SIDE_PX = 6, 96


class FirstBatches:
    """Writes the first batch of each stream of a phase, once.

    Args:
        files: of the fold.
        pixels: of images as views show them.
        kind: of the labels; None where there are none, or where they are learnt as something else.
        classes: their names.
        progress: gets a message where a file cannot be written.
    """

    def __init__(
        self,
        files: FoldFiles,
        *,
        pixels: Pixels,
        kind: Kind | None,
        classes: Sequence[str],
        progress: Progress,
    ) -> None:
        self._files, self._progress = files, progress
        self._pixels, self._kind, self._classes = pixels, kind, classes
        self._requested: set[tuple[int, str]] = set()

    def is_due(self, phase: int, stream: str) -> bool:
        """Return, True at most once, whether a stream has no file; `phase` is its index, from 0."""
        if (phase, stream) in self._requested:
            return False
        self._requested.add((phase, stream))
        return not preview_file(self._files.run, self._files.fold, phase + 1, stream).exists()

    def note(self, step: Step, stream: Stream, batch: HostBatch, ids: Sequence[str]) -> None:
        """Write the first samples of `batch`; training goes on whatever error occurs.

        Args:
            step: of the batch.
            stream: of the batch.
            batch: the samples, in host memory.
            ids: `(N,)` of its samples.
        """
        try:
            views = [self._view(batch, number, stream) for number in range(len(stream.views))]
            labels = self._labels(batch.targets.get(IMAGES), len(views[0].images))
            names = [str(one) for one in ids[: len(labels)]]
            preview = StreamPreview(
                step.phase + 1, stream.name, step.index + 1, names, labels, views
            )
            write_preview(self._files.run, self._files.fold, preview)
        except Exception as error:  # training must not stop for a preview
            self._progress.say(f"{self._files.title}: no preview of stream {stream.name}: {error}")

    def _view(self, batch: HostBatch, number: int, stream: Stream) -> ViewPreview:
        spec = stream.views[number]
        images = batch.views.images[spec.name][:SAMPLES].numpy()
        masks = batch.views.masks.get(spec.name)
        return ViewPreview(
            spec.name,
            spec.policy,
            spec.of or "",
            np.stack([_smaller(self._pixels.shown(one)) for one in images]),
            None if masks is None else _thinned(masks[:SAMPLES].numpy()),
        )

    def _labels(self, targets: Tensor | None, n: int) -> list[str]:
        if targets is None or self._kind is None:
            return [""] * n
        return [_format_target(one, self._kind, self._classes) for one in targets[:n].numpy()]


def with_first_batches(
    plans: Sequence[PhasePlan], job: Job, fold: Fold, progress: Progress
) -> list[PhasePlan]:
    """Return `plans` that keep their first batches in the folder of `fold`.

    They are returned unchanged where another fold of the run has been trained before, and in
    trials of a search, which lie elsewhere and whose previews nobody opens.
    """
    if job.run.parent != job.workspace.runs or set(preview_folds(job.run)) - {str(fold)}:
        return list(plans)
    is_plain = has_images(job.tasks) and job.link is None
    witness = FirstBatches(
        job.files(fold),
        pixels=job.competition.pixels.network_form,
        kind=job.competition.kind if is_plain else None,
        classes=job.competition.label_names if is_plain else (),
        progress=progress,
    )
    return [replace(plan, witness=witness) for plan in plans]


def _format_target(target: NDArray[Any], kind: Kind, classes: Sequence[str]) -> str:
    """Return a target as text; nothing where it is missing."""
    if kind.is_continuous:
        return ", ".join(f"{one:g}" for one in target.ravel() if not np.isnan(one))
    if target.ndim == 0:
        return classes[int(target)] if target >= 0 else ""
    if kind.is_by_class:
        return ", ".join(classes[number] for number in np.flatnonzero(target >= 0.5).tolist())
    return "" if np.isnan(target).any() else classes[int(target.argmax())]


def _smaller(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return `image` `(h, w, 3)` with no side over `SIDE_PX`."""
    height, width = _size(*image.shape[:2])
    if (height, width) == image.shape[:2]:
        return image
    resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)


def _thinned(masks: Mask) -> Mask:
    """Return `masks` `(n, h, w)` or `(n, h, w, C)` at the size of `_smaller` images."""
    size = _size(*masks.shape[1:3])
    return np.stack([resize_nearest(mask, size) for mask in masks])


def _size(height: int, width: int) -> tuple[int, int]:
    shrink = min(1.0, SIDE_PX / max(height, width))
    return max(1, round(shrink * height)), max(1, round(shrink * width))
