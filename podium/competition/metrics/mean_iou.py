"""Mean IoU of semantic segmentation: pixels of all images pooled, then the mean over the classes.

    mean over classes c of Σ_i I_ic / Σ_i (P_ic + T_ic - I_ic)

Pascal VOC (Everingham et al. 2010) counts background as one of its 21 classes, Cityscapes (Cordts
et al. 2016, arXiv:1604.01685) has none: see the option `background`. `over` pair or image averages
the IoU of each image instead, see `_mask_ratios.py`. A class that neither truth nor decisions have
is an error, as it has no IoU; `empty` skip leaves it out, as most evaluation scripts do.
"""

from __future__ import annotations

from podium.competition.metrics._mask_ratios import iou, mean_ratio

__all__ = ["METRIC"]

METRIC = mean_ratio("mean_iou", iou, over="class", empty="error")

CALLED = (
    "intersection over union", "jaccard index", "miou", "mean intersection over union", "iou",
    "平均交并比", "平均交並比", "交并比", "平均iou", "평균 iou",
)  # fmt: skip
