"""The content of a data folder: images with the part they seem to belong to, tables, archives."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

import pandas as pd

from podium.competition.ids.patterns import without_zeros
from podium.competition.infer.ids.keys import common_start
from podium.competition.languages import Meaning, is_called, meaning_words
from podium.competition.spelling import name_words, plain_spelling
from podium.errors import plural

if TYPE_CHECKING:
    from podium.competition.infer.image_tables import ImageTable

__all__ = [
    "CUT",
    "OF_TRAIN",
    "DataFolder",
    "FolderPart",
    "ImageFile",
    "NamedFiles",
    "PathIds",
    "common_folder",
    "common_parent",
    "folder_levels",
    "folders_between",
    "guess_part",
    "guess_part_of_path",
    "ids_without",
    "images_below",
    "is_piece",
    "is_test_table",
    "letters_behind_numbers",
    "may_be_train_table",
    "named_as_images",
    "one_suffix",
    "possible_image_names",
    "split_field",
    "unread_masks",
    "without_part",
]

FolderPart = Literal["train", "test", "unlabelled", "holdout", "mask", "other"]
OF_TRAIN: tuple[FolderPart, ...] = ("train", "other")
"""The parts of images to learn from: those in a folder that tells no part are, too."""

CUT = re.compile(r"[_\-. ]+")


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
    beside: tuple[str, ...] = ()
    """Pictures that are none of `images`, as they are not named as the files of one."""
    by_folder: bool = False
    """Whether `channels` are the folders that each hold a file of every image."""
    above_channels: int | None = None
    """How many folders lie above these, where parts lie inside them; `images` are named without."""
    called_by_folder: str = "{stem}"
    """What a file in such a folder is called, as `{stem}_{channel}`; `images` have the stem."""
    sample_mask: str = ""
    """The name of the mask in the folder of an image of train, where it lies there."""
    jsons: tuple[str, ...] = ()
    books: tuple[str, ...] = ()
    """Workbooks of spreadsheets."""
    made: frozenset[str] = frozenset()
    """Tables, and folders with / behind, that lie in the workspace, by their paths there."""
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
    stations: frozenset[str] = frozenset()
    """Names of folders that are stations or cameras, whose readings a table has: no classes."""
    withdrawn: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Names of folders that a text asks not to use, with its words and the paths of their images,
    which are none of `images`."""

    @cached_property
    def common_folder(self) -> str:
        """The deepest folder that all files lie in, as of a zip of a folder; `""` without one."""
        every = [*(image.path for image in self.images), *self.tables, *self.others]
        return common_parent(path.rpartition("/")[0] for path in every)

    def with_part(self, part: FolderPart, paths: Collection[str]) -> DataFolder:
        """Return the folder with the images of these paths as of a part."""
        images = (one._replace(part=part) if one.path in paths else one for one in self.images)
        return replace(self, images=tuple(images))

    def without(self, paths: Collection[str]) -> DataFolder:
        """Return the folder without the images of these paths."""
        return replace(self, images=tuple(one for one in self.images if one.path not in paths))

    def put_beside(self, paths: Collection[str]) -> DataFolder:
        """Return the folder with these pictures beside its images, and not among them."""
        return replace(self.without(paths), beside=(*self.beside, *sorted(paths)))

    def spell(self, path: str) -> str:
        """Return a path below the folder as `competition.yaml` has it."""
        if path in self.made or path.startswith(tuple(one for one in self.made if one[-1:] == "/")):
            return path  # a table of the workspace, or files in a folder of it
        return "/".join(filter(None, (self.spelt if self.spelt != "." else "", path)))

    def of_part(self, *parts: FolderPart) -> list[ImageFile]:
        return [image for image in self.images if image.part in parts]

    @property
    def train_images(self) -> list[ImageFile]:
        """The images of train; where no folder is called so, those whose folders tell no part."""
        return self.of_part("train") or self.of_part("other")

    @cached_property
    def matches(self) -> dict[tuple[object, ...], tuple[pd.DataFrame, ImageTable | None]]:
        """What `match_images` found, each with its table, so that no other one gets its id."""
        return {}

    @cached_property
    def texts_read(self) -> dict[tuple[bool, bool], list[tuple[str, str]]]:
        """What `texts_beside` read, by line and by item or not."""
        return {}

    @cached_property
    def scripts(self) -> tuple[str, ...]:
        """The Python files in the folder itself, or in the one that all files lie in."""
        places = ("", self.common_folder)
        python = (path for path in self.others if path.endswith(".py"))
        return tuple(path for path in python if path.rpartition("/")[0] in places)

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
        parts = [
            f"{plural(count, 'image')} in {folder}" for folder, count in folders.most_common(4)
        ]
        parts += [] if len(folders) <= 4 else [f"{len(folders) - 4} more folders with images"]
        places = Counter(path.rpartition("/")[0] or "the folder itself" for path in self.beside)
        parts += [
            f"{plural(count, 'picture')} in {where}, not named as the files of an image"
            for where, count in places.most_common(4)
        ]
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
        return f"{plural(len(self.paths), 'file')} {self.pattern}"


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


def is_piece(name: str) -> bool:
    """Return whether a folder is called as one of the pieces that a part came in.

    Example:
        >>> [is_piece(one) for one in ("part1", "Teil_2", "0001-1000", "patient_3")]
        [True, True, True, False]
    """
    found = _PIECE.fullmatch(plain_spelling(name))
    return found is not None and found["word"] in {None, *meaning_words("piece")}


_PIECE = re.compile(r"(?P<word>[^\W\d_]+)[-_ ]*\d+|\d+ *[-_] *\d+")


