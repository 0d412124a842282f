"""Tables of masks as run-length text: which column holds runs, and what its rows are of."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from podium.competition.infer.files import DataFolder, part_of, words
from podium.competition.infer.labels import sort_classes
from podium.competition.infer.tables import match_images
from podium.competition.spec import TaskKind

__all__ = ["EMPTY_CELLS", "MaskRuns", "are_runs", "find_runs", "is_runs_name", "split_keys"]

EMPTY_CELLS = ("", "-1", "-", "1 0", "0 0")
"""What tables write where there is nothing."""
_NAMES = frozenset({"rle", "encoded", "encoding", "runs", "pixels", "segmentation", "mask"})
_CLASS_NAMES = frozenset({"class", "classes", "label", "labels", "category"})
_RUNS = re.compile(r"\d+( \d+)*")
_READ = 300  # cells
_MOST_CLASSES = 100
_SEVERAL = 0.4  # of the images that have a mask


@dataclass(frozen=True)
class MaskRuns:
    """A table whose rows are masks."""

    path: str
    id: str
    """As `data.train.mask.id` has it: a column, or `Image_Label={id}_{class}`."""
    rle: str
    label: str | None
    classes: list[str]
    ids: tuple[str, ...]
    """The samples' ids as the table writes them, each once."""
    empty: list[str]
    """The cells that say that there is nothing."""
    is_one_a_sample: bool
    """Whether no sample has two rows: the table may hold labels of images, too."""
    why: str
    notes: list[str] = field(default_factory=list)
    are_objects: bool = False
    """Whether rows are single objects: most images have several, none over another."""

    @property
    def kind(self) -> TaskKind:
        if self.are_objects:
            return "instance"
        return "multilabel" if self.classes else "binary"

    @property
    def columns(self) -> list[str]:
        """The columns that are no labels of images."""
        return [self.rle, *([] if self.label is None else [self.label])]


def is_runs_name(column: str) -> bool:
    """Return whether a column is called as those of runs are.

    Example:
        >>> [is_runs_name(one) for one in ("EncodedPixels", "rle_mask", "label")]
        [True, True, False]
    """
    return bool(_NAMES & set(words(column)))


def are_runs(cells: Iterable[str], *, by_name: bool) -> bool:
    """Return whether the cells are pairs of start and length: ascending ones, unless `by_name`."""
    found = [cell for cell in cells if cell not in EMPTY_CELLS][:_READ]
    pairs = [[int(number) for number in one.split()] for one in found if _RUNS.fullmatch(one)]
    if not pairs or len(pairs) < len(found) or any(len(one) % 2 for one in pairs):
        return False
    return by_name or (any(len(one) > 2 for one in pairs) and all(map(_ascend, pairs)))


def _ascend(pairs: Sequence[int]) -> bool:
    starts, lengths = pairs[::2], pairs[1::2]
    ends = [start + length for start, length in zip(starts, lengths, strict=True)]
    return all(lengths) and all(a <= b for a, b in zip(ends[:-1], starts[1:], strict=True))


def find_runs(folder: DataFolder, tables: Mapping[str, pd.DataFrame]) -> MaskRuns | None:
    """Return the table of runs of train images with the most rows, or None."""
    found = []
    for path, table in tables.items():
        if part_of(path.rpartition("/")[2]) in ("test", "unlabelled", "holdout"):
            continue
        runs = _of_table(folder, path, table)
        if runs is not None:
            found.append((len(table), runs))
    return max(found, key=lambda entry: entry[0])[1] if found else None


