"""Parameters of decisions, fitted so that their score can be believed."""

from __future__ import annotations

from podium.tuning.cross_fit import CrossFit, cross_fit
from podium.tuning.curves import Curve

# Imported here, not on demand: the submodule of the same name would otherwise hide the function.
from podium.tuning.labels.class_weights import fit_class_weights
from podium.tuning.labels.cuts import fit_cuts
from podium.tuning.labels.thresholds import fit_thresholds, threshold_curve
from podium.tuning.masks.curve import fit_mask_threshold, mask_threshold_curve

__all__ = [
    "CrossFit",
    "Curve",
    "cross_fit",
    "fit_class_weights",
    "fit_cuts",
    "fit_mask_threshold",
    "fit_thresholds",
    "mask_threshold_curve",
    "threshold_curve",
]
