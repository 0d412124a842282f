"""`record.json`: the description in every artefact folder; the ledger is built from it."""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_jsonable_python

import podium
from podium.errors import PodiumError, RunError
from podium.workspace import atomic, digests
from podium.workspace.layout import RECORD_FILE, Workspace

__all__ = [
    "ENDED_EARLY",
    "RECORD_FILE",
    "SCHEMA_VERSION",
    "UNKNOWN_START",
    "Record",
    "Status",
    "are_other_rows",
    "is_better_in_common_folds",
    "is_label_free_run",
    "is_of_all_labels",
    "other_name",
    "read_json",
    "read_record",
    "refuse_label_free",
    "scan",
    "scored_on_fewer_rows",
    "scores_of_all",
    "write_record",
]

_logger = logging.getLogger(__name__)

SCHEMA_VERSION = 1

Status = Literal["unfinished", "finished", "failed"]
UtcDatetime = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]


class Record(BaseModel):
    """The record of an artefact: what it is, what it came from, and what it scored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    schema_version: Literal[1] = 1
    kind: str = Field(
        description="run, predictions, blend, submission, import, pseudo, labels or study"
    )
    id: str = Field(description="the folder's name, <name>-<8 hex>")
    name: str
    created: UtcDatetime
    podium: str = Field(default=podium.__version__, description="version that wrote the record")
    status: Status
    parents: list[str] = Field(default_factory=list, description="ids of what it was made from")
    inputs: dict[str, Any] = Field(default_factory=dict, description="what the id hashes")
    scores: dict[str, Any] = Field(default_factory=dict)
    details: dict[str, Any] = Field(default_factory=dict)


def read_json(file: Path, *, fix: str) -> dict[str, Any]:
    """Return the JSON object in a file that podium wrote.

    Args:
        file: of an artefact.
        fix: what makes it anew, where it is damaged.

    Raises:
        RunError: it is no JSON object, or holds a number that is none; names the file.
        OSError: there is none, or it cannot be read.
    """
    try:
        found = json.loads(file.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise RunError(f"the file is damaged: {error}", where=file, fix=fix) from error
    if not isinstance(found, dict):
        what = f"the file is damaged: expected an object, got {type(found).__name__}"
        raise RunError(what, where=file, fix=fix)
    return found


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number of JSON")


def read_record(folder: Path) -> Record:
    """Return the record of an artefact folder.

    Raises:
        RunError: there is none, or it is not a record that this version of podium can read.
    """
    file = folder / RECORD_FILE
    digests.check(file)
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise RunError(
            "there is no record", where=file, fix="name the folder of an artefact"
        ) from error
    except UnicodeDecodeError as error:
        raise _malformed(file, str(error)) from error
    if "NaN" in text or "Infinity" in text:  # as text of a name they are fine
        read_json(file, fix=_RESTORE)
    try:
        return Record.model_validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        if first["loc"] == ("schema_version",):
            raise _newer(file, first["input"]) from error
        place = ".".join(map(str, first["loc"]))
        raise _malformed(file, f"{place}: {first['msg']}" if place else first["msg"]) from error


UNKNOWN_START = "unknown_start"
"""Key of facts and scores: nobody knows what the weights learnt that a training started from."""


ENDED_EARLY = "ended_early"
"""Key of facts: a fold was trained for fewer epochs than its recipe has, as the time was over."""


def scores_of_all(scores: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a run's scores by the competition's metric: of several tasks, of all together."""
    own: Mapping[str, Any] = scores.get("combined") or scores
    return own


def are_other_rows(rows: int | None, before: int | None) -> bool:
    """Return whether two scores are of different numbers of rows, which allow no comparison.

    A number that is not known counts as the same.
    """
    return None not in (rows, before) and rows != before


def scored_on_fewer_rows(rows: Mapping[str, int | None]) -> set[str]:
    """Return the artefacts whose score is of fewer rows than others': it is no rival of theirs.

    Args:
        rows: of each artefact with a score, by id; None where it is not known, which counts as the
            most.

    Example:
        >>> scored_on_fewer_rows({"whole": 225, "part": 90, "old": None})
        {'part'}
    """
    most = max((known or 0 for known in rows.values()), default=0)
    return {one for one, known in rows.items() if are_other_rows(known, most)}


