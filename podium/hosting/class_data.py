"""What participants download: images under neutral names, answers of train, a sample to copy.

    train.csv · train/00017.png · train_masks/00017.png · test/00003.png · sample_submission.csv
    competition.yaml · README.md

Names are numbers in an order that says nothing, the bytes of a file hold its pixels alone, every
file has one date, and rows stand in the order of the names: a label cannot be told but by looking.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from PIL import Image

from podium.competition.masks import IGNORE, Mask
from podium.competition.metrics import Metric
from podium.competition.spec import Competition, MetricSpec
from podium.errors import DataError, some
from podium.submissions.format import Format
from podium.submissions.mask_sizes import MaskSizes, Size
from podium.submissions.mask_writing import write_mask_rows
from podium.submissions.write import Batch, write_label_rows

__all__ = [
    "SAMPLE",
    "Names",
    "answer_text",
    "equalise_dates",
    "participants_spec",
    "refuse_names",
    "write_mask",
    "write_sample",
    "write_table",
]

DATE_S = 1_577_836_800  # 2020-01-01 00:00 UTC: the date of every file
SAMPLE = "sample_submission.csv"
_UNKNOWN = 128  # a pixel of a binary mask file of which nobody knows what it is
_LABELS_APART = "|"


@dataclass(frozen=True)
class Names:
    """How columns are called; none is the name of a class, which may be a column, too."""

    id: str
    label: str
    group: str | None

    @classmethod
    def beside(cls, classes: Sequence[str], group: str | None) -> Names:
        """Return names that differ from those of the classes and from each other."""

        def free(wanted: str, taken: set[str]) -> str:
            return wanted if wanted not in taken else free(f"image_{wanted}", taken)

        taken = set(classes)
        key = free("id", taken)
        label = free("label", taken | {key})
        column = None if group is None else free(group, taken | {key, label, "Usage"})
        return cls(key, label, column)


def participants_spec(
    source: Competition,
    metric: Metric,
    spec: MetricSpec,
    names: Names,
    *,
    about: Mapping[str, Any],
    suffixes: Mapping[str, str],
) -> str:
    """Return the `competition.yaml` that participants can use, for files in a folder `data`.

    Args:
        source: what the labelled data were read as.
        metric: that of `spec`.
        spec: its name and options.
        names: of the columns.
        about: `name`, `slug`, `daily_limit`, `public_share` (of the test images).
        suffixes: of the names of train and test images, `.*` where they differ.
    """
    task = metric.task
    kind = source.tasks[task]
    train: dict[str, Any] = {
        "table": "data/train.csv",
        "id": names.id,
        "images": f"data/train/{{{names.id}}}{suffixes['train']}",
    }
    if task == "classify":
        train["label"] = names.label
        if kind == "multilabel":
            train["label_sep"] = _LABELS_APART
    else:
        folder = "data/train_masks/{class}" if kind == "multilabel" else "data/train_masks"
        train["mask"] = f"{folder}/{{{names.id}}}.png"
        train["ignore"] = 255 if kind == "multiclass" else _UNKNOWN
    document: dict[str, Any] = {"name": about["name"], "tasks": {task: kind}}
    if source.classes_of(task):
        document["classes"] = source.classes_of(task)
    document["data"] = {"train": train, "test": {"images": f"data/test/*{suffixes['test']}"}}
    folds: dict[str, Any] = {"scheme": "stratified"}
    if kind == "multilabel" and task == "classify":
        folds = {"scheme": "multilabel_stratified"}
    if names.group is not None:
        folds = {"scheme": "stratified_group", "group": names.group}
    document["folds"] = folds
    document["metric"] = {"name": spec.name, **spec.options}
    document["submission"] = _submission(source, metric, spec, names)
    document["kaggle"] = {"slug": about["slug"], "daily_limit": about["daily_limit"]}
    if 0 < about["public_share"] < 1:
        document["kaggle"]["public_share"] = about["public_share"]
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)


def _submission(
    source: Competition, metric: Metric, spec: MetricSpec, names: Names
) -> dict[str, Any]:
    kind, classes = source.tasks[metric.task], source.classes_of(metric.task)
    sample = {"sample": f"data/{SAMPLE}"}
    one_value = {names.id: "id", names.label: "value"}
    if metric.task == "segment":
        if kind == "binary":
            return {**sample, "columns": {names.id: "id", "rle": "value"}, "value": "rle"}
        columns = {names.id: "id", "class": "class_name", "rle": "value"}
        return {**sample, "rows": "image_class", "columns": columns, "value": "rle"}
    if metric.needs == "ranking":
        k = int(metric.complete(spec.options).get("k", 1))
        sep = _LABELS_APART if any(" " in name for name in classes) else " "
        return {**sample, "columns": one_value, "value": "topk", "k": k, "sep": sep}
    if metric.needs == "probs" and kind in ("multiclass", "multilabel"):
        wide = {name: f"prob[{name}]" for name in classes}
        apart = {"sep": _LABELS_APART} if kind == "multilabel" else {}  # of the solution's lists
        return {**sample, "columns": {names.id: "id", **wide}, "value": "prob", **apart}
    if kind == "regression":
        return {**sample, "columns": one_value, "value": "scalar"}
    if metric.needs == "probs":
        return {**sample, "columns": one_value, "value": "prob"}
    if kind == "multilabel":
        return {**sample, "columns": one_value, "value": "labels", "sep": _LABELS_APART}
    value = "name" if classes else "label"
    return {**sample, "columns": one_value, "value": value}


def answer_text(label: Any, competition: Competition) -> str:
    """Return a label of `load_samples` as tables and solutions have it."""
    kind = competition.kind
    if kind == "regression":
        return repr(float(label))
    if kind == "multilabel":
        flags = zip(competition.classes, label, strict=True)
        return _LABELS_APART.join(name for name, flag in flags if flag)
    names = competition.label_names
    return names[int(label)] if names else str(int(label))


def refuse_names(classes: Sequence[str], *, is_several: bool, in_paths: bool) -> None:
    """Refuse classes whose names cannot stand where they must."""
    odd = [
        name
        for name in classes
        if (is_several and _LABELS_APART in name)
        or (in_paths and ("/" in name or "\\" in name or name in ("", ".", "..")))
    ]
    if odd:
        raise DataError(
            f"classes whose names cannot be written: {some(odd)}",
            fix=f"take {_LABELS_APART} and / out of the names of classes",
        )


def write_table(path: Path, header: Sequence[str], rows: Sequence[list[str]]) -> None:
    """Write a CSV with `rows`, whose first cells are different, in the order of these."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(sorted(rows))


