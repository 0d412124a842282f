"""Masks as arrays, from image files or run-length text; read lazily, one at a time.

`find_mask_refs` locates each sample's mask: in files of a pattern, or in rows of a table of runs.
`read_mask` reads one, at the size of its image.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Generic, TypeVar, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from podium.codecs import rle
from podium.competition.ids.patterns import FileFinder, Pattern
from podium.competition.ids.rows import columns_of_key, ids_of_rows
from podium.competition.images import exif_orientation, first_file, image_size
from podium.competition.sections.frame import PatchFrame, fixed_size, frame_size
from podium.competition.spec import Competition, MaskTable
from podium.competition.tables import read_table
from podium.competition.truths.mask_files import (
    IGNORE,
    MaskError,
    mask_values,
    read_mask_file,
    read_object_numbers,
)
from podium.errors import DataError, either, plural, some
from podium.workspace.ids import FileDigests, canonical_json
from podium.workspace.layout import Workspace

__all__ = [
    "IGNORE",
    "EmptyMarks",
    "LazyTruths",
    "Mask",
    "MaskError",
    "MaskRef",
    "ObjectPart",
    "empty_marks",
    "find_mask_refs",
    "fix_of_shape",
    "mask_digests",
    "n_mask_classes",
    "read_mask",
    "read_object_parts",
    "resize_nearest",
    "truth_masks",
    "union_of_objects",
]


Mask = NDArray[np.uint8]
"""binary: (H, W) of 0 and 1; multiclass: (H, W) of 0 (background) and class index + 1; multilabel:
(H, W, C) of 0 and 1. `IGNORE` in unlabelled pixels, which are excluded from loss and score."""


def fix_of_shape(got: Sequence[int], expected: Sequence[int | str]) -> str:
    """Return what to do with a mask of another shape than expected; texts stand for any number."""
    if len(got) != len(expected) and min(len(got), len(expected)) == 2:
        return (
            "of one plane a class, (H, W, C), pass class numbers, planes.argmax(axis=-1), where "
            "background is the first plane; or give planes in both"
        )
    size = tuple(got[:2])
    if size != tuple(expected[:2]) == size[::-1]:
        return "height and width change places: pass mask.swapaxes(0, 1)"
    return "bring masks to the competition's frame, (height, width), before they are decided"


@dataclass(frozen=True)
class MaskRef:
    """The location of the mask of one sample; with neither files nor runs the mask is empty.

    Attributes:
        files: one file, or one a class ("" for a class without a file), or one an object, or the
            pieces of a binary mask; relative to the workspace.
        runs: (class index, run-length text, line of the table) of each row; an empty mask has none.
        is_table: whether the mask is written as runs.
        classes: of files of one object each, the class index of each file.
    """

    files: tuple[str, ...] = ()
    runs: tuple[tuple[int, str, int], ...] = ()
    is_table: bool = False
    classes: tuple[int, ...] = ()


def n_mask_classes(competition: Competition) -> int:
    """Return the number of classes of a mask beside background: 1 for a binary one."""
    return 1 if competition.mask_kind.is_yes_no else len(competition.classes)


def read_mask(
    ref: MaskRef, competition: Competition, size: tuple[int, int], *, image: Path | None = None
) -> Mask:
    """Return the mask of a sample at the size of its image.

    Several rows of one class are united, and so are the objects of a task of objects, and the files
    of a binary mask.

    Args:
        ref: location of the mask.
        competition: defines the meaning of pixel values and the format of runs.
        size: (height, width) of the image, upright.
        image: its file, to explain a size that does not fit.

    Raises:
        MaskError: a DataError that names the file, or the table with line and column: it is missing
            or damaged, has a value without a meaning, does not fit the image, or (multiclass) has a
            pixel of two classes.
    """
    if ref.is_table:
        return _joined(_of_runs(ref, competition, size), competition, size)
    if competition.has_objects:
        return union_of_objects(read_object_parts(ref, competition, size, image), competition, size)
    values = mask_values(competition)
    if competition.masks_by_class:
        parts = (
            (number, _fitting(competition, file, size, image), file)
            for number, file in enumerate(ref.files)
            if file
        )
        return _joined(parts, competition, size)
    if not ref.files:
        return _joined(iter(()), competition, size)
    if len(ref.files) > 1:
        pieces = ((0, _fitting(competition, file, size, image), file) for file in ref.files)
        return _joined(pieces, competition, size)
    mask = _fitting(competition, ref.files[0], size, image)
    if not competition.mask_kind.is_by_class:
        return mask
    classes = np.arange(1, len(competition.classes) + 1, dtype=np.uint8)
    each: Mask = (mask[..., None] == classes).astype(np.uint8)  # (H, W, C)
    if IGNORE in values.meaning.values():
        each[mask == IGNORE] = IGNORE
    return each


def _fitting(
    competition: Competition, file: str, size: tuple[int, int], image: Path | None
) -> NDArray[np.uint8]:
    """Return the mask in a file `(H, W)`, of the size of its image: one in the frame is resized."""
    mask = read_mask_file(competition.root / file, mask_values(competition))
    if mask.shape[:2] == frame_size(competition.frame, size):
        return resize_nearest(mask, size)  # in the frame, it comes back as it was
    _check_size(mask.shape[:2], competition, file, size, image)
    return mask


def _check_size(
    got: tuple[int, ...],
    competition: Competition,
    file: str,
    size: tuple[int, int],
    image: Path | None,
) -> None:
    if got == size:
        return
    height, width = got
    message = f"the mask is {height} × {width}, its image {size[0]} × {size[1]} (height × width)"
    fix = (
        "write the mask at the size of the image, resized without smoothing (nearest); if all are "
        f"{height} × {width}, and are to be sent so, write frame: [{height}, {width}]"
    )
    if (width, height) == size:
        message += "; height and width are swapped"
        fix = "transpose the mask, or check which image it belongs to"
        turn = 1 if image is None or competition.reader.is_foreign else exif_orientation(image)
        if turn >= 5:
            message = (
                f"the image has an EXIF turn (orientation {turn}), which is applied when it is "
                f"read: it is {size[0]} × {size[1]} then (height × width), and the mask, which is "
                f"{height} × {width}, lies on it as it was before the turn"
            )
            fix = "turn the mask as the image is, or take the EXIF orientation out of the images"
    raise MaskError(message, fault="size", where=competition.root / file, fix=fix)


Part = tuple[int, NDArray[np.uint8], str]  # class index, (H, W) of 0, 1 and IGNORE, where from
ObjectPart = tuple[int, NDArray[np.integer[Any]], str]  # see `read_object_parts`


def read_object_parts(
    ref: MaskRef, competition: Competition, size: tuple[int, int], image: Path | None
) -> Iterator[ObjectPart]:
    """Yield (class index, numbers, source) of each file or row of the objects of a sample.

    `numbers` `(H, W)` has 0 for background and a number for each object, -1 in unlabelled pixels;
    of a file or row of one object that is 1.

    Raises:
        MaskError: as `read_mask`.
    """
    if ref.is_table:
        yield from _of_runs(ref, competition, size)
    elif competition.masks_by_object:
        for number, file in zip(ref.classes, ref.files, strict=True):
            mask = _fitting(competition, file, size, image)
            # As int16, where there is room for -1.
            yield number, np.where(mask == IGNORE, np.int16(-1), mask), file
    else:
        for number, file in enumerate(ref.files):
            if file:
                ignore = competition.data.train.ignore
                numbers = read_object_numbers(competition.root / file, ignore)
                if numbers.shape == frame_size(competition.frame, size):
                    numbers = resize_nearest(numbers, size)
                _check_size(numbers.shape, competition, file, size, image)
                yield number, numbers, file


def union_of_objects(
    parts: Iterable[ObjectPart], competition: Competition, size: tuple[int, int]
) -> Mask:
    """Return the mask of the objects `parts`, which `read_object_parts` gives.

    Raises:
        MaskError: as `read_mask`.
    """
    return _joined(map(_mask_of, parts), competition, size)


def _mask_of(part: ObjectPart) -> Part:
    number, numbers, file = part
    mask = (numbers > 0).view(np.uint8)
    mask[numbers < 0] = IGNORE
    return number, mask, file


def _of_runs(ref: MaskRef, competition: Competition, size: tuple[int, int]) -> Iterator[Part]:
    source = competition.data.train
    assert isinstance(source.mask, MaskTable)
    for number, text, line in ref.runs:
        place = f"{source.mask.table}:{line}"
        try:
            mask = source.mask_codec.decode(text, size)
        except rle.RleError as error:
            height, width = size
            raise MaskError(
                f"column {source.mask.rle!r}, character {error.column}: {error.message}; the image "
                f"has {height:,} × {width:,} = {plural(height * width, 'pixel')}",
                fault="runs",
                where=place,
                fix=error.fix or _fix_of_cell(text, source.mask),
            ) from error
        yield number, mask.view(np.uint8), place


_NO_PIXEL = re.compile(r"[^0-9]*|0|[0-9]+\s+0")
"""A cell that may stand for an empty mask, as `nan`, `0` or `1 0`."""


def _fix_of_cell(text: str, mask: MaskTable) -> str:
    """Return what to do about a cell that is no mask; its text is shown, as a list of ids has not.

    Example:
        >>> mask = MaskTable(table="train.csv", id="ImageId", rle="runs")
        >>> _fix_of_cell("1 0", mask)
        "where the cell '1 0' means an empty mask, write data.train.mask.empty: ['', '-1', '1 0']"
        >>> _fix_of_cell("9 9", mask)
        "the cell is '9 9': check data.train.mask_codec (kind, base, order), and whose row it is"
    """
    shown = text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
    if _NO_PIXEL.fullmatch(text.strip()):
        empty = [*mask.empty, text]
        return f"where the cell {shown!r} means an empty mask, write data.train.mask.empty: {empty}"
    check = "check data.train.mask_codec (kind, base, order), and whose row it is"
    return f"the cell is {shown!r}: {check}"


_LONGEST_SHOWN = 40


def _joined(parts: Iterator[Part], competition: Competition, size: tuple[int, int]) -> Mask:
    """Return the masks of single classes as one mask of the competition's kind."""
    if competition.mask_kind.is_exclusive:
        return _exclusive(parts, competition, size)
    each = np.zeros((*size, n_mask_classes(competition)), dtype=np.uint8)
    for number, part, _ in parts:
        known = each[..., number]
        is_new = (known != 1) & (part != 0)  # a known pixel stays known
        known[is_new] = part[is_new]
    return each[..., 0].copy() if competition.mask_kind.is_yes_no else each


