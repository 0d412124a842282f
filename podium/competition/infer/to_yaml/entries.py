"""The entries of the inferred `competition.yaml`, section by section."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import pandas as pd

from podium.competition.ids.patterns import Pattern
from podium.competition.ids.rows import columns_of_key, ids_of_rows
from podium.competition.infer.files import DataFolder, ImageFile
from podium.competition.infer.findings.folder import UNKNOWN_CODEC, CodecEstimates, FolderFindings
from podium.competition.infer.findings.questions import open_keys
from podium.competition.infer.groups.columns import GroupColumn, find_fold_column
from podium.competition.infer.image_tables import ImageTable, JoinedTable
from podium.competition.infer.labels.kinds import InferredLabels
from podium.competition.infer.labels.sides import pair_of_sides
from podium.competition.infer.masks.files import MaskFiles
from podium.competition.infer.parts.channels import spelt_pattern
from podium.competition.infer.parts.folders import PlainImages, id_of
from podium.competition.infer.parts.to_predict import PartImages, source_of
from podium.competition.infer.parts.train import TrainPart
from podium.competition.infer.readme.metrics import other_readme_metric, why_no_readme_metric
from podium.competition.infer.sample.runs import MASK_CELLS, MaskRuns
from podium.competition.infer.sample.submission import (
    InferredFormat,
    InferredUnit,
    SampleSubmission,
)
from podium.competition.infer.tasks.settle import FoundMasks, InferredTasks
from podium.competition.infer.to_yaml.commented import YamlEntry
from podium.competition.sections.frame import plain_frame
from podium.competition.sections.submission import OBJECT_ROW
from podium.competition.sections.sums import sum_labels, sum_terms
from podium.errors import either, plural
from podium.tasks.protocols.find import image_kind, kind_names
from podium.tasks.protocols.names import IMAGES, PIXELS, TaskName
from podium.tasks.protocols.outputs import by_output, output_names

__all__ = ["entries_of", "guessed_metric"]

N_FOLDS = 5

_PATHS = (
    "Where the files are. Paths are relative to this file; {column} stands for a cell of that "
    "column, * for anything."
)
_FOLDS = "How train is split for validation; `podium folds` writes the result to folds.csv, once."
_METRIC = "{} is guessed, as {}; {}see the competition's page for the right one. Among others: {}"
_METRICS = {
    IMAGES: "accuracy, macro_f1, log_loss, auc, rmse",
    PIXELS: "mean_dice, mean_iou, global_dice, pixel_accuracy",
    "ratings": "qwk, accuracy, macro_f1, mae",
    "columns": "mcrmse, mean_r2, mcmae, mcrmsle, rmse, mae, mape, smape",
    "outputs": "accuracy_by_output, balanced_accuracy_by_output, macro_f1_by_output, "
    "log_loss_by_output",
    "objects": "iou_precision, iou_f2, panoptic_quality, mask_map",
}
_VALUES = (
    "All kinds: name (a class name), label (its place in classes, from 0), labels (several names), "
    "prob (probabilities), score (any number), topk (a ranking of classes), scalar (a number)"
)
_SUBMISSION = "The format of the file to upload."
_KAGGLE = "Used by `podium submit`; copy it from the competition's page."


def entries_of(findings: FolderFindings, *, name: str, slug: str | None) -> list[YamlEntry]:
    """Return the entries of the whole file, section by section."""
    train = findings.train
    submission = _submission_entries(findings)
    entries = [
        *_task_entries(train, findings.tasks, findings.form.open_set),
        YamlEntry("data", _data_entries(findings), _PATHS),
        *_frame_entries(findings),
        *_unit_entries(findings.unit, findings.tasks.labels),
        YamlEntry("folds", _fold_entries(train, findings.group, findings.group_notes), _FOLDS),
        YamlEntry("metric", _metric_entries(findings)),
        YamlEntry("submission", submission, _SUBMISSION),
        YamlEntry("kaggle", _kaggle_entries(slug), _KAGGLE),
    ]
    named = YamlEntry("name", name, "shown in reports; any name will do")
    questions = open_keys(findings)
    to_choose = [YamlEntry("to_choose", [one.key for one in questions], _TO_CHOOSE)]
    for one in questions:
        advice = "" if one.others else _advice(one.key, findings.sample)
        entries = _with_others(entries, one.key.split("."), one.others, advice)
    return [named, *(to_choose if questions else []), *entries]


_TO_CHOOSE = (
    "Of these keys several readings fit all that is there; the others stand below each, behind "
    '"or". `podium choose` lists them and writes what you choose; what depends on a key waits for '
    "that. By hand: change the value, and take the key out of this list."
)


def _advice(key: str, sample: SampleSubmission | None) -> str:
    """Return what to write at a key of which no other reading was found."""
    advice = _UNREAD.get(key, "to choose: nothing that was tried fits; see the competition's page")
    if key != "submission.id" or sample is None or not len(sample.table):
        return advice
    return f"{advice}. The sample's first row is {str(sample.table[sample.id].iloc[0])!r}"


_UNREAD = {
    "submission.id": (
        "to choose: no reading fits all of the sample's rows. Write the id of a row as the sample "
        "has it, with {id} for the image and, where it stands there, {class}, {index} or {number} "
        "for the class, whose names may have to be mended under classes"
    ),
    "submission.columns": (
        "to choose: the columns of the sample are not the classes. Write each column, in order, "
        "and what it holds: id, and prob[name] of a class, value[name] of a number, or text[…] "
        "where every row has the same; or mend classes, whose labels another table may name "
        "otherwise"
    ),
    "submission.rows": (
        "to choose: a row for each object, with the id of its image (object), or one for each "
        "image (image); see the competition's page"
    ),
}


def _with_others(
    entries: Sequence[YamlEntry],
    path: Sequence[str],
    others: tuple[tuple[object, str], ...],
    advice: str = "",
) -> list[YamlEntry]:
    """Return the entries with further readings of the one at `path`, or what to write there."""
    first, *rest = path
    if not any(one.key == first for one in entries):
        default = YamlEntry(first, _DEFAULTS.get(first), advice, others)
        return [*entries, default] if not rest else list(entries)
    found = []
    for one in entries:
        if one.key == first and rest:
            one = replace(one, value=_with_others(one.value, rest, others, advice))
        elif one.key == first:
            comment = "; ".join(filter(None, (one.comment, advice)))
            one = replace(one, others=others, comment=comment)
        found.append(one)
    return found


_DEFAULTS = {
    "id": "{id}",
    "rows": "image",
    "columns": {},
    "sep": " ",
    "empty": "",
    "exclude": [],
    "exclude_where": {},
}


def _unit_entries(unit: InferredUnit | None, labels: InferredLabels | None) -> list[YamlEntry]:
    if unit is None:
        return []
    aggregate = "of the predictions of a unit's images"
    if labels is None or not labels.kind.is_by_output:
        aggregate += "; max and noisy_or: one finding suffices"
    entries = [YamlEntry("aggregate", "mean", aggregate)]
    if unit.differs:
        entries.append(YamlEntry("truth", "max", f"{unit.differs}: the highest is the unit's"))
    return [YamlEntry("units", entries, "How images become the units that are scored.")]


def _frame_entries(findings: FolderFindings) -> list[YamlEntry]:
    preset = findings.preset
    if preset is not None and preset.frame != "native":
        why = (
            "masks are predicted, scored and sent at this height and width, as "
            f"{preset.name} wants it"
        )
        return [YamlEntry("frame", plain_frame(preset.frame), why)]
    if findings.frame == "native":
        return []
    return [YamlEntry("frame", plain_frame(findings.frame), findings.why_frame)]


def guessed_metric(findings: FolderFindings) -> str:
    """Return the note for where neither a text nor a preset names the metric; "" where one does."""
    form = findings.form
    if form.readme_names_metric or findings.has_metric_of_preset:
        return ""
    name, why = (form.metric, form.why_metric) if not form.parts else ("combined", "both are sent")
    if form.metric_caveat:
        return f"metric.name: {name}, as {why}, but {form.metric_caveat}"
    kind = None if form.parts else findings.scored_kind
    none_named = why_no_readme_metric(findings.folder, kind, findings.scored)
    return (
        f"metric.name: {name} is guessed ({why}), {none_named}: write the one that the "
        "competition's page names"
    )


def _metric_entries(findings: FolderFindings) -> list[YamlEntry]:
    form = findings.form
    if findings.preset is not None and findings.has_metric_of_preset:
        metric = findings.preset.metric
        entries = [YamlEntry("name", metric.name, f"that of {findings.preset.title}")]
        if len(findings.kinds) == 2:
            entries.append(YamlEntry("task", findings.scored, "what is submitted and scored"))
        return [*entries, *(YamlEntry(name, value) for name, value in metric.options.items())]
    if form.parts:
        why = (
            "combined is guessed, as the mean of both scores; see the competition's page. With "
            "name: rowwise and an expression, as right * iou, each row is scored alone"
        )
        if form.readme_names_metric:
            why = f"the sum of both, weighted, as {form.why_metric}"
        parts = YamlEntry("parts", list(form.parts), "one score for each task")
        return [YamlEntry("name", "combined", why), parts]
    if sum_terms(form.metric) is not None:
        return [_entry_of_sum(findings)]
    named = form.metric_caveat
    if not (named or form.readme_names_metric):
        named = other_readme_metric(findings.folder, findings.scored_kind, findings.scored)
    named += "; " * bool(named)
    why = _METRIC.format(form.metric, form.why_metric, named, _other_metrics(findings))
    if form.readme_names_metric:
        why = f"{form.why_metric}; see the competition's page for its options"
    entries = [YamlEntry("name", form.metric, why)]
    if findings.tasks.labels is not None and findings.tasks.masks is not None:
        entries.append(YamlEntry("task", findings.scored, "what is submitted and scored"))
    options = form.options.items()
    return [*entries, *(YamlEntry(name, value, comment) for name, (value, comment) in options)]


def _entry_of_sum(findings: FolderFindings) -> YamlEntry:
    """Return the parts of a weighted sum of metrics of the submitted task."""
    form, is_of_two = findings.form, len(findings.kinds) == 2
    terms = sum_terms(form.metric) or []
    parts = []
    for label, (weight, name) in zip(sum_labels([one for _, one in terms]), terms, strict=True):
        own, _ = form.options.get(label, ({}, ""))
        options = own if isinstance(own, Mapping) else {}
        task = {"task": findings.scored} if is_of_two else {}
        parts.append({"name": name, **task, "weight": weight, **options})
    caveat = f"; but {form.metric_caveat}" if form.metric_caveat else ""
    why = f"their weighted sum is the score: {form.why_metric}{caveat}"
    return YamlEntry("parts", parts, f"{why}; see the competition's page for their options")


def _other_metrics(findings: FolderFindings) -> str:
    """Return the names of a few metrics of the submitted task."""
    kind = findings.scored_kind
    if kind is None:
        return _METRICS[findings.scored]
    families = {"objects": kind.finds_objects, "ratings": kind.is_ordered}
    families |= {"outputs": kind.is_by_output, "columns": kind.is_by_column, kind.task: True}
    family = next(name for name, is_its in families.items() if is_its)
    usual, listed = kind.usual_metric, _METRICS[family]
    return listed if usual in listed.split(", ") else usual


def _task_entries(train: TrainPart, tasks: InferredTasks, open_set: str | None) -> list[YamlEntry]:
    found: dict[TaskName, str] = {}
    why = []
    if tasks.labels is not None:
        kind = tasks.labels.kind
        found[IMAGES] = str(kind)
        of = "" if tasks.masks is None else f"{IMAGES}, "
        every = sorted(map(image_kind, kind_names(IMAGES)), key=lambda one: not one.is_exclusive)
        others = f"Others: {', '.join(every)}."
        by = "Guessed" if tasks.labels.is_guess else "Why"
        why.append(f"{of}{kind}: {kind.description}. {by}: {tasks.labels.why}. {others}")
    if tasks.masks is not None:
        found[PIXELS] = str(tasks.masks.kind)
        why.append(why_masks(tasks.masks))
    if len(found) == 2:
        why.append("One network is trained on both; leave one out to train on the other alone.")
    entries = [YamlEntry("tasks", found, "\n".join(why))]
    if open_set is not None:
        comment = (
            "the sample ranks it, and no row of train has it: the answer for an image that is of "
            "none of the classes"
        )
        entries.append(YamlEntry("open_set", open_set, comment))
    if tasks.classes:
        sizes = "" if tasks.labels is None else _sizes(train.n_by_class)
        named_by = tasks.masks.content.named_by if isinstance(tasks.masks, MaskFiles) else ""
        comment = (
            f"The {plural(len(tasks.classes), 'name')} as {named_by or 'the data'} has them, in "
            "the order of the network's "
            f"outputs.{sizes}"
        )
        if tasks.labels is not None and tasks.labels.kind.is_by_level:
            comment = "The levels of the quantiles, in the order of the network's outputs."
        is_by_output = tasks.labels is not None and tasks.labels.kind.is_by_output
        named = by_output(tasks.classes) if is_by_output else tasks.classes
        entries.append(YamlEntry("classes", named, comment))
    if tasks.labels is not None and tasks.labels.are_positions:
        comment = "by their names these are places in the image, which no view may flip or move"
        entries.append(YamlEntry("positions", True, comment))
    elif tasks.labels is not None and (sides := pair_of_sides(tasks.classes)):
        comment = f"{sides[0]} and {sides[1]} change places where an image is flipped: no view may"
        entries.append(YamlEntry("sides", True, comment))
    return entries


def _sizes(n_by_class: dict[str, int]) -> str:
    if not n_by_class:
        return ""
    rarest, most = min(n_by_class, key=lambda name: n_by_class[name]), max(n_by_class.values())
    low = n_by_class[rarest]
    return (
        f" Each has {low:,} image{'s' * (low != 1)}."
        if low == most
        else (
            f" The rarest, {rarest}, has {low:,} image{'s' * (low != 1)}, the commonest {most:,}."
        )
    )


def _data_entries(findings: FolderFindings) -> list[YamlEntry]:
    folder, test, unlabelled = findings.folder, findings.test, findings.unlabelled
    train, comment = _train_entries(folder, findings.train, test, findings.stacks_images)
    unit = (
        []
        if findings.unit is None
        else [YamlEntry("unit", findings.unit.template, findings.unit.why)]
    )
    train += unit
    if findings.tasks.masks is not None:
        train += mask_entries(folder, findings.tasks.masks, findings.codec)
        if findings.n_undrawn > 0:
            has = either(findings.n_undrawn, "image has", "images have")
            why = f"{has} no mask file, which nobody may have drawn: they are left out"
            train.append(YamlEntry("absent", "missing", why))
        if findings.train.match is None and findings.train.absent:
            why = "images that are left out, as one of their files is not there"
            if isinstance(findings.tasks.masks, MaskRuns):
                why = "images of rows of runs that are left out, as they are not there"
            train.append(YamlEntry("exclude", list(findings.train.absent), why))
    entries = [YamlEntry("train", train, comment)]
    if unlabelled is not None:
        comment = (
            f"{plural(unlabelled.n, 'image')} without labels, for methods that use "
            f"them: {unlabelled.why}."
        )
        entries.append(YamlEntry("unlabelled", _source(folder, unlabelled), comment))
    comment = f"{plural(test.n, 'image')} to predict: {test.why}."
    test_entries = _source(folder, test, findings.stacks_images)
    if test.absent:
        why = "images that are not predicted, as one of their files is not there"
        test_entries = [*test_entries, YamlEntry("exclude", list(test.absent), why)]
    entries.append(YamlEntry("test", [*test_entries, *unit], comment))
    entries.append(YamlEntry("reader", *findings.reader))
    return entries


def _train_entries(
    folder: DataFolder, train: TrainPart, test: PartImages, parts: bool
) -> tuple[list[YamlEntry], str]:
    joined = _withdrawn_entries(folder, train)
    if train.join is not None:
        table = {"table": folder.spell(train.join[0]), "key": train.join[1]}
        joined += [YamlEntry("join", table, "a row for each image: its columns are theirs")]
    if train.plain is not None:
        entries = [*_plain_entries(folder, train.plain), *joined]
        return entries, f"{plural(len(train.images), 'image')} with masks."
    if train.folders is not None:
        images = spelt_pattern(folder, train.folders.pattern)
        is_name = "{class}" in train.folders.pattern.rpartition("/")[2]
        what = "text" if is_name else "folder"
        comment = f"the {what} in the place of {{class}} is the label"
        entries = [YamlEntry("images", images, comment)]
        if train.folders.id != "{stem}":
            entries.append(YamlEntry("id", train.folders.id, _IDS[train.folders.id]))
        entries += joined
        where = "whose names have the class" if is_name else "in class folders"
        return entries, f"{plural(len(train.folders.images), 'labelled image')} {where}."
    match, labels = train.match, train.labels
    assert match is not None
    if match.join is not None:
        return _joined_entries(folder, match, match.join, labels)
    found = f"names the image of a row: {match.n_found:,} of {len(match.table):,} found"
    entries = [
        YamlEntry(
            "table",
            folder.spell(match.path),
            f"columns {', '.join([one for one in match.table.columns if '{' not in one][:8])}",
        ),
        YamlEntry("id", *(_id_of_images(match, test, parts) or (match.id, found))),
        YamlEntry("images", *_of_row(folder, match.template, match.several, parts)),
    ]
    if train.absent:
        why = "rows that are left out, as their image is not there"
        entries.append(YamlEntry("exclude", list(train.absent), why))
    n = len(match.table) - len(train.absent)
    if labels is None:
        return entries, f"{plural(n, 'image')}: a row of {match.path} each."
    entries += _label_entries(labels)
    return entries, f"{plural(n, 'labelled image')}: a row of {match.path} each."


def _withdrawn_entries(folder: DataFolder, train: TrainPart) -> list[YamlEntry]:
    """Return what leaves out the folders that a text asks not to use, where a pattern finds them.

    By the field of the pattern that has the folder's name, or else by ids.
    """
    pattern, by_field, ids = train.pattern, dict[str, list[str]](), list[str]()
    for name, _, paths in folder.withdrawn if train.match is None else ():
        found = [(one, Pattern(pattern).match(one)) for one in paths]
        fields = [one for _, one in found if one is not None]
        shared = [one for one in (fields[0] if fields else ()) if fields[0][one] == name]
        if shared:
            by_field.setdefault(shared[0], []).append(name)
        elif fields:
            found_by = train.folders if train.plain is None else train.plain
            template = "{stem}" if found_by is None else found_by.id
            images = [ImageFile(path, "train") for path, one in found if one is not None]
            ids += [id_of(one, template, pattern) for one in images]
    why = "; ".join(dict.fromkeys(one for _, one, _ in folder.withdrawn))
    entries = [YamlEntry("exclude_where", by_field, why)] if by_field else []
    return entries + ([YamlEntry("exclude", ids, why)] if ids else [])


def _id_of_images(match: ImageTable, test: PartImages, parts: bool) -> tuple[str, str] | None:
    """Return the id of rows by all images of each, and why, where one of these is of several rows.

    It is as that of the images to predict, where their ids are of such, too.
    """
    if not parts or match.id not in match.several or match.table[match.id].is_unique:
        return None
    every = "_".join(f"{{{one}}}" for one in match.several)
    if test.id is not None and {*columns_of_key(test.id)} == {*match.several}:
        every = test.id
    if not pd.Series(ids_of_rows(match.table, every)).is_unique:
        return None
    n = match.table[match.id].duplicated(keep=False).sum()
    return (
        every,
        f"{either(n, 'row shares', 'rows share')} their {match.id}, and each has other images "
        "together",
    )


def _label_entries(labels: InferredLabels) -> list[YamlEntry]:
    """Return the column of the labels, and what separates several in a cell."""
    entries = [YamlEntry("label", labels.column, labels.why)]
    if labels.separator is not None:
        why = "stands between the labels of a cell"
        entries.append(YamlEntry("label_sep", labels.separator, why))
        if labels.none and labels.none not in labels.classes:
            why = "the cell of an image without a class; files to send have submission.empty"
            entries.append(YamlEntry("label_none", labels.none, why))
    elif labels.as_lists is not None:
        entries.append(YamlEntry("label_sep", labels.as_lists[0], "only lists of labels have it"))
    return entries


def _joined_entries(
    folder: DataFolder, match: ImageTable, join: JoinedTable, labels: InferredLabels | None
) -> tuple[list[YamlEntry], str]:
    """Return the entries of images whose labels are those of a patient, a study, a folder."""
    entries = [YamlEntry("images", spelt_pattern(folder, match.template), "every image there")]
    if join.id != "{stem}":
        entries.append(YamlEntry("id", join.id, _IDS.get(join.id, _OF_PARTS)))
    meaning = (
        f"a row is of several images: {plural(join.n_rows, 'row')}, "
        f"{plural(len(match.images), 'image')}"
    )
    table = {"table": folder.spell(match.path), "key": join.key}
    entries.append(YamlEntry("join", table, meaning))
    if labels is not None:
        entries += _label_entries(labels)
    comment = f"{plural(len(match.images), 'image')}, labelled by the rows of {match.path}."
    return entries, comment


def _plain_entries(folder: DataFolder, plain: PlainImages) -> list[YamlEntry]:
    entries = [
        YamlEntry(
            "images", spelt_pattern(folder, plain.pattern), "every image there that is no mask"
        )
    ]
    if plain.id != "{stem}":
        entries.append(YamlEntry("id", plain.id, _IDS.get(plain.id, _OF_PARTS)))
    return entries


_IDS = {
    "{stem}": "the id is the file name without extension",
    "{name}": "the id is the file name with its extension",
    "{path}": "the id is the path, because file names repeat",
    "{folder}": "the id is the folder's name, because file names repeat",
}
_OF_PARTS = "the id is made of parts of the path, as the tables have it"


def _source(folder: DataFolder, found: PartImages, parts: bool = False) -> list[YamlEntry]:
    source = source_of(folder, found)
    other = _OF_PARTS if found.table is None else "the column that names the images"
    comments = {"table": "one row for each image", "id": _IDS.get(found.id or "", other)}
    entries = [YamlEntry(key, one, comments[key]) for key, one in source.items() if key in comments]
    images = (source["images"], "every image there")
    if found.table is not None:
        images = _of_row(folder, found.images, found.several, parts)
    return [*entries, YamlEntry("images", *images)]


def _of_row(
    folder: DataFolder, template: str, several: Mapping[str, str], parts: bool
) -> tuple[str | dict[str, str], str]:
    """Return the pattern from a row to its image, or images, and what it is."""
    if not (several and parts):
        return spelt_pattern(folder, template), "from a row to its image"
    what = f"{' and '.join(several)} name an image each: a network gets them stacked as channels"
    return spelt_pattern(folder, template, several), f"{what}; for one alone, its pattern"


def _fold_entries(
    train: TrainPart, group: GroupColumn | None, notes: Sequence[str]
) -> list[YamlEntry]:
    kind = None if train.labels is None else train.labels.kind
    table = None if train.match is None else train.match.table
    column = (
        None if table is None or train.match is None else find_fold_column(table, [train.match.id])
    )
    if column is not None and table is not None:
        why = f"the column {column} holds fold numbers already"
        n = table[column].nunique()
        return [
            YamlEntry("scheme", "column", why),
            YamlEntry("column", column, "0 is the first fold"),
            YamlEntry("n", n, "as many as the column has"),
        ]
    scheme, shares = "stratified", "every class"
    if kind is None:
        shares = "images with much and with little foreground"
    elif kind.is_continuous:
        shares = "every direction" if kind.is_circular else "high and low values"
    elif kind.is_by_class:
        scheme, shares = "multilabel_stratified", "every label"
    why = f"each fold has its share of {shares}"
    if group is not None:
        scheme, why = "stratified_group", f"no group is in two folds, and {why}"
    n_shared = 0 if train.match is None else train.match.n_shared
    if n_shared:
        of_group = "" if group is None else f" and no {group.column}"
        scheme = "shared_files"
        why = (
            f"{either(n_shared, 'file is', 'files are')} in several rows: a fold trains on "
            "rows that share no file"
            f"{of_group} with those it validates; rows whose files are of several folds are not "
            "validated"
        )
    n, reason = N_FOLDS, "folds; each one costs a training and gives a model to average"
    if group is not None and group.n < n:
        n, reason = group.n, "as many folds as there are groups; each one costs a training"
    entries = [YamlEntry("scheme", scheme, why), YamlEntry("n", n, reason), _SEED]
    if train.labels is None:
        balance = "what every fold has its share of: coverage, how much of an image is foreground"
        entries.append(YamlEntry("balance", "coverage", balance))
    if group is not None:
        return [*entries, YamlEntry("group", group.column, group.why)]
    found = ". ".join(notes) or "no column looks like a patient, a scene or another group"
    otherwise = (
        "If rows belong together, name the column here and write scheme: stratified_group, or "
        "images validate their likes"
    )
    if n_shared:
        otherwise = "If further rows belong together, as those of one animal, name the column here"
    return [*entries, YamlEntry("group", None, f"{found}. {otherwise}")]


_SEED = YamlEntry("seed", 42, "another seed, another split")


def _submission_entries(findings: FolderFindings) -> list[YamlEntry]:
    folder, sample, layout, test = findings.folder, findings.sample, findings.form, findings.test
    labels = findings.tasks.labels
    is_by_output = labels is not None and labels.kind.is_by_output
    names = findings.tasks.classes
    n_classes = len(output_names(names) if is_by_output else names)
    entries = []
    file_entries = []
    if sample is not None and sample.file:
        comment = "how a file to send differs from a plain CSV, as the sample does"
        if findings.sends_pngs:
            comment = "a file to send is a ZIP of masks, and the sample a table of their rows"
            comment += f"; {sample.why_file}"
        if "header" in sample.file:
            comment += ", which has no header: the names of columns stand here alone"
        file_entries.append(YamlEntry("file", dict(sample.file), comment))
    if layout.stated_file is not None:
        form, why = layout.stated_file
        file_entries.append(YamlEntry("file", dict(form), f"a ZIP of masks is sent: {why}"))
    if layout.form_of_train is not None:
        own, tables = layout.form_of_train
        comment = f"no header, as {tables}: the names of columns stand here alone"
        file_entries.append(YamlEntry("file", dict(own), comment))
    elif layout.stated_sep is not None:
        sep, text = layout.stated_sep
        comment = f"the sign between the cells, as {text} tells it"
        file_entries.append(YamlEntry("file", {"sep": sep}, comment))
    if sample is not None and findings.sample_is_excerpt:
        file_entries += [YamlEntry("empty_row", "drop", "an image without an object has no row")]
    elif sample is not None:
        comment = (
            f"{plural(len(sample.table), 'row')}; every file is checked against it "
            "before it is sent"
        )
        n_rows = test.n * (n_classes if layout.rows == "image_class" else 1)
        is_listed = "lookup" in sample.file
        if sample.pixels is not None:
            comment = "every file is checked against its rows before it is sent"
        if len(sample.table) != n_rows and findings.unit is None and not is_listed:
            comment += (
                f" (but there are {plural(test.n, 'image')} to predict: find out which count)"
            )
        entries.append(YamlEntry("sample", folder.spell(sample.path), comment))
    if layout.answers:
        comment = "the file's columns, in order: each a field of the row, or an answer of a task"
        entries.append(YamlEntry("columns", list(layout.answers), comment))
    elif layout.columns:
        comment = "the file's columns, in order, and what stands in each"
        comment += f", as {layout.stated_columns} tells" if layout.stated_columns else ""
        entries.append(YamlEntry("columns", _spelt_columns(layout.columns, findings), comment))
    if layout.value in MASK_CELLS or layout.rows == "pixel":
        return [*entries, *file_entries, *rle_entries(layout, findings)]
    entries += file_entries
    entries += _row_entries(layout, "output" if is_by_output else "class")
    meaning = layout.why_value
    entries.append(YamlEntry("value", layout.value, f"{meaning}. {_VALUES}"))
    if layout.directions != "degrees" and layout.value == "degrees":
        comment = "the unit of the directions of train, in which a file has them again"
        entries.append(YamlEntry("directions", layout.directions, comment))
    if layout.limits is not None and layout.value == "scalar":
        least, most, why = layout.limits
        comment = (
            f"the least {'number' if most is None else 'and the greatest number'} that a file may "
            f"hold, as {why}: a prediction {'below' if most is None else 'beyond'} is written as "
            "it, while honest scores are of predictions as they are. Leave the key out if numbers "
            f"{'below' if most is None else 'beyond'} may be right"
        )
        entries.append(YamlEntry("range", [_whole(least), _whole(most)], comment))
    if layout.decimals is not None:
        decimals, why = layout.decimals
        comment = (
            f"the digits behind the point of a number, as {why}: predictions are rounded to these, "
            "while honest scores are of predictions as they are. Leave the key out if the host "
            "takes more"
        )
        entries.append(YamlEntry("decimals", decimals, comment))
    if layout.sep != " ":
        comment = (
            "stands between the labels of a cell" if layout.sep else "each label is one letter"
        )
        entries.append(YamlEntry("sep", layout.sep, comment))
    if layout.empty is not None:
        comment = f"the cell of an image without a class: {layout.why_empty}"
        entries.append(YamlEntry("empty", layout.empty, comment))
    if layout.k is not None:
        entries.append(YamlEntry("k", layout.k, "how many a cell holds at most"))
    return entries


def _kaggle_entries(slug: str | None) -> list[YamlEntry]:
    where = "the name in kaggle.com/competitions/<name>; `podium submit` needs it"
    return [
        YamlEntry("slug", slug, where),
        YamlEntry(
            "kind", "file", "file: a CSV is uploaded; code: a notebook writes it on the host"
        ),
        YamlEntry(
            "daily_limit", 5, "submissions a day; overridden by the limit that the host reports"
        ),
        YamlEntry("host", None, "null: Kaggle; a host of your own by its address or its folder"),
        YamlEntry("finals", 2, "submissions that may be chosen for the final score"),
    ]


def _whole(number: float | None) -> float | None:
    """Return a number as people write it: 100, and not 100.0."""
    return int(number) if number is not None and number == int(number) else number


def _spelt_columns(columns: Mapping[str, str], findings: FolderFindings) -> dict[str, str]:
    """Return the columns; one that is taken from the sample has its path as the file spells it."""
    sample = findings.sample
    if sample is None:
        return dict(columns)
    own, spelt = f"file[{sample.path}]", f"file[{findings.folder.spell(sample.path)}]"
    return {name: spelt if field == own else field for name, field in columns.items()}


_CODEC = "base: number of the first pixel; order: F down the columns, C along the rows"
_GUESSED_RUNS = (
    "how runs are counted: base 1 and order F are guessed, as no header shows it: see the page"
)
"""`podium check` and the end of `podium init` tell it as a guess while it stands there."""
_UNKNOWN = "The usual ones, a guess without evidence: view a few masks"


def why_masks(masks: FoundMasks) -> str:
    """Return the meaning of the masks' kind, and the reason for it."""
    why = masks.content.why if isinstance(masks, MaskFiles) else masks.why
    rows = ""
    if isinstance(masks, MaskRuns) and masks.classes:
        rows = f", of {either(len(masks.classes), 'class', 'classes')}"
    return f"{PIXELS}, {masks.kind}: {masks.kind.description}. Why: {why}{rows}."


