"""Class folders: labels, and perhaps groups, from the names of the folders that hold the images."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from podium.competition.infer.files import DataFolder, ImageFile, common_folder
from podium.competition.infer.labels import sort_classes

__all__ = [
    "ClassFolders",
    "Plain",
    "are_groups",
    "find_class_folders",
    "id_template",
    "pattern_of",
    "plain_images",
]


@dataclass(frozen=True)
class ClassFolders:
    """Images sorted into a folder for each class."""

    images: tuple[ImageFile, ...]
    labels: list[str]
    """The class of each image."""
    pattern: str
    """Relative to the data folder: `train/{class}/*.jpg`, `train/{class}/{folder}/*.jpg`."""
    id: str
    classes: list[str]
    grouped: str | None
    """Why the folders inside (or around) the class folders are groups; None without any."""
    notes: list[str]


@dataclass(frozen=True)
class Plain:
    """Images without labels."""

    images: tuple[ImageFile, ...]
    pattern: str
    """Relative to the data folder: `train/*.jpg`, `train/{folder}/*.jpg`."""
    id: str
    grouped: str | None
    """Why the folders that hold the images are groups; None without any."""


def are_groups(names: Sequence[str]) -> bool:
    """Return whether folders are called as patients or scenes are: many, with numbers in them."""
    numbered = sum(bool(re.search(r"\d", name)) for name in names)
    return len(names) > 10 and numbered >= 0.8 * len(names)


def plain_images(images: Sequence[ImageFile], wanted: Sequence[str]) -> Plain:
    """Return a pattern for images without labels; ids as `wanted` has them where it has any."""
    common = common_folder(images)
    start = f"{common}/" if common else ""
    below = [image.folder[len(start) :] for image in images if image.folder != common]
    grouped = None
    if (
        len(below) == len(images)
        and not any("/" in one for one in below)
        and are_groups(sorted(set(below)))
    ):
        grouped = _why_grouped([[one] for one in below], 0, 0)
    pattern = pattern_of(images)
    if grouped is not None:
        pattern = f"{start}{{folder}}/*{_one_suffix(images)}"
    return Plain(tuple(images), pattern, id_template(images, wanted), grouped)


def find_class_folders(folder: DataFolder) -> ClassFolders | None:
    """Return the class folders of the train part, or of all images that are in no other part."""
    images = folder.of_part("train") or folder.of_part("other")
    if not images:
        return None
    common = common_folder(images)
    start = f"{common}/" if common else ""
    levels = [
        image.folder[len(start) :].split("/") if image.folder != common else [] for image in images
    ]
    depths = Counter(map(len, levels))
    depth = depths.most_common(1)[0][0]
    if depth == 0:
        return None
    kept = [
        (image, level) for image, level in zip(images, levels, strict=True) if len(level) == depth
    ]
    notes = []
    if len(kept) < len(images):
        left = len(images) - len(kept)
        notes.append(
            f"{left:,} images do not lie {depth} folders below {start or 'data'}: left out"
        )
    place, group_place = _class_level([level for _, level in kept], depth)
    names = ["*"] * depth
    names[place] = "{class}"
    grouped = None
    if group_place is not None:
        names[group_place] = "{folder}"
        grouped = _why_grouped([level for _, level in kept], place, group_place)
    labels = [level[place] for _, level in kept]
    classes = sort_classes(labels)
    if len(classes) < 2:
        return None
    chosen = tuple(image for image, _ in kept)
    pattern = f"{start}{'/'.join(names)}/*{_one_suffix(chosen)}"
    if grouped is None:
        notes += _hint_of_names(chosen, classes, folder.spell(pattern))
    return ClassFolders(chosen, labels, pattern, id_template(chosen), classes, grouped, notes)


def pattern_of(images: Sequence[ImageFile]) -> str:
    """Return a pattern that finds the images, relative to the data folder."""
    common = common_folder(images)
    start = f"{common}/" if common else ""
    deep = "**/" if any(image.folder != common for image in images) else ""
    return f"{start}{deep}*{_one_suffix(images)}"


def id_template(images: Sequence[ImageFile], wanted: Sequence[str] = ()) -> str:
    """Return how ids follow from paths: as `wanted` has them, else the shortest that is unique."""
    if wanted:
        ids = set(wanted)
        for template, names in (
            ("{stem}", {image.stem for image in images}),
            ("{name}", {image.name for image in images}),
        ):
            if len(ids & names) >= 0.5 * min(len(ids), len(names)):
                return template
    for template, listed in (
        ("{stem}", [image.stem for image in images]),
        ("{name}", [image.name for image in images]),
    ):
        if len(set(listed)) == len(listed):
            return template
    return "{path}"


def _one_suffix(images: Sequence[ImageFile]) -> str:
    suffixes = {image.suffix for image in images}
    return suffixes.pop() if len(suffixes) == 1 else ""


def _class_level(levels: list[list[str]], depth: int) -> tuple[int, int | None]:
    """Return which level of folders is the class, and which one, if any, a group.

    The class is the level whose names come back under other parents; else the outer one.
    """
    if depth == 1:
        return 0, None
    distinct = [len({level[place] for level in levels}) for place in range(depth)]
    parents: dict[str, set[str]] = defaultdict(set)
    for level in levels:
        parents[level[1]].add(level[0])
    recurs = sum(len(found) > 1 for found in parents.values()) > 0.5 * len(parents)
    place, other = (1, 0) if recurs and distinct[1] < distinct[0] else (0, 1)
    return place, other if distinct[other] > 1 else None


def _why_grouped(levels: list[list[str]], place: int, group_place: int) -> str | None:
    sizes = Counter(level[group_place] for level in levels)
    repeated = sum(size for size in sizes.values() if size > 1)
    if len(sizes) < 4 or repeated < 0.5 * len(levels):
        return None
    side = "inside the class folders" if group_place > place else "around the class folders"
    if group_place == place:
        side = "without class names"
    return (
        f"{len(sizes):,} folders {side} over {len(levels):,} images: images "
        "of one folder are often one patient, scene or video, and must not cross folds"
    )


def _hint_of_names(images: Sequence[ImageFile], classes: list[str], pattern: str) -> list[str]:
    """Return a note when file names look like `<something>_<number>`, as frames of one thing do."""
    found = [re.fullmatch(r"(.+)([_-])[^_-]*", image.stem) for image in images]
    prefixes = Counter(match[1] for match in found if match is not None)
    signs = Counter(match[2] for match in found if match is not None)
    repeated = sum(size for size in prefixes.values() if size > 1)
    if len(prefixes) <= 2 * len(classes) or repeated < 0.8 * len(images):
        return []
    start, _, end = pattern.rpartition("/*")
    written = f"{start}/{{group}}{signs.most_common(1)[0][0]}*{end}"
    return [
        f"file names share {len(prefixes):,} beginnings (such as {next(iter(prefixes))!r}): if one "
        f"beginning is one patient, scene or video, write images: '{written}' under data.train, "
        "and folds: {scheme: stratified_group, group: group}"
    ]
