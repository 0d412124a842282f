"""Run a network on images: batches in evaluation mode, test-time views, windows, and the frame.

`EvalImages` prepares samples that a network does not learn from; `activate` turns logits into
probabilities; `predict_batch` averages them over views; `window_bands` predicts an image that is
larger than the input, window by window, a band of rows at a time.

The fit of `input:` gives an image the network's size: resized, cut at its centre, or padded.
`bands_in_frame` maps probabilities back the same way, and on to the competition's frame, a band of
rows at a time, so that a large frame of many classes is never in memory whole.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, nullcontext
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.functional import normalize

from podium.competition.sections.frame import PatchFrame
from podium.competition.truths.pixels import RGB8, Pixels
from podium.errors import RecipeError
from podium.models.network import Network
from podium.predictions import tta
from podium.predictions.tiles import TileWindow, merge_windows, windows
from podium.predictions.views import ViewSet
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import IMAGES, TaskName, is_of_pixels
from podium.training.data.augment import Fit
from podium.training.data.crops import CropWindow, covering_windows
from podium.training.data.rows import SampleRows
from podium.training.data.streams import (
    ImageView,
    in_background,
    stacked,
    stacked_with_masks,
)
from podium.training.outputs import outputs_of
from podium.training.processes import ALONE, Processes
from podium.training.recipe import Recipe

__all__ = [
    "Autocast",
    "EvalImages",
    "PreparedBatch",
    "TaskProbs",
    "activate",
    "bands_in_frame",
    "embed_batch",
    "evaluation_mode",
    "patches_of_bands",
    "plan_windows",
    "predict_batch",
    "visible_region",
    "window_bands",
]


KEPT_BYTES = 256 * 2**20

Autocast = Callable[[], AbstractContextManager[object]]


def activate(logits: Tensor, kind: Kind) -> Tensor:
    """Return probabilities `(N, C)` in float32; a regression's values stay as they are."""
    return outputs_of(kind).activate(logits.float())


@dataclass(frozen=True)
class PreparedBatch:
    """Samples as the input of the network.

    Attributes:
        images: `(n, h, w, C)`, uint8, or float32 in [0, 1].
        masks: `(n, h, w)` or `(n, h, w, C)` uint8; None where they are not needed.
        index: `(n,)`: rows; a row with several windows is there once for each.
    """

    images: Tensor
    masks: Tensor | None
    index: NDArray[np.int64]

    @property
    def n_bytes(self) -> int:
        return self.images.nbytes + (0 if self.masks is None else self.masks.nbytes)


class EvalImages:
    """The samples of `rows` as batches of prepared images, the same at every reading.

    Preparing is deterministic, so the images are kept after the first reading when they take at
    most `KEPT_BYTES` and `keep` is true: a fold is evaluated after every epoch, a test set is read
    once. Rows with tiles come as the windows that cover each of their images.
    """

    def __init__(
        self,
        rows: SampleRows,
        view: ImageView,
        *,
        batch_size: int,
        keep: bool = True,
        with_masks: bool = False,
    ) -> None:
        self.rows = rows
        self._view, self._batch_size, self._with_masks = view, batch_size, with_masks
        self._limit = KEPT_BYTES if keep else 0
        self._kept: list[PreparedBatch] | None = None
        self._index, self._windows = _evaluation_windows(rows)

    def __iter__(self) -> Iterator[Tensor]:
        """Give the images of each batch `(n, h, w, C)`, in the order of the rows."""
        for batch in self.batches():
            yield batch.images

    @property
    def n_batches(self) -> int:
        return math.ceil(len(self._index) / self._batch_size)

    def batches(self, processes: Processes = ALONE) -> Iterator[PreparedBatch]:
        """Give batches in the order of the rows.

        Args:
            processes: of which each has its own batches, in turn; the same ones at every reading.
        """
        if self._kept is not None:
            yield from self._kept
            return
        prepared: list[PreparedBatch] = []
        n_bytes = 0
        starts = range(0, len(self._index), self._batch_size)[processes.rank :: processes.count]
        with closing(in_background(self._make, starts)) as batches:
            for batch in batches:
                n_bytes += batch.n_bytes
                if n_bytes <= self._limit:
                    prepared.append(batch)
                yield batch
        if n_bytes <= self._limit:
            self._kept = prepared

    def _make(self, start: int) -> PreparedBatch:
        part = slice(start, start + self._batch_size)
        index = self._index[part]
        windows = None if self._windows is None else self._windows[part]
        given = (self.rows, index, self._view, [0] * len(index), windows)
        images, masks = stacked_with_masks(*given) if self._with_masks else (stacked(*given), None)
        return PreparedBatch(images, masks, index)


