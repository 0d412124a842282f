"""Images of train once more, turned or cut: the copies are left out.

data/images/00012.jpg       aug_data/images/00012_0.jpg       →  data
original/oak/7.jpg          augmented/oak/7_flip.jpg          →  original
images/oak/7.jpg            rotated/oak_rotated/turned_7.jpg  →  images

A copy in another fold than its image flatters the score, and podium augments while it trains.
"""

from __future__ import annotations

from podium.competition.infer.files import DataFolder, ImageFile, possible_image_names
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import ALL_BUT_FEW
from podium.competition.languages import Meaning, is_called
from podium.errors import plural

__all__ = ["without_augmented_copies"]

_FEWEST_IMAGES = 3


def without_augmented_copies(
    folder: DataFolder, sample: SampleSubmission | None
) -> tuple[DataFolder, str]:
    """Return the folder without augmented copies, and a note on them; "" where there are none.

    They lie in folders that are called so, and nearly each has the name of an image that lies in no
    such folder, perhaps with something before or behind it. A folder called `rotated` may as well
    be a class: turned ones have something there, all of them, and lie in folders of their classes.

    Args:
        sample: the sample submission: images that it names are left in.
    """
    around = {one.path: where for one in folder.images if (where := _around(one, "augmented"))}
    around = around or _turned_copies(folder)
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
    places = ", ".join(sorted(set(around.values())))
    return folder.without(around), (
        f"{plural(len(images), 'image')} in {places} {'is' if len(images) == 1 else 'are'} not "
        "used: by their names they are augmented copies of others, and a copy in another fold than "
        "its image flatters the score; podium augments while it trains"
    )


def _turned_copies(folder: DataFolder) -> dict[str, str]:
    """Return the folder around each turned copy, by its path; {} where one may be no copy."""
    turned = {one: where for one in folder.images if (where := _around(one, "turned"))}
    class_of = {one.stem: _last_name(one) for one in folder.images if one not in turned}
    for image, where in turned.items():
        names = (name for name, front, end in possible_image_names(image.stem) if front or end)
        its_class = next((class_of[one] for one in names if one in class_of), "")
        is_in_class = image.folder != where and its_class and its_class in _last_name(image)
        if image.stem in class_of or not is_in_class:
            return {}
    return {image.path: where for image, where in turned.items()}


def _last_name(image: ImageFile) -> str:
    return image.folder.rpartition("/")[2]


def _around(image: ImageFile, meaning: Meaning) -> str:
    """Return the folder around an image that is called after copies; "" for others."""
    levels = image.folder.split("/")
    place = next((n for n, name in enumerate(levels) if is_called(name, meaning)), -1)
    return "/".join(levels[: place + 1])
