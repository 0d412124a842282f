"""The content of a data folder: images with the part they seem to belong to, tables, archives.

`match_images` finds the column of a table that names the images, and the path template from a row
to its image.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, NamedTuple

import pandas as pd
from PIL import Image

from podium.competition.ids.patterns import Pattern, files_below, is_image, without_zeros
from podium.competition.infer.ids.keys import common_start
from podium.competition.languages import Meaning, is_called, meaning_words
from podium.competition.spelling import name_words
from podium.competition.tables import TABLE_SUFFIXES

__all__ = [
    "IN_DATA",
    "TELLING_PARTS",
    "DataFolder",
    "FolderPart",
    "ImageFile",
    "ImageTable",
    "JoinedTable",
    "NamedFiles",
    "PathIds",
    "common_folder",
    "common_parent",
    "guess_part",
    "guess_part_of_path",
    "ids_without",
    "is_test_table",
    "match_images",
    "match_of_train",
    "may_be_train_table",
    "named_as_images",
    "numbers_by_chance",
    "picture_size",
    "possible_image_names",
    "scan_folder",
    "split_field",
    "unread_masks",
    "width_of_numbers",
    "with_train",
    "without_part",
]


FolderPart = Literal["train", "test", "unlabelled", "holdout", "mask", "other"]

# `x_mask.png` beside `x.png`, perhaps with a class or a number: `x_mask_1.png`.
_MASK_STEM = re.compile(
    rf"(.+?)[_\-. ]+(?:{'|'.join(sorted(meaning_words('mask'), key=len, reverse=True))})"
    r"(?:[_\-. ]\w+)?",
    re.I,
)
_CUT = re.compile(r"[_\-. ]+")
_NEGATIONS = frozenset({"no", "non", "not", "without", "un"})
_TEXTS = (".txt", ".names")
_BOOKS = (".xlsx", ".xlsm")
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".7z", ".rar")


class ImageFile(NamedTuple):
    """An image below the data folder."""

    path: str
    """Relative to the data folder, with forward slashes."""
    part: FolderPart

    @property
    def folder(self) -> str:
        return self.path.rpartition("/")[0]

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def stem(self) -> str:
        return self.name.rpartition(".")[0]

    @property
    def suffix(self) -> str:
        return "." + self.name.rpartition(".")[2]


@dataclass(frozen=True)
class PathIds:
    """Ids made of several parts of the paths of the images of a part.

    Attributes:
        pattern: of the paths, relative to the data folder, with a field for each part of an id.
        template: of the ids, as `{kidney}_{stem}`.
        ids: the image of each id.
    """

    pattern: str
    template: str
    ids: Mapping[str, ImageFile]

    @property
    def is_one_field(self) -> bool:
        """Whether an id is a part of the path as it stands, and nothing else."""
        return re.fullmatch(r"\{\w+\}", self.template) is not None


@dataclass(frozen=True)
class DataFolder:
    """The content of a data folder, and how its files are spelt in `competition.yaml`."""

    path: Path
    spelt: str
    """The folder as `competition.yaml` writes it: relative to the workspace, or absolute."""
    images: tuple[ImageFile, ...]
    tables: tuple[str, ...]
    archives: tuple[str, ...]
    mask_folders: frozenset[str] = frozenset()
    """Folders of which every image is a mask; other masks lie beside their images."""
    texts: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    """Endings of the names of an image's files, where it has several; `images` are then named
    without them."""
    in_folders: bool = False
    """Whether the files of an image lie in a folder of its own: `channels` are their names, and
    `images` are named as that folder."""
    by_folder: bool = False
    """Whether `channels` are the folders that each hold a file of every image."""
    sample_mask: str = ""
    """The name of the mask in the folder of an image of train, where it lies there."""
    jsons: tuple[str, ...] = ()
    books: tuple[str, ...] = ()
    """Workbooks of spreadsheets."""
    made: frozenset[str] = frozenset()
    """Tables that lie in the workspace, by their paths there."""
    path_ids: Mapping[FolderPart, PathIds] = field(default_factory=dict)
    """Of the parts whose images are named by several parts of their paths."""
    masks_in_folders: bool = False
    """Whether each image has a folder of its own, in which its masks lie, too."""
    masks_by_look: frozenset[str] = frozenset()
    """The folders of masks that nothing but their look shows."""
    others: tuple[str, ...] = ()
    """All files that are no images."""
    regions: frozenset[str] = frozenset()
    """Pictures of two values that images to predict have, too, as of the field of view; they are
    none of `images`."""
    copies: tuple[str, ...] = ()
    """Notes on folders that are there twice, one of which is left out."""

    @cached_property
    def common_folder(self) -> str:
        """The deepest folder that all files lie in, as of a zip of a folder; `""` without one."""
        every = [*(image.path for image in self.images), *self.tables, *self.others]
        return common_parent(path.rpartition("/")[0] for path in every)

    def with_part(self, part: FolderPart, paths: Collection[str]) -> DataFolder:
        """Return the folder with the images of these paths as of a part."""
        images = (one._replace(part=part) if one.path in paths else one for one in self.images)
        return replace(self, images=tuple(images))

    def spell(self, path: str) -> str:
        """Return a path below the folder as `competition.yaml` has it."""
        if path in self.made:
            return path  # a table of the workspace
        return "/".join(filter(None, (self.spelt if self.spelt != "." else "", path)))

    def of_part(self, *parts: FolderPart) -> list[ImageFile]:
        return [image for image in self.images if image.part in parts]

    @cached_property
    def matches(self) -> dict[tuple[object, ...], tuple[pd.DataFrame, ImageTable | None]]:
        """What `match_images` found, each with its table, so that no other one gets its id."""
        return {}

    @cached_property
    def texts_read(self) -> dict[tuple[bool, bool], list[tuple[str, str]]]:
        """What `texts_beside` read, by line and by item or not."""
        return {}

    @cached_property
    def file_names(self) -> frozenset[str]:
        """The names of the files of all images and masks."""
        return frozenset(image.name for image in self.images)

    @cached_property
    def by_last_name(self) -> dict[str, list[ImageFile]]:
        """Images by file name, with and without extension."""
        found: dict[str, list[ImageFile]] = defaultdict(list)
        for image in self.images:
            if image.part != "mask":
                found[image.name].append(image)
                found[image.stem].append(image)
        return dict(found)

    @cached_property
    def folder_names(self) -> frozenset[str]:
        """The names of the folders that images lie in, at any depth."""
        folders = {image.folder for image in self.images}
        return frozenset(name for one in folders for name in one.split("/") if name)

    @cached_property
    def by_number(self) -> dict[str, list[ImageFile]]:
        """Images whose names are numbers with zeros in front, by the number without them."""
        found: dict[str, list[ImageFile]] = defaultdict(list)
        for image in self.images:
            is_number = image.stem.isdecimal() and image.stem != "0"
            if is_number and image.part != "mask" and image.stem.startswith("0"):
                found[without_zeros(image.stem)].append(image)
        widths = {len(image.stem) for images in found.values() for image in images}
        if len(widths) != 1:
            return {}
        width = widths.pop()
        for image in self.images:
            is_number = image.stem.isdecimal() and len(image.stem) == width
            if is_number and image.part != "mask" and not image.stem.startswith("0"):
                found[image.stem].append(image)
        return dict(found)

    @cached_property
    def by_folded_name(self) -> dict[str, ImageFile]:
        """Images by name, with and without extension, in small letters, where it is of one."""
        found: dict[str, list[ImageFile]] = defaultdict(list)
        for image in self.images:
            if image.part != "mask":
                for name in {image.name.casefold(), image.stem.casefold()}:
                    found[name].append(image)
        return {name: images[0] for name, images in found.items() if len(images) == 1}

    def named(self, cell: str) -> list[ImageFile]:
        """Return the images that `cell` may mean: a name or the end of a path, perhaps bare."""
        if self.path_ids:
            made = [one.ids[cell] for one in self.path_ids.values() if cell in one.ids]
            if made:
                return made
        images = self.by_last_name.get(cell.rpartition("/")[2], [])
        if "/" not in cell:
            return images or self.by_number.get(cell, [])
        end = "/" + cell.lstrip("./")
        return [
            image
            for image in images
            if ("/" + image.path).endswith(end) or ("/" + image.path).endswith(end + image.suffix)
        ]

    @property
    def unread(self) -> list[str]:
        """The files that hold something in a form that is not read, as `labels.mat` does."""
        read = {*self.tables, *self.books, *self.archives, *self.jsons, *self.texts}
        known = (".md", ".pdf", ".html", ".py", ".ipynb", ".yaml", ".yml")
        rest = [path for path in self.others if path not in read]
        return [path for path in rest if not path.lower().endswith(known)]

    def listed(self) -> str:
        """Return a short list of the folder's content, for messages."""
        folders = Counter(image.folder or "the folder itself" for image in self.images)
        parts = [f"{count:,} images in {folder}" for folder, count in folders.most_common(4)]
        parts += [] if len(folders) <= 4 else [f"{len(folders) - 4} more folders with images"]
        beside = named_as_images(self)
        parts += [f"{one}, each named as an image" for one in beside[:4]]
        named = {path for one in beside for path in one.paths.values()}
        tables = [path for path in self.tables if path not in named]
        more = f" and {len(tables) - 6:,} more" if len(tables) > 6 else ""
        parts += [f"tables {', '.join(tables[:6])}{more}"] if tables else []
        parts += [f"workbooks {', '.join(self.books[:6])}"] if self.books else []
        jsons = [path for path in self.jsons if path not in named]
        more = f" and {len(jsons) - 6:,} more" if len(jsons) > 6 else ""
        parts += [f"JSON {', '.join(jsons[:6])}{more}"] if jsons else []
        parts += [f"archives {', '.join(self.archives[:6])}"] if self.archives else []
        unread = [path for path in self.unread if path not in named]
        more = f" and {len(unread) - 6:,} more" if len(unread) > 6 else ""
        parts += [f"of no form that is read: {', '.join(unread[:6])}{more}"] if unread else []
        return "; ".join(parts) or "no image and no table"


