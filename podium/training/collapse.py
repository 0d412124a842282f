"""Whether a training has collapsed: weights that are no numbers, or the same answer to every image.

A run that is stopped wrongly costs more than one that is stopped late, so the rule is a slow one.
After each epoch of a phase that learns a task from labels, what the network says of it on the
fold's validation rows is

    alike   max_i p_ic − min_i p_ic  ≤  10⁻³ · max_c √(r_c (1 − r_c))   for every output c: i is an
            image, of 10 or more with an answer, or a pixel, and r_c the share that c is the answer
            of; masks are alike only if no pixel of a class is predicted and some are there;
    empty   as the last, and the likeliest pixel has a probability below ¼ (above, a network that
            is merely unsure may need another threshold);
    dead    alike, with 10⁻⁶ for 10⁻³, so but for rounding; of a regression, by 10⁻⁶ of its values.

The run stops once that was so for so many epochs of a phase in a row, SURE of a dead task or
UNSURE of another, of which none brought the task's validation loss GAIN below the first. For
networks that learn how rare something is, or that wait on a plateau, say much the same of all
images for a while, too: U-Nets that found spots of nine pixels later were empty, without gain, for
seven epochs.

Phases that learn without labels are never stopped. Where a method tells how its vectors are spread
(`spread.py`), three epochs in a row of a spread below 0.1, or of less than 1.5 dimensions, are told
and recorded: vectors that are all alike, or lie on one line, mean a network that says the same of
all images, or knows but one difference. SimSiam without its stop-gradient came to a spread of 0.29
and 1.0 dimensions, with it to 0.99 and 3.7 (`benchmarks/self_supervised.py`).
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
from podium.training.standing import HistoryRow, Streak

__all__ = [
    "GAIN",
    "METERS",
    "SURE",
    "UNSURE",
    "Range",
    "Seen",
    "Stuck",
    "are_finite",
    "collapsed",
    "follow",
    "of_classes",
    "stuck_labels",
    "stuck_masks",
    "trained_tensors",
    "vectors_alike",
]

SURE, UNSURE = 3, 10
GAIN = 1e-3
FEWEST_ROWS = 10
ALIKE, DEAD = 1e-3, 1e-6
METERS = {"spread": 0.1, "dimensions": 1.5}
"""The lowest that is healthy."""
UNLIKELY = 0.25


@dataclass(frozen=True)
class Stuck:
    """Predictions that are all alike.

    Attributes:
        how: in words, a sentence's middle.
        patience: in how many epochs in a row it is a collapse.
    """

    how: str
    patience: int = SURE


@dataclass(frozen=True)
class Seen:
    """What an epoch's validation saw of a task that the phase learns.

    Attributes:
        loss: of the validation rows.
        stuck: where predictions are all alike, how.
    """

    loss: float
    stuck: Stuck | None = None


def follow(before: Mapping[str, Streak], seen: Mapping[str, Seen]) -> dict[str, Streak]:
    """Return the streaks after an epoch, of the tasks that are stuck.

    Example:
        >>> still = {"classify": Seen(1.1, Stuck("they differ by 0"))}
        >>> follow(follow({}, still), still)
        {'classify': (2, 1.1)}
        >>> follow({"classify": (2, 1.1)}, {"classify": Seen(1.0, Stuck("they differ by 0"))})
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


def collapsed(streaks: Mapping[str, Streak], seen: Mapping[str, Seen]) -> str | None:
    """Return the task that is stuck for too long by now; None where none is."""
    for task, (epochs, _) in streaks.items():
        stuck = seen[task].stuck
        if stuck is not None and epochs >= stuck.patience:
            return task
    return None


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

    @property
    def difference(self) -> float:
        """The largest between two rows in one output; 0 where there are none."""
        if self.low is None or self.high is None:
            return 0.0
        return float((self.high - self.low).max())


def stuck_labels(said: Range, target: NDArray[Any], kind: TaskKind) -> Stuck | None:
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
    if kind == "regression":
        largest = float(torch.maximum(said.low.abs(), said.high.abs()).max())
        patience, name = (SURE if said.difference <= DEAD * largest else None), "values"
    else:
        patience, name = _patience(said.difference, deviation), "probabilities"
    if patience is None:
        return None
    how = f"its {name} of {len(target):,} images differ by {said.difference:.1g} at most"
    return Stuck(how, patience)


def _patience(difference: float, deviation: float) -> int | None:
    if difference > ALIKE * deviation:
        return None
    return SURE if difference <= DEAD * deviation else UNSURE


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


def stuck_masks(said: Range, counts: NDArray[np.int64], kind: TaskKind) -> Stuck | None:
    """Return how all masks are empty; None where they are not, or should be.

    Args:
        said: the probabilities of the classes, of every pixel.
        counts: `(N, K, 4)` of the images with a mask, as `metrics.mask_counts` has them.
        kind: of the masks.
    """
    of_class = counts if kind == "multilabel" else counts[:, 1:]  # 0 is background
    predicted, true = of_class[..., 1].sum(), of_class[..., 2].sum(axis=1)
    if said.high is None or predicted or not true.any():
        return None
    _, _, pixels, valid = of_class.sum(axis=0).T
    shares = pixels / np.maximum(valid, 1)
    patience = _patience(said.difference, float(np.sqrt(shares * (1 - shares)).max()))
    likeliest = float(said.high.max())
    if patience is None and likeliest < UNLIKELY:
        patience = UNSURE
    if patience is None:
        return None
    how = f"its masks of {len(counts):,} images are all empty, and {(true > 0).sum():,} should not "
    how += f"be; the likeliest pixel has a probability of {likeliest:.1g}"
    return Stuck(how, patience)


def vectors_alike(history: Iterable[HistoryRow]) -> dict[str, dict[str, Any]]:
    """Return phase → the first epoch in which its vectors had been alike for long, and its meters.

    Example:
        >>> rows = [{"phase": "a", "epoch": n, "spread": 0.05} for n in (1, 2, 3, 4)]
        >>> vectors_alike(rows)
        {'a': {'epoch': 3, 'spread': 0.05}}
    """
    found: dict[str, dict[str, Any]] = {}
    in_a_row: dict[str, int] = {}
    for row in history:
        phase = str(row["phase"])
        names = (name for name in METERS if name in row)
        meters: dict[str, Any] = {name: row[name] for name in names}
        is_alike = any(float(value) < METERS[name] for name, value in meters.items())
        in_a_row[phase] = in_a_row.get(phase, 0) + 1 if is_alike else 0
        if in_a_row[phase] == SURE and phase not in found:
            found[phase] = {"epoch": row["epoch"], **meters}
    return found


def of_classes(logits: Tensor, kind: TaskKind) -> Tensor:
    """Return the lowest and highest probability `(2, C)` of each class in `(N, C, H, W)` logits.

    Background is none of them.
    """
    logits = logits.float()
    probs = logits.softmax(dim=1)[:, 1:] if kind == "multiclass" else logits.sigmoid()
    return torch.stack([probs.amin(dim=(0, 2, 3)), probs.amax(dim=(0, 2, 3))])


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
