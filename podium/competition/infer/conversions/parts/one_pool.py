"""Images to predict that lie in one pool with those of train: they have no mask.

bilder/norr/ruta_01.jpg      facit/norr/ruta_01.png: of train
bilder/fjäll/ruta_01.jpg     without a mask, and `fjäll_ruta_01` in the sample: to predict
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace

from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    common_folder,
    guess_part,
    guess_part_of_path,
    possible_image_names,
)
from podium.competition.infer.ids.keys import starts_of
from podium.competition.infer.ids.paths import with_path_ids
from podium.competition.infer.image_tables import match_images
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.parts.folders import are_groups, find_class_folders
from podium.competition.infer.sample.submission import SampleSubmission
from podium.errors import either, plural, some

__all__ = [
    "images_without_masks",
    "with_folder_beside_classes",
    "with_folder_beside_masks",
    "with_pool_of_masks",
    "with_pool_of_sample",
    "with_pool_parted",
]


def images_without_masks(folder: DataFolder) -> list[ImageFile]:
    """Return the images that no mask is named after, [] where there are no mask files.

    Of several images of the name of a mask it is of those whose folders share most with its own.
    """
    images = folder.of_part("train", "other")
    of_stem: dict[str, list[ImageFile]] = defaultdict(list)
    for image in images:
        of_stem[image.stem].append(image)
    masked = set[ImageFile]()
    masks = [] if folder.masks_in_folders or folder.sample_mask else train_masks(folder)
    for mask in masks:
        name = next((one for one, *_ in possible_image_names(mask.stem) if one in of_stem), None)
        if name is None:
            continue
        own = set(mask.folder.split("/"))
        shared = {one: len(own & set(one.folder.split("/"))) for one in of_stem[name]}
        most = max(shared.values())
        masked |= {one for one, n in shared.items() if n == most}
    return [image for image in images if image not in masked] if masked else []


def with_pool_of_sample(folder: DataFolder, sample: SampleSubmission | None) -> DataFolder:
    """Return the folder with the images without a mask that ids of the sample name as of test.

    The ids are parts of their paths put together, as `fjäll_ruta_01`; those that are names of files
    are found without it.
    """
    if sample is None or folder.of_part("test", "holdout"):
        return folder
    ids = sample.table[sample.id]
    rest = images_without_masks(folder)
    if not rest:
        return folder
    parted = folder.with_part("test", {one.path for one in rest})
    found = with_path_ids(CompetitionData(replace(parted, path_ids={})), ids).path_ids.get("test")
    if found is None:
        return folder
    cells = set(ids) | {start for cell in set(ids) for start in starts_of(cell)}
    named = [image for id_, image in found.ids.items() if id_ in cells]
    return folder.with_part("test", {one.path for one in named}) if named else folder


def with_pool_of_masks(folder: DataFolder) -> tuple[DataFolder, str]:
    """Return the folder with the images that masks of test are named after as of test, and a note.

    Pictures of other folders that no mask at all is named after are left out: copies of the images
    in another form. "" and the same folder where a mask of test is of no image, or a picture
    without any mask lies among those that have one.
    """
    if folder.of_part("train", "test", "holdout"):
        return folder, ""
    rest = images_without_masks(folder)
    stems = {image.stem: image for image in rest}
    of_train = {*train_masks(folder)}
    masks = [mask for mask in folder.of_part("mask") if mask not in of_train]
    named = set[ImageFile]()
    for mask in masks:
        name = next((one for one, *_ in possible_image_names(mask.stem) if one in stems), None)
        if name is None:
            return folder, ""
        named.add(stems[name])
    others = [image for image in rest if image not in named]
    left = {image.folder for image in others}
    used = {one.folder for one in {*folder.of_part("other")} - {*others}}
    if not named or left & used or len(stems) < len(rest):
        return folder, ""
    dropped = {image.path for image in others}
    parted = folder.without(dropped).with_part("test", {one.path for one in named})
    places = some(sorted({mask.folder for mask in masks}), 3)
    note = (
        f"{either(len(named), 'image is', 'images are')} taken for those to predict: masks in "
        f"{places} have their names"
    )
    if others:
        note += (
            f"; {plural(len(others), 'picture')} in {some(sorted(left), 3)} "
            f"{'is' if len(others) == 1 else 'are'} not used, as no "
            "mask has their names"
        )
    return parted, note


def with_pool_parted(
    folder: DataFolder, sample: SampleSubmission | None, *, drawn: Collection[str] = ()
) -> DataFolder:
    """Return the folder with all images without a mask as of test, where nothing else may be.

    There is no sample submission, or one of as many ids, of which none is the name of an image; and
    no folder is called train, whose images without a mask would be of train.

    Args:
        drawn: the paths, or the stems, of images whose masks were drawn of outlines; () where masks
            are files.
    """
    if folder.of_part("train", "test", "holdout"):
        return folder
    images = folder.of_part("other")
    is_drawn = [one.path in drawn or one.stem in drawn for one in images]
    rest = images_without_masks(folder)
    if any(is_drawn):
        rest = [one for one, has_mask in zip(images, is_drawn, strict=True) if not has_mask]
    if sample is not None:
        ids = set(sample.table[sample.id])
        if len(ids) != len(rest) or any(folder.named(one) for one in ids):
            return folder
    return folder.with_part("test", {one.path for one in rest}) if rest else folder


def with_folder_beside_classes(data: CompetitionData) -> tuple[DataFolder, str]:
    """Return the folder with the images beside the class folders of train as of test, and where.

    As `_folder_beside` has it, or `_cases_beside` of folders of several images each. The same
    folder and "" where there is none.

    Args:
        data: without a sample submission.
    """
    folder = data.folder
    place = "" if folder.of_part("mask") else _folder_beside(data)
    if not place:
        return _cases_beside(data)
    if not find_class_folders(folder):
        return folder, ""
    return folder.with_part("test", {one.path for one in folder.of_part("other")}), place


def _cases_beside(data: CompetitionData) -> tuple[DataFolder, str]:
    """Return the folder with the cases beside those in class folders as of test, and where.

    All images lie in two folders: in class folders and a folder of each case, or in folders of
    further cases alone, as `checked/<class>/<case>/1.jpg` and `open/<case>/1.jpg`. The same folder
    and "" where it is otherwise, or a table names an image to predict.

    Args:
        data: with no image that is known to be predicted.
    """
    folder = data.folder
    images = folder.of_part("train", "other")
    if len(images) < len(folder.images) or folder.channels:
        return folder, ""
    common = common_folder(images)
    below = [image.folder[len(common) :].strip("/").split("/") for image in images]
    tops = {levels[0]: len(levels) for levels in below}
    if sorted(tops.values()) != [2, 3] or any(len(one) != tops[one[0]] for one in below):
        return folder, ""
    with_classes, without = sorted(tops, key=lambda one: -tops[one])
    sorted_, cases = (
        {one[-1] for one in below if one[0] == top} for top in (with_classes, without)
    )
    is_called = guess_part(without) != "other"
    if is_called or sorted_ & cases or not (are_groups([*sorted_]) and are_groups([*cases])):
        return folder, ""
    of_top = {image.path: levels[0] for image, levels in zip(images, below, strict=True)}
    parted = folder.with_part("train", {one for one in of_top if of_top[one] == with_classes})
    parted = parted.with_part("test", {one for one in of_top if of_top[one] == without})
    found = find_class_folders(parted)
    if found is None or {*found.labels} != {one[1] for one in below if one[0] == with_classes}:
        return folder, ""
    if any(match_images(parted, path, one, ("test",)) for path, one in data.tables.items()):
        return folder, ""
    return parted, common_folder(parted.of_part("test"))


def with_folder_beside_masks(
    data: CompetitionData, *, drawn: Collection[str] = ()
) -> tuple[DataFolder, str]:
    """Return the folder with the images beside those of train with masks as of test, and where.

    As `_folder_beside` has it, and none of them has a mask. The same folder and "" where there is
    none.

    Args:
        data: without a sample submission.
        drawn: as `with_pool_parted` has it.
    """
    folder = data.folder
    place = _folder_beside(data)
    if not place or {*folder.of_part("mask")} - {*train_masks(folder)}:
        return folder, ""
    rest = {*images_without_masks(folder)}
    if drawn:
        images = folder.of_part("train", "other")
        rest = {one for one in images if one.path not in drawn and one.stem not in drawn}
    others = {*folder.of_part("other")}
    if not others <= rest or {*folder.of_part("train")} <= rest:
        return folder, ""
    return folder.with_part("test", {one.path for one in others}), place


def _folder_beside(data: CompetitionData) -> str:
    """Return the one folder of images outside that of train, "" where there is none.

    Its name tells no part, as no other one does, and it has all images that train has not; no table
    names one of them, and none is called as an image of train, as other forms of it are.
    """
    folder = data.folder
    train, others = folder.of_part("train"), folder.of_part("other")
    if not train or folder.of_part("test", "holdout", "unlabelled"):
        return ""
    places, top = {one.folder for one in others}, common_folder(train)
    if len(places) != 1 or guess_part_of_path(f"{top}/") != "train":
        return ""
    place, stems = places.pop(), {one.stem for one in train}
    if not place or f"{place}/".startswith(f"{top}/") or len(others) < _FEWEST_TO_PREDICT:
        return ""
    if any(one.stem in stems for one in others):
        return ""
    if any(match_images(folder, path, one, ("other",)) for path, one in data.tables.items()):
        return ""
    return place


_FEWEST_TO_PREDICT = 10
"""Images: fewer may be examples of what is learnt."""
