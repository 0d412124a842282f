"""Decoders of the segmentation head, one file each, found by file name.

A file exports `DECODER`, a `Decoder` of `_decoder.py`: a function from the backbone's shape and the
options of the recipe to a module that makes one map `(N, D, h, w)` of the maps that it is given.
"""
