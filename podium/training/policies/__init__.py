"""Augmentation policies, one file each, found by file name.

A file exports `POLICY((height, width)) -> list of albumentations transforms`. Masks follow them by
themselves; where a transform fills a border or a hole, the mask is unknown unless the policy gives
another `fill_mask` than the default.

A policy that has an argument `pixels` gets the form of the images, uint8 or float32 in [0, 1], and
their number of channels: hue, saturation and grey are of red, green and blue.
"""
