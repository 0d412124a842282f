"""A network whose logits are its input: tests write down logits, and a method gets them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.kind import Kind
from podium.training.data.sampling import LABELLED, UNLABELLED, Batch
from podium.training.method import Method, PhaseSetting, Step
from podium.training.objective import build_objective
from podium.training.recipe import Mix

__all__ = [
    "WAITS",
    "C",
    "Echo",
    "Operations",
    "answers_of",
    "batches",
    "method",
    "n_outputs",
    "step",
]

C = 3

WAITS = {"_local_scalar_dense", "nonzero", "masked_select", "_unique2", "bincount", "equal"}
"""Operations that wait for the device: they need a value, or a number of elements."""


class Operations(TorchDispatchMode):
    """Notes the names of all operations on tensors.

    Args:
        large: of how many elements on a tensor is large.

    Attributes:
        names: of all operations.
        on_large: of those that read or made a large tensor.
    """

    def __init__(self, large: int) -> None:
        super().__init__()
        self._large = large
        self.names, self.on_large = set[str](), set[str]()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        made, name = func(*args, **(kwargs or {})), func.overloadpacket.__name__
        self.names.add(name)
        every = tree_leaves((args, kwargs, made))
        if any(isinstance(one, Tensor) and one.numel() >= self._large for one in every):
            self.on_large.add(name)
        return made


class Echo(nn.Module):
    """The channels of a pixel are its logits; an image's are those of its first pixel."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor, tasks: Sequence[str] = ("classify",)) -> dict[str, Tensor]:
        logits = images * self.scale
        predicted = {"classify": logits[:, :, 0, 0], "segment": logits}
        return {task: predicted[task] for task in tasks}


def n_outputs(kind: Kind) -> int:
    return 1 if kind in ("binary", "regression") else C


def method(of: type[Method], kinds: Mapping[str, Kind], **options: Any) -> Any:
    """Return a method with its options, one labelled sample a batch."""
    kinds = {task: find_kind(task, kind) for task, kind in kinds.items()}
    outputs = {task: n_outputs(kind) for task, kind in kinds.items()}
    objective = build_objective(None, kinds=kinds)
    setting = PhaseSetting(kinds, outputs, objective, 1, "shuffle", Mix(), size=(1, 1))
    return of(of.Options(**options), setting)


def step(index: int = 0) -> Step:
    return Step(seed=0, phase=0, epoch=0, index=index, micro=0, per_epoch=5, total=10)


def batches(
    kinds: Mapping[str, Kind],
    weak: Tensor,
    strong: Tensor,
    *,
    index: Sequence[int] | None = None,
    labelled: Tensor | None = None,
) -> dict[str, Batch]:
    """Return batches of the images whose logits are given.

    Args:
        kinds: of the tasks.
        weak, strong: `(N, C)`, or `(N, C, h, w)` of masks, whose views are the same pixels.
        index: rows of the pool; the first `N` where it is left out.
        labelled: `(B, C)`, of the class 0; one sample where it is left out.
    """

    def images(logits: Tensor) -> Tensor:
        return logits if logits.ndim == 4 else logits[:, :, None, None]

    weak, strong = images(weak), images(strong)
    n, c, *size = weak.shape
    learnt = images(torch.zeros(1, c) if labelled is None else labelled).expand(-1, -1, *size)
    b, targets = len(learnt), {}
    for task, kind in kinds.items():
        pixels = size if task == "segment" else []
        is_class = kind == "multiclass"
        targets[task] = (
            torch.zeros(b, *pixels, dtype=torch.int64) if is_class else torch.zeros(b, c, *pixels)
        )
    known = Batch({"train": learnt}, targets, torch.ones(b), torch.arange(b))
    rows = torch.arange(n) if index is None else torch.tensor(index)
    unknown = Batch({"weak": weak, "strong": strong}, {}, torch.ones(n), rows)
    if "segment" in kinds:
        unknown.shown = {
            name: torch.ones(n, *size, dtype=torch.bool) for name in ("weak", "strong")
        }
        places = torch.arange(math.prod(size)).reshape(1, *size).expand(n, *size)
        unknown.places = {"strong": places}
    return {LABELLED: known, UNLABELLED: unknown}


def answers_of(logits: Tensor, kind: Kind) -> list[list[float]]:
    """Return the probabilities of the classes for each output of a sample `(C,)`."""
    if kind == "multiclass":
        shares = [math.exp(z) for z in logits.tolist()]
        return [[one / sum(shares) for one in shares]]
    return [[1 - p, p] for p in (1 / (1 + math.exp(-z)) for z in logits.tolist())]
