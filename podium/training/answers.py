"""What a network says about batches of images: probabilities by task, averaged over views."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn

from podium.competition.spec import TaskKind, TaskName
from podium.predictions import tta
from podium.training.evaluation import activate

__all__ = ["Answer", "answer"]

Autocast = Callable[[], AbstractContextManager[object]]
Answer = dict[TaskName, Tensor]


@torch.inference_mode()
def answer(
    network: nn.Module,
    images: Tensor,
    kinds: Mapping[TaskName, TaskKind],
    *,
    views: Sequence[str],
    tasks: Collection[TaskName],
    autocast: Autocast = nullcontext,
) -> Answer:
    """Return the mean probabilities over `views` of what `network` says about `images`.

    Args:
        network: in evaluation mode; from images to logits by task.
        images: `(N, 3, H, W)`, normalised, on the network's device.
        kinds: kind of each task.
        views: canonical names, the identity first.
        tasks: which of the network's answers are wanted.

    Returns:
        task → float32, on the device: classify `(N, C)`, segment `(N, C, H, W)`, whose views are
        brought back into the images' own geometry.
    """
    size = (images.shape[-2], images.shape[-1])
    total: Answer = {}
    for name in views:
        with autocast():
            logits = network(tta.view(name)(images))
        for task in tasks:
            probs = activate(logits[task], kinds[task])
            if task == "segment":
                probs = tta.inverse(name)(probs, size)
            total[task] = total[task] + probs if task in total else probs
    return {task: summed / len(views) for task, summed in total.items()}
