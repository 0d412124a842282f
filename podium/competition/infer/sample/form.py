"""The format of the files to send, for labels, for masks, and for a sample of PNG masks."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pandas as pd

from podium.competition.ids.patterns import without_zeros
from podium.competition.infer.classes.names import find_class_names
from podium.competition.infer.conversions.masks.png_samples import find_png_sample
from podium.competition.infer.conversions.masks.stated_pngs import find_stated_pngs
from podium.competition.infer.files import DataFolder, is_test_table
from podium.competition.infer.labels.evidence import readme_amounts
from podium.competition.infer.labels.kinds import InferredLabels, NumberLimits, limits_of_numbers
from podium.competition.infer.masks.files import MaskFiles, as_maps, as_objects
from podium.competition.infer.notes import pictures_called_as_test
from podium.competition.infer.parts.to_predict import PartImages, part_by_stems
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.claims import readme_no_classes
from podium.competition.infer.readme.sent_numbers import readme_decimals, readme_limits
from podium.competition.infer.readme.sent_tables import StatedForm, readme_form
from podium.competition.infer.sample.pixel_rows import with_pixel_rows
from podium.competition.infer.sample.rows import find_rows, name_objects
from podium.competition.infer.sample.runs import (
    MaskRuns,
    answer_columns,
    find_mask_format,
    key_column,
)
from podium.competition.infer.sample.submission import (
    InferredFormat,
    InferredUnit,
    SampleSubmission,
    find_format,
    find_unit,
    probability_beside,
    unit_names,
    unit_of_rows,
    with_blank,
    with_label_columns,
    with_metric_of_axes,
)
from podium.competition.infer.sources import Sources
from podium.competition.infer.tasks.settle import (
    FoundMasks,
    InferredTasks,
)
from podium.competition.languages import is_called
from podium.competition.spelling import name_words
from podium.errors import some
from podium.tasks.protocols.find import image_kind

__all__ = ["FoundForm", "PngForm", "find_form", "find_png_form", "with_form_of_rows"]


@dataclass(frozen=True)
class FoundForm:
    """The format of the files to send, with the tasks and the scored unit that go with it."""

    form: InferredFormat
    tasks: InferredTasks
    unit: InferredUnit | None


def find_form(
    sources: Sources, train: TrainPart, test: PartImages, tasks: InferredTasks, *, sends_masks: bool
) -> FoundForm:
    """Return the format of the files to send, as the sample submission and the texts tell it."""
    folder, sample = sources.folder, sources.sample
    test_is_sample = sample is not None and test.table == sample.path
    unit = None
    if not sends_masks and not test_is_sample:
        unit = _find_unit(train, test, sample, sources.unit)
    ids = test.ids if unit is None or test.cells is None else unit_names(unit, test.cells)
    if sample is not None and sends_masks and _name_no_class(sample, ids, tasks.classes):
        tasks = _without_classes(tasks)
    if sample is not None and not sends_masks:
        tasks = _as_yes_or_no(sample, tasks)
    # A row to predict without an image is a row of the file all the same.
    expected = [*ids, *sources.bare_units] if unit is not None else ids
    form_of = partial(
        _find_format,
        sample,
        train,
        expected,
        is_of_masks=sends_masks,
        unit=unit,
        limits=partial(_limits, folder),
    )
    form = form_of(tasks)
    if form.rows == "image_class" and not sends_masks:
        tasks = _with_both_classes(tasks)
        form = form_of(tasks)
    labels = tasks.labels
    if sources.directions and labels is not None and labels.kind.is_circular:
        form = with_metric_of_axes(replace(form, directions=sources.directions))
    if labels is not None and (labels.kind.is_continuous or labels.kind.is_circular):
        form = replace(form, decimals=readme_decimals(folder, sample))
    if sample is not None and labels is not None and not sends_masks:
        told = readme_no_classes(folder, str(labels.column), blank=True)
        form = with_blank(form, sample, told)
    if sample is not None and sample.order and {*sample.order} == form.columns.keys():
        form = replace(form, columns={name: form.columns[name] for name in sample.order})
    if sample is None and not sends_masks:
        form = _as_stated(form, readme_form(sources))
        form = replace(form, form_of_train=_form_of_train(sources, form))
    return FoundForm(form, tasks, unit)


def _as_stated(form: InferredFormat, told: StatedForm) -> InferredFormat:
    """Return the form of ids and answers with the columns, and the sign, that texts tell.

    The first column is that of ids, unless the second one alone is called so.
    """
    if form.rows != "image" or [*form.columns.values()] != ["id", "value"]:
        return form
    if told.columns:
        is_id = [is_called(one, "image") or "id" in name_words(one) for one in told.columns]
        kinds = ("value", "id") if is_id == [False, True] else ("id", "value")
        columns = dict(zip(told.columns, kinds, strict=True))
        form = replace(form, columns=columns, stated_columns=told.of_columns)
    return replace(form, stated_sep=(told.sep, told.of_sep)) if told.sep else form


def _form_of_train(
    sources: Sources, form: InferredFormat
) -> tuple[Mapping[str, object], str] | None:
    """Return how tables of images and labels without a header differ from a plain CSV, and these.

    None where texts name the columns of the file to send, as a file with such names has a header,
    and where the tables have different signs.
    """
    bare = {path: sep for path, sep in sources.bare.items() if not is_test_table(path)}
    if form.stated_columns or form.rows != "image" or len({*bare.values()}) != 1:
        return None
    sep = next(iter(bare.values())) if form.stated_sep is None else form.stated_sep[0]
    return {**({} if sep == "," else {"sep": sep}), "header": False}, some(list(bare))


def with_form_of_rows(
    test: PartImages, sample: SampleSubmission | None, form: InferredFormat
) -> PartImages:
    """Return the images to predict that a sample names, by the form that its rows have.

    Only the names of classes show where a class ends in a cell, as in `7_road_px`.
    """
    is_listed = sample is not None and test.table == sample.path and "{class}" in (test.id or "")
    if sample is None or not is_listed or "{class}" not in (form.id or ""):
        return test
    return replace(test, id=f"{sample.id}={form.id}")


@dataclass(frozen=True)
class PngForm:
    """PNG masks as the form of a file to send, where a folder of such or a text shows them."""

    sources: Sources
    test: PartImages
    form: InferredFormat
    sample: SampleSubmission | None
    """The table that was made of a folder of PNGs; None without."""
    notes: list[str]
    masks: FoundMasks
    """Of train, where each pixel is of one class alone if the PNGs show that."""


def find_png_form(
    sources: Sources, train: TrainPart, test: PartImages, masks: FoundMasks, form: InferredFormat
) -> PngForm:
    """Return the form of PNGs, as a folder of such or a text tells them, or the given one."""
    folder = sources.folder
    # Ids without the ending of the images first: the PNGs have an ending of their own.
    found, refused, by_stems = None, list[str](), part_by_stems(folder, test)
    listed = find_class_names(sources)
    if by_stems is not None:
        found, refused = find_png_sample(folder, by_stems, train.used, masks, listed)
    if found is None and not refused:
        found, refused = find_png_sample(folder, test, train.used, masks, listed)
    elif found is not None and by_stems is not None:
        test = by_stems
    why = "the PNGs of the sample submission show one class a pixel"
    maps = as_maps(masks, why) if refused and isinstance(masks, MaskFiles) else None
    if maps is not None:
        shown, _ = find_png_sample(folder, test, train.used, maps, listed)
        # Blank PNGs show no class: the question stays.
        if shown is not None and not shown.is_blank:
            found, masks, refused = shown, maps, []
    if found is None:
        told, unwritten = (
            (None, list[str]()) if refused else find_stated_pngs(folder, train, test, masks, listed)
        )
        notes = refused or [*unwritten, *pictures_called_as_test(folder, train, test)]
        if told is not None:
            test, form, notes = told.test, told.format_of(form), [*told.notes, *notes]
        return PngForm(sources, test, form, None, notes, masks)
    sources, path = sources.written("sample_submission.csv", found.table)
    sources = sources.with_note(f"{path} has {found.table.reader}; files to send are such masks")
    sample = SampleSubmission(path, found.table.table, "rle", found.form, found.other, found.why)
    return PngForm(sources, test, found.format_of(form), sample, [], masks)


def _find_unit(
    train: TrainPart, test: PartImages, sample: SampleSubmission | None, listed: str
) -> InferredUnit | None:
    """Return the unit that the sample's ids name, or that rows whose images were `listed` are."""
    if train.match is None or train.labels is None or test.cells is None:
        return None
    if listed and listed in train.match.table and listed in test.cells:
        rows = train.match.table
        asked = None if sample is None else list(sample.table[sample.id])
        own = unit_of_rows(asked, rows, test.cells, listed, train.labels)
        if own is not None:
            return own
    if sample is None:
        return None
    return find_unit(sample, train.match.table, test.cells, test.id, train.labels)


