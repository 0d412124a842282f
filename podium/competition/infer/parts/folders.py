"""Images in folders: class folders, plain ones, and the pattern and ids of each."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.conversions.masks.look_folders import values_of_two
from podium.competition.infer.encodings import read_text
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    PathIds,
    common_folder,
    folder_levels,
    folders_between,
    guess_part,
    is_piece,
    one_suffix,
    split_field,
    without_part,
)
from podium.competition.infer.groups.columns import GroupColumn
from podium.competition.infer.ids.keys import common_start, without_common_start
from podium.competition.infer.labels.cells import sort_classes
from podium.competition.infer.labels.column_names import RATING_WORDS
from podium.competition.infer.labels.negatives import positive_class
from podium.competition.infer.parts.marked_copies import find_marked_copies
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.languages import Meaning, is_called
from podium.competition.spelling import name_words, plain_spelling
from podium.errors import DataError, either, plural, some

__all__ = [
    "IMAGE_ID",
    "PLAIN_IDS",
    "ClassFolders",
    "PlainImages",
    "are_groups",
    "are_ids",
    "ends_of_folders",
    "find_class_folders",
    "find_named_classes",
    "go_on_in_test",
    "id_of",
    "id_template",
    "images_of_path_ids",
    "pattern_of",
    "plain_images",
    "why_places",
]

PLAIN_IDS = ("{stem}", "{name}", "{path}")

IMAGE_ID = "{image}"  # no column of a table is called so


def id_of(image: ImageFile, template: str, pattern: str) -> str:
    """Return the id that a template of its path gives an image: `{stem}`, `{name}`, `{path}`."""
    if template == "{path}":
        return image.path[len(Pattern(pattern).fixed_part) :].lstrip("/")
    return image.stem if template == "{stem}" else image.name


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
    group: GroupColumn | None
    """The folders inside (or around) the class folders, where they are groups."""
    notes: list[str]
    other: tuple[str, list[str]] | None = None
    """The pattern and the classes where the other level of folders is the class, if that fits."""


@dataclass(frozen=True)
class PlainImages:
    """Images without labels."""

    images: tuple[ImageFile, ...]
    pattern: str
    """Relative to the data folder: `train/*.jpg`, `train/{folder}/*.jpg`."""
    id: str
    group: GroupColumn | None
    """The field of the pattern that holds the images' folders, where these are groups."""
    ids: tuple[str, ...] = ()
    """Of the images, where they are made of several parts of the paths."""


def are_groups(names: Sequence[str]) -> bool:
    """Return whether folders are called as patients or scenes are: many, with numbers in them."""
    numbered = sum(bool(re.search(r"\d", name)) for name in names)
    return len(names) > 10 and numbered >= 0.8 * len(names)


def go_on_in_test(folder: DataFolder, names: Sequence[str]) -> bool:
    """Return whether folders are numbered, and test has further numbers alone: no classes are so.

    As `train/plate_17`, `train/plate_18` and `test/plate_20`.
    """
    front = re.sub(r"\d+$", "", common_start(names))
    others = {
        one
        for image in folder.of_part("test")
        for one in image.folder.split("/")
        if re.fullmatch(rf"{re.escape(front)}\d+", one)
    }
    are_numbered = all(re.fullmatch(rf"{re.escape(front)}\d+", one) for one in names)
    return bool(front and others) and are_numbered and others.isdisjoint(names)


def _are_called_as_groups(names: Sequence[str]) -> bool:
    return are_groups(names) or _have_group_word(names) or _are_codes(names)


def _have_group_word(names: Sequence[str]) -> bool:
    """Return whether the names of folders begin with a word for a group: `Patient1`, `scene_07`."""
    return is_called(common_start(names), "group")


_CODE = re.compile(r"\d{3}")


def _are_codes(names: Sequence[str]) -> bool:
    """Return whether every name of a folder has a number as codes of patients have it."""
    return len(names) > 1 and all(_CODE.search(name) for name in names)


def _are_counted(names: Sequence[str]) -> bool:
    """Return whether folders are called by one word and the numbers from the first one on.

    As `kos01`, `kos02`, …, where no word for a class stands before the number.
    """
    front = re.sub(r"\d+$", "", common_start(names))
    numbers = [one.removeprefix(front) for one in names]
    ranks = RATING_WORDS | {"type", "kind"}
    if len(names) < _FEWEST_COUNTED or is_called(front, "label") or ranks & {*name_words(front)}:
        return False
    if not front or not all(one.isdecimal() for one in numbers):
        return False
    counted = sorted(map(int, numbers))
    return counted == list(range(counted[0], counted[0] + len(counted)))


_FEWEST_COUNTED = 4


def why_places(folder: DataFolder, names: Sequence[str]) -> str:
    """Return why folders of images that have masks are places or patients, and no classes; or "".

    They are called as patients are, by a code or a word; or the images of validation and of test
    lie in folders of others' names, as towns are.

    Args:
        names: of the folders of train.
    """
    others = {
        level
        for image in folder.of_part("test", "holdout")
        for level in _below_part(image.folder)
        if not is_called(level, "image", "mask")
    }
    shown = some(sorted(names), 2)
    rest = "where they are classes, write tasks: {classify: multiclass} and {class} in their place"
    if told := _parts_of_names(folder, names):
        return (
            f"folders as {shown} are no classes, as {told} tell the parts of the data by them; "
            f"{rest}"
        )
    if any(is_called(name, "augmented") for name in names):
        return f"folders as {shown} are images and augmented copies of them, and no classes; {rest}"
    if _are_codes(names) or _have_group_word(names) or _are_counted(names):
        return f"folders as {shown} are called as patients or scenes are, and no classes; {rest}"
    if len(others) > 1 and others.isdisjoint(names):
        return (
            f"folders as {shown} are taken for places, and no classes, as images of validation and "
            f"test lie in others ({some(sorted(others), 2)}); {rest}"
        )
    if any(one.template == IMAGE_ID for one in folder.path_ids.values()):
        return (
            f"folders as {shown} are not taken for classes, as images and masks have ends of their "
            "own, and ids are what stands before these: where they are classes, write train.csv "
            "with the columns image, label and mask"
        )
    return ""