class NamedFiles(NamedTuple):
    """Files of one folder and ending, each named as an image: `labels/*.regions.txt`."""

    folder: str
    end: str
    """All that stands behind the name of the image."""
    paths: Mapping[str, str]
    """By the stem of the image."""

    @property
    def pattern(self) -> str:
        return f"{self.folder}/*{self.end}".lstrip("/")

    def __str__(self) -> str:
        return f"{len(self.paths):,} files {self.pattern}"


def named_as_images(folder: DataFolder) -> list[NamedFiles]:
    """Return the files that are no images and are named as these are, two or more of a kind."""
    stems = {image.stem for image in folder.images if image.part != "mask"}
    found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for path in folder.others:
        where, _, name = path.rpartition("/")
        cuts = [n for n, sign in enumerate(name) if sign == "."]
        stem = next((name[:n] for n in reversed(cuts) if name[:n] in stems), None)
        if stem is None:
            names = possible_image_names(name.rpartition(".")[0])
            stem = next((one for one, front, _ in names if one in stems and not front), None)
        if stem is not None:
            found[where, name[len(stem) :]][stem] = path
    return [
        NamedFiles(where, end, paths) for (where, end), paths in found.items() if len(paths) > 1
    ]


def unread_masks(folder: DataFolder) -> str:
    """Return a part of a message that no mask was found: the files that could have been masks."""
    files = [str(one) for one in named_as_images(folder)]
    if not files:
        return ""
    told = f"{' and '.join(files[:4])}, each named as an image,"
    return f"; {told} are of no form that podium reads as masks"


