"""Writers of whole competitions whose labels stand in tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from layouts.real.kinds import LABELS
from layouts.real.made import BROAD, SIZE, Builder, Readings
from layouts.real.names import Names, hex_name, part_by_number, uuid_name
from layouts.real.photos import write_dicom
from layouts.real.readings import beyond_scope, without_file
from layouts.truth import Label, LayoutTruth, TrueSample

__all__ = [
    "FIVE",
    "label_sets",
    "label_text",
    "wide_row",
    "write_binary",
    "write_boxes",
    "write_competition",
    "write_multilabel",
    "write_ranking",
    "write_two_tables",
]


def write_competition(
    data: Path,
    *,
    images: tuple[str, str],
    names: Names,
    labels: Sequence[Label],
    classes: Sequence[str] = (),
    kind: str | Sequence[str],
    table: str = "train.csv",
    header: Sequence[str] = (),
    row: Callable[[str, Label], Sequence[str]] | None = None,
    sample: str = "sample_submission.csv",
    columns: dict[str, str],
    shown: Callable[[str], Sequence[str]],
    answer: Callable[[str, TrueSample], Sequence[str]],
    n: tuple[int, int] = (30, 8),
    test_table: Sequence[str] = (),
    more: Callable[[Builder], None] | None = None,
    test_name: Callable[[str], str] = str,
) -> LayoutTruth:
    """Write a competition of one label an image, and return its truth.

    Args:
        data: the folder.
        images: paths of the images of train and of test; `{name}`, and `{label}` of a folder.
        names: from part and number to a name without extension.
        labels: of train and test by turns.
        classes: in order.
        kind: of the task, or those that are right.
        table, header, row: of train; none where folders are the labels.
        sample: the sample submission. columns: its columns and their contents.
        shown, answer: from a name (and the truth) to the cells of a row.
        n: images of train and test.
        test_table: header of `test.csv`, [] where there is none.
        more: writes what else is there.
        test_name: from a name to the id in test.csv.
    """
    made = Builder(data)
    rows, answers, tests = [], list[tuple[str, ...]](), []
    for part, count, path in zip(("train", "test"), n, images, strict=True):
        for number in range(count):
            name, label = names(part, number), labels[(number * 7 + number // 5) % len(labels)]
            if part == "train":
                label = labels[number % len(labels)]
            true = TrueSample(BROAD, label, made.probs(classes))
            made.image(path.format(name=name, label=label), true, part=part)
            if part == "train" and row is not None:
                rows.append(row(name, label))
            elif part == "test":
                answers.append(tuple(answer(name, true)))
                tests.append(name)
    if header:
        made.table(table, header, rows)
    if test_table:
        made.table("test.csv", test_table, [[test_name(one), *[""] * 0] for one in tests])
    made.table(sample, list(columns), [shown(name) for name in tests])
    if more is not None:
        more(made)
    return made.truth({"classify": kind}, columns, answers, classes=classes)


def label_text(true: TrueSample) -> str:
    label = true.label
    if isinstance(label, frozenset):
        return " ".join(sorted(label, key=lambda one: (len(one), one)))
    return f"{label:g}" if isinstance(label, float) else str(label)


def wide_row(
    classes: Sequence[str], ending: str = ""
) -> Callable[[str, TrueSample], Sequence[str]]:
    return lambda name, true: [name + ending, *(repr(true.probs[one]) for one in classes)]


FIVE = tuple("01234")


def write_binary(
    data: Path,
    *,
    images: tuple[str, str],
    names: Names,
    header: Sequence[str],
    columns: Sequence[str],
    shown: str,
    table: str = "train_labels.csv",
    sample: str = "sample_submission.csv",
    id_ending: str = "",
    row: Callable[[str, Label], Sequence[str]] | None = None,
) -> LayoutTruth:
    """Write a competition of one probability an image."""
    return write_competition(
        data, images=images, names=names, labels=["0", "1", "0", "0", "1"], classes=("0", "1"),
        kind="binary", table=table, header=header, sample=sample,
        row=row or (lambda name, label: [name + id_ending, str(label)]),
        columns={columns[0]: "key", columns[1]: "number"},
        shown=lambda name: [name + id_ending, shown],
        answer=lambda name, true: [name + id_ending, repr(true.probs["1"])],
    )  # fmt: skip


def write_multilabel(
    data: Path,
    *,
    images: tuple[str, str],
    names: Names,
    labels: Sequence[Label],
    header: Sequence[str],
    columns: Sequence[str],
    shown: str,
    ending: str = "",
    table: str = "train.csv",
    sample: str = "sample_submission.csv",
) -> LayoutTruth:
    every: set[str] = set().union(*(one for one in labels if isinstance(one, frozenset)))
    classes = sorted(every, key=lambda one: (len(one), one) if one.isdecimal() else (0, one))

    def cell(name: str, label: Label) -> list[str]:
        return [name + ending, label_text(TrueSample(BROAD, label))]

    return write_competition(
        data, images=images, names=names, labels=labels, classes=classes, kind="multilabel",
        table=table, header=header, row=cell, sample=sample,
        columns={columns[0]: "key", columns[1]: "labels"},
        shown=lambda name: [name + ending, shown],
        answer=lambda name, true: cell(name, true.label or ""),
    )  # fmt: skip


def write_ranking(
    data: Path,
    *,
    images: tuple[str, str],
    table: str,
    header: Sequence[str],
    classes: Sequence[str],
    open_set: str = "",
    shown: Sequence[str],
) -> LayoutTruth:
    """Write a competition whose cells rank five classes; only the first of a cell is judged."""
    made, rows, cells = Builder(data), list[tuple[str, ...]](), []
    known = [*classes, *([open_set] if open_set else [])]
    for number in range(40):
        part = "train" if number < 32 else "test"
        label = known[number % len(known)]
        name = f"{hex_name(part, number, length=8)}.jpg"
        path = images[part == "test"].format(name=name, label=label)
        made.image(path, TrueSample(BROAD, label), part=part)
        (cells if part == "train" else rows).append((name, label))
    made.table(table, header, cells)
    made.table("sample_submission.csv", header, [[name, " ".join(shown)] for name, _ in rows])
    columns = {header[0]: "key", header[1]: "ranking"}
    return made.truth({"classify": "multiclass"}, columns, rows, classes=classes)


def label_sets(*cells: str) -> list[Label]:
    return [frozenset(cell.split()) for cell in cells]


def write_two_tables(
    data: Path,
    top: str,
    tables: tuple[str, str],
    header: tuple[str, str],
    named: Iterable[tuple[str, str, str]],
    classes: Sequence[str],
    *,
    has_ending: bool = True,
) -> Readings:
    """Write a table of train and one of test, and no sample of what is sent.

    Args:
        data: the folder. top: of all files in it.
        tables: what the tables of train and of test are called. header: of that of train.
        named: part, name and label of each image.
        classes: in order.
        has_ending: whether names in the tables end as the files do.
    """
    made, cells = Builder(data), {"train": list[list[str]](), "test": list[list[str]]()}
    for part, stem, label in named:
        made.image(f"{top}/{part}/{stem}.jpg", TrueSample(SIZE, label), part=part)
        name = f"{stem}.jpg" if has_ending else stem
        cells[part].append([name, label] if part == "train" else [name])
    for table, columns, rows in zip(tables, (header, header[:1]), cells.values(), strict=True):
        made.table(f"{top}/{table}", columns, rows)
    columns_of_file = dict(zip(header, ("key", "text"), strict=True))
    return (without_file(made.truth(LABELS, columns_of_file, [], classes=classes)),)


def write_boxes(
    data: Path,
    *,
    folders: tuple[str, str],
    ending: str,
    table: str,
    header: Sequence[str],
    row: Callable[[str, int], Sequence[str]],
    sample: str,
    columns: Sequence[str],
    shown: str,
    key: str = "{name}",
    boxes: Callable[[int], int] = lambda number: 1 + number % 2,
    more: Callable[[Builder, Sequence[str]], None] | None = None,
) -> LayoutTruth:
    made, cells, rows = Builder(data), [], []
    names = []
    for number in range(32):
        part, name = (
            part_by_number(number),
            uuid_name(number) if "uuid" in key else hex_name(number),
        )
        path = f"{folders[part == 'test']}/{name}.{ending}"
        if ending.startswith("dic") or ending == "dcm":
            write_dicom(made, path, TrueSample(BROAD), part)
        else:
            made.image(path, TrueSample(BROAD), part=part)
        if part == "train":
            names.append(name)
            cells += [list(row(name, number + place)) for place in range(boxes(number))]
        else:
            rows.append([name, shown])
    made.table(table, header, cells)
    made.table(sample, columns, rows)
    if more is not None:
        more(made, names)
    return beyond_scope(made)
