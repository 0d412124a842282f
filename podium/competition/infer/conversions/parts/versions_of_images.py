"""Other versions of the images of train, which neither images to predict nor masks are like.

train/images/7.png  train/originals/7.png  test/images/9.png   →  train/images
images/7.png  collages/7.png of twice the width  masks/7.png   →  images
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.shares import NEARLY_ALL
from podium.errors import plural, some

__all__ = ["without_other_versions"]

_FEWEST = 3


def without_other_versions(folder: DataFolder) -> tuple[DataFolder, str]:
    """Return the folder without pictures that have the names of images beside them, and a note.

    Of folders side by side with the same names, and one mask for each name, images to predict lie
    in a folder that is called as one of them, or the masks have the size of the images of one: the
    others cannot be what is learnt from. "" and the same folder where there are none.
    """
    of_test = {image.folder.rpartition("/")[2] for image in folder.of_part("test")}
    every = train_masks(folder)
    masks = {mask.stem: mask for mask in every}
    if not masks:
        return folder, ""
    beside: dict[str, dict[str, dict[str, ImageFile]]] = defaultdict(lambda: defaultdict(dict))
    for image in folder.of_part("train") or folder.of_part("other"):
        where, _, name = image.folder.rpartition("/")
        beside[where][name][image.stem] = image
    gone, kept = list[str](), list[str]()
    by_size = False
    for where, each in beside.items():
        called = [name for name in each if name in of_test]
        if not called and len(each) > 1 and len(masks) == len(every):
            called = [name for name in each if _have_sizes_of(folder, each[name], masks)]
            by_size = by_size or len(called) == 1
        if len(called) != 1 or len(each[called[0]]) < _FEWEST:
            continue
        own = each[called[0]].keys()
        others = [
            f"{where}/{name}".strip("/")
            for name, found in each.items()
            if name != called[0] and len(own & found) >= NEARLY_ALL * len(own | found.keys())
        ]
        gone += others
        kept += [f"{where}/{called[0]}".strip("/")] * bool(others)
    if not gone:
        return folder, ""
    parts = ("train", "other")
    images = tuple(one for one in folder.images if one.folder not in gone or one.part not in parts)
    n = len(folder.images) - len(images)
    told = "masks have the size of these" if by_size else "those to predict are called as these"
    note = (
        f"{plural(n, 'picture')} in {some(gone, 3)} are not used: they have the names of images in "
        f"{some(kept, 3)}, and {told} alone"
    )
    return replace(folder, images=images), note


def _have_sizes_of(
    folder: DataFolder, images: Mapping[str, ImageFile], masks: Mapping[str, ImageFile]
) -> bool:
    """Return whether images have the sizes of the masks of their names, in a few of them."""
    shared = sorted(images.keys() & masks.keys())
    probe = shared[:: max(1, len(shared) // _PROBED)]
    return bool(probe) and all(
        picture_size(folder.path / images[one].path) == picture_size(folder.path / masks[one].path)
        for one in probe
    )


_PROBED = 12
