"""Augmentation policies, one file each, found by file name.

A file exports `POLICY((height, width)) -> list of albumentations transforms`. Masks follow them by
themselves; where a transform fills a border or a hole, the mask is unknown unless the policy gives
another `fill_mask` than the default.

A policy that has an argument `pixels` is told what images the transforms get, uint8 or float32 in
[0, 1], and of how many channels: hue, saturation and grey are of red, green and blue.
"""
