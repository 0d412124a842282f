"""The format of a submission, read from the sample's header, ids and values."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from podium.competition.format_spec import ValueKind
from podium.competition.infer.labels import Labels

__all__ = ["Format", "Sample", "find_format", "is_sample", "read_sample"]

_WRITTEN_OUT = 20
"""Formats with more columns are left to the sample's header."""


@dataclass(frozen=True)
class Sample:
    """A sample submission: its path below the data folder, and its cells."""

    path: str
    table: pd.DataFrame

    @property
    def id(self) -> str:
        return str(self.table.columns[0])

    @property
    def values(self) -> list[str]:
        return [str(column) for column in self.table.columns[1:]]

    @property
    def has_fractions(self) -> bool:
        numbers = self.table[self.values].apply(pd.to_numeric, errors="coerce")
        return not numbers.isna().any(axis=None) and bool((numbers % 1 != 0).any(axis=None))


@dataclass(frozen=True)
class Format:
    """The `submission` part of a spec, and why."""

    value: ValueKind
    columns: dict[str, str]
    metric: str
    why_value: str
    why_metric: str
    notes: list[str] = field(default_factory=list)
    rows: Literal["image", "image_class", "instance"] = "image"
    id: str = "{id}"
    empty: str | None = None
    """What stands for an empty mask; None where there are no masks."""
    options: Mapping[str, tuple[object, str]] = field(default_factory=dict)
    """Options of the metric: a value and a comment each."""
    k: int | None = None
    """How many classes a cell holds at most; None where it holds no ranking."""


def is_sample(path: str) -> bool:
    """Return whether a table is called like a sample submission.

    Example:
        >>> is_sample("sampleSubmission.csv"), is_sample("data/train.csv")
        (True, False)
    """
    name = path.rpartition("/")[2].lower()
    return "sub" in name and re.search(r"sample|example|format|template", name) is not None


def read_sample(path: str, table: pd.DataFrame) -> Sample | None:
    """Return the sample submission, or None when the table has no id and value columns."""
    return Sample(path, table) if len(table.columns) >= 2 and len(table) else None


def find_format(sample: Sample | None, labels: Labels, id_column: str) -> Format:
    """Return the format that the sample shows; without one, a table of ids and labels."""
    if sample is None:
        return _without_sample(labels, id_column)
    if len(sample.values) == 1:
        value, why = _one_value(sample, labels)
        columns = {sample.id: "id", sample.values[0]: "value"}
        notes: list[str] = []
    else:
        value, why = "prob", f"{len(sample.values)} columns hold one probability a class"
        columns, notes = _class_columns(sample, labels)
    metric, why_metric = _metric(value, labels)
    if value != "topk":
        return Format(value, columns, metric, why, why_metric, notes)
    k = max(len(cell.split()) for cell in sample.table[sample.values[0]])
    options = {"k": (k, "the places that count: as many as a cell of the sample has")}
    return Format(value, columns, metric, why, why_metric, notes, options=options, k=k)


def _without_sample(labels: Labels, id_column: str) -> Format:
    ways: dict[str, ValueKind] = {"multilabel": "labels", "regression": "scalar"}
    value = ways.get(labels.kind, "name")
    label = labels.column if isinstance(labels.column, str) else "label"
    metric, why_metric = _metric(value, labels)
    why = "there is no sample submission: the train table's own way to write labels"
    return Format(value, {id_column: "id", label: "value"}, metric, why, why_metric)


def _one_value(sample: Sample, labels: Labels) -> tuple[ValueKind, str]:
    cells = sample.table[sample.values[0]]
    shown = ", ".join(repr(cell) for cell in cells.unique()[:3])
    if labels.kind == "regression":
        return "scalar", f"the sample holds a number, {shown}"
    if labels.kind == "multilabel":
        return "labels", "a cell holds all labels of an image"
    if labels.kind == "binary" and sample.has_fractions:
        return "prob", f"the sample holds fractions, {shown}: the probability of the second class"
    names = set(labels.classes)
    indices = {str(number) for number in range(len(labels.classes))}
    values = set(cells)
    if values <= names:
        return "name", f"the sample holds class names as train has them, {shown}"
    if values <= indices:
        return (
            "label",
            f"the sample holds numbers, {shown}: the place of the class in classes, from 0",
        )
    if all(cell.split() and set(cell.split()) <= names for cell in values):
        return "topk", (
            f"the sample holds several class names a cell, {cells.iloc[0]!r}: the likeliest first. "
            "Where one of them says that it is none of the others, as new_whale, write "
            "open_set with its name above classes, and take it out of them"
        )
    return "name", f"the sample holds {shown}, so class names are written as train has them"


def _class_columns(sample: Sample, labels: Labels) -> tuple[dict[str, str], list[str]]:
    """Return the class of each column, matched by name, else by what is left of a common prefix."""
    plain = dict(zip(sample.values, sample.values, strict=True))
    stripped = dict(zip(sample.values, _without_common_prefix(sample.values), strict=True))
    for names in (plain, stripped):
        if set(names.values()) == set(labels.classes):
            if len(names) > _WRITTEN_OUT:
                return {}, []
            columns = {column: f"prob[{name}]" for column, name in names.items()}
            return {sample.id: "id", **columns}, []
    note = (
        f"the sample's columns ({', '.join(sample.values[:5])} …) are not the classes "
        f"({', '.join(labels.classes[:5])} …): mend submission.columns"
    )
    return {}, [note]


def _without_common_prefix(names: Sequence[str]) -> list[str]:
    shortest = min(names, key=len)
    length = next(
        (n for n in range(len(shortest)) if len({name[n] for name in names}) > 1), len(shortest) - 1
    )
    return [name[length:] for name in names]


def _metric(value: ValueKind, labels: Labels) -> tuple[str, str]:
    if labels.kind == "regression":
        return "rmse", "the usual one for numbers"
    if labels.kind == "ordinal":
        return "qwk", "the usual one for ratings"
    if value == "prob":
        if labels.kind == "multiclass":
            return "log_loss", "the usual one for a probability of each class"
        return "auc", "the usual one for probabilities"
    if value == "topk":
        return "map_at_k", "the usual one for rankings"
    if labels.kind == "multilabel":
        return "macro_f1", "the usual one for lists of labels"
    return "accuracy", "the usual one for one label an image"
