"""Folders of an image of its own, which holds the image and a folder of masks, whatever its name.

As `train/17/scan.png` and `train/17/grains/g1.png`, and `test/41/scan.png` alone. No name shows
that files are masks, so a few are read: they have the size of the image, and one value beside 0.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from podium.competition.ids.patterns import files_below
from podium.competition.infer.conversions.masks.look_folders import with_masks_by_look
from podium.competition.infer.conversions.masks.region_folders import (
    find_regions,
    regions_that_differ,
)
from podium.competition.infer.conversions.parts.copied_trees import find_copied_trees
from podium.competition.infer.conversions.parts.references import (
    find_references,
    note_of_references,
)
from podium.competition.infer.conversions.parts.short_parts import with_short_parts
from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    PathIds,
    common_folder,
    guess_part,
    one_suffix,
)
from podium.competition.infer.masks.content import read_values
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.scan import scan_folder
from podium.competition.infer.shares import ALL_BUT_FEW

__all__ = ["scan_data", "with_folders_as_ids"]

_FEWEST_SAMPLES = 3
_PROBED_FOLDERS = 12
_PROBED_FILES = 3


def scan_data(path: Path, spelt: str) -> DataFolder:
    """Return the content of the folder `path`, which `competition.yaml` has as `spelt`.

    Of folders that are there twice one is left out, as are regions of images, and pictures that
    stand beside images with masks; what is called a mask is one only where other masks are left.
    """
    files = list(files_below(path, ""))
    copied = find_copied_trees(path, files)
    copies = frozenset(one for tree in copied for one in tree.files)
    files = [one for one in files if one not in copies]
    folder = scan_folder(path, spelt, files=files)
    references = frozenset[str]() if folder.tables else find_references(path, files)
    if references:
        rest = [one for one in files if one not in references]
        without = scan_folder(path, spelt, files=rest)
        is_masked = bool(train_masks(without))
        files, folder = (rest, without) if is_masked else (files, folder)
        references = references if is_masked else frozenset()
    notes = tuple(filter(None, (*(one.note for one in copied), note_of_references(references))))
    regions = find_regions(folder)
    called = {one.path for one in folder.of_part("mask")} & regions
    for left_out in dict.fromkeys((regions, regions - called)):
        found = folder
        if left_out:
            found = scan_folder(path, spelt, regions=left_out, files=files)
        found = with_masks_by_look(_with_object_folders(found))
        differing = regions_that_differ(found, left_out)
        if differing:
            places = frozenset(one.rpartition("/")[0] for one in differing)
            folder = scan_folder(path, spelt, files=files).with_part("mask", differing)
            found = replace(folder, mask_folders=folder.mask_folders | places)
        if left_out != regions or not called or train_masks(found):
            return with_short_parts(replace(found, copies=notes))
    raise AssertionError("the last of them is returned")


def _with_object_folders(folder: DataFolder) -> DataFolder:
    """Return the folder with its masks and ids, where images have folders of their own.

    Nearly each folder around one of masks holds one image beside these. Where the files of images
    are called alike, the folder is the id.
    """
    if folder.masks_in_folders or folder.sample_mask:
        return folder
    of_folder: dict[str, list[ImageFile]] = defaultdict(list)
    for image in folder.images:
        of_folder[image.folder].append(image)
    below: dict[str, list[str]] = defaultdict(list)
    for where in of_folder:
        names = where.split("/")
        for depth in range(1, len(names) + 1):
            below["/".join(names[:depth])].append(where)
    around: dict[str, list[str]] = defaultdict(list)
    for place in of_folder:
        sample, _, last = place.rpartition("/")
        if sample:
            around[last].append(sample)
    for last, samples in sorted(around.items(), key=lambda one: -len(one[1])):
        if len(samples) < _FEWEST_SAMPLES:
            return folder
        images = {
            sample: one
            for sample in samples
            if (one := _only_image(sample, last, of_folder, below)) is not None
        }
        if len(images) < max(_FEWEST_SAMPLES, ALL_BUT_FEW * len(samples)):
            continue
        masks = {sample: of_folder[f"{sample}/{last}"] for sample in images}
        if _are_masks(folder, images, masks):
            return _with_ids(_with_masks(folder, last, masks), images)
    return folder


def with_folders_as_ids(folder: DataFolder) -> DataFolder:
    """Return the folder with the folders of images as ids, where each has its masks beside it.

    As `17/image.png`, `17/mask.png`: names of files repeat, and a path would be no folder of masks.

    Args:
        folder: of the data, where no table and no sample submission shows other ids.
    """
    if folder.path_ids or folder.sample_mask:
        return folder
    places = {mask.folder for mask in folder.of_part("mask")}
    images: dict[str, list[ImageFile]] = defaultdict(list)
    for one in folder.images:
        if one.part != "mask" and one.folder in places:
            images[one.folder].append(one)
    if len(images) < max(_FEWEST_SAMPLES, ALL_BUT_FEW * len(places)):
        return folder
    if any(len(each) > 1 for each in images.values()):
        return folder
    return _with_ids(folder, {where: each[0] for where, each in images.items()})


def _only_image(
    sample: str,
    last: str,
    of_folder: Mapping[str, Sequence[ImageFile]],
    below: Mapping[str, Sequence[str]],
) -> ImageFile | None:
    """Return the one file of a folder that does not lie in its folder `last`; else None."""
    others = [where for where in below[sample] if where != f"{sample}/{last}"]
    files = [image for where in others[:2] for image in of_folder[where]]
    return files[0] if len(others) == len(files) == 1 else None


def _are_masks(
    folder: DataFolder,
    images: Mapping[str, ImageFile],
    masks: Mapping[str, Sequence[ImageFile]],
) -> bool:
    """Return whether a sample of files are masks: as large as their image, of 0 and one value."""
    samples = sorted(images)[:: max(1, len(images) // _PROBED_FOLDERS)]
    paths: list[Path] = []
    for sample in samples:
        few = [folder.path / mask.path for mask in masks[sample][:_PROBED_FILES]]
        sizes = {picture_size(path) for path in (folder.path / images[sample].path, *few)}
        if len(sizes) > 1 or None in sizes:
            return False
        paths += few
    if all(mask.part == "mask" for sample in samples for mask in masks[sample]):
        return True  # what is called so may be of several values, or lossy
    values = read_values(paths, {})
    return values is not None and len(values.found) == 2 and values.found[0] == 0


def _with_masks(
    folder: DataFolder, last: str, masks: Mapping[str, Sequence[ImageFile]]
) -> DataFolder:
    paths = {mask.path for each in masks.values() for mask in each}
    folders = frozenset(f"{sample}/{last}" for sample in masks)
    return replace(folder.with_part("mask", paths), mask_folders=folder.mask_folders | folders)


def _with_ids(folder: DataFolder, images: Mapping[str, ImageFile]) -> DataFolder:
    """Return the folder with the folders of images as ids, where names of files repeat."""
    rest = [image for image in folder.images if image.part != "mask"]
    stems = Counter(image.stem for image in rest)
    # What stands between the folder of an image and its file, as `images` in 17/images/scan.png.
    inner = {image.folder[len(sample) :].strip("/") for sample, image in images.items()}
    if max(stems.values()) == 1 or len(inner) > 1:
        return folder
    way = inner.pop()
    of_part: dict[FolderPart, list[ImageFile]] = defaultdict(list)
    for image in rest:
        of_part[image.part].append(image)
    found = {part: ids for part, each in of_part.items() if (ids := _ids(each, way)) is not None}
    return replace(folder, path_ids={**folder.path_ids, **found})


def _ids(images: Sequence[ImageFile], inner: str) -> PathIds | None:
    """Return the ids of a part, each the name of the folder around `inner`; None where it is not.

    Files that lie elsewhere, as an overview of all images, have none.
    """
    ids: dict[str, ImageFile] = {}
    places = []
    for image in images:
        where = f"/{image.folder}".removesuffix(f"/{inner}") if inner else f"/{image.folder}"
        is_inside = not inner or f"/{image.folder}".endswith(f"/{inner}")
        sample = where.rpartition("/")[2]
        if not is_inside or not sample or sample in ids:
            return None
        ids[sample] = image
        places.append(image._replace(path=f"{where}/{image.name}".lstrip("/")))
    common = common_folder(places)
    if len(ids) == 1 and guess_part(common.rpartition("/")[2]) == "other":
        common = common.rpartition("/")[0]
    depths = {one.folder[len(common) :].strip("/").count("/") for one in places}
    names = {image.name for image in images}
    suffix = one_suffix(images, otherwise=".*")
    levels = ["**"] if len(depths) > 1 else ["*"] * depths.pop()
    file = names.pop() if len(names) == 1 else f"*{suffix}"
    pattern = "/".join(filter(None, (common, *levels, "{folder}", inner, file)))
    return PathIds(pattern, "{folder}", ids)
