"""F-beta of decisions: F1 in which recall counts β times as much as precision.

    Fβ = (1 + β²) TP / ((1 + β²) TP + FP + β² FN)

Options: `beta`, 2 by default (iMet 2019: F2, average samples); `average`: `samples` (multilabel:
the mean over rows of each row's F), `macro` (the mean over classes), `weighted` (each as often as
the truth has it), `micro` (all counts pooled) or `binary` (class 1); `labels`, the classes that
count: `union` of truth and decisions, `truth`, or a list of class indices; `n_classes`;
`zero_division`, 0 or 1: the score of a class, or a row, without truth and without decision.
"""

from __future__ import annotations

from podium.competition.metrics._counts import OPTIONS, f_metric

__all__ = ["METRIC"]

METRIC = f_metric("fbeta", {"beta": 2.0, "average": "binary", **OPTIONS})

CALLED = ("f2 score", "f2", "f0.5 score", "f0.5", "f0,5 score", "f0,5")
