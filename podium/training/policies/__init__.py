"""Augmentation policies, one file each, found by file name.

A file exports `POLICY((height, width)) -> list of albumentations transforms`.
"""
