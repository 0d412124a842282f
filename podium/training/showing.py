"""Samples as a view shows them: uint8 images and masks, stacked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.training.crops import Window
from podium.training.rows import Rows

__all__ = ["View", "stacked", "stacked_with_masks"]

Pixels = NDArray[np.uint8]


class View(Protocol):
    """One way to see an image: `(H, W, 3)` to `(h, w, 3)` uint8, deterministic in the seed.

    Given the image's mask, too, it returns both.
    """

    @overload
    def __call__(self, image: Pixels, seed: int, /) -> Pixels: ...

    @overload
    def __call__(self, image: Pixels, seed: int, mask: Pixels, /) -> tuple[Pixels, Pixels]: ...


def stacked(
    rows: Rows,
    index: Iterable[int],
    view: View,
    seeds: Iterable[int],
    windows: Sequence[Window] | None = None,
) -> Tensor:
    """Return the samples `index` of `rows`, each seen with its seed, `(N, h, w, 3)` uint8.

    Args:
        rows: where they stand.
        index: positions in `rows`.
        view: how they are seen.
        seeds: one a sample.
        windows: which part of each; None: all of it.
    """
    cuts = _cuts(index, windows)
    seen = [view(rows.pixels(*cut), seed) for cut, seed in zip(cuts, seeds, strict=True)]
    return torch.from_numpy(np.stack(seen))


def stacked_with_masks(
    rows: Rows,
    index: Iterable[int],
    view: View,
    seeds: Iterable[int],
    windows: Sequence[Window] | None = None,
) -> tuple[Tensor, Tensor]:
    """Return what `stacked` does, and the masks `(N, h, w)` or `(N, h, w, C)` that belong to it.

    A sample without a mask gets one of `IGNORE`.
    """
    assert rows.form is not None
    images, masks = [], []
    for cut, seed in zip(_cuts(index, windows), seeds, strict=True):
        image, mask = rows.pixels(*cut), rows.mask(*cut)
        if mask is None:
            seen = view(image, seed)
            mask = rows.form.unknown(seen.shape[:2])
        else:
            seen, mask = view(image, seed, mask)
        images.append(seen)
        masks.append(mask)
    return torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(masks))


def _cuts(
    index: Iterable[int], windows: Sequence[Window] | None
) -> list[tuple[int, Window | None]]:
    positions = [int(row) for row in index]
    parts: Sequence[Window | None] = windows or [None] * len(positions)
    return list(zip(positions, parts, strict=True))
