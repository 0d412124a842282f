"""Inference of a commented `competition.yaml` from a data folder as it was downloaded.

Every guess is written down with its reason, so that a person can check it in a minute: the table
and column that hold the labels, the column that groups rows, the kind of the task, the submission's
format.
"""

from __future__ import annotations

import re
import shlex
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import cache, partial
from pathlib import Path

import pandas as pd
import yaml

from podium.competition import metrics
from podium.competition.calibrate.calibration import codec_of, with_preset
from podium.competition.calibrate.preset import match_preset, sizes_of_files
from podium.competition.calibrate.sample import base_of_sample
from podium.competition.ids.patterns import Pattern, bare_name
from podium.competition.infer.class_order import class_order
from podium.competition.infer.commented_yaml import (
    FolderFindings,
    ImagesWithoutMasks,
    entries_of,
    guessed_metric,
    render,
)
from podium.competition.infer.conversions.labels.counted_rows import as_counts
from podium.competition.infer.conversions.labels.directions import find_turn
from podium.competition.infer.conversions.labels.further_columns import (
    GroupOfPaths,
    find_further_group,
    find_group_of_paths,
    find_group_table,
    with_cells_of_tables,
)
from podium.competition.infer.conversions.masks.png_samples import find_png_sample
from podium.competition.infer.conversions.tables.made_tables import MadeTable
from podium.competition.infer.evidence import OpenKey
from podium.competition.infer.files import (
    DataFolder,
    ImageTable,
    JoinedTable,
    common_folder,
    is_test_table,
    unread_masks,
)
from podium.competition.infer.label_evidence import readme_amounts
from podium.competition.infer.labels import (
    MANY_OF_A_ROW,
    MOST_GRADES,
    GroupColumn,
    InferredLabels,
    as_ratings,
    find_group,
    find_named_group,
    has_fractions,
    known_cells,
    least_of_amounts,
    may_number_classes,
)
from podium.competition.infer.languages import is_called
from podium.competition.infer.masks import MaskFiles, as_objects, train_masks
from podium.competition.infer.name_groups import find_group_in_names
from podium.competition.infer.parts import (
    PartImages,
    PlainImages,
    TrainPart,
    find_test,
    find_train,
    find_unlabelled,
    listed_images,
    part_by_stems,
    part_of_table,
)
from podium.competition.infer.read_sources import read_sources
from podium.competition.infer.readme_decimals import readme_decimals
from podium.competition.infer.readme_metrics import (
    find_readme_metrics,
    find_readme_ranking,
    readme_directions,
)
from podium.competition.infer.readme_numbers import as_readme_classes, as_readme_numbers
from podium.competition.infer.readme_runs import (
    ReadmeRuns,
    contradictions,
    find_readme_runs,
    with_readme_runs,
)
from podium.competition.infer.rows import find_rows, name_objects
from podium.competition.infer.runs import (
    MASK_CELLS,
    MaskRuns,
    answer_columns,
    are_certain_runs,
    find_mask_format,
    further_cells,
    key_column,
    runs_column,
    sent_classes,
    split_keys,
    with_other_ids,
    with_plain_ids,
)
from podium.competition.infer.sent_values import settle_values
from podium.competition.infer.sources import Sources
from podium.competition.infer.submission import (
    InferredFormat,
    InferredUnit,
    SampleSubmission,
    find_format,
    find_unit,
    slices_hint,
    unit_names,
    unit_of_rows,
    with_label_columns,
)
from podium.competition.infer.tasks import (
    FoundMasks,
    InferredTasks,
    find_masks,
    settle_tasks,
)
from podium.competition.infer.unlabelled import with_images_without_masks, without_blank_labels
from podium.competition.infer.unnamed_groups import coarser_columns, find_unnamed_group
from podium.competition.infer.unread_forms import how_to_convert
from podium.competition.infer.unused_tables import unused_tables
from podium.competition.made_files import MADE, MadeFile
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.competition.spelling import spelt_alike
from podium.competition.truths.turns import DEGREES
from podium.errors import DataError, some
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.names import IMAGES, of_images, of_pixels

__all__ = ["Inferred", "infer", "infer_from", "name_of_data"]


@dataclass(frozen=True)
class Inferred:
    """The competition inferred from a data folder."""

    text: str
    """`competition.yaml`, each line explained."""
    competition: Competition
    notes: list[str]
    """Points for a person to check: parts that were left out, guesses that could be wrong."""
    made: tuple[MadeFile, ...] = ()
    """Files that were made in the workspace, which `competition.yaml` names."""
    guess: str = ""
    """That the metric is guessed, and why; "" where a text or a preset names it."""


def infer(
    data: Path,
    workspace_root: Path,
    *,
    slug: str | None = None,
    label: str | None = None,
    has_test: bool = True,
) -> Inferred:
    """Return the competition inferred from the files under `data`.

    Supported are class folders (`train/cat/1.jpg`, also with a folder for each patient inside), a
    table with an image folder (any column names; ids with or without extension; nested folders),
    several labels in one cell or one 0/1 column a class; a test table or folder, an unlabelled
    folder, a sample submission; masks as files in folders of their own or beside the images, or as
    a table of runs, also without labels.

    Args:
        data: the folder as downloaded and unpacked.
        workspace_root: where `competition.yaml` will lie; paths are written relative to it.
        slug: the competition's name on Kaggle, where it is known.
        label: the column of the train table to predict, where the user names it.
        has_test: whether there must be images to predict; if False, `data.test` is left out, and
            test images are ignored.

    Raises:
        DataError: there are no labels or no images to predict; the message lists what was searched
            for and found.
    """
    sources = read_sources(data, workspace_root, label=label, has_test=has_test)
    return infer_from(sources, data, slug=slug, label=label, has_test=has_test)


