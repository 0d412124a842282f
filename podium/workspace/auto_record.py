"""The record of `podium auto`: its plan, and what each step brought for its time.

A plan lies in `auto/<8 hex>/`: `record.json`, and the recipes of its steps. The record is written
after every step, so that the same command goes on after a kill, with the plan that was made. Where
steps leave time, steps of another plan for it follow them in the same record.
"""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from podium.errors import RunError, UsageError
from podium.workspace import digests
from podium.workspace.atomic import write_json
from podium.workspace.layout import Workspace
from podium.workspace.records import RECORD_FILE, are_other_rows

__all__ = [
    "LEAST_S",
    "AutoRecord",
    "AutoStep",
    "PlanOfRest",
    "StepState",
    "auto_records",
    "read_auto",
    "refuse_short_time",
    "write_auto",
]

LEAST_S = 20.0
"""Seconds in which something may be trained."""

StepState = Literal["planned", "finished", "skipped", "stopped", "failed"]


class _RecordPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class AutoStep(_RecordPart):
    """A step of the plan: what it trains, and what became of it."""

    name: str
    """of its recipe, and so of its run"""
    kind: str
    """the file of `workflows/auto/steps/` that proposed it"""
    plan: int = 0
    """0: of the first plan; 1, 2 …: of one for the time that the steps before left"""
    why: str
    """what it is, with what made it apply here"""
    expected_s: float
    """measured before anything was trained"""
    teacher: str | None = None
    """step whose pseudo-labels it learns from"""
    folds: int | None = None
    """so many of the folds are trained, the first ones; None: all"""
    repeats: str | None = None
    """step with the same recipe but for the seed, which takes as long"""
    extends: str | None = None
    """step whose run gets further folds by this one, up to `folds`, and whose recipe it has"""
    is_spare: bool = False
    """no time is planned for it: it is done where the steps before leave enough"""
    lower_rate: float | None = None
    """learning rate of its second try, as the first one collapsed; its recipe has it"""
    state: StepState = "planned"
    note: str = ""
    """why it was skipped or stopped, or failed"""
    seconds: float = 0.0
    """with the blend and the file behind it"""
    blend_s: float = 0.0
    """of these, what the blend and the file took"""
    cpu_seconds: float = 0.0
    run: str | None = None
    """id of its run; before it is done of one that was there, which it takes"""
    alone: float | None = None
    """out-of-fold score of its run, plainly decided"""
    blend: str | None = None
    """id of the blend of this run and all before it, from which the file was written"""
    stays: str | None = None
    """id of a blend of more rows that is still sent: this one is not better in the same folds"""
    honest: float | None = None
    """honest score of that blend"""
    honest_interval: tuple[float, float] | None = None
    scored_rows: int | None = None
    """rows that this score is of: those that all runs of the blend predicted out of fold"""

    def is_of_other_rows(self, before: AutoStep) -> bool:
        """Return whether the blend before was scored on other rows, which allow no comparison."""
        return are_other_rows(self.scored_rows, before.scored_rows)

    def beside(self, before: AutoStep) -> str:
        """Return how its blend compares with the one before, which was scored on other rows."""
        if self.stays is not None:
            return "not better in the same folds"
        if (self.scored_rows or 0) < (before.scored_rows or 0):
            return "better in the same folds"
        return "not compared"

    @property
    def sent(self) -> str | None:
        """The blend that the file holds after this step; None where none was made."""
        return self.stays or self.blend

    @property
    def lacks_folds(self) -> bool:
        """Whether its time was over before all of its folds were trained."""
        n_folds = "1 fold" if self.folds == 1 else f"{self.folds} folds"
        return self.state == "finished" and self.note.startswith(f"{n_folds}: out of time")

    @property
    def is_unused(self) -> bool:
        """Whether it is a spare step for which no time was left."""
        return self.is_spare and self.state == "skipped"


class PlanOfRest(_RecordPart):
    """A plan for the time that the steps before left.

    One of which no step is finished is the last; one without steps found none that fits and gains.
    """

    left_s: float
    """that it was made for"""
    planning_s: float
    longer: float = 1.0
    """times as long as timed that its steps are expected to take, as those before did"""