def _parts_of_names(folder: DataFolder, names: Sequence[str]) -> str:
    """Return the texts that part these folders into train and others, a line each; "" without."""
    parts: dict[str, set[str]] = {}
    for path in folder.texts:
        part = guess_part(Path(path).stem)
        if part in ("other", "mask") or (folder.path / path).stat().st_size > _LARGEST_LIST:
            continue
        lines = {one.strip() for one in read_text(folder.path / path, folder).splitlines()} - {""}
        if lines and lines <= {*names}:
            parts[path] = lines
    every = [*parts.values()]
    apart = len(every) > 1 and sum(map(len, every)) == len(set().union(*every))
    return some(sorted(parts), 3) if apart else ""


def _below_part(folder: str) -> list[str]:
    """Return the levels of folders inside the one that is called as a part of the data."""
    levels = folder.split("/")
    place = next((n for n, one in enumerate(levels) if guess_part(one) != "other"), len(levels))
    return levels[place + 1 :]


def plain_images(images: Sequence[ImageFile], expected: Sequence[str]) -> PlainImages:
    """Return a pattern for images without labels; ids as `expected` has them where it has any."""
    group, pattern, levels = None, pattern_of(images), folder_levels(images)
    if levels is not None:
        names = levels.names
        if _are_called_as_groups(names):
            group = _group_of_folders(levels.of_images, levels.places[0], levels.places[0])
        if group is not None or len({image.stem for image in images}) < len(images):
            # Where names repeat, the folders tell an image, and its mask, from others.
            pattern = levels.pattern
    return PlainImages(tuple(images), pattern, id_template(images, expected), group)


_IN_FRONT = re.compile(r"(?P<name>.*[A-Za-z][^-_. ]*)(?P<sign>[-_. ]+)\d+")

_BEHIND = re.compile(r"\d+(?P<sign>[-_. ]+)(?P<name>.*[A-Za-z].*)")

_NUMBER_IN_FRONT = re.compile(r"(?P<name>\d{1,4})(?P<sign>[-_])\d+")

_WITHOUT_SIGN = re.compile(r"(?P<name>[^\W\d_]+)(?P<number>\d+)(?P<sign>\D*)")

_BEHIND_WORD = re.compile(r".+?(?P<sign>[-_ ][A-Za-z]+[-_ ])(?P<name>[^\W_]+)")

_FEWEST_IN_NAMES = 2


