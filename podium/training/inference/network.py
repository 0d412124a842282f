"""Run a network over many samples: prediction sets of a fold model, and pools during training.

`write_predictions` writes the rows of a trained fold model into a prediction set; `PoolPredictor`
predicts every sample of a pool at the beginning of an epoch, as a method needs it, in evaluation
mode and without augmentation.
"""

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
from torch import Tensor, nn

from podium.competition.cache import CachedImages, open_images
from podium.competition.sections.frame import PatchFrame
from podium.competition.truths.masks import truth_masks
from podium.competition.truths.pixels import RGB8, Pixels
from podium.errors import RunError, plural
from podium.models import checkpoints
from podium.models import checkpoints as packed_weights
from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.models.trained_on import TRAINED_ON, TrainedOn
from podium.predictions.retrieval import EMBED
from podium.predictions.store.mask_writing import require_space, write_masks
from podium.predictions.store.reading import Split
from podium.predictions.store.writing import write_fold
from podium.predictions.top_k import TopK
from podium.predictions.views import TtaView, ViewSet
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName, has_images, has_pixels
from podium.training.data.augment import Normalisation, build_eval
from podium.training.data.rows import SampleRows
from podium.training.data.streams import Normaliser
from podium.training.device import make_fabric, own_random_state, use_all_cores
from podium.training.inference.features import BackboneFeatures, embed_vectors, predict_vectors
from podium.training.inference.images import (
    Autocast,
    EvalImages,
    TaskProbs,
    bands_in_frame,
    embed_batch,
    evaluation_mode,
    patches_of_bands,
    predict_batch,
    visible_region,
    window_bands,
)
from podium.training.method import PredictedSamples
from podium.training.ordinal_links import with_link
from podium.training.outputs import label_outputs_of
from podium.training.recipe import PredictSpec, Recipe
from podium.training.runs.fold_files import Fold
from podium.training.runs.job import Deadline, Job, cached_side, image_paths
from podium.training.runs.provenance import refuse_trained_oof
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "PoolPredictor",
    "build_network_of",
    "label_probs",
    "load_trained_network",
    "whole_masks",
    "write_predictions",
]


BLOCK_ROWS = 4096
"""Rows that are predicted at a time from features."""

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
    """Write the predictions of the model of `fold` for each split's samples, the mean over `views`.

    Args:
        job, fold: of the network.
        samples: split → its samples, and the tasks to predict for them.
        vectors: split → the samples whose embeddings are stored.
        views: which, and which mean.
        root: the prediction set.
        deadline, progress: as everywhere.

    Raises:
        OutOfTime: after some batches it is clear that the rest will not fit.
        RunError: the fold's weights are damaged, or learnt rows that are to be out of fold.
    """
    use_all_cores()
    with own_random_state():  # building a network draws its initial weights
        network = load_trained_network(job, fold)
    if "oof" in samples:
        refuse_trained_oof(job, fold, samples["oof"][0], network.trained_on, progress)
    predictor = _FoldPredictor.of(job, network, views, deadline=deadline, progress=progress)
    for split, (frame, tasks) in samples.items():
        label = f"{job.files(fold).title}: {split}"
        with progress.bar(label, len(frame)) as advance:
            in_time = _DeadlineGuard(len(frame), deadline, advance)
            predictions = _SplitPredictions(predictor, frame, tasks, in_time, progress)
            facts = _facts(job, fold, frame, views)
            if has_pixels(tasks):
                channels, dtype = job.competition.outputs(PIXELS), job.recipe.predict.dtype
                require_space(root, predictions.sizes, channels, dtype)
                with closing(predictions.bands()) as bands:
                    write_masks(
                        root,
                        split,
                        fold,
                        **facts,
                        sizes=predictions.sizes,
                        bands=bands,
                        dtype=dtype,
                    )
            if has_images(tasks):
                with closing(predictions.probs()) as blocks:
                    k = job.top_k
                    kept = blocks if k is None else (TopK.of(one, k) for one in blocks)
                    write_fold(root, split, IMAGES, fold, **facts, probs=kept)

    for split, frame in (vectors or {}).items():
        label = f"{job.files(fold).title}: embeddings of {split}"
        with progress.bar(label, len(frame)) as advance:
            in_time = _DeadlineGuard(len(frame), deadline, advance)
            predictions = _SplitPredictions(predictor, frame, [IMAGES], in_time, progress)
            with closing(predictions.vectors()) as blocks:
                write_fold(
                    root, split, EMBED, fold, **_facts(job, fold, frame, views), probs=blocks
                )


