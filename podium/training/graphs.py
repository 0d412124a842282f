"""Graphs of samples: who belongs together by its answers, and who does by its embedding."""

from __future__ import annotations

import torch
from torch import Tensor

__all__ = ["graph", "graph_loss"]


def graph(answers: Tensor, columns: Tensor, *, threshold: float) -> Tensor:
    """Return who belongs to whom by their probabilities, `(N, M)`, in rows that sum to 1.

    Args:
        answers: `(N, C)`.
        columns: `(M, C)`; the first N are `answers`, and each belongs to itself.
        threshold: products below are 0.
    """
    alike = (answers @ columns.T).fill_diagonal_(1)
    kept = alike * (alike >= threshold)
    return kept / kept.sum(dim=1, keepdim=True)


def graph_loss(
    rows: Tensor,
    columns: Tensor,
    wanted: Tensor,
    *,
    temperature: float,
    shown: Tensor | None = None,
) -> Tensor:
    """Return the cross-entropy of the graph of embeddings to the one that is wanted.

    Args:
        rows: `(N, D)` of length 1.
        columns: `(M, D)` of length 1.
        wanted: `(N, M)`, without gradient; 0 where a column is not shown.
        temperature: of the similarity of embeddings.
        shown: `(M,)` bool: which columns there are; None: all.
    """
    near = rows @ columns.T / temperature
    if shown is None:
        return -(wanted * near.log_softmax(dim=1)).sum(dim=1).mean()
    logs = near.masked_fill(~shown, -torch.inf).log_softmax(dim=1).masked_fill(~shown, 0)
    return -(wanted * logs).sum(dim=1).mean()