def _find_format(
    sample: SampleSubmission | None,
    train: TrainPart,
    ids: Sequence[str],
    tasks: InferredTasks,
    *,
    is_of_masks: bool,
    unit: InferredUnit | None = None,
    limits: Callable[[pd.DataFrame, InferredLabels], NumberLimits | None],
) -> InferredFormat:
    masks = tasks.masks
    if masks is None or (tasks.labels is not None and not is_of_masks):
        assert tasks.labels is not None
        is_column = train.match is not None and "{" not in train.match.id
        id_column = train.match.id if train.match is not None and is_column else "id"
        if unit is not None and train.match is not None and unit.template in train.match.table:
            id_column = unit.template
        found = find_format(sample, tasks.labels, id_column, ids)
        if train.match is None:
            return found
        return replace(found, limits=limits(train.match.table, tasks.labels))
    if sample is not None and not is_of_masks:
        # Neither labels nor runs: a person must describe its content.
        note = _what_is_sent(sample, ids)
        tasks.notes.extend([] if note in tasks.notes else [note])
    shown = [cell for cell in masks.empty if cell] if isinstance(masks, MaskRuns) else []
    n_empty = masks.content.n_empty if isinstance(masks, MaskFiles) else len(masks.empty)
    found = find_mask_format(
        sample if is_of_masks else None,
        ids,
        kind=masks.kind,
        classes=masks.classes,
        has_empty=n_empty > 0,
        size=masks.content.size if isinstance(masks, MaskFiles) else None,
    )
    if sample is not None and not is_of_masks:
        why = f"{sample.path} shows none: runs of start and length are the usual ones of masks"
        found = replace(found, why_value=why)
    if sample is not None and is_of_masks and sample.pixels is not None:
        return with_pixel_rows(found, sample.pixels, masks.kind, masks.classes)
    if sample is not None and is_of_masks and not found.shows_empty and shown:
        found = replace(found, empty=shown[0])
    columns = [] if sample is None or not is_of_masks else answer_columns(sample)
    if sample is not None and columns and tasks.labels is not None:
        return with_label_columns(found, sample, columns, tasks.labels)
    return found