def picture_size(path: Path) -> tuple[int, int] | None:
    """Return the (height, width) in the header of a picture; None where it cannot be read."""
    try:
        with Image.open(path) as image:
            return image.height, image.width
    except Exception:  # Pillow raises what it likes
        return None


def scan_folder(
    path: Path,
    spelt: str,
    *,
    files: Sequence[str] | None = None,
    regions: frozenset[str] = frozenset(),
) -> DataFolder:
    """Return the content of the folder `path`; pictures of `regions` are left out of its images.

    Args:
        path: the folder.
        spelt: as `competition.yaml` has it.
        files: that count; default: all below the folder.
        regions: of `files`.
    """
    every = files_below(path, "") if files is None else files
    files = [file for file in every if file not in regions]
    paths = [file for file in files if is_image(file)]
    arrays = [file for file in files if file.lower().endswith((".npy", ".npz"))]
    in_arrays = _masks_in_arrays(paths, arrays)
    paths = [*paths, *in_arrays] if paths else arrays
    masks, image_end = _mask_folders(paths)
    masks |= frozenset() if masks else _folders_of_marked(paths)
    in_folders = _masks_in_folders(paths)
    beside = in_folders or _masks_beside(paths)
    ends = None
    if not (masks or beside or in_arrays):
        ends = _find_ends(paths) or _find_starts(path, paths) or _ends_by_look(path, paths)
    if ends is not None:
        beside = ends.masks
    beside |= in_arrays
    images = with_train(
        [
            ImageFile(file, "mask" if file in beside else _part_of_path(file, masks))
            for file in paths
        ]
    )
    image_end = image_end if ends is None else ends.image
    start = "" if ends is None else ends.start
    path_ids = ids_without(image_end, images, start) if ends is not None or image_end else {}
    tables = tuple(file for file in files if file.lower().endswith(TABLE_SUFFIXES))
    archives = tuple(
        file for file in files if file.lower().endswith(_ARCHIVES) and file not in tables
    )
    texts = tuple(file for file in files if file.lower().endswith(_TEXTS))
    jsons = tuple(file for file in files if file.lower().endswith((".json", ".jsonl")))
    books = tuple(
        file
        for file in files
        if file.lower().endswith(_BOOKS) and not file.rpartition("/")[2].startswith("~$")
    )
    return DataFolder(
        path,
        spelt,
        images,
        tables,
        archives,
        masks,
        texts,
        jsons=jsons,
        books=books,
        path_ids=path_ids,
        masks_in_folders=bool(in_folders),
        others=tuple(sorted({*files} - {*paths})),
        regions=regions,
    )


def guess_part(name: str) -> FolderPart:
    """Return the part of the data that a file or folder of this name seems to belong to."""
    for part, meaning in _PARTS.items():
        if is_called(name, meaning):
            return part
    return "other"


_PARTS: dict[FolderPart, Meaning] = {
    "unlabelled": "unlabelled",
    "test": "test",
    "train": "train",
    "holdout": "validation",
}


def without_part(name: str) -> str:
    """Return the name of a folder without the words of its part: `fov` of `train_fov`."""
    words = [one for one in re.split(r"[-_ .]+", name) if guess_part(one) == "other"]
    return "_".join(words)