def label_probs(
    job: Job, fold: Fold, samples: pd.DataFrame, *, views: ViewSet, progress: Progress
) -> NDArray[np.float32]:
    """Return the label predictions of the model of `fold` for `samples`, `(n, C)`; keep nothing.

    Raises:
        RunError: the fold's weights are damaged.
    """
    use_all_cores()
    with own_random_state():
        network = load_trained_network(job, fold)
    with progress.bar(
        f"{job.files(fold).title}: {plural(len(samples), 'row')}", len(samples)
    ) as advance:
        in_time = _DeadlineGuard(len(samples), Deadline(None), advance)
        predictor = _FoldPredictor.of(job, network, views)
        return np.concatenate(
            list(_SplitPredictions(predictor, samples, [IMAGES], in_time, progress).probs())
        )


def whole_masks(
    job: Job,
    network: Network,
    samples: pd.DataFrame,
    normalise: Normaliser,
    autocast: Callable[[], object],
) -> Bands:
    """Yield a network's mask predictions for `samples`, `(H, W, C)` each, in the frame.

    Args:
        job: of the network.
        network: in evaluation mode, on the device of `normalise`.
        samples: as `load_samples` returns them.
        normalise, autocast: of the network.
    """
    batch_size = job.recipe.predict.batch_size or job.recipe.batch_size
    predictor = _FoldPredictor(job, network, normalise, ViewSet.of(()), batch_size, autocast)
    in_time = _DeadlineGuard(len(samples), Deadline(None), lambda n: None)
    predictions = _SplitPredictions(predictor, samples, [PIXELS], in_time, SILENT)
    with closing(predictions.bands()) as bands:
        for height, _ in predictions.sizes:
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


def build_network_of(job: Job, model: ModelSpec) -> Network:
    """Return the network of `model` for the tasks and the images of `job`, with start weights."""
    return build_network(
        with_link(model, job.link),
        n_outputs=job.n_outputs,
        in_chans=job.competition.pixels.channels,
        image_size=job.recipe.input.height_width,
        weights_root=job.workspace.root,
        column_units=job.in_column_units,
    )


def load_trained_network(job: Job, fold: Fold) -> Network:
    """Return the network that predicts for `fold`, on the CPU; building it draws random numbers.

    Raises:
        RunError: the fold's weights are damaged.
    """
    start = {"pretrained": False, "weights": None, "checkpointing": False}
    spec = job.recipe.model.model_copy(update=start)
    network = build_network_of(job, spec)
    path = job.weights(fold)
    try:
        is_packed = path.suffix == packed_weights.PACKED_SUFFIX
        state = packed_weights.load_packed(path) if is_packed else checkpoints.load(path)
        network.load_state_dict(state["network"])
    except (KeyError, RuntimeError) as error:
        raise RunError(
            f"these are not the weights of this recipe's network: {error}",
            where=path,
            fix="remove the fold's folder and train it again",
        ) from error
    network.trained_on = TrainedOn.from_facts(state.get(TRAINED_ON)) or TrainedOn(is_known=False)
    if "normalisation" in state:  # networks that were trained before it was written have their own
        network.mean, network.std = Normalisation.from_state(state["normalisation"])
    return network


