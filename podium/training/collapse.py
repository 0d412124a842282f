"""Whether a training has collapsed: weights that are no numbers, or the same answer to every image.

A run that is stopped wrongly costs more than one that is stopped late, so the rule is a slow one.
After each epoch of a phase that learns a task from labels, what the network says of it on the
fold's validation rows is *stuck* where

    labels   max_i p_ic − min_i p_ic  ≤  10⁻³ · max_c √(r_c (1 − r_c))    for every output c,
             over 10 rows with an answer or more, in r_c of which the answer is c; a regression
             where values differ by 10⁻⁶ of the largest;
    masks    no pixel of a class is predicted in any image, some are there, and the likeliest has a
             probability below ¼ (a network that is merely unsure may need another threshold).

The run stops once that was so for PATIENCE epochs of a phase in a row, of which none brought the
task's validation loss GAIN below the first: a network that first learns how rare something is says
the same of every image for a while, too, but its loss falls. Phases that learn without labels are
not judged.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from podium.competition.spec import TaskKind
from podium.training.standing import Streak

__all__ = [
    "GAIN",
    "PATIENCE",
    "Range",
    "Seen",
    "advice",
    "are_finite",
    "collapsed",
    "follow",
    "likeliest_foreground",
    "stuck_labels",
    "stuck_masks",
    "trained_tensors",
]

PATIENCE = 3
GAIN = 1e-3
FEWEST_ROWS = 10
LABELS_DIFFER = 1e-3
VALUES_DIFFER = 1e-6
UNLIKELY = 0.25


@dataclass(frozen=True)
class Seen:
    """What an epoch's validation saw of a task that the phase learns.

    Attributes:
        loss: of the validation rows.
        stuck: how the predictions are all alike, a sentence's end; None where they are not.
    """

    loss: float
    stuck: str | None


def follow(before: Mapping[str, Streak], seen: Mapping[str, Seen]) -> dict[str, Streak]:
    """Return the streaks after an epoch, of the tasks that are stuck.

    Example:
        >>> still = {"classify": Seen(1.1, "differ by 0 at most")}
        >>> follow(follow({}, still), still)
        {'classify': (2, 1.1)}
        >>> follow({"classify": (2, 1.1)}, {"classify": Seen(1.0, "differ by 0 at most")})
        {'classify': (1, 1.0)}
    """
    after: dict[str, Streak] = {}
    for task, one in seen.items():
        if one.stuck is None:
            continue
        epochs, first = before.get(task, (0, one.loss))
        has_gained = first - one.loss > GAIN * abs(first)
        after[task] = (1, one.loss) if has_gained else (epochs + 1, first)
    return after


def collapsed(streaks: Mapping[str, Streak]) -> str | None:
    """Return the task that was stuck for too long; None where none was."""
    return next((task for task, (epochs, _) in streaks.items() if epochs >= PATIENCE), None)


def advice(task: str, method: str) -> str:
    """Return what to try where `task` collapsed in a phase that learns by `method`."""
    tries = ["lower optimizer.lr, or let it rise (warmup_epochs)"]
    if method != "supervised":
        tries.append(f"give {method} a lower weight or a higher threshold")
    if task == "segment":
        tries.append("write loss: {segment: {ce: 1, dice: 1}}")
        tries.append("show fewer empty masks (empty_share)")
    else:
        tries.append("write sampling: balanced")
    tries.append("look whether freeze leaves enough to learn")
    return "; ".join(tries)


class Range:
    """The lowest and the highest number that is said for each output."""

    def __init__(self) -> None:
        self.low: Tensor | None = None
        self.high: Tensor | None = None

    def see(self, said: Tensor) -> None:
        """Take note of rows `(n, C)`, which may be none."""
        if not len(said):
            return
        low, high = said.aminmax(dim=0)
        self.low = low if self.low is None else torch.minimum(self.low, low)
        self.high = high if self.high is None else torch.maximum(self.high, high)


def stuck_labels(said: Range, target: NDArray[Any], kind: TaskKind) -> str | None:
    """Return how the answers to all rows are alike; None where they differ enough.

    Args:
        said: the probabilities (a regression's values) of the rows with an answer.
        target: the answers to them: `(n,)` classes or numbers, or `(n, C)`, nan or -1 where one of
            a row is missing.
        kind: of the network's answer.
    """
    if said.low is None or said.high is None or len(target) < FEWEST_ROWS:
        return None
    deviation = _deviation(target, kind)
    if deviation == 0:
        return None  # one answer to all of them is right
    difference = float((said.high - said.low).max())
    if kind == "regression":
        largest = torch.maximum(said.low.abs(), said.high.abs()).max()
        name, limit = "values", VALUES_DIFFER * float(largest)
    else:
        name, limit = "probabilities", LABELS_DIFFER * deviation
    if difference > limit:
        return None
    return f"its {name} of {len(target):,} images differ by {difference:.1g} at most"


def _deviation(target: NDArray[Any], kind: TaskKind) -> float:
    """Return the largest standard deviation of an output's answers, 0 where all are alike."""
    if kind == "multiclass":
        shares = np.bincount(target[target >= 0].astype(np.int64)) / len(target)
        return float(np.sqrt(shares * (1 - shares)).max(initial=0))
    answers = target.reshape(len(target), -1).astype(np.float64)
    is_known = np.isfinite(answers) & ((answers >= 0) | (kind == "regression"))
    n = np.maximum(is_known.sum(axis=0), 1)
    mean = np.where(is_known, answers, 0).sum(axis=0) / n
    return float(np.sqrt((np.where(is_known, answers - mean, 0) ** 2).sum(axis=0) / n).max())


def stuck_masks(counts: NDArray[np.int64], kind: TaskKind, likeliest: float) -> str | None:
    """Return how all masks are empty; None where they are not, or should be.

    Args:
        counts: `(N, K, 4)` of the images with a mask, as `metrics.mask_counts` has them.
        kind: of the masks.
        likeliest: the largest probability that a pixel is of some class.
    """
    of_classes = counts if kind == "multilabel" else counts[:, 1:]  # 0 is background
    predicted, true = of_classes[..., 1].sum(), of_classes[..., 2].sum(axis=1)
    if predicted or not true.any() or likeliest >= UNLIKELY:
        return None
    return (
        f"its masks of {len(counts):,} images are all empty, and {(true > 0).sum():,} should not "
        f"be (the likeliest pixel has a probability of {likeliest:.1g})"
    )


def likeliest_foreground(logits: Tensor, kind: TaskKind) -> float:
    """Return the largest probability that a pixel of `logits` `(N, C, H, W)` is of some class."""
    if kind == "multiclass":
        return float(logits.float().softmax(dim=1)[:, 1:].amax())
    return float(logits.float().amax().sigmoid())


def trained_tensors(*modules: nn.Module) -> list[Tensor]:
    """Return the parameters, and the running statistics of norms.

    Other buffers may hold what they like: attention masks of -inf, thresholds, empty memories.
    """
    found: list[Tensor] = []
    for module in modules:
        found += list(module.parameters())
        found += [
            buffer
            for name, buffer in module.named_buffers()
            if name.endswith(("running_mean", "running_var"))
        ]
    return found


def are_finite(tensors: Iterable[Tensor]) -> bool:
    """Return whether every number is one, with one wait for the device."""
    flags = [one.detach().isfinite().all() for one in tensors]
    return not flags or bool(torch.stack(flags).all())