def infer_from(
    sources: Sources,
    data: Path,
    *,
    slug: str | None = None,
    label: str | None = None,
    has_test: bool = True,
) -> Inferred:
    """Return the competition inferred from sources that `read_sources` returned.

    Args:
        sources: the files under `data`, with the workspace.
        data, slug, label, has_test: as `infer` has them.

    Raises:
        DataError: there are no labels or no images to predict; the message lists what was searched
            for and found.
    """
    workspace_root = sources.root
    folder, tables, sample = sources.folder, sources.tables, sources.sample
    if sources.rows is not None:
        label = sources.rows.label
    try:
        train, tasks, is_of_masks = _find_tasks(sources, slug, label if has_test else None)
    except DataError as error:
        more = sources.notes[_NOTES_TOLD:]
        told = [*sources.notes[:_NOTES_TOLD], *([f"{len(more):,} more notes"] if more else [])]
        what = "; ".join([error.message, *told])
        raise DataError(what, where=error.where, fix=error.fix) from error
    plain_sample = sample
    if sample is not None and is_of_masks:
        plain_sample = with_plain_ids(sample, folder, tasks.classes)
    test = find_test(folder, tables, sample, train) if has_test else _NO_TEST
    sources, test = _test_of_pool(sources, test)
    sources, train = _train_of_pool(sources, train, tasks)
    folder = sources.folder
    train, test, tasks = _with_ids_of_sample(train, test, sample, tasks, tables)
    if isinstance(tasks.masks, MaskFiles) and train.plain is not None:
        train, tasks = _with_names_as_ids(train, train.plain, test, tasks, tasks.masks)
    if sample is not None and is_of_masks:
        tasks = settle_values(tasks, sample, test.ids)
    unlabelled = find_unlabelled(folder)
    blank = None
    if tasks.masks is None and unlabelled is None:
        sources, train, blank = without_blank_labels(sources, train, test)
        folder = sources.folder
    if blank is not None:
        unlabelled = part_of_table(blank, "the rows of train without a label")
    test_is_sample = sample is not None and test.table == sample.path
    cells, of_tables = None if test_is_sample else test.cells, dict[str, str]()
    if cells is not None and train.match is not None:
        cells, of_tables = with_cells_of_tables(cells, train.match, tables)
    elif sample is not None and test_is_sample and train.match is not None:
        listed, of_tables = with_cells_of_tables(sample.table[[sample.id]], train.match, tables)
        cells = listed if of_tables else None
    group, group_notes = _find_group(train, cells, tables)
    of_row = None if sources.rows is None else sources.rows.group
    if of_row is not None and train.match is not None and of_row.column in train.match.table:
        group, group_notes = of_row, []
    elif train.match is not None and train.labels is not None and train.match.join is None:
        wider, further_notes = find_further_group(
            train.match, train.labels, tables, test.ids, test=cells, group=group
        )
        group_notes = [*group_notes, *further_notes]
        if wider is not None:
            group, group_notes = wider.group, wider.notes
            sources, path = sources.written(_name_of_made(wider.made), wider.made)
            sources = sources.with_note(f"{path} is {wider.made.reader}, which names the group")
            train, folder = replace(train, match=replace(wider.match, path=path)), sources.folder
    if group is None and train.match is None:
        of_images = find_group_table(train.images, train.pattern, tables)
        if of_images is not None:
            group, path = of_images.group, of_images.path
            if of_images.made is not None:
                sources, path = sources.written(_name_of_made(of_images.made), of_images.made)
                folder = sources.folder
            train = replace(train, join=(path, of_images.key))
    if group is None and not group_notes:
        group, group_notes = _group_in_names(folder, train, test)
    if group is None and train.match is not None and train.match.join is None:
        match = train.match
        group, further_notes = find_unnamed_group(match.table, match.id, train.labels, cells)
        group_notes = [*group_notes, *further_notes]
    sources, train, coarser = _group_of_paths(sources, train, tasks, group)
    folder = sources.folder
    if coarser is not None:
        group, group_notes = coarser.group, [*group_notes, *coarser.notes]
    if group is not None and train.match is not None:
        rows, column = train.match.table, group.column
        if cells is not None and column in of_tables and column in rows:
            n = cells[column].isin(set(rows[column])).sum()
            which = f"and {n:,} are of those" if n else "and these are others than those"
            which = f"{which} of train"
            where = f"{of_tables[column]} has the {column} of the images to predict"
            group_notes = [*group_notes, f"{where}, {which}"]
        further_notes = coarser_columns(rows, group, train.labels, cells, told=group_notes)
        group_notes = [*group_notes, *further_notes]
    unit = None if is_of_masks or test_is_sample else _find_unit(train, test, sample, sources.unit)
    ids = test.ids if unit is None or test.cells is None else unit_names(unit, test.cells)
    if sample is not None and is_of_masks and _name_no_class(sample, ids, tasks.classes):
        tasks = _without_classes(tasks)
    amounts = readme_amounts(folder)
    # A row to predict without an image is a row of the file all the same.
    expected = [*ids, *sources.bare_units] if unit is not None else ids
    form_of = partial(_find_format, sample, train, expected, unit=unit, amounts=amounts)
    form = form_of(tasks, is_of_masks=is_of_masks)
    if form.rows == "image_class" and not is_of_masks:
        tasks = _with_both_classes(tasks)
        form = form_of(tasks, is_of_masks=is_of_masks)
    labels = tasks.labels
    if sources.directions and labels is not None and labels.kind.is_circular:
        form = replace(form, directions=sources.directions)
    if labels is not None and (labels.kind.is_continuous or labels.kind.is_circular):
        form = replace(form, decimals=readme_decimals(folder, sample))
    pngs, png_notes = None, _named_as_test(folder, train, test)
    if sample is None and is_of_masks and has_test and tasks.masks is not None:
        pngs, refused = find_png_sample(folder, test, train.used, tasks.masks)
        by_stems = None if pngs is not None or refused else part_by_stems(folder, test)
        if by_stems is not None:
            pngs, refused = find_png_sample(folder, by_stems, train.used, tasks.masks)
            test = test if pngs is None else by_stems  # the PNGs have other endings
        png_notes = [] if pngs is not None else refused or png_notes
    shown = sample
    if pngs is not None:
        sources, path = sources.written("sample_submission.csv", pngs.table)
        sources = sources.with_note(f"{path} has {pngs.table.reader}; files to send are such PNGs")
        folder, form = sources.folder, pngs.format_of(form)
        table = pngs.table.table
        shown = SampleSubmission(path, table, "rle", pngs.form, pngs.other, pngs.why)
    findings = FolderFindings(
        folder, train, test, unlabelled, group, shown, form, tasks, unit=unit,
        group_notes=tuple(group_notes), pool=sources.pool,
    )  # fmt: skip
    findings = _with_readme_metric(findings)
    name = slug or name_of_data(data, workspace_root)
    heading = _HEADING.format(data)
    text = render(entries_of(findings, name=name, slug=slug), heading)
    competition = Competition.model_validate(yaml.safe_load(text)).at(workspace_root)
    sources, findings = with_images_without_masks(sources, findings, competition)
    if findings.train is not train or findings.unlabelled is not unlabelled:
        train, folder = findings.train, findings.folder
        text = render(entries_of(findings, name=name, slug=slug), heading)
        competition = Competition.model_validate(yaml.safe_load(text)).at(workspace_root)
    findings = replace(findings, frame=_frame(findings, competition))
    findings, preset_notes = _calibrated(findings, competition, tables, slug)
    text = render(entries_of(findings, name=name, slug=slug), heading)
    competition = Competition.model_validate(yaml.safe_load(text)).at(workspace_root)
    if not has_test:
        without_test = competition.data.model_copy(update={"test": None})
        competition = competition.model_copy(update={"data": without_test}).at(workspace_root)
    samples = [one for one in (plain_sample, sample or shown) if one is not None and has_test]
    notes = [
        *sources.notes,
        *preset_notes,
        *(
            f"choose {one.key} in competition.yaml: several readings fit{_way_to_choose(one)}"
            for one in findings.open
        ),
        *test.notes,
        *_several_images(train, test),
        *group_notes,
        *form.notes,
        *tasks.notes,
        *_left_out(sources, train, tasks, _paths_of(blank, findings.unmasked)),
        *_many_classes(train),
        *_answers_of_other_kinds(train, sample),
        *png_notes,
        *_classes_alike(tasks.classes),
        *([] if train.folders is None else train.folders.notes),
    ]
    if has_test:
        notes += unused_tables(sources, text, notes)
    notes += _complaints(competition, samples)
    return Inferred(text, competition, notes, sources.made, guessed_metric(findings))


