"""Test-time augmentation: views of a batch, and means of a network's predictions over them.

For classification a view needs no inverse: the label of an image is the label of its mirror image.
The mask of a view is brought back to the image's grid first. Everything stays on the images'
device. The network is run once on views that are the same for images of this size (`scale:1.01` of
20 pixels and the identity).

Means are taken one view after the other, in float32:

- mean: of probabilities.
- geometric: exp of the mean of logarithms. They are summed, so that nothing underflows, and are
  taken of at least 1e-7, as in blends: no single view makes a prediction 0.
- max: the largest probability.
- logits: of logits, then sigmoid, or softmax where classes exclude each other.

Where classes exclude each other, geometric and max are scaled to sum 1; geometric and logits are
then the same, but for probabilities below 1e-7.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F

from podium.errors import RecipeError
from podium.predictions.views import (
    Crop,
    Scale,
    Shift,
    TtaView,
    Turn,
    ViewMean,
    ViewSet,
)

__all__ = ["ViewAverage"]


Transform = Callable[[Tensor], Tensor]
Inverse = Callable[[Tensor, tuple[int, int]], Tensor]


def view(name: str) -> Transform:
    """Return the function from a batch `(N, C, H, W)` to its view `name`.

    Flips and turns keep every pixel's value; quarter turns are counter-clockwise and, as the
    transposes, swap H and W. `scale:S` resizes both sides by S, bilinear and antialiased, to one
    pixel or more. `shift:DY:DX` moves the image down and to the right, and reflects it where it
    left nothing. `crop:S:PLACE` is a part of it, at its own scale.

    Raises:
        RecipeError: there is no such view.

    Example:
        >>> import podium
        >>> import torch
        >>> podium.tta.view("hflip")(torch.tensor([[[[0.0, 1.0], [2.0, 3.0]]]]))
        tensor([[[[1., 0.],
                  [3., 2.]]]])
    """
    known = TtaView.of(name)
    return lambda images: _shown(known, images)


def inverse(name: str) -> Inverse:
    """Return the function that brings the masks of a view back to the grid of its images.

    It takes probabilities `(N, C, h, w)` of the view and the (H, W) of the images, and returns
    `(N, C, H, W)`. After a flip, a turn or a shift every pixel is back to the bit; what a shift
    moved out is nan. `scale:S` is resized, bilinear and antialiased: values stay in [0, 1] and sum
    to what they summed to, but detail of few pixels is blurred. A probability that rises evenly
    from 0 to 1 over 16 pixels comes back within 0.025 for S from 0.75 to 4, within 0.05 for S from
    0.5.

    Raises:
        RecipeError: there is no such view, or it is a crop, which has no inverse.

    Example:
        >>> import podium
        >>> import torch
        >>> image = torch.rand(1, 3, 4, 6)
        >>> turned = podium.tta.view("rot90")(image)
        >>> turned.shape
        torch.Size([1, 3, 6, 4])
        >>> bool((podium.tta.inverse("rot90")(turned, (4, 6)) == image).all())
        True
    """
    known = TtaView.of(name)
    if isinstance(known.step, Crop):
        raise RecipeError(
            f"predict.tta: {name} is of labels: its masks lack the border", fix="take a shift"
        )

    def back(probs: Tensor, size: tuple[int, int]) -> Tensor:
        there = _back(known, probs, size)
        covered = _covered(known, size, probs.device)
        return there if covered is None else torch.where(covered, there, torch.nan)

    return back


def average(
    predict: Transform,
    images: Tensor,
    names: Sequence[str],
    *,
    mean: str = "mean",
    is_multiclass: bool = True,
) -> Tensor:
    """Return the mean of `predict` over the identity and the views `names`.

    Args:
        predict: from images `(N, in_chans, H, W)` to probabilities `(N, C)`; to logits where `mean`
            is "logits".
        images: the batch, on the network's device; it stays there.
        names: views beside the identity.
        mean: "mean", "geometric", "max" or "logits", as in `podium.predictions.tta`.
        is_multiclass: whether the C classes exclude each other; the plain mean is the same.

    Returns:
        `(N, C)`, probabilities, float32.

    Raises:
        RecipeError: a view is unknown or stands twice, or there is no such mean.

    Example:
        >>> import podium
        >>> import torch
        >>> def left_column(images: torch.Tensor) -> torch.Tensor:
        ...     return images[:, :, 0, :1].mean(dim=1)
        >>> podium.tta.average(left_column, torch.tensor([[[[0.25, 0.75]]]]), ["hflip"])
        tensor([[0.5000]])
    """
    return averaged(
        lambda seen: {"": predict(seen)},
        images,
        ViewSet.of(names, mean),
        multiclass=[""] if is_multiclass else [],
    )[""]


def average_masks(
    predict: Transform,
    images: Tensor,
    names: Sequence[str],
    *,
    mean: str = "mean",
    is_multiclass: bool = True,
) -> Tensor:
    """Return the mean of `predict` over the identity and the views `names`, in the images' grid.

    Args:
        predict: from images `(N, in_chans, h, w)`, of any size, to probabilities `(N, C, h, w)`.
        images, names, mean, is_multiclass: as `average` has them.

    Returns:
        `(N, C, H, W)`, float32.

    Raises:
        RecipeError: a view is unknown, stands twice or is a crop, or there is no such mean.

    Example:
        >>> import podium
        >>> import torch
        >>> def brightness(images: torch.Tensor) -> torch.Tensor:
        ...     return images.mean(dim=1, keepdim=True)
        >>> images = torch.rand(1, 3, 2, 2)
        >>> masks = podium.tta.average_masks(brightness, images, ["hflip", "rot90"])
        >>> bool(torch.allclose(masks, brightness(images)))
        True
    """
    return averaged(
        lambda seen: {"": predict(seen)},
        images,
        ViewSet.of(names, mean),
        masks=[""],
        multiclass=[""] if is_multiclass else [],
    )[""]


def averaged(
    predict: Callable[[Tensor], Mapping[str, Tensor]],
    images: Tensor,
    views: ViewSet,
    *,
    masks: Collection[str] = (),
    multiclass: Collection[str] = (),
) -> dict[str, Tensor]:
    """Return the means of all outputs of `predict`, from one pass over each of `views`.

    Args:
        predict: from images `(N, in_chans, h, w)` to probabilities by name, `(N, C)`, or
            `(N, C, h, w)` for the names in `masks`; to logits where the mean is of logits.
        images: the batch, `(N, in_chans, H, W)`, on the network's device; it stays there.
        views: which, and which mean.
        masks: names whose probabilities are brought back to the images' grid, `(N, C, H, W)`; nan
            where no view covers a pixel.
        multiclass: names whose C classes exclude each other.

    Raises:
        RecipeError: a view is a crop, and there are masks.
    """
    size = (images.shape[-2], images.shape[-1])
    if masks:
        views.check_masks()
    tta_views: dict[tuple[object, ...], TtaView] = {}
    for tta_view in map(TtaView.of, views.names):
        tta_views.setdefault(tta_view.key(*size), tta_view)
    totals: dict[str, ViewAverage] = {}
    for tta_view in tta_views.values():
        covered = _covered(tta_view, size, images.device) if masks else None
        for key, probs in predict(_shown(tta_view, images)).items():
            if key not in totals:
                totals[key] = ViewAverage(views.mean, is_multiclass=key in multiclass)
            if key in masks:
                totals[key].add(_back(tta_view, probs, size), covered)
            else:
                totals[key].add(probs)
    return {key: total.result() for key, total in totals.items()}


def _shown(tta_view: TtaView, images: Tensor) -> Tensor:
    height, width = images.shape[-2:]
    step = tta_view.step
    if isinstance(step, Scale):
        images = _resized(images, step.at(height, width))
    elif isinstance(step, Shift):
        down, right = step.at(height, width)
        images = _moved(_moved(images, down, -2), right, -1)
    elif isinstance(step, Crop):
        top, left, high, wide = step.at(height, width)
        images = images[..., top : top + high, left : left + wide]
    return _turned(images, tta_view.turn)


def _back(tta_view: TtaView, probs: Tensor, size: tuple[int, int]) -> Tensor:
    """Return a view's masks in the images' grid; what a shift moved out is reflected."""
    swaps, rows, columns = tta_view.turn
    there = _turned(probs, (swaps, columns, rows) if swaps else tta_view.turn)
    if isinstance(tta_view.step, Scale):
        return _resized(there, size)
    if isinstance(tta_view.step, Shift):
        down, right = tta_view.step.at(*size)
        return _moved(_moved(there, -down, -2), -right, -1)
    return there


def _covered(tta_view: TtaView, size: tuple[int, int], device: torch.device) -> Tensor | None:
    """Return which pixels of the images a view shows, `(H, W)`; None: all of them."""
    if not isinstance(tta_view.step, Shift):
        return None
    inside = []
    for by, side in zip(tta_view.step.at(*size), size, strict=True):
        position = torch.arange(side, device=device) + by
        inside.append((position >= 0) & (position < side))
    return inside[0][:, None] & inside[1]


def _turned(images: Tensor, turn: Turn) -> Tensor:
    swaps, rows, columns = turn
    if swaps:
        images = images.transpose(-2, -1)
    flipped = [axis for axis, is_flipped in ((-2, rows), (-1, columns)) if is_flipped]
    return images.flip(flipped) if flipped else images


def _moved(images: Tensor, by: int, axis: int) -> Tensor:
    """Return images moved by less than their side along an axis, reflected at the border."""
    if by == 0:
        return images
    last = images.shape[axis] - 1
    source = (torch.arange(last + 1, device=images.device) - by).abs()
    return images.index_select(axis, last - (last - source).abs())


def _resized(images: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(images.shape[-2:]) == size:
        return images
    if images.numel() == 0:  # nothing of nothing, which interpolate refuses
        return images.new_empty((*images.shape[:-2], *size))
    # The CPU cannot in half precision, and the output would be rounded twice.
    return F.interpolate(images.float(), size, mode="bilinear", antialias=True).to(images.dtype)


SMALLEST = 1e-7


class ViewAverage:
    """The running mean of the predictions of views.

    Args:
        mean: which.
        is_multiclass: whether the channels (axis 1) exclude each other.
    """

    def __init__(self, mean: ViewMean, *, is_multiclass: bool = False) -> None:
        self._mean, self._is_multiclass = mean, is_multiclass
        self._total: Tensor | None = None
        self._n_terms = 0
        self._count: Tensor | float = 0.0

    def add(self, probs: Tensor, covered: Tensor | None = None) -> None:
        """Add the prediction of one view.

        Args:
            probs: probabilities `(N, C, …)`, for logits logits; it is not changed.
            covered: `(H, W)`, bool: pixels of a mask that the view shows; None: all.
        """
        term = probs.float()
        if self._mean == "geometric":
            term = term.clamp_min(SMALLEST).log()
        if covered is not None:
            term = torch.where(covered, term, 0.0)  # no probability is less, for max
        self._count = self._count + (1.0 if covered is None else covered.float())
        if self._total is None:
            self._total = term
        elif self._mean == "max":
            self._total = torch.maximum(self._total, term)
        elif self._n_terms == 1:  # the first term may be the network's own tensor
            self._total = self._total + term
        else:
            self._total += term
        self._n_terms += 1

    def result(self) -> Tensor:
        """Return the mean: float32, shaped as one prediction; nan where no view covers a pixel."""
        assert self._total is not None
        if self._mean == "max":
            uncovered = torch.as_tensor(self._count == 0, device=self._total.device)
            found = self._total.masked_fill(uncovered, torch.nan)
        else:
            found = self._total / self._count
        if self._mean == "geometric":
            found = found.exp()
        if self._mean == "logits":
            return found.softmax(1) if self._is_multiclass else found.sigmoid()
        if self._is_multiclass and self._mean != "mean":
            return found / found.sum(1, keepdim=True)
        return found
