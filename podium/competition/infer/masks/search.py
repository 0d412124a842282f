"""The search for masks among the files of a data folder, by folders, names and ends of names.

Masks lie in folders of their own (`masks/7.png`), beside their images (`7_mask.png`), in the folder
of one image (`7/mask.png`), in arrays, or have another end, or start, than images.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from podium.competition.ids.patterns import file_stem, without_zeros
from podium.competition.infer.files import (
    CUT,
    FolderPart,
    ImageFile,
    common_parent,
    guess_part_of_path,
    letters_behind_numbers,
    possible_image_names,
)
from podium.competition.infer.ids.keys import common_start
from podium.competition.infer.masks.by_piece import are_pieces
from podium.competition.infer.pictures import has_pages_of_lines, read_pixels
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called, meaning_words
from podium.competition.spelling import name_words

__all__ = [
    "NAME_AND_END",
    "NAME_AND_NUMBER",
    "MaskPlaces",
    "NameEnds",
    "masks_in_arrays",
    "search_masks",
    "width_of_numbers",
    "with_train",
]

# `x_mask.png` beside `x.png`, perhaps with a class or a number: `x_mask_1.png`.
_MASK_STEM = re.compile(
    rf"(.+?)[_\-. ]+(?:{'|'.join(sorted(meaning_words('mask'), key=len, reverse=True))})"
    r"(?:[_\-. ]\w+)?",
    re.I,
)

_NEGATIONS = frozenset({"no", "non", "not", "without", "un"})


@dataclass(frozen=True)
class NameEnds:
    """How the names of images and of their masks end, where both have an end of their own.

    Attributes:
        image: as `_sat` of `7_sat.jpg`, whose mask is `7_mask.png`.
        masks: the paths of all masks.
        start: of images, as `img_` of `img_7.png`, whose mask is `seg_7.png`.
    """

    image: str
    masks: frozenset[str]
    start: str = ""


@dataclass(frozen=True)
class MaskPlaces:
    """Where the masks of a data folder lie.

    Attributes:
        folders: of which every image is a mask.
        files: masks that lie elsewhere.
        are_in_folders: whether each image has a folder of its own, in which its masks lie, too.
        ends: how the names of images end, or begin, where masks show it.
    """

    folders: frozenset[str]
    files: frozenset[str]
    are_in_folders: bool
    ends: NameEnds | None

    def part_of(self, path: str) -> FolderPart:
        """Return the part of the data that an image seems to belong to."""
        return "mask" if path in self.files else _part_of_path(path, self.folders)


def search_masks(root: Path, paths: Sequence[str], in_arrays: frozenset[str]) -> MaskPlaces:
    """Return where masks lie: in folders, else beside their images, else by the ends of names.

    Args:
        root: the data folder.
        paths: of its images and masks.
        in_arrays: those that `masks_in_arrays` returned.
    """
    folders, image_end = _mask_folders(paths)
    folders |= frozenset() if folders else _folders_of_marked(paths)
    in_folders = _masks_in_folders(paths)
    beside = in_folders or _masks_beside(paths)
    ends = None
    if not (folders or beside or in_arrays):
        ends = _find_ends(paths) or _find_starts(root, paths)
        ends = ends or _ends_by_look(root, paths) or _ends_by_look(root, paths, anywhere=True)
    if ends is not None:
        beside = ends.masks
    elif image_end:
        ends = NameEnds(image_end, frozenset())
    return MaskPlaces(folders, beside | in_arrays | _predicted(paths), bool(in_folders), ends)


_PREDICTED_STEM = re.compile(r"(.+?)[_\-. ]+pred(?:ict(?:ed|ions?)?)?", re.I)


def _predicted(paths: Sequence[str]) -> frozenset[str]:
    """Return what was predicted of images to predict, beside these: `0_predict.png` of `0.png`.

    Each image of the folder has such a file.
    """
    stems: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        if guess_part_of_path(path) == "test":
            where, _, name = path.rpartition("/")
            stems[where][name.rpartition(".")[0]] = path
    found = set()
    for of_folder in stems.values():
        named = {stem: one[1] for stem in of_folder if (one := _PREDICTED_STEM.fullmatch(stem))}
        if named and {*named.values()} == of_folder.keys() - named.keys():
            found |= {of_folder[stem] for stem in named}
    return frozenset(found)


def _masks_beside(paths: Sequence[str]) -> frozenset[str]:
    """Return the masks that lie in the folder of their image and are named after it."""
    named = {path.rpartition(".")[0] for path in paths}
    beside = set()
    for path in paths:
        folder, _, name = path.rpartition("/")
        found = _MASK_STEM.fullmatch(name.rpartition(".")[0])
        if found is not None and (f"{folder}/{found[1]}" if folder else found[1]) in named:
            beside.add(path)
    return frozenset(beside)


def _masks_in_folders(paths: Sequence[str]) -> frozenset[str]:
    """Return the masks where each folder holds one image and its masks, of the same names in each.

    As `train/17/image.tif`, `train/17/mask_organ.png`, and `test/41/image.tif` alone: the names
    repeat, so that the folder is the name of the image.
    """
    of_folder: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        of_folder[path.rpartition("/")[0]].add(path.rpartition("/")[2])
    counts = Counter(name for names in of_folder.values() for name in names)
    called = {name for name in counts if is_called(name.rpartition(".")[0], "mask")}
    others = counts.keys() - called
    if len(of_folder) < _FEWEST_FOLDERS or len(others) != 1 or not called:
        return frozenset()
    if counts[others.pop()] < NEARLY_ALL * len(of_folder):
        return frozenset()
    return frozenset(
        f"{where}/{name}" for where, names in of_folder.items() for name in names & called
    )


_FEWEST_FOLDERS = 3


def masks_in_arrays(paths: Sequence[str], arrays: Sequence[str]) -> frozenset[str]:
    """Return the arrays (.npy) that are named after pictures: nearly all of them, each of one.

    Pictures of the names of all arrays and more are images, and those without an array are to be
    predicted. Beside pictures other arrays may be anything.
    """
    stems = {file_stem(path) for path in paths}
    named: dict[str, str] = {}
    for path in arrays:
        stem = file_stem(path)
        own = next((one for one, *_ in possible_image_names(stem) if one in stems), None)
        if own is not None and own not in named and path.lower().endswith(".npy"):
            named[own] = path
    is_each = len(named) >= NEARLY_ALL * len(arrays) and 2 * len(named) >= len(stems)
    return frozenset(named.values()) if named and is_each else frozenset()


def with_train(images: Sequence[ImageFile]) -> tuple[ImageFile, ...]:
    """Return the images with a part to train on where masks show that `dev` or `val` is one.

    Without any called train, the part whose images have all the masks is that of train.
    """
    parts = {image.part for image in images}
    if "train" in parts or "mask" not in parts or "holdout" not in parts:
        return tuple(images)
    names = [
        {name for name, *_ in possible_image_names(image.stem)}
        for image in images
        if image.part == "mask"
    ]
    of_holdout = {image.stem for image in images if image.part == "holdout"}
    of_others = {image.stem for image in images if image.part in ("other", "test")} - of_holdout
    if any(one & of_others or not one & of_holdout for one in names):
        return tuple(images)
    return tuple(
        image._replace(part="train") if image.part == "holdout" else image for image in images
    )


def _find_ends(paths: Sequence[str]) -> NameEnds | None:
    """Return the ends of images and masks, or None where files do not go in such pairs.

    Nearly every name of one end has its twin of the other. Masks are called so, by their end or
    their folder, or there are none of them in test.
    """
    of_end: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        if guess_part_of_path(path) not in ("test", "unlabelled", "holdout"):
            stem = file_stem(path)
            found = NAME_AND_END.fullmatch(stem)
            if found is None or found[1] in of_end[found[2]]:
                return None
            of_end[found[2]][found[1]] = path
    if len(of_end) != 2:
        return None
    paired = {path for each in of_end.values() for path in each.values()}
    of_test = [path.rpartition(".")[0] for path in paths if path not in paired]

    def is_of_masks(end: str) -> tuple[bool, bool]:
        is_in_test = any(stem.endswith(end) for stem in of_test)
        return _is_called_mask(end, of_end[end].values()), not is_in_test

    ends = sorted(of_end, key=is_of_masks)
    images, masks = (of_end[end] for end in ends)
    if len(images.keys() & masks.keys()) < NEARLY_ALL * max(len(images), len(masks)):
        return None
    if of_test and not all(stem.endswith(ends[0]) for stem in of_test):
        return None
    if not of_test and not _is_called_mask(ends[1], masks.values()):
        return None
    return NameEnds(ends[0], frozenset(masks.values()))


def _find_starts(root: Path, paths: Sequence[str]) -> NameEnds | None:
    """Return what images begin with, where masks begin otherwise; else None.

    As `IMAGES/img_7.png` and `MASKS/seg_7.png`: nearly every name of one start has its twin, and
    masks look so, as people with a mask do not. Where no word calls any files masks, their look
    tells it, and test has none.
    """
    of_start: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        if guess_part_of_path(path) in ("test", "unlabelled", "holdout"):
            continue
        found = _START.fullmatch(file_stem(path))
        if found is None or found[2] in of_start[found[1]] or len(of_start) > 2:
            return None
        of_start[found[1]][found[2]] = path
    if len(of_start) != 2:
        return None
    starts = sorted(of_start, key=lambda one: _is_called_mask(one, of_start[one].values()))
    images, masks = (of_start[one] for one in starts)
    if len(images.keys() & masks.keys()) < NEARLY_ALL * max(len(images), len(masks)):
        return None
    called = [_is_called_mask(one, of_start[one].values()) for one in starts]
    if all(called):
        return None
    shared = sorted(images.keys() & masks.keys())
    probe = shared[:: max(1, len(shared) // _LOOKED_AT)]
    for image, mask in (starts,) if any(called) else (starts, starts[::-1]):
        pairs = ((root / of_start[mask][one], root / of_start[image][one]) for one in probe)
        of_test = (path for path in paths if guess_part_of_path(path) == "test")
        is_of_test = not any(called) and any(file_stem(path).startswith(mask) for path in of_test)
        is_told = any(called) or len(probe) >= _FEWEST_MASKS
        if is_told and not is_of_test and all(_looks_like_mask(*pair) for pair in pairs):
            return NameEnds("", frozenset(of_start[mask].values()), image)
    return None


def _ends_by_look(root: Path, paths: Sequence[str], *, anywhere: bool = False) -> NameEnds | None:
    """Return the ends of images and of the masks of some of them, or None where none look so.

    Each mask lies beside its image, or in a folder of masks, and has its name with another end, or
    with one at all. A mask has few values, and the size of its image, which has many.

    Args:
        root: the data folder.
        paths: of its images and masks.
        anywhere: whether images may lie in any folders, and masks in one more, of any name.
    """
    of_end: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        found = NAME_AND_END.fullmatch(stem)
        base, end = (stem, "") if found is None else (found[1], found[2])
        around = [] if anywhere else [one for one in folders if not _is_called_by_kind(one)]
        base = "/".join([*around, base])
        if len(of_end) > 2 or base in of_end[end]:
            return None
        of_end[end][base] = path
    if len(of_end) != 2:
        return None
    (image, images), (mask, masks) = sorted(
        of_end.items(), key=lambda one: (-len(one[1]), one[0] != "")
    )
    is_in_test = any(guess_part_of_path(path) == "test" for path in masks.values())
    if not mask or is_in_test or len(masks) < _FEWEST_MASKS or not masks.keys() <= images.keys():
        return None
    of_masks, of_images = ({_parent(path) for path in each.values()} for each in (masks, images))
    if anywhere and (len(of_masks) > 1 or of_masks & of_images):
        return None
    probe = list(masks)[:: max(1, len(masks) // _LOOKED_AT)]
    if not all(_looks_like_mask(root / masks[one], root / images[one]) for one in probe):
        return None
    return NameEnds(image, frozenset(masks.values()))


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _is_called_by_kind(folder: str) -> bool:
    """Return whether a folder is called after what its files are: images, or masks of them."""
    return is_called(folder, "image", "mask")


_FEWEST_MASKS = 3

_LOOKED_AT = 12

_MOST_VALUES = 16


def _looks_like_mask(mask: Path, image: Path) -> bool:
    """Return whether a file has few values, and the size of an image that has many."""
    size, has_few = _look(mask)
    size_of_image, image_has_few = _look(image)
    return size == size_of_image and size is not None and has_few and not image_has_few


def _look(path: Path) -> tuple[tuple[int, int] | None, bool]:
    """Return the size of a picture, None where it cannot be read, and whether it has few values."""
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > _MOST_PIXELS:
                return None, False
            if has_pages_of_lines(opened):
                return _look_of_bands(path)
            size = (opened.height, opened.width)
            return size, opened.getcolors(_MOST_VALUES) is not None
    except (OSError, ValueError, SyntaxError):
        return _look_of_bands(path)


def _look_of_bands(path: Path) -> tuple[tuple[int, int] | None, bool]:
    """Return the size of a TIFF of any number of bands, and whether it has few values."""
    pixels = read_pixels(path) if path.suffix.lower() in (".tif", ".tiff") else None
    if pixels is None or pixels.ndim not in (2, 3):
        return None, False
    flat = pixels.reshape(pixels.shape[0] * pixels.shape[1], -1)
    some_pixels = flat[:: max(1, len(flat) // _FEW_PIXELS)]  # they show the values of a photograph
    has_few = all(len(np.unique(each, axis=0)) <= _MOST_VALUES for each in (some_pixels, flat))
    return (pixels.shape[0], pixels.shape[1]), has_few


_FEW_PIXELS = 2_000
_MOST_PIXELS = 50_000_000

NAME_AND_END = re.compile(r"(.+?)([_\-. ][A-Za-z]+)")
"""A stem as `7_rgb`: what may name an image, and a word behind a sign."""
NAME_AND_NUMBER = re.compile(r"(.+)_(\d+)")
"""A stem as `52_1`: what may name an image, and the number of an object in it."""

_START = re.compile(r"([A-Za-z]+[_\-. ])(.*\d.*)")


def _is_called_mask(end: str, paths: Iterable[str]) -> bool:
    folders = {one for path in paths for one in path.split("/")[:-1]}
    return is_called(end, "mask") or any(map(_is_mask_word, folders))


def _part_of_path(path: str, mask_folders: frozenset[str]) -> FolderPart:
    folders = path.split("/")[:-1]
    if any("/".join(folders[: depth + 1]) in mask_folders for depth in range(len(folders))):
        return "mask"
    return guess_part_of_path(path)


def _mask_folders(paths: Sequence[str]) -> tuple[frozenset[str], str]:
    """Return the folders that hold masks of images that lie elsewhere, and how images end.

    The end is "" where masks have the whole name of their image, which some go on behind; it is
    `_left` of `7_left.png`, whose mask is `7_truth.png`.

    A name alone does not suffice (`train/mask` and `train/no_mask` are classes of a face-mask
    competition): a mask folder stands beside images of the same file names. Where a folder that is
    called so holds none, as the data set `Polyp-SEG/`, those inside are looked at.
    """
    around: frozenset[str] = frozenset()
    while True:
        masks, failed, end = _mask_folders_inside(paths, around)
        if not failed:
            return masks, end
        around |= failed


def _mask_folders_inside(
    paths: Sequence[str], around: frozenset[str]
) -> tuple[frozenset[str], frozenset[str], str]:
    """Return the folders of masks, those called so that hold others called so, and how images end.

    Args:
        paths: of all images.
        around: folders that are called masks and hold none.
    """
    stems: dict[str, set[str]] = defaultdict(set)
    below: dict[str, set[str]] = defaultdict(set)
    has_inner: set[str] = set()
    ends = [min(paths), max(paths)] if paths else []
    # The name of a folder that holds everything does not count: data/segmentation/{images,masks}.
    common = common_parent(path.rpartition("/")[0] for path in ends)
    shared = len(common.split("/")) if common else 0
    for path in paths:
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        called = [
            n
            for n, folder in enumerate(folders)
            if n >= shared and _is_mask_word(folder) and "/".join(folders[: n + 1]) not in around
        ]
        if called:
            suspect = "/".join(folders[: called[0] + 1])
            stems[suspect].add(stem)
            if len(called) > 1:
                has_inner.add(suspect)
            continue
        for depth in range(len(folders) + 1):
            below["/".join(folders[:depth])].add(stem)
    negated = {
        folder.rpartition("/")[0]
        for folder in stems
        if _NEGATIONS & set(name_words(folder.split("/")[-1]))
    }
    masks = set()
    image_ends = set[str]()
    for folder, names in stems.items():
        parent = folder.rpartition("/")[0]
        known = _n_known(names, below[parent])
        if 2 * known < len(names) and (end := _common_end(below[parent])):
            known = _n_known(names, {stem.removesuffix(end) for stem in below[parent]})
            image_ends |= {end} if 2 * known >= len(names) else set()
        if 2 * known < len(names) and are_pieces(names, below[parent]):
            known = len(names)
        # Or beside the one image of a folder of its name, as in 17/images/17.png, 17/masks/a.png.
        of_one_image = below[parent] == {parent.rpartition("/")[2]}
        if parent not in negated and (known >= 0.5 * len(names) or of_one_image):
            masks.add(folder)
    failed = {one for one in has_inner - masks if one.rpartition("/")[0] not in negated}
    end = image_ends.pop() if len(image_ends) == 1 else ""
    return frozenset(masks), frozenset(failed), end


def _n_known(stems: Collection[str], images: Collection[str]) -> int:
    """Return how many masks have the name of an image, which more may stand around.

    Or all have its number, with zeros in front: `00007_hair` of `7`; or the same letters behind a
    number: `0001m` of `0001`.
    """
    n = sum(any(one in images for one, *_ in possible_image_names(stem)) for stem in stems)
    if not n and (end := letters_behind_numbers(stems)):
        return sum(stem.removesuffix(end) in images for stem in stems)
    width = 0 if n else width_of_numbers(stems, images)
    return len(stems) if width else n


def width_of_numbers(stems: Collection[str], images: Collection[str]) -> int:
    """Return the digits of the numbers that all masks begin with, those of images with zeros; or 0.

    Images have the numbers without zeros, and each mask is one of an image.

    Example:
        >>> width_of_numbers(["00007_hair", "00012_nose"], ["7", "12", "13"])
        5
        >>> width_of_numbers(["07", "12"], ["07", "12"])
        0
    """
    if not stems or any(one != without_zeros(one) for one in images):
        return 0
    numbers = {re.split(r"[_\-. ]", stem, maxsplit=1)[0] for stem in stems}
    widths = {len(one) for one in numbers}
    are_of_images = all(one.isdecimal() and without_zeros(one) in images for one in numbers)
    return widths.pop() if are_of_images and len(widths) == 1 else 0


def _common_end(stems: Collection[str]) -> str:
    """Return what all names end with, from a sign on; "" where one is nothing else."""
    shared = common_start([stem[::-1] for stem in stems])[::-1] if len(stems) > 1 else ""
    sign = CUT.search(shared)
    end = "" if sign is None else shared[sign.start() :]
    return "" if end in stems else end


def _folders_of_marked(paths: Sequence[str]) -> frozenset[str]:
    """Return the folders whose every file is called the mask of an image that lies elsewhere.

    As `annotated/7_gt.png` of `acquired/7.png`, where no folder's name shows it.
    """
    folders: dict[str, set[str]] = defaultdict(set)
    for path in paths:
        where, _, name = path.rpartition("/")
        folders[where].add(name.rpartition(".")[0])
    every = Counter(stem for stems in folders.values() for stem in stems)
    marked = set()
    for where, stems in folders.items():
        found = [_MASK_STEM.fullmatch(stem) for stem in stems]
        images = {one[1] for one in found if one is not None and every[one[1]] == 1}
        if where and len(images) == len(stems) and not images & stems:
            marked.add(where)
    return frozenset(marked)


def _is_mask_word(folder: str) -> bool:
    return is_called(folder, "mask")