def _of_table(folder: DataFolder, path: str, table: pd.DataFrame) -> MaskRuns | None:
    columns = [
        column
        for column in table.columns
        if are_runs(table[column], by_name=is_runs_name(str(column)))
    ]
    if not columns:
        return None
    rle = min(columns, key=lambda column: not is_runs_name(column))
    rest = table.drop(columns=rle)
    match = match_images(folder, path, rest, ("train", "other"))
    empty = [cell for cell in EMPTY_CELLS if (table[rle] == cell).any()]
    why = f"the cells of {rle} are pairs of start and length"
    notes: list[str] = []
    if match is None:
        return _of_compound(folder, path, rest, rle, empty, why, notes)
    column = match.id
    is_one_a_sample = rest[column].is_unique
    label = None if is_one_a_sample else _class_column(rest, column)
    classes = [] if label is None else sort_classes(list(rest[label]))
    if len(classes) == 1:
        label, classes = None, []
    ids = tuple(dict.fromkeys(rest[column]))
    labels = [""] * len(table) if label is None else list(rest[label])
    shown = _shown_objects(list(rest[column]), labels, list(table[rle]))
    if shown is not None:
        why = f"{why}, {shown}"
        notes.append(
            f"{path}: {shown}: they are taken for single objects (segment: instance). If the rows "
            "of an image are one mask together, write tasks: {segment: binary} (or multilabel), "
            "submission.rows: image and another metric"
        )
    return MaskRuns(
        path,
        column,
        rle,
        label,
        classes,
        ids,
        empty,
        is_one_a_sample,
        why,
        notes,
        are_objects=shown is not None,
    )


def _shown_objects(ids: Sequence[str], labels: Sequence[str], texts: Sequence[str]) -> str | None:
    """Return what shows that the rows are single objects, or None where they seem to be parts.

    Several rows of an image and a class that share no pixel. The union of a few lesions is written
    in several rows, too, but of few images; whichever pixel a number means, it is one of one row.
    """
    rows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, label, text in zip(ids, labels, texts, strict=True):
        if text not in EMPTY_CELLS:
            rows[name, label].append(text)
    several = [cells for cells in rows.values() if len(cells) > 1]
    if not several or len(several) < _SEVERAL * len(rows):
        return None
    if not all(map(_are_apart, several[:: max(1, len(several) // _READ)])):
        return None
    n = sum(map(len, rows.values())) / len(rows)
    return f"an image has {n:.1f} rows on average, and none shares a pixel with another"


def _are_apart(texts: Sequence[str]) -> bool:
    """Return whether no two runs of absolute starts share a number."""
    runs = []
    for text in texts:
        numbers = [int(number) for number in text.split()]
        if not _ascend(numbers):
            return False
        runs += list(zip(numbers[::2], numbers[1::2], strict=True))
    return _ascend([number for run in sorted(runs) for number in run])


def _class_column(table: pd.DataFrame, id_column: str) -> str | None:
    for column in table.columns:
        named = _CLASS_NAMES & set(words(str(column)))
        few = table[column].nunique() <= _MOST_CLASSES and not (table[column] == "").any()
        if column != id_column and named and few:
            return str(column)
    return None


def _of_compound(
    folder: DataFolder,
    path: str,
    table: pd.DataFrame,
    rle: str,
    empty: list[str],
    why: str,
    notes: list[str],
) -> MaskRuns | None:
    """Return the table whose ids are of an image and a class, as `a.jpg_Fish`."""
    for column in table.columns:
        split = split_keys(list(table[column]), folder)
        if split is None:
            continue
        ids, classes = split
        names = sort_classes(classes)
        template = f"{column}={{id}}_{{class}}"
        if len(names) == 1:
            template, names = f"{column}={{id}}_{names[0]}", []
        why = f"{why}, and {column} names an image and a class"
        distinct = tuple(dict.fromkeys(ids))
        return MaskRuns(path, template, rle, None, names, distinct, empty, False, why, notes)
    return None


def split_keys(
    cells: Sequence[str], folder: DataFolder, classes: Sequence[str] = ()
) -> tuple[list[str], list[str]] | None:
    """Return the ids and the classes of cells such as `a.jpg_Fish`, or None where they are others.

    Args:
        cells: one a row.
        folder: whose images the ids must name, half of them at least.
        classes: names that may have a "_" inside.
    """
    ends = sorted(classes, key=len, reverse=True)
    ids, found = [], []
    for cell in cells:
        end = next((one for one in ends if cell.endswith(f"_{one}")), cell.rpartition("_")[2])
        ids.append(cell[: len(cell) - len(end) - 1])
        found.append(end)
    if not ids or len(set(found)) > _MOST_CLASSES:
        return None
    probe = ids[:: max(1, len(ids) // _READ)]
    if sum(bool(one and folder.named(one)) for one in probe) < 0.5 * len(probe):
        return None
    return ids, found