def _way_to_choose(key: OpenKey) -> str:
    """Return the command that takes another label, with the tasks and format that go with it."""
    names = [value for value, _ in key.others if isinstance(value, str)]
    if key.key != "data.train.label" or not names:
        return ""
    return f"; or repeat podium init with --force --label {shlex.quote(names[0])}"


def _test_of_pool(sources: Sources, test: PartImages) -> tuple[Sources, PartImages]:
    """Return the images to predict as a table, where their pattern finds those of train, too."""
    folder, images = sources.folder, sources.folder.of_part("test")
    others = (one.path for one in folder.of_part("train", "other"))
    finds = Pattern(test.images).match
    is_shared = any(finds(path) is not None for path in others)
    if test.table is not None or not is_shared or len(test.ids) != len(images) or folder.channels:
        return sources, test
    rows = zip(test.ids, images, strict=True)
    table = pd.DataFrame([(id_, one.path) for id_, one in rows], columns=["id", "image"], dtype=str)
    reader = "the images to predict, which lie in one pool with those of train"
    made = MadeTable(tuple(one.path for one in images), reader, table)
    sources, path = sources.written("test.csv", made)
    why = f"images without a mask in {common_folder(images) or 'the data folder'}"
    test = replace(test, images="{image}", id="id", why=why, table=path)
    return sources.with_note(f"{path} has {reader}"), test


def _train_of_pool(
    sources: Sources, train: TrainPart, tasks: InferredTasks
) -> tuple[Sources, TrainPart]:
    """Return the images of train as a table, where their pattern finds masks that are not used."""
    folder, masks = sources.folder, tasks.masks
    if train.plain is None or not isinstance(masks, MaskFiles) or masks.by_class:
        return sources, train
    finds, is_used = Pattern(train.pattern).match, Pattern(masks.pattern).match
    rest = [mask.path for mask in train_masks(folder) if is_used(mask.path) is None]
    ids = train.ids_of_images
    is_plain = ids is not None and len(set(ids)) == len(ids) and not folder.channels
    if not is_plain or not any(finds(path) is not None for path in rest) or train.plain.group:
        return sources, train
    rows = zip(ids or (), (image.path for image in train.images), strict=True)
    table = pd.DataFrame(rows, columns=["id", "image"], dtype=object)
    reader = "the images of train, which lie in one folder with masks that are not used"
    made = MadeTable(tuple(image.path for image in train.images), reader, table)
    sources, path = sources.written("train.csv", made)
    match = ImageTable(path, table, "id", tuple(train.images), "{image}")
    train = replace(train, plain=None, match=match)
    return sources.with_note(f"{path} has {reader}"), train


_NOTES_TOLD = 6  # of what was made, in the message that it did not suffice
_NO_TEST = PartImages("*.none", None, 0, "none is given")


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


