"""Jaccard index (intersection over union) of decided labels; of masks it is `mean_iou`.

    J = TP / (TP + FP + FN)

Options as of `f1`: `average`: `binary` (class 1), `macro`, `micro`, `weighted` or `samples`
(multilabel: the mean over rows); `labels`, `n_classes`, `zero_division`. (Satellite patches by
whether they show a thing; labels of an image as a set.)
"""

from __future__ import annotations

from podium.competition.metrics._counts import OPTIONS, f_metric

__all__ = ["METRIC"]

METRIC = f_metric("jaccard", {"average": "binary", **OPTIONS}, beta=None)

CALLED = (
    "jaccard score", "jaccard index", "jaccard similarity", "iou", "intersection over union",
    "交并比", "交並比",
)  # fmt: skip