def _exclusive(parts: Iterator[Part], competition: Competition, size: tuple[int, int]) -> Mask:
    mask = np.zeros(size, dtype=np.uint8)
    for number, part, place in parts:
        is_class = part == 1
        clash = is_class & (mask != 0) & (mask != IGNORE) & (mask != number + 1)
        if clash.any():
            other = competition.classes[int(mask[clash][0]) - 1]
            raise MaskError(
                f"{either(int(clash.sum()), 'pixel is', 'pixels are')} "
                f"{competition.classes[number]} and also {other}",
                fault="runs" if competition.data.train.mask_values is None else "values",
                where=place,
                fix="write tasks: {segment: multilabel} if a pixel can be both, or mend the masks",
            )
        mask[(part == IGNORE) & (mask == 0)] = IGNORE
        mask[is_class] = number + 1
    return mask


Pixel = TypeVar("Pixel", bound=np.integer[Any])


def resize_nearest(mask: NDArray[Pixel], size: tuple[int, int]) -> NDArray[Pixel]:
    """Return `mask` at another (height, width): each pixel is the one under its centre."""
    if mask.shape[:2] == tuple(size):
        return mask
    rows, columns = (
        (2 * np.arange(new) + 1) * old // (2 * new)  # whole numbers: no centre is rounded
        for new, old in zip(size, mask.shape[:2], strict=True)
    )
    return np.ascontiguousarray(mask[rows[:, None], columns[None, :]])


