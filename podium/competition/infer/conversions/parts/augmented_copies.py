"""Images of train once more, turned or cut: the copies are left out.

data/images/00012.jpg       aug_data/images/00012_0.jpg       →  data
original/oak/7.jpg          augmented/oak/7_flip.jpg          →  original

A copy in another fold than its image flatters the score, and podium augments while it trains.
"""

from __future__ import annotations

from dataclasses import replace

from podium.competition.infer.files import DataFolder, ImageFile, possible_image_names
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import ALL_BUT_FEW
from podium.competition.languages import is_called
from podium.errors import plural

__all__ = ["without_augmented_copies"]

_FEWEST_IMAGES = 3


def without_augmented_copies(
    folder: DataFolder, sample: SampleSubmission | None
) -> tuple[DataFolder, str]:
    """Return the folder without augmented copies, and a note on them; "" where there are none.

    They lie in folders that are called so, and nearly each has the name of an image that lies in no
    such folder, perhaps with something before or behind it.

    Args:
        folder: with the images.
        sample: the sample submission: images that it names are left in.
    """
    around = {one.path: where for one in folder.images if (where := _around(one))}
    every = [one for one in folder.images if one.part != "mask"]
    images = [one for one in every if one.path in around]
    stems = {one.stem for one in every if one.path not in around}
    named = [one for one in images if any(n in stems for n, *_ in possible_image_names(one.stem))]
    if (
        len(stems) < _FEWEST_IMAGES
        or len(images) < _FEWEST_IMAGES
        or len(named) < ALL_BUT_FEW * len(images)
    ):
        return folder, ""
    if sample is not None and any(
        image.path in around for id_ in sample.table[sample.id] for image in folder.named(id_)
    ):
        return folder, ""
    kept = tuple(one for one in folder.images if one.path not in around)
    places = ", ".join(sorted(set(around.values())))
    return replace(folder, images=kept), (
        f"{plural(len(images), 'image')} in {places} are not used: by their names they "
        "are augmented copies of others, and a copy in another fold than its image flatters the "
        "score; podium augments while it trains"
    )


def _around(image: ImageFile) -> str:
    """Return the folder around an image that is called after augmented copies; "" for others."""
    levels = image.folder.split("/")
    place = next((n for n, name in enumerate(levels) if is_called(name, "augmented")), -1)
    return "/".join(levels[: place + 1])