def mask_entries(
    folder: DataFolder, masks: FoundMasks, found: CodecEstimates | None
) -> list[YamlEntry]:
    """Return the entries of `data.train` on masks; `found` is the format of their runs."""
    if isinstance(masks, MaskRuns):
        return _of_runs(folder, masks, found)
    entries = [
        YamlEntry(
            "mask", folder.spell(masks.pattern), f"{masks.why}: {plural(masks.n_found, 'image')}"
        )
    ]
    content = masks.content
    if content.values is not None:
        comment = "pixel value, or colour, and what it is"
        entries.append(YamlEntry("mask_values", content.values, comment))
    if content.ignore is not None:
        comment = "pixels of this value are excluded from loss and score"
        entries.append(YamlEntry("ignore", content.ignore, comment))
    if masks.absent:
        entries.append(YamlEntry("absent", "empty", masks.absent))
    return entries


_RUNS = "runs: pairs of start and length"


def _of_runs(folder: DataFolder, masks: MaskRuns, found: CodecEstimates | None) -> list[YamlEntry]:
    comment = "names the image of a row"
    if "{class}" in masks.id:
        comment = "names the image and the class of a row"
    inner = [
        YamlEntry(
            "table",
            folder.spell(masks.path),
            f"{either(len(masks.ids), 'image has', 'images have')} rows",
        ),
        YamlEntry("id", masks.id, comment),
        YamlEntry("rle", masks.rle, "COCO's counts" if masks.images else _RUNS),
    ]
    if masks.label is not None:
        inner.append(YamlEntry("label", masks.label, "the class of a row"))
    if not set(masks.empty) <= {"", "-1"}:
        inner.append(YamlEntry("empty", masks.empty, "cells that mean: no object"))
    is_told = masks.is_one_a_sample or masks.n_missing
    absent = "" if is_told else "; an image without a row has an empty mask"
    entries = [
        YamlEntry("mask", inner, f"Masks as run-length text{absent}."),
        codec_entry("mask_codec", found),
    ]
    if masks.n_missing:
        comment = f"{either(masks.n_missing, 'image has', 'images have')} no row"
        comment = f"{comment}, {masks.why_missing}"
        entries.append(YamlEntry("absent", "missing", f"{comment}: they are left out"))
    return entries


