"""Format parameters from a sample submission: header, template of ids, empty cells, age.

Each has a value, its certainty and the reason for it.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from podium.competition.calibrate.codec import (
    Certainty,
    Estimate,
    RunConvention,
    fault_of,
    runs_of,
)
from podium.competition.images import first_file, image_size
from podium.competition.infer.files import DataFolder
from podium.competition.infer.sample.rows import RowNames, count_misfits, find_rows
from podium.competition.infer.sample.runs import find_mask_format, runs_column, with_plain_ids
from podium.competition.infer.sample.submission import InferredFormat, SampleSubmission
from podium.competition.samples import load_samples
from podium.competition.sections.frame import fixed_size, frame_size
from podium.competition.spec import Competition
from podium.errors import DataError, plural, some

__all__ = ["CalibratedParameter", "base_of_sample", "pixel_form", "sample_parameters"]


@dataclass(frozen=True)
class CalibratedParameter:
    """One parameter: its inferred value, certainty and reason, and the value in competition.yaml.

    Attributes:
        name: its key in competition.yaml, as `submission.rle.base`; or its subject.
        value: None where it is unknown.
        sure: certain, likely or not sure.
        why: the reason.
        now: the present value; None where competition.yaml has no such key.
        fix: what to do where the value is not sure, or contradicts something.
        is_key: whether `write` may set it.
    """

    name: str
    value: Any
    sure: Certainty
    why: str
    now: Any = None
    fix: str = ""
    is_key: bool = False

    @property
    def changes(self) -> bool:
        """True where competition.yaml would change: the value is sure enough, and a new one."""
        return self.is_key and self.sure != "not sure" and self.value != self.now

    @property
    def shown(self) -> str:
        """The value as a table has it."""
        return (
            "" if self.value is None else repr(self.value) if self.value == "" else str(self.value)
        )

    @property
    def explanation(self) -> str:
        """Why, and what to do."""
        return f"{self.why}; {self.fix}" if self.fix else self.why


_PIXEL = re.compile(r"(?P<id>.+)_(?P<row>\d+)_(?P<column>\d+)")
_MOST_CELLS = 200  # cells
_MANY = 4  # rows an image, from which ids with two numbers are of pixels


def sample_parameters(
    competition: Competition, sample: SampleSubmission, folder: DataFolder
) -> tuple[list[CalibratedParameter], list[str]]:
    """Return the parameters of `submission`, and notes on contradictions and a stale sample."""
    form = competition.submission
    header = [str(column) for column in sample.table.columns]
    notes: list[str] = []
    rows: list[CalibratedParameter] = []
    columns, now = dict(form.columns), list(form.columns)
    why = f"the header of {sample.path}"
    if columns and "*" not in columns and now != header:
        notes.append(
            f"the sample submission has the columns {','.join(header[:8])}, submission.columns "
            f"has {','.join(now[:8])}: the sample is believed"
        )
    rows.append(
        CalibratedParameter("header", ",".join(header[:8]), "certain", why, ",".join(now[:8]))
    )
    test = _test_samples(competition)
    ids = [] if test is None else list(test["id"])
    cells = [str(cell) for cell in sample.table[sample.id]]
    pixel = pixel_form(cells)
    plain = cells
    if pixel is not None:
        base, order, why = pixel
        rows.append(
            CalibratedParameter(
                "submission.rows",
                "pixel",
                "likely",
                why,
                form.rows,
                "write it by hand, with submission.id",
            )
        )
        rows.append(
            CalibratedParameter(
                "submission.index_base",
                base,
                "likely",
                why,
                form.index_base,
                "",
                form.rows == "pixel",
            )
        )
        rows.append(CalibratedParameter("order of pixels", order, "certain", why, None))
        plain = [cell.rsplit("_", 2)[0] for cell in cells]
    elif competition.scores_masks and runs_column(sample) is not None:
        rows += _of_masks(competition, sample, ids, notes)
        table = with_plain_ids(sample, folder, competition.classes).table
        plain = [str(cell) for cell in table[sample.id]]
    extension = _extension(plain)
    if extension:
        why = f"{some(plain, 2)}"
        rows.append(CalibratedParameter("extension of ids", extension, "certain", why, None))
    if test is None:
        return rows, notes
    notes += _age(competition, plain, sample, test)
    if competition.scores_masks and pixel is None:
        notes += _beyond(competition, plain, sample, test)
    return rows, notes


def _of_masks(
    competition: Competition, sample: SampleSubmission, test_ids: Sequence[str], notes: list[str]
) -> list[CalibratedParameter]:
    form = competition.submission
    has_objects = competition.has_objects
    found = find_mask_format(
        sample,
        test_ids,
        kind=competition.mask_kind,
        classes=competition.classes,
        has_empty=False,
    )
    notes += [note for note in found.notes if not has_objects]
    rows: list[CalibratedParameter] = []
    if not has_objects:
        ids = f"its ids are as {some(list(sample.table[sample.id]), 2)}"
        rows += _of_ids(found, ids, competition, sample, test_ids)
        if form.columns and set(form.columns) == set(found.columns):
            why = "what stands under each name of its header"
            now = dict(form.columns)
            rows.append(
                CalibratedParameter("submission.columns", found.columns, "likely", why, now)
            )
    column = runs_column(sample)
    shown = sorted(set(sample.table[column]))[:3]
    if found.empty:
        why = f"the sample's cells are {', '.join(map(repr, shown))}"
        rows.append(
            CalibratedParameter(
                "submission.empty", found.empty, "certain", why, form.empty, "", True
            )
        )
    elif "" in shown:
        why = "the sample has blank cells"
        rows.append(
            CalibratedParameter("submission.empty", "", "certain", why, form.empty, "", True)
        )
    else:
        why = f"every cell of the sample has a mask ({shown[0][:20]!r}): a blank is usual"
        fix = "see the competition's page for what stands for nothing"
        rows.append(
            CalibratedParameter(
                "submission.empty", form.empty, "not sure", why, form.empty, fix, True
            )
        )
    return rows


def base_of_sample(
    sample: SampleSubmission | None, sizes: Callable[[], Mapping[str, tuple[int, int]]]
) -> Estimate | None:
    """Return the number of the first pixel that the sample's runs show; None where they do not.

    Args:
        sample: the sample submission.
        sizes: gives (height, width) of images, asked for only where there are runs; where they
            are all one, a run must end in it, too.
    """
    column = None if sample is None else runs_column(sample)
    if sample is None or column is None:
        return None
    each = set(sizes().values())
    n_pixels = math.prod(each.pop()) if len(each) == 1 else sys.maxsize
    against: dict[int, str] = {}
    for cell in dict.fromkeys(sample.table[column].iloc[:_MOST_CELLS]):
        runs = runs_of(cell)
        if runs is not None:
            for base in (0, 1):
                if fault_of(runs, RunConvention(base, False), n_pixels):
                    against.setdefault(base, cell)
    if len(against) != 1:
        return None
    [(other, cell)] = against.items()
    why = (
        f"a run of the sample, {cell[:20]!r}, would leave the image if the first pixel were {other}"
    )
    return Estimate(1 - other, "likely", why)


def _of_ids(
    found: InferredFormat,
    why: str,
    competition: Competition,
    sample: SampleSubmission,
    test_ids: Sequence[str],
) -> Iterator[CalibratedParameter]:
    """Yield rows and id: those of competition.yaml, unless others fit the sample's rows better."""
    form = competition.submission
    cells = list(sample.table[sample.id])
    misfits, fewest = (
        count_misfits(RowNames(one.rows, one.id), cells, test_ids, competition.row_names)
        for one in (form, found)
    )
    if misfits <= fewest:
        kept: Certainty = "certain" if not misfits else "likely"
        for name, value in (("rows", form.rows), ("id", form.id)):
            yield CalibratedParameter(f"submission.{name}", value, kept, why, value, "", True)
        return
    is_open = {one.key for one in found.open}
    for name, value, now in (("rows", found.rows, form.rows), ("id", found.id, form.id)):
        key = f"submission.{name}"
        sure: Certainty = found.sure_rows
        fix = ""
        if key in is_open or sure == "not sure":
            fits = [
                str(value),
                *(str(one) for o in found.open if o.key == key for one, _ in o.others),
            ]
            value, sure = now, "not sure"
            fix = f"choose it by hand: {' or '.join(dict.fromkeys(fits))} may be right"
        elif name == "rows" and value == "image" and sure == "certain":
            # Rows of objects cannot be recognised where each image has one in the sample.
            sure = "likely"
        yield CalibratedParameter(key, value, sure, why, now, fix, True)