def _frame(findings: FolderFindings, competition: Competition) -> tuple[int, int] | None:
    """Return the (height, width) of all mask files, where every image is larger; else None."""
    masks = findings.tasks.masks
    size = masks.content.size if isinstance(masks, MaskFiles) else None
    if size is None:
        return None
    images = sizes_of_files(findings.files, competition.reader).values()
    are_larger = all(height > size[0] and width > size[1] for height, width in images)
    return size if images and are_larger else None


def _calibrated(
    findings: FolderFindings,
    competition: Competition,
    tables: Mapping[str, pd.DataFrame],
    slug: str | None,
) -> tuple[FolderFindings, list[str]]:
    """Return the findings with the masks' codec and the preset of the competition, and notes."""
    estimate = None
    if competition.has_masks:
        try:
            samples = load_samples(competition, "train")
        except DataError:  # raised again where it can be mended
            samples = None
        if samples is not None:
            estimate, _ = codec_of(competition, samples, findings.folder, tables)
    sizes = cache(partial(sizes_of_files, findings.files, competition.reader))
    match = match_preset(
        findings.sample,
        names=(slug,),
        folders=(competition.name,),
        tasks=competition.tasks,
        relative=None if estimate is None else estimate.is_relative,
        sizes=sizes,
    )
    notes = []
    preset = match.preset if match.is_named else None
    if match.preset is not None:
        one = match.preset
        kinds = "".join(
            f", tasks: {{{task}: {kind}}}"
            for task, kind in one.tasks.items()
            if competition.tasks.get(task) != kind
        )
        fix = (
            ""
            if preset
            else f"; if so, write kaggle: {{slug: {one.slug}}}{kinds} and metric: {one.metric.name}"
        )
        if preset and match.sure != "certain" and of_pixels(competition.tasks):
            fix = f"; if they were resized, write frame: {list(one.image_size or ())}"
        told = "this may be" if match.sure == "not sure" else "this seems to be"
        notes.append(f"{told} {one.title} ({match.why}){fix}. {one.note.strip()}".strip())
    # A header that a known competition has too shows what is usual, and nothing more; runs that
    # count from the last one are rare enough to tell the competition.
    is_known = match.is_named or (
        match.preset is not None
        and match.preset.submission.rle.relative
        and match.sure_values == "likely"
    )
    codec = None
    if estimate is not None:
        codec = with_preset(estimate, match, sure="likely" if is_known else "not sure")
    form = findings.form
    if preset is not None and form.value not in MASK_CELLS:
        known = preset.submission.value
        others = {
            value for one in form.open if one.key == "submission.value" for value, _ in one.others
        }
        if known in others:
            why = f"that of {preset.title}"
            form = replace(form, value=known, why_value=why)
    base = base_of_sample(findings.sample if of_pixels(competition.tasks) else None, sizes)
    has_runs = competition.has_masks and (codec is not None or form.value == "rle")
    found_runs = find_readme_runs(findings.folder) if has_runs else ReadmeRuns({})
    said, notes = found_runs.parts, [*notes, *found_runs.notes]
    if base is not None and (against := contradictions({"base": base}, said)):
        notes += against
        said = {name: one for name, one in said.items() if name != "base"}
    if codec is not None and codec["kind"].value == "rle":
        notes += contradictions(codec, said)
        codec = with_readme_runs(codec, said)
    if codec is not None:
        unsure = [name for name, one in codec.items() if name != "kind" and one.sure == "not sure"]
        if unsure:
            why = codec[unsure[0]].why
            notes.append(f"mask_codec: {', '.join(unsure)} could not be determined ({why})")
    if estimate is not None and estimate.kind.value == "coco" and form.is_blank:
        why = "the masks of train are COCO's counts, and the sample shows none"
        form = replace(form, value="coco", why_value=why)
    findings = replace(findings, codec=codec, base=base, said_runs=said, preset=preset, form=form)
    return findings, notes


def _with_readme_metric(findings: FolderFindings) -> FolderFindings:
    """Return the findings with the metric that a text beside the data names, if one does."""
    form, kind = findings.form, findings.scored_kind
    if form.parts or kind is None:
        return findings
    named = find_readme_metrics(findings.folder, kind, findings.scored)
    if form.value == "topk" and (ranking := find_readme_ranking(findings.folder)) is not None:
        named = [ranking]
    if not named:
        return findings
    first, *rest = named
    options = metrics.get(first.name).options
    kept = {name: one for name, one in form.options.items() if name in options}
    why = f"{first.path} says {first.called!r}"
    others = tuple((one.name, f"{one.path} says {one.called!r}") for one in rest)
    open_keys = (*form.open, *([OpenKey("metric.name", others)] if others else []))
    form = replace(
        form,
        metric=first.name,
        why_metric=why,
        readme_names_metric=True,
        options=kept,
        open=open_keys,
    )
    return replace(findings, form=form)


