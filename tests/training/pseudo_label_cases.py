"""A method that makes pseudo-labels, with a network whose logits are written by hand."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from podium.competition.truths.masks import IGNORE
from podium.tasks.protocols.find import find_kind
from podium.training.data.rows import SampleRows
from podium.training.data.streams import Feed
from podium.training.method import (
    LABELLED,
    PSEUDO,
    UNLABELLED,
    Batch,
    PhaseSetting,
    Pool,
    PoolSizes,
    Predict,
    PredictedSamples,
    SelectedSamples,
    Step,
)
from podium.training.methods.pseudo_label import METHOD, PseudoLabel, PseudoLabelOptions
from podium.training.objective import build_objective
from podium.training.recipe import Mix

CLASSIFY: dict[str, Any] = {"classify": "multiclass"}
N_CLASSES = 5


class Net(nn.Module):
    """Outputs the means of an image's pixels, times a weight, as logits; of a pixel itself."""

    def __init__(self, n_outputs: int = N_CLASSES, *, half: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.eye(n_outputs))
        self.half_precision = half

    def forward(self, images: Tensor, tasks: object = None) -> dict[str, Tensor]:
        pixels = torch.einsum("nchw,cd->ndhw", images, self.weight)
        if self.half_precision:
            pixels = pixels.bfloat16()
        return {"classify": pixels.mean(dim=(2, 3)), "segment": pixels}


def make(
    kinds: dict[str, Any] | None = None,
    *,
    n_outputs: int = N_CLASSES,
    loss: Any = None,
    mixing: Mix | None = None,
    epochs: int = 10,
    batch_size: int = 4,
    accumulate: int = 1,
    network: nn.Module | None = None,
    **options: Any,
) -> PseudoLabel:
    kinds = {task: find_kind(task, kind) for task, kind in (kinds or CLASSIFY).items()}
    setting = PhaseSetting(
        kinds,
        dict.fromkeys(kinds, n_outputs),
        build_objective(loss, kinds=kinds),
        batch_size,
        "shuffle",
        mixing or Mix(),
        epochs=epochs,
        accumulate=accumulate,
    )
    method = METHOD(PseudoLabelOptions(**options), setting)
    method.build(network or Net(n_outputs), PoolSizes(labelled=9, unlabelled=20))
    return method


def step(index: int = 0, *, per_epoch: int = 5, micro: int = 0) -> Step:
    return Step(0, 0, index // per_epoch, index, micro, per_epoch, 10 * per_epoch)


def batch(
    logits: Tensor, target: Tensor | None = None, *, weight: Tensor | None = None, **more: Any
) -> Batch:
    """Return a batch for whose images a fresh `Net` outputs `logits`, `(N, C)` or of pixels."""
    images = logits if logits.ndim == 4 else logits[:, :, None, None].expand(-1, -1, 2, 2)
    n = len(logits)
    targets = {} if target is None else {"classify": target}
    ones = torch.ones(n) if weight is None else weight
    return Batch({"train": images.clone()}, targets, ones, torch.arange(n), **more)


def random_logits(n: int, *shape: int, seed: int = 0, scale: float = 3.0) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return scale * torch.randn(n, *(shape or (N_CLASSES,)), generator=draw)


def ce(logits: Tensor, label: int) -> Tensor:
    return -(logits[label] - torch.logsumexp(logits, 0))


def softmax(logits: Tensor) -> list[float]:
    raised = [math.exp(z) for z in logits.tolist()]
    return [z / sum(raised) for z in raised]


def fixed_predictions(
    labels: Any = None, masks: Any = None, *, parts: int = 1
) -> tuple[Predict, list[Pool]]:
    """Return a network's predictions as `start_epoch` gets them, and a list of the calls."""
    asked: list[Pool] = []
    n = len(labels if labels is not None else masks)

    def predict(pool: Pool) -> Iterator[PredictedSamples]:
        asked.append(pool)
        for index in np.array_split(np.arange(n), parts):
            yield PredictedSamples(
                index,
                None if labels is None else np.asarray(labels, np.float32)[index],
                None if masks is None else (np.asarray(masks[i], np.float32) for i in index),
            )

    return predict, asked


def tell(selected: SelectedSamples | None) -> list[tuple[Any, ...]]:
    assert selected is not None
    labels = [None] * len(selected) if selected.labels is None else selected.labels.tolist()
    confidence = [round(float(one), 4) for one in selected.confidence]
    return list(
        zip(selected.index.tolist(), labels, confidence, selected.round.tolist(), strict=True)
    )


SURE = [[0.05, 0.9, 0.05], [0.4, 0.3, 0.3], [0.0, 0.05, 0.95], [0.8, 0.1, 0.1]]
LATER = [[0.97, 0.02, 0.01], [0.01, 0.98, 0.01], [0.3, 0.3, 0.4], [0.8, 0.1, 0.1]]


def draws(of: PseudoLabel, steps: range, per_epoch: int, accumulate: int) -> dict[str, list[int]]:
    """Return which of twelve samples a pool the streams of `of` draw, in order."""
    rows = SampleRows(
        images=[np.zeros((4, 4, 3), np.uint8)] * 12,
        at=np.arange(12),
        ids=[str(i) for i in range(12)],
        target={},
        weight=np.ones(12, np.float32),
    )

    def as_it_is(image: Any, seed: int, mask: Any = None) -> Any:
        return image

    pools: dict[Pool, SampleRows] = {LABELLED: rows, UNLABELLED: rows}
    feed = Feed(pools, lambda spec: as_it_is, seed=0, phase=0, accumulate=accumulate)
    drawn: dict[str, list[int]] = {LABELLED: [], UNLABELLED: [], PSEUDO: []}
    for index in steps:
        for micro in range(accumulate):
            at = step(index, per_epoch=per_epoch, micro=micro)
            for stream in of.streams(at):
                made = feed.make(stream, at)
                drawn[stream.name] += [] if made is None else made.index.tolist()
    return drawn


def hard_mask(probs: Any, kind: str, threshold: float) -> tuple[np.ndarray, list[float]]:
    height, width, n_outputs = probs.shape
    mask = np.full((height, width, n_outputs), IGNORE)
    sure = []
    for row in range(height):
        for column in range(width):
            p = probs[row, column]
            if kind == "multiclass":
                if max(p) >= threshold:
                    mask[row, column] = list(p).index(max(p))
                    sure.append(max(p))
                continue
            for k in range(n_outputs):
                if max(p[k], 1 - p[k]) >= np.float32(threshold):
                    mask[row, column, k] = int(p[k] >= 0.5)
                    sure.append(max(p[k], 1 - p[k]))
    return (mask if kind == "multilabel" else mask[..., 0]), sure
