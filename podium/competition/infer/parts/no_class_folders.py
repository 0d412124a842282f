"""Folders that look like class folders, and hold single images or masks.

IMD002/IMD002_Dermoscopic_Image/IMD002.bmp     a folder an image, called as it is
radar/a_7_radar.tif               beside masks and optical/a_7_optical.tif: views of one place
gt_image_2/um_road_000000.png                  few colours: a mask of image_2/um_000000.png
01_GT/SEG/man_seg001.tif          numbered cells, of photographs in 01
a/7_rgb.png a/7_label.png a/7_fg.png           masks, and what is none, beside an image
12_kitchen.jpg 12_frontal.jpg                  pictures of one house, as of each other one
test/kale/1.jpg                                a folder that images to predict lie in, too
red/tile7/low1.png red/tile7/high.png          images that an image is to be made of
ships/ships/1.png scenes/scenes/1.png          archives, of pictures of a size each
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import permutations
from pathlib import PurePosixPath
from typing import NamedTuple

import pandas as pd

from podium.competition.infer.conversions.labels.names.matched_names import how_to_read_names
from podium.competition.infer.conversions.masks.look_folders import look_of_picture
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.labels.cells import numbers_of
from podium.competition.infer.labels.column_names import is_label_name
from podium.competition.infer.masks.search import NAME_AND_END
from podium.competition.infer.parts.folders import ClassFolders, ends_of_folders
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.readme.metrics import find_readme_metrics
from podium.competition.infer.readme.texts import texts_beside
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.languages import is_called
from podium.errors import DataError, plural, some
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES

__all__ = [
    "BESIDE_MASKS",
    "BY_LOOK",
    "BY_WORDS",
    "OF_LABELS",
    "ClassFolderCandidate",
    "refuse_no_classes",
]

_FEWEST_FOLDERS = 10  # of fewer, each may be a class of one image
_FEWEST_THINGS = 4
_PROBED = 8
_MOST_COLOURS = 16
_MOST_FOLDERS = 12
_MOST_KINDS = 6
_SIGN = re.compile(r"[_\-. ]+")


@dataclass(frozen=True)
class ClassFolderCandidate:
    """Folders, or words in names of files, that look like classes, and what is beside them."""

    folder: DataFolder
    found: ClassFolders
    sample: SampleSubmission | None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @cached_property
    def of_class(self) -> dict[str, list[ImageFile]]:
        """The images by class."""
        images: dict[str, list[ImageFile]] = defaultdict(list)
        for label, image in zip(self.found.labels, self.found.images, strict=True):
            images[label].append(image)
        return images

    @cached_property
    def are_sent(self) -> bool:
        """Whether the sample submission has the names of all: then they are classes."""
        if self.sample is None:
            return False
        named = {*self.sample.values}
        if len(self.sample.values) == 1:
            named |= {*self.sample.table[self.sample.values[0]]}
        return {*self.found.classes} <= named


class _NoClasses(NamedTuple):
    """Why folders are no classes, how to go on, and the text that states it; "" without one."""

    told: str
    fix: str
    text: str = ""


def refuse_no_classes(
    candidate: ClassFolderCandidate,
    rules: Sequence[Callable[[ClassFolderCandidate], _NoClasses | None]],
) -> None:
    """Raise what the first of the rules tells of folders that are no classes.

    Args:
        candidate: the folders.
        rules: `BY_LOOK`, of files and their names alone; `OF_LABELS`, of all that is known where
            no masks are; `BESIDE_MASKS`, where some are; `BY_WORDS`, of words in names of files.

    Raises:
        DataError: these folders are no classes, with how to go on.
    """
    for rule in rules:
        if (no_classes := rule(candidate)) is not None:
            raise DataError(
                no_classes.told, where=candidate.folder.path / no_classes.text, fix=no_classes.fix
            )


_LABELS = "write train.csv with the columns image and label"
_ALL_THE_SAME = f"where the folders are classes all the same, {_LABELS}"


def _single_images(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how folders are those of single images, called as they are."""
    if candidate.are_sent or not (told := _of_single_images(candidate.of_class)):
        return None
    return _NoClasses(
        f"{told}: these are no classes, and no table has labels of the images",
        "where files beside an image are its masks, put these into a folder called masks, each "
        f"named as its image; for labels, {_LABELS}",
    )


