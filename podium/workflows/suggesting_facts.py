"""What is known of a competition before anything is trained: the facts that recipes go by."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.images import first_file, image_size
from podium.competition.labels import class_counts
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, TaskKind, TaskName
from podium.workspace.layout import Workspace
from podium.workspace.machine import Machine
from podium.workspace.progress import SILENT, Progress

__all__ = ["Facts", "facts_of"]

LOOKED_AT = 100
"""images (and masks) whose sizes are looked at, evenly over the data"""
FEW, FEW_A_CLASS = 500, 20
MANY_UNLABELLED = 3
IMBALANCED = 10
TINY = 0.01
_COUNTED: tuple[TaskKind, ...] = ("multiclass", "binary", "multilabel", "ordinal")


@dataclass(frozen=True)
class Facts:
    """What the rules of `podium recipes suggest` ask for.

    Attributes:
        tasks: kind of what the network says, by task.
        scored: the task that the metric scores.
        n: training samples with a label or mask.
        n_unlabelled: images of `data.unlabelled`.
        side: median of the images' shorter sides, in pixels.
        largest: of their longer sides.
        counts: samples of each class of the labels; empty where they are numbers.
        coverage: median share of an image that its mask covers, of those with any; None: no masks.
        empty: share of the masks that are empty.
        machine: what there is to train with.
    """

    tasks: dict[TaskName, TaskKind]
    scored: TaskName
    n: int
    n_unlabelled: int
    side: int
    largest: int
    machine: Machine
    counts: tuple[int, ...] = field(default=())
    coverage: float | None = None
    empty: float = 0.0

    @property
    def has_gpu(self) -> bool:
        return self.machine.gpu is not None

    @property
    def has_large_gpu(self) -> bool:
        return self.machine.gpu_memory >= 15 << 30

    @property
    def has_masks(self) -> bool:
        return "segment" in self.tasks

    @property
    def has_labels(self) -> bool:
        return "classify" in self.tasks

    @property
    def is_regression(self) -> bool:
        return self.tasks.get("classify") == "regression"

    @property
    def has_softmax(self) -> bool:
        """Whether labels are one class of many, and nothing else is learnt."""
        return self.tasks == {"classify": "multiclass"}

    @property
    def imbalance(self) -> float:
        """How many times as many samples the largest class has as the smallest."""
        there = [n for n in self.counts if n]
        return max(there) / min(there) if len(there) > 1 else 1.0

    @property
    def is_imbalanced(self) -> bool:
        """Whether balanced sampling helps: each label is one class, and some are rare."""
        return self.tasks.get("classify") in ("multiclass", "binary", "ordinal") and (
            self.imbalance >= IMBALANCED
        )

    @property
    def rarest(self) -> int:
        return min((n for n in self.counts if n), default=0)

    @property
    def has_few(self) -> bool:
        """Whether there is too little to teach a whole backbone well."""
        n_classes = sum(n > 0 for n in self.counts)
        return self.n < FEW or (n_classes > 0 and self.n / n_classes < FEW_A_CLASS)

    @property
    def has_many_unlabelled(self) -> bool:
        return self.n_unlabelled >= max(MANY_UNLABELLED * self.n, 100)

    @property
    def is_tiled(self) -> bool:
        """Whether masks of images are scored that no network sees whole at their own scale."""
        return self.scored == "segment" and self.largest > 1024

    @property
    def is_tiny(self) -> bool:
        """Whether what masks show is so small that most windows of an image would miss it."""
        return self.coverage is not None and self.coverage < TINY


def facts_of(
    workspace: Workspace,
    competition: Competition,
    machine: Machine,
    *,
    progress: Progress = SILENT,
) -> Facts:
    """Return what recipes for `competition` go by; of images and masks a hundred are looked at.

    Raises:
        DataError: the data cannot be read.
    """
    samples = load_samples(competition, "train", workspace=workspace)
    sizes = [
        image_size(competition.root / first_file(paths), competition.reader)
        for paths in _some(samples)["images"]
    ]
    counts: tuple[int, ...] = ()
    if competition.tasks.get("classify") in _COUNTED:
        counts = tuple(int(n) for n in class_counts(competition, samples["label"])[1])
    coverage, empty = None, 0.0
    if "segment" in competition.tasks:
        with_mask = _some(samples[samples["mask"].notna()].reset_index(drop=True))
        coverage, empty = _covered(workspace, competition, with_mask, progress)
    answered = samples["label"].notna() | samples["mask"].notna()
    return Facts(
        tasks={task: competition.kind_of(task) for task in competition.tasks},
        scored=competition.scored_task,
        n=int(answered.sum()),
        n_unlabelled=len(load_samples(competition, "unlabelled")),
        side=int(np.median([min(size) for size in sizes])),
        largest=int(np.median([max(size) for size in sizes])),
        counts=counts,
        coverage=coverage,
        empty=empty,
        machine=machine,
    )


def _some(samples: pd.DataFrame) -> pd.DataFrame:
    at = np.unique(np.linspace(0, len(samples) - 1, min(LOOKED_AT, len(samples))).astype(int))
    return samples.iloc[at].reset_index(drop=True)


def _covered(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame, progress: Progress
) -> tuple[float, float]:
    """Return the median share that masks with anything cover, and the share of empty ones."""
    shares = read_mask_facts(workspace, competition, samples, progress=progress).coverage
    shares = shares[~np.isnan(shares)]
    covered = shares[shares > 0]
    return (
        float(np.median(covered)) if len(covered) else 1.0,
        float(np.mean(shares == 0)) if len(shares) else 0.0,
    )
