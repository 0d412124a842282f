"""The format of a submission of masks, read from the sample: its rows, its ids, its empty cells."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from podium.competition.infer.files import DataFolder, words
from podium.competition.infer.runs import (
    EMPTY_CELLS,
    are_runs,
    is_runs_name,
    split_keys,
)
from podium.competition.infer.submission import Format, Sample
from podium.competition.spec import TaskKind

__all__ = ["find_mask_format", "runs_column", "sent_classes", "with_plain_ids"]

_PREDICTED = frozenset({"predicted", "prediction", "annotation"})
_CLASS_NAMES = frozenset({"class", "classid", "label", "category"})


def runs_column(sample: Sample) -> str | None:
    """Return the column of a sample submission that holds run-length text, or None.

    It is called so, or its cells are pairs of numbers, or it is called `predicted` and its cells
    say that there is nothing.
    """
    for column in sample.values:
        cells = sample.table[column]
        if is_runs_name(column) and (are_runs(cells, by_name=True) or _is_nothing(cells)):
            return column
        if _PREDICTED & set(words(column)) and _is_nothing(cells):
            return column
        if are_runs(cells, by_name=False):
            return column
        if len(sample.values) == 1 and are_runs(cells, by_name=True) and (cells == "1 1").all():
            return column
    return None


def _is_nothing(cells: pd.Series[str]) -> bool:
    return bool(cells.isin(EMPTY_CELLS).all())


def with_plain_ids(sample: Sample, folder: DataFolder, classes: Sequence[str]) -> Sample:
    """Return the sample with an image's id in place of ids of an image and a class, each once."""
    cells = list(sample.table[sample.id])
    if _name_images(cells, folder):
        return Sample(sample.path, sample.table.drop_duplicates(sample.id))
    split = split_keys(cells, folder, classes)
    if split is None:
        return sample
    table = sample.table.assign(**{sample.id: split[0]}).drop_duplicates(sample.id)
    return Sample(sample.path, table)


def _name_images(cells: Sequence[str], folder: DataFolder) -> bool:
    return sum(bool(folder.named(one)) for one in cells) >= 0.5 * len(cells)


def sent_classes(sample: Sample, folder: DataFolder) -> list[str]:
    """Return the names of classes that a sample of masks shows, in order; `[]` for none."""
    cells: Sequence[str] = []
    for other in sample.values:
        if other != runs_column(sample) and _is_class_name(other):
            cells = list(sample.table[other])
    ids = list(sample.table[sample.id])
    if not len(cells) and not _name_images(ids, folder):
        split = split_keys(ids, folder)
        cells = [] if split is None else split[1]
    names = list(dict.fromkeys(cells))
    return [] if any(name.isdecimal() for name in names) else names


def find_mask_format(
    sample: Sample | None,
    folder: DataFolder,
    *,
    kind: TaskKind,
    classes: Sequence[str],
    has_empty: bool,
) -> Format:
    """Return the format that the sample shows; without one, a row an image, or an image and class.

    Args:
        sample: the sample submission, if it is of masks.
        folder: whose images the ids name.
        kind: of the masks.
        classes: of the masks, `[]` for binary ones.
        has_empty: whether some masks of train are empty.
    """
    if kind == "instance":
        return _of_objects(sample, classes)
    n_classes = 1 if kind == "binary" else len(classes)
    if sample is None:
        by_class = n_classes > 1
        why = "there is no sample submission: runs of start and length, a row a mask"
        metric, why_metric, options = _metric(False, has_empty)
        return Format(
            "rle",
            {"id": "id", "rle": "value"},
            metric,
            why,
            why_metric,
            rows="image_class" if by_class else "image",
            id="{id}_{class}" if by_class else "{id}",
            options=options,
        )
    column = runs_column(sample)
    assert column is not None
    metric, why_metric, options = _metric(True, has_empty or n_classes > 1)
    columns = {sample.id: "id", column: "value"}
    rows, template, notes = "image", "{id}", list[str]()
    by_column = _class_column(sample, column, classes)
    if by_column is not None:
        rows = "image_class"
        columns[by_column[0]] = by_column[1]
    elif not _name_images(list(sample.table[sample.id]), folder):
        split = split_keys(list(sample.table[sample.id]), folder, classes)
        if split is not None:
            rows, template = "image_class", _template(split[1], classes, notes)
    ordered = {one: columns[one] for one in map(str, sample.table.columns) if one in columns}
    rest = [one for one in sample.values if one not in columns]
    if rest:
        notes.append(f"the sample's columns {', '.join(rest)} are not understood: mend submission")
    if rows == "image" and n_classes > 1:
        notes.append(
            f"the sample has one row an image, and the masks have {n_classes} classes: mend "
            "submission.rows and submission.id"
        )
    if rows == "image_class" and kind == "binary":
        rows, template = "image", _of_one_class(sample, folder, template, notes)
    return Format(
        "rle",
        ordered,
        metric,
        f"the cells of {column} are run-length text ({_shown(sample.table[column])})",
        why_metric,
        notes,
        rows="image_class" if rows == "image_class" else "image",
        id=template,
        empty=_empty(sample.table[column]),
        options=options,
    )