def write_mask(folder: Path, name: str, mask: Mask, competition: Competition) -> None:
    """Write the mask of a train image as PNG, one file a class of a multilabel task.

    The pixels of a multiclass mask are 0 (background), 1, 2, … in the order of the classes and 255
    where nobody knows; of the others 0 and 255, and 128 where nobody knows.
    """
    kind = competition.mask_kind
    if kind == "multilabel":
        for at, one in enumerate(competition.classes):
            _write_png(folder / one / f"{name}.png", _in_grey(mask[:, :, at]))
    else:
        _write_png(folder / f"{name}.png", mask if kind == "multiclass" else _in_grey(mask))


def _in_grey(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.where(mask == IGNORE, np.uint8(_UNKNOWN), mask * np.uint8(255)).astype(np.uint8)


def _write_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def write_sample(path: Path, form: Format, ids: Sequence[str], sizes: Mapping[str, Size]) -> None:
    """Write a submission that is valid and says the same of every image, so nothing of any.

    That is the first class, equal probabilities, zero, or an empty mask.
    """
    keys = list(form.keys(ids))
    if form.task == "segment":
        masks = ((one, _nothing(sizes[one], form)) for one in ids)
        write_mask_rows(path, form, keys, masks, MaskSizes(sizes))
        return
    write_label_rows(path, form, keys, [_same_for_all(form, ids)])


def _nothing(size: Size, form: Format) -> Mask:
    shape = (*size, form.n_masks) if form.kind == "multilabel" else size
    return np.zeros(shape, dtype=np.uint8)


def _same_for_all(form: Format, ids: Sequence[str]) -> Batch:
    n, n_classes = len(ids), len(form.classes)
    if form.value == "topk":
        first = np.arange(min(form.k or 1, n_classes), dtype=np.int64)
        return Batch(ids, decisions=np.tile(first, (n, 1)))
    if form.value == "labels":
        flags = np.zeros((n, n_classes), dtype=np.uint8)
        flags[:, 0] = 1
        return Batch(ids, decisions=flags)
    if form.value == "prob":
        width = n_classes if form.wide else 1
        share = 1 / n_classes if form.kind == "multiclass" else 0.5
        return Batch(ids, probs=np.full((n, width), round(share, 6)))
    if form.value == "scalar":
        return Batch(ids, probs=np.zeros((n, 1)))
    return Batch(ids, decisions=np.zeros(n, dtype=np.int64))


def equalise_dates(folder: Path) -> None:
    """Give every file and folder below `folder` the same date."""
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (DATE_S, DATE_S))
