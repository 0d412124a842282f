"""Folders of masks that no word calls so: each file has the name and size of an image.

områden/norr/bilder/ruta_01.tif     four bands of 16 bits
områden/norr/tolkning/ruta_01.png      10, 20 and 40: a mask, by its look
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import NamedTuple

import numpy as np

from podium.competition.infer.files import (
    DataFolder,
    FolderPart,
    ImageFile,
    common_parent,
    guess_part,
    ids_without,
    without_part,
)
from podium.competition.infer.ids.keys import common_start
from podium.competition.infer.masks.clear_colours import find_clear_colours
from podium.competition.infer.masks.files import is_called_example
from podium.competition.infer.masks.search import NAME_AND_NUMBER, with_train
from podium.competition.infer.pictures import read_pixels
from podium.competition.infer.shares import HALF, NEARLY_ALL
from podium.competition.languages import is_called

__all__ = [
    "PictureLook",
    "are_masks",
    "ends_of_folders",
    "look_of_picture",
    "values_of_two",
    "with_masks_by_look",
    "without_masks_by_look",
]

_FEWEST_MASKS = 3
_LOOKED_AT = 12
_MOST_NAMES = 12
"""Folders of one level: of more of them none is of masks alone."""
_MOST_VALUES = 48
_MOST_COLOURS = 16
_PARTS = frozenset({"test", "train", "unlabelled", "holdout"})
_OF_TRAIN = frozenset({"train", "other", "holdout"})
_SIGN = re.compile(r"[_\-. ]+")
_JPEG = (".jpg", ".jpeg")
_NEAR = 24  # grey levels around black and white, that JPEG leaves
_MOST_BETWEEN = 0.02


def with_masks_by_look(folder: DataFolder) -> DataFolder:
    """Return the folder with the masks that no word calls so, beside those that are called masks.

    Two names of a level of folders are those of images and masks where nearly every file below the
    one has a file of its name below the other, and a sample of these are as large, flat, and of a
    few values or colours, where the others have many. Names may end differently in each folder
    (`21_training.tif`, `21_manual1.gif`): the ids of train are then what stands before that. In one
    folder the names of masks are those of images with an end (`7.jpg`, `7_1stHO.png`).
    """
    named = folder.of_part("mask")
    if folder.sample_mask or folder.masks_in_folders or (named and not folder.mask_folders):
        return folder
    for by_base in (False, True):
        found = next(_roots(folder, by_base=by_base), None)
        if found is not None:
            paths = {one.path for one in folder.images if _is_below(one.path, found.masks)}
            return _with_masks(folder, paths, found.masks, found.masks, found.image_end)
    if named:
        return _with_masks_beside_few(folder, len(named))
    beside = _beside(folder)
    told = _patterns(beside)
    if not beside and (called_alike := _of_other_name(folder)):
        top = common_parent(one.rpartition("/")[0] for one in called_alike)
        told = frozenset("/".join(filter(None, (top, "*", Path(one).name))) for one in called_alike)
        with_these = _with_masks(folder, called_alike, frozenset(), told)
        return replace(with_these, masks_in_folders=True)
    if not beside and (of_objects := _of_single_objects(folder)):
        paths = {one.path for one in folder.images if one.folder in of_objects}
        return _with_masks(folder, paths, of_objects, of_objects)
    if not beside:
        beside, told = _of_other_suffix(folder)
    return _with_masks(folder, beside, frozenset(), told) if beside else folder


def _with_masks_beside_few(folder: DataFolder, n_named: int) -> DataFolder:
    """Return the folder with the masks of another suffix, where few others are called masks.

    As `train/7.png` of `train/7.jpg`, and six drawings in `label_pictures`: what is called masks
    there are those of a few images.
    """
    beside, told = _of_other_suffix(folder)
    if HALF * len(beside) <= n_named:
        return folder
    return _with_masks(folder, beside, frozenset(), told)


def _with_masks(
    folder: DataFolder,
    paths: Collection[str],
    roots: frozenset[str],
    told: frozenset[str],
    image_end: str = "",
) -> DataFolder:
    images = [one._replace(part="mask") if one.path in paths else one for one in folder.images]
    found = with_train(images)
    of_ids = [one for one in found if one.part in ("train", "other")] if image_end else []
    return replace(
        folder,
        images=found,
        mask_folders=folder.mask_folders | roots,
        masks_by_look=told,
        path_ids={**folder.path_ids, **ids_without(image_end, of_ids)},
    )


def without_masks_by_look(folder: DataFolder) -> DataFolder:
    """Return the folder with these masks as images, as a sample of labels has it."""
    images = []
    for one in folder.images:
        parts = map(guess_part, one.path.split("/")[:-1])
        part: FolderPart = next((part for part in parts if part != "other"), "other")
        is_by_look = one.part == "mask" and _is_listed(one.path, folder.masks_by_look)
        images.append(one._replace(part=part) if is_by_look else one)
    return replace(
        folder,
        images=tuple(images),
        mask_folders=folder.mask_folders - folder.masks_by_look,
        masks_by_look=frozenset(),
        masks_in_folders=folder.masks_in_folders and not folder.masks_by_look,
        path_ids={part: one for part, one in folder.path_ids.items() if one.template != "{image}"},
    )


def _is_listed(path: str, told: Collection[str]) -> bool:
    """Return whether a path lies below one of these folders, or fits a pattern of one `*`."""
    ends = [one.split("*") for one in told if "*" in one]
    fits = any(path.startswith(front) and path.endswith(end) for front, end in ends)
    return fits or _is_below(path, told)


class _MaskFolders(NamedTuple):
    """Folders of masks alone, and the end of the names of images that masks have not."""

    masks: frozenset[str]
    image_end: str


def _roots(folder: DataFolder, *, by_base: bool) -> Iterator[_MaskFolders]:
    """Yield the folders that hold masks alone, by their look.

    Args:
        by_base: whether names of files count without the end that all of their folder have.
    """
    ends = ends_of_folders(folder.images) if by_base else {}
    # Beside masks of train that are called so, other pictures have none: layers of a map.
    is_called = bool(folder.of_part("mask") and folder.of_part("train"))
    levels = [one.path.split("/") for one in folder.images]
    for level in range(max(map(len, levels), default=1) - 1):
        below: dict[str, dict[str, ImageFile]] = defaultdict(dict)
        for one, names in zip(folder.images, levels, strict=True):
            if len(names) <= level + 1:
                continue
            if names[level] not in below and len(below) == _MOST_NAMES:
                below.clear()
                break
            stem = one.stem.removesuffix(ends.get(one.folder, ""))
            rest = [*names[:level], "", *names[level + 1 : -1], stem]
            below[names[level]]["/".join(rest)] = one
        for images, of_images in below.items():
            if any(one.part == "mask" for one in of_images.values()):
                continue
            if is_called and not any(one.part in _PARTS for one in of_images.values()):
                continue
            masks = [
                name
                for name in below
                if name != images
                and (guess_part(name) not in _PARTS or _are_both_of_train(name, images, below))
                and guess_part(images) not in _PARTS - {"train"}
                and not is_called_example(name)
                and all(one.part != "mask" for one in below[name].values())
                and are_masks(folder.path, below[name], of_images)
            ]
            # Of images whose ends differ no one pattern leads to their masks.
            of_train = {
                ends.get(one.folder, "") for one in of_images.values() if one.part in _OF_TRAIN
            }
            if masks and len(of_train) == 1:  # one folder, or one a class
                roots = (
                    "/".join(one.path.split("/")[: level + 1])
                    for name in masks
                    for one in below[name].values()
                )
                yield _MaskFolders(frozenset(roots), of_train.pop())


def _are_both_of_train(name: str, images: str, names: Collection[str]) -> bool:
    """Return whether two folders are called as train, with more words, and the second as test, too.

    As `train_kelp` and `train_satellite`, beside `test_satellite`.
    """
    if guess_part(name) != "train" or guess_part(images) != "train":
        return False
    own, other = (without_part(one) for one in (name, images))
    of_test = {without_part(one) for one in names if guess_part(one) == "test"}
    return bool(own and other) and own not in of_test and (not of_test or other in of_test)


def ends_of_folders(images: Iterable[ImageFile]) -> dict[str, str]:
    """Return the end that the names of all files of a folder have, from a sign on, by folder.

    Example:
        >>> files = [ImageFile(f"a/{n}_training.tif", "train") for n in (21, 22)]
        >>> ends_of_folders(files)
        {'a': '_training'}
    """
    stems: dict[str, list[str]] = defaultdict(list)
    for one in images:
        stems[one.folder].append(one.stem)
    found = {}
    for where, names in stems.items():
        shared = common_start(name[::-1] for name in names)[::-1] if len(names) > 1 else ""
        sign = _SIGN.search(shared)
        end = "" if sign is None else shared[sign.start() :]
        found[where] = "" if end in names else end
    return found


def _of_single_objects(folder: DataFolder) -> frozenset[str]:
    """Return the folders of masks whose names are those of images with a number: `x/7`, `y/7_1`.

    Images to predict lie in a folder that is called as that of the images alone.
    """
    inside: dict[str, dict[str, dict[str, ImageFile]]] = defaultdict(lambda: defaultdict(dict))
    of_test = set[str]()
    for one in folder.images:
        where, _, name = one.folder.rpartition("/")
        if one.part == "test":
            of_test.add(name)
        elif one.part in _OF_TRAIN:
            inside[where][name][one.stem] = one
    found = set[str]()
    for where, each in inside.items():
        for images, masks in permutations(each, 2):
            if len(each) != 2 or images not in of_test or masks in of_test:
                continue
            numbered = {stem: NAME_AND_NUMBER.fullmatch(stem) for stem in each[masks]}
            of_image = {
                matched[1]: each[masks][stem]
                for stem, matched in numbered.items()
                if matched is not None and matched[1] in each[images]
            }
            n_of_images = sum(one is not None and one[1] in of_image for one in numbered.values())
            if n_of_images < len(numbered) or len(of_image) < NEARLY_ALL * len(each[images]):
                continue
            if are_masks(folder.path, of_image, each[images]):
                found.add(f"{where}/{masks}".strip("/"))
    return frozenset(found)


def _beside(folder: DataFolder) -> set[str]:
    """Return the masks in the folders of their images, whose names have an end more: `7_1stHO`.

    Nearly every image of train has a file of each end, which looks like its mask. Files that test
    has in the same way are no masks.
    """
    stems: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for one in folder.images:
        stems[one.folder][one.stem] = one
    of_end: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    images: dict[str, ImageFile] = {}
    for where, files in stems.items():
        for stem, one in files.items():
            signs = [sign.start() for sign in _SIGN.finditer(stem)]
            base = next((stem[:n] for n in reversed(signs) if stem[:n] in files), "")
            if base and one.part not in _OF_TRAIN:
                return set()
            if base:
                of_end[stem[len(base) :]][f"{where}/{base}"] = one
                images[f"{where}/{base}"] = files[base]
    masks = {one.path for each in of_end.values() for one in each.values()}
    if not masks or len(of_end) > _MOST_NAMES or any(one.path in masks for one in images.values()):
        return set()
    for each in of_end.values():
        if len(each) < NEARLY_ALL * len(images) or not are_masks(folder.path, each, images):
            return set()
    return masks


def _of_other_name(folder: DataFolder) -> set[str]:
    """Return the masks that are called alike in the folders of an image each.

    As `17/roof.png` of `17/image.png`: nearly each folder with an image has one, and test has none.
    """
    of_stem: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for one in folder.images:
        of_stem[one.stem][one.folder] = one
        if len(of_stem) > _MOST_NAMES:
            return set()
    found: dict[str, dict[str, ImageFile]] = {}
    for images in of_stem.values():
        learnt_from = {where: one for where, one in images.items() if one.part in _OF_TRAIN}
        for stem, masks in of_stem.items():
            if is_called(stem, "mask"):
                continue  # by a word, and perhaps in arrays
            is_whole = len(masks) >= NEARLY_ALL * len(learnt_from)
            if masks is not images and is_whole and are_masks(folder.path, masks, images):
                found[stem] = masks
    return {one.path for masks in found.values() for one in masks.values()}


def _of_other_suffix(folder: DataFolder) -> tuple[set[str], frozenset[str]]:
    """Return the masks that differ from the images beside them in the suffix, and their patterns.

    As `7.png` of `7.jpg`: nearly every image has one, and nearly every file of that suffix is one.
    """
    of_suffix: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for one in folder.images:
        if one.part in _OF_TRAIN:
            of_suffix[one.suffix.lower()][f"{one.folder}/{one.stem}"] = one
    for suffix, masks in of_suffix.items():
        for other, images in of_suffix.items():
            if other == suffix or len(masks) < NEARLY_ALL * len(images):
                continue
            if are_masks(folder.path, masks, images):
                paths = {one.path for one in masks.values()}
                return paths, frozenset(f"{Path(one).parent}/*{Path(one).suffix}" for one in paths)
    return set(), frozenset()


def _patterns(paths: Collection[str]) -> frozenset[str]:
    """Return what the paths are in short: `train/*_1stHO.png`."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in paths:
        where, slash, name = path.rpartition("/")
        found[f"{where}{slash}*{name[_last_sign(name) :]}"].append(path)
    return frozenset(found)