def _evaluation_windows(rows: SampleRows) -> tuple[NDArray[np.int64], list[CropWindow] | None]:
    """Return the row of each thing to see, and which part of its image that is."""
    if rows.tiles is None:
        return np.arange(len(rows)), None
    of_each = [covering_windows(image, rows.tiles.size) for image in rows.tiles.images]
    counts = [len(windows) for windows in of_each]
    index = np.repeat(np.arange(len(rows)), counts)
    return index, [window for windows in of_each for window in windows]


class evaluation_mode:  # noqa: N801 — reads as a statement
    """Evaluation mode inside; after it every module is in the mode that it had before."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        # A method's teacher may train with its batch norm at rest: modules differ in mode.
        self._modes = [(module, module.training) for module in network.modules()]

    def __enter__(self) -> None:
        self._network.eval()

    def __exit__(self, *_: object) -> None:
        for module, was_training in self._modes:
            module.training = was_training


TaskProbs = dict[str, Tensor]


@torch.inference_mode()
def predict_batch(
    network: nn.Module,
    images: Tensor,
    kinds: Mapping[TaskName, Kind],
    *,
    views: ViewSet,
    tasks: Collection[TaskName],
    autocast: Autocast = nullcontext,
) -> TaskProbs:
    """Return the mean over `views` of the predictions of `network` for `images`, as probabilities.

    Args:
        network: in evaluation mode; from images to logits by task.
        images: `(N, in_chans, H, W)`, normalised, on the network's device.
        kinds: kind of each task.
        views: which, and which mean; of ratings and regressions the plain one.
        tasks: the tasks to return.

    Returns:
        task → float32, on the device: classify `(N, C)`, segment `(N, C, H, W)`, whose views are
        mapped back into the images' own geometry.
    """

    def predicted(view: Tensor) -> dict[str, Tensor]:
        with autocast():
            logits = network(view)
        if views.mean == "logits":
            return {task: logits[task] for task in tasks}
        return {task: activate(logits[task], kinds[task]) for task in tasks}

    return tta.averaged(
        predicted,
        images,
        views,
        masks=[task for task in tasks if is_of_pixels(task)],
        multiclass=[task for task in tasks if kinds[task].is_exclusive],
    )


@torch.inference_mode()
def embed_batch(
    network: Network,
    images: Tensor,
    *,
    views: ViewSet,
    autocast: Autocast = nullcontext,
) -> Tensor:
    """Return the embeddings of images: pooled features of length 1, their mean over `views`.

    Args:
        network: in evaluation mode, with podium's own classification head.
        images, views, autocast: as in `predict_batch`.

    Returns:
        `(N, D)`, float32, of length 1.

    Raises:
        RecipeError: a head of the user's own has no method `embed`.
    """
    head = network.heads[IMAGES]
    pooled = getattr(head, "embed", None)
    if pooled is None:
        raise RecipeError(
            "this head makes no embeddings",
            where="predict.embeddings",
            fix="give it a method embed(features) -> (N, D), or write embeddings: false",
        )

    def embedded(view: Tensor) -> dict[str, Tensor]:
        with autocast():
            vectors: Tensor = pooled(network.features(view))
        return {"": normalize(vectors.float(), dim=1)}

    plain = ViewSet(views.names)  # whatever the mean of probabilities: these are none
    return normalize(tta.averaged(embedded, images, plain)[""], dim=1)


BAND_BYTES = 16 * 2**20


@dataclass(frozen=True)
class VisibleRegion:
    """Rectangle of the network's input, and the rectangle of the image that it shows.

    Attributes:
        inside: (top, bottom, left, right), pixels of the input.
        of_image: the same, as shares of the image's sides, 0 to 1.
    """

    inside: tuple[int, int, int, int]
    of_image: tuple[float, float, float, float]


def visible_region(fit: Fit, image: tuple[int, int], size: tuple[int, int]) -> VisibleRegion:
    """Return what `fit` shows of an image of (height, width) `image` in an input of `size`.

    Example:
        >>> visible_region("pad", (50, 100), (80, 80)).inside
        (20, 60, 0, 80)
    """
    (height, width), (high, wide) = image, size
    whole = (0.0, 1.0, 0.0, 1.0)
    if fit == "pad":
        scaled = _scaled(image, min(high / height, wide / width))
        top, left = (high - scaled[0]) // 2, (wide - scaled[1]) // 2
        return VisibleRegion((top, top + scaled[0], left, left + scaled[1]), whole)
    if fit == "centre_crop":
        scaled = _scaled(image, max(high / height, wide / width))
        top, left = (scaled[0] - high) // 2, (scaled[1] - wide) // 2
        shown = (
            top / scaled[0],
            (top + high) / scaled[0],
            left / scaled[1],
            (left + wide) / scaled[1],
        )
        return VisibleRegion((0, high, 0, wide), shown)
    return VisibleRegion((0, high, 0, wide), whole)


def bands_in_frame(
    probs: Tensor, part: VisibleRegion, frame: tuple[int, int]
) -> Iterator[NDArray[np.float32]]:
    """Yield `probs` `(C, h, w)` of the input as rows of the frame, `(rows, W, C)` float32.

    Resampling is bilinear, pixel centres on pixel centres (as `align_corners=False`); in a frame
    of half the size or less a pixel is the mean of its area. What the input did not show is nan.
    """
    height, width = frame
    top, bottom, left, right = part.inside
    shown = probs[:, top:bottom, left:right].float()
    first, last = round(part.of_image[0] * height), round(part.of_image[1] * height)
    west, east = round(part.of_image[2] * width), round(part.of_image[3] * width)
    per_band = max(1, BAND_BYTES // (4 * width * len(probs)))
    for start in range(0, height, per_band):
        stop = min(start + per_band, height)
        band = np.full((stop - start, width, len(probs)), np.nan, dtype=np.float32)
        inner = range(max(start, first), min(stop, last))
        if len(inner) and east > west:
            rows = _resized_rows(shown, inner, first, last - first, east - west)
            band[inner.start - start : inner.stop - start, west:east] = rows
        yield band


def _resized_rows(
    shown: Tensor, rows: range, first: int, height: int, width: int
) -> NDArray[np.float32]:
    """Return the rows `rows` (counted from `first`) of `shown` resized to (height, width)."""
    source = shown.shape[1]
    at = torch.arange(rows.start - first, rows.stop - first, device=shown.device)
    if source >= _CELL * height and shown.shape[2] >= _CELL * width:
        lines = _means(shown, at, source / height, axis=1)
        across = torch.arange(width, device=shown.device)
        lines = _means(lines, across, shown.shape[2] / width, axis=2)
        return np.ascontiguousarray(lines.permute(1, 2, 0).cpu().numpy())
    # The centre of an output row, in rows of the source; beyond the outermost centres stays there.
    where = ((at + 0.5) * (source / height) - 0.5).clamp(0, source - 1)
    above = where.floor().long()
    below = (above + 1).clamp(max=source - 1)
    share = (where - above).view(1, -1, 1)
    lines = shown[:, above] * (1 - share) + shown[:, below] * share  # (C, rows, w)
    if lines.shape[2] != width:
        lines = F.interpolate(lines, size=width, mode="linear", align_corners=False)
    return np.ascontiguousarray(lines.permute(1, 2, 0).cpu().numpy())


_CELL = 2
"""Pixels of the input along one of the frame, from which on these are cells of several."""


def _means(shown: Tensor, at: Tensor, scale: float, *, axis: int) -> Tensor:
    """Return the means of cells along one axis of `shown` `(C, h, w)`.

    Args:
        shown: of the input.
        at: numbers of the cells.
        scale: pixels of the input in a cell, of which the outer two may be cut.
        axis: 1 or 2.
    """
    start, stop = (at * scale).view(-1, 1), ((at + 1) * scale).view(-1, 1)
    pixels = start.floor() + torch.arange(math.ceil(scale) + 1, device=at.device)  # (cells, n)
    inside = torch.minimum(stop, pixels + 1) - torch.maximum(start, pixels)
    weights = inside.clamp(min=0) / scale
    chosen = pixels.long().clamp(max=shown.shape[axis] - 1)
    picked = shown.index_select(axis, chosen.flatten())
    picked = picked.reshape(*shown.shape[:axis], *chosen.shape, *shown.shape[axis + 1 :])
    weights = weights.unsqueeze(-1) if axis == 1 else weights
    return torch.sum(picked * weights, dim=axis + 1)


def patches_of_bands(
    bands: Iterable[NDArray[np.float32]], frame: PatchFrame
) -> Iterator[NDArray[np.float32]]:
    """Yield the rows of one image `(rows, W, K)` as rows of patches, `(1, W′, K)` float32.

    The probability of a patch is the one that more than the share `frame.above` of its known pixels
    reach, nan where none is known. So a patch reaches a threshold where the mask that is decided at
    that threshold has the patch.
    """
    waiting: list[NDArray[np.float32]] = []
    for band in bands:
        start = 0
        while start < len(band):
            some = band[start : start + frame.patch - sum(map(len, waiting))]
            waiting.append(some)
            start += len(some)
            if sum(map(len, waiting)) == frame.patch:
                yield _patches(np.concatenate(waiting), frame)
                waiting = []
    if waiting:
        yield _patches(np.concatenate(waiting), frame)


def _patches(rows: NDArray[np.float32], frame: PatchFrame) -> NDArray[np.float32]:
    height, width, channels = rows.shape
    _, n = frame.size((height, width))
    whole = np.full((height, n * frame.patch, channels), np.nan, dtype=np.float32)
    whole[:, :width] = rows
    pixels = whole.reshape(height, n, frame.patch, channels).swapaxes(0, 1).reshape(n, -1, channels)
    n_known = (~np.isnan(pixels)).sum(axis=1, keepdims=True)
    falling = -np.sort(-pixels, axis=1)  # the largest first, nan last
    place = np.minimum(np.floor(frame.above * n_known).astype(np.int64), pixels.shape[1] - 1)
    return np.take_along_axis(falling, place, axis=1).swapaxes(0, 1)


def _scaled(image: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, round(image[0] * scale)), max(1, round(image[1] * scale))


Floats = NDArray[np.float32]
PredictTiles = Callable[[Tensor], Floats]


def plan_windows(recipe: Recipe, image: tuple[int, int], stride: int) -> list[TileWindow]:
    """Return the windows of an image of (height, width) `image` as the recipe's `predict:` has it.

    Raises:
        RecipeError: `input.size` is no multiple of the network's stride, or all margin.
    """
    height, width = image
    spec = recipe.predict
    return windows(
        height,
        width,
        recipe.input.height_width,
        overlap=spec.overlap,
        stride=stride,
        margin=spec.margin,
    )


def window_bands(
    image: NDArray[Any],
    stride: int,
    recipe: Recipe,
    predict_tiles: PredictTiles,
    *,
    batch_size: int,
    pixels: Pixels = RGB8,
) -> Iterator[Floats]:
    """Yield the probabilities of `image` `(H, W, C)` as rows, `(rows, W, K)` float32.

    Only the windows of one batch are read from the image, and only the predictions of one window's
    rows are kept.

    Args:
        image: may be read-only and on disk.
        stride: of the network.
        recipe: its `input.size` is the window, its `predict:` sets how windows overlap.
        predict_tiles: from images `(n, h, w, C)`, uint8 or float32 in [0, 1], to probabilities
            `(n, h, w, K)`.
        batch_size: windows at a time.
        pixels: of the image.
    """
    height, width = image.shape[:2]
    planned = plan_windows(recipe, (height, width), stride)
    spec = recipe.predict
    yield from merge_windows(
        _window_probs(image, planned, predict_tiles, batch_size, pixels),
        height,
        width,
        weights=spec.weights,
        margin=spec.margin,
    )


def _window_probs(
    image: NDArray[Any],
    planned: list[TileWindow],
    predict_tiles: PredictTiles,
    batch_size: int,
    pixels: Pixels,
) -> Iterator[tuple[TileWindow, Floats]]:
    # The windows at the image's end may be smaller: a batch has one shape.
    for _, same in groupby(planned, key=lambda one: (one.height, one.width)):
        alike = list(same)
        for start in range(0, len(alike), batch_size):
            batch = alike[start : start + batch_size]
            images = pixels.in_network_form(np.stack([window.of(image) for window in batch]))
            yield from zip(batch, predict_tiles(torch.from_numpy(images)), strict=True)
