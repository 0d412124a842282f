"""Keeps what a training sees first, for a figure: a few samples of every stream, in all views.

It draws nothing, and reads nothing that the training has not read: weights are the same without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from podium.competition.masks import Mask, nearest
from podium.competition.pixels import Pixels
from podium.competition.spec import TaskKind
from podium.predictions.seen import SeenStream, SeenView, seen_file, seen_folds, write_seen
from podium.training.batches import Stream
from podium.training.fold_files import Fold, FoldFiles
from podium.training.job import Job
from podium.training.method import Step
from podium.training.phase_run import PhasePlan
from podium.training.streams import HostBatch
from podium.workspace.atomic import sweep
from podium.workspace.progress import Progress

__all__ = ["SAMPLES", "SIDE_PX", "FirstBatches", "witnessed"]

SAMPLES, SIDE_PX = 6, 96


class FirstBatches:
    """Writes what streams of phases show, each once: the first batch that there is of it.

    Args:
        files: of the fold.
        pixels: of images as views show them.
        kind: of the labels; None where there are none, or where they are learnt as something else.
        classes: their names.
        progress: is told where a file cannot be written.
    """

    def __init__(
        self,
        files: FoldFiles,
        *,
        pixels: Pixels,
        kind: TaskKind | None,
        classes: Sequence[str],
        progress: Progress,
    ) -> None:
        self._files, self._progress = files, progress
        self._pixels, self._kind, self._classes = pixels, kind, classes
        self._asked: set[tuple[int, str]] = set()

    def wants(self, phase: int, stream: str) -> bool:
        """Tell, once, whether there is no file of a stream; `phase` is its index, from 0."""
        if (phase, stream) in self._asked:
            return False
        self._asked.add((phase, stream))
        return not seen_file(self._files.run, self._files.fold, phase + 1, stream).exists()

    def note(self, step: Step, stream: Stream, batch: HostBatch, ids: Sequence[str]) -> None:
        """Write the first samples of `batch`; whatever goes wrong, training goes on.

        Args:
            step: whose batch it is.
            stream: what was asked for.
            batch: what came, in host memory.
            ids: `(N,)` of its samples.
        """
        try:
            views = [self._view(batch, number, stream) for number in range(len(stream.views))]
            labels = self._labels(batch.targets.get("classify"), len(views[0].images))
            names = [str(one) for one in ids[: len(labels)]]
            seen = SeenStream(step.phase + 1, stream.name, step.index + 1, names, labels, views)
            file = seen_file(self._files.run, self._files.fold, seen.phase, seen.name)
            sweep(file.parent)  # what a killed writer left there
            write_seen(self._files.run, self._files.fold, seen)
        except Exception as error:  # a picture for people is worth no training
            self._progress.say(f"{self._files.title}: what stream {stream.name} shows: {error}")

    def _view(self, batch: HostBatch, number: int, stream: Stream) -> SeenView:
        spec = stream.views[number]
        images = batch.views.images[spec.name][:SAMPLES].numpy()
        masks = batch.views.masks.get(spec.name)
        return SeenView(
            spec.name,
            spec.policy,
            spec.of or "",
            np.stack([_smaller(self._pixels.shown(one)) for one in images]),
            None if masks is None else _thinned(masks[:SAMPLES].numpy()),
        )

    def _labels(self, targets: Tensor | None, n: int) -> list[str]:
        if targets is None or self._kind is None:
            return [""] * n
        return [_as_text(one, self._kind, self._classes) for one in targets[:n].numpy()]


def witnessed(
    plans: Sequence[PhasePlan], job: Job, fold: Fold, progress: Progress
) -> list[PhasePlan]:
    """Return `plans` with what they show kept in the folder of `fold`.

    They are returned as they are where another fold of the run has been trained before, and in
    trials of a search, which lie elsewhere and which nobody looks at.
    """
    if job.run.parent != job.workspace.runs or set(seen_folds(job.run)) - {str(fold)}:
        return list(plans)
    is_plain = "classify" in job.tasks and job.link is None
    witness = FirstBatches(
        job.files(fold),
        pixels=job.competition.pixels.seen,
        kind=job.competition.kind if is_plain else None,
        classes=job.competition.label_names if is_plain else (),
        progress=progress,
    )
    return [replace(plan, witness=witness) for plan in plans]


def _as_text(target: NDArray[Any], kind: TaskKind, classes: Sequence[str]) -> str:
    """Return a target as people say it; nothing where it is missing."""
    if kind == "regression":
        return "" if np.isnan(target).any() else f"{float(target):g}"
    if target.ndim == 0:
        return classes[int(target)] if target >= 0 else ""
    if kind == "multilabel":
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
    return np.stack([nearest(mask, size) for mask in masks])


def _size(height: int, width: int) -> tuple[int, int]:
    shrink = min(1.0, SIDE_PX / max(height, width))
    return max(1, round(shrink * height)), max(1, round(shrink * width))
