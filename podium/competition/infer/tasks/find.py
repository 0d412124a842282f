"""The tasks of a competition, and the images of train that have their labels and masks."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from podium.competition.calibrate.preset import match_preset
from podium.competition.infer.competition_data import CompetitionData
from podium.competition.infer.conversions.labels.counts.counted_rows import as_counts
from podium.competition.infer.conversions.labels.unpredicted import (
    coded_masks_column,
    columns_of_classes,
    refuse_sequences,
    refuse_texts,
)
from podium.competition.infer.conversions.parts.equal_names import (
    equal_names_note,
    with_named_by_sample,
)
from podium.competition.infer.files import (
    DataFolder,
    ImageFile,
    common_folder,
    possible_image_names,
    unread_masks,
)
from podium.competition.infer.image_tables import ImageTable
from podium.competition.infer.labels.column_names import named_columns
from podium.competition.infer.labels.kinds import InferredLabels, as_ratings
from podium.competition.infer.labels.negatives import is_called_none
from podium.competition.infer.labels.outputs import outputs_of_sample
from podium.competition.infer.labels.quantiles import with_quantiles
from podium.competition.infer.masks.files import train_masks
from podium.competition.infer.parts.to_predict import listed_images
from podium.competition.infer.parts.train import TrainPart, TrainSearch, find_train
from podium.competition.infer.pictures import picture_size
from podium.competition.infer.sample.runs import (
    answer_columns,
    are_certain_runs,
    further_cells,
    runs_column,
    sent_classes,
    split_keys,
)
from podium.competition.infer.sample.submission import SampleSubmission
from podium.competition.infer.shares import NEARLY_ALL
from podium.competition.infer.sources import MASKS_ALONE, Sources
from podium.competition.infer.tasks.by_readme import (
    with_readme_labels,
    with_scored_classes,
)
from podium.competition.infer.tasks.sent_classes import with_sent_classes
from podium.competition.infer.tasks.settle import (
    InferredTasks,
    find_masks,
    masks_show_labels,
    settle_tasks,
)
from podium.competition.infer.unread_forms import how_to_convert
from podium.errors import DataError, plural, some
from podium.tasks.protocols.names import of_images

__all__ = ["find_tasks"]


def find_tasks(
    sources: Sources, slug: str | None, label: str | None
) -> tuple[TrainPart, InferredTasks, bool]:
    """Return the training part, the tasks, and whether masks are submitted."""
    folder, tables, sample = sources.folder, sources.tables, sources.sample
    runs, outlines, marks = sources.runs, sources.outlines, sources.marks
    if runs is None and not outlines:
        _refuse_masks_of_test(folder)
    has_masks = runs is not None or bool(train_masks(folder) or folder.sample_mask or outlines)
    wanted = None if sample is None else runs_column(sample)
    is_of_masks, alone = has_masks and wanted is not None, sources.masks_alone
    of_labels = None if alone else _label_columns(sample) if is_of_masks else sample
    names = sent_classes(sample, folder) if sample is not None and is_of_masks else []
    listed = None if sample is None or folder.of_part("test") else listed_images(folder, sample)
    paths = frozenset[str]() if listed is None else listed[0].paths
    alike = equal_names_note(with_named_by_sample(folder, sample))
    alike = f"; {alike}" if alike and _has_outlines(sources) else ""
    if wanted is not None and not has_masks and sample is not None and _shows_runs(sources, wanted):
        raise _no_masks(folder, wanted, alike)
    if sample is not None and not has_masks and (coded := coded_masks_column(sample)):
        raise _no_masks(folder, coded, alike)
    try:
        search = TrainSearch(
            folder,
            tables,
            of_labels,
            runs=runs,
            has_masks=has_masks,
            classes=names,
            listed=paths,
            no_labels=alone or (is_of_masks and of_labels is None),
            label=label,
            of_rows=() if sources.rows is None else sources.rows.of_rows,
            marks=marks.columns if marks is not None and marks.is_asked and label is None else (),
        )
        train = find_train(search)
        train = train if marks is None or label is not None else marks.as_labels(train)
        train = as_counts(train, sources.counted)
        train = replace(train, labels=None) if alone and has_masks else train
    except DataError as error:
        if wanted is None or has_masks or runs is not None:
            raise
        raise _no_masks(folder, wanted, f"; for labels: {error.message}") from error
    if wanted is not None and not has_masks and train.folders is not None:
        raise _no_masks(folder, wanted)
    if label is None and train.match is not None and train.labels is not None:
        refuse_texts(folder, train.match.path, train.match.table, train.labels)
        refuse_sequences(folder, train.match.path, train.match.table, train.labels)
        train = replace(train, labels=_of_outputs(folder, train.match, train.labels, sample))
    if train.match is not None and train.labels is not None and not has_masks:
        table, is_named = train.match.table, label is not None
        found = with_quantiles(sources, table, train.labels, is_named=is_named)
        train = replace(train, labels=found)
    if label is not None and train.labels is not None:
        _refuse_other_label(sources, label, train.labels)
    masks, notes = None, list[str]()
    if has_masks:
        further = _sent_beside(sample, folder) if sample is not None and is_of_masks else None
        is_one_each = is_of_masks and _is_one_an_image(sources)
        masks, notes = find_masks(
            sources, train, runs, names, outlines, further, is_one_each=is_one_each
        )
    if alone and masks is None:
        raise DataError(
            "there are no masks of the images of train to predict",
            where=folder.path,
            fix=f"leave out --label {MASKS_ALONE}, or name a column of labels",
        )
    if masks is None and has_masks:
        # What is called a mask is none: the labels are all there is, by whatever name.
        search = TrainSearch(folder, tables, sample, label=label)
        train, is_of_masks = find_train(search), False
    sent = is_of_masks or alone or (sample is None and masks is not None)
    tasks = settle_tasks(
        train.labels, masks, masks_are_sent=sent, names=names,
        show_labels=partial(masks_show_labels, folder, train),
    )  # fmt: skip
    tasks = _with_ratings_of_preset(tasks, train, sample, slug)
    tasks = _with_none_of_sample(tasks, sample)
    if sent:
        tasks = with_scored_classes(folder, tasks, names)
        tasks = with_sent_classes(folder, tasks, names, sources.unwritten)
    tasks = with_readme_labels(
        sources,
        train,
        tasks,
        sends_masks=is_of_masks and masks is not None,
        is_ranking=sample is not None and bool(sample.sep_of_ranks),
    )
    train = replace(train, labels=tasks.labels)
    notes = [*train.notes, *notes, *tasks.notes]
    return train, replace(tasks, notes=notes), sent and tasks.masks is not None


def _shows_runs(data: CompetitionData, column: str) -> bool:
    """Return whether the sample shows runs: by their name, or first and last pixels.

    The latter may be labels as well, as ranges of years, where a table has that column.
    """
    sample = data.sample
    if sample is None or not sample.run_pairs:
        return sample is not None and are_certain_runs(sample)
    return not any(column in table for table in data.tables.values())


def _sent_beside(sample: SampleSubmission, folder: DataFolder) -> tuple[frozenset[str], ...]:
    """Return the cells beside masks of a sample, by column, and the ends of its ids."""
    split = split_keys(list(sample.table[sample.id]), folder)
    ends = [] if split is None else split.names  # numbers of objects, too
    return (*further_cells(sample), *([frozenset(ends)] if ends else []))


def _with_ratings_of_preset(
    tasks: InferredTasks, train: TrainPart, sample: SampleSubmission | None, slug: str | None
) -> InferredTasks:
    """Return the tasks; labels are ratings where they are in the known competition that this is."""
    preset = match_preset(sample, names=(slug,)).preset
    known = None if preset is None else of_images(preset.tasks)
    if preset is None or known is None or not known.is_ordered:
        return tasks
    if tasks.labels is None or train.match is None:
        return tasks
    rated = as_ratings(tasks.labels, train.match.table, f"in {preset.title} they are ratings")
    return replace(tasks, labels=rated, classes=rated.classes or tasks.classes)


def _of_outputs(
    folder: DataFolder, match: ImageTable, labels: InferredLabels, sample: SampleSubmission | None
) -> InferredLabels:
    """Return the labels, of several outputs where columns of classes are asked for together."""
    if sample is not None:
        found = outputs_of_sample(match.table, match.id, sample)
        if found is not None:
            return found
    return columns_of_classes(folder, match.table, labels, sample)


def _with_none_of_sample(tasks: InferredTasks, sample: SampleSubmission | None) -> InferredTasks:
    """Return the tasks whose class that stands alone may mean none only where the sample has it.

    Clouds hide all that is below them, so that `cloudy` stands beside no other label, and is one.
    """
    labels = tasks.labels
    if labels is None or not labels.none or is_called_none(labels.none) or sample is None:
        return tasks
    if any(labels.none in set(sample.table[one]) for one in sample.values):
        return tasks
    return replace(tasks, labels=replace(labels, none=""))


def _is_one_an_image(data: CompetitionData) -> bool:
    """Return whether each row of a sample of masks has the name of an image for its id."""
    sample = data.sample
    if sample is None or len(sample.values) != 1 or not sample.table[sample.id].is_unique:
        return False
    ids = set(sample.table[sample.id])
    listed = data.test_tables.values()
    named = any(ids <= set(table[column]) for table in listed for column in table.columns)
    return named or all(data.folder.named(one) for one in ids)


def _refuse_other_label(data: CompetitionData, label: str, found: InferredLabels) -> None:
    """Raise DataError where the labels that images have are not the column that a person named."""
    tables = data.tables
    if named_columns(label, found.column_names):
        return
    own = [path for path, table in tables.items() if named_columns(label, table.columns)]
    where = f", a column of {own[0]} ({', '.join(map(str, tables[own[0]].columns))})" if own else ""
    raise DataError(
        f"no column leads from the images to {label!r}{where}: what they have is "
        f"{some(found.column_names)}",
        where=data.folder.path,
        fix=f"write one table with a row for each image, its file and {label}",
    )


def _refuse_masks_of_test(folder: DataFolder) -> None:
    """Refuse masks that are of images to predict alone, as the folders of both are called.

    As `ground_truth/scratch/007_mask.png` of `test/scratch/007.png`: train has none, and its image
    of the same number, `train/good/007.png`, is another one.

    Raises:
        DataError: nearly all masks are such.
    """
    masks = train_masks(folder)
    test = {(_last_folder(one), one.stem) for one in folder.of_part("test")}
    others = {_last_folder(one) for one in folder.of_part("train", "other")}
    of_test = [
        one
        for one in masks
        if _last_folder(one) not in others
        if any((_last_folder(one), stem) in test for stem, *_ in possible_image_names(one.stem))
    ]
    if not masks or len(of_test) < NEARLY_ALL * len(masks):
        return
    kinds = sorted({_last_folder(one) for one in of_test})
    raise DataError(
        f"the {plural(len(of_test), 'mask')} in {common_folder(of_test)} "
        f"{'is' if len(of_test) == 1 else 'are'} of images to predict "
        f"(folders {some(kinds, 3)}, as {of_test[0].path}), and no image of train has one: podium "
        "learns masks from images with masks, and finds no defects without labels",
        where=folder.path,
        fix="move some of these images and masks into train, as train/images/1.png and "
        f"train/masks/1.png; or, where train has labels, move {common_folder(of_test)} out of the "
        "data",
    )


def _last_folder(image: ImageFile) -> str:
    return image.folder.rpartition("/")[2]


def _has_outlines(sources: Sources) -> bool:
    """Return whether tables or files may be of masks, and names of images alone hide it."""
    return bool(sources.tables or sources.folder.jsons)


def _no_masks(folder: DataFolder, wanted: str, rest: str = "") -> DataError:
    """Return the error that a sample asks for masks, and train has none.

    Args:
        folder: with all files.
        wanted: what of the sample are masks.
        rest: why what may be masks is none.
    """
    convert = how_to_convert(folder)
    first = f"{convert}\n  or " if convert else ""
    if halves := _side_by_side(folder):
        first = f"{halves}\n  or {first}"
    return DataError(
        f"the sample submission asks for masks ({wanted}), and train has none: looked for "
        "folders of mask files, tables of runs, spans or circles, or of the places of cropped "
        "pieces of masks, outlines as JSON or tables of vertices, and for a folder beside the one "
        "image of each folder, whose files are as large as that image and hold two values, 0 and "
        f"another{rest or unread_masks(folder)}; found: {folder.listed()}",
        where=folder.path,
        fix=f"{first}put mask files into a folder called masks, each named as its image; or write "
        "a table with a row for each image, its file and its runs of start and length; or put "
        "files of single objects into a folder beside each image, as train/17/masks/01.png for the "
        "image train/17/scan.png",
    )


_PROBED = 8


def _side_by_side(folder: DataFolder) -> str:
    """Return how to part images of train that are twice as wide as those to predict; "" else."""
    parts = folder.train_images, folder.of_part("test")
    sizes = [{picture_size(folder.path / one.path) for one in each[:_PROBED]} for each in parts]
    if any(len(each) != 1 for each in sizes):
        return ""
    of_train, of_test = (each.pop() for each in sizes)
    if of_train is None or of_test is None or of_train != (of_test[0], 2 * of_test[1]):
        return ""
    shown = (
        f"{of_train[1]} × {of_train[0]} pixels, and those to predict {of_test[1]} × {of_test[0]}"
    )
    return (
        f"images of train have {shown}: where each is a photograph beside its mask, cut it in two, "
        "and write the halves to train/images and train/masks under one name"
    )


def _label_columns(sample: SampleSubmission | None) -> SampleSubmission | None:
    """Return the id and the columns of labels of a sample of masks; None without such."""
    columns = [] if sample is None else answer_columns(sample)
    if sample is None or not columns:
        return None
    return SampleSubmission(sample.path, sample.table[[sample.id, *columns]])