def codec_entry(
    key: str,
    found: CodecEstimates | None,
    why: str = "",
    pairs: Mapping[str, object] = MappingProxyType({}),
) -> YamlEntry:
    """Return the entry of how runs are counted, with how sure each part of it is, and why.

    Args:
        pairs: `second` and `join` of runs that name their ends.
    """
    if found is None:
        return YamlEntry(key, {"base": 1, "order": "F", **pairs}, why or f"{_CODEC}. {_UNKNOWN}")
    if found["kind"].value != "rle":
        return YamlEntry(key, {"kind": found["kind"].value}, found["kind"].why)
    names = [
        name for name in ("base", "order", "relative") if name != "relative" or found[name].value
    ]
    values = {**{name: found[name].value for name in names}, **pairs}
    reasons = "\n".join(
        f"{name} {_yaml(one.value)} is {one.sure}: {one.why}{'; ' if one.fix else ''}{one.fix}."
        for name, one in found.items()
        if name != "kind"
    )
    return YamlEntry(key, values, why or f"{_CODEC}.\n{reasons}")


def _counts_entry(found: CodecEstimates | None) -> YamlEntry:
    """Return the entry of counts to send, with how sure their order is, and why."""
    order = (found or UNKNOWN_CODEC)["order"]
    why = f"order {order.value} is {order.sure}: {order.why}"
    if order.sure == "not sure":
        why = f"order {order.value} is not sure: F, down the columns, is COCO's; C is row by row"
    comment = f"counts: background and mask in turn, which sum to the pixels of the image.\n{why}."
    return YamlEntry("rle", {"counts": True, "order": order.value}, comment)


