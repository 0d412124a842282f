"""Augmentation policies, one file each, found by file name.

A file exports `POLICY((height, width)) -> list of albumentations transforms`. Masks follow them by
themselves; where a transform fills a border or a hole, the mask is unknown unless the policy gives
another `fill_mask` than the default.
"""