def _find_tasks(
    sources: Sources, slug: str | None, label: str | None
) -> tuple[TrainPart, InferredTasks, bool]:
    """Return the training part, the tasks, and whether masks are submitted."""
    folder, tables, sample = sources.folder, sources.tables, sources.sample
    runs, outlines, marks = sources.runs, sources.outlines, sources.marks
    has_masks = runs is not None or bool(train_masks(folder) or folder.sample_mask or outlines)
    wanted = None if sample is None else runs_column(sample)
    is_of_masks = has_masks and wanted is not None
    of_labels = _label_columns(sample) if is_of_masks else sample
    names = sent_classes(sample, folder) if sample is not None and is_of_masks else []
    listed = None if sample is None or folder.of_part("test") else listed_images(folder, sample)
    paths = frozenset(
        () if listed is None else (one.path for one in listed[0].images if one is not None)
    )
    if wanted is not None and not has_masks and sample is not None and are_certain_runs(sample):
        raise _no_masks(folder, wanted)
    try:
        train = find_train(
            folder,
            tables,
            of_labels,
            runs=runs,
            has_masks=has_masks,
            names=names,
            listed=paths,
            no_labels=is_of_masks and of_labels is None,
            label=label,
            of_rows=() if sources.rows is None else sources.rows.of_rows,
            marks=marks.columns if marks is not None and marks.is_asked and label is None else (),
        )
        train = train if marks is None or label is not None else marks.as_labels(train)
        train = as_counts(train, sources.counted)
    except DataError as error:
        if wanted is None or has_masks or runs is not None:
            raise
        raise _no_masks(folder, wanted, f"; for labels: {error.message}") from error
    if wanted is not None and not has_masks and train.folders is not None:
        raise _no_masks(folder, wanted)
    if label is not None and train.labels is not None:
        _refuse_other_label(folder, tables, label, train.labels)
    masks, notes = None, list[str]()
    if has_masks:
        further = None
        if sample is not None and is_of_masks:
            split = split_keys(list(sample.table[sample.id]), folder)
            ends = [] if split is None else split.names  # numbers of objects, too
            further = (*further_cells(sample), *([frozenset(ends)] if ends else []))
        masks, notes = find_masks(
            folder, train, tables, runs, names, outlines, further,
            is_one_each=is_of_masks and _is_one_an_image(sample, folder, tables),
        )  # fmt: skip
    if masks is None and has_masks:
        # What is called a mask is none: the labels are all there is, by whatever name.
        train, is_of_masks = find_train(folder, tables, sample, label=label), False
    sent = is_of_masks or (sample is None and masks is not None)
    tasks = settle_tasks(train.labels, masks, masks_are_sent=sent, names=names)
    labels = tasks.labels
    preset = match_preset(sample, names=(slug,)).preset
    known = None if preset is None else of_images(preset.tasks)
    is_rated = known is not None and known.is_ordered
    if labels is not None and train.match is not None and preset is not None and is_rated:
        rated = as_ratings(labels, train.match.table, f"in {preset.title} they are ratings")
        tasks = replace(tasks, labels=rated, classes=rated.classes or tasks.classes)
    if not (is_of_masks and masks is not None):
        tasks = _with_readme_ratings(folder, tables, train, tasks)
        if sample is None or not sample.sep_of_ranks:  # what is ranked are classes
            tasks = _with_readme_numbers(folder, train, tasks)
    tasks = _with_numbered_classes(folder, train, _with_directions(folder, train, tasks))
    train = replace(train, labels=tasks.labels)
    notes = [*train.notes, *notes, *tasks.notes]
    return train, replace(tasks, notes=notes), sent and tasks.masks is not None


def _is_one_an_image(
    sample: SampleSubmission | None, folder: DataFolder, tables: Mapping[str, pd.DataFrame]
) -> bool:
    """Return whether each row of a sample of masks has the name of an image for its id."""
    if sample is None or len(sample.values) != 1 or not sample.table[sample.id].is_unique:
        return False
    ids = set(sample.table[sample.id])
    listed = (table for path, table in tables.items() if is_test_table(path))
    named = any(ids <= set(table[column]) for table in listed for column in table.columns)
    return named or all(folder.named(one) for one in ids)


def _with_readme_ratings(
    folder: DataFolder,
    tables: Mapping[str, pd.DataFrame],
    train: TrainPart,
    tasks: InferredTasks,
) -> InferredTasks:
    """Return the tasks with ratings, where a text names a metric of such first.

    Of whole numbers the order is known. Of names a text or a table may show it, and else it is
    asked for: in another order the metric is another one.
    """
    labels, kind = tasks.labels, image_kind("ordinal")
    if labels is None or train.match is None or labels.kind.is_ordered:
        return tasks
    named = find_readme_metrics(folder, kind, kind.task)[:1]
    if not named or named[0].name != kind.usual_metric:
        return tasks
    why = f"{named[0].path} scores by {named[0].called!r}, so that its whole numbers are ratings"
    rated = as_ratings(labels, train.match.table, why)
    if rated is labels and labels.kind.is_exclusive and len(labels.classes) > 2:
        order = class_order(folder, tables, labels.classes)
        scored = f"{named[0].path} scores by {named[0].called!r}, for which their order counts"
        why = f"{labels.why}, and {scored}: {'nothing shows it' if order is None else order.why}"
        rated = replace(labels, kind=kind, why=why, open_order="these are in the alphabet's")
        if order is not None:
            rated = replace(
                rated,
                classes=order.classes,
                open_order="" if order.is_proof else f"these are in that of {order.why}",
            )
    rated = replace(rated, columns=labels.columns)  # where the label is open, it stays so
    return replace(tasks, labels=rated, classes=rated.classes or tasks.classes)


def _with_readme_numbers(
    folder: DataFolder, train: TrainPart, tasks: InferredTasks
) -> InferredTasks:
    """Return the tasks with numbers in place of classes, or the reverse, as a text scores them."""
    if tasks.labels is None or train.match is None:
        return tasks
    labels = as_readme_numbers(folder, tasks.labels, train.match.table)
    labels = as_readme_classes(folder, labels, train.match.table)
    if labels is tasks.labels:
        return tasks
    return replace(tasks, labels=labels, classes=labels.classes)


def _with_directions(folder: DataFolder, train: TrainPart, tasks: InferredTasks) -> InferredTasks:
    """Return the tasks with another reading of numbers that may be directions, as a text says."""
    labels = tasks.labels
    if labels is None or train.match is None or not isinstance(labels.column, str):
        return tasks
    if not labels.kind.is_continuous or labels.kind.is_circular:
        return tasks
    turn = find_turn(known_cells(train.match.table[labels.column]))
    told = "" if turn is None else readme_directions(folder)
    if turn is None or not told:
        return tasks
    if turn is not DEGREES:
        note = (
            f"{labels.column} may hold directions in {turn.name}, as {told}, and is taken as plain "
            "numbers: if so, call it direction in train and in the sample submission"
        )
        return replace(tasks, notes=[*tasks.notes, note])
    kind = image_kind("angle")
    why = (
        f"as {told}, and {labels.column} has numbers from 0 to 360; with submission.value: degrees"
    )
    return replace(tasks, labels=replace(labels, other=(kind, why)))