def _yaml(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


_ROWS = {
    "image": "one row an image",
    "image_class": "one row for each image and {}",
    OBJECT_ROW: "one row for each object; an image without one has a row, too",
    "pixel": "one row for each pixel of a mask",
}


def _row_entries(form: InferredFormat, of: str) -> list[YamlEntry]:
    """Return what names a row, where it is not the image's id alone; `of` is a class or output."""
    entries = []
    if form.rows != "image":
        entries.append(YamlEntry("rows", form.rows, _ROWS[form.rows].format(of)))
    if form.id != "{id}":
        comment = "what stands around an image's id"
        if form.rows != "image":
            comment = (
                f"an image's row; {{class}} is the name of the {of}, {{index}} its place from 0, "
                "{number} from 1"
            )
        if form.index_base is not None:
            comment = "an object's row; {object} is its number in its image"
        if form.rows == "pixel":
            comment = "a pixel's row; {row} and {column} are its numbers from the upper left corner"
        entries.append(YamlEntry("id", form.id, comment))
    if form.index_base is not None:
        numbered = "pixel" if form.rows == "pixel" else "object"
        entries.append(YamlEntry("index_base", form.index_base, f"number of the first {numbered}"))
    if form.index_step > 1:
        comment = "from each of these numbers to the next"
        entries.append(YamlEntry("index_step", form.index_step, comment))
    return entries


def rle_entries(form: InferredFormat, findings: FolderFindings) -> list[YamlEntry]:
    """Return the entries of `submission` on masks, after its columns."""
    entries = [YamlEntry("rows", form.rows, _ROWS[form.rows])] if form.rows == "image" else []
    entries += _row_entries(form, "class")
    entries.append(YamlEntry("value", form.value, form.why_value))
    if form.empty is not None:
        entries.append(YamlEntry("empty", form.empty, "stands where the mask is empty"))
    if form.rows == OBJECT_ROW:
        overlap = "forbid: of objects that share pixels the surer one keeps them; or allow"
        # Where rows tell how sure they are, each object is matched by itself.
        usual = "allow" if "conf" in form.columns.values() else "forbid"
        entries.append(YamlEntry("overlap", usual, overlap))
    if form.value != "rle" or findings.sends_pngs:
        return entries
    sent = findings.sent_codec
    why = ""  # of each part its own
    if sent is not None and sent is findings.codec:
        why = "how runs are counted: as the masks of train are"
    elif sent is None and findings.codec is not None:
        why = f"{_GUESSED_RUNS}; those of train are written otherwise"
    elif sent is None:
        why = _GUESSED_RUNS
    sample = findings.sample
    if sample is not None and sample.has_counts:
        return [*entries, _counts_entry(sent)]
    pairs = {} if sample is None else sample.run_pairs
    if sample is not None and sample.why_pairs:
        why = f"{why}\nsecond is what follows a start: {sample.why_pairs}".strip()
    return [*entries, codec_entry("rle", sent, why, pairs)]