def _archives(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how folders are archives of pictures of a size each."""
    if candidate.are_sent or not (told := _of_archives(candidate.folder, candidate.of_class)):
        return None
    return _NoClasses(
        f"{told}: these look like archives of two kinds of pictures, and no classes, and no table "
        "has labels of the images",
        f"{_LABELS}; where the folders are the classes, too",
    )


def _kinds(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how files beside an image are its masks."""
    if candidate.are_sent or not (told := _of_kinds(candidate.folder, candidate.found.images)):
        return None
    classes, first = candidate.found.classes, candidate.found.images[0]
    return _NoClasses(
        f"{told}: the folders {some(classes, 3)} are no classes",
        "put the images of all of these folders into one, named by folder, as images/"
        f"{classes[0]}_{first.stem}{first.suffix}, and the mask to learn of each under its name "
        "into a folder called masks beside it, the same with images to predict, and leave out all "
        f"other files; {_ALL_THE_SAME}",
    )


def _masks_of_another(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how a folder has masks of the images of another."""
    pair = None if candidate.are_sent else _masks_and_images(candidate.folder, candidate.of_class)
    if pair is None:
        return None
    masks, images = pair
    first = min(one.path for one in candidate.of_class[masks])
    return _NoClasses(
        f"files in {masks} look like masks of those in {images}: they have few colours, and the "
        f"names and sizes of images there but for a word, as {first}: these folders are no classes",
        f"name each mask as its image, in a folder called masks beside {images}, one mask an "
        f"image, and join files that are bands of one image; {_ALL_THE_SAME}",
    )


def _masks_of_photos(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how folders have masks of photographs elsewhere, by other names."""
    if candidate.are_sent or not (
        told := _flat_beside_photos(candidate.folder, candidate.of_class)
    ):
        return None
    return _NoClasses(
        f"{told}: they look like masks, and the folders {some(candidate.found.classes, 3)} like no "
        "classes, and no mask has the name of an image",
        "name each mask as its image, in a folder called masks beside that of the images, one mask "
        f"an image; {_ALL_THE_SAME}",
    )


def _folders_of_units(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how a table has a row for each folder: these are units, and no classes.

    A table lists the classes where the column of the folders is called as classes are. Where the
    rows of the sample submission are images, the labels lack alone.
    """
    folder, sample = candidate.folder, candidate.sample
    names = set(candidate.found.classes)
    asked = set() if sample is None else {*sample.table[sample.id]}
    by_names = how_to_read_names(folder)
    lacks_labels = by_names and asked <= {
        name for one in folder.of_part("test") for name in (one.stem, one.name)
    }
    for path, table in candidate.tables.items():
        for column in table.columns:
            cells = table[column]
            is_key = cells.is_unique and len(table.columns) > 1 and not is_label_name(str(column))
            if is_key and len(names & set(cells)) >= 0.9 * max(len(names), len(cells)):
                if asked and lacks_labels:
                    return _NoClasses(
                        f"no labels: the rows of {path} are of folders of images, as "
                        f"{min(names)!r}, which are no classes, and it has no column for "
                        f"{some(sample.values if sample else [])}",
                        f"{by_names}; or write train.csv with a row for each image, its file "
                        "and its label",
                    )
                return _NoClasses(
                    f"the rows of {path} are of folders of images ({some(sorted(names), 2)}), and "
                    "nothing tells which of these are to be predicted",
                    f"add a table test.csv with the {column} of each folder to predict, or a "
                    "sample submission with a row for each; or write train.csv and test.csv with "
                    f"a row an image, the columns image and {column}, and the label in train.csv: "
                    f"{column} is data.train.unit then",
                )
    return None


def _folders_of_tables(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how each folder has a table with a row for each of its images: parts, and no classes.

    As `images/harvest 2022` and `sheet_2022.csv`, `images/harvest 2023` and `sheet_2023.csv`, where
    the numbers of images begin anew in each. Of years alone: classes have numbers, too.
    """
    sample, folders, tables = candidate.sample, candidate.found, candidate.tables
    found = list[str]()
    answers = set() if sample is None else {*map(str, sample.table.to_numpy().flat)}
    for name in folders.classes:
        own = {*_YEAR.findall(name)}
        paths = [path for path in tables if own & {*_YEAR.findall(PurePosixPath(path).stem)}]
        if len(paths) != 1 or name in answers:
            return None
        n_rows, n_images = len(tables[paths[0]]), folders.labels.count(name)
        if abs(n_rows - n_images) > _MOST_APART * n_images:
            return None
        found += paths
    each = [tables[path] for path in found]
    if len({*found}) < len(found) or len({tuple(one.columns) for one in each}) > 1:
        return None
    return _NoClasses(
        f"{some(folders.classes)} have a table each, {some(found)}: these folders are parts of the "
        "data, and no classes",
        "write one table, train.csv, with a row for each image: its path and its label, from "
        "these tables",
    )


_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_MOST_APART = 0.1  # rows of a table and images of its folder, as a share of these


def _beside_numbers(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how numbers to send can be no class, where a text scores by their error."""
    folder, found, sample = candidate.folder, candidate.found, candidate.sample
    column = _number_to_send(sample)
    if sample is None or column is None:
        return None
    numbers = numbers_of(sample.table[column])
    assert numbers is not None
    names = {*found.classes, *(one.lstrip("0") for one in found.classes)}
    if names & {*sample.table[column]} or not (numbers > len(found.classes)).all():
        return None
    of_numbers = find_readme_metrics(folder, image_kind("regression"), IMAGES)
    if not of_numbers or find_readme_metrics(folder, image_kind("multiclass"), IMAGES):
        return None
    first = found.images[0]
    return _NoClasses(
        f"{sample.path} asks for numbers ({column}, as {sample.table[column].iloc[0]}), which "
        f"{of_numbers[0].path} scores by the {of_numbers[0].called}, and images lie in "
        f"{plural(len(found.classes), 'folder')} as {first.folder.rpartition('/')[2]}: these are "
        f"no classes, and no table has the {column} of each image",
        f"write train.csv with the columns image and {column}, as {first.path} and its "
        "number; where the names of folders hold the number, write a unit behind it, as "
        "7_412mm, and the unit of the answers into README.md",
    )


def _number_to_send(sample: SampleSubmission | None) -> str | None:
    """Return the column of the sample submission where it asks for one number alone, else None."""
    is_one = sample is not None and len(sample.values) == 1 and sample.has_numbers
    return sample.values[0] if sample is not None and is_one else None


def _folders_of_test(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how images to predict lie in folders of the same names, and a number is to be sent.

    Nobody asks for what the folder tells. A column that a word for labels names may hold codes.
    Where a table has the number, the folders are in nobody's way.
    """
    folder, found, sample = candidate.folder, candidate.found, candidate.sample
    column = _number_to_send(sample)
    if sample is None or column is None:
        return None
    if is_called(column, "label") or {*found.classes} & {*sample.table[column], column}:
        return None
    if any(column in table for table in candidate.tables.values()):
        return None
    to_predict = folder.of_part("test")
    inside = [{*image.folder.split("/")} & {*found.classes} for image in to_predict]
    if not inside or not all(inside) or set.union(*inside) != {*found.classes}:
        return None
    first = to_predict[0]
    return _NoClasses(
        f"images to predict lie in folders called {some(found.classes, 3)}, too, as {first.path}, "
        f"and {sample.path} asks for {column}, a number: these folders are no classes, and no "
        f"table has the {column} of each image",
        f"write train.csv with the columns image and {column}, a row for each image; where "
        "an answer is of several images, train on them by a script of your own; where the folders "
        f"are what {column} asks for, put the images to predict into one folder",
    )


_MADE_OF_IMAGES = re.compile(
    r"\b(?:super ?resolution|c?psnr|ssim|denois(?:ing|e)|deblur(?:ring)?|inpainting|"
    r"image restoration|colou?ri[sz]ation|image to image)\b"
)


def _images_to_make(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return which text tells that an image is to be made of others; no sample names classes."""
    if candidate.sample is not None:
        return None
    for path, text in texts_beside(candidate.folder):
        if (told := _MADE_OF_IMAGES.search(text)) is not None:
            return _NoClasses(
                f"it says {told[0]!r}: an image is to be made of others, and podium predicts "
                "labels, numbers and masks",
                f"where folders are classes all the same, {_LABELS}",
                path,
            )
    return None


def _unlike_sample(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return which column, and no folder, has the answers that the sample asks for.

    They are its columns, or the words in its one column. A table that has the folders' names, too,
    tells how they are called in the sample.
    """
    found, sample = candidate.found, candidate.sample
    if sample is None:
        return None
    is_by_column = len(sample.values) > 1
    told = sample.values if is_by_column else list(sample.table[sample.values[0]])
    asked = {one.lower() for one in map(str, told) if one}
    names = {one.lower() for one in found.classes}
    if not asked or asked & names or (not is_by_column and sample.has_numbers):
        return None
    for path, table in candidate.tables.items():
        cells = {str(one): {cell.lower() for cell in table[one] if cell} for one in table}
        if any(names <= each for each in cells.values()):
            return None
        columns = [
            one
            for one, each in cells.items()
            if (each == asked if is_by_column else asked <= each) and not table[one].is_unique
        ]
        if columns:
            of_sample = "columns" if is_by_column else f"answers in {sample.values[0]}"
            return _NoClasses(
                f"the {of_sample} of {sample.path} ({some(sorted(map(str, {*told})), 4)}) are the "
                f"values of {columns[0]} in {path}, and no folder of images is called so: the "
                f"folders {some(found.classes, 3)} are no classes",
                f"write train.csv with a row for each image, its file and {columns[0]}, and "
                "test.csv with the id of each row to predict and its file; where a row has "
                "several images, a column for each of them",
            )
    return None


def _views_of_words(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how words behind numbers of files are views: each number has a file of each word.

    Never where the sample submission has the words: then they are classes.
    """
    named = candidate.found
    if candidate.sample is not None:
        return None
    words: dict[str, list[str]] = defaultdict(list)
    for label, image in zip(named.labels, named.images, strict=True):
        if not image.stem.endswith(label):
            return None
        words[f"{image.folder}/{image.stem.removesuffix(label)}"].append(label)
    if len(words) < _FEWEST_THINGS or any(
        sorted(one) != sorted(named.classes) for one in words.values()
    ):
        return None
    shown = min(words).rpartition("/")[2]
    return _NoClasses(
        f"each of {plural(len(words), 'beginning')} of names, as {shown}, has a file of each of "
        f"{some(named.classes)}: these look like views of one thing, and no classes, and no table "
        "has labels of the images",
        f"write train.csv with the columns id and label, a row for each beginning (as "
        f"{shown.strip('_-. ')}); where the words are the classes, {_LABELS}",
    )


def _folders_of_views(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how folders beside masks hold a view each: names end with those of their folders."""
    if not (shared := _shared_of_views(candidate)):
        return None
    return _NoClasses(
        f"files of the folders {some(candidate.found.classes)} have the same names but for that of "
        f"the folder, as {min(shared)}, and there are masks: these look like views of one thing, "
        "and no classes",
        f"move all of these folders but one out of the data, as {candidate.found.classes[-1]}; "
        f"where they are the classes, {_LABELS}",
    )


def _folders_of_views_in_test(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how folders without masks hold a view each: images to predict lie in such, too."""
    folder, found = candidate.folder, candidate.found
    of_test = [{*image.folder.split("/")} & {*found.classes} for image in folder.of_part("test")]
    if not (of_test and all(of_test)) or not (shared := _shared_of_views(candidate)):
        return None
    return _NoClasses(
        f"files of the folders {some(found.classes)} have the same names but for that of the "
        f"folder, as {min(shared)}, and images to predict lie in such folders, too: these are "
        "views of one thing, and no classes, and there are no masks and no labels",
        "write masks as PNG files into a folder called masks beside them, each named as "
        f"{min(shared).strip('_-. ')}; or write train.csv with the columns id and label, a row "
        "for each thing",
    )


def _shared_of_views(candidate: ClassFolderCandidate) -> set[str]:
    """Return the beginnings of names that end with those of their folders; nothing with a sample.

    Nearly each is in every folder, as of one place that several devices see.
    """
    if candidate.sample is not None:
        return set()
    things: dict[str, set[str]] = {label: set() for label in candidate.found.classes}
    for label, image in zip(candidate.found.labels, candidate.found.images, strict=True):
        if not image.stem.endswith(label):
            return set()
        things[label].add(image.stem.removesuffix(label))
    return _in_every_folder(things)


def _in_every_folder(things: Mapping[str, set[str]]) -> set[str]:
    """Return what is in every folder, where nearly all of it is; else nothing."""
    shared, every = set.intersection(*things.values()), set.union(*things.values())
    return shared if len(shared) >= max(_FEWEST_THINGS, NEARLY_ALL * len(every)) else set()


_MORE_MASKS = 0.2  # of the names of images: strays


def _folders_of_channels(candidate: ClassFolderCandidate) -> _NoClasses | None:
    """Return how folders in folders, beside masks, hold files of the same names, as test does.

    As `before/HH/7.tif`, `before/HV/7.tif`, `after/HH/7.tif` and `after/HV/7.tif`: images to
    predict lie in no class, and there is one mask for all files of a name.
    """
    folder, found = candidate.folder, candidate.found
    names: dict[str, set[str]] = {label: set() for label in found.classes}
    for label, image in zip(found.labels, found.images, strict=True):
        names[label].add(image.stem)
    shared = _in_every_folder(names)
    of_test = {one.folder.rpartition("/")[2] for one in folder.of_part("test")}
    is_nested = len(found.images) > 1.5 * sum(map(len, names.values()))
    if not shared or not is_nested or not of_test >= names.keys():
        return None
    if len(folder.of_part("mask")) > (1 + _MORE_MASKS) * len(set.union(*names.values())):
        return None
    first = found.images[0]
    return _NoClasses(
        f"files of the folders {some(found.classes)} have the same names, as {min(shared)}, also "
        "of the images to predict, and there are masks: these look like channels of one image, "
        "and no classes",
        "list a pattern for each of these folders in data.train.images and data.test.images, "
        f"the first as '{first.folder}/{{stem}}{first.suffix}', the others alike",
    )


def _of_archives(folder: DataFolder, of_class: dict[str, list[ImageFile]]) -> str:
    """Return how folders that lie in ones of their own name differ by the size of pictures; or "".

    An archive unpacks so; the pictures of a folder have one size, and no two folders have the same.
    """
    sizes = dict[str, tuple[int, int]]()
    for label, images in of_class.items():
        if not all(f"/{label}/{label}/" in f"/{one.folder}/" for one in images):
            return ""
        found = {picture_size(folder.path / one.path) for one in images[:: len(images) // 8 + 1]}
        if len(found) != 1 or None in found:
            return ""
        sizes[label] = next(one for one in found if one is not None)
    if len(set(sizes.values())) < len(sizes):
        return ""
    shown = [f"{label} of {height} × {width}" for label, (height, width) in sorted(sizes.items())]
    return f"pictures in {' and '.join(shown[:3])} pixels lie in folders twice of one name"


def _of_single_images(of_class: dict[str, list[ImageFile]]) -> str:
    """Return how most folders show that each is of one image; "" where they do not."""
    if len(of_class) < _FEWEST_FOLDERS:
        return ""
    enough = NEARLY_ALL * len(of_class)
    shown = some(sorted(of_class), 2)
    every = [image for images in of_class.values() for image in images]
    if (ends := ends_of_folders(every)) and len({one.folder for one in every}) == len(of_class):
        return (
            f"each of {plural(len(of_class), 'folder')} as {shown} has the same "
            f"{plural(len(ends), 'file')}, called as the folder and with "
            f"{some(ends, 3)} behind"
        )
    n_named = sum(label in {one.stem for one in images} for label, images in of_class.items())
    if n_named >= enough:
        return f"each of {plural(n_named, 'folder')} as {shown} has an image of its own name"
    n_single = sum(len(images) == 1 for images in of_class.values())
    if n_single >= enough:
        return f"{n_single:,} of {plural(len(of_class), 'folder')} as {shown} have one image each"
    return ""


def _of_kinds(folder: DataFolder, images: Sequence[ImageFile]) -> str:
    """Return which kinds of files each name has, where one has masks of another; "" without such.

    As `plant2_rgb.png` beside `plant2_label.png` and `plant2_fg.png`.
    """
    kinds: dict[str, dict[str, ImageFile]] = defaultdict(dict)
    for image in images:
        found = NAME_AND_END.fullmatch(image.stem)
        if found is None or (found[2] not in kinds and len(kinds) == _MOST_KINDS):
            return ""
        kinds[found[2]][f"{image.folder}/{found[1]}"] = image
    names = set().union(*kinds.values())
    shared = sorted(name for name in names if all(name in one for one in kinds.values()))
    if len(kinds) < 2 or len(shared) < max(_FEWEST_THINGS, NEARLY_ALL * len(names)):
        return ""
    probe = shared[:: max(1, len(shared) // _PROBED)]
    for masks, photos in permutations(kinds, 2):
        if _are_masks_of(folder, [(kinds[masks][one], kinds[photos][one]) for one in probe]):
            first = kinds[masks][shared[0]].path
            return (
                f"each of {plural(len(shared), 'name')} has files that end with {some(kinds, 4)}, "
                f"of which those with {masks!r} look like masks, as {first}"
            )
    return ""


def _flat_beside_photos(folder: DataFolder, of_class: Mapping[str, Sequence[ImageFile]]) -> str:
    """Return how pictures of folders are flat, where those of others are photographs as large.

    As the numbered cells `01_GT/SEG/man_seg001.tif` of the photographs `01/t001.tif`; "" where they
    are not, or some folder has both.
    """
    if len(of_class) > _MOST_FOLDERS:
        return ""
    own = {image.path for images in of_class.values() for image in images}
    rest = [one for one in folder.of_part("train", "other") if one.path not in own]
    groups = [images for images in (*of_class.values(), rest) if images]
    firsts = [images[0].path for images in groups]
    if not any(_is_called_after(one, other) for one in firsts for other in firsts):
        return ""  # before any picture is opened
    flat, photos = dict[str, set[tuple[int, int]]](), dict[str, set[tuple[int, int]]]()
    for images in groups:
        probes = images[:: max(1, len(images) // _PROBED)]
        looks = [look_of_picture(folder.path / one.path) for one in probes]
        known = [one for one in looks if one is not None]
        if not known and images is rest:
            continue
        n_plain = sum(len(one.values) == 1 for one in known)
        is_flat = all(len(one.values) <= _MOST_COLOURS and one.is_single for one in known)
        if is_flat and 2 * n_plain <= len(known):
            if images is not rest:
                flat[images[0].path] = {one.size for one in known}
        elif all(len(one.values) > one.most for one in known):
            photos[images[0].path] = {one.size for one in known}
        else:
            return ""
    if not flat or not photos or set.union(*flat.values()) != set.union(*photos.values()):
        return ""
    if not any(_is_called_after(one, other) for one in flat for other in photos):
        return ""
    return (
        f"pictures as {next(iter(flat))} have few values each, and others as large, as "
        f"{next(iter(photos))}, have many"
    )


def _is_called_after(path: str, other: str) -> bool:
    """Return whether a folder is called as one of the other path with a word more: `01_GT`."""
    own, theirs = (one.split("/")[:-1] for one in (path, other))
    return any({*_SIGN.split(name)} < {*_SIGN.split(longer)} for name in theirs for longer in own)


def _masks_and_images(
    folder: DataFolder, of_class: dict[str, list[ImageFile]]
) -> tuple[str, str] | None:
    """Return the folder of masks and those of their images, or None.

    Nearly every name of the first is a name in the others with a word put in, or left out; files
    that are probed are as large and of few colours, where the others have many.
    """
    if len(of_class) > _MOST_FOLDERS:
        return None
    stems = {
        label: {tuple(_SIGN.split(one.stem)): one for one in images}
        for label, images in of_class.items()
    }
    for masks, named in stems.items():
        others = [label for label in stems if label != masks]
        every = {words: one for label in others for words, one in stems[label].items()}
        for images, known in (*((one, stems[one]) for one in others), (some(others, 3), every)):
            pairs = [(file, at) for words, file in named.items() if (at := _shorter(words, known))]
            if not pairs:
                of_bands = {
                    at.path: (at, file)
                    for words, file in known.items()
                    if (at := _shorter(words, named))
                }
                pairs = [*of_bands.values()]  # as `7_red` and `7_green` of one mask `7`
            if len(pairs) < max(_PROBED, NEARLY_ALL * len(named)):
                continue
            # Names as `1_a` and `1_b` would lead from every file to every image.
            each = Counter(image.path for _, image in pairs)
            if len(each) < min(len(known), len(named)) / 2:
                continue
            probes = pairs[:: max(1, len(pairs) // _PROBED)]
            if _are_masks_of(folder, probes):
                return masks, images
    return None


def _shorter(words: tuple[str, ...], known: dict[tuple[str, ...], ImageFile]) -> ImageFile | None:
    """Return the file whose name is all of these words but one, the last one at best.

    The number of an object stands behind the name of its image: `52_1` is of 52, and not of 1.
    """
    ways = (words[:n] + words[n + 1 :] for n in reversed(range(len(words))))
    return next((known[one] for one in ways if one in known), None)


def _are_masks_of(folder: DataFolder, pairs: Sequence[tuple[ImageFile, ImageFile]]) -> bool:
    """Return whether the first of each pair is a mask, by its look, and the second an image."""
    every: set[int] = set()
    n_plain = 0
    for mask, image in pairs:
        one, other = (look_of_picture(folder.path / each.path) for each in (mask, image))
        if one is None or other is None or one.size != other.size:
            return False
        if len(other.values) <= _MOST_COLOURS:
            return False
        every |= one.values
        n_plain += len(one.values) == 1
    # Drawings have each their own colours, and blank pictures one.
    return len(every) <= _MOST_COLOURS and 2 * n_plain <= len(pairs)


BY_LOOK = (_single_images, _archives, _kinds, _masks_of_another, _masks_of_photos)
OF_LABELS = (
    _folders_of_units,
    _folders_of_tables,
    *BY_LOOK,
    _unlike_sample,
    _beside_numbers,
    _folders_of_test,
    _images_to_make,
    _folders_of_views_in_test,
)
BESIDE_MASKS = (_folders_of_channels, _folders_of_views)
BY_WORDS = (_views_of_words,)
