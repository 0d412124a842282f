"""Top-k accuracy: the share of rows whose true class is among the first k places of a ranking.

    accuracy = Σ_i 1[t_i ∈ {d_i1 … d_ik}] / N

Options: `k`, the places that count, however many there are; `n_classes`, C: a true class of -1,
which is none of the classes, is hit where the ranking has C (without `n_classes` no place hits it).
"""

from __future__ import annotations

from podium.competition.metrics._ranks import top_k_metric

__all__ = ["METRIC"]


METRIC = top_k_metric("top_k_accuracy", is_error=False, k=5)