def _test_samples(competition: Competition) -> pd.DataFrame | None:
    """Return the samples of test, loaded once; None where they cannot be read."""
    try:
        return load_samples(competition, "test")
    except DataError:
        return None


def pixel_form(cells: Sequence[str]) -> tuple[int, str, str] | None:
    """Return base and order of ids that name pixels (`7_1_1`), and why; None where they are others.

    Example:
        >>> pixel_form([f"{i}_{row}_{column}" for i in "ab" for column in (1, 2) for row in (1, 2)])
        (1, 'F', "'a_1_1', 'a_2_1' …: the row runs fastest")
    """
    head = [_PIXEL.fullmatch(cell) for cell in cells[:1000]]
    if len(head) < 2 or not all(head):
        return None
    names = {found["id"] for found in head if found}
    if len(head) < _MANY * len(names):
        return None
    numbers = [(int(found["row"]), int(found["column"])) for found in head if found]
    base = min(min(one) for one in numbers)
    (row, column), (next_row, next_column) = numbers[:2]
    shown = ", ".join(map(repr, cells[:2]))
    if base not in (0, 1) or (row == next_row) == (column == next_column):
        return None
    down = column == next_column
    return base, "F" if down else "C", f"{shown} …: the {'row' if down else 'column'} runs fastest"


