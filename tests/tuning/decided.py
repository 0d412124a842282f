"""Decisions that are chosen by the name of a metric and of a kind of task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from podium.competition.metrics import Metric
from podium.tuning.labels.decision import choose_decision
from podium.tuning.labels.search import Search
from podium.tuning.paying import Kept
from podium.tuning.scoring import LabelScorer

__all__ = ["chosen", "fit_decision"]


def chosen(
    probs: Any,
    truth: Any,
    metric: str | Metric,
    kind: str,
    *,
    options: Mapping[str, Any] | None = None,
    n_classes: int | None = None,
    grid: Sequence[Any] = (),
    plain: bool = False,
    **search: Any,
) -> Kept[list[dict[str, Any]]]:
    """Return the steps of `decide` that pay, and the evidence for them."""
    n_outputs = 1 if probs.ndim == 1 else probs.shape[1]
    scorer = LabelScorer.of(
        metric, truth, n_outputs=n_outputs, kind=kind, options=options, n_classes=n_classes
    )
    return choose_decision(probs, scorer, Search(**search), grid=grid, plain=plain)


def fit_decision(*args: Any, **how: Any) -> list[dict[str, Any]]:
    """Return the steps of `decide` that pay, [] for the plain decision."""
    return chosen(*args, **how).decision
