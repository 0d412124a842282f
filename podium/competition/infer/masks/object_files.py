"""Mask files of single objects, in a folder of each image."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from podium.competition.ids.patterns import FileFinder, Pattern
from podium.competition.infer.files import DataFolder, ImageFile, common_folder, one_suffix
from podium.competition.infer.masks.content import MaskContent, read_content, read_values
from podium.competition.infer.masks.files import MaskFiles, of_classes, train_masks
from podium.competition.infer.masks.object_names import ClassLists, ObjectNames, read_object_names
from podium.competition.infer.masks.search import NAME_AND_NUMBER
from podium.competition.infer.masks.values import ZEROS
from podium.errors import either, some
from podium.tasks.protocols.find import pixel_kind

__all__ = ["find_object_files"]

_ENOUGH_SAMPLES = 0.5


def find_object_files(
    folder: DataFolder,
    images: Sequence[ImageFile],
    *,
    stem: str = "{stem}",
    ids: Collection[str] = (),
    lists: ClassLists = ClassLists(),  # noqa: B008 — frozen
) -> MaskFiles | None:
    """Return the masks where each image has a folder of files, one an object; else None.

    As in `train/17/images/17.png` and `train/17/masks/*.png`: the folder around that of the masks
    has the image's name, or is its id. Their own names number the objects, or tell their classes,
    or have no meaning; where they come back with other images and number nothing, they are classes.

    Args:
        images: of train.
        stem: the field for the stem of an image in a pattern: `{stem}` or `{id}`.
        ids: of the images.
        lists: what names the classes of objects elsewhere in the data.
    """
    names = {image.stem for image in images}
    of_image = _masks_around(folder, names)
    if not of_image:
        names, stem = set(ids), "{id}"
        of_image = _masks_around(folder, names)
    if not of_image and (numbered := _of_numbered_names(folder, {one.stem for one in images})):
        return _numbered_files(folder, numbered, "{stem}" if stem == "{stem}" else "{id}")
    masks = [mask for each in of_image.values() for mask in each]
    lasts = {mask.folder.rpartition("/")[2] for mask in masks}
    if not masks or len(of_image) < _ENOUGH_SAMPLES * len(names) or len(lasts) > 1:
        return None
    own_names = sum(mask.stem == name for name, each in of_image.items() for mask in each)
    if own_names > 0.1 * len(masks):
        return None
    bases = {mask.folder.rpartition("/")[0].rpartition("/")[0] for mask in masks}
    base = bases.pop() if len(bases) == 1 else f"{common_folder(masks)}/**".lstrip("/")
    where = "/".join(filter(None, (base, stem, lasts.pop())))
    stems = sorted({mask.stem for mask in masks})
    n_files = {name: len(each) for name, each in of_image.items()}

    def found(
        name: str,
        content: MaskContent,
        why: str,
        notes: Sequence[str] = (),
        *,
        by_class: bool = False,
    ) -> MaskFiles:
        pattern = f"{where}/{name}{one_suffix(masks, otherwise='.*')}"
        return MaskFiles(
            pattern,
            content,
            len(of_image),
            why,
            list(notes),
            by_class,
            n_files=n_files,
            by_object=content.kind.finds_objects,
        )

    named = read_object_names(
        {name: [mask.stem for mask in each] for name, each in of_image.items()}, lists
    )
    mean = len(masks) / len(of_image)
    if named is None and len(stems) > 1 and mean < _FEWEST_A_SAMPLE:
        return None
    read = read_content([folder.path / mask.path for mask in masks], None, of_one_class=True)
    if named is None and len(stems) == 1:
        why = f"each image has a folder with one mask file, {masks[0].name}"
        return None if read is None else found(stems[0], read, why)
    if (
        named is None
        and 2 <= len(stems) <= 0.5 * len(masks)
        and not any(name.isdecimal() for name in stems)
        and read is not None
    ):
        # The names come back with other images: they are classes, and no numbers of objects.
        why = (
            "each image has a folder of mask files, called as "
            f"{either(len(stems), 'class', 'classes')}"
        )
        return found("{class}", of_classes(read, stems), why, by_class=True)
    values = None if read is None else read.values
    content = MaskContent(pixel_kind("instance"), [], values, None, "", 0)
    why = f"each image has a folder of mask files, {mean:.1f} on average: one an object"
    if named is None:
        return found("*", replace(content, why=why), why)
    if not named.classes:
        return found("*", replace(content, why=named.why), why)
    told = f"the names of mask files hold what may be classes ({some(named.classes, 4)}), "
    if lists.sent == ():
        # Rows of the sample have no place for a class.
        note = f"{told}and the sample names none: objects have no class"
        return found("*", replace(content, why=why), why, [note])
    for name in named.patterns:
        pattern = f"{where}/{name}{one_suffix(masks, otherwise='.*')}"
        if _reads_right(folder, pattern, stem, of_image, named):
            with_classes = replace(content, classes=named.classes, why=named.why)
            return found(name, with_classes, why, by_class=True)
    note = f"{told}and no pattern reads them: rename the files as 01-class.png for objects of these"
    return found("*", replace(content, why=why), why, [note])


_FEWEST_A_SAMPLE = 1.5


def _of_numbered_names(folder: DataFolder, names: Collection[str]) -> dict[str, list[ImageFile]]:
    """Return the masks of each image by its name and a number, `7_1.png` and `7_2.png` of `7`.

    {} where some mask is called otherwise, most images have one, or their numbers begin nowhere.
    """
    of_image: dict[str, list[ImageFile]] = defaultdict(list)
    numbers: dict[str, list[int]] = defaultdict(list)
    masks = train_masks(folder)
    for mask in masks:
        named = NAME_AND_NUMBER.fullmatch(mask.stem)
        if named is None or named[1] not in names:
            return {}
        of_image[named[1]].append(mask)
        numbers[named[1]].append(int(named[2]))
    firsts = {min(each) for each in numbers.values()}
    are_counted = all(
        sorted(each) == [*range(min(each), min(each) + len(each))] for each in numbers.values()
    )
    if not masks or len(masks) < _FEWEST_A_SAMPLE * len(of_image) or firsts - {0, 1}:
        return {}
    return dict(of_image) if are_counted and len(firsts) == 1 else {}


def _numbered_files(
    folder: DataFolder, of_image: Mapping[str, Sequence[ImageFile]], stem: str
) -> MaskFiles:
    """Return the files of single objects that are called by their image and a number."""
    masks = [mask for each in of_image.values() for mask in each]
    folders = {mask.folder for mask in masks}
    where = folders.pop() if len(folders) == 1 else f"{common_folder(masks)}/**".lstrip("/")
    paths = [folder.path / mask.path for mask in masks]
    read = read_content(paths, None, of_one_class=True)
    values = None if read is None else read.values
    parts = None if read is not None else read_values(paths, {})
    if parts is not None:  # as the nucleus of a cell beside the rest of it
        inside = [one for one in parts.found if one not in ZEROS]
        values = {ZEROS[0]: "background", **dict.fromkeys(inside, "foreground")}
    first = min(mask.name for mask in masks)
    why = (
        f"the names of mask files are those of images and a number, as {first}: "
        f"{len(masks) / len(of_image):.1f} an image, one an object"
    )
    return MaskFiles(
        f"{where}/{stem}_*{one_suffix(masks, otherwise='.*')}",
        MaskContent(pixel_kind("instance"), [], values, None, why, 0),
        len(of_image),
        why,
        [],
        False,
        n_files={name: len(each) for name, each in of_image.items()},
        by_object=True,
    )


def _masks_around(folder: DataFolder, names: Collection[str]) -> dict[str, list[ImageFile]]:
    """Return the masks of each image, which the folder around that of its masks names."""
    of_image: dict[str, list[ImageFile]] = defaultdict(list)
    for mask in train_masks(folder):
        name = mask.folder.rpartition("/")[0].rpartition("/")[2]
        if name in names:
            of_image[name].append(mask)
    return dict(of_image)


def _reads_right(
    folder: DataFolder,
    pattern: str,
    stem: str,
    of_image: Mapping[str, Sequence[ImageFile]],
    named: ObjectNames,
) -> bool:
    """Return whether a pattern finds each file of an object under its class, and no other."""
    finder = FileFinder(folder.path, Pattern(pattern))
    for name, masks in of_image.items():
        field = stem.strip("{}")
        right = sorted((named.class_of[mask.stem], mask.path) for mask in masks)
        read = [
            (one, path) for one in named.classes for path in finder.of({field: name, "class": one})
        ]
        if sorted(read) != right:
            return False
    return True