@dataclass(frozen=True)
class _FoldPredictor:
    """A trained network on its device, with its views, normalisation and precision."""

    job: Job
    network: Network
    normalise: Normaliser
    views: ViewSet
    batch_size: int
    autocast: Callable[[], object]
    features: BackboneFeatures | None = None

    @classmethod
    def of(
        cls,
        job: Job,
        network: Network,
        views: ViewSet,
        *,
        deadline: Deadline | None = None,
        progress: Progress = SILENT,
    ) -> _FoldPredictor:
        fabric = make_fabric(job.recipe)
        network = network.to(fabric.device, memory_format=torch.channels_last).eval()  # type: ignore[call-overload]
        normalise = Normaliser(network.mean, network.std, fabric.device)
        size = job.recipe.predict.batch_size or job.recipe.batch_size
        features = None
        if BackboneFeatures.suit(job, network):
            features = BackboneFeatures(
                job,
                network,
                normalise,
                fabric.autocast,
                size,
                Deadline(None) if deadline is None else deadline,
                progress,
            )
            # Of a backbone that was trained nothing is kept: its features are of no use to others.
            features = features if features.cache.is_there() else None
        return cls(job, network, normalise, views, size, fabric.autocast, features)

    def predict(self, images: Tensor, tasks: Sequence[TaskName]) -> TaskProbs:
        """Return probabilities or ratings by task for images `(n, h, w, C)` as views show them."""
        probs = predict_batch(
            self.network,
            self.normalise(images),
            self.job.kinds,
            views=self.views,
            tasks=tasks,
            autocast=self.autocast,  # type: ignore[arg-type]
        )
        if has_images(probs):
            probs[IMAGES] = self._stored(probs[IMAGES])
        return probs

    def predict_features(self, rows: SampleRows) -> Tensor:
        """Return probabilities or ratings of labels `(n, C)` of rows, from their features."""
        found = predict_vectors(
            self.network,
            self._vectors(rows),
            self.job.kinds[IMAGES],
            mean=self.views.mean,
            autocast=self.autocast,  # type: ignore[arg-type]
        )
        return self._stored(found)

    def embed_features(self, rows: SampleRows) -> NDArray[np.float32]:
        """Return what `embed` does, from the features of rows."""
        found = embed_vectors(self.network, self._vectors(rows), autocast=self.autocast)  # type: ignore[arg-type]
        return np.asarray(found.cpu().numpy())

    def _vectors(self, rows: SampleRows) -> list[Tensor]:
        """Return the features of rows in each view, once in views that show the same."""
        assert self.features is not None
        size = self.job.recipe.input.height_width
        shown = {TtaView.of(name).key(*size): name for name in reversed(self.views.names)}
        names = [name for name in self.views.names if name in shown.values()]
        made = (torch.from_numpy(self.features(rows, name)) for name in names)
        return [one.to(self.normalise.device) for one in made]

    def _stored(self, values: Tensor) -> Tensor:
        link = self.job.link
        if link is None:
            return label_outputs_of(self.job.kinds[IMAGES]).stored(values)
        return link.ratings(values)

    def embed(self, images: Tensor) -> NDArray[np.float32]:
        """Return embeddings `(n, D)` of length 1 of images `(n, h, w, C)`, the mean over views."""
        found = embed_batch(
            self.network,
            self.normalise(images),
            views=self.views,
            autocast=self.autocast,  # type: ignore[arg-type]
        )
        return np.asarray(found.cpu().numpy())


class _DeadlineGuard:
    """Counts images that are done, and stops when the rest will not be before the deadline."""

    def __init__(self, n: int, deadline: Deadline, advance: Callable[[int], object]) -> None:
        self._n, self._deadline, self._advance = n, deadline, advance
        self._started, self._done = deadline.now(), 0

    def done(self, n: int) -> None:
        self._done += n
        self._advance(n)
        each = (self._deadline.now() - self._started) / self._done
        self._deadline.require(each * (self._n - self._done), "these predictions")