def is_better_in_common_folds(
    one: Mapping[str, float | None],
    other: Mapping[str, float | None],
    *,
    greater_is_better: bool,
) -> bool | None:
    """Return whether the mean score of `one` is better than that of `other` in the folds of both.

    None: they have no fold in common, or one of them has no score in one.

    Args:
        one, other: the score of each fold.
        greater_is_better: of the scores.

    Example:
        >>> is_better_in_common_folds({"0": 0.75}, {"0": 0.5, "1": 0.9}, greater_is_better=True)
        True
    """
    pairs = [(one[fold], other[fold]) for fold in one if fold in other]
    gains = [mine - its for mine, its in pairs if mine is not None and its is not None]
    if not pairs or len(gains) < len(pairs):
        return None
    return sum(gains) > 0 if greater_is_better else sum(gains) < 0


def other_name(folder: Path, record: Record) -> tuple[str, str] | None:
    """Return that the folder of an artefact has not the name of its record, and the fix, if so.

    Files of the artefact, and others that name it, know it by its id.
    """
    if record.id == folder.name:
        return None
    room = folder.parent.name
    if folder.with_name(record.id).is_dir():
        return f"a copy of {record.id}", f"remove {room}/{folder.name}, or move it elsewhere"
    return f"{record.id} under another name", f"rename it to {room}/{record.id}"


def is_label_free_run(record: Record) -> bool:
    """Return whether a run trained on images alone: one network to start from, no predictions."""
    return record.kind == "run" and record.inputs.get("without_labels") is True


def is_of_all_labels(record: Record) -> bool:
    """Return whether a run has a network of all labels and no fold: it predicts, without a score.

    It is an ordinary run in all else: folds that are trained later go into it.
    """
    is_alone = record.details.get("finished") == ["full"]
    return record.kind == "run" and is_alone and not is_label_free_run(record)


def refuse_label_free(record: Record) -> None:
    """Raise for a run without predictions, where predictions are needed.

    Raises:
        RunError: the run was trained without labels.
    """
    if is_label_free_run(record):
        raise RunError(
            f"{record.id} was trained without labels, so it has no predictions",
            fix=f"train a recipe with model.from={record.id}, and name that run",
        )


def write_record(folder: Path, record: Record) -> None:
    """Write the record of an artefact folder, whole or not at all.

    Raises:
        RunError: a number is nan or infinite, which a record cannot hold; names the key.
    """
    # pydantic's own mode="json" would write nan as null; here it is to fail.
    content = to_jsonable_python(record.model_dump(), inf_nan_mode="constants")
    if (key := _key_of_no_number(content)) is not None:
        raise RunError(
            f"{key} is no finite number",
            where=folder / RECORD_FILE,
            fix="look for nan in the predictions and labels that it was computed from",
        )
    atomic.write_json(folder / RECORD_FILE, content)


def _key_of_no_number(content: Any, key: str = "") -> str | None:
    """Return the first key below which there is nan or infinity, as details.steps.0.threshold."""
    if isinstance(content, float):
        return None if math.isfinite(content) else key
    parts = (
        content.items()
        if isinstance(content, dict)
        else enumerate(content)
        if isinstance(content, list)
        else ()
    )
    found = (_key_of_no_number(one, f"{key}.{name}".lstrip(".")) for name, one in parts)
    return next((one for one in found if one is not None), None)


def scan(workspace: Workspace) -> list[tuple[Path, Record]]:
    """Return every artefact folder with its record; unreadable records are logged and left out."""
    found = []
    for folder, outcome in scan_all(workspace):
        if isinstance(outcome, Record):
            found.append((folder, outcome))
        else:
            _logger.warning("skipped: %s", outcome)
    return found


def scan_all(workspace: Workspace) -> Iterator[tuple[Path, Record | PodiumError]]:
    """Yield every artefact folder with its record, or with why that cannot be read."""
    for folder in workspace.artefact_folders():
        if (folder / RECORD_FILE).is_file():
            try:
                yield folder, read_record(folder)
            except PodiumError as error:
                yield folder, error


_RESTORE = "restore the file from a copy, or remove the folder to make it again"


def _malformed(file: Path, why: str) -> RunError:
    return RunError(
        f"this is not a record: {why}",
        where=file,
        fix=_RESTORE,
    )


def _newer(file: Path, version: object) -> RunError:
    return RunError(
        f"schema version must be {SCHEMA_VERSION}, got {version!r}", where=file, fix="update podium"
    )
