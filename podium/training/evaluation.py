"""What a network says about samples that it does not learn from, averaged over views."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from podium.competition.spec import TaskKind
from podium.predictions import tta
from podium.training.prefetch import ahead
from podium.training.streams import Normaliser, Rows, View, stacked

__all__ = ["EvalImages", "activate", "logits_of", "predict_probs"]

KEPT_BYTES = 256 * 2**20

Autocast = Callable[[], AbstractContextManager[object]]
Advance = Callable[[int], object]


def activate(logits: Tensor, kind: TaskKind) -> Tensor:
    """Return probabilities `(N, C)` in float32; a regression's values stay as they are."""
    logits = logits.float()
    if kind == "multiclass":
        return logits.softmax(dim=1)
    return logits if kind == "regression" else logits.sigmoid()


class EvalImages:
    """The samples of `rows` as batches of prepared uint8 images, the same at every reading.

    Preparing is deterministic, so the images are kept after the first reading when they take at
    most `KEPT_BYTES` and `keep` says so: a fold is evaluated after every epoch, a test set is read
    once.
    """

    def __init__(self, rows: Rows, view: View, *, batch_size: int, keep: bool = True) -> None:
        self.rows = rows
        self._view, self._batch_size = view, batch_size
        self._limit = KEPT_BYTES if keep else 0
        self._kept: list[Tensor] | None = None

    def __iter__(self) -> Iterator[Tensor]:
        """Give batches `(n, h, w, 3)`, in the order of the rows."""
        if self._kept is not None:
            yield from self._kept
            return
        seen: list[Tensor] = []
        n_bytes = 0
        starts = range(0, len(self.rows), self._batch_size)
        with closing(ahead(self._make, starts)) as batches:
            for batch in batches:
                n_bytes += batch.nbytes
                if n_bytes <= self._limit:
                    seen.append(batch)
                yield batch
        if n_bytes <= self._limit:
            self._kept = seen

    def _make(self, start: int) -> Tensor:
        index = range(start, min(start + self._batch_size, len(self.rows)))
        return stacked(self.rows, index, self._view, [0] * len(index))


@torch.inference_mode()
def logits_of(
    network: nn.Module,
    images: EvalImages,
    normalise: Normaliser,
    *,
    autocast: Autocast = nullcontext,
) -> dict[str, Tensor]:
    """Return the network's logits by task, `(N, C)` float32 on its device; its mode is put back."""
    by_task: dict[str, list[Tensor]] = {}
    with _evaluating(network):
        for batch in images:
            with autocast():
                said = network(normalise(batch))
            for task, logits in said.items():
                by_task.setdefault(task, []).append(logits.float())
    return {task: torch.cat(parts) for task, parts in by_task.items()}


@torch.inference_mode()
def predict_probs(
    network: nn.Module,
    images: EvalImages,
    normalise: Normaliser,
    *,
    kind: TaskKind,
    views: Sequence[str] = (),
    autocast: Autocast = nullcontext,
    advance: Advance = lambda _: None,
) -> Iterator[NDArray[np.float32]]:
    """Give the mean probabilities over the identity and `views`, `(n, C)` a batch, in order."""

    def probs(batch: Tensor) -> Tensor:
        with autocast():
            logits = network(batch)["classify"]
        return activate(logits, kind)

    with _evaluating(network):
        for batch in images:
            mean = tta.average(probs, normalise(batch), views)
            advance(len(mean))
            yield mean.cpu().numpy()


class _evaluating:  # noqa: N801 — reads as a statement
    """Evaluation mode inside, the former mode after."""

    def __init__(self, network: nn.Module) -> None:
        self._network, self._was_training = network, network.training

    def __enter__(self) -> None:
        self._network.eval()

    def __exit__(self, *_: object) -> None:
        self._network.train(self._was_training)
