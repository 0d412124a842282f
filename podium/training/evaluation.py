"""Samples that a network does not learn from, prepared for it; and what its logits mean."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from podium.competition.spec import TaskKind
from podium.training.crops import Window, covering
from podium.training.prefetch import ahead
from podium.training.streams import Rows, View, stacked, stacked_with_masks

__all__ = ["Autocast", "EvalImages", "Prepared", "activate", "evaluating"]

KEPT_BYTES = 256 * 2**20

Autocast = Callable[[], AbstractContextManager[object]]


def activate(logits: Tensor, kind: TaskKind) -> Tensor:
    """Return probabilities `(N, C)` in float32; a regression's values stay as they are."""
    logits = logits.float()
    if kind == "multiclass":
        return logits.softmax(dim=1)
    return logits if kind == "regression" else logits.sigmoid()


@dataclass(frozen=True)
class Prepared:
    """Samples as the network is shown them.

    Attributes:
        images: `(n, h, w, C)`, uint8, or float32 in [0, 1].
        masks: `(n, h, w)` or `(n, h, w, C)` uint8; None where nobody asks.
        index: `(n,)`: rows; one that is seen in windows stands for each of them.
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
    most `KEPT_BYTES` and `keep` says so: a fold is evaluated after every epoch, a test set is read
    once. Rows with tiles come as the windows that cover each of their images.
    """

    def __init__(
        self,
        rows: Rows,
        view: View,
        *,
        batch_size: int,
        keep: bool = True,
        with_masks: bool = False,
    ) -> None:
        self.rows = rows
        self._view, self._batch_size, self._with_masks = view, batch_size, with_masks
        self._limit = KEPT_BYTES if keep else 0
        self._kept: list[Prepared] | None = None
        self._index, self._windows = _what_to_see(rows)

    def __iter__(self) -> Iterator[Tensor]:
        """Give the images of each batch `(n, h, w, C)`, in the order of the rows."""
        for batch in self.batches():
            yield batch.images

    @property
    def n_batches(self) -> int:
        return math.ceil(len(self._index) / self._batch_size)

    def batches(self) -> Iterator[Prepared]:
        """Give batches in the order of the rows."""
        if self._kept is not None:
            yield from self._kept
            return
        seen: list[Prepared] = []
        n_bytes = 0
        starts = range(0, len(self._index), self._batch_size)
        with closing(ahead(self._make, starts)) as batches:
            for batch in batches:
                n_bytes += batch.n_bytes
                if n_bytes <= self._limit:
                    seen.append(batch)
                yield batch
        if n_bytes <= self._limit:
            self._kept = seen

    def _make(self, start: int) -> Prepared:
        part = slice(start, start + self._batch_size)
        index = self._index[part]
        windows = None if self._windows is None else self._windows[part]
        given = (self.rows, index, self._view, [0] * len(index), windows)
        images, masks = stacked_with_masks(*given) if self._with_masks else (stacked(*given), None)
        return Prepared(images, masks, index)


def _what_to_see(rows: Rows) -> tuple[NDArray[np.int64], list[Window] | None]:
    """Return the row of each thing to see, and which part of its image that is."""
    if rows.tiles is None:
        return np.arange(len(rows)), None
    of_each = [covering(image, rows.tiles.size) for image in rows.tiles.images]
    counts = [len(windows) for windows in of_each]
    index = np.repeat(np.arange(len(rows)), counts)
    return index, [window for windows in of_each for window in windows]


class evaluating:  # noqa: N801 — reads as a statement
    """Evaluation mode inside; after it every module is in the mode that it had before."""

    def __init__(self, network: nn.Module) -> None:
        self._network = network
        # A method's teacher may train with its batch norm at rest: one mode does not say it.
        self._modes = [(module, module.training) for module in network.modules()]

    def __enter__(self) -> None:
        self._network.eval()

    def __exit__(self, *_: object) -> None:
        for module, was_training in self._modes:
            module.training = was_training