def to_frame(mask: Mask, competition: Competition) -> Mask:
    """Return `mask` in the competition's frame, in which masks are scored and written."""
    frame = competition.frame
    if isinstance(frame, PatchFrame):
        return _patches(mask, frame)
    return mask if frame == "native" else resize_nearest(mask, frame)


def _patches(mask: Mask, frame: PatchFrame) -> Mask:
    """Return a binary or multilabel mask of one pixel a patch; `IGNORE` where none is labelled."""
    n_known, n_set = frame.sums(mask != IGNORE), frame.sums(mask == 1)
    found = (n_set > frame.above * n_known).astype(np.uint8)
    found[n_known == 0] = IGNORE
    return found


Truth = TypeVar("Truth")
Read = Callable[[MaskRef, Competition, Path], Truth]
"""From where an answer lies and the image's file to the answer, in the competition's frame."""


class LazyTruths(Sequence[Truth | None], Generic[Truth]):
    """The true masks or objects of samples in the competition's frame, each read on access.

    None for a sample without a mask. Made by `truth_masks` or `truth_instances`.
    """

    def __init__(self, competition: Competition, samples: pd.DataFrame, read: Read[Truth]) -> None:
        self._competition, self._read = competition, read
        self._refs: list[MaskRef | None] = list(samples["mask"])
        self._images = [competition.root / first_file(paths) for paths in samples["images"]]

    def __len__(self) -> int:
        return len(self._refs)

    @overload
    def __getitem__(self, index: int) -> Truth | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[Truth | None]: ...
    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        ref = self._refs[index]
        return None if ref is None else self._read(ref, self._competition, self._images[index])

    @cached_property
    def sizes(self) -> list[tuple[int, int]]:
        """(height, width) of each mask, missing ones too, from the headers of the images."""
        frame, reader = self._competition.frame, self._competition.reader
        size = fixed_size(frame)
        if size is not None:
            return [size] * len(self)
        return [frame_size(frame, image_size(image, reader)) for image in self._images]


