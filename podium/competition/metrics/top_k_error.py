"""Top-k error: the share of rows whose true class is not among the first k places of a ranking.

    error = Σ_i 1[t_i ∉ {d_i1 … d_ik}] / N

With `k: 1` only the first place counts, whatever follows it (iNaturalist 2019; in 2017 k was 5).

Options: `k`, the places that count, however many there are; `n_classes`, C: a true class of -1,
which is none of the classes, is hit where the ranking has C (without `n_classes` no place hits it).
"""

from __future__ import annotations

from podium.competition.metrics._ranks import top_k_metric

__all__ = ["METRIC"]


METRIC = top_k_metric("top_k_error", is_error=True, k=1)