def split_field(names: Collection[str]) -> str | None:
    """Return a pattern of two names, of train and of validation; None where they are others.

    Example:
        >>> split_field({"train_images", "val_images"}), split_field({"train", "test"})
        ('{split}_images', None)
    """
    if len(names) != 2 or {guess_part(one) for one in names} != {"train", "holdout"}:
        return None
    words = [re.split(r"([-_ .]+)", one) for one in names]
    start, end = (_n_shared(*(one[::step] for one in words)) for step in (1, -1))
    first = words[0]
    return f"{''.join(first[:start])}{{split}}{''.join(first[len(first) - end :])}"


def _n_shared(one: Sequence[str], other: Sequence[str]) -> int:
    """Return how many words of two names are the same, from the first on; not all of them."""
    n = 0
    while n < min(len(one), len(other)) - 1 and one[n] == other[n]:
        n += 1
    return n


def is_test_table(path: str) -> bool:
    """Return whether a table is of the images to predict, by its name."""
    return guess_part(path.rpartition("/")[2]) == "test"


def may_be_train_table(path: str) -> bool:
    """Return whether a table may be of train: its name is of no other part."""
    return guess_part(path.rpartition("/")[2]) in ("train", "other")


def common_folder(images: Iterable[ImageFile]) -> str:
    """Return the deepest folder that holds all the images, `""` for the data folder itself."""
    return common_parent(image.folder for image in images)


def common_parent(folders: Iterable[str]) -> str:
    """Return the deepest folder that all the folders lie in, or are; `""` where they share none."""
    common = []
    for level in zip(*(folder.split("/") for folder in folders), strict=False):
        if len(set(level)) > 1:
            break
        common.append(level[0])
    return "/".join(common)


def folders_between(images: Iterable[ImageFile], common: str) -> str:
    """Return a pattern of the folders below `common` that hold the images: "" for none, else `**`.

    Of a part in pieces it is as narrow as their names, `train_images_*`, so that it finds no image
    of another part.
    """
    below = [image.folder[len(common) :].lstrip("/") for image in images]
    if not any(below):
        return ""
    first = {folder.partition("/")[0] for folder in below}
    start = common_start(first)
    parts = {guess_part(name) for name in (*first, start)}
    if len(first) == 1 or "" in first or len(parts) > 1 or "other" in parts:
        return "**"
    return f"{start}*/**" if any("/" in folder for folder in below) else f"{start}*"


def possible_image_names(stem: str) -> Iterator[tuple[str, str, str]]:
    """Yield possible names of a mask's image, with the text before and after each.

    Example:
        >>> [image for image, _, _ in possible_image_names("img_07_L")]
        ['img_07_L', 'img_07', 'img', '07_L', 'L']
    """
    yield stem, "", ""
    cuts = list(_CUT.finditer(stem))
    for cut in reversed(cuts):
        yield stem[: cut.start()], "", stem[cut.start() :]
    for cut in cuts:
        yield stem[cut.end() :], stem[: cut.end()], ""


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
    if len(of_folder) < _FEWEST_FOLDERS or not counts:
        return frozenset()
    image, n = max(counts.items(), key=lambda one: one[1])
    called = {name for name in counts if is_called(name.rpartition(".")[0], "mask")}
    others = counts.keys() - called
    if n < _NEARLY_ALL * len(of_folder) or others != {image} or not called:
        return frozenset()
    return frozenset(
        f"{where}/{name}" for where, names in of_folder.items() for name in names & called
    )


_FEWEST_FOLDERS = 3


def _masks_in_arrays(paths: Sequence[str], arrays: Sequence[str]) -> frozenset[str]:
    """Return the arrays (.npy) that are named after pictures: nearly all of them, each of one.

    Pictures of the names of all arrays and more are images, and those without an array are to be
    predicted. Beside pictures other arrays may be anything.
    """
    stems = {path.rpartition("/")[2].rpartition(".")[0] for path in paths}
    named: dict[str, str] = {}
    for path in arrays:
        stem = path.rpartition("/")[2].rpartition(".")[0]
        own = next((one for one, *_ in possible_image_names(stem) if one in stems), None)
        if own is not None and own not in named and path.lower().endswith(".npy"):
            named[own] = path
    is_each = len(named) >= _NEARLY_ALL * len(arrays) and 2 * len(named) >= len(stems)
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


@dataclass(frozen=True)
class _Ends:
    """How the names of images and of their masks end, where both have an end of their own.

    Attributes:
        image: as `_sat` of `7_sat.jpg`, whose mask is `7_mask.png`.
        masks: the paths of all masks.
        start: of images, as `img_` of `img_7.png`, whose mask is `seg_7.png`.
    """

    image: str
    masks: frozenset[str]
    start: str = ""