class _SplitPredictions:
    """Predictions for one split, in one pass: masks are yielded as they are made, labels kept."""

    def __init__(
        self,
        predictor: _FoldPredictor,
        frame: pd.DataFrame,
        tasks: Sequence[TaskName],
        guard: _DeadlineGuard,
        progress: Progress,
    ) -> None:
        self._predictor, self._frame, self._tasks, self._guard = predictor, frame, tasks, guard
        job = predictor.job
        self._images: CachedImages = open_images(
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
        return truth_masks(self._predictor.job.competition, self._frame).sizes

    def bands(self) -> Bands:
        """Give the rows of the masks, image after image."""
        job = self._predictor.job
        if job.recipe.input.fit == "tile":
            for i in range(len(self._frame)):
                bands = window_bands(
                    self._images.window(i),
                    self._predictor.network.stride,
                    job.recipe,
                    self._masks,
                    batch_size=self._predictor.batch_size,
                    pixels=job.competition.pixels,
                )
                yield from self._in_frame(bands)
                self._guard.done(1)
            return
        size, first = job.recipe.input.height_width, 0
        for predicted in self._predicted(self._tasks):
            if has_images(self._tasks):
                self._labels.append(predicted[IMAGES].cpu().numpy())
            for probs in predicted[PIXELS]:
                part = visible_region(job.recipe.input.fit, self._images.size(first), size)
                yield from self._in_frame(bands_in_frame(probs, part, self._sizes_before[first]))
                first += 1
            self._guard.done(len(predicted[PIXELS]))

    @cached_property
    def _sizes_before(self) -> list[tuple[int, int]]:
        """(height, width) of each mask before `_in_frame`: of patches, the image's own."""
        competition = self._predictor.job.competition
        if not isinstance(competition.frame, PatchFrame):
            return self.sizes
        return truth_masks(competition.in_native_frame(), self._frame).sizes

    def _in_frame(self, bands: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Return the rows of one image's mask, those of pixels as those of patches."""
        frame = self._predictor.job.competition.frame
        return patches_of_bands(bands, frame) if isinstance(frame, PatchFrame) else bands

    def probs(self) -> Bands:
        """Give the probabilities of the labels, `(n, C)` a block."""
        if self._labels:
            yield from self._labels
            return
        if self._predictor.features is not None:
            yield from self._probs_of_features()
            return
        for predicted in self._predicted([IMAGES]):
            yield predicted[IMAGES].cpu().numpy()
            self._guard.done(len(predicted[IMAGES]))

    def _probs_of_features(self) -> Bands:
        for rows in self._blocks():
            yield self._predictor.predict_features(rows).cpu().numpy()
            self._guard.done(len(rows))

    def _blocks(self) -> Iterator[SampleRows]:
        rows = self._rows()
        for first in range(0, len(rows), BLOCK_ROWS):
            yield rows.subset(np.arange(first, min(first + BLOCK_ROWS, len(rows))))

    def vectors(self) -> Bands:
        """Give the embeddings of the images, `(n, D)` a block."""
        if self._predictor.features is not None:
            for rows in self._blocks():
                yield self._predictor.embed_features(rows)
                self._guard.done(len(rows))
            return
        for batch in self._batches():
            found = self._predictor.embed(self._filled(batch))[: len(batch)]
            yield found
            self._guard.done(len(found))

    def _predicted(self, tasks: Sequence[TaskName]) -> Iterator[TaskProbs]:
        for batch in self._batches():
            predicted = self._predictor.predict(self._filled(batch), tasks)
            yield {task: probs[: len(batch)] for task, probs in predicted.items()}

    def _filled(self, images: Tensor) -> Tensor:
        """Return a short batch with its last image repeated up to the size of the others.

        Libraries choose their kernels by a batch's size, and the last bits of an output with them:
        so an image's prediction would depend on how many images there are.
        """
        missing = self._predictor.batch_size - len(images)
        more = images[-1:].expand(missing, *images.shape[1:])
        return torch.cat([images, more]) if missing else images

    def _rows(self) -> SampleRows:
        weight = np.ones(len(self._frame), dtype=np.float32)
        return SampleRows(self._images, np.arange(len(weight)), list(self._frame["id"]), {}, weight)

    def _batches(self) -> Iterator[Tensor]:
        job = self._predictor.job
        view = build_eval(job.recipe.input, job.competition.pixels)
        yield from EvalImages(self._rows(), view, batch_size=self._predictor.batch_size, keep=False)

    def _masks(self, images: Tensor) -> NDArray[np.float32]:
        self._images.release()  # of an image of 144 megapixels 0.4 GB would stay
        probs = self._predictor.predict(images, [PIXELS])[PIXELS]
        return probs.permute(0, 2, 3, 1).cpu().numpy()  # (n, h, w, C)


Masks = Iterator[NDArray[np.float32]]


class PoolPredictor:
    """Predicts with networks as in validation: in evaluation mode, without augmentation.

    Args:
        recipe: whose input size, fit and batch size; windows overlap as `predict:` has it by
            default.
        kinds: kind of each task to predict.
        stride: of the networks.
        normalise: of the networks.
        autocast: the precision that networks run in.
        pixels: of the images.
    """

    def __init__(
        self,
        recipe: Recipe,
        kinds: Mapping[TaskName, Kind],
        *,
        stride: int,
        normalise: Normaliser,
        autocast: Autocast,
        pixels: Pixels = RGB8,
    ) -> None:
        # How a run predicts is not in its id, so it must not change what it learns from.
        self._recipe = recipe.model_copy(update={"predict": PredictSpec()})
        self._kinds, self._stride = kinds, stride
        self._normalise, self._autocast, self._pixels = normalise, autocast, pixels

    def __call__(self, network: nn.Module, rows: SampleRows) -> Iterator[PredictedSamples]:
        """Yield the predictions of `network` for `rows`, in their order; its mode is put back."""
        with evaluation_mode(network):
            if self._recipe.input.fit == "tile":
                yield from self._by_windows(network, rows)
                return
            first = 0
            images = EvalImages(
                rows,
                build_eval(self._recipe.input, self._pixels),
                batch_size=self._recipe.batch_size,
                keep=False,
            )
            for batch in images:
                index = np.arange(first, first + len(batch))
                yield self._samples(self._probs(network, batch), rows, index)
                first += len(batch)

    def _probs(self, network: nn.Module, images: Tensor) -> TaskProbs:
        return predict_batch(
            network,
            self._normalise(images),
            self._kinds,
            views=ViewSet(),
            tasks=list(self._kinds),
            autocast=self._autocast,
        )

    def _samples(
        self, probs: TaskProbs, rows: SampleRows, index: NDArray[np.int64]
    ) -> PredictedSamples:
        labels = probs[IMAGES].cpu().numpy() if has_images(probs) else None
        masks = self._in_images(probs[PIXELS], rows, index) if has_pixels(probs) else None
        return PredictedSamples(index, labels, masks)

    def _in_images(self, probs: Tensor, rows: SampleRows, index: NDArray[np.int64]) -> Masks:
        spec = self._recipe.input
        for one, row in zip(probs, index, strict=True):
            size = rows.size(int(row))
            part = visible_region(spec.fit, size, spec.height_width)
            yield np.concatenate(list(bands_in_frame(one, part, size)))

    def _by_windows(self, network: nn.Module, rows: SampleRows) -> Iterator[PredictedSamples]:
        def predict_tiles(images: Tensor) -> NDArray[np.float32]:
            probs = self._probs(network, images)[PIXELS]
            return np.asarray(probs.permute(0, 2, 3, 1).cpu().numpy())

        for row in range(len(rows)):
            bands = window_bands(
                rows.window(row),
                self._stride,
                self._recipe,
                predict_tiles,
                batch_size=self._recipe.batch_size,
                pixels=self._pixels,
            )
            with torch.inference_mode():
                mask = np.concatenate(list(bands))
            yield PredictedSamples(np.array([row]), None, iter([mask]))