def _last_sign(name: str) -> int:
    return max(name.rpartition(".")[0].rfind(sign) for sign in "_-. ")


def are_masks(root: Path, masks: Mapping[str, ImageFile], images: Mapping[str, ImageFile]) -> bool:
    """Return whether files look like the masks of images, both by the names that they share.

    They are as large, or on a grid of cells of some pixels each, flat, and of a few values or
    colours, where the images have many.
    """
    shared = [one for one in masks if one in images]
    if len(shared) < max(_FEWEST_MASKS, NEARLY_ALL * len(masks)):
        return False
    if any(masks[one].part in ("test", "unlabelled") for one in masks):
        return False  # what images to predict have, too, is a part of the image
    n_with = Counter[int]()
    n_plain = n_probed = most = 0
    # By chance: every second one may be empty.
    for place in np.random.default_rng(0).permutation(len(shared))[:_LOOKED_AT]:
        one = shared[place]
        mask, image = (
            _look_of_mask(root / masks[one].path),
            look_of_picture(root / images[one].path),
        )
        if mask is None or len(mask.values) > mask.most or image is None:
            return False
        if not _is_grid(mask, image) or len(image.values) <= max(_MOST_COLOURS, len(mask.values)):
            return False
        n_with.update(mask.values)
        n_plain += len(mask.values) == 1
        n_probed += 1
        most = mask.most
    n_recurring = sum(n > 1 for n in n_with.values())
    if len(n_with) > (_MOST_VALUES if 2 * n_recurring > len(n_with) else most):
        return False  # drawings, each of its own colours
    return n_plain <= _MOSTLY_PLAIN * n_probed  # else blank pictures


