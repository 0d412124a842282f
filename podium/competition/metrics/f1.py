"""F1 of decisions: the harmonic mean of precision and recall.

    F1 = 2 TP / (2 TP + FP + FN)

Options: `average`: `binary` (class 1), `macro` (the mean over classes), `micro` (all counts pooled;
of single labels that is accuracy; iMet 2020, Plant Pathology 2021), `weighted` (the mean over
classes, each as often as the truth has it) or `samples` (multilabel: the mean over rows of each
row's F1); `labels`, the classes that count: `union` of truth and decisions,
`truth`, or a list of class indices (a multilabel task takes all columns, or the listed ones);
`n_classes`; `zero_division`, 0 or 1: the score of a class, or a row, without truth and without
decision.
"""

from __future__ import annotations

from podium.competition.metrics._counts import OPTIONS, f_metric

__all__ = ["METRIC"]

METRIC = f_metric("f1", {"average": "binary", **OPTIONS}, beta=1.0)

CALLED = ("binary f1", "f1 of the positive class")
