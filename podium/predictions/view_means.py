"""Means of a network's answers over views, one view after the other, in float32.

- mean: of probabilities.
- geometric: exp of the mean of logarithms. They are summed, so that nothing underflows, and are
  taken of at least 1e-7, as in blends: no view makes an answer 0.
- max: the largest probability.
- logits: of logits, then sigmoid, or softmax where classes exclude each other.

Where classes exclude each other, geometric and max are scaled to sum 1; geometric and logits are
then the same, but for probabilities below 1e-7.
"""

from __future__ import annotations

import torch
from torch import Tensor

from podium.predictions.views import ViewMean

__all__ = ["Total"]

SMALLEST = 1e-7


class Total:
    """What views said so far.

    Args:
        mean: which.
        is_multiclass: whether the channels (axis 1) exclude each other.
    """

    def __init__(self, mean: ViewMean, *, is_multiclass: bool = False) -> None:
        self._mean, self._is_multiclass = mean, is_multiclass
        self._total: Tensor | None = None
        self._n_terms = 0
        self._count: Tensor | float = 0.0

    def add(self, said: Tensor, covered: Tensor | None = None) -> None:
        """Add what one view said.

        Args:
            said: probabilities `(N, C, …)`, for logits logits; it is not changed.
            covered: `(H, W)`, bool: pixels of a mask that the view shows; None: all.
        """
        term = said.float()
        if self._mean == "geometric":
            term = term.clamp_min(SMALLEST).log()
        if covered is not None:
            term = torch.where(covered, term, 0.0)  # no probability is less, for max
        self._count = self._count + (1.0 if covered is None else covered.float())
        if self._total is None:
            self._total = term
        elif self._mean == "max":
            self._total = torch.maximum(self._total, term)
        elif self._n_terms == 1:  # the first term may be the network's own tensor
            self._total = self._total + term
        else:
            self._total += term
        self._n_terms += 1

    def result(self) -> Tensor:
        """Return the mean: float32, shaped as what was said; nan where no view covers a pixel."""
        assert self._total is not None
        if self._mean == "max":
            nobody = torch.as_tensor(self._count == 0, device=self._total.device)
            found = self._total.masked_fill(nobody, torch.nan)
        else:
            found = self._total / self._count
        if self._mean == "geometric":
            found = found.exp()
        if self._mean == "logits":
            return found.softmax(1) if self._is_multiclass else found.sigmoid()
        if self._is_multiclass and self._mean != "mean":
            return found / found.sum(1, keepdim=True)
        return found
