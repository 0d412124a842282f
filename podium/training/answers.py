"""What a network says about batches of images: probabilities by task, averaged over views."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager, nullcontext

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from podium.competition.spec import TaskKind, TaskName
from podium.errors import RecipeError
from podium.models.network import Network
from podium.predictions import tta
from podium.predictions.views import ViewSet
from podium.training.evaluation import activate

__all__ = ["Answer", "answer", "embed"]

Autocast = Callable[[], AbstractContextManager[object]]
Answer = dict[str, Tensor]


@torch.inference_mode()
def answer(
    network: nn.Module,
    images: Tensor,
    kinds: Mapping[TaskName, TaskKind],
    *,
    views: ViewSet,
    tasks: Collection[TaskName],
    autocast: Autocast = nullcontext,
) -> Answer:
    """Return the mean over `views` of what `network` says about `images`, as probabilities.

    Args:
        network: in evaluation mode; from images to logits by task.
        images: `(N, in_chans, H, W)`, normalised, on the network's device.
        kinds: kind of each task.
        views: which, and which mean; of ratings and regressions the plain one.
        tasks: which of the network's answers are wanted.

    Returns:
        task → float32, on the device: classify `(N, C)`, segment `(N, C, H, W)`, whose views are
        brought back into the images' own geometry.
    """

    def said(seen: Tensor) -> dict[str, Tensor]:
        with autocast():
            logits = network(seen)
        if views.mean == "logits":
            return {task: logits[task] for task in tasks}
        return {task: activate(logits[task], kinds[task]) for task in tasks}

    return tta.averaged(
        said,
        images,
        views,
        masks=[task for task in tasks if task == "segment"],
        multiclass=[task for task in tasks if kinds[task] == "multiclass"],
    )


@torch.inference_mode()
def embed(
    network: Network,
    images: Tensor,
    *,
    views: ViewSet,
    autocast: Autocast = nullcontext,
) -> Tensor:
    """Return the embeddings of images: pooled features of length 1, their mean over `views`.

    Args:
        network: in evaluation mode, with podium's own classification head.
        images, views, autocast: as `answer` has them.

    Returns:
        `(N, D)`, float32, of length 1.

    Raises:
        RecipeError: a head of the user's own has no method `embed`.
    """
    head = network.heads["classify"]
    pooled = getattr(head, "embed", None)
    if pooled is None:
        raise RecipeError(
            "this head makes no embeddings",
            where="predict.embeddings",
            fix="give it a method embed(features) -> (N, D), or write embeddings: false",
        )

    def said(seen: Tensor) -> dict[str, Tensor]:
        with autocast():
            vectors: Tensor = pooled(network.features(seen))
        return {"": normalize(vectors.float(), dim=1)}

    plain = ViewSet(views.names)  # whatever the mean of probabilities: these are none
    return normalize(tta.averaged(said, images, plain)[""], dim=1)
