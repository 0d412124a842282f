"""The tasks of a competition, labels, masks or both, and the classes that they share.

Which kind of task the labels are is guessed in `labels`, and of masks in `masks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, permutations
from pathlib import Path

import pandas as pd

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.classes.text_colours import with_text_colours
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.masks.outlines import Outlines
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import (
    DataFolder,
    common_folder,
    guess_part_of_path,
    possible_image_names,
)
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.masks.content import MaskContent, read_content, values_in_mask
from podium.competition.infer.masks.files import (
    MaskFiles,
    RunAreas,
    find_mask_files,
    of_classes,
    train_masks,
)
from podium.competition.infer.masks.foreground import with_one_class, with_readme_polarity
from podium.competition.infer.masks.object_files import find_object_files
from podium.competition.infer.masks.object_names import class_lists, count_objects
from podium.competition.infer.masks.values import ZEROS, ClassNames, is_background, is_ground
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.claims import readme_absent_masks, readme_absent_rows
from podium.competition.infer.readme.unlabelled_values import readme_unlabelled_value
from podium.competition.infer.sample.runs import MaskRuns, run_areas, with_train_ids
from podium.competition.infer.shares import HALF
from podium.competition.made_files import MADE
from podium.errors import DataError, either, plural, some
from podium.tasks.protocols.find import image_kind

__all__ = [
    "FoundMasks",
    "InferredTasks",
    "find_masks",
    "masks_show_labels",
    "of_sent_classes",
    "settle_tasks",
    "with_listed_names",
]

FoundMasks = MaskFiles | MaskRuns
_VALUES = "data.train.mask_values"
_IGNORE = "data.train.ignore"
_VOID = "void"  # a name that `is_void`, in place of one that a text explains
_MOST_ORDERS = 6  # of classes, that are offered for colours


@dataclass(frozen=True)
class InferredTasks:
    """The targets: labels, masks, or both, which share `classes` where both have several."""

    labels: InferredLabels | None
    masks: FoundMasks | None
    classes: list[str]
    notes: list[str] = field(default_factory=list)
    left_out: FoundMasks | None = None
    """Masks that are of other classes than the labels, which are sent."""


def _named_by_table(files: MaskFiles, folder: DataFolder, train: TrainPart) -> MaskFiles:
    """Return the masks by the column of train whose cells are their paths, where no name leads.

    As `a/7.png` of `a/7.jpg` and `b/7.png` of `b/7.jpg`: a name alone is of two masks.
    """
    match = train.match
    if match is None or files.by_class or files.by_object or match.several:
        return files
    own = [
        files.pattern.replace("{stem}", one.stem).replace("{id}", one.stem)
        for one in match.images
        if one is not None
    ]
    known = {one.path for one in train_masks(folder)}
    if any("{" in one or "*" in one or one in known for one in own):
        return files
    for column in map(str, match.table.columns):
        cells = match.table[column]
        if column != match.id and cells.is_unique and known >= {*cells}:
            why = f"the cells of {column} are paths of masks"
            return replace(files, pattern=f"{{{column}}}", why=why, n_found=len(cells))
    return files


def find_masks(
    data: CompetitionData,
    train: TrainPart,
    runs: MaskRuns | None,
    sent: Sequence[str] = (),
    outlines: Outlines | None = None,
    further: tuple[frozenset[str], ...] | None = None,
    is_one_each: bool = False,
) -> tuple[FoundMasks | None, list[str]]:
    """Return the masks of the train images, and notes; files are preferred to runs.

    Args:
        train: whose masks.
        runs: a table of them.
        sent: the names of the classes that the sample submission shows.
        outlines: masks that were drawn in the workspace.
        further: the cells of each column of the sample submission beside ids and runs, which may
            name the classes of objects; None without a sample of masks.
        is_one_each: whether the sample submission has a row for each image, and so no class.
    """
    folder, tables = data.folder, data.tables
    stem = "{id}" if _ids_are_stems(train) else "{stem}"
    if outlines is not None and outlines.are_numbers:
        listed = find_class_names(data) or outlines.names
        outlines = replace(outlines, names=listed and replace(listed, sent=tuple(sent)))
    if outlines is not None and outlines.unnamed and sent:
        outlines = _with_names_of_sample(outlines, find_class_names(data), sent)
    if outlines is not None:
        return _of_outlines(outlines, train, stem, folder)
    if runs is not None:
        rows = tables[runs.path]
        runs = _with_missing(with_train_ids(runs, rows, train.ids), rows, folder, train)
    names = with_text_colours(find_class_names(data), folder)
    names = names and replace(names, sent=tuple(sent))
    told = None if names is None else readme_unlabelled_value(folder, names.named, sent)
    if names is not None and told is not None:
        names = replace(names, named={**names.named, told.value: _VOID})
    areas: RunAreas = {} if runs is None else run_areas(runs, tables[runs.path], folder)
    if names is not None:
        areas = with_listed_names(areas, names)
    ids = list(train.ids) if train.plain is None else train.plain.ids
    lists = class_lists(tables, further)
    files = find_object_files(
        folder, train.images, stem=stem, ids=train.ids, lists=lists
    ) or find_mask_files(
        folder,
        train.images,
        train.pattern,
        names,
        stem=stem,
        areas=areas,
        sent=sent,
        ids=ids,
        is_one_each=is_one_each,
    )
    if files is None:
        return runs, [] if runs is None else list(runs.notes)
    if runs is not None and _has_masks_of_test(folder):
        note = (
            f"the masks {files.pattern} are not used: images to predict have such, too, so they "
            f"are a region of each image; the truth are the runs of {runs.path}"
        )
        return runs, [*runs.notes, note]
    files = with_readme_polarity(_named_by_table(files, folder, train), folder)
    if is_one_each and runs is None:
        files = with_one_class(files)
    files, more = _with_absent(data, files, train, runs)
    notes = [*files.notes, *more]
    if told is not None and files.content.ignore == told.value:
        notes.append(f"{told.quote}: pixels of {told.value} are of no class")
    if runs is not None and len(runs.classes) > 1 and files.kind.is_yes_no:
        # Binary mask files have less information than rows of several classes.
        return runs, [
            *runs.notes,
            f"the mask files {files.pattern} are not used: they name no class",
        ]
    if runs is not None:
        notes.append(f"the runs of {runs.path} are not used: mask files need no codec")
    return files, notes


def _with_missing(
    runs: MaskRuns, rows: pd.DataFrame, folder: DataFolder, train: TrainPart
) -> MaskRuns:
    """Return the runs with the number of images without a row that are no empty masks, and why.

    So it is where empty masks have rows, or where most images have rows, each of most of several
    classes.
    """
    drawn = {image.path for one in runs.ids for image in folder.named(one)}
    missing = [image.path for image in train.images if image.path not in drawn]
    if runs.images or not missing or len(missing) == len(train.images):
        return runs
    are_few = len(missing) < HALF * len(train.images)
    why = _has_most(runs, rows) if are_few else ""
    why = f"where {some(runs.empty)} marks an empty mask" if runs.empty else why
    return replace(runs, n_missing=len(missing), why_missing=why) if why else runs


_SEVERAL = 3  # classes


def _has_most(runs: MaskRuns, rows: pd.DataFrame) -> str:
    """Return that every image with a row has more than half of several classes; "" if not so."""
    if runs.label is None or runs.id not in rows or runs.are_objects:
        return ""
    n, least = len(runs.classes), int(rows.groupby(runs.id)[runs.label].nunique().min())
    has_most = n >= _SEVERAL and least > HALF * n
    return (
        f"where every other one has {least} or more of {either(n, 'class', 'classes')}"
        if has_most
        else ""
    )


def _has_masks_of_test(folder: DataFolder) -> bool:
    """Return whether each image to predict, of which there are some, has a file called a mask."""
    masks = [one for one in folder.of_part("mask") if guess_part_of_path(one.path) == "test"]
    test = {image.stem for image in folder.of_part("test")}
    named = {name for mask in masks for name, *_ in possible_image_names(mask.stem)}
    return bool(test) and test <= named


def _with_absent(
    data: CompetitionData, masks: MaskFiles, train: TrainPart, runs: MaskRuns | None
) -> tuple[MaskFiles, list[str]]:
    """Return the masks with what an image without a file means, where that shows, and notes.

    A table of runs has such images without any, a table counts nothing in these alone, or a text
    states it.
    """
    tables = data.tables
    n_files = masks.n_files or _files_by_name(masks, data.folder)
    stems = {image.stem for image in train.images}
    every = stems if n_files.keys() <= stems else train.ids
    without = every - n_files.keys()
    if not n_files or not without:
        return masks, []
    n = len(without)
    if runs is not None and runs.id in tables[runs.path]:
        rows = tables[runs.path]
        rows = rows[rows[runs.id].isin(without)]
        if len(rows) and rows[runs.rle].isin([*runs.empty, ""]).all():
            why = f"{len(rows):,} of the {plural(n, 'image')} without a mask file have no runs in"
            return replace(masks, absent=f"{why} {runs.path}"), []
    counted = count_objects(tables, n_files, every)
    if counted is not None and counted[0]:
        why = f"the {plural(n, 'image')} without a mask file have an empty mask: {counted[1]}"
        return replace(masks, absent=why), []
    if counted is not None:
        return masks, [f"{either(n, 'image has', 'images have')} no mask file, and {counted[1]}"]
    if told := readme_absent_masks(data.folder):
        why = f"the {plural(n, 'image')} without a mask file have an empty mask: {told}"
        return replace(masks, absent=why), []
    if masks.by_object:
        why = (
            f"a file is an object, so that the {plural(n, 'image')} without a file have none; "
            "where they are not labelled: missing"
        )
        return replace(masks, absent=why), []
    return masks, []


def _files_by_name(masks: MaskFiles, folder: DataFolder) -> Mapping[str, int]:
    """Return the number of files of each image that has any, by what the pattern names it by."""
    pattern = Pattern(masks.pattern)
    fields = [found for mask in train_masks(folder) if (found := pattern.match(mask.path))]
    return Counter(found.get("id", found.get("stem", "")) for found in fields)


def _of_outlines(
    outlines: Outlines, train: TrainPart, stem: str, folder: DataFolder
) -> tuple[FoundMasks | None, list[str]]:
    keys = {one.path: one.stem for one in train.images} if not outlines.keys else outlines.keys
    named = [keys[one.path] for one in train.images if one.path in keys]
    of_train = [outlines.files[one] for one in named if one in outlines.files]
    names = None if outlines.classes else outlines.names
    content = read_content(
        [file for files in of_train for file in files],
        names,
        of_one_class=bool(outlines.classes),
        unlabelled=outlines.unlabelled,
    )
    if content is None:
        return None, []
    notes = [*outlines.notes, *(content.notes if outlines.are_numbers else ())]
    why = f"{outlines.reader} of {plural(len(outlines.sources), 'file')}"
    if outlines.reader.startswith("outlines"):
        why = f"drawn from the outlines of {plural(len(outlines.sources), 'file')}"
        notes.append(
            "the outlines of an image are drawn into one mask; for objects of their own, write one "
            "mask file an object and tasks: {segment: instance}"
        )
    if any("/" in one for one in named):
        stem = f"{_folders_of_masks(outlines, train)}/{{stem}}"
    file = f"{stem}_{{class}}.png" if outlines.classes else f"{stem}.png"
    if outlines.classes:
        content = of_classes(content, outlines.classes)
    if outlines.others:
        others = tuple((f"{MADE}/{name}/{file}", other) for name, other in outlines.others)
        content = replace(content, open=(*content.open, OpenKey("data.train.mask", others)))
    masks = MaskFiles(f"{MADE}/masks/{file}", content, len(of_train), why)
    masks = replace(masks, by_class=bool(outlines.classes), maps=outlines.maps)
    n = len(train.images) - masks.n_found
    told = readme_absent_masks(folder) if outlines.absent else ""
    told = told or readme_absent_rows(folder, outlines.sources)
    if not n or not (outlines.absent or told):
        return masks, notes
    absent = outlines.absent or f"{some(outlines.sources)} has no row of them, and they are blank"
    why = f"{plural(n, 'image')} without a mask file: {absent}"
    why += f", as {told}" if told else ""
    if not told and n >= HALF * len(train.images):
        unknown = f"where nobody drew the outlines of these {n:,} images: they are left out"
        asked = OpenKey("data.train.absent", (("missing", unknown),))
        masks = replace(masks, content=replace(content, open=(*content.open, asked)))
    return replace(masks, absent=why), [*notes, why]


def _folders_of_masks(outlines: Outlines, train: TrainPart) -> str:
    """Return the folders of masks whose images have equal names, by the fields of these images.

    Raises:
        DataError: no field of the pattern of the images tells their folders.
    """
    folders = train.pattern.rpartition("/")[0][len(common_folder(train.images)) :].strip("/")
    if folders and "*" not in folders:
        return folders
    first = next(iter(outlines.keys))
    alike = [one for one in outlines.keys if Path(one).stem == Path(first).stem]
    raise DataError(
        "outlines are of images of equal names in several folders, as "
        f"{some(alike, 2)}, and no pattern tells these folders",
        where=outlines.sources[0],
        fix="give the images names of their own, as drive_A_1.jpg, there and in the outlines",
    )


def _with_names_of_sample(
    outlines: Outlines, listed: ClassNames | None, sent: Sequence[str]
) -> Outlines:
    """Return masks of classes without names, a file a class, with names; of values without any.

    Raises:
        DataError: nothing names the classes, and the sample submission does.
    """
    if not outlines.classes:
        return replace(outlines, names=ClassNames(""))
    n = len(outlines.classes)
    names: list[str] = []
    if listed is not None:
        numbers = sorted(one for one in listed.named if isinstance(one, int))
        names = [*listed.listed, *(listed.named[number] for number in numbers)]
    if len(names) == n + 1 and is_background(names[0]):
        names = names[1:]
    if len(names) != n or len(set(names)) < n or any("/" in one for one in names):
        raise DataError(
            f"masks have {n} {outlines.unnamed} without names, and the sample submission has rows "
            f"of {_few(sent)}",
            where=outlines.sources[0],
            fix="write classes.txt beside the images, a name a line, in the order of the "
            f"{outlines.unnamed}",
        )
    files: dict[str, list[Path]] = {}
    for stem, each in outlines.files.items():
        files[stem] = [
            file.with_name(f"{Path(stem).name}_{name}.png")
            for file, name in zip(each, names, strict=True)
        ]
        # By way of other names: those of one class may be those of another one before.
        for file in each:
            file.rename(file.with_suffix(".part"))
        for file, named in zip(each, files[stem], strict=True):
            file.with_suffix(".part").rename(named)
    maps = outlines.maps and replace(outlines.maps, classes=tuple(names))
    return replace(outlines, files=files, classes=tuple(names), unnamed="", maps=maps)


def with_listed_names(areas: RunAreas, names: ClassNames) -> RunAreas:
    """Return the areas by the names of a list, where the runs have their numbers.

    They are counted from 0 or 1 where the list has none.
    """
    numbers = {name for each in areas.values() for name in each}
    by_number = {str(n): name for n, name in names.named.items()}
    if not numbers or not numbers <= set(by_number):
        ways = [{str(n): one for n, one in enumerate(names.listed, first)} for first in (0, 1)]
        by_number = next((way for way in ways if numbers == set(way)), {})
    if not by_number:
        return areas
    return {
        image: {by_number[name]: n for name, n in each.items()} for image, each in areas.items()
    }


def _ids_are_stems(train: TrainPart) -> bool:
    if train.match is not None:
        cells = zip(train.match.table[train.match.id], train.match.images, strict=True)
        return all(image is None or cell == image.stem for cell, image in cells)
    template = train.folders.id if train.folders is not None else None
    template = train.plain.id if train.plain is not None else template
    return template == "{stem}"


def settle_tasks(
    labels: InferredLabels | None,
    masks: FoundMasks | None,
    *,
    masks_are_sent: bool,
    names: Sequence[str] = (),
    show_labels: Callable[[FoundMasks, Sequence[str]], bool | None] | None = None,
) -> InferredTasks:
    """Return the tasks that `competition.yaml` can combine.

    There is one list of classes. Where labels and masks have different ones, the submitted task is
    kept and the other is left out.

    Args:
        labels: of images.
        masks: of train.
        masks_are_sent: whether the submission holds masks.
        names: of the classes, where the submission of masks shows them.
        show_labels: whether masks of numbered classes show, in this order, the labels of their
            images, or None where nothing tells that; None to ask nothing.
    """
    if masks is None:
        return InferredTasks(labels, None, [] if labels is None else labels.classes)
    if labels is None:
        named = _with_names_of(masks, names) if names and masks.classes else None
        if named is None and names:
            whole = _without_background(masks, names)
            if whole is not None:
                return InferredTasks(None, whole, list(names))
        if named is None:
            return of_sent_classes(masks, names)
        return InferredTasks(
            None, named, list(names), _class_notes(masks, named, "submitted classes")
        )
    if masks.kind.is_yes_no:
        return InferredTasks(labels, masks, labels.classes)
    if masks.kind.finds_objects and not masks.classes:
        # The classes of labels would be those of the objects.
        if labels.kind.is_yes_no and labels.classes == ["0", "1"]:
            return InferredTasks(replace(labels, classes=[]), masks, [])
        if not labels.kind.refuses_classes:
            return _one_of(labels, masks, masks_are_sent, "objects have no class, and images do")
    if labels.kind.refuses_classes:
        return InferredTasks(labels, masks, masks.classes)
    if labels.kind.is_yes_no and labels.classes == ["0", "1"]:
        return InferredTasks(replace(labels, classes=[]), masks, masks.classes)
    named = _with_names_of(masks, labels.classes)
    if named is not None and set(masks.classes) != set(labels.classes) and show_labels is not None:
        are_shown = show_labels(masks, labels.classes)
        named = None if are_shown is False else named
        if are_shown is None and isinstance(named, MaskFiles):
            named = _or_alone(named)
    if named is not None:
        # Beside masks of several classes, a binary task has no names for its two.
        kind = image_kind("multiclass") if labels.kind.is_yes_no else labels.kind
        notes = _class_notes(masks, named, "labels")
        return InferredTasks(replace(labels, kind=kind), named, labels.classes, notes)
    what = (
        f"the masks' classes ({_few(masks.classes)}) are not the labels' "
        f"({_few(labels.classes)}), and competition.yaml has one list of classes"
    )
    return _one_of(labels, masks, masks_are_sent, what)


def of_sent_classes(masks: FoundMasks, names: Sequence[str]) -> InferredTasks:
    """Return the task of masks; classes that the submission has no row for are background."""
    rest = [name for name in masks.classes if name not in names]
    if masks.kind.finds_objects and isinstance(masks, MaskFiles):
        # A sample shows a few objects, and not one of each class.
        return InferredTasks(None, masks, masks.classes)
    if len(names) < 2 or set(names) | set(rest) != set(masks.classes) or not rest:
        return InferredTasks(None, masks, masks.classes)
    only = f"the sample submission has rows for {_few(names)} alone"
    if isinstance(masks, MaskRuns) or (masks.content.values is None and not masks.by_class):
        note = f"{only}, and train has masks of {_few(rest)}, too: leave these out of classes"
        return InferredTasks(None, masks, masks.classes, [note])
    values = masks.content.values and {
        value: "background" if name in rest else name
        for value, name in masks.content.values.items()
    }
    content = replace(masks.content, classes=list(names), values=values)
    may_be = {} if content.ignore is not None else _may_be_unlabelled(masks.content, rest)
    if may_be:
        asked = tuple(
            (one, f"pixels of {one} ({name}) may not be scored: {only}")
            for one, name in may_be.items()
        )
        content = replace(content, open=(*content.open, OpenKey(_IGNORE, asked)))
        named_zero = {may_be.get(one) for one in ZEROS}
        rest = [name for name in rest if name not in named_zero]
    notes = [f"{only}: the pixels of {_few(rest)} are background"] if rest else []
    return InferredTasks(None, replace(masks, content=content), list(names), notes)


def _may_be_unlabelled(content: MaskContent, rest: Sequence[str]) -> dict[int | str, str]:
    """Return the names of the values, of those that are not sent, that nobody may have labelled.

    0, by a word of any language, is what is none of the classes, or what nobody labelled. So is a
    last number behind a gap, as 9 behind 3 or 255, often.
    """
    values = content.values or {}
    numbers = sorted(one for one in values if isinstance(one, int))
    last = numbers[-1:] if len(numbers) > 1 and numbers[-1] > numbers[-2] + 1 else []
    zero = [one for one in ZEROS if values.get(one) in rest][:1]
    found = ((one, values[one]) for one in (*zero, *last))
    return {one: name for one, name in found if name in rest and not is_ground(name)}


def _one_of(
    labels: InferredLabels, masks: FoundMasks, masks_are_sent: bool, what: str
) -> InferredTasks:
    """Return the task of the two that is submitted."""
    if masks_are_sent:
        return InferredTasks(None, masks, masks.classes, [f"{what}: labels are left out"])
    notes = [f"{what}: masks are left out"]
    return InferredTasks(labels, None, labels.classes, notes, left_out=masks)


def _class_notes(masks: FoundMasks, named: FoundMasks, of: str) -> list[str]:
    are_open = not isinstance(named, MaskRuns) and any(
        one.key == _VALUES for one in named.content.open
    )
    if set(masks.classes) == set(named.classes) or are_open:
        return []
    return [
        f"the masks have as many values as there are {of}, {len(named.classes)}: they are taken "
        f"for {_few(named.classes)}, in this order; check data.train.mask_values"
    ]


def _without_background(masks: FoundMasks, names: Sequence[str]) -> FoundMasks | None:
    """Return the masks with a class for each value, 0 included, or None.

    That is a choice where the submission has a class more than there are values beside 0.
    """
    numbered = [f"class {n}" for n in range(1, len(names))]
    if isinstance(masks, MaskRuns) or masks.classes != numbered or len(names) < 3:
        return None
    values = masks.content.values or dict(enumerate(["background", *numbered]))
    if not all(isinstance(value, int) for value in values):
        return None
    inside = sorted(value for value in values if isinstance(value, int))
    each: dict[int | str, str] = dict(zip(inside, names, strict=True))
    absent = {0: "background", **dict(zip(inside[1:], names, strict=False))}
    absent[max(inside) + 1] = names[-1]
    open_key = OpenKey(
        _VALUES,
        ((absent, f"where 0 is no class, and no mask has a pixel of {names[-1]}"),),
    )
    why = (
        f"{masks.content.why}; the sample submission has rows for "
        f"{either(len(names), 'class', 'classes')}, as many as "
        "there are values: not sure, in the order of its rows"
    )
    content = replace(
        masks.content,
        classes=list(names),
        values=each,
        why=why,
        open=(*masks.content.open, open_key),
        other=None,
        numbered=None,
    )
    return replace(masks, content=content)


def _or_alone(masks: MaskFiles) -> MaskFiles:
    """Return the masks with the question whether labels are of something else than their values."""
    alone = {masks.kind.task: str(masks.kind)}
    why = (
        "where the labels are of something else, as scenes beside masks of things: take label out "
        "of data.train, and name the values of masks in mask_values"
    )
    opened = (*masks.content.open, OpenKey("tasks", ((alone, why),)))
    return replace(masks, content=replace(masks.content, open=opened))


def masks_show_labels(
    folder: DataFolder, train: TrainPart, masks: FoundMasks, classes: Sequence[str]
) -> bool | None:
    """Return whether masks of numbered classes show the label of their image, in this order.

    Else as many scenes as there are values in masks would name these. None where each mask has all
    values, which tells nothing.

    Args:
        train: with a label for each image.
        masks: of numbered classes, in files.
        classes: the labels in the order of the numbers.
    """
    of_stem = _labels_of_stems(train)
    if isinstance(masks, MaskRuns) or masks.by_class or not of_stem:
        return True
    values = masks.content.values or {n: f"class {n}" for n in range(1, len(classes) + 1)}
    numbers = [one for one, name in values.items() if name in masks.classes]
    wanted = dict(zip(classes, numbers, strict=False))
    finds = Pattern(masks.pattern).match
    files = [one for one in train_masks(folder) if finds(one.path) is not None]
    n_shown = n_seen = 0
    for mask in files[:: max(1, len(files) // _LOOKED_AT)]:
        stem = next((one for one, *_ in possible_image_names(mask.stem) if one in of_stem), None)
        seen = values_in_mask(folder.path / mask.path) & {*numbers}
        if stem is not None and seen and len(seen) < len(numbers):  # of all it shows any label
            n_seen += 1
            n_shown += wanted.get(of_stem[stem]) in seen
    return n_shown >= _MOSTLY * n_seen if n_seen else None


_LOOKED_AT = 24
_MOSTLY = 0.9


def _labels_of_stems(train: TrainPart) -> dict[str, str]:
    """Return the label of each image of one class, by the stem of its file."""
    labels, match = train.labels, train.match
    if train.folders is not None:
        pairs = zip(train.folders.images, train.folders.labels, strict=True)
        return {image.stem: label for image, label in pairs}
    if labels is None or match is None or not isinstance(labels.column, str):
        return {}
    if not labels.kind.is_exclusive:
        return {}
    cells = zip(match.images, match.table[labels.column], strict=True)
    return {image.stem: str(cell) for image, cell in cells if image is not None}


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")


def _with_names_of(masks: FoundMasks, classes: Sequence[str]) -> FoundMasks | None:
    """Return the masks with these classes, where they are the same or only numbered."""
    if set(masks.classes) == set(classes):
        return masks if list(masks.classes) == list(classes) else _in_order(masks, classes)
    numbered = [f"class {n + 1}" for n in range(len(classes))]
    if isinstance(masks, MaskRuns) or masks.classes != numbered:
        return None
    values = masks.content.values or dict(enumerate(["background", *numbered]))

    def in_order(classes: Sequence[str]) -> dict[int | str, str]:
        names = dict(zip(numbered, classes, strict=True))
        return {value: names.get(name, name) for value, name in values.items()}

    content = replace(masks.content, classes=list(classes), values=in_order(classes))
    if any(isinstance(value, str) for value in values):
        # Numbers are in the order of a list, as a rule; colours are in none.
        orders = islice(permutations(classes), 1, _MOST_ORDERS)
        others = tuple((in_order(one), "no colour tells its class") for one in orders)
        open_key = OpenKey(_VALUES, others)
        content = replace(content, open=(*content.open, open_key))
    return replace(masks, content=content)


def _in_order(masks: FoundMasks, classes: Sequence[str]) -> FoundMasks:
    if isinstance(masks, MaskRuns):
        return replace(masks, classes=list(classes))
    values = masks.content.values
    if values is None and not masks.by_class:
        values = dict(enumerate(["background", *masks.classes]))
    return replace(masks, content=replace(masks.content, classes=list(classes), values=values))
