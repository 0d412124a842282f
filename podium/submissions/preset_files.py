"""What a submission must hold by a preset alone: for who has a file, and no workspace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from podium.competition.presets import Preset, find_preset
from podium.competition.spec import Competition
from podium.errors import DataError, UsageError
from podium.submissions.checking import check_wanted
from podium.submissions.expected import SampleKeys, rows_of_sample
from podium.submissions.format import format_of
from podium.submissions.lines import LineError, read_lines
from podium.submissions.mask_sizes import MaskSizes, Size
from podium.submissions.misfits import CLASS_FIELDS
from podium.submissions.problems import Problem
from podium.submissions.wanted import Wanted

__all__ = ["check_by_preset", "wanted_of_preset"]

_EACH_CLASS = "prob[*]"
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

    Arguments and errors are those of `wanted_of_preset`.
    """
    wanted = wanted_of_preset(name, sample=sample, size=size, classes=classes, file=path)
    found = check_wanted(path, wanted)
    if sample is None:
        told = "nobody says which ids there must be, so missing and strange ones are not found"
        fix = "give the sample submission, too: --sample sample_submission.csv"
        found.append(Problem(None, told, fix, "warning"))
    return found


def wanted_of_preset(
    name: str,
    *,
    sample: Path | None = None,
    size: Size | None = None,
    classes: Sequence[str] = (),
    file: Path | None = None,
) -> Wanted:
    """Return what a submission to the competition of a preset must hold, as far as it is known.

    Args:
        name: of the preset, or Kaggle's slug.
        sample: a sample submission; without one nobody says which rows there must be.
        size: (height, width) of every mask; default: the preset's frame, if all have one.
        classes: where the preset does not know them. A column for each class names them, too.
        file: the submission, whose header stands in for a sample's.

    Raises:
        DataError: there is no such preset, or the sample does not fit it.
        UsageError: classes are needed.
    """
    preset = find_preset(name)
    named = _classes(preset, classes, sample or file)
    frame = size if size is not None else preset.frame
    spec: dict[str, Any] = {
        "name": preset.title,
        "tasks": preset.tasks,
        "classes": named,
        "data": _data_of(preset, named),
        "frame": frame,
        "metric": preset.metric.model_dump(exclude_unset=True),
        "submission": {"preset": preset.name},
    }
    if sample is not None:
        spec["submission"]["sample"] = str(sample.resolve())
    try:
        competition = Competition.model_validate(spec)
    except ValueError as error:
        raise UsageError(f"preset {preset.name}: {error}", fix="give other --classes") from error
    form, rows = format_of(competition.at(Path.cwd())), None
    if sample is not None:
        rows = _rows(sample, form)
    sizes = MaskSizes(
        frame=None if frame == "native" else frame,
        remedy="say the size of all masks: --size 256x1600; of several sizes a workspace reads the "
        "test images",
    )
    return Wanted(form, rows, sizes, "the preset" if sample is None else sample.name)


def _rows(sample: Path, form: Any) -> Iterable[str]:
    return SampleKeys(sample, form) if form.rows == "pixel" else rows_of_sample(sample, form)


def _data_of(preset: Preset, classes: Sequence[str]) -> dict[str, Any]:
    """Return data of the right kind; nothing of them is ever looked for."""
    train: dict[str, Any] = {"table": "t.csv", "id": "id", "images": "{id}", "label": "label"}
    if "segment" in preset.tasks:
        label = {"label": "label"} if classes else {}
        masks = {"table": "t.csv", "id": "id", "rle": "rle", **label}
        train = {"images": "{id}", "id": "{id}", "mask": masks}
    return {"train": train, "test": {"images": "{id}", "id": "{id}"}}


def _classes(preset: Preset, given: Sequence[str], header_of: Path | None) -> list[str]:
    kind = next(iter(preset.tasks.values()))
    if given or preset.classes or kind in ("binary", "regression"):
        # What is none of the classes is no class, and a list of what cells may say has it, too.
        return [one for one in given or preset.classes if one != preset.submission.unknown]
    columns = preset.submission.columns
    if _EACH_CLASS in columns.values() and header_of is not None:
        plain = [name for name, field in columns.items() if field != _EACH_CLASS]
        names = _header(header_of)[len(plain) :]
        template = next(name for name, field in columns.items() if field == _EACH_CLASS)
        before, _, after = template.partition("*")
        if len(names) > 1:
            return [name.removeprefix(before).removesuffix(after) for name in names]
    if preset.submission.item == "{id}":
        return ["0", "1"]  # cells hold ids, and no class
    of_class = CLASS_FIELDS & set(columns.values()) or "{label}" in (preset.submission.item or "")
    if kind == "instance" and not of_class:
        return []
    raise UsageError(
        f"the preset {preset.name} does not know the classes",
        fix="write --classes cat,dog, how many there are, or a file with a name in each line",
    )


def _header(path: Path) -> list[str]:
    try:
        first = next(read_lines(path, longest=_LONGEST_HEADER), None)
    except FileNotFoundError as error:
        raise DataError("there is no such file", where=path, fix="correct the path") from error
    except LineError as error:
        raise DataError(error.message, where=f"{path}:{error.line}", fix=error.fix) from error
    return [] if first is None else [cell.strip() for cell in first.cells]