def images_below(images: Iterable[ImageFile]) -> dict[str, dict[str, list[ImageFile]]]:
    """Return the images below each folder, by the place that it lies in and its name.

    The place is "" for the data folder itself.
    """
    found: dict[str, dict[str, list[ImageFile]]] = defaultdict(lambda: defaultdict(list))
    for image in images:
        names = image.folder.split("/") if image.folder else []
        for depth, name in enumerate(names):
            found["/".join(names[:depth])][name].append(image)
    return found


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


_CALLED_TO_PREDICT = frozenset(
    {"blind", "final", "hidden", "holdout", "query", "quiz", "unknown", "unseen"}
)
"""Words of lists of images to predict, which may be other names elsewhere, as of folders."""


def is_called_to_predict(name: str) -> bool:
    """Return whether a list, or a mark of rows, is called as what is to be predicted.

    Example:
        >>> [is_called_to_predict(one) for one in ("quiz", "to_predict", "évaluation", "north")]
        [True, True, True, False]
    """
    is_word = bool(_CALLED_TO_PREDICT & set(name_words(name)))
    return is_word or is_called(name, "test", "to predict", "evaluation", "validation")


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
    cuts = list(CUT.finditer(stem))
    for cut in reversed(cuts):
        yield stem[: cut.start()], "", stem[cut.start() :]
    for cut in cuts:
        yield stem[cut.end() :], stem[: cut.end()], ""


def letters_behind_numbers(stems: Collection[str]) -> str:
    """Return the letters that all names end with, behind a number each; "" without such.

    Example:
        >>> letters_behind_numbers(["0001m", "0002m"]), letters_behind_numbers(["1a", "1b"])
        ('m', '')
    """
    ends = {"" if one is None else one[1] for one in map(_LETTERS_BEHIND.fullmatch, stems)}
    return ends.pop() if len(ends) == 1 else ""


_LETTERS_BEHIND = re.compile(r".*\d([^\W\d_]+)")


def one_suffix(images: Iterable[ImageFile], *, otherwise: str = "") -> str:
    """Return the ending that all files have; `otherwise` where they have several."""
    suffixes = {image.suffix for image in images}
    return suffixes.pop() if len(suffixes) == 1 else otherwise


class FolderLevels(NamedTuple):
    """The folders of images that lie equally deep below a common one."""

    of_images: list[list[str]]
    """Of each image, from the common folder on."""
    places: list[int]
    """The levels that differ: one that all share, as in `{folder}/images/*.png`, tells nothing."""
    pattern: str
    """Of the images, with a field for each level that differs."""

    @property
    def names(self) -> list[str]:
        """The names of the folders of the level that differs; [] where several do."""
        if len(self.places) != 1:
            return []
        return sorted({one[self.places[0]] for one in self.of_images})

    def with_names(self, names: Sequence[str]) -> list[str]:
        """Return the name of each image behind those of its folders that differ: `part_2/7`."""
        pairs = zip(self.of_images, names, strict=True)
        return ["/".join((*(of[n] for n in self.places), name)) for of, name in pairs]


def folder_levels(images: Sequence[ImageFile]) -> FolderLevels | None:
    """Return the folders of images below their common one; None where not all lie equally deep."""
    common = common_folder(images)
    start = f"{common}/" if common else ""
    below = [image.folder[len(start) :] for image in images if image.folder != common]
    levels = [one.split("/") for one in below]
    if len(levels) < len(images) or len({len(level) for level in levels}) != 1:
        return None
    places = [n for n, names in enumerate(zip(*levels, strict=True)) if len({*names}) > 1]
    spelt = list(levels[0])
    for number, place in enumerate(places, start=1):
        spelt[place] = "{folder}" if number == 1 else f"{{folder{number}}}"
    return FolderLevels(levels, places, f"{start}{'/'.join(spelt)}/*{one_suffix(images)}")


def ids_without(
    end: str, images: Sequence[ImageFile], start: str = ""
) -> dict[FolderPart, PathIds]:
    """Return the ids of images without the end, and the start, of their names.

    Where such names come back in several folders, these stand in front: `part_2/7`.
    """
    of_part: dict[FolderPart, list[ImageFile]] = defaultdict(list)
    for image in images:
        if image.part != "mask":
            of_part[image.part].append(image)
    found: dict[FolderPart, PathIds] = {}
    for part, each in of_part.items():
        common = common_folder(each)
        where = filter(None, (common, folders_between(each, common)))
        suffix = one_suffix(each, otherwise=".*")
        pattern = "/".join((*where, f"{start}{{image}}{end}{suffix}"))
        names = [image.stem.removesuffix(end).removeprefix(start) for image in each]
        if not all(one.stem.startswith(start) and one.stem.endswith(end) for one in each):
            continue
        if len({*names}) == len(each):
            found[part] = PathIds(pattern, "{image}", dict(zip(names, each, strict=True)))
        elif (levels := folder_levels(each)) is not None:
            ids = dict(zip(levels.with_names(names), each, strict=True))
            where_each = levels.pattern.rpartition("/")[0]
            pattern = f"{where_each}/{start}{{image}}{end}{suffix}"
            fields = [one for one in where_each.split("/") if one.startswith("{")]
            if len(ids) == len(each):
                found[part] = PathIds(pattern, "/".join((*fields, "{image}")), ids)
    return found


def guess_part_of_path(path: str) -> FolderPart:
    """Return the part of the data that the folders of a path name, the outer ones first."""
    parts = (guess_part(folder) for folder in path.split("/")[:-1])
    return next((part for part in parts if part != "other"), "other")
