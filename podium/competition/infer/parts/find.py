"""The parts of a competition: images of train, to predict and without a label, and their ids."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from podium.competition.ids.patterns import Pattern
from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.conversions.labels.cells.codes_of_no_class import (
    with_codes_in_question,
)
from podium.competition.infer.conversions.parts.blank_answers import (
    BlankAnswers,
    rows_without_answers,
)
from podium.competition.infer.conversions.tables.made_table import MadeTable
from podium.competition.infer.conversions.tables.rows.unit_rows import units_not_found
from podium.competition.infer.files import common_folder
from podium.competition.infer.image_tables import ImageTable
from podium.competition.infer.masks.files import MaskFiles, train_masks
from podium.competition.infer.parts.folders import PlainImages
from podium.competition.infer.parts.no_results import (
    find_no_results,
    note_of_no_results,
    without_no_results,
)
from podium.competition.infer.parts.refusals import NotedError
from podium.competition.infer.parts.to_predict import (
    PartImages,
    find_test,
    find_unlabelled,
    part_of_table,
)
from podium.competition.infer.parts.train import TrainPart, listed_by_test
from podium.competition.infer.parts.unlabelled import (
    with_images_of_no_table,
    with_unlabelled_of_texts,
    without_blank_labels,
)
from podium.competition.infer.sample.runs import (
    with_other_ids,
    with_plain_ids,
)
from podium.competition.infer.sample.sent_values import settle_values
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.sources import Sources
from podium.competition.infer.tasks.find import find_tasks
from podium.competition.infer.tasks.settle import (
    FoundMasks,
    InferredTasks,
)
from podium.errors import DataError, plural, some

__all__ = ["FoundParts", "find_parts"]

_NOTES_TOLD = 6  # of what was made, in the message that it did not suffice
_NO_TEST = PartImages("*.none", None, 0, "none is given")


@dataclass(frozen=True)
class FoundParts:
    """The parts of a competition, with the sources that have the tables made of them."""

    sources: Sources
    train: TrainPart
    test: PartImages
    tasks: InferredTasks
    sends_masks: bool
    unlabelled: PartImages | None
    blank: ImageTable | None
    """The rows of train without a label, which became unlabelled ones; None without such."""
    plain_sample: SampleSubmission | None
    """The sample submission, with ids of images in place of those of rows."""


def find_parts(
    sources: Sources, *, slug: str | None, label: str | None, has_test: bool
) -> FoundParts:
    """Return the parts of a competition, with ids as the sample submission has them.

    Args:
        sources: the files of the data, as `read_sources` returned them.
        slug: the competition's name on Kaggle, where it is known.
        label: the column to predict, where the user or the tables name it.
        has_test: whether there must be images to predict.

    Raises:
        DataError: there are no labels or no images to predict.
    """
    tables, sample = sources.tables, sources.sample
    try:
        train, tasks, sends_masks = find_tasks(sources, slug, label)
    except DataError as error:
        error = units_not_found(sources) or error
        more = sources.notes[_NOTES_TOLD:]
        told = [
            *sources.notes[:_NOTES_TOLD],
            *([f"{plural(len(more), 'more note')}"] if more else []),
        ]
        if isinstance(error, NotedError):
            raise error.with_notes(told) from error
        raise NotedError(error.message, told, where=error.where, fix=error.fix) from error
    sources, train, tasks = _with_results_alone(sources, train, tasks, slug=slug, label=label)
    tables = sources.tables
    plain_sample = sample
    if sample is not None and sends_masks:
        plain_sample = with_plain_ids(sample, sources.folder, tasks.classes)
    test = _NO_TEST
    if has_test:
        hold_out = ""
        if not _has_others(sources, train):
            hold_out = _way_to_hold_out(sources, train, tasks, sends_masks=sends_masks)
        try:
            test = find_test(sources, train, hold_out=hold_out)
        except DataError as error:
            blank_answers = rows_without_answers(sources, train, tasks.labels)
            if blank_answers is not None and not sends_masks:
                sources = _with_blank_answers(sources, blank_answers)
                return find_parts(sources, slug=slug, label=label, has_test=has_test)
            raise (units_not_found(sources) or error) from error
    sources, test = _test_of_pool(sources, test, tasks)
    sources, train = _train_of_pool(sources, train, tasks)
    sources, train = _folders_without_test(sources, train)
    sources, train = _names_as_table(sources, train)
    train, test, tasks = _with_ids_of_sample(train, test, sample, tasks, tables)
    if isinstance(tasks.masks, MaskFiles) and train.plain is not None:
        train, tasks = _with_names_as_ids(train, train.plain, test, tasks, tasks.masks)
    if sample is not None and sends_masks:
        listed = find_class_names(replace(sources, tables=tables))
        numbers = {} if listed is None else listed.numbers
        tasks = settle_values(tasks, sample, test.ids, numbers)
    unlabelled, blank = find_unlabelled(sources.folder), None
    if tasks.masks is None and unlabelled is None:
        sources, train, blank = without_blank_labels(sources, train, test)
    if train.match is not None and train.match.join is not None:
        train = replace(train, with_blank=sources.units_with_zeros)
    if train.match is not None and (others := sources.other_rows.get(train.match.path)):
        train = replace(train, other_tables=(*train.other_tables, *others))
    if unlabelled is None and blank is None:
        sources = with_unlabelled_of_texts(sources, train, test)
        unlabelled = find_unlabelled(sources.folder)
    sources, train = with_codes_in_question(sources, train)
    if blank is not None:
        unlabelled = part_of_table(blank, "the rows of train without a label")
    elif tasks.masks is None and unlabelled is None and has_test:
        sources, train, unlabelled = with_images_of_no_table(sources, train, test)
    return FoundParts(sources, train, test, tasks, sends_masks, unlabelled, blank, plain_sample)


def _with_results_alone(
    sources: Sources,
    train: TrainPart,
    tasks: InferredTasks,
    *,
    slug: str | None,
    label: str | None,
) -> tuple[Sources, TrainPart, InferredTasks]:
    """Return train and its tasks without values of the labels that are no results."""
    found = find_no_results(sources, train)
    if found is None:
        return sources, train, tasks
    is_joined = train.match is not None and train.match.join is not None
    if tasks.masks is not None or is_joined or found.path not in sources.tables:
        return sources.with_note(note_of_no_results(found)), train, tasks
    made = without_no_results(sources, found)
    for named in (label, str(found.labels.column)):
        try:
            of_results, others, _ = find_tasks(made, slug, named)
        except DataError:
            continue
        labels = of_results.labels
        if labels is not None and labels.column == found.labels.column:
            # A word among numbers is no class of them.
            asked = None if found.is_sure or labels.kind.refuses_classes else found
            return made, replace(of_results, no_results=asked), others
    return sources.with_note(note_of_no_results(found)), train, tasks


def _with_blank_answers(sources: Sources, found: BlankAnswers) -> Sources:
    """Return the sources with a table of rows to predict, asked for where no text tells of them."""
    sources = sources.without_tables([found.path])
    for name, one in found.tables.items():
        sources = sources.with_table(name, one)
    if found.told:
        return sources.with_note(f"rows without an answer are to be predicted: {found.told}")
    of_test = next(reversed(sources.test_tables))
    why = "nothing else is, and no text tells what they are"
    note = f"rows without an answer are taken for those to predict: {why}"
    return replace(sources, listed=of_test).with_note(note)


def _has_others(sources: Sources, train: TrainPart) -> bool:
    """Return whether there are images that may be those to predict, or unlabelled.

    None of train has them, as where a list names them, or they lie in folders beside one that holds
    the folders of classes.
    """
    images = (image for image in sources.folder.images if image.part != "mask")
    depths = {image.folder.count("/") for image in train.images} if train.folders else set[int]()
    drawn = {} if sources.outlines is None else sources.outlines.keys
    used = frozenset(drawn) or train.used  # of what is in no mask nothing can be learnt
    return len(depths) > 1 or any(image.path not in used for image in images)


def _way_to_hold_out(
    sources: Sources, train: TrainPart, tasks: InferredTasks, *, sends_masks: bool
) -> str:
    """Return the command that holds out a part of train, as a host of one's own; "" where none can.

    It divides pictures of one file, with labels of images or of pixels.
    """
    folder, answers = sources.folder, tasks.masks if sends_masks else tasks.labels
    of_objects = isinstance(answers, MaskFiles) and answers.by_object
    is_plain = not (folder.channels or sources.unit or sources.rows or sources.coco or of_objects)
    if train.match is not None and (train.match.several or train.match.join is not None):
        is_plain = False
    if any(image.suffix.lower() in _NO_PICTURES for image in train.images):
        is_plain = False
    if answers is None or not is_plain or not answers.kind.usual_metric:
        return ""
    name = shlex.quote(f"{folder.path.resolve().name}-held-out")
    command = (
        f"podium host init {name} --from {shlex.quote(str(folder.path))} --hold-out 0.2 "
        f"--metric {answers.kind.usual_metric}"
    )
    labels = tasks.labels
    label = labels.column if labels is not None and not sends_masks else None
    others = labels.columns if labels is not None and isinstance(label, str) else ()
    which = ""
    if isinstance(label, str) and others:
        rest = [one for one in others if isinstance(one, str) and one != label]
        command = f"{command} --label {shlex.quote(label)}"
        which = "".join(f", or --label {shlex.quote(one)}" for one in rest)
    return (
        f"hold out a fifth of the labelled images: {command}{which}; it hides their labels in "
        f"{name}/solution.csv, and {name}/files is what podium init takes then"
    )


_NO_PICTURES = (".dcm", ".dicom", ".npy", ".npz")


def _test_of_pool(
    sources: Sources, test: PartImages, tasks: InferredTasks
) -> tuple[Sources, PartImages]:
    """Return the images to predict as a table, where their pattern finds other files, too.

    As those of train, or masks that lie beside the images to predict.
    """
    folder, images = sources.folder, sources.folder.of_part("test")
    if test.table is not None or len(test.ids) != len(images) or folder.channels:
        return sources, test
    finds = Pattern(test.images).match
    masks = [one.path for one in folder.of_part("mask") if finds(one.path) is not None]
    if isinstance(tasks.masks, MaskFiles):  # what is read as the masks of train is no sample
        is_of_train = Pattern(tasks.masks.pattern).match
        masks = [path for path in masks if is_of_train(path) is None]
    others = (one.path for one in folder.of_part("train", "other"))
    if any(finds(path) is not None for path in others):
        reader = "the images to predict, which lie in one pool with those of train"
        why = f"images without a mask in {common_folder(images) or 'the data folder'}"
    elif masks:
        reader = (
            "the images to predict, without the masks that lie beside them "
            f"({plural(len(masks), 'file')}, as {masks[0]})"
        )
        why = f"the image files in {common_folder(images)} that are no masks"
    else:
        return sources, test
    rows = zip(test.ids, images, strict=True)
    table = pd.DataFrame([(id_, one.path) for id_, one in rows], columns=["id", "image"], dtype=str)
    made = MadeTable(tuple(one.path for one in images), reader, table)
    sources, path = sources.written("test.csv", made)
    paths = frozenset(one.path for one in images)
    test = replace(test, images="{image}", id="id", why=why, table=path, paths=paths)
    return sources.with_note(f"{path} has {reader}"), test


def _train_of_pool(
    sources: Sources, train: TrainPart, tasks: InferredTasks
) -> tuple[Sources, TrainPart]:
    """Return the images of train as a table, where their pattern finds other files.

    As masks that are not used, or images to predict that a table lists.
    """
    folder, masks = sources.folder, tasks.masks
    if train.plain is None or not isinstance(masks, MaskFiles) or masks.by_class:
        return sources, train
    finds, is_used = Pattern(train.pattern).match, Pattern(masks.pattern).match
    rest = [mask.path for mask in train_masks(folder) if is_used(mask.path) is None]
    listed = listed_by_test(sources)
    reader = "the images of train, which lie in one folder with masks that are not used"
    if any(finds(path) is not None for path in listed):
        rest = [*rest, *listed]
        reader = "the images of train, which lie in one folder with those to predict"
    if any(finds(path) is not None for path in folder.beside):
        rest = [*rest, *folder.beside]
        reader = "the images of train, which lie in one folder with pictures that are not used"
    ids = train.ids_of_images
    is_plain = ids is not None and len(set(ids)) == len(ids) and not folder.channels
    if not is_plain or not any(finds(path) is not None for path in rest) or train.plain.group:
        return sources, train
    rows = zip(ids or (), (image.path for image in train.images), strict=True)
    table = pd.DataFrame(rows, columns=["id", "image"], dtype=object)
    fields = {*Pattern(masks.pattern).fields} & {*Pattern(train.pattern).fields}
    for name in sorted(fields - {"id", "image", "stem"}):
        # The masks' pattern takes it from a row then.
        table[name] = [(finds(image.path) or {}).get(name, "") for image in train.images]
    made = MadeTable(tuple(image.path for image in train.images), reader, table)
    sources, path = sources.written("train.csv", made)
    match = ImageTable(path, table, "id", tuple(train.images), "{image}")
    train = replace(train, plain=None, match=match)
    return sources.with_note(f"{path} has {reader}"), train


def _folders_without_test(sources: Sources, train: TrainPart) -> tuple[Sources, TrainPart]:
    """Return the images of class folders as a table, without those that a table of test names.

    So it is where pictures that are not used lie among them.
    """
    folder, found = sources.folder, train.folders
    listed = listed_by_test(sources) if found is not None else set()
    if found is None or train.labels is None:
        return sources, train
    finds = Pattern(train.pattern).match
    is_among = any(finds(path) is not None for path in folder.beside)
    if not train.used & listed and (not is_among or found.group is not None):
        return sources, train
    ids = train.ids_of_images or [image.path for image in found.images]
    cells = zip(ids, (image.path for image in found.images), found.labels, strict=True)
    rows = [row for row in cells if row[1] not in listed]
    left = {label for *_, label in rows}
    classes = [one for one in found.classes if one in left]
    if len(classes) < 2:
        return sources, train
    table = pd.DataFrame(rows, columns=["id", "image", "class"], dtype=object)
    n = len(found.images) - len(rows)
    reader = f"the class folders of train, without {plural(n, 'image')} that are to be predicted"
    if is_among and not n:
        reader = "the class folders of train, without the pictures in them that are not used"
    made = MadeTable(tuple(sources.test_tables), reader, table)
    sources, path = sources.written("train_of_folders.csv", made)
    images = tuple(image for image in found.images if image.path not in listed)
    match = ImageTable(path, table, "id", images, "{image}")
    labels = train.labels
    if len(classes) < len(found.classes):
        lost = [one for one in found.classes if one not in left]
        reader += f"; no image of {some(lost, 3)} is left to learn from"
        labels = replace(labels, classes=classes)
    train = replace(train, labels=labels, folders=None, match=match)
    return sources.with_note(f"{path} has {reader}"), train


def _names_as_table(sources: Sources, train: TrainPart) -> tuple[Sources, TrainPart]:
    """Return the images as a table, where their names hold the class and no pattern tells it."""
    found = train.folders
    if found is None or "{class}" in found.pattern:
        return sources, train
    ids = train.ids_of_images or [image.path for image in found.images]
    rows = list(zip(ids, (image.path for image in found.images), found.labels, strict=True))
    table = pd.DataFrame(rows, columns=["id", "image", "class"], dtype=object)
    _, first, label = rows[0]
    reader = (
        f"the {plural(len(found.classes), 'word')} that the names of the images of train begin "
        f"with ({label} of {first}), and no name of an image to predict: these are taken for the "
        "classes"
    )
    made = MadeTable(tuple(image.path for image in found.images), reader, table)
    sources, path = sources.written("train_of_names.csv", made)
    match = ImageTable(path, table, "id", tuple(found.images), "{image}")
    return sources.with_note(f"{path} has {reader}"), replace(train, folders=None, match=match)


def _with_ids_of_sample(
    train: TrainPart,
    test: PartImages,
    sample: SampleSubmission | None,
    tasks: InferredTasks,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[TrainPart, PartImages, InferredTasks]:
    """Return the parts with the column for id that the sample's ids are from, where it is another.

    A table may name its images in one column (`file_name`) and number them in another (`id`).
    """
    found = train.folders
    if found is not None and (found.id, test.id) == ("{stem}", "{name}"):
        # So a rehearsed file has ids as those of the file to send.
        train = replace(train, folders=replace(found, id="{name}"))
        if isinstance(tasks.masks, MaskFiles):
            tasks = replace(tasks, masks=_named_after_files(tasks.masks))
    if sample is None or test.cells is None or test.table is None or test.table == sample.path:
        return train, test, tasks
    expected = set(sample.table[sample.id])
    # Of objects a sample may show a few images.
    columns = [str(name) for name in test.cells if expected <= set(test.cells[name])]
    if expected & set(test.ids) or not columns or not test.cells[columns[0]].is_unique:
        return train, test, tasks
    column = columns[0]
    test = replace(test, id=column, ids=tuple(test.cells[column]))
    match = train.match
    if match is not None and column in match.table and match.table[column].is_unique:
        masks, is_named = _with_other_ids(tasks.masks, match.id, column, tables)
        if is_named:
            tasks = replace(tasks, masks=masks)
            train = replace(train, match=replace(match, id=column))
    return train, test, tasks


def _with_other_ids(
    masks: FoundMasks | None, before: str, column: str, tables: Mapping[str, pd.DataFrame]
) -> tuple[FoundMasks | None, bool]:
    """Return the masks of images that another column names, and whether there are such."""
    if masks is None:
        return None, True
    if isinstance(masks, MaskFiles):
        return _named_after_files(masks), True
    other = with_other_ids(masks, tables[masks.path], column) if masks.id == before else None
    return (masks, False) if other is None else (other, True)


def _with_names_as_ids(
    train: TrainPart, plain: PlainImages, test: PartImages, tasks: InferredTasks, masks: MaskFiles
) -> tuple[TrainPart, InferredTasks]:
    """Return the part with ids as those of test have them: names of files with their endings.

    So a rehearsed file has ids as those of the file to send.
    """
    if (plain.id, test.id) != ("{stem}", "{name}"):
        return train, tasks
    tasks = replace(tasks, masks=_named_after_files(masks))
    return replace(train, plain=replace(plain, id="{name}")), tasks


def _named_after_files(masks: MaskFiles) -> MaskFiles:
    """Return masks whose names are those of the image files, whatever the ids are."""
    return replace(masks, pattern=masks.pattern.replace("{id}", "{stem}"))