def truth_masks(competition: Competition, samples: pd.DataFrame) -> LazyTruths[Mask]:
    """Return the true masks of `samples` in the competition's frame, each read on access."""
    return LazyTruths(competition, samples, _mask_in_frame)


def _mask_in_frame(ref: MaskRef, competition: Competition, image: Path) -> Mask:
    native = read_mask(ref, competition, image_size(image, competition.reader), image=image)
    return to_frame(native, competition)


def mask_digests(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame
) -> list[str]:
    """Return the sha256 of each sample's mask and of how it is read, "" where there is none.

    It hashes file contents or runs, and the meaning of pixel values or the format of runs; where
    files lie and on which line runs stand changes nothing.

    Raises:
        DataError: a mask file is missing.
    """
    refs: list[MaskRef | None] = list(samples["mask"])
    files = list(dict.fromkeys(file for ref in refs if ref for file in ref.files if file))
    paths = [competition.root / file for file in files]
    try:
        contents = dict(zip(files, FileDigests(workspace).each(paths), strict=True))
    except FileNotFoundError as cause:
        raise DataError(
            "a mask is missing", where=cause.filename, fix="`podium check` lists what is wrong"
        ) from cause
    return ["" if ref is None else _digest(ref, competition, contents) for ref in refs]


def _digest(ref: MaskRef, competition: Competition, contents: dict[str, str]) -> str:
    facts: list[Any] = [competition.mask_kind, n_mask_classes(competition)]
    if ref.is_table:
        codec = competition.data.train.mask_codec.model_dump(mode="json", exclude_defaults=True)
        facts += ["runs", codec, sorted([number, text] for number, text, _ in ref.runs)]
    else:
        meaning = sorted(mask_values(competition).meaning.items())
        facts += ["files", meaning, [contents.get(file, "") for file in ref.files]]
    if competition.has_objects:
        train = competition.data.train
        facts += ["objects", train.border, train.ignore, competition.masks_by_object, ref.classes]
    return hashlib.sha256(canonical_json(facts).encode("ascii")).hexdigest()