def _is_grid(mask: PictureLook, image: PictureLook) -> bool:
    """Return whether a mask is as large as its image, or has a pixel for each cell of this one.

    A small copy of a picture has few pixels, and perhaps few values.
    """
    if mask.size == image.size:
        return True
    (height, width), (rows, columns) = image.size, mask.size
    is_whole = height % rows == width % columns == 0 and height // rows == width // columns
    return is_whole and mask.is_single and len(mask.values) <= _MOST_COLOURS


_MOSTLY_PLAIN = 0.75  # a class may be in few images


def _is_below(path: str, roots: Collection[str]) -> bool:
    folders: Sequence[str] = path.split("/")[:-1]
    return any("/".join(folders[: n + 1]) in roots for n in range(len(folders)))


class PictureLook(NamedTuple):
    """What a picture looks like.

    Attributes:
        size: (height, width).
        values: a number for each of its values or colours, not more than tell it from a mask.
        most: values that it may have as a mask.
        is_single: whether it has one channel, of whole numbers.
    """

    size: tuple[int, int]
    values: frozenset[int]
    most: int
    is_single: bool = False


def look_of_picture(path: Path) -> PictureLook | None:
    """Return the look of a picture or an array; None where it cannot be read, or is too large."""
    pixels = read_pixels(path)
    if pixels is None or pixels.ndim not in (2, 3) or not np.issubdtype(pixels.dtype, np.number):
        return None
    is_single = pixels.ndim == 2 and np.issubdtype(pixels.dtype, np.integer)
    flat = pixels.reshape(pixels.shape[0] * pixels.shape[1], -1)
    keys = np.zeros(len(flat), np.int64)
    for channel in range(flat.shape[1]):
        keys = keys * 1_000_003 + flat[:, channel].astype(np.int64)
    values = frozenset(np.unique(keys)[: _MOST_VALUES + 2].tolist())
    most = _MOST_VALUES if is_single else _MOST_COLOURS
    return PictureLook((pixels.shape[0], pixels.shape[1]), values, most, is_single)


