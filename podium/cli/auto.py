"""`podium auto` on a terminal: the plan with its seconds, then what each step brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from podium.cli.context import progress
from podium.cli.tables import number, print_json, print_table
from podium.workflows.auto.run import auto, plan_auto

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workspace.auto_record import AutoRecord
    from podium.workspace.layout import Workspace

__all__ = ["run_auto"]


def run_auto(
    workspace: Workspace,
    competition: Competition,
    seconds: float,
    *,
    plan_only: bool,
    on: str,
    as_json: bool,
) -> None:
    """Print the plan, do it unless `plan_only`, and print what became of it."""
    if plan_only:
        record = plan_auto(workspace, competition, seconds, progress=progress())
        if as_json:
            print_json(record.model_dump(mode="json"))
        else:
            print_plan(record)
        return
    result = auto(
        workspace,
        competition,
        seconds,
        planned=(lambda record: None) if as_json else print_plan,
        on=on,
        progress=progress(),
    )
    if as_json:
        found = result.record.model_dump(mode="json")
        print_json({**found, "file": str(result.file), "blend": result.blend})
        return
    print_steps(result.record)
    print(f"the file, checked: {result.file}")
    if result.blend is None:
        print("it holds what is most frequent: no step was finished; give it more --time")
    else:
        print(f"send it: podium submit {result.blend}; see it: podium report --open")


def print_plan(record: AutoRecord) -> None:
    """Print what is known, and the steps with their expected seconds."""
    for line in record.facts:
        print(line)
    rows = [(one.name, f"{one.expected_s:.0f} s", one.why) for one in record.steps]
    planned = sum(one.expected_s for one in record.steps)
    title = f"plan {record.id}: {planned:.0f} s of training in {record.budget_s:.0f} s"
    print_table(("step", "expected", "what"), rows, title=title)
    if not rows:
        print("no training fits into this time: the file will hold what is most frequent")


def print_steps(record: AutoRecord) -> None:
    """Print what each step brought for its time."""
    rows: list[tuple[object, ...]] = []
    before: float | None = None
    for one, end in zip(record.steps, record.ends(), strict=True):
        change = None
        if one.honest is not None and before is not None:
            change = f"{one.honest - before:+.4f}"
        if one.honest is not None:
            before = one.honest
        state = one.state if one.state == "finished" else f"{one.state}: {one.note}"
        rows.append(
            (
                one.name,
                f"{one.seconds:.0f} s",
                f"{one.cpu_seconds:.0f} s",
                f"{end / 60:.1f} min",
                number(one.alone),
                number(one.honest),
                change,
                state.partition("\n")[0],
            )
        )
    columns = ("step", "took", "CPU", "at", "alone", f"honest {record.metric}", "change", "state")
    print_table(columns, rows, title=f"{record.used_s:.0f} of {record.budget_s:.0f} s used")
