"""`host.yaml`: the host's settings of one competition, and the layout of the host's folder.

The deadline can be set, moved or removed while the host runs. The public share of a test set stands
in competition.yaml, else in the solution of an embedded host.
"""

from __future__ import annotations

import csv
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, PrivateAttr

from podium.competition import metrics
from podium.competition.metrics import Metric
from podium.competition.scores.combination import metric_of_spec
from podium.competition.sections.tasks import MetricSpec, WrittenMetric, combination_of
from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.submissions.format.spec import SubmissionFormat
from podium.tasks.protocols.needs import Needs
from podium.workspace.atomic import write_text
from podium.workspace.documents import read_document
from podium.workspace.locks import hold
from podium.workspace.machine import now
from podium.workspace.marked_yaml import yaml_with_values

__all__ = [
    "FileState",
    "HostFolder",
    "HostSpec",
    "file_state",
    "parse_deadline",
    "public_share_of",
    "set_deadline",
]


class HostSpec(BaseModel):
    """The host's settings of its competition, besides the solution."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: str
    metric: WrittenMetric
    format: SubmissionFormat
    daily_limit: Annotated[int, Field(ge=1)] = 5
    deadline: AwareDatetime | None = Field(default=None, description="nothing is taken after it")
    reveal_private: bool = Field(
        default=False, description="show private scores before the deadline, too"
    )
    names: list[str] = Field(
        default_factory=list,
        description="under which browsers reach it, beside localhost, this machine's and addresses",
    )
    max_upload_bytes: Annotated[int, Field(ge=1)] = 256 << 20
    finals: Annotated[int, Field(ge=1)] = Field(
        default=2, description="submissions of a team that count for the private leaderboard"
    )
    max_score_s: Annotated[float, Field(gt=0)] = Field(
        default=120.0, description="seconds that scoring one submission may take while serving"
    )
    _root: Path | None = PrivateAttr(default=None)

    def at(self, root: Path) -> Self:
        """Return the same settings, with `root` as the folder of the organiser's own modules."""
        moved = self.model_copy()
        moved._root = root
        return moved

    def with_row_ids(self, table: str) -> Self:
        """Return the same settings, with `table` as the place of the table of row ids."""
        file = self.format.file
        assert file.lookup is not None
        lookup = file.lookup.model_copy(update={"table": table})
        file = file.model_copy(update={"lookup": lookup})
        return self.model_copy(update={"format": self.format.model_copy(update={"file": file})})

    @property
    def root(self) -> Path | None:
        """Folder of the organiser's own modules; None: not set."""
        return self._root

    @property
    def scored_by(self) -> Metric:
        """The metric; of several answers what combines them, which has no score of arrays.

        Raises:
            DataError: there is none of that name, or the organiser's own cannot be loaded.
        """
        return metric_of_spec(self.metric, self._root)

    def of_form(self, form: Needs) -> HostSpec:
        """Return the settings for the terms of a sum that need `form`, as if they were alone."""
        _, metric, options = metrics.of_need(self.scored_by, form, self.metric.options)
        own = MetricSpec(name=metric.name, task=self.metric.task, **options)
        return self.model_copy(update={"metric": own})

    @property
    def of_answers(self) -> list[HostSpec]:
        """The settings of each part of the score, as if it were alone; of one metric, one."""
        combination = combination_of(self.metric)
        if combination is None:
            task = self.metric.task or self.format.task
            return [self.model_copy(update={"format": self.format.answer_of(task)})]
        return [
            self.model_copy(
                update={"metric": part.alone, "format": self.format.answer_of(part.task)}
            )
            for part in combination.parts_of_tasks
            if part.task is not None
        ]


@dataclass(frozen=True)
class HostFolder:
    """Paths of the files of a host."""

    root: Path

    @property
    def spec_file(self) -> Path:
        return self.root / "host.yaml"

    @property
    def solution(self) -> Path:
        return self.root / "solution.csv"

    @property
    def files(self) -> Path:
        """Folder of the files that participants may download."""
        return self.root / "files"

    @property
    def uploads(self) -> Path:
        return self.root / "uploads"

    @property
    def database(self) -> Path:
        return self.root / "host.db"

    @property
    def tokens(self) -> Path:
        return self.root / "tokens.json"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def locks(self) -> Path:
        return self.root / "locks"

    def spec(self) -> HostSpec:
        """Return the host's settings.

        Raises:
            UsageError: this is no host's folder, or `host.yaml` is not as it must be.
        """
        if not self.spec_file.is_file():
            raise UsageError(
                "this is no host's folder: there is no host.yaml",
                where=self.root,
                fix="make one with `podium host init`",
            )
        found = read_document(self.spec_file, HostSpec, error=UsageError).at(self.root)
        lookup = found.format.file.lookup
        return found if lookup is None else found.with_row_ids(str(self.root / lookup.table))


FileState = tuple[int, int, int]


def file_state(file: Path) -> FileState | None:
    """Return what differs once a file was changed or replaced; None: there is none."""
    try:
        about = os.stat(file)  # noqa: PTH116 — at every call of the protocol
    except OSError:
        return None
    return about.st_mtime_ns, about.st_ino, about.st_size


def set_deadline(folder: HostFolder, deadline: datetime | None) -> None:
    """Write the deadline (None: there is none) to host.yaml; all else in it stays.

    Raises:
        UsageError: this is no host's folder, or host.yaml cannot be changed there.
    """
    with hold(folder.locks / "settings", what="the settings of the host"):
        folder.spec()
        text = folder.spec_file.read_text(encoding="utf-8")
        value = None if deadline is None else deadline.astimezone(UTC).isoformat()
        try:
            changed = yaml_with_values(text, {("deadline",): value})
        except ValueError as error:
            raise UsageError(
                f"the deadline cannot be written: {error}",
                where=folder.spec_file,
                fix="write the line `deadline: 2026-12-20T18:00:00Z` by hand",
            ) from error
        write_text(folder.spec_file, changed)
        folder.spec()


def parse_deadline(text: str) -> datetime:
    """Return the time in `text`, `2026-12-20T18:00`, in UTC unless it names a zone.

    Raises:
        UsageError: it is no time.
    """
    if text == "now":
        return now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is no moment", fix="write 2026-12-20T18:00 (UTC) or 2026-12-20T18:00+01:00"
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def public_share_of(competition: Competition) -> float | None:
    """Return the public share of the test set, in [0, 1]; None: unknown.

    It is `kaggle.public_share` of the competition, else what the solution of the embedded host in
    `kaggle.host` marks as public: there, 1 where it marks nothing.
    """
    share, host = competition.kaggle.public_share, competition.kaggle.host
    if share is not None or host is None or "://" in host:
        return share
    counts = {"public": 0, "private": 0}
    try:
        with HostFolder(competition.root / host).solution.open(newline="") as file:
            reader = csv.reader(file)
            names = [name.lower() for name in next(reader)]
            if "usage" not in names:
                return 1.0
            place = names.index("usage")
            for row in reader:
                usage = row[place].strip().lower() if len(row) > place else ""
                counts[usage] = counts.get(usage, 0) + 1
    except (OSError, ValueError, csv.Error, StopIteration):
        return None
    n = counts["public"] + counts["private"]
    return counts["public"] / n if n else None
