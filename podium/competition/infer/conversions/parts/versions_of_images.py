"""Other versions of the images of train, which the images to predict do not have.

train/images/7.png  train/originals/7.png  test/images/9.png   →  train/images
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from podium.competition.infer.files import DataFolder
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural, some

__all__ = ["without_other_versions"]

_FEWEST = 3


def without_other_versions(folder: DataFolder) -> tuple[DataFolder, str]:
    """Return the folder without pictures that have the names of images beside them, and a note.

    Of folders side by side with the same names, and one mask for each name, images to predict lie
    in a folder that is called as one of them: the others cannot be what is learnt from. "" and the
    same folder where there are none.
    """
    of_test = {image.folder.rpartition("/")[2] for image in folder.of_part("test")}
    if not of_test or not train_masks(folder):
        return folder, ""
    beside: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for image in folder.of_part("train"):
        where, _, name = image.folder.rpartition("/")
        beside[where][name].add(image.stem)
    gone, kept = list[str](), list[str]()
    for where, each in beside.items():
        called = [name for name in each if name in of_test]
        if len(called) != 1 or len(each[called[0]]) < _FEWEST:
            continue
        own = each[called[0]]
        others = [
            f"{where}/{name}".strip("/")
            for name, stems in each.items()
            if name != called[0] and len(own & stems) >= NEARLY_ALL * len(own | stems)
        ]
        gone += others
        kept += [f"{where}/{called[0]}".strip("/")] * bool(others)
    if not gone:
        return folder, ""
    images = tuple(one for one in folder.images if one.folder not in gone or one.part != "train")
    n = len(folder.images) - len(images)
    note = (
        f"{plural(n, 'picture')} in {some(gone, 3)} are not used: they have the names of images in "
        f"{some(kept, 3)}, and those to predict are called as these alone"
    )
    return replace(folder, images=images), note
