"""Decoders of the segmentation head, one file each, found by file name.

A file exports `DECODER`, a `Decoder` of `_decoder.py`: a function from the backbone's shape and the
options of the recipe to a module that makes one map `(N, D, h, w)` of the maps that it is given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.workspace.lazy import lazy_attributes

if TYPE_CHECKING:
    from podium.models.decoders._decoder import Decoder, Decoding

__all__ = ["Decoder", "Decoding"]

__getattr__ = lazy_attributes(__name__, {"Decoder": "_decoder", "Decoding": "_decoder"})
