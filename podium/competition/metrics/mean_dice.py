"""Mean Dice: 2 I / (P + T), usually of each image and class, both empty counting 1.

    mean over pairs of 2 |P ∩ T| / (|P| + |T|)

As scored (both empty: 1) in Severstal Steel, Understanding Clouds, Ultrasound Nerve and HuBMAP
Kidney; UW-Madison's page defines 0 and its scorer left such pairs out: `empty`. `over` selects the
average and `background` whether background is a class, see `_mask_ratios.py`. With `empty: one` a
submission of empty masks scores the share of empty truths.
"""

from __future__ import annotations

from podium.competition.metrics._mask_ratios import dice, mean_ratio

__all__ = ["METRIC"]

METRIC = mean_ratio("mean_dice", dice, over="pair", empty="one")

CALLED = (
    "dice coefficient", "dice score", "dice koeffizient", "dice", "sørensen dice", "dice系数",
    "dice係数", "ダイス係数", "dice 계수",
)  # fmt: skip
