"""A run of `podium auto` on a terminal: its plan, its steps, its file, and what sends the best."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from podium.cli.blends import print_what_to_expect
from podium.cli.context import print_to_type, progress
from podium.cli.tables import print_json, print_table
from podium.competition.samples import left_out_sentence
from podium.ensembling.chance import in_draws, share_of_draws
from podium.errors import RunError
from podium.submissions.board.best_to_send import BestToSend, finished_work
from podium.workflows.auto.run import auto, plan_auto
from podium.workflows.checking import check_constant_columns
from podium.workflows.status import current_file, steps_of_sending
from podium.workspace.display import number
from podium.workspace.records import are_other_rows, read_record

if TYPE_CHECKING:
    from podium.competition.spec import Competition
    from podium.workflows.auto.run import AutoResult
    from podium.workflows.next_command import NextCommand
    from podium.workspace.auto_record import AutoRecord, AutoStep
    from podium.workspace.layout import Workspace

__all__ = ["plan_and_print", "print_plan", "print_steps", "run_auto"]

_MUCH_LEFT = 0.2
"""Share of the time that must be left for a note on why nothing was done in it."""


def plan_and_print(
    workspace: Workspace, competition: Competition, seconds: float, *, as_json: bool
) -> None:
    """Print the plan of `podium auto` for so many seconds; nothing is trained."""
    record = plan_auto(workspace, competition, seconds, progress=progress())
    if as_json:
        print_json(record.model_dump(mode="json"))
    else:
        print_plan(record)


def run_auto(
    workspace: Workspace,
    competition: Competition,
    seconds: float,
    *,
    started: float,
    on: str,
    as_json: bool,
) -> None:
    """Go from a workspace to a checked file in so many seconds, and print each plan and the end.

    Args:
        workspace, competition: as everywhere.
        seconds: for everything.
        started: when the command began, of `time.monotonic`.
        on: where trainings run.
        as_json: prints the record alone.

    Raises:
        PodiumError: the problem of the file, after all is printed.
    """
    here = workspace, competition
    planned = (lambda record, first: None) if as_json else print_plan
    result = auto(*here, seconds, started=started, planned=planned, on=on, progress=progress())
    if as_json:
        found = result.record.model_dump(mode="json")
        file = None if result.problem is not None else str(result.file)
        print_json({**found, "file": file, "blend": result.blend})
    else:
        print_steps(result.record)
        if result.blend is not None:
            print_what_to_expect(*here, workspace.blends / result.blend)
        _print_file(result, *here)
    if result.problem is not None:
        raise result.problem


def _print_file(result: AutoResult, workspace: Workspace, competition: Competition) -> None:
    """Print which file stands, what it holds, and what would help where little was trained."""
    if result.problem is None:
        print(f"the file, checked: {result.file}")
        if not_predicted := left_out_sentence(competition):
            print_to_type(f"but {not_predicted}")
        for one in check_constant_columns(competition):
            print_to_type(f"but {one.title}: {one.detail}; {one.fix}")
        if result.blend is None:
            print("it holds what is most frequent")
    if result.blend is None or result.advice is not None:
        print_to_type(result.advice or _why_nothing(result.record))
    if result.blend is None or result.problem is not None:
        return
    for line in _lines_of_sending(result, workspace, competition):
        print_to_type(line)


def _lines_of_sending(
    result: AutoResult, workspace: Workspace, competition: Competition
) -> Iterator[str]:
    """Yield what the file is of, and last what sends the best of all, as `podium status` has it."""
    here = workspace, competition
    best, file = finished_work(*here).best, result.file.name
    yield from _of_folds_to_train(result.record, workspace)
    see = "see how it scores: podium report --open"
    if best is None or best.name == result.blend:
        if best is not None:
            yield from _beside_the_last(result.record, *here, best, file)
        yield see
        if best is None:
            yield f"hand in {file}, the file of {result.blend}"
        else:
            yield _sending(next(steps_of_sending(*here, best, file=file), None), best.name)
        return
    yield f"{file} is the file of {result.blend}, not of the best, {best.name}: {best.why}"
    yield see
    yield _sending(next(steps_of_sending(*here, best), None), best.name)


def _sending(step: NextCommand | None, best: str) -> str:
    """Return what comes behind the best of all: a step, or that a host has it."""
    if step is None:
        return f"a host has the best, {best}; for more: podium recipes suggest"
    return f"{step.purpose}: {step.command}" if step.command else step.purpose


def _blended(record: AutoRecord) -> list[AutoStep]:
    """Return the steps whose blend has an honest score."""
    return [one for one in record.steps if one.blend is not None and one.honest is not None]


def _beside_the_last(
    record: AutoRecord, workspace: Workspace, competition: Competition, best: BestToSend, file: str
) -> Iterator[str]:
    """Yield how the best, which the file is of, compares with the last blend.

    Args:
        record: of the plan.
        workspace, competition: as everywhere.
        best: what is sent.
        file: name of its file.
    """
    blended = _blended(record)
    if not blended:
        return
    if blended[-1].sent == best.name:
        yield from _of_fewer_rows(blended, workspace, competition, best, file)
        return
    yield f"{file} is the file of {best.name}: {best.why}"
    # What stays in its place may be of an earlier plan.
    held = (one for one in blended if one.blend == blended[-1].sent)
    last = next(held, blended[-1])
    if last.blend == best.name:
        return
    honest = f"the blend of all runs, {last.blend}, has honest {number(last.honest)}"
    if are_other_rows(last.scored_rows, best.blend.scored_rows):
        yield f"{honest} of {last.scored_rows} rows"
    elif number(last.honest) == number(best.blend.honest):
        yield f"{honest}, too: either may be sent"
    else:
        assert last.blend is not None
        share = share_of_draws(workspace, competition, best.name, last.blend)
        yield f"{honest}: worse{in_draws(share)}"


def _of_folds_to_train(record: AutoRecord, workspace: Workspace) -> Iterator[str]:
    """Yield of which runs folds are to train, as their time was over, and what trains them."""
    for step in record.steps:
        if not step.lacks_folds or step.folds is None or step.run is None:
            continue
        try:
            known = read_record(workspace.runs / step.run)
        except RunError:  # it was removed
            continue
        n, n_folds = len(known.scores.get("folds", {})), known.details.get("n_folds")
        if n > step.folds:
            continue
        recipe = workspace.auto / record.id / f"{step.extends or step.name}.yaml"
        of_all = "" if n_folds is None else f" of {n_folds}"
        yield (
            f"{step.run} has {n}{of_all} folds, on whose rows it is scored: to train the others, "
            f"of about {max(step.seconds - step.blend_s, 0) / step.folds:.0f} s each: podium train "
            f"{recipe.relative_to(workspace.root)}"
        )


def _of_fewer_rows(
    blended: Sequence[AutoStep],
    workspace: Workspace,
    competition: Competition,
    best: BestToSend,
    file: str,
) -> Iterator[str]:
    """Yield which of two blends is sent, and how the other one is, where the last one lacks folds.

    Args:
        blended: the steps whose blend has a score.
        workspace, competition: as everywhere.
        best: what is sent.
        file: name of its file.
    """
    last = blended[-1]
    whole = max(blended, key=lambda one: one.scored_rows or 0)
    if last.stays is not None:
        other = last.blend
        yield f"{other} has more runs, but is scored on {last.scored_rows} rows alone"
        yield f"in the same folds it is not better than {last.stays}, so {file} stays that one's"
    elif (whole.scored_rows or 0) > (last.scored_rows or 0):
        other = whole.blend
        yield f"{file} is scored on {last.scored_rows} rows: a run of it lacks folds"
        yield f"in the same folds it is better than {other}, of {whole.scored_rows}: send {file}"
    else:
        return
    assert other is not None
    of_other = BestToSend(other, "", replace(best.blend, id=other), was_sent=False)
    command = next(steps_of_sending(workspace, competition, of_other)).command
    hand_in = f"hand in {current_file(workspace, competition, other)}"
    yield f"for {other} instead: {command or hand_in}"


def _why_nothing(record: AutoRecord) -> str:
    """Return why no finished step led to a blend."""
    last = [one for one in record.steps if one.state == "finished"][-1]
    why = last.note.partition("\n")[0]
    return f"{last.name} was trained; {why}; its run is {last.run}"


def print_plan(record: AutoRecord, first: int = 0) -> None:
    """Print what is known, and the steps of each plan with their expected seconds.

    Args:
        record: of the plans.
        first: number of the first plan that is printed: 0 is that of the whole time.
    """
    if not first:
        for line in record.facts:
            print_to_type(line)
        _print_steps_of(record.steps_of(0), f"plan {record.id}", record.budget_s)
        if record.known:
            print_to_type(f"blended with what is there: {', '.join(record.known)}")
        if not record.steps:
            content = "the blend of what is there" if record.known else "what is most frequent"
            print(f"no training fits into this time: the file will hold {content}")
    for plan, rest in enumerate(record.rest, start=1):
        if plan >= first and record.steps_of(plan):
            title = f"plan {plan + 1}, for the time that is left"
            _print_steps_of(record.steps_of(plan), title, rest.left_s)


def _print_steps_of(steps: Sequence[AutoStep], title: str, seconds: float) -> None:
    """Print the steps of a plan for so many seconds, and of which there may be more."""
    planned = [one for one in steps if not one.is_spare]
    rows = [(one.name, f"{one.expected_s:.0f} s", one.why) for one in planned]
    expected = sum(one.expected_s for one in planned)
    columns, of_time = ("step", "expected", "what"), f"{expected:.0f} s of training in"
    print_table(columns, rows, title=f"{title}: {of_time} {seconds:.0f} s")
    for what, is_of_folds in (("folds", True), ("seeds", False)):
        spare = dict.fromkeys(
            one.repeats or one.name
            for one in steps
            if one.is_spare and (one.extends is not None) == is_of_folds
        )
        if spare:
            names = ", ".join(spare)
            print(f"where steps take less time than expected: further {what} of {names}")


def _shown_state(step: AutoStep) -> str:
    """Return what became of a step, as the table shows it."""
    if step.state != "finished":
        return f"{step.state}: {step.note}"
    if step.lacks_folds:
        return step.note
    if step.lower_rate is None:
        return step.state
    return f"finished with optimizer.lr {step.lower_rate:g}; it had collapsed with a higher one"


def print_steps(record: AutoRecord) -> None:
    """Print what each step brought for its time."""
    rows: list[tuple[object, ...]] = []
    before: AutoStep | None = None
    for one, end in zip(record.steps, record.ends(), strict=True):
        if one.is_unused:
            continue
        change = None
        if one.honest is not None and before is not None and before.honest is not None:
            verdict = record.verdict(before.honest, one.honest)
            change = f"{one.honest - before.honest:+.4f} {verdict}".rstrip()
            if one.is_of_other_rows(before):
                of_rows = f"{one.scored_rows} rows, not {before.scored_rows}"
                change = f"{one.beside(before)} ({of_rows})"
        if one.honest is not None:
            before = one
        state = _shown_state(one)
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
    left = record.budget_s - record.used_s
    done = [one for one in record.steps if not one.is_unused]
    if left > _MUCH_LEFT * record.budget_s and all(one.state == "finished" for one in done):
        print(f"{left:.0f} s are left, for which no step is planned: a longer --time plans more")