_SHOWN = 4  # digits of a score behind the point


class AutoRecord(_RecordPart):
    """A plan, and what was done of it."""

    format: Literal[1] = 1
    id: str
    created: Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
    budget_s: float
    metric: str
    greater_is_better: bool
    facts: tuple[str, ...]
    """what is known of data and machine, a line each"""
    known: tuple[str, ...] = ()
    """ids of the runs that were there, which are blended with those of this plan"""
    planning_s: float
    """from the start to the plan: a first file, the facts, real steps that were timed"""
    least_s: float | None = None
    """of the smallest training, where the plan has none"""
    steps: tuple[AutoStep, ...] = Field(default=())
    longer: float = 1.0
    """times as long as timed that the steps of the first plan are expected to take"""
    rest: tuple[PlanOfRest, ...] = ()
    """plans behind the first one, for the time that was left"""

    @property
    def used_s(self) -> float:
        """Seconds of the plans and of the steps that are over."""
        planning_s = self.planning_s + sum(one.planning_s for one in self.rest)
        return planning_s + sum(one.seconds for one in self.steps)

    def longer_of(self, plan: int) -> float:
        """Return how many times as long as timed the steps of a plan are expected to take."""
        return self.rest[plan - 1].longer if plan else self.longer

    def steps_of(self, plan: int) -> tuple[AutoStep, ...]:
        """Return the steps of a plan, by its number."""
        return tuple(one for one in self.steps if one.plan == plan)

    @property
    def is_over(self) -> bool:
        """Whether no step is left."""
        return all(one.state != "planned" for one in self.steps)

    def ends(self) -> list[float]:
        """Return the seconds, from the start, at which each step ended."""
        found, at, plan = [], self.planning_s, 0
        for one in self.steps:
            at += one.seconds + sum(again.planning_s for again in self.rest[plan : one.plan])
            plan = one.plan
            found.append(at)
        return found

    def step(self, name: str) -> AutoStep:
        """Return the step of this name."""
        return next(one for one in self.steps if one.name == name)

    def verdict(self, before: float, after: float) -> str:
        """Return whether a score is `better` or `worse` than the one before; "" where it shows not.

        A loss, as the mean absolute error, is better where it is lower.
        """
        change = round(after - before, _SHOWN)
        if change == 0:
            return ""
        return "better" if (change > 0) == self.greater_is_better else "worse"

    def with_step(self, step: AutoStep) -> AutoRecord:
        """Return the record with `step`, checked, in the place of the one of its name."""
        checked = AutoStep.model_validate(step.model_dump())
        steps = tuple(checked if one.name == step.name else one for one in self.steps)
        return self.model_copy(update={"steps": steps})


def read_auto(folder: Path) -> AutoRecord:
    """Return the record in a plan's folder.

    Raises:
        RunError: there is none, or it cannot be read.
    """
    file = folder / RECORD_FILE
    digests.check(file)
    try:
        return AutoRecord.model_validate_json(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        raise RunError(
            f"this is no record of a plan: {type(error).__name__}",
            where=file,
            fix="remove its folder, and run podium auto again",
        ) from error


def write_auto(folder: Path, record: AutoRecord) -> None:
    """Write the record of a plan, whole or not at all; its folder is made."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / RECORD_FILE, record.model_dump(mode="json"))


def auto_records(workspace: Workspace) -> list[AutoRecord]:
    """Return the plans of a workspace, oldest first.

    Raises:
        RunError: one cannot be read.
    """
    folders = [one.parent for one in workspace.auto.glob(f"*/{RECORD_FILE}")]
    return sorted(map(read_auto, folders), key=lambda one: (one.created, one.id))


def refuse_short_time(budget_s: float) -> None:
    """Refuse a time in which nothing can be trained, before anything is imported for it.

    Raises:
        UsageError: it is below `LEAST_S`.
    """
    if budget_s < LEAST_S:
        raise UsageError(
            f"{budget_s:g} s are too short to train anything",
            fix=f"give it minutes: --time {max(round(budget_s), 3)}m",
        )