def _extension(cells: Sequence[str]) -> str:
    found = {match[0].lower() for cell in cells if (match := re.search(r"\.[A-Za-z]{3,5}$", cell))}
    every = all(re.search(r"\.[A-Za-z]{3,5}$", cell) for cell in cells)
    return found.pop() if every and len(found) == 1 else ""


def _beyond(
    competition: Competition, plain: Sequence[str], sample: SampleSubmission, test: pd.DataFrame
) -> list[str]:
    """Return a note where the sample's own runs leave the masks that would be sent."""
    column = runs_column(sample)
    if column is None or competition.submission.rle.counts:
        return []
    paths = dict(zip(test["id"], test["images"], strict=True))
    # Of objects and classes the ids repeat: then cells stand in the same order no more.
    cells = list(sample.table[column]) if len(plain) == len(sample.table) else list[str]()
    for name, cell in list(zip(plain, cells, strict=False))[:_MOST_CELLS]:
        runs = runs_of(cell)
        if runs is None or name not in paths:
            continue
        size = fixed_size(competition.frame)
        if size is None:
            try:
                file = competition.root / first_file(paths[name])
                size = frame_size(competition.frame, image_size(file, competition.reader))
            except (DataError, OSError):
                continue
        form = competition.submission.rle
        reading = RunConvention(form.base, form.relative)
        if fault_of(runs, reading, size[0] * size[1]) == "ends beyond":
            return [
                f"the sample's runs of {name!r} go beyond {size[0]} × {size[1]} pixels: the masks "
                "to send have another size; see the competition's page, and write it as frame"
            ]
    return []


def _age(
    competition: Competition, plain: Sequence[str], sample: SampleSubmission, test: pd.DataFrame
) -> list[str]:
    """Return notes on a stale sample: ids that it lacks, or that have no image."""
    source = competition.data.test
    if source is None:
        return []
    if source.table is not None and (competition.root / source.table).name == sample.path:
        return []
    by_unit = competition.scores_units  # rows of volumes are of slices
    expected, known = set(plain), set(test["unit" if by_unit else "id"])
    missing = sorted(known - expected)
    extra = sorted(expected - known)
    if len(extra) == len(expected):
        rows = find_rows(list(plain), sorted(known), competition.row_names, repeats=True)
        if rows is not None and not rows.chosen.n_against:
            return []  # ids of parts of paths, with a class
        return [
            f"the sample's ids ({some(sorted(expected), 2)}) are none of the test images' "
            f"({some(sorted(known), 2)}): see data.test.id and submission.id"
        ]
    notes = []
    if missing:
        notes.append(
            f"the sample has no row of {plural(len(missing), 'test image')} "
            f"({some(missing, 3)}): it may be stale; download it again, or find out which of them "
            "count"
        )
    if extra:
        notes.append(
            f"the sample has {plural(len(extra), 'id')} without a test image ({some(extra, 3)}): "
            "it may be stale, or the images come with the notebook's run"
        )
    return notes
