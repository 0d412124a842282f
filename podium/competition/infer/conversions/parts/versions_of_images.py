"""Other versions of images: neither images to predict, masks nor cells of tables are like them.

train/images/7.png  train/originals/7.png  test/images/9.png   →  train/images
images/7.png  collages/7.png of twice the width  masks/7.png   →  images
train_raw/7.jpg  train_small/7.png  test_raw/9.jpg  test_small/9.png  cells as 7.jpg   →  …_raw
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import DataFolder, ImageFile, guess_part
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.spelling import name_words
from podium.errors import plural, some

__all__ = ["without_other_versions", "without_versions_of_no_table"]

_FEWEST = 3
_MOST_BESIDE = 12


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
    for image in folder.train_images:
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
        f"{plural(n, 'picture')} in {some(gone, 3)} {'is' if n == 1 else 'are'} not used: they "
        "have the names of images in "
        f"{some(kept, 3)}, and {told} alone"
    )
    return replace(folder, images=images), note


def without_versions_of_no_table(data: CompetitionData) -> tuple[DataFolder, str]:
    """Return the folder without pictures that are those of a folder beside them, and a note.

    They have the same names but for the ending, and cells name all files of that folder, and none
    of theirs. So are those of another part whose folder is called as theirs, `test_small` as
    `train_small`. "" and the same folder where there are none, or masks.

    Args:
        data: the sample submission is among its tables.
    """
    folder = data.folder
    of_folder: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for image in folder.images:
        of_folder[image.folder][image.stem] = image
    if any(image.part == "mask" for image in folder.images) or len(of_folder) < 2:
        return folder, ""
    of_parent = defaultdict[str, list[str]](list)
    for where in of_folder:
        of_parent[where.rpartition("/")[0]].append(where)
    beside = defaultdict[str, list[str]](list)
    for folders in of_parent.values():
        # Many folders are classes or patients, and no versions.
        for one, other in permutations(folders, 2) if len(folders) <= _MOST_BESIDE else ():
            own, found = of_folder[one], of_folder[other]
            is_same = len(own.keys() & found) >= NEARLY_ALL * len(own.keys() | found.keys())
            if is_same and {each.name for each in own.values()}.isdisjoint(
                each.name for each in found.values()
            ):
                beside[one].append(other)
    if not beside:
        return folder, ""
    cells = {cell for one in data.tables.values() for column in one for cell in one[column]}
    named = {str(cell).rpartition("/")[2] for cell in cells}
    shares = {
        where: sum(one.name in named for one in of_folder[where].values()) / len(of_folder[where])
        for where in beside
    }
    kept = [one for one in beside if shares[one] >= NEARLY_ALL]
    called = set(map(_version, kept))
    kept += [one for one in beside if not shares[one] and _version(one) in called]
    of_kept = {other for one in kept for other in beside[one]}
    gone = sorted(one for one in of_kept if not shares[one] and _version(one) not in called)
    if not gone:
        return folder, ""
    images = tuple(one for one in folder.images if one.folder not in gone)
    note = (
        f"{plural(len(folder.images) - len(images), 'picture')} in {some(gone, 3)} "
        f"{'is' if len(folder.images) - len(images) == 1 else 'are'} not used: "
        f"they are other versions of those in {some(sorted({*kept}), 3)}, which tables name"
    )
    return replace(folder, images=images), note


def _version(folder: str) -> tuple[str, ...]:
    """Return the words of the last name of a folder, without those of a part."""
    return tuple(w for w in name_words(folder.rpartition("/")[2]) if guess_part(w) == "other")


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
