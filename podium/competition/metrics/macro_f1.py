"""Macro F1: the mean over classes of F1 = 2 TP / (2 TP + FP + FN).

Options: `labels`, the classes that count: `union` of truth and decisions, `truth`, or a list of
class indices (a multilabel task takes all columns, or the listed ones); `n_classes`;
`zero_division`, 0 or 1: the F1 of a class without truth and without decision. (Human Protein Atlas
2018: 28 columns; Herbarium 2022: 15,501 classes.)
"""

from __future__ import annotations

from podium.competition.metrics._counts import OPTIONS, f_metric

__all__ = ["METRIC"]

METRIC = f_metric("macro_f1", OPTIONS, average="macro", beta=1.0)

CALLED = (
    "macro averaged f1", "macro average f1", "f1 macro", "macro averaged f1 score",
    "f1 score macro", "makro f1", "f1 score", "f1", "宏平均f1", "宏f1", "マクロ平均f1",
    "マクロf1", "매크로 f1",
)  # fmt: skip
