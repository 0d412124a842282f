"""Samples as views show them: images and masks, stacked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, overload

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from podium.competition.masks import Mask
from podium.training.augment import Image, Seen
from podium.training.batches import ViewSpec
from podium.training.crops import Window
from podium.training.rows import Rows

__all__ = ["Look", "Stacks", "View", "stacked", "stacked_views", "stacked_with_masks"]


class View(Protocol):
    """One way to see an image: `(H, W, C)` to `(h, w, C)`, deterministic in the seed.

    What comes out is uint8, or float32 in [0, 1]. Given the image's mask, too, it returns both.
    """

    @overload
    def __call__(self, image: Image, seed: int, /) -> Image: ...

    @overload
    def __call__(self, image: Image, seed: int, mask: Mask, /) -> tuple[Image, Mask]: ...

    def showing(self, image: Image, seed: int, mask: Mask | None = None, /) -> Seen:
        """Return what a call does, and which pixels show the image."""
        ...

    def following(self, image: Image, seed: int, mask: Mask | None = None, /) -> Seen:
        """Return what `showing` does, and where in `image` each pixel is from."""
        ...


def stacked(
    rows: Rows,
    index: Iterable[int],
    view: View,
    seeds: Iterable[int],
    windows: Sequence[Window] | None = None,
) -> Tensor:
    """Return the samples `index` of `rows`, each seen with its seed, `(N, h, w, C)`.

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


@dataclass(frozen=True)
class Look:
    """One of the views of a stream, as the samples of a batch are seen in it.

    Attributes:
        spec: what the stream asks for.
        view: how they are seen.
        seeds: one a sample.
    """

    spec: ViewSpec
    view: View
    seeds: Sequence[int]


@dataclass(frozen=True)
class Stacks:
    """The views of a batch by name.

    Attributes:
        images: `(N, h, w, C)`, uint8, or float32 in [0, 1].
        masks: `(N, h, w)` or `(N, h, w, C)`, uint8.
        shown: `(N, h, w)`, bool.
        places: `(N, h, w)`, int32, of views `of` another.
    """

    images: dict[str, Tensor]
    masks: dict[str, Tensor]
    shown: dict[str, Tensor]
    places: dict[str, Tensor]


def stacked_views(
    rows: Rows,
    index: Iterable[int],
    looks: Sequence[Look],
    windows: Sequence[Window] | None = None,
    *,
    masks: bool,
) -> Stacks:
    """Return the samples `index` of `rows` in all views of a stream; each is read once.

    Args:
        rows: where they stand.
        index: positions in `rows`.
        looks: the stream's views in order.
        windows: which part of each sample; None: all of it.
        masks: whether to tell which pixels are shown, and to give the masks where rows have any.
    """
    see = _seen_with_masks if masks else _seen
    made = [see(rows, *cut, looks, nth) for nth, cut in enumerate(_cuts(index, windows))]
    stacks = Stacks({}, {}, {}, {})
    for nth, look in enumerate(looks):
        _stack(stacks, look.spec, [views[nth] for views in made], masks=masks)
    return stacks


def _seen(
    rows: Rows, row: int, window: Window | None, looks: Sequence[Look], nth: int
) -> list[Seen]:
    image = rows.pixels(row, window)
    nothing = np.zeros((0, 0), dtype=bool)
    seen: dict[str, Seen] = {}
    for look in looks:
        under = image if look.spec.of is None else seen[look.spec.of].image
        seen[look.spec.name] = Seen(look.view(under, look.seeds[nth]), None, nothing)
    return list(seen.values())


def _seen_with_masks(
    rows: Rows, row: int, window: Window | None, looks: Sequence[Look], nth: int
) -> list[Seen]:
    image = rows.pixels(row, window)
    mask = None if rows.masks is None else rows.mask(row, window)
    seen: dict[str, Seen] = {}
    for look in looks:
        if look.spec.of is None:
            one = look.view.showing(image, look.seeds[nth], mask)
        else:
            one = _followed(seen[look.spec.of], look.view, look.seeds[nth])
        if one.mask is None and rows.masks is not None:
            assert rows.form is not None
            one = replace(one, mask=rows.form.unknown(one.shown.shape[:2]))
        seen[look.spec.name] = one
    return list(seen.values())


def _followed(under: Seen, view: View, seed: int) -> Seen:
    """Return the view drawn on top of `under`: it shows no more of the image than that one does."""
    seen = view.following(under.image, seed, under.mask)
    assert seen.places is not None
    return replace(seen, shown=seen.shown & under.shown.ravel()[seen.places])


def _stack(stacks: Stacks, spec: ViewSpec, seen: Sequence[Seen], *, masks: bool) -> None:
    stacks.images[spec.name] = _as_tensor([one.image for one in seen])
    if not masks:
        return
    stacks.shown[spec.name] = _as_tensor([one.shown for one in seen])
    given = [one.mask for one in seen if one.mask is not None]
    if given:
        stacks.masks[spec.name] = _as_tensor(given)
    places = [one.places for one in seen if one.places is not None]
    if places:
        stacks.places[spec.name] = _as_tensor(places)


def _as_tensor(arrays: Sequence[NDArray[np.generic]]) -> Tensor:
    return torch.from_numpy(np.stack(arrays))


def _cuts(
    index: Iterable[int], windows: Sequence[Window] | None
) -> list[tuple[int, Window | None]]:
    positions = [int(row) for row in index]
    parts: Sequence[Window | None] = windows or [None] * len(positions)
    return list(zip(positions, parts, strict=True))