def _of_objects(sample: Sample | None, classes: Sequence[str]) -> Format:
    """Return the format of a row an object, with the columns of the sample."""
    why_metric = "the usual one for objects"
    if sample is None:
        why = "there is no sample submission: runs of start and length, a row an object"
        columns = {"id": "id", **({"class": "class_name"} if classes else {}), "rle": "value"}
        return Format("rle", columns, "iou_precision", why, why_metric, rows="instance", empty="")
    column = runs_column(sample)
    assert column is not None
    columns = {sample.id: "id", column: "value"}
    by_column = _class_column(sample, column, classes) if classes else None
    if by_column is not None:
        columns[by_column[0]] = by_column[1]
    rest = [one for one in sample.values if one not in columns]
    notes = (
        [f"the sample's columns {', '.join(rest)} are not understood: mend submission"]
        if rest
        else []
    )
    if classes and by_column is None:
        notes.append("the sample has no column for the class of an object: mend submission.columns")
    return Format(
        "rle",
        {one: columns[one] for one in map(str, sample.table.columns) if one in columns},
        "iou_precision",
        f"the cells of {column} are run-length text ({_shown(sample.table[column])})",
        why_metric,
        notes,
        rows="instance",
        empty=_empty(sample.table[column]),
    )


def _class_column(sample: Sample, column: str, classes: Sequence[str]) -> tuple[str, str] | None:
    """Return the second key column and its field, or None where there is none."""
    for other in sample.values:
        if other == column or not _is_class_name(other):
            continue
        return other, _field(set(sample.table[other]), classes)
    return None


def _is_class_name(column: str) -> bool:
    return bool(_CLASS_NAMES & {*words(column), column.lower()})


def _field(cells: set[str], classes: Sequence[str]) -> str:
    """Return how cells name classes: class_name, class (from 0) or class_number (from 1)."""
    if cells <= set(classes):
        return "class_name"
    if cells <= {str(n + 1) for n in range(len(classes))}:
        return "class_number"
    return "class" if cells <= {str(n) for n in range(len(classes))} else "class_name"


def _template(ends: Sequence[str], classes: Sequence[str], notes: list[str]) -> str:
    """Return the id of a row, from what its cells have behind the image's name."""
    field = _field(set(ends), classes)
    if field == "class_name" and not set(ends) <= set(classes):
        notes.append(
            f"the sample's ids end in {', '.join(sorted(set(ends))[:5])}, which are not the "
            f"classes of the masks ({', '.join(classes[:5]) or 'they have none'}): mend classes or "
            "submission.id"
        )
    return {"class_name": "{id}_{class}", "class_number": "{id}_{number}"}.get(
        field, "{id}_{index}"
    )


def _of_one_class(sample: Sample, folder: DataFolder, template: str, notes: list[str]) -> str:
    """Return the id template of binary masks whose rows name the one class nevertheless."""
    split = split_keys(list(sample.table[sample.id]), folder)
    ends = set() if split is None else set(split[1])
    if len(ends) == 1:
        notes.pop()
        return f"{{id}}_{ends.pop()}"
    return template


def _empty(cells: pd.Series[str]) -> str:
    """Return what the sample writes where there is nothing."""
    shown = [cell for cell in cells.unique() if cell in EMPTY_CELLS]
    return str(shown[0]) if shown else ""


def _shown(cells: pd.Series[str]) -> str:
    shown = [one if len(one) <= 24 else f"{one[:20]} …" for one in cells.unique()[:2]]
    return ", ".join(repr(one) for one in shown)


def _metric(is_sent: bool, has_empty: bool) -> tuple[str, str, dict[str, tuple[object, str]]]:
    """Return the metric, why, and its options with a comment each."""
    if is_sent:
        why = "the usual one for run-length submissions"
        why += ", and some masks are empty" if has_empty else ""
        empty = (
            "what an image, or an image and class, counts where truth and decision are empty: one, "
            "zero, or skip"
        )
        return "mean_dice", why, {"empty": ("one", empty)}
    empty = "a class that neither truth nor decisions have: skip leaves it out; one, zero, error"
    background = "whether background is one of the classes that are averaged"
    options: dict[str, tuple[object, str]] = {
        "empty": ("skip", empty),
        "background": (False, background),
    }
    return "mean_iou", "the usual one for masks", options