Refs = list[MaskRef | None]
Cell = tuple[str, int]  # text, line of the table


def find_mask_refs(
    competition: Competition, table: pd.DataFrame, ids: Sequence[str], images: Sequence[str]
) -> tuple[Refs, list[str]]:
    """Return the location of each train sample's mask, and the problems found, a sentence each.

    None where there is no mask; a `MaskRef` without files and runs is an empty one.
    `data.train.absent` decides which of the two a sample without a file or row has.

    Args:
        competition: its `data.train.mask` locates the masks.
        table: one row a sample: the columns of the train table, or the fields of the pattern.
        ids: of the samples.
        images: path of each sample's image; its name without the extension is `{stem}`.

    Raises:
        DataError: the pattern uses a field that does not exist; the table of runs is missing,
            damaged or lacks a column.
    """
    mask = competition.data.train.mask
    if isinstance(mask, MaskTable):
        return _from_table(competition, mask, ids)
    assert mask is not None  # the spec refuses it
    return _from_files(competition, Pattern(mask), table, ids, images)


def _from_files(
    competition: Competition,
    pattern: Pattern,
    table: pd.DataFrame,
    ids: Sequence[str],
    images: Sequence[str],
) -> tuple[Refs, list[str]]:
    rows = _fields(competition, pattern, table, ids, images)
    classes = competition.classes if competition.masks_by_class else [None]
    finder = FileFinder(competition.root, pattern)
    refs: Refs = []
    several: list[str] = []
    for row in rows:
        if competition.masks_by_object:
            refs.append(_objects(competition, finder, row))
            continue
        if competition.masks_in_pieces:
            pieces = tuple(finder.of(row))
            refs.append(MaskRef(pieces) if pieces else None)
            continue
        found = [finder.of(row if name is None else {**row, "class": name}) for name in classes]
        several += [files[0] for files in found if len(files) > 1]
        files = tuple(files[0] if files else "" for files in found)
        refs.append(MaskRef(files) if any(files) else None)
    problems = []
    if several:
        problems.append(
            f"{either(len(several), 'sample leads', 'samples lead')} to several files of "
            f"{pattern.text}: {some(several)}; "
            "write the pattern of the masks so that one is left"
        )
    if rows and not any(refs):
        example = pattern.fill({"class": classes[0] or "", **rows[0]})
        problems.append(f"no sample has a mask: there is no {example}, for one")
    if competition.data.train.absent == "empty":
        refs = [MaskRef() if ref is None else ref for ref in refs]
    return refs, problems


def _objects(competition: Competition, finder: FileFinder, row: dict[str, str]) -> MaskRef | None:
    """Return the files of the objects of a sample, class by class; None where there is none."""
    classes = competition.classes if competition.masks_by_class else [None]
    found = [finder.of(row if name is None else {**row, "class": name}) for name in classes]
    files = tuple(file for of_class in found for file in of_class)
    numbers = tuple(number for number, of_class in enumerate(found) for _ in of_class)
    return MaskRef(files, classes=numbers) if files else None


def _fields(
    competition: Competition,
    pattern: Pattern,
    table: pd.DataFrame,
    ids: Sequence[str],
    images: Sequence[str],
) -> list[dict[str, str]]:
    """Return the fields of the mask pattern, but for the class of a file, for each sample."""
    values: dict[str, Sequence[str]] = {
        "id": ids,
        "stem": [_stem(path) for path in images],
        **{str(name): list(table[name]) for name in table.columns},
    }
    by_class = competition.masks_by_class
    names = [name for name in pattern.fields if not (by_class and name == "class")]
    unknown = [name for name in names if name not in values]
    if unknown:
        raise DataError(
            f"mask {pattern.text!r} uses {some(unknown)}, which the samples do not have",
            where="data.train.mask",
            fix=f"use {', '.join(f'{{{name}}}' for name in values)}",
        )
    return [{name: values[name][row] for name in names} for row in range(len(ids))]


