"""Two views of each image: the stream that gives them, and what methods that compare them need."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from podium.errors import RecipeError
from podium.training.batches import UNLABELLED, Batch, Stream, ViewSpec
from podium.training.method import Setting, Sizes

__all__ = ["require_two_images", "two_views", "views_of"]

VIEWS = ("first", "second")


def two_views(setting: Setting, policies: tuple[str, str]) -> Stream:
    """Return the stream of two views of unlabelled images, each by its policy.

    Raises:
        RecipeError: a batch is one image.
    """
    if setting.batch_size < 2:
        raise _too_few("batch_size is 1", "batch_size", "write batch_size: 64, or more")
    views = tuple(map(ViewSpec, VIEWS, policies))
    return Stream(UNLABELLED, setting.batch_size, pools=(UNLABELLED,), views=views)


def require_two_images(sizes: Sizes) -> None:
    """Raise a RecipeError where there are fewer than two unlabelled images."""
    if sizes.unlabelled < 2:
        fix = "write unlabelled: [unlabelled, train, test], or take another method"
        raise _too_few("there is one unlabelled image", "unlabelled", fix)


def views_of(batches: Mapping[str, Batch]) -> tuple[Tensor, Tensor]:
    """Return the images of the two views, `(N, C, h, w)` each."""
    first, second = (batches[UNLABELLED].views[name] for name in VIEWS)
    return first, second


def _too_few(what: str, where: str, fix: str) -> RecipeError:
    what = f"images are compared within a batch, which takes two at least, and {what}"
    return RecipeError(what, where=where, fix=fix)