def _with_numbered_classes(
    folder: DataFolder, train: TrainPart, tasks: InferredTasks
) -> InferredTasks:
    """Return the tasks with columns that may number classes, beside fractions, as other labels.

    As `species` of 0, 1, 2 beside `length_mm`: predicted as a number, it is 1.4. A text that names
    a metric of numbers alone shows that it is one.
    """
    labels = tasks.labels
    if labels is None or train.match is None or labels.columns or not labels.kind.is_by_column:
        return tasks
    table = train.match.table
    whole = [one for one in labels.column_names if may_number_classes(table[one])]
    numbered = [one for one in whole if not is_called(one, "count")]
    if not numbered or not any(has_fractions(table[one]) for one in labels.column_names):
        return tasks
    classes = find_readme_metrics(folder, image_kind("multiclass"), IMAGES)
    if find_readme_metrics(folder, labels.kind, IMAGES) and not classes:
        return tasks
    return replace(tasks, labels=replace(labels, columns=tuple(numbered)))


def _refuse_other_label(
    folder: DataFolder, tables: Mapping[str, pd.DataFrame], label: str, found: InferredLabels
) -> None:
    """Raise DataError where the labels that images have are not the column that a person named."""
    if label in found.column_names:
        return
    own = [path for path, table in tables.items() if label in table]
    where = f", a column of {own[0]} ({', '.join(map(str, tables[own[0]].columns))})" if own else ""
    raise DataError(
        f"no column leads from the images to {label!r}{where}: what they have is "
        f"{some(found.column_names)}",
        where=folder.path,
        fix=f"write one table with a row for each image, its file and {label}",
    )


def _no_masks(folder: DataFolder, wanted: str, rest: str = "") -> DataError:
    convert = how_to_convert(folder)
    first = f"{convert}\n  or " if convert else ""
    return DataError(
        f"the sample submission asks for masks ({wanted}), and train has none: looked for "
        "folders of mask files, tables of runs, spans or circles, outlines as JSON or tables of "
        "vertices, and for a folder beside the one image of each folder, whose files are as large "
        f"as that image and hold two values, 0 and another{rest or unread_masks(folder)}",
        where=folder.path,
        fix=f"{first}put mask files into a folder called masks, each named as its image; or write "
        "a table with a row for each image, its file and its runs of start and length; or put "
        "files of single objects into a folder beside each image, as train/17/masks/01.png for the "
        f"image train/17/scan.png; found: {folder.listed()}",
    )


def _label_columns(sample: SampleSubmission | None) -> SampleSubmission | None:
    """Return the id and the columns of labels of a sample of masks; None without such."""
    columns = [] if sample is None else answer_columns(sample)
    if sample is None or not columns:
        return None
    return SampleSubmission(sample.path, sample.table[[sample.id, *columns]])


