"""Methods with a small network, and batches of noise for their streams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from podium.models.network import Network, build_network
from podium.models.spec import ModelSpec
from podium.tasks.protocols.find import find_kind
from podium.training.data.sampling import LABELLED, UNLABELLED, Batch, Stream
from podium.training.method import Method, PhaseSetting, PoolSizes, Step
from podium.training.objective import build_objective
from podium.training.recipe import Mix

__all__ = [
    "CONVOLUTIONS",
    "SIZE",
    "TRANSFORMER",
    "batches",
    "built",
    "method",
    "network",
    "step",
    "unlike_views",
]

SIZE = (16, 16)
N_CLASSES = 3
CONVOLUTIONS = {"backbone": "cnn", "pretrained": False, "options": {"widths": [4, 6]}}
TRANSFORMER = {
    "backbone": "vit_tiny_patch16_224",
    "pretrained": False,
    "options": {"patch_size": 4, "embed_dim": 12, "depth": 2, "num_heads": 2},
}


def network(task: str, model: Mapping[str, Any] = CONVOLUTIONS) -> Network:
    """Return two convolutions, or `model`, and one head, in training mode."""
    torch.manual_seed(0)
    head = {"decoder": "linear"} if task == "segment" else {}
    spec = ModelSpec.model_validate({**model, "heads": {task: head}})
    return build_network(spec, n_outputs={task: N_CLASSES}, image_size=SIZE).train()


def method(kind: type[Method], task: str, *, batch_size: int = 4, **options: Any) -> Method:
    """Return a method with its options, for a multiclass task."""
    kinds = {task: find_kind(task, "multiclass")}
    objective = build_objective({task: {"ce": 1}}, kinds=kinds)
    setting = PhaseSetting(
        kinds,
        {task: N_CLASSES},
        objective,
        batch_size,
        "shuffle",
        Mix(),
        size=SIZE,
    )
    return kind(kind.Options(**options), setting)


def built(kind: type[Method], *, batch_size: int, **options: Any) -> tuple[Any, Any, Network]:
    """Return a method of two views without labels, the modules that it builds, and the network."""
    of = method(kind, "classify", batch_size=batch_size, **options)
    net = network("classify")
    return of, of.build(net, PoolSizes(labelled=0, unlabelled=30)), net


def step(index: int = 0, epoch: int = 0) -> Step:
    return Step(seed=0, phase=0, epoch=epoch, index=index, micro=0, per_epoch=5, total=10)


def batches(of: Method, at: Step, *, seed: int) -> dict[str, Batch]:
    """Return the batches of a step; a pixel of a view `of` another is of anywhere in that."""
    draw = torch.Generator().manual_seed(seed)
    return {stream.name: _batch(stream, draw) for stream in of.streams(at)}


def unlike_views(of: Method) -> dict[str, Batch]:
    """Return batches whose views have statistics of their own, by which one takes them apart."""
    made = batches(of, step(), seed=1)
    made[UNLABELLED].views["second"] += 1
    return made


def _batch(stream: Stream, draw: torch.Generator) -> Batch:
    n = stream.batch_size
    is_known = LABELLED in stream.pools
    sizes = {spec.name: spec.size or SIZE for spec in stream.views}
    views = {name: torch.randn(n, 3, *size, generator=draw) for name, size in sizes.items()}
    targets = {"classify": torch.randint(N_CLASSES, (n,), generator=draw)}
    masks, shown, places = {}, {}, {}
    if stream.masks:
        for name, size in sizes.items():
            masks[name] = torch.randint(-1, N_CLASSES, (n, *size), generator=draw)
            shown[name] = torch.rand(n, *size, generator=draw) > 0.2
        for spec in stream.views:
            if spec.of is not None:
                height, width = sizes[spec.of]
                shape = (n, *sizes[spec.name])
                places[spec.name] = torch.randint(-1, height * width, shape, generator=draw)
                shown[spec.name] &= places[spec.name] >= 0
        targets = {"segment": next(iter(masks.values()))}
    if not is_known:
        for answers in (targets, masks):
            answers |= {name: torch.full_like(one, -1) for name, one in answers.items()}
    return Batch(views, targets, torch.ones(n), torch.arange(n), masks, shown, places)
