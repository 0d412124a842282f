"""Thresholds of pseudo-labels that differ between classes, and how they are looked up.

A task asks questions: a multiclass one asks one with C answers, a binary or multilabel one two
answers, no and yes, of each of its C outputs. Thresholds by class are `(questions, answers)` so.
"""

from __future__ import annotations

import torch
from torch import Tensor

from podium.competition.spec import TaskKind
from podium.training.hardening import Hard
from podium.training.weak_strong import Pseudo

__all__ = ["questions", "sure_enough"]


def questions(kind: TaskKind, n_outputs: int) -> tuple[int, int]:
    """Return how many questions a task asks, and how many answers each has."""
    return (1, n_outputs) if kind == "multiclass" else (n_outputs, 2)


def sure_enough(hard: Hard, thresholds: Tensor, kind: TaskKind) -> Pseudo:
    """Return the answers, of which those count whose confidence reaches their class's threshold.

    Args:
        hard: of labels or of masks; its own threshold is not asked.
        thresholds: float32 `(questions, answers)`.
        kind: of the task.
    """
    if kind == "multiclass":
        wanted = thresholds[0][hard.answer]
    else:
        no, yes = (one.reshape(-1, *[1] * (hard.answer.ndim - 2)) for one in thresholds.unbind(1))
        wanted = torch.where(hard.answer > 0, yes, no)
    return Pseudo(hard.answer, hard.confidence >= wanted)