def find_named_classes(folder: DataFolder, sample: SampleSubmission | None) -> ClassFolders | None:
    """Return the classes that names of files show, as `cat.17.jpg` or `17_cat.jpg`, or None.

    Beside a number stands one of a few words, each in several names of train, and in none of test:
    what test images have, too, is a source, and no label, unless a text lists all of these words.
    A number in the place of the word (`3_17.jpg`) is a class where validation has the same ones,
    and a word that no sign parts from the number (`H0017.jpg`) where it is more than the beginning
    of a name; the pattern of the latter does not tell the class. What stands behind a word for
    labels (`id_17_label_3.png`) is one, in names of test, too.
    """
    images = folder.train_images
    if not images or folder.of_part("mask"):
        return None
    for way in (_BEHIND_WORD, _IN_FRONT, _BEHIND, _NUMBER_IN_FRONT, _WITHOUT_SIGN):
        found = [way.fullmatch(image.stem) for image in images]
        matches = [one for one in found if one is not None]
        counts = Counter(one["name"] for one in matches)
        signs = {one["sign"] for one in matches}
        if len(matches) < len(images) or len(signs) > 1 or len(counts) < 2:
            continue
        if way is _BEHIND_WORD and not is_called(min(signs), "label"):
            continue
        words = {name for name in counts if is_called(name, "mask")}
        if way is _BEHIND and words:
            continue  # as `7_sat` and `7_mask`: pictures of two kinds of one thing
        if way is _IN_FRONT and words and all(is_called(one, "image", "mask") for one in counts):
            continue  # as `img_7` and `seg_7`; beside `with_7` a `mask_7` may be a class
        called = [one for one, name in zip(images, matches, strict=True) if name["name"] in words]
        if called and all(values_of_two(folder.path / one.path) for one in called[:_PROBED]):
            continue  # a `mask_7` of two values is none
        few = max(2, len(images) // 5)
        if len(counts) > few or min(counts.values()) < _FEWEST_IN_NAMES:
            continue
        test, more = folder.of_part("test", "unlabelled"), folder.of_part("holdout")
        of_more = _names_in(way, more)
        if test and set(of_more) == set(counts):
            more = []  # has labels, as train has them
        elif way is _NUMBER_IN_FRONT:
            continue
        shown = _names_in(way, [*test, *more])
        is_told = way is _BEHIND_WORD or _are_listed(folder, counts)
        if set(shown) & set(counts) and not is_told:
            continue
        if way is _NUMBER_IN_FRONT and any(shown):
            continue
        if way is _WITHOUT_SIGN and not _are_backed(matches, images):
            continue
        if not _may_be_sent(sample, list(counts)):
            continue
        common = common_folder(images)
        start = "/".join(filter(None, (common, "**/" if _is_deep(images, common) else "")))
        sign = signs.pop()
        is_behind = way in (_BEHIND, _BEHIND_WORD)
        file = f"*{sign}{{class}}" if is_behind else f"{{class}}{sign}*"
        file = "*" if way is _WITHOUT_SIGN else file
        path = f"{start.rstrip('/')}/{file}" if start else file
        labels = [one["name"] for one in matches]
        return ClassFolders(
            tuple(images),
            labels,
            f"{path}{one_suffix(images)}",
            id_template(images),
            sort_classes(labels),
            None,
            [],
        )
    return None


def _are_backed(matches: Sequence[re.Match[str]], images: Sequence[ImageFile]) -> bool:
    """Return whether words are more than the beginnings that cameras and sources give to names.

    Images of each are numbered by themselves, from 0 or 1 on and without a gap; or folders are
    called as several of the words, and have images of theirs alone.
    """
    numbers, words = defaultdict[str, list[int]](list), {one["name"] for one in matches}
    for one in matches:
        numbers[one["name"]].append(int(one["number"]))
    each = [sorted(of_word) for of_word in numbers.values()]
    if all(one[0] <= 1 and one == [*range(one[0], one[0] + len(one))] for one in each):
        return True
    called = defaultdict[str, set[str]](set)
    for one, image in zip(matches, images, strict=True):
        called[image.folder.rpartition("/")[2]].add(one["name"])
    known = words & called.keys()
    return len(known) > 1 and all(called[one] == {one} for one in known)


def _names_in(way: re.Pattern[str], images: Sequence[ImageFile]) -> list[str]:
    """Return the word in the name of each image, "" where there is none of the form."""
    found = (way.fullmatch(image.stem) for image in images)
    return ["" if one is None else one["name"] for one in found]


def _are_listed(folder: DataFolder, words: Collection[str]) -> bool:
    """Return whether a text has these words alone, one in each line."""
    for path in folder.texts:
        if (folder.path / path).stat().st_size <= _LARGEST_LIST:
            lines = map(str.strip, read_text(folder.path / path, folder).splitlines())
            if sorted(filter(None, lines)) == sorted(words):
                return True
    return False


_LARGEST_LIST = 1_000_000  # bytes


def _is_deep(images: Sequence[ImageFile], common: str) -> bool:
    return any(image.folder != common for image in images)


def _may_be_sent(sample: SampleSubmission | None, classes: Sequence[str]) -> bool:
    """Return whether a sample submission can be of these classes: nothing in it names others."""
    if sample is None or not sample.values:
        return True
    if len(sample.values) > 1:
        return {*without_common_start(sample.values)} >= set(classes)
    return sample.has_numbers or set(sample.table[sample.values[0]]) <= set(classes)


def images_of_path_ids(made: PathIds) -> PlainImages:
    """Return images whose ids are parts of their paths; a folder that repeats is a group.

    Not one that only tells images of one name apart, unless it is called as groups are.
    """
    images = tuple(made.ids.values())
    group = None
    of_names = folder_levels(images) if made.template.endswith(f"/{IMAGE_ID}") else None
    are_groups_too = of_names is None or _are_called_as_groups(of_names.names)
    if "{" in made.pattern.rpartition("/")[0] and are_groups_too:
        place = next(n for n, one in enumerate(made.pattern.split("/")) if "{" in one)
        levels = [[image.path.split("/")[place]] for image in images]
        group = _group_of_folders(levels, 0, 0, field=Pattern(made.pattern).fields[0])
    return PlainImages(images, made.pattern, made.template, group, tuple(made.ids))


_FEW_ELSEWHERE = 0.05  # images deeper, or less deep, than most: thumbnails, what was forgotten


def find_class_folders(
    folder: DataFolder, sample: SampleSubmission | None = None
) -> ClassFolders | None:
    """Return the class folders of the train part, or of all images that are in no other part.

    Of several levels of folders the class is the one whose names the sample submission can have.
    Folders of copies of each other, with marks in some, are no classes.
    """
    images = _with_validation(folder) or folder.train_images
    images, notes = _without_strange_masks(images)
    images, note = _without_others_beside(folder, images)
    notes += [note] if note else []
    if not images:
        return None
    common = common_folder(images)
    start = f"{common}/" if common else ""
    levels = [
        image.folder[len(start) :].split("/") if image.folder != common else [] for image in images
    ]
    n_parts = _n_levels_of_parts(folder, common, levels)
    depths = Counter(map(len, levels))
    depth = depths.most_common(1)[0][0]
    if n_parts is None or depth == 0:
        return None
    n_elsewhere = sum(n for one, n in depths.items() if one not in (0, depth))
    innermost = sorted({level[-1] for level in levels if len(level) == depth > 1})
    # Where they are called as patients are, folds need them more than images that lie elsewhere.
    if n_elsewhere > _FEW_ELSEWHERE * len(images) and not are_groups(innermost):
        if n_parts:
            return None
        return _folders_of_any_depth(folder, images, levels, start, sample, notes)
    kept = [
        (image, level) for image, level in zip(images, levels, strict=True) if len(level) == depth
    ]
    if len(kept) < len(images):
        left = len(images) - len(kept)
        notes.append(
            f"{either(left, 'image does', 'images do')} not lie {depth} folders below "
            f"{start or 'data'}: left out"
        )
    ended = _ended_classes(folder, kept, start, sample)
    if ended is not None:
        return replace(ended, notes=[*notes, *ended.notes])
    names = [f"{common_start({level[0] for level in levels if level})}*"] * n_parts
    names += ["*"] * (depth - n_parts)
    if any(image.part == "holdout" for image, _ in kept):
        found, names[0] = _Levels(1), "{split}"
        notes.append(_note_of_split(folder, kept, start))
    else:
        found = _levels_of_class(folder, [level[n_parts:] for _, level in kept], sample)
        found = found.below(n_parts)
    called = sorted({level[found.place] for _, level in kept})
    if not n_parts and _are_of_test_too(folder, depth, found.place, called):
        return None
    if folder.stations and {*called} <= folder.stations:
        return None
    classes = _as_class_folders(kept, found, start, names)
    is_none = len(classes.classes) < 2 or _are_called_as_no_classes(folder, start, called)
    copies = [(image, found.place) for image, _ in kept]
    if is_none or _are_copies(folder, sample, classes.labels, copies, start):
        return None
    return replace(classes, notes=notes)


def _n_levels_of_parts(folder: DataFolder, common: str, levels: Sequence[list[str]]) -> int | None:
    """Return how many levels of folders around the class folders are parts, and no groups.

    None where one part is sorted into folders, and another one is not.

    Args:
        common: the folder around all.
        levels: the names of the folders of each image, below that.
    """
    tops = {level[0] for level in levels if level}
    if all(levels) and _are_parts_of_train(tops):
        is_one_unsorted = any(len(level) == 1 for level in levels)
        return None if is_one_unsorted or _left_out(folder, common, common_start(tops), tops) else 1
    # Archives unpack into a folder of their own name.
    are_twice = all(len(level) > 2 and level[0] == level[1] for level in levels)
    return int(len(tops) > 1 and are_twice)


def _levels_of_class(
    folder: DataFolder, levels: list[list[str]], sample: SampleSubmission | None
) -> _Levels:
    """Return which of the levels is the class, by the sample, images to predict and the names."""
    shown = {one.folder.rpartition("/")[2] for one in folder.of_part("test", "holdout")}
    if folder.of_part("mask"):
        # They lie in folders of their own for each source: nothing reads those of all.
        return _class_level(levels, len(levels[0]), sample, shown)
    return _class_level_of_several(levels, sample, shown)


def _note_of_split(
    folder: DataFolder, kept: Sequence[tuple[ImageFile, list[str]]], start: str
) -> str:
    """Return a note that the folders of train and of validation are learnt from together."""
    parts = Counter(level[0] for _, level in kept)
    told = " and ".join(f"{n:,} of {start}{name}" for name, n in parts.items())
    alone = f"{start}{next(iter(parts))}/{'{class}'}"
    return (
        f"{told} are trained on together, as folds validate; for the first alone write images: "
        f"'{folder.spell(alone)}/*{one_suffix([image for image, _ in kept])}'"
    )


def _are_called_as_no_classes(folder: DataFolder, start: str, names: Sequence[str]) -> bool:
    """Return whether folders are called as parts of the data, or as images."""
    is_split = split_field(names) is not None or _are_called_as_parts(names)
    is_other = is_split or any(map(_is_called_images, names))
    return is_other or _is_part_beside_test(folder, start, names)


def _as_class_folders(
    kept: Sequence[tuple[ImageFile, list[str]]], found: _Levels, start: str, names: Sequence[str]
) -> ClassFolders:
    """Return images with the classes and groups of the levels found, and their pattern.

    Args:
        kept: the images, each with the names of its folders below `start`.
        found: which level is which.
        start: the folder around all, with / behind.
        names: the pattern of each level that is neither.
    """
    names, levels = list(names), [level for _, level in kept]
    key = _common_key([level[found.place] for level in levels])
    names[found.place] = f"{key}{{class}}"
    group = None
    if found.group is not None:
        names[found.group] = "{folder}"
        group = _group_of_folders(levels, found.place, found.group)
    labels = [level[found.place].removeprefix(key) for level in levels]
    chosen = tuple(image for image, _ in kept)
    suffix = one_suffix(chosen)
    pattern = f"{start}{'/'.join(names)}/*{suffix}"
    other = None
    if found.other is not None:
        names[found.place] = "{folder}" if found.group in (None, found.other) else "*"
        names[found.other] = "{class}"
        others = sort_classes([level[found.other] for level in levels])
        other = f"{start}{'/'.join(names)}/*{suffix}", others
    classes = sort_classes(labels)
    return ClassFolders(chosen, labels, pattern, id_template(chosen), classes, group, [], other)


_ENDED = re.compile(r"(?P<front>[A-Za-z]*\d+)(?P<sign>[-_. ]+)(?P<name>[A-Za-z][A-Za-z ]*)")


def _ended_classes(
    folder: DataFolder,
    kept: Sequence[tuple[ImageFile, list[str]]],
    start: str,
    sample: SampleSubmission | None,
) -> ClassFolders | None:
    """Return the classes in the ends of folders' names, as `study1_positive`; None without such.

    All folders of a level are numbered and end with one of two words, of which one stands for
    nothing: these are the classes, whatever the folders around are called.

    Args:
        kept: the images, with their levels of folders below `start`.
        start: the folder of all of them.
    """
    images = [image for image, _ in kept]
    if any(image.part == "holdout" for image in images):
        return None
    for place in range(len(kept[0][1])):
        ways = [_ENDED.fullmatch(levels[place]) for _, levels in kept]
        found = [one for one in ways if one is not None]
        labels, signs = [one["name"] for one in found], {one["sign"] for one in found}
        classes = sort_classes(labels)
        if len(found) < len(kept) or len(signs) > 1 or len(classes) != 2:
            continue
        if positive_class(classes, "") is None or not _may_be_sent(sample, classes):
            continue
        names = ["*"] * len(kept[0][1])
        names[place] = f"*{signs.pop()}{{class}}"
        group, places = None, range(place)
        if around := [n for n in places if are_groups(sorted({each[n] for _, each in kept}))]:
            group = _group_of_folders([each for _, each in kept], place, around[-1])
            names[around[-1]] = "*" if group is None else "{folder}"
        note = (
            f"the folders of {start}{'/'.join(kept[0][1])} and its like end with {classes[0]} or "
            f"{classes[1]}: these are the classes, and no folders around"
        )
        pattern = f"{start}{'/'.join(names)}/*{one_suffix(images)}"
        return ClassFolders(
            tuple(images), labels, pattern, id_template(images), classes, group, [note]
        )
    return None


def _without_strange_masks(images: Sequence[ImageFile]) -> tuple[list[ImageFile], list[str]]:
    """Return the images without the files of folders called masks beside one called images.

    As `train_masks` beside `train_images`: files there that are no image's masks are of no class
    either. A note names such a folder.
    """
    beside: dict[str, set[str]] = defaultdict(set)
    for folder in {image.folder for image in images}:
        levels = folder.split("/")
        for n, name in enumerate(levels):
            beside["/".join(levels[:n])].add(name)
    strange = []
    for parent, names in beside.items():
        # Each of 10,000 folders side by side is looked at once, and not beside each other one.
        of_images = [name for name in names if _is_of_images(name)]
        of_masks = sorted(name for name in names if of_images and is_called(name, "mask"))
        strange += [
            "/".join(filter(None, (parent, name)))
            for name in of_masks
            if any(_is_mask_folder_of(name, one) for one in of_images)
        ]
    kept = [one for one in images if not any(one.path.startswith(f"{at}/") for at in strange)]
    notes = []
    for at in strange:
        n = sum(one.path.startswith(f"{at}/") for one in images)
        notes.append(
            f"{plural(n, 'file')} in {at} {'is' if n == 1 else 'are'} not used: the folder is "
            "called masks, and they are named as "
            "no image is"
        )
    return kept, notes


def _without_others_beside(
    folder: DataFolder, images: list[ImageFile]
) -> tuple[list[ImageFile], str]:
    """Return the images of class folders without those beside them that are of no class.

    Of the outermost folders one alone has several folders with images. What lies in the others, in
    one folder each, are the pictures that these were cut of: those of the class folders have one
    size, and these have others. Or the class folders lie in one that is called images, and all that
    lies elsewhere is less than each of them has: parts without a fault. A note names these.
    """
    common = common_folder(images)
    start = f"{common}/" if common else ""
    inside: dict[str, set[str]] = defaultdict(set)
    of_top: dict[str, list[ImageFile]] = defaultdict(list)
    for image in images:
        top = image.path[len(start) :].split("/")[0]
        inside[top].add(image.folder)
        of_top[top].append(image)
    deep = [top for top, folders in inside.items() if len(folders) > 1]
    if len(deep) != 1 or len(inside) == 1 or common_folder(of_top[deep[0]]) in inside[deep[0]]:
        return images, ""
    tiles = of_top[deep[0]]
    rest = [one for top, each in of_top.items() if top != deep[0] for one in each]
    at = some(sorted({one.folder for one in rest}), 2)
    told = (
        f"{plural(len(rest), 'image')} in {at} {'is' if len(rest) == 1 else 'are'} not used: "
        "they are of no class, and"
    )
    fewest = min(Counter(one.folder for one in tiles).values())
    if len(rest) < fewest and {one.part for one in images} == {"other"} and _is_of_images(deep[0]):
        return tiles, f"{told} fewer than those of each class folder in {start}{deep[0]}"
    sizes, others = (
        {picture_size(folder.path / one.path) for one in each[:: max(1, len(each) // _PROBED)]}
        for each in (tiles, rest)
    )
    if len(sizes) != 1 or None in sizes | others or sizes & others:
        return images, ""
    return tiles, f"{told} of other sizes than those in the class folders"


def _is_of_images(name: str) -> bool:
    return is_called(name, "image") and not is_called(name, "mask")


_PROBED = 16


def _is_mask_folder_of(name: str, other: str) -> bool:
    """Return whether a folder is called masks as another one is called images.

    Example:
        >>> _is_mask_folder_of("train_masks", "train_images"), _is_mask_folder_of("mask", "no_mask")
        (True, False)
    """
    ways: tuple[tuple[str, Meaning], ...] = ((name, "mask"), (other, "image"))
    words = [[one for one in name_words(each) if not is_called(one, way)] for each, way in ways]
    return is_called(name, "mask") and _is_of_images(other) and words[0] == words[1]


def _common_key(names: Sequence[str]) -> str:
    """Return what stands before the value in all names, as `label=` in `label=cat`, or ""."""
    keys = {found[0] if (found := re.match(r"[^=]+=(?=.)", one)) else "" for one in names}
    return keys.pop() if len(keys) == 1 else ""


def _folders_of_any_depth(
    folder: DataFolder,
    images: Sequence[ImageFile],
    levels: Sequence[list[str]],
    start: str,
    sample: SampleSubmission | None,
    notes: Sequence[str],
) -> ClassFolders | None:
    """Return class folders of which some have folders inside, or around, and others have none."""
    kept = [(image, level) for image, level in zip(images, levels, strict=True) if level]
    first, last = ({level[place] for _, level in kept} for place in (0, -1))
    is_inner = len(last) < len(first)
    labels = [level[-1 if is_inner else 0] for _, level in kept]
    classes = sort_classes(labels)
    if len(classes) < 2 or any(map(_is_called_images, classes)):
        return None
    if _are_of_test_too(folder, 1, 0, classes):
        return None
    if not is_inner:
        _refuse_one_with_folders(folder, kept, classes, sample)
    placed = [(image, len(level) - 1 if is_inner else 0) for image, level in kept]
    if _are_copies(folder, sample, labels, placed, start):
        return None
    chosen = tuple(image for image, _ in kept)
    suffix = one_suffix(chosen)
    pattern = f"{start}{'**/{class}' if is_inner else '{class}/**'}/*{suffix}"
    where = "around" if is_inner else "inside"
    why = f"some class folders have folders {where}, others not: these are no groups of folds"
    notes = [*notes, why]
    if len(kept) < len(images):
        left = len(images) - len(kept)
        notes.append(
            f"{either(left, 'image lies', 'images lie')} in no folder below {start or 'data'}: "
            "left out"
        )
    inner = None if is_inner else _innermost([level for _, level in kept])
    other = None if inner is None else (f"{start}**/{{class}}/*{suffix}", inner)
    return ClassFolders(chosen, labels, pattern, id_template(chosen), classes, None, notes, other)


def _innermost(levels: Sequence[list[str]]) -> list[str] | None:
    """Return the innermost folders where they may be classes within those outside; else None.

    As `Fruit/Apple/Granny-Smith` and `Fruit/Banana`: words, each below one folder and of several
    images.
    """
    sizes = Counter(level[-1] for level in levels)
    inner, around = sort_classes(list(sizes)), {tuple(level) for level in levels}
    if len(around) > len(inner) or min(sizes.values()) < _FEWEST_IN_NAMES:
        return None
    return None if _are_pieces(inner) or are_ids(inner) or are_groups(inner) else inner


def _refuse_one_with_folders(
    folder: DataFolder,
    kept: Sequence[tuple[ImageFile, list[str]]],
    classes: Sequence[str],
    sample: SampleSubmission | None,
) -> None:
    """Raise where of two folders one is sorted into further ones: these may be the classes.

    As `round1/crack`, `round1/pore` and `not_inspected`, whose images have no class then. Never
    where the sample submission can have the names of both.
    """
    inside = {
        one: {level[1] for _, level in kept if level[0] == one and level[1:]} for one in classes
    }
    plain = {level[0] for _, level in kept if len(level) == 1}
    if len(classes) != 2 or len(plain) != 1 or (sample and _may_be_sent(sample, classes)):
        return
    [without] = plain
    [sorted_] = {*classes} - plain or {without}
    are_words = all(re.fullmatch(r"[^\W\d]{2,}", one) for one in inside[sorted_])
    if sorted_ == without or len(inside[sorted_]) < 2 or not are_words:
        return
    raise DataError(
        f"images of {sorted_} lie in the folders {some(sorted(inside[sorted_]), 3)}, and those of "
        f"{without} in none: either these are the classes, and images of {without} have none, or "
        f"{sorted_} and {without} are",
        where=folder.path,
        fix=f"call {without} unlabelled, where its images have no class; or write train.csv with "
        "the columns image and label",
    )


def _with_validation(folder: DataFolder) -> list[ImageFile]:
    """Return the images of train and of validation, `{split}/{class}/…`, or [].

    Both have the same classes in folders of one depth, and there are others to predict: what a host
    calls validation is labelled, and folds validate.
    """
    train, more = folder.of_part("train"), folder.of_part("holdout")
    if not (train and more and folder.of_part("test")):
        return []
    every = [*train, *more]
    common = common_folder(every)
    below = {image.path: image.folder[len(common) :].strip("/").split("/") for image in every}
    ways = {tuple(below[image.path][:1]) for image in every}
    classes = [{tuple(below[image.path][1:]) for image in part} for part in (train, more)]
    is_split = len(ways) == 2 and all(len(one) == 2 for one in below.values())
    # A pattern would find copies beside them, too, which were left out.
    is_alone = not _left_out(folder, common, "", {name for way in ways for name in way})
    return every if is_split and classes[0] == classes[1] and is_alone else []


def _left_out(folder: DataFolder, around: str, front: str, known: Collection[str]) -> list[str]:
    """Return the folders in `around` that begin with `front`, and have none of the images.

    They have folders inside, as class folders are.
    """
    start = f"{around}/" if around else ""
    used = {
        image.path[len(start) :].partition("/")[0]
        for image in folder.images
        if image.path.startswith(start)
    }
    return [
        one.name
        for one in (folder.path / around).glob("*")  # none where there is no such folder
        if one.name.startswith(front) and one.name not in used | {*known}
        if one.is_dir() and any(inner.is_dir() for inner in one.iterdir())
    ]


def _are_of_test_too(folder: DataFolder, depth: int, place: int, classes: Sequence[str]) -> bool:
    """Return whether test images lie in such folders of other names: then these are no classes.

    Nor are they where test has such folders of the same names but for the word of the part. Folders
    that are called as test, of which there may be several, are none of these.
    """
    images = folder.of_part("test")
    common = common_folder(images)
    every_level = [image.folder[len(common) :].strip("/").split("/") for image in images]
    below = [[one for one in level if guess_part(one) != "test"] for level in every_level]
    levels = {level[place] for level in below if len(level) == depth and level[0]}
    if len(levels) > 1 and levels.isdisjoint(classes):
        return True
    # As `test_red` and `test_nir` beside `train_red`, `train_nir`: of such, test shows the class.
    kinds = {without_part(one) for one in classes if guess_part(one) == "train"} - {""}
    of_test = {without_part(level[place]) for level in every_level if len(level) > place}
    return len(kinds) == len(classes) > 1 and len(of_test & kinds) > 1


_PART = re.compile(r"train(?:ing)?|val(?:id(?:ation)?)?|test(?:ing)?")


def _are_parts_of_train(names: Collection[str]) -> bool:
    """Return whether folders are called train, all of them, and differ in numbers alone.

    Example:
        >>> _are_parts_of_train(["train1_0903", "train2_0916"])
        True
    """
    rests = {re.sub(r"[\d\W_]+", "", name).casefold() for name in names}
    return len(names) > 1 and len(rests) == 1 and all(guess_part(one) == "train" for one in names)


def _is_called_images(name: str) -> bool:
    """Return whether a folder is called `images` or so: photos may be a class beside sketches."""
    return name.casefold() in ("image", "images", "img", "imgs")


def _are_called_as_parts(names: Sequence[str]) -> bool:
    """Return whether folders are called by a part of the data and one word, as `traincrop`.

    Example:
        >>> _are_called_as_parts(["traincrop", "valcrop"]), _are_called_as_parts(["train", "tram"])
        (True, False)
    """
    found = [_PART.match(name.casefold()) for name in names]
    rests = {name[one.end() :].casefold() for name, one in zip(names, found, strict=True) if one}
    return len(names) > 1 and None not in found and len(rests) == 1


def _is_part_beside_test(folder: DataFolder, start: str, names: Sequence[str]) -> bool:
    """Return whether a folder is called as a part, in one word, and one beside it is of test."""
    words = (name_words(one) for one in names if guess_part(one) == "train")
    if not any(len(one) == 1 for one in words):
        return False
    beside = {
        image.folder[len(start) :].partition("/")[0]
        for image in folder.of_part("test")
        if image.folder.startswith(start)
    }
    return any(guess_part(one) == "test" for one in beside)


def _are_copies(
    folder: DataFolder,
    sample: SampleSubmission | None,
    labels: Sequence[str],
    placed: Sequence[tuple[ImageFile, int]],
    start: str,
) -> bool:
    """Return whether some folders hold copies of the images of others, with marks.

    Never where the sample submission has the folders' names: then they are classes.

    Args:
        labels: the name of the folder of each image.
        placed: the images, with the level of this folder below `start`.
        start: the folder of all of them.
    """
    if sample is not None:
        known = {*map(plain_spelling, without_common_start(sample.values))}
        if len(sample.values) == 1:
            known = {*map(plain_spelling, sample.table[sample.values[0]])}
        if {*map(plain_spelling, labels)} <= known:
            return False
    of_class: dict[str, dict[str, str]] = defaultdict(dict)
    for label, (image, place) in zip(labels, placed, strict=True):
        levels = image.folder[len(start) :].split("/")
        key = "/".join([*levels[:place], *levels[place + 1 :], image.stem])
        of_class[label][key] = image.path
    return find_marked_copies(folder.path, of_class) is not None


def pattern_of(images: Sequence[ImageFile]) -> str:
    """Return a pattern that finds the images, relative to the data folder."""
    common = common_folder(images)
    between = _of_split(images, common) or folders_between(images, common)
    where = filter(None, (common, between))
    return "/".join((*where, f"*{one_suffix(images)}"))


def _of_split(images: Sequence[ImageFile], common: str) -> str:
    """Return the folders below `common` where one is of train and one of validation, else ""."""
    below = {image.folder[len(common) :].strip("/") for image in images}
    field = split_field({one.partition("/")[0] for one in below})
    rests = {one.partition("/")[2] for one in below}
    if field is None:
        return ""
    return "/".join(filter(None, (field, rests.pop() if len(rests) == 1 else "**")))


def id_template(images: Sequence[ImageFile], expected: Sequence[str] = ()) -> str:
    """Return the id template of paths: that of the `expected` ids, else the shortest unique one."""
    if expected:
        ids = set(expected)
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


_MOST_CLASSES = 20  # of a second level that may be the class as well


@dataclass(frozen=True)
class _Levels:
    """Which level of folders is the class, which a group, and which may be the class as well."""

    place: int
    group: int | None = None
    other: int | None = None

    def below(self, n: int) -> _Levels:
        """Return the same levels below `n` more folders."""
        group, other = (None if one is None else one + n for one in (self.group, self.other))
        return _Levels(self.place + n, group, other)

    def at(self, places: Sequence[int]) -> _Levels:
        """Return the same levels where each is one of these places, by its number."""
        group, other = (None if one is None else places[one] for one in (self.group, self.other))
        return _Levels(places[self.place], group, other)


def _class_level_of_several(
    levels: list[list[str]], sample: SampleSubmission | None, shown: AbstractSet[str]
) -> _Levels:
    """Return what `_class_level` does, without the levels that all images share.

    As in `{source}/images/{class}`, such a level tells no image from others. One that is called as
    a part, as in `{way}/train/{class}`, stays: these are data sets beside each other.
    """
    depth = len(levels[0])
    names = [sorted({level[place] for level in levels}) for place in range(depth)]
    several = [place for place, called in enumerate(names) if len(called) > 1]
    shared = [called[0] for called in names if len(called) == 1]
    if len(several) < 2 or any(guess_part(one) != "other" for one in shared):
        return _class_level(levels, depth, sample, shown)
    rest = [[level[place] for place in several] for level in levels]
    found = _class_level(rest, len(several), sample, shown).at(several)
    between = range(found.place + 1, found.other or 0)
    if found.other is not None and any(_is_called_images(names[one][0]) for one in between):
        # Images are sorted inside folders called so: sources that have these lie around them.
        return _Levels(found.other, found.group and found.place, found.place)
    return found


def _class_level(
    levels: list[list[str]], depth: int, sample: SampleSubmission | None, shown: AbstractSet[str]
) -> _Levels:
    """Return which level of folders is the class, which one a group, and which may be the class.

    The class is the level that the sample submission can have; of those the one whose names come
    back under other parents; else the innermost of words that part each folder outside; else the
    outer one. Where names of both come back, or words part words, nothing tells, unless images to
    predict lie in folders that are called as the inner ones (`shown`).
    """
    if depth == 1:
        return _Levels(0)
    names = [sorted({level[place] for level in levels}) for place in range(depth)]
    parents: dict[str, set[str]] = defaultdict(set)
    for level in levels:
        parents[level[1]].add(level[0])
    n_recurring = sum(len(found) > 1 for found in parents.values())
    # As `trainingSet` and `trainingSample`, of which the first has all and the other one some.
    are_of_train = len(names[0]) > 1 and all(guess_part(one) == "train" for one in names[0])
    recurs = n_recurring > (0 if are_of_train else 0.5 * len(parents))
    possible = [n for n in range(depth) if _can_be_classes(names[n])]
    fitting = [n for n in possible if _may_be_sent(sample, names[n])] or possible
    parted = _parted_levels(levels, names)
    if len(parted) > 1 and set(parted) & {*fitting}:
        return _of_parted([n for n in parted if n in fitting], names)
    are_numbered = len({re.sub(r"\d+", "", name) for name in names[1]}) == 1
    is_shown = {*shown} == {*names[1]} and shown.isdisjoint(names[0]) and not are_numbered
    are_parts = are_of_train or _are_sizes(names[0])
    is_inner = recurs and (is_shown or len(names[1]) < len(names[0]) or are_parts)
    place, other = (1, 0) if is_inner else (0, 1)
    if fitting and place not in fitting and len(names[place]) > 1:
        place, other = fitting[0], 1 - min(fitting[0], 1)
    group = other if len(names[other]) > 1 and not _are_pieces(names[other]) else None
    is_open = recurs and {place, other} <= {*fitting} and len(names[other]) <= _MOST_CLASSES
    is_open = is_open and not (is_inner and (is_shown or are_of_train))
    return _Levels(place, group, other if is_open else None)


_SIZES = frozenset(
    ["large", "small", "big", "mini", "tiny", "full", "medium", "subset", "sample", "extra"]
)


def _are_sizes(names: Sequence[str]) -> bool:
    """Return whether folders are called alike but for a word of size, as parts of a data set are.

    Example:
        >>> _are_sizes(["letters_large", "letters_small"]), _are_sizes(["large", "small"])
        (True, False)
    """
    words = [name_words(one) for one in names]
    rests = {tuple(one for one in each if one not in _SIZES) for each in words}
    return len(rests) == 1 and rests != {()} and all(_SIZES & set(each) for each in words)


def _parted_levels(levels: list[list[str]], names: Sequence[Sequence[str]]) -> list[int]:
    """Return the levels of words, from outside, each of which parts the folders of the one before.

    As `lung/lung_aca` and `lung/lung_n` part `lung`: no name comes back below another folder, most
    folders have several, and each holds several images. What is inside folders that are called as
    patients are is of these.
    """
    found = list[int]()
    for place, called in enumerate(names):
        if len(called) < 2 or _are_pieces(called):
            continue
        if are_ids(called):
            break
        around = {(level[place], tuple(level[:place])) for level in levels}
        if len(around) > len(called):
            break  # the same words in several folders
        sizes = Counter(level[place] for level in levels)
        if min(sizes.values()) < _FEWEST_IN_NAMES:
            break
        if found:
            within = Counter(one for one, _ in {(lv[found[-1]], lv[place]) for lv in levels})
            if sum(n > 1 for n in within.values()) <= len(within) / 2:
                break
        found.append(place)
    return found


def _of_parted(parted: Sequence[int], names: Sequence[Sequence[str]]) -> _Levels:
    """Return the innermost of levels of words as the class, and the next one as what may be it.

    Letters around what begins with them are an index, and never classes.
    """
    place = parted[-1]
    outer = next((n for n in reversed(parted[:-1]) if len(names[n]) <= _MOST_CLASSES), None)
    if outer is not None and all(len(one) == 1 for one in names[outer]):
        outer = None
    inside = [n for n in range(place + 1, len(names)) if are_ids(names[n])]
    return _Levels(place, inside[0] if inside else None, outer)


_FEWEST_FOLDERS = 10


def ends_of_folders(images: Sequence[ImageFile]) -> tuple[str, ...]:
    """Return how the names of the files of a sample end behind the name of its folder, or ().

    Each of many folders has the same ones, as `_B01.tif` and `_B8A.tif`, and no other file. These
    do not count from 0 or 1, as the images of a class may.
    """
    ends: dict[str, list[str]] = defaultdict(list)
    for image in images:
        name = image.folder.rpartition("/")[2]
        if not name or not image.name.startswith(name) or image.stem == name:
            return ()
        ends[image.folder].append(image.name[len(name) :])
    each = {tuple(sorted(one)) for one in ends.values()}
    if len(ends) < _FEWEST_FOLDERS or len(each) > 1:
        return ()
    found = each.pop()
    if len(found) < 2 or any(one[0].isalnum() for one in found):
        return ()
    numbers = [re.findall(r"\d+", one) for one in found]
    count = sorted(int(one[0]) for one in numbers if len(one) == 1)
    counts_up = len(count) == len(found) and count == [*range(count[0], count[0] + len(count))]
    return () if counts_up else found


_LETTERS = re.compile(r"[^\W\d_]{3,}")


def are_ids(names: Sequence[str]) -> bool:
    """Return whether folders are called by numbers or codes, and not each by a word of its own.

    Example:
        >>> are_ids(["P01", "P02", "P17"]), are_ids(["01_TUMOR", "02_STROMA", "08_EMPTY"])
        (True, False)
    """
    if _have_group_word(names):
        return True
    numbered = sum(bool(re.search(r"\d", name)) for name in names)
    if numbered < 0.8 * len(names):
        return False
    words = {"".join(_LETTERS.findall(name)).casefold() for name in names} - {""}
    return len(words) < 0.9 * len(names)


def _can_be_classes(names: Sequence[str]) -> bool:
    return len(names) > 1 and not are_groups(names) and not _are_pieces(names)


def _are_pieces(names: Sequence[str]) -> bool:
    """Return whether folders are called as the pieces of a part are."""
    return all(map(is_piece, names))


def _group_of_folders(
    levels: list[list[str]], place: int, group_place: int, *, field: str = "folder"
) -> GroupColumn | None:
    """Return the folders of a level as groups of images.

    None where most hold a single image, or where each class has a single one.
    """
    sizes = Counter(level[group_place] for level in levels)
    repeated = sum(size for size in sizes.values() if size > 1)
    if len(sizes) < 4 or repeated < 0.5 * len(levels):
        return None
    pairs = {(level[place], level[group_place]) for level in levels}
    if group_place > place and len(pairs) == len({level[place] for level in levels}):
        return None  # each class has one: a fold would lack the class
    side = "inside the class folders" if group_place > place else "around the class folders"
    if group_place == place:
        side = "without class names"
    why = (
        f"{plural(len(sizes), 'folder')} {side} over {plural(len(levels), 'image')}: images "
        "of one folder are often one patient, scene or video, and must not cross folds"
    )
    return GroupColumn(field, why, len(sizes))