def _stem(path: str) -> str:
    name = path.rpartition("/")[2]
    return name.rpartition(".")[0] or name


def id_column(mask: MaskTable) -> tuple[str, str]:
    """Return the column with the ids of a table of runs, and the template of its cells.

    Example:
        >>> id_column(MaskTable(table="train.csv", id="Image_Label={id}_{class}", rle="runs"))
        ('Image_Label', '{id}_{class}')
        >>> id_column(MaskTable(table="train.csv", id="ImageId", rle="runs"))
        ('ImageId', '{id}')
    """
    column, sign, template = mask.id.partition("=")
    return (column, template) if sign and "{id}" in template else (mask.id, "{id}")


@dataclass
class _Wrong:
    """The cells of a table of runs that cannot be used."""

    form: list[Cell] = field(default_factory=list)
    sample: list[Cell] = field(default_factory=list)
    label: list[Cell] = field(default_factory=list)


@dataclass
class _RunRows:
    """The rows of a table of runs: (class index, text, line) of each mask, by the sample's id."""

    runs: dict[str, list[tuple[int, str, int]]] = field(default_factory=dict)
    empty: dict[tuple[str, int], Cell] = field(default_factory=dict)
    """The last row that marks an empty mask, by id and class index."""
    wrong: _Wrong = field(default_factory=_Wrong)


@dataclass(frozen=True)
class EmptyMarks:
    """How the rows of a table of runs mark empty masks.

    Attributes:
        cells: that mark one, each once.
        without_row: samples without any row.
        with_runs: samples that have runs and a mark of one class, each with the line of the mark.
    """

    cells: tuple[str, ...]
    without_row: tuple[str, ...]
    with_runs: tuple[str, ...]


def empty_marks(competition: Competition, ids: Sequence[str]) -> EmptyMarks:
    """Return how the table of `data.train.mask` marks empty masks of the samples with these ids."""
    mask = competition.data.train.mask
    assert isinstance(mask, MaskTable)
    rows = _read_rows(competition, mask, ids)
    cells = tuple(dict.fromkeys(text for text, _ in rows.empty.values()))
    of_class = {(name, number) for name, runs in rows.runs.items() for number, _, _ in runs}
    both = tuple(
        f"{name} (line {line})"
        for (name, n), (_, line) in rows.empty.items()
        if (name, n) in of_class
    )
    return EmptyMarks(cells, tuple(one for one in ids if one not in rows.runs), both)


def _from_table(
    competition: Competition, mask: MaskTable, ids: Sequence[str]
) -> tuple[Refs, list[str]]:
    rows = _read_rows(competition, mask, ids)
    without_row = None if competition.data.train.absent == "missing" else MaskRef(is_table=True)
    refs: Refs = [
        MaskRef(runs=tuple(rows.runs[one]), is_table=True) if one in rows.runs else without_row
        for one in ids
    ]
    return refs, _sentences(rows.wrong, mask.table, id_column(mask)[1], competition)


def _read_rows(competition: Competition, mask: MaskTable, ids: Sequence[str]) -> _RunRows:
    table = read_table(competition.root / mask.table, where=mask.table)
    column, template = id_column(mask)
    needed = [*columns_of_key(column), mask.rle, *([] if mask.label is None else [mask.label])]
    absent = [name for name in needed if name not in table.columns]
    if absent:
        raise DataError(
            f"there is no column {some(absent)}; the columns are: {', '.join(table.columns)}",
            where=mask.table,
            fix="mend data.train.mask in competition.yaml",
        )
    names = _RunCells(template, frozenset(ids), competition)
    labels = [None] * len(table) if mask.label is None else list(table[mask.label])
    empty = {cell.strip() for cell in mask.empty}
    found_rows, excluded = _RunRows(), frozenset(competition.data.train.exclude)
    runs, wrong = found_rows.runs, found_rows.wrong
    cells = zip(ids_of_rows(table, column), labels, table[mask.rle], strict=True)
    for line, (cell, label, text) in enumerate(cells, start=2):
        found = names.split(cell)
        if found is None:
            wrong.form.append((cell, line))
            continue
        sample, named = found
        if sample in excluded:
            continue
        name = label or named
        number = 0 if label is None and named is None else names.number(name or "")
        if sample not in names.known:
            wrong.sample.append((sample, line))
        elif text in empty and (number is not None or not name):
            runs.setdefault(sample, [])
            found_rows.empty[sample, number or 0] = (text, line)
        elif number is None:
            wrong.label.append((name or "", line))
        else:
            runs.setdefault(sample, []).append((number, text, line))
    return found_rows


