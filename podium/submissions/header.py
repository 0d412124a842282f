"""The columns of a submission: spelt out, of a preset, or read off the sample's header."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import DataError, some
from podium.submissions.lines import Line, LineError, read_lines
from podium.submissions.misfits import PROB_FIELD
from podium.submissions.values import is_graded

__all__ = ["columns_of", "sample_path", "sample_with_rows"]

_EACH_CLASS = "prob[*]"
_FIX = (
    "write submission.columns in competition.yaml: a field for each column, as "
    "{id: id, class: class_name, rle: value}"
)


def sample_path(competition: Competition) -> Path | None:
    """Return where the sample submission lies, or None when the competition names none."""
    name = competition.submission.sample
    return None if name is None else competition.root / name


def sample_with_rows(competition: Competition) -> Path | None:
    """Return where the sample submission lies that says which rows there are, or None.

    A code competition may give out a header alone: its rows come with the hidden test images, so
    until then they are those of the test images that are there.

    Raises:
        DataError: the sample of a code competition cannot be read.
    """
    sample = sample_path(competition)
    if sample is None or competition.kaggle.kind != "code":
        return sample
    return sample if any(line.cells for line in islice(_lines(sample), 1, None)) else None


def columns_of(competition: Competition) -> dict[str, str]:
    """Return the field of each column, in order, `prob[*]` written out.

    Raises:
        DataError: the sample's header cannot be read or understood.
    """
    spec, sample = competition.submission, sample_path(competition)
    classes = competition.classes_of(competition.scored_task)
    columns = _written_out(spec.columns, classes)
    if not columns:
        return _of_header(sample, classes) if sample is not None else _usual(competition)
    if sample is None:
        return columns
    is_preset = spec.preset is not None and spec.columns == _columns_of_preset(spec.preset)
    if is_preset or _EACH_CLASS in spec.columns.values():
        return _with_the_names_of(sample, _header(sample), columns)
    return columns


def _header(sample: Path) -> list[str]:
    """Return the header of the sample; its rows, which may be millions, are not read."""
    first = next(_lines(sample), None)
    if first is None or not first.cells:
        raise DataError("is empty", where=sample, fix="give a file with a header and rows")
    return [cell.strip() for cell in first.cells]


def _lines(sample: Path) -> Iterator[Line]:
    try:
        yield from read_lines(sample, longest=sample.stat().st_size + 1)
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=sample, fix="correct the path") from error
    except LineError as error:
        raise DataError(error.message, where=f"{sample}:{error.line}", fix=error.fix) from error


def _columns_of_preset(name: str) -> Mapping[str, str]:
    from podium.competition.presets import find_preset

    return find_preset(name).submission.columns


def _written_out(columns: Mapping[str, str], classes: Sequence[str]) -> dict[str, str]:
    """Return `columns` with one of each class in the place of `prob[*]`."""
    found: dict[str, str] = {}
    for column, field in columns.items():
        if field == _EACH_CLASS:
            found |= {column.replace("*", name): f"prob[{name}]" for name in classes}
        else:
            found[column] = field
    return found


def _with_the_names_of(
    sample: Path, header: Sequence[str], columns: dict[str, str]
) -> dict[str, str]:
    """Return `columns` in the order of the sample, a column of another name by its place."""
    if sorted(header) == sorted(columns):
        return {name: columns[name] for name in header}
    pairs = list(zip(header, columns.items(), strict=False))
    moved = [one for one, (name, _) in pairs if one != name and one in columns]
    of_class = [name for one, (name, field) in pairs if one != name and PROB_FIELD.fullmatch(field)]
    if len(header) != len(columns) or moved or of_class:
        raise DataError(
            f"the sample's columns are {some(header)}, those of the format {some(list(columns))}",
            where=f"{sample}:1",
            fix=_FIX,
        )
    return {one: field for one, (_, field) in pairs}


def _of_header(sample: Path, classes: Sequence[str]) -> dict[str, str]:
    first, *rest = _header(sample)
    if len(rest) == 1:
        return {first: "id", rest[0]: "value"}
    unknown = [name for name in rest if name not in classes]
    if not rest or unknown:
        raise DataError(
            f"columns that are no class: {some(unknown)}" if rest else "there is only one column",
            where=f"{sample}:1",
            fix=_FIX,
        )
    return {first: "id"} | {name: f"prob[{name}]" for name in rest}


def _usual(competition: Competition) -> dict[str, str]:
    """Return the columns of a competition that says none and has no sample."""
    if competition.scored_task == "segment":
        return {"id": "id", "rle": "value"}
    spec = competition.submission
    is_wide = is_graded(spec.value) and competition.kind in ("multiclass", "multilabel")
    if is_wide and spec.rows == "image":
        return {"id": "id"} | {name: f"prob[{name}]" for name in competition.classes}
    return {"id": "id", "label": "value"}
