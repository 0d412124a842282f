"""Ask a network about every sample of a pool, as a method does at the beginning of an epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from podium.competition.pixels import RGB8, Pixels
from podium.competition.spec import TaskKind, TaskName
from podium.predictions.views import ViewSet
from podium.training.answers import Answer, answer
from podium.training.augment import build_eval
from podium.training.evaluation import Autocast, EvalImages, evaluating
from podium.training.frames import bands_in_frame, seen_part
from podium.training.method import Answers
from podium.training.recipe import PredictSpec, Recipe
from podium.training.rows import Rows
from podium.training.streams import Normaliser
from podium.training.windows import window_bands

__all__ = ["Asker"]

Masks = Iterator[NDArray[np.float32]]


class Asker:
    """Asks networks as they are validated: in evaluation mode, without augmentation.

    Args:
        recipe: whose input size, fit and batch size; windows overlap as `predict:` has it by
            default.
        kinds: kind of each task that is asked about.
        stride: of the networks.
        normalise: of the networks.
        autocast: the precision that networks run in.
        pixels: of the images.
    """

    def __init__(
        self,
        recipe: Recipe,
        kinds: Mapping[TaskName, TaskKind],
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

    def __call__(self, network: nn.Module, rows: Rows) -> Iterator[Answers]:
        """Give what `network` says about `rows`, in their order; its mode is put back."""
        with evaluating(network):
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
                yield self._answers(self._say(network, batch), rows, index)
                first += len(batch)

    def _say(self, network: nn.Module, images: Tensor) -> Answer:
        return answer(
            network,
            self._normalise(images),
            self._kinds,
            views=ViewSet(),
            tasks=list(self._kinds),
            autocast=self._autocast,
        )

    def _answers(self, said: Answer, rows: Rows, index: NDArray[np.int64]) -> Answers:
        labels = said["classify"].cpu().numpy() if "classify" in said else None
        masks = self._in_images(said["segment"], rows, index) if "segment" in said else None
        return Answers(index, labels, masks)

    def _in_images(self, probs: Tensor, rows: Rows, index: NDArray[np.int64]) -> Masks:
        spec = self._recipe.input
        for one, row in zip(probs, index, strict=True):
            size = rows.size(int(row))
            part = seen_part(spec.fit, size, spec.height_width)
            yield np.concatenate(list(bands_in_frame(one, part, size)))

    def _by_windows(self, network: nn.Module, rows: Rows) -> Iterator[Answers]:
        def say(images: Tensor) -> NDArray[np.float32]:
            said = self._say(network, images)["segment"]
            return np.asarray(said.permute(0, 2, 3, 1).cpu().numpy())

        for row in range(len(rows)):
            bands = window_bands(
                rows.window(row),
                self._stride,
                self._recipe,
                say,
                batch_size=self._recipe.batch_size,
                pixels=self._pixels,
            )
            with torch.inference_mode():
                mask = np.concatenate(list(bands))
            yield Answers(np.array([row]), None, iter([mask]))
