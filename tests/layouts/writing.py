"""Writes a planned layout into a folder, as a host would give it out, and returns its truth."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label as connected

from layouts.drawing import (
    Size,
    draw_class_map,
    draw_objects,
    draw_plane,
    paint_photo,
    save_pixels,
)
from layouts.plan import LayoutPlan
from layouts.runs import Codec
from layouts.truth import Label, LayoutTruth, TrueColumn, TrueFile, TrueSample

__all__ = ["open_codec", "write_layout", "write_table"]

WORDS = {
    "words": ("cat", "dog", "fox", "hen", "owl", "yak"),
    "spaced": ("Black Rot", "Fat Hen", "Old Oak", "Red Maple", "Tall Fir", "Wild Oat"),
    "underscored": (
        "bacterial_spot", "black_rot", "early_blight", "gray_mold", "late_blight", "leaf_rust"
    ),
    "codes": ("n0153", "n0771", "n1204", "n3310", "n4902", "n8125"),
    "numbers0": tuple("012345"),
    "numbers1": tuple("123456"),
}  # fmt: skip
COLOURS = ((255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255), (128, 64, 32))
VOID = 255
SIDES = ("L", "R")
DAYS = ("18/07/2024", "02/08/2024")


@dataclass
class Draft:
    """A layout as it is written: images of train and test, by name, with what is true of them."""

    plan: LayoutPlan
    data: Path
    random: np.random.Generator
    train: dict[str, TrueSample] = field(default_factory=dict)
    test: dict[str, TrueSample] = field(default_factory=dict)
    paths: dict[tuple[str, str], str] = field(default_factory=dict)
    """By part and name."""

    def named(self, part: str, name: str, form: str) -> str:
        """Return how a table names an image."""
        if form == "path":
            return self.paths[part, name]
        if self.plan.habit == "plates":
            return name  # the files of all are called alike
        return f"{name}.{self.plan.extension}" if form == "ext" else name


def write_layout(plan: LayoutPlan, data: Path) -> LayoutTruth:
    """Write the layout of `plan` below `data`, a folder that is not there yet; return its truth."""
    draft = Draft(plan, data, np.random.default_rng([7, plan.seed]))
    data.mkdir(parents=True)
    write = {
        "labels": _write_labels, "units": _write_units, "masks": _write_masks,
        "objects": _write_objects, "joint": _write_joint,
    }[plan.family]  # fmt: skip
    truth = write(draft)
    return _in_page(draft, truth) if plan.habit == "page" else truth


_PAGE = "cp1252"


def _in_page(draft: Draft, truth: LayoutTruth) -> LayoutTruth:
    """Write all tables again as a spreadsheet does, and return the truth of such a file."""
    answer = "" if truth.file is None else list(truth.file.columns)[-1]
    for path in sorted(draft.data.rglob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        rows[0] = [f"{one} é" if one == answer else one for one in rows[0]]
        with path.open("w", newline="", encoding=_PAGE) as file:
            csv.writer(file, delimiter=";", lineterminator="\n").writerows(rows)
    if truth.file is None:
        return truth
    columns = {f"{one} é" if one == answer else one: of for one, of in truth.file.columns.items()}
    return replace(truth, file=TrueFile(columns, truth.file.rows, _PAGE, ";"))


def write_table(path: Path, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a CSV."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


# Names and places


def _image_names(draft: Draft, n_train: int, n_test: int) -> tuple[list[str], list[str]]:
    plan, random = draft.plan, draft.random
    grammar = plan.ids
    if plan.habit == "plates":
        wells = [f"{'ABC'[n // 2 % 3]}{n % 2 + 1:02}" for n in range(6)]
        each = [f"plate_{17 + n // 6:03}/{wells[n % 6]}" for n in range(36)]
        return each[:n_train], each[18 : 18 + n_test]
    if grammar == "hash":
        names = [random.bytes(5).hex() for _ in range(n_train + n_test)]
        return names[:n_train], names[n_train:]
    if grammar == "dashed":
        names = [
            f"{random.bytes(2).hex()}-{random.bytes(3).hex()}" for _ in range(n_train + n_test)
        ]
        return names[:n_train], names[n_train:]
    if grammar == "part":
        return (
            [f"train_{n}" for n in range(n_train)],
            [f"test_{n}" for n in range(n_test)],
        )  # fmt: skip
    form: Callable[[int], str] = {
        "number": str,
        "padded": "{:05d}".format,
        "prefixed": "img_{:04d}".format,
        "words": "frame_{:03d}".format,
        "dotted": "1.2.840.{}".format,
        "slices": lambda n: f"case{n // 9}_day{n // 9 % 3}_slice_{n % 9:04d}",
        "double": "site__{}".format,
    }[grammar]
    first = int(random.integers(0, 3))
    # Some number the images of each part anew.
    again = plan.tree not in ("flat", "classes") and random.random() < 0.25
    start = first if again and plan.habit != "pool" else first + n_train
    return (
        [form(n) for n in range(first, first + n_train)],
        [form(n) for n in range(start, start + n_test)],
    )


def _image_path(plan: LayoutPlan, part: str, name: str, folder: str = "") -> str:
    file = f"{name}.{plan.extension}"
    if plan.habit == "pool":
        return f"images/{file}"
    if plan.habit == "plates":
        is_deep = plan.seed % 3 < 2
        return f"{_part_folder(plan, part)}/{name}/img.{plan.extension}" if is_deep else (
            f"{_part_folder(plan, part)}/{file}"
        )  # fmt: skip
    return {
        "flat": f"images/{file}",
        "parts": f"{part}/{file}",
        "inner": f"{part}/images/{file}",
        "outer": f"images/{part}/{file}",
        "nested": f"{part}/{folder}/{file}",
        "folder": f"{part}/{name}/images/{file}",
        "classes": f"{part}/{folder}/{file}" if part == "train" else f"{part}/{file}",
        "unit": f"{part}/{folder}/{file}",
    }[plan.tree]


_PART_FOLDERS = (
    ("train", "test"), ("annotated", "to_annotate"), ("done", "todo"), ("set_a", "set_b"),
)  # fmt: skip


def _part_folder(plan: LayoutPlan, part: str) -> str:
    # Without a sample nothing but the name of its folder shows what is to be predicted.
    way = 0 if plan.sample_rows == "none" else plan.seed // 3 % len(_PART_FOLDERS)
    return _PART_FOLDERS[way][part == "test"]


def _place_image(
    draft: Draft, part: str, name: str, true: TrueSample, folder: str = "", key: str = ""
) -> None:
    """Write the picture of a sample, and take note of it."""
    path = _image_path(draft.plan, part, name, folder)
    planes = list(true.planes or ()) + [plane for _, plane in true.objects or ()]
    save_pixels(draft.data / path, paint_photo(draft.random, true.size, planes))
    draft.paths[part, key or name] = path
    (draft.train if part == "train" else draft.test)[path] = true


def _sizes(draft: Draft, n: int) -> list[Size]:
    random = draft.random
    if draft.plan.square == "yes":
        side = int(random.integers(18, 33))
        return [(side, side)] * n
    heights, widths = random.integers(18, 30, n), random.integers(31, 46, n)
    if random.random() < 0.6:
        heights[:], widths[:] = heights[0], widths[0]
    if random.random() < 0.3:
        heights, widths = widths, heights
    return [(int(height), int(width)) for height, width in zip(heights, widths, strict=True)]


def _class_names(draft: Draft, n: int) -> tuple[str, ...]:
    return WORDS[draft.plan.names][:n]


def _extra_columns(draft: Draft, n: int) -> tuple[list[str], list[list[str]]]:
    """Return the header and the cells of further columns."""
    random = draft.random
    return {
        "none": lambda: ([], [[] for _ in range(n)]),
        "group": lambda: (["patient_id"], [[f"p{k // 3:03d}"] for k in range(n)]),
        "size": lambda: (["width", "height"], [["40", "30"]] * n),
        "source": lambda: (["source"], [[f"scanner {int(random.integers(2))}"] for _ in range(n)]),
    }[draft.plan.extra]()


def _id_column(draft: Draft) -> str:
    return str(draft.random.choice(["id", "image_id", "image", "ImageId", "filename", "Id"]))


def _sample_name(draft: Draft) -> str:
    names = ["sample_submission.csv", "sample_submission.csv", "sampleSubmission.csv"]
    usual = str(draft.random.choice([*names, "submission_format.csv"]))
    return _OTHER_NAMES[draft.plan.seed % len(_OTHER_NAMES)] if _has(draft, "name") else usual


_OTHER_NAMES = (
    "ejemplo_entrega.csv", "Abgabe_Muster.csv", "przyklad_zgloszenia.csv", "exemple_rendu.csv",
    "exempel_inlämning.csv", "consegna_esempio.csv", "answer_template.csv",
)  # fmt: skip


def _has(draft: Draft, habit: str) -> bool:
    return draft.plan.habit == habit


def _train_name(draft: Draft) -> str:
    return str(draft.random.choice(["train.csv", "train.csv", "train_labels.csv", "labels.csv"]))


def _write_test_table(draft: Draft, column: str, names: Sequence[str]) -> None:
    if draft.plan.test_list == "table":
        rows = [[draft.named("test", name, draft.plan.train_ids)] for name in names]
        write_table(draft.data / "test.csv", [column], rows)


def _ordered(draft: Draft, rows: list[list[str]]) -> list[list[str]]:
    """Return the rows in the order of the sample."""
    if draft.plan.sample_order == "shuffled":
        return [rows[place] for place in draft.random.permutation(len(rows))]
    return rows


# Labels


def _draw_labels(draft: Draft, n: int, n_train: int) -> tuple[list[Label], tuple[str, ...]]:
    """Return labels of `n` samples, each class at least twice in the first `n_train`."""
    plan, random = draft.plan, draft.random
    if plan.label == "regression":
        if plan.names == "whole":
            return [float(random.integers(1, 101)) for _ in range(n)], ()
        return [round(float(random.uniform(0, 40)), 3) for _ in range(n)], ()
    n_classes = 2 if plan.label == "binary" else int(random.integers(3, 6))
    names = _class_names(draft, n_classes)
    places = np.concatenate(
        [
            random.permutation(np.arange(n_train) % n_classes),
            random.integers(0, n_classes, n - n_train),
        ]
    )
    if plan.label != "multilabel":
        return [names[place] for place in places], names
    sets = [frozenset({names[place]}) for place in places]
    more: list[Label] = [
        one | frozenset(name for name in names if random.random() < 0.3) for one in sets
    ]
    return more, names


def _kinds_of_labels(plan: LayoutPlan) -> frozenset[str]:
    if plan.label == "ordinal" or (plan.label == "multiclass" and plan.names.startswith("numbers")):
        return frozenset({"ordinal", "multiclass"})
    return frozenset({plan.label})


def _label_column(draft: Draft) -> str:
    if draft.plan.label == "ordinal":
        return str(draft.random.choice(["diagnosis", "grade", "severity", "label"]))
    if draft.plan.label == "multilabel":
        return str(draft.random.choice(["labels", "tags", "attribute_ids"]))
    if draft.plan.label == "regression":
        return str(draft.random.choice(["target", "score", "Pawpularity", "age"]))
    return str(draft.random.choice(["label", "class", "species", "target", "category_name"]))


def _cell(label: Label, separator: str = " ") -> str:
    if isinstance(label, frozenset):
        return separator.join(sorted(label))
    return f"{label:g}" if isinstance(label, float) else label


def _true_probs(draft: Draft, classes: Sequence[str]) -> dict[str, float]:
    return {name: round(float(draft.random.uniform(0.01, 0.99)), 3) for name in classes}


def _write_labels(draft: Draft) -> LayoutTruth:
    plan, random = draft.plan, draft.random
    n_train, n_test = int(random.integers(14, 30)), int(random.integers(4, 10))
    train, test = _image_names(draft, n_train, n_test)
    labels, classes = _draw_labels(draft, n_train + n_test, n_train)
    sizes = _sizes(draft, n_train + n_test)
    parts = [("train", name) for name in train] + [("test", name) for name in test]
    for (part, name), label, size in zip(parts, labels, sizes, strict=True):
        folder = f"site{int(random.integers(3))}"
        if plan.tree == "classes":
            folder = _cell(label)
        true = TrueSample(size, label, _true_probs(draft, classes))
        _place_image(draft, part, name, true, folder)
    if _has(draft, "code"):
        for place in _UNKNOWN:
            del draft.train[draft.paths["train", train[place]]]
    column, label_column = _id_column(draft), _label_column(draft)
    separator = str(random.choice([" ", " ", "|", ";", ","]))
    if plan.label_form != "folders":
        _write_label_table(draft, column, label_column, train, labels, classes, separator, test)
    _write_test_table(draft, column, test)
    sample_column = column if plan.label_form != "folders" else _id_column(draft)
    names = {name: draft.named("test", name, plan.sample_ids) for name in test}
    rows = [(names[name], draft.test[draft.paths["test", name]]) for name in test]
    file, undecided = _label_file(
        draft, sample_column, label_column, rows, labels[:n_train], classes, separator
    )
    if file is None and plan.extra == "source" and plan.label_form == "column":
        undecided = {"data.train.label"}
    kinds = {"classify": _kinds_of_labels(plan)}
    return LayoutTruth(
        draft.data, kinds, draft.train, draft.test, classes, (), file, frozenset(undecided)
    )


def _write_label_table(
    draft: Draft,
    column: str,
    label_column: str,
    names: Sequence[str],
    labels: Sequence[Label],
    classes: Sequence[str],
    separator: str,
    to_predict: Sequence[str],
) -> None:
    plan = draft.plan
    extra, cells = _extra_columns(draft, len(names))
    ids = [draft.named("train", name, plan.train_ids) for name in names]
    pairs = list(zip(ids, cells, labels, strict=False))
    if plan.label_form == "onehot":
        bits = [
            [id_, *more, *(str(int(name in _set_of(label))) for name in classes)]
            for id_, more, label in pairs
        ]
        write_table(draft.data / _train_name(draft), [column, *extra, *classes], bits)
        return
    rows = [[id_, *more, _cell(label, separator)] for id_, more, label in pairs]
    if _has(draft, "code"):
        for place in _UNKNOWN:
            rows[place][-1] = "-999"
    # Where train and test number their images anew, an id alone would be of two.
    if _has(draft, "rows") and (plan.train_ids == "path" or not {*names} & {*to_predict}):
        tests = [draft.named("test", name, plan.train_ids) for name in to_predict]
        blank = ["", "?", "-"][plan.seed % 3]
        rows += [[id_, *cells[place], blank] for place, id_ in enumerate(tests)]
        rows = [rows[place] for place in draft.random.permutation(len(rows))]
    write_table(draft.data / _train_name(draft), [column, *extra, label_column], rows)


_UNKNOWN = (1, 4, 7)  # rows whose number is not known


def _set_of(label: Label) -> frozenset[str]:
    return label if isinstance(label, frozenset) else frozenset({_cell(label)})


def _label_file(
    draft: Draft,
    column: str,
    label_column: str,
    samples: Sequence[tuple[str, TrueSample]],
    train: Sequence[Label],
    classes: Sequence[str],
    separator: str,
) -> tuple[TrueFile | None, set[str]]:
    """Write the sample submission of labels; return the true file and the keys that stay open."""
    plan, random = draft.plan, draft.random
    if plan.sample_rows == "none":
        return None, set()
    undecided = set[str]()
    value_column = label_column if random.random() < 0.7 else "Predicted"
    # What a sample of one number cannot tell, and no name does.
    if plan.label == "binary" and plan.placeholder in ("zero", "one", "random"):
        is_open = plan.placeholder == "zero"
        is_open |= plan.sample_value == "class" and plan.names == "numbers0"
        undecided |= {"submission.value"} if is_open else set()
    if plan.label == "regression" and plan.names == "whole" and plan.placeholder != "mean":
        undecided |= {"tasks.classify", "submission.value"}
    if plan.label == "multilabel" and plan.label_form == "onehot" and plan.placeholder == "one":
        undecided |= {"submission.sep"}
    if plan.sample_rows in ("melted", "keys"):
        header = [column, value_column] if plan.sample_rows == "melted" else [
            column, "class", value_column
        ]  # fmt: skip
        keys = [
            [f"{id_}{plan.separator}{name}"] if plan.sample_rows == "melted" else [id_, name]
            for id_, _ in samples
            for name in classes
        ]
        answers = [f"{true.probs[name]!r}" for _, true in samples for name in classes]
        shown = [[*key, _shown_prob(draft)] for key in keys]
        write_table(draft.data / _sample_name(draft), header, _ordered(draft, shown))
        columns = {name: TrueColumn("key") for name in header[:-1]}
        columns[value_column] = TrueColumn("number")
        rows = [(*key, answer) for key, answer in zip(keys, answers, strict=True)]
        return TrueFile(columns, rows), undecided
    if plan.sample_value == "wide":
        order = list(classes)
        if random.random() < 0.3:
            order = [order[place] for place in random.permutation(len(order))]
        prefix = "prob_" if random.random() < 0.2 else ""
        shown = [[id_, *_shown_probs(draft, len(order))] for id_, _ in samples]
        header = [column, *(prefix + name for name in order)]
        write_table(draft.data / _sample_name(draft), header, _ordered(draft, shown))
        columns = {column: TrueColumn("key")}
        columns |= {prefix + name: TrueColumn("number") for name in order}
        rows = [(id_, *(f"{true.probs[name]!r}" for name in order)) for id_, true in samples]
        return TrueFile(columns, rows), undecided
    shown = [[id_, _shown_label(draft, train, classes, separator)] for id_, _ in samples]
    if plan.placeholder == "one":
        shown = [[id_, shown[0][1]] for id_, _ in shown]
    write_table(draft.data / _sample_name(draft), [column, value_column], _ordered(draft, shown))
    content = {"prob": "number", "number": "number"}.get(plan.sample_value, "text")
    content = "labels" if plan.label == "multilabel" else content
    columns = {column: TrueColumn("key"), value_column: TrueColumn(content, separator=separator)}
    rows = [
        (id_, f"{true.probs[classes[1]]!r}" if plan.sample_value == "prob"
         else _cell(true.label, separator) if true.label is not None else "")
        for id_, true in samples
    ]  # fmt: skip
    return TrueFile(columns, rows), undecided


def _shown_prob(draft: Draft) -> str:
    return {"half": "0.5", "zero": "0"}.get(draft.plan.placeholder) or str(
        round(float(draft.random.random()), 3)
    )


def _shown_probs(draft: Draft, n: int) -> list[str]:
    kind = draft.plan.placeholder
    if kind == "zero":
        return ["0"] * n
    if kind == "uniform":
        return [str(1 / n)] * n
    if kind == "first":
        return ["1", *["0"] * (n - 1)]
    return [str(round(float(one), 4)) for one in draft.random.dirichlet([1.0] * n)]


def _shown_label(
    draft: Draft, train: Sequence[Label], classes: Sequence[str], separator: str
) -> str:
    plan, random = draft.plan, draft.random
    if plan.sample_value == "prob":
        return _shown_prob(draft)
    if plan.sample_value == "number":
        if plan.placeholder == "zero":
            return "0"
        if plan.placeholder == "mean":
            return f"{np.mean([one for one in train if isinstance(one, float)]) + 0.003:.3f}"
        return _cell(float(random.choice([one for one in train if isinstance(one, float)])))
    return _cell(train[int(random.integers(len(train)))], separator)


# Units of several images


def _write_units(draft: Draft) -> LayoutTruth:
    plan, random = draft.plan, draft.random
    n_train, n_test = int(random.integers(10, 16)), int(random.integers(4, 8))
    labels, classes = _draw_labels(draft, n_train + n_test, n_train)
    units: list[tuple[str, str, str, Label, int]] = []
    for number, label in enumerate(labels):
        part = "train" if number < n_train else "test"
        if plan.unit == "two columns":
            sides = DAYS if plan.habit == "dates" else SIDES
            patient, side = f"p{number // 2:03d}{part[0]}", sides[number % 2]
        else:
            patient, side = f"p{number:03d}", ""
        n_images = 2 if number == n_train else int(random.integers(1, 4))
        units.append((part, patient, side, label, max(n_images, 2 if number < 2 else 1)))
    counts = {part: sum(one[4] for one in units if one[0] == part) for part in ("train", "test")}
    train, test = _image_names(draft, counts["train"], counts["test"])
    names = {"train": iter(train), "test": iter(test)}
    rows: dict[str, list[list[str]]] = {"train": [], "test": []}
    scored, named = list[tuple[str, TrueSample]](), list[tuple[str, str, str]]()
    for part, patient, side, label, n_images in units:
        sent = "".join(side.split("/")[::-1])
        unit = f"{patient}{plan.separator}{sent}" if side else patient
        probs = _true_probs(draft, classes)
        for number, size in enumerate(_sizes(draft, n_images)):
            true = TrueSample(size, label, probs, unit=unit)
            name = str(number + 1) if plan.unit == "folder" else next(names[part])
            folder = patient if plan.unit == "folder" else f"site{int(random.integers(3))}"
            folder = f"{patient}/{side}" if plan.habit == "branches" else folder
            key = f"{unit} {name}"
            _place_image(draft, part, name, true, folder, key)
            draft.paths[part, name] = draft.paths[part, key]
            id_ = draft.named(part, name, plan.train_ids)
            known = [_cell(label)] if part == "train" else []
            rows[part].append([id_, patient, *([side] if side else []), *known])
        if part == "test":
            scored.append((unit, true))
            named.append((unit, patient, side))
    label_column = _label_column(draft)
    if plan.unit == "folder":
        pairs = [[patient, _cell(label)] for part, patient, _, label, _ in units if part == "train"]
        write_table(draft.data / "train.csv", ["patient_id", label_column], pairs)
    elif plan.habit == "branches":
        pairs = [[one, s, _cell(label)] for part, one, s, label, _ in units if part == "train"]
        write_table(draft.data / "train.csv", ["patient_id", "laterality", label_column], pairs)
    else:
        header = ["image_id", "patient_id", *(["laterality"] if plan.unit == "two columns" else [])]
        write_table(draft.data / "train.csv", [*header, label_column], rows["train"])
        write_table(draft.data / "test.csv", header, rows["test"])
    column = "prediction_id" if plan.unit == "two columns" else "patient_id"
    file, undecided = _label_file(
        draft, column, label_column, scored, labels[:n_train], classes, " "
    )
    if file is not None and plan.habit in ("pair", "branches"):
        keys = {unit: [patient, side] for (unit, patient, side) in named}
        file = _with_two_keys(draft, file, ["patient_id", "laterality"], keys)
    kinds = {"classify": _kinds_of_labels(plan)}
    return LayoutTruth(
        draft.data, kinds, draft.train, draft.test, classes, (), file, frozenset(undecided)
    )


def _with_two_keys(
    draft: Draft, file: TrueFile, columns: Sequence[str], keys: Mapping[str, Sequence[str]]
) -> TrueFile:
    """Write the sample with two columns in place of that of the id; return the true file."""
    tables = {path: path.read_text().splitlines() for path in draft.data.glob("*.csv")}
    path = next(path for path, lines in tables.items() if lines[0].startswith("prediction_id,"))
    with path.open(newline="", encoding="utf-8") as stream:
        header, *rows = list(csv.reader(stream))
    write_table(path, [*columns, *header[1:]], [[*keys[row[0]], *row[1:]] for row in rows])
    names = {name: TrueColumn("key") for name in columns}
    rest = {name: one for name, one in file.columns.items() if name != "prediction_id"}
    return TrueFile(names | rest, [(*keys[row[0]], *row[1:]) for row in file.rows])


# Masks


def _write_masks(draft: Draft) -> LayoutTruth:
    plan, random = draft.plan, draft.random
    n_train, n_test = int(random.integers(8, 14)), int(random.integers(3, 6))
    train, test = _image_names(draft, n_train, n_test)
    n_classes = 1 if plan.mask == "binary" else int(random.integers(2, 5))
    names = () if plan.mask == "binary" else _class_names(draft, n_classes)
    is_full = plan.mask_file in ("no background", "void last")
    without = set[int]()
    if plan.partial != "all":
        without = set(random.permutation(n_train)[: max(2, n_train // 4)].tolist())
    sizes = _sizes(draft, n_train + n_test)
    parts = [("train", name) for name in train] + [("test", name) for name in test]
    for number, ((part, name), size) in enumerate(zip(parts, sizes, strict=True)):
        empty = number in without and not is_full
        corner = _corner(draft, [n for n in range(n_train) if n not in without], number)
        true = _true_masks(draft, size, n_classes, is_full=is_full, is_empty=empty, corner=corner)
        while part == "test" and not (_shows_empty(plan) or _is_complete(true)):
            # What stands for an empty mask is shown nowhere, so it is not asked for.
            true = _true_masks(draft, size, n_classes, is_full=is_full, is_empty=False)
        _place_image(draft, part, name, true)
    undecided = set[str]()
    shown_names: Sequence[str] = [""] * n_classes  # those that stand somewhere in the data
    if plan.mask_source != "runs":
        undecided |= _write_mask_files(draft, train, names, without)
        _write_class_list(draft, names)
        if plan.class_list != "none" or plan.mask_file == "class file":
            shown_names = names
    column = _id_column(draft)
    rle = str(random.choice(["EncodedPixels", "rle_mask", "rle", "encoded_pixels", "mask_rle"]))
    if plan.mask_source != "files":
        undecided |= _write_run_table(draft, column, rle, train, names, without)
        shown_names = names
    _write_test_table(draft, column, test)
    if plan.sample_rows in ("joined", "keys") and plan.key_class == "name":
        shown_names = names
    file, more = _mask_file(draft, column, rle, test, names)
    kinds = {"binary": {"binary"}, "exclusive": {"multiclass", "multilabel"},
             "overlapping": {"multilabel"}}[plan.mask]  # fmt: skip
    if n_classes > 1 and plan.mask_source == "files" and plan.mask == "exclusive":
        kinds = {"multiclass"} if plan.mask_file != "class file" else kinds
    return LayoutTruth(
        draft.data,
        {"segment": frozenset(kinds)},
        draft.train,
        draft.test,
        (),
        tuple(shown_names) or ("",),
        file,
        frozenset(undecided | more),
    )


def _shows_empty(plan: LayoutPlan) -> bool:
    return plan.placeholder == "empty"


def _is_complete(true: TrueSample) -> bool:
    return all(plane.any() for plane in true.planes or ())


def _corner(draft: Draft, numbers: Sequence[int], number: int) -> str:
    """Return which corner of the image a mask has: it tells the number of the first pixel.

    Of most layouts one mask has the first pixel and one the last.
    """
    if draft.plan.seed % 10 < 3 or number not in numbers[:2]:
        return ""
    return "first" if number == numbers[0] else "last"


def _true_masks(
    draft: Draft, size: Size, n_classes: int, *, is_full: bool, is_empty: bool, corner: str = ""
) -> TrueSample:
    random, plan = draft.random, draft.plan
    if is_empty:
        planes = tuple(np.zeros(size, dtype=bool) for _ in range(n_classes))
    elif plan.mask == "overlapping":
        planes = tuple(
            draw_plane(random, size) & (random.random() < 0.75) for _ in range(n_classes)
        )
    elif plan.run_rows == "parts":
        planes = (np.any(draw_objects(random, size, int(random.integers(2, 4))), axis=0),)
    else:
        classes = draw_class_map(random, size, n_classes, fill=is_full)
        planes = tuple(classes == number + 1 for number in range(n_classes))
    if corner and not is_empty:
        shape = draw_plane(random, size, corner)
        planes = (planes[0] | shape, *(plane & ~shape for plane in planes[1:]))
    ignored = None
    if plan.mask_file in ("void 255", "void last") and not is_empty:
        ignored = np.zeros(size, dtype=bool)
        ignored[: 2 + int(random.integers(3)), 3 : 8 + int(random.integers(6))] = True
        planes = tuple(plane & ~ignored for plane in planes)
    return TrueSample(size, planes=planes, ignored=ignored)


def _class_map(true: TrueSample) -> NDArray[np.uint8]:
    classes = np.zeros(true.size, dtype=np.uint8)
    for number, plane in enumerate(true.planes or ()):
        classes[plane] = number + 1
    return classes


def _mask_folder(draft: Draft) -> str:
    tree = draft.plan.tree
    if _has(draft, "pool"):
        return "masks"
    if tree == "inner":
        return "train/masks"
    if tree == "outer":
        return "masks/train"
    return str(draft.random.choice(["masks", "train_masks"]))


def _write_mask_files(
    draft: Draft, names: Sequence[str], classes: Sequence[str], without: set[int]
) -> set[str]:
    """Write the mask files of train; return what they leave open."""
    plan = draft.plan
    folder = _mask_folder(draft)
    for number, name in enumerate(names):
        path = draft.paths["train", name]
        true = draft.train[path]
        if number in without and plan.partial == "no file":
            # Not there: either nothing is known of it, or it is empty.
            draft.train[path] = TrueSample(true.size)
            continue
        if plan.mask_file == "class file":
            for place, plane in enumerate(true.planes or ()):
                file = {
                    "folder": f"{folder}/{classes[place]}/{name}.png",
                    "suffix": f"{folder}/{name}_{classes[place]}.png",
                    "image": f"train/{name}/masks/{classes[place]}.png",
                }[plan.mask_place]
                save_pixels(draft.data / file, plane.astype(np.uint8) * 255)
            continue
        file = {
            "folder": f"{folder}/{name}.png",
            "suffix": f"{folder}/{name}_mask.png",
            "image": f"train/{name}/masks/{name}.png",
        }[plan.mask_place]
        if plan.habit == "plates":
            file = f"{path.rpartition('.')[0]}_labels.png"
            file = f"{path.rpartition('/')[0]}/labels.png" if plan.seed % 3 < 2 else file
        pixels, mode = _pixels_of(plan, true, len(classes))
        if _has(draft, "npz"):
            archive = (draft.data / file).with_suffix(".npz")
            archive.parent.mkdir(parents=True, exist_ok=True)
            np.savez(archive, mask=pixels)
            continue
        save_pixels(draft.data / file, pixels, mode)
    undecided = set[str]()
    is_open = {"indices": ("txt",), "void last": ("txt", "csv")}.get(plan.mask_file, ())
    if plan.class_list in is_open and plan.mask_source == "files":
        # As many values as names, and one: 0 is background, or the last has no name.
        undecided.add("data.train.mask_values")
    if plan.partial == "no file":
        undecided.add("data.train.absent")
    return undecided


def _pixels_of(
    plan: LayoutPlan, true: TrueSample, n_classes: int
) -> tuple[NDArray[np.uint8], str | None]:
    """Return the pixels of a mask file, and the mode of its format where that is another."""
    classes, ignored = _class_map(true), true.ignored
    if plan.mask_file == "bits":
        return classes * np.uint8(255), "1"
    if plan.mask_file == "0 255":
        return classes * np.uint8(255), None
    if plan.mask_file in ("colour", "colours"):
        table = np.array([(0, 0, 0), *COLOURS], dtype=np.uint8)
        return table[classes], None
    if plan.mask_file == "spaced":
        return classes * np.uint8(255 // n_classes), None
    if plan.mask_file in ("no background", "void last"):
        pixels = classes - np.uint8(1)
        pixels[~np.any(true.planes or (), axis=0)] = n_classes
        return pixels, None
    if ignored is not None:
        classes[ignored] = VOID
    return classes, None


def _write_class_list(draft: Draft, names: Sequence[str]) -> None:
    plan, listed = draft.plan, draft.plan.class_list
    if listed in ("-", "none"):
        return
    has_background = listed.endswith(" with background")
    from_zero = plan.mask_file in ("no background", "void last")
    step = 255 // len(names) if plan.mask_file == "spaced" else 1
    numbered = [(0 if from_zero else step) + step * place for place in range(len(names))]
    rows = [*([("0", "background")] if has_background else [])]
    rows += [(str(number), name) for number, name in zip(numbered, names, strict=True)]
    rows += [(str(len(names)), "void")] if listed.endswith(" with void") else []
    if _has(draft, "json"):
        colours = [*([(0, 0, 0)] if has_background else []), *COLOURS]
        keys = colours if listed.startswith("colours") else [int(number) for number, _ in rows]
        named = {name: key for (_, name), key in zip(rows, keys, strict=False)}
        content = [named, list(named)][listed.startswith("txt")]
        (draft.data / "classes.json").write_text(json.dumps(content), encoding="utf-8")
    elif listed.startswith("txt"):
        text = "\n".join(name for _, name in rows) + "\n"
        name = str(draft.random.choice(["classes.txt", "class_names.txt", "labels.txt"]))
        (draft.data / name).write_text(text, encoding="utf-8")
    elif listed.startswith("csv"):
        write_table(draft.data / "classes.csv", ["id", "name"], rows)
    else:
        colours = [*([(0, 0, 0)] if has_background else []), *COLOURS]
        cells = [
            (name, *map(str, colour)) for (_, name), colour in zip(rows, colours, strict=False)
        ]
        write_table(draft.data / "class_dict.csv", ["name", "r", "g", "b"], cells)


def _key_of(plan: LayoutPlan, names: Sequence[str], place: int) -> str:
    return {"number0": str(place), "number1": str(place + 1)}.get(plan.key_class) or names[place]


def _write_run_table(
    draft: Draft,
    column: str,
    rle: str,
    names: Sequence[str],
    classes: Sequence[str],
    without: set[int],
) -> set[str]:
    """Write the table of runs of train; return what it leaves open."""
    plan, codec = draft.plan, draft.plan.codec or Codec()
    rows, texts = list[list[str]](), list[tuple[str, Size]]()
    for number, name in enumerate(names):
        true = draft.train[draft.paths["train", name]]
        id_ = draft.named("train", name, plan.train_ids)
        if number in without and plan.partial == "no row":
            continue
        for place, plane in enumerate(true.planes or ()):
            text = codec.encode(plane) if plane.any() else plan.empty
            if plane.any():
                texts.append((text, true.size))
            elif codec.coco:
                text = codec.encode(plane)
            if plan.run_rows == "parts" and plane.any():
                parts, n = connected(plane)
                rows += [[id_, codec.encode(parts == part)] for part in range(1, n + 1)]
            elif plan.run_rows in ("image", "parts"):
                rows.append([id_, text])
            elif plan.run_rows == "joined":
                rows.append([f"{id_}{plan.separator}{_key_of(plan, classes, place)}", text])
            elif plane.any() or plan.partial == "empty":
                rows.append([id_, _key_of(plan, classes, place), text])
    header = {"joined": [f"{column}_class", rle], "columns": [column, "class", rle]}.get(
        plan.run_rows, [column, rle]
    )
    extra, cells = _extra_columns(draft, len(rows))
    write_table(
        draft.data / str(draft.random.choice(["train.csv", "train_masks.csv", "train_rle.csv"])),
        [*header, *extra],
        [[*row, *more] for row, more in zip(rows, cells, strict=True)],
    )
    undecided = set[str]()
    if plan.mask_source == "runs" and open_codec(texts, codec):
        undecided |= {"data.train.mask_codec", "submission.rle"}
    if plan.run_rows == "parts":
        undecided |= {"tasks.segment"}
    return undecided


def open_codec(texts: Sequence[tuple[str, Size]], codec: Codec) -> bool:
    """Return whether another codec fits the texts alone about as well: shapes as whole, all inside.

    The wrong axis shreds a shape; the wrong base moves it by a pixel, which shows at the ends.
    """
    if codec.coco:
        return False
    here = _n_parts(texts, codec)
    others = [
        Codec(order, base, codec.relative)
        for order in ("F", "C")
        for base in (0, 1)
        if (order, base) != (codec.order, codec.base)
    ]
    found = [_n_parts(texts, other) for other in others]
    return any(n is not None and here is not None and n <= 1.3 * here for n in found)


def _n_parts(texts: Sequence[tuple[str, Size]], codec: Codec) -> int | None:
    total = 0
    for text, size in texts:
        plane = codec.decode(text, size)
        if plane is None:
            return None
        total += connected(plane)[1]
    return total


def _mask_file(
    draft: Draft, column: str, rle: str, names: Sequence[str], classes: Sequence[str]
) -> tuple[TrueFile | None, set[str]]:
    plan, codec = draft.plan, draft.plan.codec or Codec()
    if plan.sample_rows == "none":
        return None, set()
    codec = Codec() if codec.coco else codec
    rows, shown = list[tuple[str, ...]](), list[list[str]]()
    suffix = str(draft.random.choice(["mask", "1", "salt"]))
    value_column = rle if draft.random.random() < 0.8 else "predicted"
    if plan.placeholder == "1 1" and value_column == "predicted":
        value_column = rle
    in_columns = _has(draft, "plates") and plan.sample_rows in ("image", "keys")
    in_columns &= plan.seed % 2 == 1
    for name in names:
        true = draft.test[draft.paths["test", name]]
        id_ = draft.named("test", name, plan.sample_ids)
        for place, plane in enumerate(true.planes or ()):
            text = codec.encode(plane) if plane.any() else plan.empty
            if plan.sample_rows == "joined":
                key = [f"{id_}{plan.separator}{_key_of(plan, classes, place)}"]
            elif plan.sample_rows == "keys":
                key = [id_, _key_of(plan, classes, place)]
            elif plan.sample_rows == "suffix":
                key = [f"{id_}{plan.separator}{suffix}"]
            else:
                key = [id_]
            if in_columns:
                key[:1] = key[0].split("/")
            rows.append((*key, text))
            shown.append([*key, _shown_runs(draft, codec, true.size)])
    of_image = ["plate", "well"] if in_columns else [column]
    keys_of = {"joined": [f"{column}_class"], "keys": [*of_image, "class"]}
    header = [*keys_of.get(plan.sample_rows, of_image), value_column]
    write_table(draft.data / _sample_name(draft), header, _ordered(draft, shown))
    columns = {one: TrueColumn("key") for one in header[:-1]}
    columns[value_column] = TrueColumn("rle", codec)
    undecided = {"submission.rle"} if plan.mask_source == "files" or _is_coco(plan) else set()
    return TrueFile(columns, rows), undecided


def _is_coco(plan: LayoutPlan) -> bool:
    return plan.codec is not None and plan.codec.coco


def _shown_runs(draft: Draft, codec: Codec, size: Size) -> str:
    if draft.plan.placeholder == "random":
        return codec.encode(draw_plane(draft.random, size))
    return "1 1" if draft.plan.placeholder == "1 1" else draft.plan.empty


# Objects


def _write_objects(draft: Draft) -> LayoutTruth:
    plan, random = draft.plan, draft.random
    n_train, n_test = int(random.integers(8, 14)), int(random.integers(3, 6))
    train, test = _image_names(draft, n_train, n_test)
    codec = plan.codec or Codec()
    parts = [("train", name) for name in train] + [("test", name) for name in test]
    shows_empty = plan.placeholder == "empty" or plan.partial == "empty"
    for number, ((part, name), size) in enumerate(
        zip(parts, _sizes(draft, len(parts)), strict=True)
    ):
        n = int(random.integers(2, 5))
        if part == "train" and plan.partial == "empty" and number % 4 == 0:
            n = 0
        if part == "test" and number == n_train and shows_empty:
            n = 0
        objects = tuple((0, plane) for plane in draw_objects(random, size, n))
        if _corner(draft, [1, 2], number):
            objects = tuple((0, draw_plane(random, size, one)) for one in ("first", "last"))
        _place_image(draft, part, name, TrueSample(size, objects=objects))
    column = str(random.choice(["ImageId", "id"]))
    rle = str(random.choice(["EncodedPixels", "predicted", "rle"]))
    undecided = set[str]()
    rows, texts = list[list[str]](), list[tuple[str, Size]]()
    for name in train:
        true = draft.train[draft.paths["train", name]]
        id_ = draft.named("train", name, plan.train_ids)
        for _, plane in true.objects or ():
            rows.append([id_, codec.encode(plane)])
            texts.append((rows[-1][1], true.size))
            if plan.mask_file == "object file":
                file = f"train/{name}/masks/{random.bytes(6).hex()}.png"
                save_pixels(draft.data / file, plane.astype(np.uint8) * 255)
        if not true.objects:
            rows.append([id_, plan.empty])
        if plan.mask_file == "object numbers":
            numbers = np.zeros(true.size, dtype=np.uint8)
            for number, (_, plane) in enumerate(true.objects or (), start=1):
                numbers[plane] = number
            save_pixels(draft.data / f"train/masks/{name}.png", numbers)
    if plan.mask_source == "runs":
        write_table(draft.data / "train.csv", [column, rle], rows)
        if open_codec(texts, codec):
            undecided |= {"data.train.mask_codec", "submission.rle"}
    else:
        undecided |= {"submission.rle"}
    if plan.sample_rows == "object" and plan.mask_file != "object file":
        undecided |= {"tasks.segment"}
    if plan.mask_file == "object numbers":
        undecided |= {"tasks.segment"}
    _write_test_table(draft, column, test)
    file_rows, shown = list[tuple[str, ...]](), list[list[str]]()
    for name in test:
        true = draft.test[draft.paths["test", name]]
        id_ = draft.named("test", name, plan.sample_ids)
        cells = [codec.encode(plane) for _, plane in true.objects or ()] or [plan.empty]
        keys = [id_] * len(cells)
        if plan.sample_rows == "counter":
            keys = [f"{id_}{plan.separator}{number}" for number in range(len(cells))]
        file_rows += list(zip(keys, cells, strict=True))
        if plan.sample_rows == "object":
            keys = keys[:1]
        shown += [[key, _shown_runs(draft, codec, true.size)] for key in keys]
    write_table(draft.data / _sample_name(draft), [column, rle], shown)
    columns = {column: TrueColumn("key"), rle: TrueColumn("rle", codec)}
    return LayoutTruth(
        draft.data,
        {"segment": frozenset({"instance"})},
        draft.train,
        draft.test,
        (),
        ("",),
        TrueFile(columns, file_rows),
        frozenset(undecided),
    )


# A label and a mask


def _write_joint(draft: Draft) -> LayoutTruth:
    plan, random = draft.plan, draft.random
    n_train, n_test = int(random.integers(12, 18)), int(random.integers(3, 6))
    train, test = _image_names(draft, n_train, n_test)
    labels, classes = _draw_labels(draft, n_train + n_test, n_train)
    codec = plan.codec or Codec()
    parts = [("train", name) for name in train] + [("test", name) for name in test]
    sizes = _sizes(draft, len(parts))
    shows_empty = plan.placeholder == "empty"
    for number, ((part, name), size, label) in enumerate(zip(parts, sizes, labels, strict=True)):
        is_empty = number % 4 == 1 and plan.partial == "empty"
        is_empty &= part == "train" or shows_empty
        corner = _corner(draft, [0, 2], number)
        plane = np.zeros(size, dtype=bool) if is_empty else draw_plane(random, size, corner)
        _place_image(draft, part, name, TrueSample(size, label, planes=(plane,)))
    column, label_column = _id_column(draft), str(random.choice(["label", "class", "species"]))
    rle = str(random.choice(["EncodedPixels", "rle_mask", "rle"]))
    rows, texts = list[list[str]](), list[tuple[str, Size]]()
    cell = partial(_rle_cell, codec, plan.empty)
    for name in train:
        true = draft.train[draft.paths["train", name]]
        text = cell(true)
        if text != plan.empty:
            texts.append((text, true.size))
        rows.append([draft.named("train", name, plan.train_ids), str(true.label), text])
    write_table(draft.data / "train.csv", [column, label_column, rle], rows)
    _write_test_table(draft, column, test)
    undecided = {"data.train.mask_codec", "submission.rle"} if open_codec(texts, codec) else set()
    if plan.names == "numbers0" and plan.label == "binary" and "label" in plan.sample_rows:
        undecided |= {"submission.value"}
    order = {
        "label and rle": [label_column, rle], "rle and label": [rle, label_column], "rle": [rle],
        "label": [label_column],
    }[plan.sample_rows]  # fmt: skip
    shown_label = classes[0]
    file_rows, shown = list[tuple[str, ...]](), list[list[str]]()
    for name in test:
        true = draft.test[draft.paths["test", name]]
        id_ = draft.named("test", name, plan.sample_ids)
        answer = {label_column: str(true.label), rle: cell(true)}
        seen = {label_column: shown_label, rle: _shown_runs(draft, codec, true.size)}
        file_rows.append((id_, *(answer[one] for one in order)))
        shown.append([id_, *(seen[one] for one in order)])
    header = [column, *order]
    write_table(draft.data / _sample_name(draft), header, _ordered(draft, shown))
    columns = {column: TrueColumn("key")}
    columns |= {
        one: TrueColumn("rle", codec) if one == rle else TrueColumn("text") for one in order
    }
    return LayoutTruth(
        draft.data,
        {"classify": _kinds_of_labels(plan), "segment": frozenset({"binary", "multiclass"})},
        draft.train,
        draft.test,
        classes,
        ("",),
        TrueFile(columns, file_rows),
        frozenset(undecided),
    )


def _rle_cell(codec: Codec, empty: str, true: TrueSample) -> str:
    plane = (true.planes or ())[0]
    return codec.encode(plane) if plane.any() else empty
