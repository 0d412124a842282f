"""The scale at which images of train and test show things, where masks are predicted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from podium.competition.images import first_file, image_size
from podium.competition.samples import Split, load_samples
from podium.competition.sections.frame import fixed_size
from podium.competition.spec import Competition
from podium.errors import DataError

__all__ = ["SameScale", "shows_same_scale"]

_LOOKED_AT = 100  # images of each part
_ALIKE = 1.15  # sides of one part beside those of the other


@dataclass(frozen=True)
class SameScale:
    """Parts with images of one size each, which differ, as pieces of larger scenes.

    Such images show things at one scale; resized to one size they would not.

    Attributes:
        train, test: (height, width) of all images.
    """

    train: tuple[int, int]
    test: tuple[int, int]


def shows_same_scale(competition: Competition) -> SameScale | None:
    """Return the sizes of train and test where images are to be seen at their own scale, or None.

    Masks alone are predicted, in the images' own size or in patches, all images of train have one
    size, all of test another, and one is longer by more than 15 %. Parts that cannot be read show
    nothing: they are reported where they are needed.
    """
    has_masks_alone = competition.has_masks and not competition.has_labels
    if not has_masks_alone or fixed_size(competition.frame) is not None:
        return None
    if competition.data.test is None:
        return None
    train, test = (_size_of_all(competition, split) for split in ("train", "test"))
    if train is None or test is None:
        return None
    ratio = max(test) / max(train)
    return SameScale(train, test) if not 1 / _ALIKE <= ratio <= _ALIKE else None


def _size_of_all(competition: Competition, split: Split) -> tuple[int, int] | None:
    try:
        images = load_samples(competition, split)["images"]
        at = np.unique(np.linspace(0, max(len(images) - 1, 0), _LOOKED_AT).astype(int))
        some = images.iloc[at[: len(images)]]
        sizes = {
            image_size(competition.root / first_file(paths), competition.reader) for paths in some
        }
    except DataError:
        return None
    return sizes.pop() if len(sizes) == 1 else None