def _look_of_mask(path: Path) -> PictureLook | None:
    """Return the look of a picture, of a JPEG of a few clear colours without its noise."""
    found = look_of_picture(path)
    if found is None or path.suffix.lower() not in _JPEG or len(found.values) <= _MOST_COLOURS:
        return found
    clear = find_clear_colours([path])
    if not clear:
        return found
    values = (red << 16 | green << 8 | blue for red, green, blue in clear)
    return PictureLook(found.size, frozenset(values), _MOST_COLOURS)


def values_of_two(path: Path) -> frozenset[int]:
    """Return the values or colours of a picture of two at most; empty of one that has more.

    JPEG leaves grey levels near black and white: 0 and 255 then.
    """
    pixels = read_pixels(path)
    if pixels is None or pixels.ndim not in (2, 3) or not np.issubdtype(pixels.dtype, np.number):
        return frozenset()
    flat = pixels.reshape(pixels.shape[0] * pixels.shape[1], -1)
    few = flat[:: max(1, len(flat) // _FEW_PIXELS)]  # most pictures are told by these
    is_lossy = path.suffix.lower() in _JPEG
    if not _values_of_two(few, is_lossy=is_lossy):
        return frozenset()
    return _values_of_two(flat, is_lossy=is_lossy)


_FEW_PIXELS = 2_000


def _values_of_two(pixels: np.ndarray, *, is_lossy: bool) -> frozenset[int]:
    if not is_lossy or pixels.dtype != np.uint8:
        found = np.unique(pixels, axis=0)
        return (
            frozenset(hash(tuple(one)) for one in found.tolist())
            if len(found) <= 2
            else frozenset()
        )
    is_black, is_white = pixels <= _NEAR, pixels >= 255 - _NEAR
    if np.count_nonzero(~(is_black | is_white)) > _MOST_BETWEEN * pixels.size:
        return frozenset()
    return frozenset(n for n, shown in ((0, is_black), (255, is_white)) if shown.any())