def _limits(folder: DataFolder, table: pd.DataFrame, labels: InferredLabels) -> NumberLimits | None:
    """Return what numbers may be predicted, as train and the texts tell it."""
    told = partial(readme_limits, folder, labels.column_names)
    return limits_of_numbers(table, labels, readme_amounts(folder), told)


_SQUARE = re.compile(r"(.+?)[_-]\d+[_-]\d+")


def _what_is_sent(sample: SampleSubmission, ids: Sequence[str]) -> str:
    """Return a note on a sample of neither labels nor runs, which may have rows of squares.

    Args:
        ids: of the images to predict.
    """
    cells = list(map(str, sample.table[sample.id]))
    found = [_SQUARE.fullmatch(cell) for cell in cells]
    names = {without_zeros(one[1]) for one in found if one is not None}
    if None not in found and len(names) < len(cells) and names <= {*map(without_zeros, ids)}:
        return (
            f"{sample.path} has rows of squares of images, as {cells[0]} and {cells[1]}, and not "
            "all squares of each image in even steps, as podium writes them: mend submission, or "
            "move it out of the data, and write such rows of the masks that podium predicts"
        )
    if len(sample.values) > 1 and sample.has_numbers:
        return (
            f"{sample.path} asks for numbers of each image ({some(list(sample.values), 3)}) that "
            "train does not have: podium predicts the masks, and the numbers are computed from "
            "these in code of your own; no file of podium is such a one, so take the sample out of "
            "submission"
        )
    return f"{sample.path} seems to hold neither labels nor run-length text: mend submission"


def _name_no_class(sample: SampleSubmission, ids: Sequence[str], classes: Sequence[str]) -> bool:
    """Return whether rows of a sample of masks are of images or of their objects, not of classes.

    Ids are those of images alone, or number the objects of each, of which some have more.
    """
    cells = list(sample.table[sample.id])
    each = find_rows(list(dict.fromkeys(cells)), ids, [])
    if each is not None and each.chosen.value.rows == "image" and not each.chosen.against:
        return key_column(sample) is None
    return name_objects(cells, ids, classes)


def _without_classes(tasks: InferredTasks) -> InferredTasks:
    """Return the tasks with masks of objects in place of classes, where they may be such."""
    if tasks.labels is not None or not isinstance(tasks.masks, MaskFiles):
        return tasks
    masks = as_objects(tasks.masks)
    return replace(tasks, masks=masks, classes=masks.classes)


def _as_yes_or_no(sample: SampleSubmission, tasks: InferredTasks) -> InferredTasks:
    """Return the targets where a column beside the label has a probability: of two classes, one."""
    labels = tasks.labels
    if labels is None or labels.kind.is_yes_no or probability_beside(sample, labels) is None:
        return tasks
    return replace(tasks, labels=replace(labels, kind=image_kind("binary")))


def _with_both_classes(tasks: InferredTasks) -> InferredTasks:
    """Return the targets where a row of each class is sent: yes or no is two classes then."""
    labels = tasks.labels
    if labels is None or not labels.kind.is_yes_no:
        return tasks
    return replace(tasks, labels=replace(labels, kind=image_kind("multiclass")))