def _find_ends(paths: Sequence[str]) -> _Ends | None:
    """Return the ends of images and masks, or None where files do not go in such pairs.

    Nearly every name of one end has its twin of the other. Masks are called so, by their end or
    their folder, or there are none of them in test.
    """
    of_end: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        if guess_part_of_path(path) not in ("test", "unlabelled", "holdout"):
            stem = path.rpartition("/")[2].rpartition(".")[0]
            found = _END.fullmatch(stem)
            if found is None or found[1] in of_end[found[2]]:
                return None
            of_end[found[2]][found[1]] = path
    if len(of_end) != 2:
        return None
    ends = sorted(of_end, key=lambda end: _is_called_mask(end, of_end[end].values()))
    images, masks = (of_end[end] for end in ends)
    if len(images.keys() & masks.keys()) < _NEARLY_ALL * max(len(images), len(masks)):
        return None
    paired = {*images.values(), *masks.values()}
    test = [path for path in paths if path not in paired]
    if test and not all(path.rpartition(".")[0].endswith(ends[0]) for path in test):
        return None
    if not test and not _is_called_mask(ends[1], masks.values()):
        return None
    return _Ends(ends[0], frozenset(masks.values()))


def _find_starts(root: Path, paths: Sequence[str]) -> _Ends | None:
    """Return what images begin with, where masks begin otherwise and are called so; else None.

    As `IMAGES/img_7.png` and `MASKS/seg_7.png`: nearly every name of one start has its twin, and
    masks look so, as people with a mask do not.
    """
    of_start: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        if guess_part_of_path(path) in ("test", "unlabelled", "holdout"):
            continue
        found = _START.fullmatch(path.rpartition("/")[2].rpartition(".")[0])
        if found is None or found[2] in of_start[found[1]] or len(of_start) > 2:
            return None
        of_start[found[1]][found[2]] = path
    if len(of_start) != 2:
        return None
    starts = sorted(of_start, key=lambda one: _is_called_mask(one, of_start[one].values()))
    images, masks = (of_start[one] for one in starts)
    if len(images.keys() & masks.keys()) < _NEARLY_ALL * max(len(images), len(masks)):
        return None
    if [_is_called_mask(one, of_start[one].values()) for one in starts] != [False, True]:
        return None
    shared = sorted(images.keys() & masks.keys())
    probe = shared[:: max(1, len(shared) // _LOOKED_AT)]
    if not all(_looks_like_mask(root / masks[one], root / images[one]) for one in probe):
        return None
    return _Ends("", frozenset(masks.values()), starts[0])


def _ends_by_look(root: Path, paths: Sequence[str]) -> _Ends | None:
    """Return the ends of images and of the masks of some of them, or None where none look so.

    Each mask lies beside its image, or in a folder of masks, and has its name with another end, or
    with one at all. A mask has few values, and the size of its image, which has many.
    """
    of_end: dict[str, dict[str, str]] = defaultdict(dict)
    for path in paths:
        *folders, name = path.split("/")
        stem = name.rpartition(".")[0]
        found = _END.fullmatch(stem)
        base, end = (stem, "") if found is None else (found[1], found[2])
        base = "/".join([*(one for one in folders if not _is_called_by_kind(one)), base])
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
    probe = list(masks)[:: max(1, len(masks) // _LOOKED_AT)]
    if not all(_looks_like_mask(root / masks[one], root / images[one]) for one in probe):
        return None
    return _Ends(image, frozenset(masks.values()))


def _is_called_by_kind(folder: str) -> bool:
    """Return whether a folder is called after what its files are: images, or masks of them."""
    return is_called(folder, "image", "mask")


_FEWEST_MASKS = 3
_LOOKED_AT = 12
_MOST_VALUES = 16


def _looks_like_mask(mask: Path, image: Path) -> bool:
    """Return whether a file has few values, and the size of an image that has many."""
    try:
        with Image.open(mask) as one, Image.open(image) as other:
            if one.size != other.size or one.width * one.height > _MOST_PIXELS:
                return False
            values, others = (found.getcolors(_MOST_VALUES) for found in (one, other))
    except (OSError, ValueError, SyntaxError):
        return False
    return values is not None and others is None


_MOST_PIXELS = 50_000_000
_END = re.compile(r"(.+?)([_\-. ][A-Za-z]+)")
_START = re.compile(r"([A-Za-z]+[_\-. ])(.*\d.*)")
_NEARLY_ALL = 0.9


def _is_called_mask(end: str, paths: Iterable[str]) -> bool:
    folders = {one for path in paths for one in path.split("/")[:-1]}
    return is_called(end, "mask") or any(map(_is_mask_word, folders))


def ids_without(
    end: str, images: Sequence[ImageFile], start: str = ""
) -> dict[FolderPart, PathIds]:
    """Return the ids of images without the end, and the start, of their names."""
    of_part: dict[FolderPart, list[ImageFile]] = defaultdict(list)
    for image in images:
        if image.part != "mask":
            of_part[image.part].append(image)
    found: dict[FolderPart, PathIds] = {}
    for part, each in of_part.items():
        common = common_folder(each)
        where = filter(None, (common, folders_between(each, common)))
        suffixes = {image.suffix for image in each}
        suffix = suffixes.pop() if len(suffixes) == 1 else ".*"
        pattern = "/".join((*where, f"{start}{{image}}{end}{suffix}"))
        ids = {image.stem.removesuffix(end).removeprefix(start): image for image in each}
        are_so = all(one.stem.startswith(start) and one.stem.endswith(end) for one in each)
        if len(ids) == len(each) and are_so:
            found[part] = PathIds(pattern, "{image}", ids)
    return found


def guess_part_of_path(path: str) -> FolderPart:
    """Return the part of the data that the folders of a path name, the outer ones first."""
    parts = (guess_part(folder) for folder in path.split("/")[:-1])
    return next((part for part in parts if part != "other"), "other")


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
        # Or beside the one image of a folder of its name, as in 17/images/17.png, 17/masks/a.png.
        of_one_image = below[parent] == {parent.rpartition("/")[2]}
        if parent not in negated and (known >= 0.5 * len(names) or of_one_image):
            masks.add(folder)
    failed = {one for one in has_inner - masks if one.rpartition("/")[0] not in negated}
    end = image_ends.pop() if len(image_ends) == 1 else ""
    return frozenset(masks), frozenset(failed), end


def _n_known(stems: Collection[str], images: Collection[str]) -> int:
    """Return how many masks have the name of an image, which more may stand around.

    Or all have its number, with zeros in front: `00007_hair` of `7`.
    """
    n = sum(any(one in images for one, *_ in possible_image_names(stem)) for stem in stems)
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
    sign = _CUT.search(shared)
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


ENOUGH = 0.5
"""The share of a column's cells that must name images for the column to be the id."""
_PROBED = 500


@dataclass(frozen=True)
class JoinedTable:
    """A table with a row for several images, as `data.train.join` has it.

    Attributes:
        key: its column, and how paths make its cells: `patient_id={folder}`.
        unit: the field, or fields, of the paths that name the row.
        id: the template of the images' ids.
        n_rows: of the table.
        test: the pattern of the images to predict, "" without any.
        of_test: the row's name of each image to predict.
    """

    key: str
    unit: str
    id: str
    n_rows: int
    test: str
    of_test: tuple[str, ...]


@dataclass(frozen=True)
class ImageTable:
    """A table whose rows name images."""

    path: str
    """The table, relative to the data folder."""
    table: pd.DataFrame
    id: str
    """The column that names the images."""
    images: tuple[ImageFile | None, ...]
    """The image of each row."""
    template: str
    """From a row to its image, relative to the data folder: `train/{image_id}.jpg`."""
    join: JoinedTable | None = None
    """The table that `table` was joined with, where a row of it is of several images."""
    several: Mapping[str, str] = field(default_factory=dict)
    """Of rows that name several images each: the template of each column that does."""

    @property
    def are_parts(self) -> bool:
        """Whether the names of these columns mean images that belong together."""
        return bool(self.several) and _are_parts(list(self.several))

    @property
    def file_column(self) -> str | None:
        """The column that the template takes the names of files from; None where it has none."""
        fields = Pattern(self.template).fields
        return fields[-1] if fields and fields[-1] in self.table.columns else None

    @property
    def n_found(self) -> int:
        return sum(image is not None for image in self.images)


def match_images(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    parts: Sequence[FolderPart],
    *,
    column: str | None = None,
) -> ImageTable | None:
    """Return the match of rows of `table` to images, or None where no column names images.

    Args:
        folder: with the images.
        path: the table's path, relative to the folder.
        table: its cells, as text.
        parts: the parts of the data whose images may be meant, the preferred one first.
        column: the one that names the images, where it is known; no other is looked for.
    """
    # Each step of an inference asks this of the tables that it finds, which are never changed.
    key = (id(table), path, tuple(parts), column)
    if key not in folder.matches:
        folder.matches[key] = table, _match_images(folder, path, table, parts, column)
    return folder.matches[key][1]


def match_of_train(folder: DataFolder, path: str, table: pd.DataFrame) -> ImageTable | None:
    """Return the match of rows of a table of train to images that are of no other part, or None.

    Args:
        folder, path, table: as of `match_images`.
    """
    return match_images(folder, path, table, ("train", "other"))


def _match_images(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    parts: Sequence[FolderPart],
    column: str | None,
) -> ImageTable | None:
    if table.empty:
        return None
    if column is not None:
        images = _choose(folder, list(table[column]), parts)
        if not any(images):
            return None
        return ImageTable(path, table, column, images, _template(table, column, images))
    probe = table.iloc[:: max(1, len(table) // _PROBED)]
    by_chance = numbers_by_chance(folder, probe)
    shares = _without_numbers(
        folder,
        probe,
        {
            column: 0.0 if column in by_chance else _share(folder, probe[column], parts)
            for column in table.columns
        },
    )
    made = {name for part in folder.path_ids.values() for name in part.ids}
    best = max(
        shares,
        key=lambda column: (
            round(shares[column], 2),
            bool(made) and bool(probe[column].isin(made).all()),
            _looks_like_id(column, table),
        ),
    )
    if shares[best] < ENOUGH:
        return None
    images = _choose(folder, list(table[best]), parts)
    if any(one.template == best for one in folder.path_ids.values()):
        # Of two columns together: the images lie where the ids say.
        of_part = next(image.part for image in images if image is not None)
        return ImageTable(path, table, best, images, folder.path_ids[of_part].pattern)
    several = {best: _made_template(folder, table, best, images)}
    for column in table.columns:
        if column != best and shares[column] >= _EVERY and not is_called(column, "mask"):
            others = _choose(folder, list(table[column]), parts)
            n_other = sum(a != b for a, b in zip(images, others, strict=True))
            # Bare numbers name images by chance.
            known = table[column][table[column] != ""]
            if n_other > ENOUGH * len(table) and not known.str.isdecimal().all():
                several[column] = _template(table, column, others)
    template, unique = several[best], best
    if best.endswith(IN_DATA) and table[best.removesuffix(IN_DATA)].is_unique:
        unique = best.removesuffix(IN_DATA)
    if len(several) == 1:
        several = {}
    elif not table[best].is_unique:
        rest = [name for name in table.columns if name not in several and table[name].is_unique]
        unique = rest[0] if rest else best
    ordered = {name: several[name] for name in table.columns if name in several}
    return ImageTable(path, table, unique, images, template, several=ordered)


def numbers_by_chance(folder: DataFolder, table: pd.DataFrame) -> frozenset[str]:
    """Return the columns of numbers that name files by chance, as `1` does of each `study/1.dcm`.

    They are 0 and 1 in several rows, or repeat beside a column that names a folder in each row.

    Args:
        folder: with the images.
        table: some rows, as text.
    """
    repeated = [
        str(one)
        for one in table.columns
        if not table[one].is_unique and table[one].str.isdecimal().all()
    ]
    bits = {one for one in repeated if set(table[one]) <= {"0", "1"}}
    if len(bits) < len(repeated):
        for one in table.columns:
            named = table[one].isin(folder.folder_names)
            if table[one].is_unique and named.sum() >= _NEARLY_ALL * len(table):
                return frozenset(repeated)
    return frozenset(bits)


def _without_numbers(
    folder: DataFolder, probe: pd.DataFrame, shares: dict[str, float]
) -> dict[str, float]:
    """Return the shares of cells that name images, 0 for numbers that do so by chance.

    As a visit's, 1 to 4, do of `0001.jpg`, beside a column of cells that are the files' own names.
    """
    exact = {
        column: sum(cell in folder.by_last_name for cell in probe[column]) / len(probe)
        for column, share in shares.items()
        if share >= ENOUGH
    }
    if max(exact.values(), default=0.0) < ENOUGH:
        return shares
    by_chance = [
        column
        for column, share in exact.items()
        if share < 1 - ENOUGH and probe[column].str.isdecimal().all()
    ]
    return {**shares, **dict.fromkeys(by_chance, 0.0)}


IN_DATA = "_in_data"
"""The end of a column that was made of another: where the files lie that it names otherwise."""
_EVERY = 0.95
TELLING_PARTS = frozenset({
    "left", "right", "before", "after", "pre", "post", "first", "second", "one", "two", "old",
    "new", "top", "bottom", "front", "back", "frontal", "lateral", "anchor", "positive", "negative",
    "query", "reference", "target", "source", "rgb", "ir", "nir", "thermal", "a", "b", "l", "r",
})  # fmt: skip
"""Words by which columns tell the images of a row apart."""


def _are_parts(columns: Sequence[str]) -> bool:
    """Return whether names differ in nothing but a number, or a word that tells parts apart.

    Example:
        >>> _are_parts(["image1", "image2"]), _are_parts(["image_id", "parent_image_id"])
        (True, False)
    """
    of_part = [[word for word in name_words(one) if word in TELLING_PARTS] for one in columns]
    rest = {tuple(word for word in name_words(one) if word not in TELLING_PARTS) for one in columns}
    return len(rest) == 1 or all(of_part)


def _share(folder: DataFolder, cells: pd.Series[str], parts: Sequence[FolderPart]) -> float:
    named = [any(image.part in parts for image in folder.named(cell)) for cell in cells]
    return sum(named) / len(named)


def _looks_like_id(column: str, table: pd.DataFrame) -> float:
    """Return a higher number for unique columns, and then for those called so."""
    named = bool({"id", "image", "img", "file", "filename", "name"} & set(name_words(column)))
    return table[column].nunique() / len(table) + 0.01 * named


def _choose(
    folder: DataFolder, cells: list[str], parts: Sequence[FolderPart]
) -> tuple[ImageFile | None, ...]:
    """Return one image a cell; where several have the name, the preferred part and folder win."""
    candidates = [[image for image in folder.named(cell) if image.part in parts] for cell in cells]
    by_part = Counter(image.part for images in candidates for image in images)
    by_folder = Counter(image.folder for images in candidates for image in images)
    rank = {part: place for place, part in enumerate(parts)}

    def preference(image: ImageFile) -> tuple[bool, int, int]:
        common = by_part[image.part] >= ENOUGH * len(cells)
        return (not common, rank[image.part], -by_folder[image.folder])

    return tuple(min(images, key=preference, default=None) for images in candidates)


def _template(table: pd.DataFrame, column: str, images: Sequence[ImageFile | None]) -> str:
    """Return the pattern that leads from a row to its image."""
    pairs = [
        (cell, image)
        for cell, image in zip(table[column], images, strict=True)
        if image is not None
    ]
    common = common_folder(image for _, image in pairs)
    # Of two columns together the column is called as they stand in a pattern.
    key = column if "{" in column else f"{{{column}}}"
    if any(cell != image.stem for cell, image in pairs) and all(
        cell == without_zeros(image.stem) for cell, image in pairs
    ):
        # The table has the numbers of the files, without the zeros in front.
        width = len(pairs[0][1].stem)
        pairs = [(image.stem, image) for _, image in pairs]
        key = f"{{{column}:0{width}}}"
    elif (numbered := numbers_behind([image.stem for _, image in pairs])) is not None and all(
        cell == number for (cell, _), number in zip(pairs, numbered.numbers, strict=True)
    ):
        pairs = [(image.stem, image) for _, image in pairs]
        key = f"{numbered.front}{{{column}:0{numbered.width}}}"
    ends = {image.stem.removeprefix(cell) for cell, image in pairs}
    if len(ends) == 1 and all(image.stem.startswith(cell) for cell, image in pairs):
        # All files end alike behind the cell: `{id}_sat.jpg`.
        key += ends.pop()
        pairs = [(image.stem, image) for _, image in pairs]
    suffix = _suffix(pairs)
    if all(
        image.path.endswith("/" + cell + image.suffix * bool(suffix))
        or image.path == cell + image.suffix * bool(suffix)
        for cell, image in pairs
    ):
        starts = {
            image.path[: len(image.path) - len(cell) - len(image.suffix) * bool(suffix)]
            for cell, image in pairs
        }
        if len(starts) == 1:
            return f"{starts.pop()}{key}{suffix}"
    start = f"{common}/" if common else ""
    between = _folder_column(table, images, start)
    between = between or folders_between((image for _, image in pairs), common) or "**"
    return f"{start}{between}/{key}{suffix}"


class NumbersBehind(NamedTuple):
    """Names as `IMG_0012`: the text in front, the digits of each, and the numbers without zeros."""

    front: str
    width: int
    numbers: list[str]


_BEHIND = re.compile(r"([^{}*?\[\]]*[^{}*?\[\]0-9])([0-9]+)")


def numbers_behind(stems: Sequence[str]) -> NumbersBehind | None:
    """Return the numbers behind a text that all names begin with, or None.

    Example:
        >>> numbers_behind(["IMG_0009", "IMG_0010"])
        NumbersBehind(front='IMG_', width=4, numbers=['9', '10'])
    """
    found = [_BEHIND.fullmatch(stem) for stem in stems]
    pairs = [one.groups() for one in found if one is not None]
    fronts, digits = {front for front, _ in pairs}, [number for _, number in pairs]
    if len(pairs) < len(stems) or len(fronts) != 1:
        return None
    width = min(map(len, digits))
    numbers = [without_zeros(number) for number in digits]
    if any(a.zfill(width) != b for a, b in zip(numbers, digits, strict=True)):
        return None
    return NumbersBehind(fronts.pop(), width, numbers)


def _made_template(
    folder: DataFolder, table: pd.DataFrame, column: str, images: Sequence[ImageFile | None]
) -> str:
    """Return the pattern from a row to its image; where one field of paths is the id, with that."""
    for one in folder.path_ids.values():
        named = [one.ids.get(cell) for cell in table[column]]
        own = all(a == b for a, b in zip(named, images, strict=True) if b is not None)
        if one.is_one_field and one.template in one.pattern and any(named) and own:
            other_fields = re.compile(rf"(?!{re.escape(one.template)})\{{\w+\}}")
            return other_fields.sub("*", one.pattern).replace(one.template, f"{{{column}}}")
    return _template(table, column, images)


def _suffix(pairs: Sequence[tuple[str, ImageFile]]) -> str:
    """Return the text after the cell in the file name: nothing, `.jpg`, or `.*`."""
    if all(cell.rpartition("/")[2] == image.name for cell, image in pairs):
        return ""
    suffixes = {image.suffix for _, image in pairs}
    return suffixes.pop() if len(suffixes) == 1 else ".*"


def _folder_column(
    table: pd.DataFrame, images: Sequence[ImageFile | None], start: str
) -> str | None:
    """Return the column whose cell is the folder below `start`, in braces, or None."""
    rows = [row for row, image in enumerate(images) if image is not None]
    below = [image.folder[len(start) :] for image in images if image is not None]
    for column in table.columns:
        if list(table[column].iloc[rows]) == below:
            return f"{{{column}}}"
    return None