def named_in_runs(competition: Competition, mask: MaskTable, ids: Collection[str]) -> set[str]:
    """Return those of `ids` that rows of a table of runs name."""
    column, template = id_column(mask)
    table = read_table(competition.root / mask.table, where=mask.table)
    if not set(columns_of_key(column)) <= set(table.columns):
        return set()
    names = _RunCells(template, frozenset(ids), competition)
    found = (names.split(cell) for cell in ids_of_rows(table, column))
    return {one[0] for one in found if one is not None} & set(ids)


class _RunCells:
    """Reads a sample's id and a class out of the cells of a table of runs."""

    def __init__(self, template: str, known: frozenset[str], competition: Competition) -> None:
        self.known = known
        self._template = template
        self._index = {}
        if not competition.mask_kind.is_yes_no:
            classes = competition.classes
            if not any(name.isdecimal() for name in classes):
                self._index = {str(number + 1): number for number in range(len(classes))}
            self._index |= {name: number for number, name in enumerate(classes)}
        self._any_class = _regex(template, self._index)
        self._one_class = [_regex(template, [name]) for name in self._index]

    def number(self, name: str) -> int | None:
        """Return the index of a class from its name or number; None for an unknown one."""
        return self._index.get(name)

    def split(self, cell: str) -> tuple[str, str | None] | None:
        """Return the id and the class (None: the template has none) that the cell holds.

        None where the cell is not of the template's form.
        """
        if self._template == "{id}":
            return cell, None
        found = self._any_class.fullmatch(cell)
        if found is not None and found["id"] not in self.known:
            # Of the classes "b" and "a_b", both end "1_a_b": the id decides.
            each = (one.fullmatch(cell) for one in self._one_class)
            found = next((one for one in each if one and one["id"] in self.known), found)
        return None if found is None else (found["id"], found.groupdict().get("class"))


def _regex(template: str, classes: Sequence[str] | dict[str, int]) -> re.Pattern[str]:
    groups = {"{id}": "(?P<id>.+)", "{class}": f"(?P<class>{'|'.join(map(re.escape, classes))})"}
    parts = re.split(r"(\{id\}|\{class\})", template)
    return re.compile("".join(groups.get(part, re.escape(part)) for part in parts))


def _sentences(wrong: _Wrong, table: str, template: str, competition: Competition) -> list[str]:
    """Return the problems of a table of runs, one of each kind."""
    classes = some(competition.classes, limit=20)
    of_form = f" of an id and a class ({classes})" if "{class}" in template else ""
    kinds = [
        (wrong.form, "cell is", "cells are", f"not of the form {template}{of_form}"),
        (wrong.sample, "row has", "rows have", "an id that no image of train has"),
        (
            wrong.label,
            "row names",
            "rows name",
            f"a class that is none ({classes}, or a number from 1)",
        ),
    ]
    return [
        f"{table}: {either(len(cells), one, many)} {what}: {_shown(cells)}"
        for cells, one, many, what in kinds
        if cells
    ]


def _shown(cells: list[Cell]) -> str:
    shown = ", ".join(f"{text!r} (line {line})" for text, line in cells[:5])
    return shown if len(cells) <= 5 else f"{shown} and {len(cells) - 5:,} more"