def _find_format(
    sample: SampleSubmission | None,
    train: TrainPart,
    ids: Sequence[str],
    tasks: InferredTasks,
    *,
    is_of_masks: bool,
    unit: InferredUnit | None = None,
    amounts: str = "",
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
        return replace(found, least=least_of_amounts(train.match.table, tasks.labels, amounts))
    if sample is not None and not is_of_masks:
        # Neither labels nor runs: a person must describe its content.
        tasks.notes.append(
            f"{sample.path} seems to hold neither labels nor run-length text: mend submission"
        )
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
    if sample is not None and is_of_masks and not found.shows_empty and shown:
        found = replace(found, empty=shown[0])
    columns = [] if sample is None or not is_of_masks else answer_columns(sample)
    if sample is not None and columns and tasks.labels is not None:
        return with_label_columns(found, sample, columns, tasks.labels)
    return found


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


_HEADING = (
    "The competition, as `podium init` inferred it from {}.\n"
    "Read it once: every guess has its reason. Change what is wrong, then run `podium check`."
)


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
    if sample is not None and found is not None and (found.id, test.id) == ("{stem}", "{name}"):
        # So a rehearsed file has ids as those of the file to send.
        train = replace(train, folders=replace(found, id="{name}"))
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
    if isinstance(masks, MaskFiles):  # named after files, whatever the ids are
        return replace(masks, pattern=masks.pattern.replace("{id}", "{stem}")), True
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
    masks = replace(masks, pattern=masks.pattern.replace("{id}", "{stem}"))
    return replace(train, plain=replace(plain, id="{name}")), replace(tasks, masks=masks)


def _find_group(
    train: TrainPart, test: pd.DataFrame | None, tables: Mapping[str, pd.DataFrame]
) -> tuple[GroupColumn | None, list[str]]:
    if train.folders is not None:
        return train.folders.group, []
    if train.plain is not None:
        return train.plain.group, []
    assert train.match is not None
    if train.match.join is not None:
        return _joined_group(train.match, train.match.join, train.labels, tables)
    if train.labels is None:
        return find_named_group(train.match.table, [train.match.id]), []
    return find_group(train.match.table, [train.match.id], train.labels, test)


def _name_of_made(made: MadeTable) -> str:
    return f"{'_and_'.join(Path(one).stem for one in made.sources)}.csv"


def _group_of_paths(
    sources: Sources, train: TrainPart, tasks: InferredTasks, group: GroupColumn | None
) -> tuple[Sources, TrainPart, GroupOfPaths | None]:
    """Return the sources and train with the group that a table has for what paths name, or None."""
    match, folder = train.match, sources.folder
    images = train.images
    is_whole = match is None or (match.join is None and len(images) == len(match.table))
    ids = train.ids_of_images
    own = match is not None or (ids is not None and len(set(ids)) == len(images))
    if train.join is not None or not is_whole or not own:
        return sources, train, None
    used = set() if match is None else {match.path}
    if isinstance(tasks.masks, MaskRuns):
        used.add(tasks.masks.path)
    if match is not None and match.path in used and isinstance(tasks.masks, MaskRuns):
        return sources, train, None
    found = find_group_of_paths(
        [image.path for image in images],
        [one.path for one in folder.of_part("test", "other") if one.path not in train.used],
        {path: table for path, table in sources.tables.items() if path not in used},
        classes=tasks.classes,
        group=group,
    )
    if found is None or (match is not None and found.group.column in match.table):
        return sources, train, None
    column = found.group.column
    groups = pd.DataFrame({column: list(found.of_train)}, dtype=object)
    where = " and ".join(found.sources)
    reader = f"{column} of {where} for the {found.key} in each image's path"
    name = f"{Path(found.sources[0]).stem}_of_images.csv"
    if match is not None:
        wide = pd.concat([match.table.reset_index(drop=True), groups], axis=1)
        columns = [one for one in wide if "{" not in str(one)]
        paths = (match.path, *found.sources)
        made = MadeTable(paths, f"{match.path} with {reader}", wide[columns])
        sources, path = sources.written(_name_of_made(made), made)
        train = replace(train, match=replace(match, table=wide, path=path))
    else:
        table = pd.concat([pd.DataFrame({"image": ids}, dtype=object), groups], axis=1)
        sources, path = sources.written(name, MadeTable(found.sources, reader, table))
        train = replace(train, join=(path, "image={id}"))
    return sources.with_note(f"{path} is {reader}, which names the group"), train, found


def _group_in_names(
    folder: DataFolder, train: TrainPart, test: PartImages
) -> tuple[GroupColumn | None, list[str]]:
    ids = train.ids or {folder.spell(image.path) for image in train.images}
    column, columns = "id", [] if train.match is None else list(train.match.table.columns)
    if train.match is not None and train.match.id in columns and "{" not in train.match.id:
        column = train.match.id
    elif column in columns:
        return None, []  # of something else
    return find_group_in_names(ids, test.ids, column=column, labels=train.label_of_id)


def _joined_group(
    match: ImageTable,
    join: JoinedTable,
    labels: InferredLabels | None,
    tables: Mapping[str, pd.DataFrame],
) -> tuple[GroupColumn | None, list[str]]:
    """Return the column that groups the rows of a joined table, or the field that names a row.

    The field is one where images share rows.
    """
    names = match.table[join.unit]
    field, n = join.unit.strip("{}"), names.nunique()
    notes: list[str] = []
    if labels is not None:
        test = next((table for path, table in tables.items() if is_test_table(path)), None)
        used = [match.id, join.unit, join.key.partition("=")[0]]
        group, notes = find_group(match.table.drop_duplicates(join.unit), used, labels, test)
        if group is not None and group.column in match.table:
            return group, notes
    if n == len(names) or "{" in field or n < 2 or _is_class(names, match, labels):
        return None, notes
    why = f"{n:,} rows over {len(names):,} images: images of one row must not cross folds"
    return GroupColumn(field, why, n), notes


def _is_class(names: pd.Series[str], match: ImageTable, labels: InferredLabels | None) -> bool:
    """Return whether each row of a joined table is of a class, and each class of a row."""
    if labels is None or not isinstance(labels.column, str) or not labels.classes:
        return False
    pairs = pd.DataFrame({"row": names, "class": match.table[labels.column]}).drop_duplicates()
    return len(pairs) == names.nunique() == len(labels.classes) == pairs["class"].nunique()


def _paths_of(blank: ImageTable | None, unmasked: ImagesWithoutMasks | None) -> frozenset[str]:
    """Return the paths of the images of train that became unlabelled ones."""
    of_rows = () if blank is None else (one.path for one in blank.images if one is not None)
    return frozenset(of_rows) | frozenset(() if unmasked is None else unmasked.paths)


def _left_out(
    sources: Sources, train: TrainPart, tasks: InferredTasks, unlabelled: Collection[str]
) -> list[str]:
    notes, folder = [], sources.folder
    copies = {one for made in sources.made for one in made.sources}
    used = train.used.union(unlabelled)
    masks = folder.of_part("mask")
    if masks and tasks.masks is None:
        where = masks[0].folder
        notes.append(
            f"{len(masks):,} images in {where} are taken for masks; classification ignores them"
        )
    if tasks.masks is not None and tasks.labels is not None:
        notes.append(
            "there are labels and masks, and a network is trained on both: leave segment out of "
            "tasks, and mask out of data.train, to train on the labels alone"
        )
    if train.match is not None:
        images = [image for image in folder.of_part("train") if image.path not in used]
        images = [one for one in images if folder.path.absolute() / one.path not in copies]
        if images:
            notes.append(
                f"{len(images):,} images of the train folder have no row in {train.match.path} "
                f"(such as {images[0].path}): they are not used"
            )
    holdout = folder.of_part("holdout")
    if holdout and folder.of_part("test") and not {one.path for one in holdout} & train.used:
        notes.append(
            f"{len(holdout):,} images in {holdout[0].path.split('/')[0]} are not used, as folds "
            "validate: move them to the train part to train on them"
        )
    return notes


def _named_as_test(folder: DataFolder, train: TrainPart, test: PartImages) -> list[str]:
    """Return that other pictures have the names of those to predict, as masks to send may."""
    ids, of_test = (
        {*test.ids, *map(bare_name, test.ids)},
        re.sub(r"\{[^}]*\}", "*", test.images.replace("[", "[[]")),
    )
    rest = Counter(
        image.folder
        for image in folder.images
        if {image.stem, image.name} & ids
        and image.path not in train.used
        and not fnmatch(image.path, of_test)
    )
    return [
        f"{n:,} pictures in {where} have the names of images to predict, and are not "
        "read: if they show how masks are sent, write submission.file: {kind: png, name: …}, as "
        "docs/competition.md has it"
        for where, n in rest.items()
        if 2 * n > len(test.ids)
    ]


def _several_images(train: TrainPart, test: PartImages) -> list[str]:
    """Return what it means that several columns of a table name images."""
    if train.match is None or not train.match.several:
        return []
    columns = list(train.match.several)
    named = f"{len(columns)} columns of {train.match.path} name images: {', '.join(columns)}"
    if set(test.several) != set(columns):
        return [
            f"{named}; the images to predict have not all of them: name in data.train.images and "
            "data.test.images the images that both have"
        ]
    if train.match.are_parts:
        return [
            f"{named}; a network gets the images of a row together, stacked as channels, so they "
            "must have one size. To train on one of them alone, write its pattern as images, in "
            "train and in test"
        ]
    return [
        f"{named}; only {train.match.template} is read. Where the images of a row belong together, "
        "take the other reading of images, which stacks them as channels"
    ]


def _answers_of_other_kinds(train: TrainPart, sample: SampleSubmission | None) -> list[str]:
    """Return what it means that a sample asks for a class and for a number of each image."""
    labels, match = train.labels, train.match
    if sample is None or labels is None or match is None or sample.id in sample.values:
        return []
    table = match.table
    asked = [one for one in sample.values if one in table and table[one].nunique() > 1]
    rest = [one for one in asked if one not in labels.column_names]
    if rest and set(labels.column_names) <= set(asked):
        return [
            f"{sample.path} asks for {some(rest)}, too, which {match.path} has: labels of one kind "
            f"are learnt in one workspace, so a file has {some(labels.column_names)} alone. Make a "
            f"second workspace with podium init --label {shlex.quote(rest[0])}, and put its column "
            "into the file to send"
        ]
    whole = [
        one
        for one in labels.column_names
        if len(asked) > 1
        and labels.kind.is_by_column
        and table[one].nunique() <= MOST_GRADES
        and pd.concat([table[one], sample.table[one] if one in sample.table else table[one]])
        .str.fullmatch(r"\d+")
        .all()
    ]
    others = [one for one in labels.column_names if one not in whole]
    if not whole or not any(has_fractions(table[one]) for one in others):
        return []
    return [
        f"{some(whole)} holds few whole numbers beside others with fractions, and is predicted as "
        f"a number, as 1.4: where it names classes, make a workspace of it alone with podium init "
        f"--label {shlex.quote(whole[0])}, and put its column into the file to send"
    ]


def _many_classes(train: TrainPart) -> list[str]:
    """Return a problem where most classes have an image or two, as numbers and texts have."""
    labels = train.labels
    if labels is None or labels.kind.is_by_class or not isinstance(labels.column, str):
        return []
    n_rows = sum(train.n_by_class.values())
    if len(labels.classes) <= max(6, MANY_OF_A_ROW * n_rows):
        return []
    return [
        f"{labels.column} has {len(labels.classes):,} values in {n_rows:,} rows, and each is taken "
        "as a class: where it is a number, write it as 12.5, without a unit; where another column "
        "is the label, repeat podium init with --label"
    ]


def _classes_alike(classes: Sequence[str]) -> list[str]:
    """Return a problem where classes differ by case or blanks alone."""
    return [
        f"{one} differ by case or blanks alone: if they are one class, write them alike"
        for one in spelt_alike(classes)[:3]
    ]


def _complaints(competition: Competition, samples: Sequence[SampleSubmission]) -> list[str]:
    """Return the problems of loading the samples, so that the first command reports them.

    Args:
        competition: as it was inferred.
        samples: the sample submission, with the ids of rows and with those of images.
    """
    complaints = []
    for split in ("train", "unlabelled", "test"):
        try:
            loaded = load_samples(competition, split)
        except DataError as error:
            complaints.append(f"to mend before training: {error}")
            continue
        if split == "train":
            complaints += filter(None, [slices_hint(list(loaded["id"]), list(loaded["label"]))])
        if split == "test":
            tables = [list(one.table[one.id]) for one in samples]
            complaints += _other_ids(competition, sorted(set(map(str, loaded["unit"]))), tables)
    return complaints


def _with_both_classes(tasks: InferredTasks) -> InferredTasks:
    """Return the targets where a row of each class is sent: yes or no is two classes then."""
    labels = tasks.labels
    if labels is None or not labels.kind.is_yes_no:
        return tasks
    return replace(tasks, labels=replace(labels, kind=image_kind("multiclass")))


def _other_ids(
    competition: Competition, ids: Sequence[str], expected: Sequence[list[str]]
) -> list[str]:
    """Return a problem where ids of the sample are, for the greater part, not of test images."""
    template = competition.submission.id
    known = {*ids, *(template.replace("{id}", one) for one in ids)}
    for each in expected:
        rows = find_rows(each, ids, competition.classes, repeats=True)
        n_others = sum(one not in known for one in each)
        if min(n_others, len(each) if rows is None else rows.chosen.n_against) <= 0.5 * len(each):
            return []
    return [
        f"the sample submission's ids ({some(expected[0], 2)}) are not those of the test images "
        f"({some(ids, 2)}): mend data.test.id, or submission.rows and submission.id"
        for _ in expected[:1]
    ]


def name_of_data(data: Path, workspace_root: Path) -> str:
    """Return what a competition without a slug is called: as its folder, unless all are so."""
    name = data.resolve().name
    if data.parent.name == MADE or name.lower() in ("data", "input", "dataset", "raw"):
        return workspace_root.resolve().name or "competition"
    return name
