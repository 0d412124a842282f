"""What a method asks for and what it gets: streams of samples, and their batches on the device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from podium.training.sampling import Sampling

__all__ = ["LABELLED", "PSEUDO", "UNLABELLED", "Batch", "Pool", "Stream", "ViewSpec"]

Pool = Literal["labelled", "unlabelled", "pseudo"]
LABELLED: Pool = "labelled"
UNLABELLED: Pool = "unlabelled"
PSEUDO: Pool = "pseudo"


@dataclass(frozen=True)
class ViewSpec:
    """One way in which a stream shows its samples.

    Attributes:
        name: the key of its images in a batch.
        policy: augmentation policy by name; "train" is the recipe's own.
        size: (height, width) of what comes out; None: the recipe's.
        of: name of an earlier view of the same stream on top of which this one is drawn, so that
            answers about that one can follow to this one; None: it is drawn of the image itself.
    """

    name: str
    policy: str = "train"
    size: tuple[int, int] | None = None
    of: str | None = None


@dataclass(frozen=True)
class Stream:
    """An endless, independently shuffled stream of samples.

    Attributes:
        name: names the batch, and the order in which samples come.
        batch_size: samples a micro-batch; less when there are not as many.
        pools: where the samples are from; several are one after the other in `Batch.index`.
        views: each is drawn independently, but for one `of` another.
        sampling: how a pass chooses its samples.
        empty_share: share of a pass whose masks are empty; None: as they come.
        masks: whether the batch has the masks of its samples, where there are any, and says which
            pixels of each view show the image. Where images are seen in windows, all views of a
            sample show the same one.
        number: which batch of the stream this is, from 0; None: the stream gives one every
            micro-batch. For a stream that rests in some steps.
    """

    name: str
    batch_size: int
    pools: tuple[Pool, ...] = (LABELLED,)
    views: tuple[ViewSpec, ...] = (ViewSpec("train"),)
    sampling: Sampling = "shuffle"
    empty_share: float | None = None
    masks: bool = False
    number: int | None = None


class Batch:
    """Samples of one stream on the training device.

    Not a dataclass or a mapping on purpose: Fabric would cast the tensors inside one to the
    half-precision type, and a regression target of 1234.5 does not survive bfloat16.

    Attributes:
        views: name → images `(N, C, h, w)`, float32, normalised.
        targets: task → class indices `(N,)` int64, or `(N, C)` float32; of "segment", where the
            stream has masks, the mask of the first view: `(N, H, W)` int64 with 0 for background
            (multiclass), or `(N, C, H, W)` float32. -1 or nan where missing, which all of an
            unlabelled sample's answers are.
        weight: `(N,)`, float32.
        index: `(N,)`, int64: rows of the stream's pools.
        masks: view → mask of that view, as in `targets`; empty for a stream without masks.
        shown: view → `(N, h, w)` bool: whether the pixel shows the image, not a border that was
            filled or a hole that was cut; empty for a stream without masks.
        places: view → `(N, h, w)` int64, for views `of` another in a stream with masks: of which
            pixel of that view (row · width + column) it is; -1 where it is of none.
    """

    __slots__ = ("index", "masks", "places", "shown", "targets", "views", "weight")

    def __init__(
        self,
        views: dict[str, Tensor],
        targets: dict[str, Tensor],
        weight: Tensor,
        index: Tensor,
        masks: dict[str, Tensor] | None = None,
        shown: dict[str, Tensor] | None = None,
        places: dict[str, Tensor] | None = None,
    ) -> None:
        self.views, self.targets, self.weight, self.index = views, targets, weight, index
        self.masks, self.shown, self.places = masks or {}, shown or {}, places or {}

    @property
    def images(self) -> Tensor:
        """The first view."""
        return next(iter(self.views.values()))

    def follow(self, pixels: Tensor, view: str, *, missing: float) -> Tensor:
        """Return `pixels` of the view that `view` is drawn on as they lie in `view`.

        Args:
            pixels: `(N, …, H, W)` of the earlier view: a pseudo-mask, confidences.
            view: name of a view `of` another.
            missing: what stands where `view` shows nothing of it.

        Returns:
            `(N, …, h, w)`, of the same dtype.
        """
        places = self.places[view]
        n, height, width = places.shape
        flat = pixels.reshape(n, -1, pixels.shape[-2] * pixels.shape[-1])  # (N, K, H·W)
        at = places.reshape(n, 1, -1)
        moved = flat.gather(2, at.clamp(min=0).expand(-1, flat.shape[1], -1))
        moved = moved.masked_fill(at < 0, missing)
        return moved.reshape(*pixels.shape[:-2], height, width)
