"""Predict with one trained fold model and write the rows into a prediction set (needs torch)."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.competition.cache import Images, open_images
from podium.competition.masks import truth_masks
from podium.competition.spec import TaskName
from podium.errors import RunError
from podium.models import checkpoints, packed_weights
from podium.models.network import Network, build_network
from podium.predictions.mask_store import require_space, write_masks
from podium.predictions.reading import Split
from podium.predictions.retrieval import EMBED
from podium.predictions.store import write_fold
from podium.predictions.top_k import TopK
from podium.predictions.views import ViewSet
from podium.training.answers import Answer, answer, embed
from podium.training.augment import build_eval
from podium.training.deadline import Deadline
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.evaluation import EvalImages
from podium.training.fold_files import Fold
from podium.training.frames import bands_in_frame, seen_part
from podium.training.job import Job, cached_side, image_paths
from podium.training.links import with_link
from podium.training.normalisation import Normalisation
from podium.training.streams import Normaliser, Rows
from podium.training.windows import window_bands
from podium.workspace.progress import SILENT, Progress

__all__ = ["label_probs", "trained_network", "whole_masks", "write_predictions"]

Bands = Generator[NDArray[np.float32], None, None]


def write_predictions(
    job: Job,
    fold: Fold,
    samples: Mapping[Split, tuple[pd.DataFrame, Sequence[TaskName]]],
    *,
    vectors: Mapping[Split, pd.DataFrame] | None = None,
    views: ViewSet,
    root: Path,
    deadline: Deadline,
    progress: Progress,
) -> None:
    """Write what the model of `fold` says about each split's samples, its mean over `views`.

    Args:
        job, fold: whose network.
        samples: split → its samples, and the tasks that are wanted of them.
        vectors: split → the samples whose embeddings are wanted.
        views: which, and which mean.
        root: the prediction set.
        deadline, progress: as everywhere.

    Raises:
        OutOfTime: after some batches it is clear that the rest will not fit.
        RunError: the fold's weights are damaged.
    """
    use_all_cores()
    with own_random_state():  # building a network draws its initial weights
        network = trained_network(job, fold)
    speaker = _Speaker.of(job, network, views)
    for split, (frame, tasks) in samples.items():
        label = f"{job.files(fold).title}: {split}"
        with progress.bar(label, len(frame)) as advance:
            in_time = _Watch(len(frame), deadline, advance)
            said = _Split(speaker, frame, tasks, in_time, progress)
            facts = _facts(job, fold, frame, views)
            if "segment" in tasks:
                channels, dtype = job.competition.outputs("segment"), job.recipe.predict.dtype
                require_space(root, said.sizes, channels, dtype)
                with closing(said.bands()) as bands:
                    write_masks(
                        root,
                        split,
                        fold,
                        **facts,
                        sizes=said.sizes,
                        bands=bands,
                        dtype=dtype,
                    )
            if "classify" in tasks:
                with closing(said.probs()) as blocks:
                    k = job.top_k
                    kept = blocks if k is None else (TopK.of(one, k) for one in blocks)
                    write_fold(root, split, "classify", fold, **facts, probs=kept)

    for split, frame in (vectors or {}).items():
        label = f"{job.files(fold).title}: embeddings of {split}"
        with progress.bar(label, len(frame)) as advance:
            in_time = _Watch(len(frame), deadline, advance)
            said = _Split(speaker, frame, ["classify"], in_time, progress)
            with closing(said.vectors()) as blocks:
                write_fold(
                    root, split, EMBED, fold, **_facts(job, fold, frame, views), probs=blocks
                )


def label_probs(
    job: Job, fold: Fold, samples: pd.DataFrame, *, views: ViewSet, progress: Progress
) -> NDArray[np.float32]:
    """Return what the model of `fold` says of the labels of `samples`, `(n, C)`, and keep nothing.

    Raises:
        RunError: the fold's weights are damaged.
    """
    use_all_cores()
    with own_random_state():
        network = trained_network(job, fold)
    with progress.bar(f"{job.files(fold).title}: {len(samples)} rows", len(samples)) as advance:
        in_time = _Watch(len(samples), Deadline(None), advance)
        speaker = _Speaker.of(job, network, views)
        return np.concatenate(
            list(_Split(speaker, samples, ["classify"], in_time, progress).probs())
        )


def whole_masks(
    job: Job,
    network: Network,
    samples: pd.DataFrame,
    normalise: Normaliser,
    autocast: Callable[[], object],
) -> Bands:
    """Give what a network says of the masks of `samples`, `(H, W, C)` each, in the frame.

    Args:
        job: whose network.
        network: in evaluation mode, on the device of `normalise`.
        samples: as `load_samples` returns them.
        normalise, autocast: of the network.
    """
    batch_size = job.recipe.predict.batch_size or job.recipe.batch_size
    speaker = _Speaker(job, network, normalise, ViewSet.of(()), batch_size, autocast)
    in_time = _Watch(len(samples), Deadline(None), lambda n: None)
    said = _Split(speaker, samples, ["segment"], in_time, SILENT)
    with closing(said.bands()) as bands:
        for height, _ in said.sizes:
            rows: list[NDArray[np.float32]] = []
            while sum(map(len, rows)) < height:
                rows.append(next(bands))
            yield np.concatenate(rows)


def _facts(job: Job, fold: Fold, frame: pd.DataFrame, views: ViewSet) -> dict[str, Any]:
    return {
        "ids": list(frame["id"]),
        "model": job.model(fold),
        "meta": views.facts,
    }


def trained_network(job: Job, fold: Fold) -> Network:
    """Return the network that predicts for `fold`, on the CPU; building it draws random numbers.

    Raises:
        RunError: the fold's weights are damaged.
    """
    start = {"pretrained": False, "weights": None, "checkpointing": False}
    spec = job.recipe.model.model_copy(update=start)
    network = build_network(
        with_link(spec, job.link),
        n_outputs=job.n_outputs,
        in_chans=job.competition.pixels.channels,
        image_size=job.recipe.input.height_width,
        weights_root=job.workspace.root,
    )
    path = job.weights(fold)
    try:
        is_packed = path.suffix == packed_weights.SUFFIX
        state = packed_weights.load(path) if is_packed else checkpoints.load(path)
        network.load_state_dict(state["network"])
    except (KeyError, RuntimeError) as error:
        raise RunError(
            f"these are not the weights of this recipe's network: {error}",
            where=path,
            fix="remove the fold's folder and train it again",
        ) from error
    if "normalisation" in state:  # networks that were trained before it was written have their own
        network.mean, network.std = Normalisation.from_state(state["normalisation"])
    return network


@dataclass(frozen=True)
class _Speaker:
    """A trained network on its device, and how it is asked."""

    job: Job
    network: Network
    normalise: Normaliser
    views: ViewSet
    batch_size: int
    autocast: Callable[[], object]

    @classmethod
    def of(cls, job: Job, network: Network, views: ViewSet) -> _Speaker:
        fabric = make_fabric(job.recipe)
        network = network.to(fabric.device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        normalise = Normaliser(network.mean, network.std, fabric.device)
        size = job.recipe.predict.batch_size or job.recipe.batch_size
        return cls(job, network, normalise, views, size, fabric.autocast)

    def say(self, images: Tensor, tasks: Sequence[TaskName]) -> Answer:
        """Return probabilities or ratings by task for images `(n, h, w, C)` as views show them."""
        said = answer(
            self.network,
            self.normalise(images),
            self.job.kinds,
            views=self.views,
            tasks=tasks,
            autocast=self.autocast,  # type: ignore[arg-type]
        )
        link = self.job.link
        if link is not None and "classify" in said:
            said["classify"] = link.ratings(said["classify"])
        return said

    def embed(self, images: Tensor) -> NDArray[np.float32]:
        """Return embeddings `(n, D)` of length 1 of images `(n, h, w, C)`, the mean over views."""
        found = embed(
            self.network,
            self.normalise(images),
            views=self.views,
            autocast=self.autocast,  # type: ignore[arg-type]
        )
        return np.asarray(found.cpu().numpy())


class _Watch:
    """Counts images that are done, and stops when the rest will not be before the deadline."""

    def __init__(self, n: int, deadline: Deadline, advance: Callable[[int], object]) -> None:
        self._n, self._deadline, self._advance = n, deadline, advance
        self._started, self._done = deadline.now(), 0

    def done(self, n: int) -> None:
        self._done += n
        self._advance(n)
        each = (self._deadline.now() - self._started) / self._done
        self._deadline.require(each * (self._n - self._done), "these predictions")


class _Split:
    """The samples of one split, asked once: masks come as they are made, labels wait for theirs."""

    def __init__(
        self,
        speaker: _Speaker,
        frame: pd.DataFrame,
        tasks: Sequence[TaskName],
        watch: _Watch,
        progress: Progress,
    ) -> None:
        self._speaker, self._frame, self._tasks, self._watch = speaker, frame, tasks, watch
        job = speaker.job
        self._images: Images = open_images(
            job.workspace,
            job.competition,
            image_paths(frame),
            shorter_side=cached_side(job.recipe.input),
            progress=progress,
        )
        self._labels: list[NDArray[np.float32]] = []

    @cached_property
    def sizes(self) -> list[tuple[int, int]]:
        """(height, width) of each mask, in the frame."""
        return truth_masks(self._speaker.job.competition, self._frame).sizes

    def bands(self) -> Bands:
        """Give the rows of the masks, image after image."""
        job = self._speaker.job
        if job.recipe.input.fit == "tile":
            for i in range(len(self._frame)):
                yield from window_bands(
                    self._images.window(i),
                    self._speaker.network.stride,
                    job.recipe,
                    self._masks,
                    batch_size=self._speaker.batch_size,
                    pixels=job.competition.pixels,
                )
                self._watch.done(1)
            return
        size, first = job.recipe.input.height_width, 0
        for said in self._answers(self._tasks):
            if "classify" in self._tasks:
                self._labels.append(said["classify"].cpu().numpy())
            for probs in said["segment"]:
                part = seen_part(job.recipe.input.fit, self._images.size(first), size)
                yield from bands_in_frame(probs, part, self.sizes[first])
                first += 1
            self._watch.done(len(said["segment"]))

    def probs(self) -> Bands:
        """Give the probabilities of the labels, `(n, C)` a block."""
        if self._labels:
            yield from self._labels
            return
        for said in self._answers(["classify"]):
            yield said["classify"].cpu().numpy()
            self._watch.done(len(said["classify"]))

    def vectors(self) -> Bands:
        """Give the embeddings of the images, `(n, D)` a block."""
        for batch in self._batches():
            found = self._speaker.embed(self._filled(batch))[: len(batch)]
            yield found
            self._watch.done(len(found))

    def _answers(self, tasks: Sequence[TaskName]) -> Iterator[Answer]:
        for batch in self._batches():
            said = self._speaker.say(self._filled(batch), tasks)
            yield {task: probs[: len(batch)] for task, probs in said.items()}

    def _filled(self, images: Tensor) -> Tensor:
        """Return a short batch with its last image repeated up to the size of the others.

        Libraries choose their kernels by a batch's size, and the last bits of an answer with them:
        so an image's answer would follow from how many images there are.
        """
        missing = self._speaker.batch_size - len(images)
        more = images[-1:].expand(missing, *images.shape[1:])
        return torch.cat([images, more]) if missing else images

    def _batches(self) -> Iterator[Tensor]:
        weight = np.ones(len(self._frame), dtype=np.float32)
        rows = Rows(self._images, np.arange(len(weight)), list(self._frame["id"]), {}, weight)
        job = self._speaker.job
        view = build_eval(job.recipe.input, job.competition.pixels)
        yield from EvalImages(rows, view, batch_size=self._speaker.batch_size, keep=False)

    def _masks(self, images: Tensor) -> NDArray[np.float32]:
        self._images.release()  # of an image of 144 megapixels 0.4 GB would stay
        said = self._speaker.say(images, ["segment"])["segment"]
        return said.permute(0, 2, 3, 1).cpu().numpy()  # (n, h, w, C)
