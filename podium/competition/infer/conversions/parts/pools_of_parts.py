"""Images of a pool beside a fold of train and test that was drawn of it: the fold is used.

pool/oak/7.jpg  pool/oak/8.jpg  fold_1/train/oak/8_turned.jpg  fold_1/test/oak/7.jpg   →   fold_1

An image to learn from, whose copy is to be predicted, flatters the score.
"""

from __future__ import annotations

from dataclasses import replace

from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    common_folder,
    possible_image_names,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural

__all__ = ["without_pool_of_parts"]

_FEWEST_CLASSES = 2
_PARTS: tuple[FolderPart, ...] = ("train", "holdout", "test")


def without_pool_of_parts(
    folder: DataFolder, sample: SampleSubmission | None
) -> tuple[DataFolder, str]:
    """Return the folder without the images that parts were drawn of, and a note; "" without such.

    Train and test have the same class folders, and nearly every image of any part has the name of
    one that lies in no part, perhaps with something before or behind it. Nearly all those names
    come in a part, and none in two of them, as numbers do that each folder counts anew.

    Args:
        sample: the sample submission: where there is one, it tells what is predicted.
    """
    pool, test = folder.of_part("other"), folder.of_part("test")
    classes = _last_names(test)
    if sample is not None or len(classes) < _FEWEST_CLASSES or folder.of_part("mask"):
        return folder, ""
    if not pool or _last_names(folder.of_part("train")) != classes:
        return folder, ""
    stems = {one.stem for one in pool}
    drawn = dict[FolderPart, set[str]]()
    for part in _PARTS:
        images = folder.of_part(part)
        found = [_name_among(stems, one) for one in images]
        if "" in found and found.count("") > (1 - NEARLY_ALL) * len(images):
            return folder, ""
        drawn[part] = {*found} - {""}
    every = set[str]().union(*drawn.values())
    if len(every) < max(NEARLY_ALL * len(stems), sum(map(len, drawn.values()))):
        return folder, ""
    kept = tuple(one for one in folder.images if one.part != "other")
    where = common_folder(pool) or "folders of no part"
    return replace(folder, images=kept), (
        f"{plural(len(pool), 'image')} in {where} {'is' if len(pool) == 1 else 'are'} not used: "
        "by their names those to predict, "
        f"in {common_folder(test)}, are some of them; to use all of them, move the folders of "
        "train and test away"
    )


def _last_names(images: list[ImageFile]) -> set[str]:
    return {one.folder.rpartition("/")[2] for one in images}


def _name_among(stems: set[str], image: ImageFile) -> str:
    return next((one for one, *_ in possible_image_names(image.stem) if one in stems), "")
