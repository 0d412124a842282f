"""Checks a submission file before the quota is touched: every problem, with line and fix.

The expected content (`ExpectedRows`: names of rows, sizes of masks) comes from the test set, from
some samples, or from a preset alone, for a person who has a file and no workspace. Beside its rows,
the size of the file and a sample submission that is out of date are reported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from podium.competition.presets import Preset, find_preset
from podium.competition.spec import Competition
from podium.errors import DataError, UsageError, plural, some, some_names
from podium.submissions.format.cells import Checker, ExpectedRows
from podium.submissions.format.csv_text import (
    CellError,
    LineError,
    of_competition,
    parse_number,
    read_lines,
    read_table,
)
from podium.submissions.format.expected import cells_by_key, expected_of_test
from podium.submissions.format.file_formats import plain_text
from podium.submissions.format.mask_sizes import MaskSizes, Size, has_test_images, scored_of_test
from podium.submissions.format.masks import MaskChecker
from podium.submissions.format.objects import ObjectChecker, is_object_format
from podium.submissions.format.pixels import PixelChecker
from podium.submissions.format.problems import Problem, Problems
from podium.submissions.format.reading import LabelChecker, inspect_answers, inspect_rows
from podium.submissions.format.row_names import SampleKeys, owners_of, rows_of_sample
from podium.submissions.format.spec import (
    CLASS_FIELDS,
    EACH_CLASS,
    KEY_SEPARATOR,
    SubmissionFormat,
    format_of,
    sample_with_rows,
    taken_from,
)
from podium.tasks.protocols.find import find_kind
from podium.tasks.protocols.names import has_pixels

__all__ = [
    "check",
    "check_expected",
    "competition_of_preset",
    "other_classes",
    "stale_sample_problems",
]


def check(path: str | Path, competition: Competition) -> list[Problem]:
    """Return every problem of the submission file at `path`, errors first; [] when it may be sent.

    Rows are streamed, and memory does not grow with them. The ids come from the competition's
    sample submission, else from its test set; the sizes that masks must have, from its frame, else
    from the test images.

    Raises:
        DataError: the competition's own sample or spec cannot be used.
    """
    file, expected = Path(path), expected_of_test(competition)
    found = [
        *check_expected(file, expected),
        *_other_than_taken(file, expected),
        *size_problems(file, competition),
        *stale_sample_problems(competition, expected.form),
    ]
    return sorted(found, key=lambda problem: problem.level != "error")


def _other_than_taken(path: Path, expected: ExpectedRows) -> Iterator[Problem]:
    """Yield what is wrong with columns of other files: words among numbers, then other cells.

    That cells are not, or no more, those of the other file is a warning: the file may be older.
    """
    form = expected.form
    if not expected.taken or path.suffix != ".csv" or form.file.kind != "csv":
        return
    try:
        header, rows = read_table(plain_text(path, form))
    except (DataError, LineError, OSError):
        return  # reported elsewhere
    if header != form.header:
        return
    named = [header[at] for at in form.key_columns]
    for at, of_file in expected.taken.items():
        name, field = list(form.columns.items())[at]
        cells = list(cells_by_key(header, rows, named, name).items())
        words = {
            n: cell
            for n, (row, cell) in enumerate(cells, start=2)
            if _is_number(of_file.get(row, "")) and not _is_number(cell)
        }
        if words:
            yield Problem(
                next(iter(words)),
                f"column {name!r}: cells that are no number, where {taken_from(field)} has numbers "
                f"({len(words):,}): {some(words.values())}",
                "write the file anew: podium submit --dry-run; a spreadsheet that saves it may "
                "change its numbers",
                n=len(words),
            )
        lines = [n for n, (row, cell) in enumerate(cells, start=2) if of_file.get(row) != cell]
        if lines:
            yield Problem(
                lines[0],
                f"cells of {name!r} that are not those of {taken_from(field)}: {len(lines):,}",
                "write the file anew: podium submit --dry-run",
                "warning",
                len(lines),
            )


def _is_number(cell: str) -> bool:
    try:
        parse_number(cell)
    except CellError:
        return False
    return True


def check_expected(path: Path, expected: ExpectedRows) -> list[Problem]:
    """Return every problem of the file at `path` against what is `expected`, errors first."""
    if expected.form.parts:
        return inspect_answers(path, expected, partial(_checker_of, path))
    return inspect_rows(path, expected, _checker_of(path, expected.form))


def _checker_of(path: Path, form: SubmissionFormat) -> Callable[[ExpectedRows, Problems], Checker]:
    """Return what checks the cells of the file at `path`."""
    if form.rows == "pixel":
        return PixelChecker
    if not form.kind.is_of_pixels:
        return LabelChecker
    return partial(ObjectChecker, path=path) if is_object_format(form) else MaskChecker


LARGE_BYTES = 100 << 20
"""A larger file gets a warning, where no limit is set."""
_SHOWN = 100


def size_problems(path: Path, competition: Competition) -> Iterator[Problem]:
    """Yield what is wrong with the size of the file: it is above `kaggle.max_bytes`, or large."""
    limit = competition.kaggle.max_bytes
    try:
        n_bytes = path.stat().st_size
    except OSError:
        return  # reported elsewhere
    if limit is not None and n_bytes > limit:
        yield Problem(
            None,
            f"the file has {n_bytes:,} bytes, and {limit:,} are taken (kaggle.max_bytes)",
            "write fewer digits, or fewer and smaller objects",
        )
    elif limit is None and n_bytes > LARGE_BYTES:
        yield Problem(
            None,
            f"the file has {n_bytes >> 20:,} MiB, which some hosts refuse",
            "look up the limit on the competition's pages, and write it in kaggle.max_bytes",
            "warning",
        )


def other_classes(competition: Competition, form: SubmissionFormat) -> Problem | None:
    """Return the problem that no row of the sample has a class of competition.yaml; else None.

    Rows of test images are looked at whose class is named in a column of its own.
    """
    fields = [list(form.columns.values())[one] for one in form.key_columns]
    sample = sample_with_rows(competition)
    is_by_name = form.rows == "image_class" and sorted(fields) == ["class_name", "id"]
    if sample is None or not is_by_name or not has_test_images(competition):
        return None
    known = frozenset(scored_of_test(competition))
    names = dict[str, None]()
    for key in SampleKeys(sample, form):
        if fields[0] == "id":
            id_, _, name = key.partition(KEY_SEPARATOR)
        else:
            name, _, id_ = key.rpartition(KEY_SEPARATOR)
        if id_ in known and len(names) < _SHOWN:
            names[name] = None
    if not names or not names.keys().isdisjoint(form.row_names):
        return None
    return Problem(
        None,
        f"the sample names {some_names(list(names))}, and competition.yaml has classes "
        f"{some_names(form.row_names)}",
        "mend classes, and data.train.mask_values where masks have numbers: the names of classes "
        "must be those of the sample, or no file can be written",
    )


def stale_sample_problems(competition: Competition, form: SubmissionFormat) -> Iterator[Problem]:
    """Yield a warning where the sample's rows are of other images than the test set on the disk.

    Another one where it asks for some classes of an image alone. Nothing is reported where there
    are no test images yet, nor for rows of pixels.
    """
    sample = sample_with_rows(competition)
    if sample is None or form.rows == "pixel" or not has_test_images(competition):
        return
    try:
        unseen = dict.fromkeys(scored_of_test(competition))
        n_test = len(unseen)
        known, strange = frozenset(unseen), dict[str, None]()
        owners, n_rows = owners_of(form), Counter[str]()
        for key in SampleKeys(sample, form):
            found = [one for one in owners(key) if one in known]
            n_rows.update(found)
            for one in found:
                unseen.pop(one, None)
            if not found and len(strange) < _SHOWN:
                strange[key] = None
        yield from _classes_left_out(sample, form, owners, n_rows)
    except DataError:
        return  # `podium check` without a file reports what cannot be read
    missing = [] if form.may_lack_rows else list(unseen)
    if not missing and not strange:
        return
    parts = []
    if missing:
        parts.append(f"lacks {len(missing):,} of {plural(n_test, 'test image')}: {some(missing)}")
    if strange:
        many = "at least " * (len(strange) == _SHOWN)
        parts.append(
            f"has {many}{plural(len(strange), 'row')} of no test image: {some(list(strange))}"
        )
    fix = (
        "download the data again; one of both is out of date, or data.test.id and submission.id "
        "make other ids than the sample has"
    )
    if len(missing) == n_test and strange:
        fix = (
            "mend data.test.id, submission.id, submission.columns or classes: as competition.yaml "
            "reads the sample, no row of it is of a test image, and no file can be written; "
            "data.test must take the images that the sample names, and no others"
        )
    yield Problem(None, f"{sample.name} {' and '.join(parts)}", fix, "warning")


def _classes_left_out(
    sample: Path,
    form: SubmissionFormat,
    owners: Callable[[str], list[str]],
    n_rows: Mapping[str, int],
) -> Iterator[Problem]:
    """Yield a warning where the sample asks for some classes of an image alone.

    Args:
        sample: the sample submission.
        form: the format of its rows.
        owners: returns the images that a row may be of.
        n_rows: of each image that it has.
    """
    if form.rows != "image_class" or form.file.lookup is not None:
        return  # a table of ids asks for some of the rows by itself
    n = len(form.row_names)
    few = [one for one, n_here in n_rows.items() if n_here < n]
    if not few:
        return
    shown = few[:_SHOWN]
    there = {key for key in SampleKeys(sample, form) if not {*owners(key)}.isdisjoint(shown)}
    absent = [key for key in form.keys(shown) if key not in there]
    n_absent = sum(n - n_rows[one] for one in few)
    yield Problem(
        None,
        f"{sample.name} has no row for {plural(n_absent, 'pair')} of an image and a class: "
        f"{some(absent)}",
        "they are left out of the file, and count in scores of train: leave a class that no row "
        "asks for out of classes, and download the data again where all rows should be there",
        "warning",
    )


_LONGEST_HEADER = 1 << 24


def check_by_preset(
    path: Path,
    name: str,
    *,
    sample: Path | None = None,
    size: Size | None = None,
    classes: Sequence[str] = (),
) -> list[Problem]:
    """Return every problem of the submission at `path` to the competition of a preset.

    Arguments and errors are those of `expected_of_preset`.
    """
    expected = expected_of_preset(name, sample=sample, size=size, classes=classes, file=path)
    found = check_expected(path, expected)
    if sample is None:
        text = "the expected ids are unknown, so missing and unexpected ones are not found"
        fix = "add the sample submission: --sample sample_submission.csv"
        found.append(Problem(None, text, fix, "warning"))
    return found


def expected_of_preset(
    name: str,
    *,
    sample: Path | None = None,
    size: Size | None = None,
    classes: Sequence[str] = (),
    file: Path | None = None,
) -> ExpectedRows:
    """Return the expected rows of a submission to a preset's competition, as far as they are known.

    Args:
        name: of the preset, or Kaggle's slug.
        sample: a sample submission; without one the expected rows are unknown.
        size: (height, width) of every mask; default: the preset's, where all have one.
        classes: where the preset does not name them. A column for each class names them, too.
        file: the submission, whose header stands in for a sample's.

    Raises:
        DataError: there is no such preset, or the sample does not fit it.
        UsageError: classes are needed.
    """
    preset = find_preset(name)
    competition = competition_of_preset(
        name, sample=sample, size=size, classes=classes, header_of=sample or file
    )
    frame = competition.frame
    form, rows = format_of(competition), None
    if sample is not None:
        rows = rows_of_sample(sample, form)
    sizes = MaskSizes(
        frame=(preset.image_size or "native") if frame == "native" else frame,
        remedy="set the size of all masks: --size 256x1600; of several sizes a workspace reads the "
        "test images",
    )
    return ExpectedRows(form, rows, sizes, "the preset" if sample is None else sample.name)


def competition_of_preset(
    name: str,
    *,
    sample: Path | None = None,
    size: Size | None = None,
    classes: Sequence[str] = (),
    header_of: Path | None = None,
) -> Competition:
    """Return the competition of a preset, whose data nobody looks for.

    Args:
        name, sample, size, classes: as `expected_of_preset` has them.
        header_of: the file whose columns may name the classes.

    Raises:
        DataError: there is no such preset.
        UsageError: classes are needed, or do not fit.
    """
    preset = find_preset(name)
    named = _classes(preset, classes, header_of)
    spec: dict[str, Any] = {
        "name": preset.title,
        "tasks": preset.tasks,
        "classes": named,
        "data": _data_of(preset, named),
        "frame": size if size is not None else preset.frame,
        "metric": preset.metric.model_dump(exclude_unset=True),
        "submission": {"preset": preset.name},
    }
    if sample is not None:
        spec["submission"]["sample"] = str(sample.resolve())
    try:
        return Competition.model_validate(spec).at(Path.cwd())
    except ValueError as error:
        raise UsageError(f"preset {preset.name}: {error}", fix="pass other --classes") from error


def _data_of(preset: Preset, classes: Sequence[str]) -> dict[str, Any]:
    """Return data of the right kind; their files are never opened."""
    train: dict[str, Any] = {"table": "t.csv", "id": "id", "images": "{id}", "label": "label"}
    if has_pixels(preset.tasks):
        label = {"label": "label"} if classes else {}
        masks = {"table": "t.csv", "id": "id", "rle": "rle", **label}
        train = {"images": "{id}", "id": "{id}", "mask": masks}
    return {"train": train, "test": {"images": "{id}", "id": "{id}"}}


def _classes(preset: Preset, given: Sequence[str], header_of: Path | None) -> list[str]:
    kind = next(find_kind(task, name) for task, name in preset.tasks.items())
    if given or preset.classes or kind.is_yes_no or kind.refuses_classes:
        # The text for none of the classes is no class, but the list of allowed texts has it, too.
        return [one for one in given or preset.classes if one != preset.submission.unknown]
    columns = preset.submission.columns
    if EACH_CLASS & set(columns.values()) and header_of is not None:
        plain = [name for name, field in columns.items() if field not in EACH_CLASS]
        names = _header(header_of)[len(plain) :]
        template = next(name for name, field in columns.items() if field in EACH_CLASS)
        before, _, after = template.partition("*")
        if len(names) > 1:
            return [name.removeprefix(before).removesuffix(after) for name in names]
    if preset.submission.item == "{id}":
        return ["0", "1"]  # cells hold ids, and no class
    of_class = CLASS_FIELDS & set(columns.values()) or "{label}" in (preset.submission.item or "")
    if kind.finds_objects and not of_class:
        return []
    raise UsageError(
        f"the preset {preset.name} does not name the classes",
        fix="write --classes cat,dog, how many there are, or a file with a name in each line",
    )


def _header(path: Path) -> list[str]:
    with of_competition(path):
        first = next(read_lines(path, longest=_LONGEST_HEADER), None)
    return [] if first is None else [cell.strip() for cell in first.cells]
