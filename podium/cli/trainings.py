"""The end of a training on a terminal: what it brought, and the two commands to go on with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from podium.cli.blends import describe_estimate
from podium.cli.context import command_line, print_to_type, progress, to_type_here, typed
from podium.cli.tables import print_json, print_table
from podium.competition.scores.combination import score_metric
from podium.ensembling.chance import in_draws, is_beyond_chance, share_of_draws
from podium.training.runs.advice import run_advice
from podium.workflows.blends.blending import finished_runs
from podium.workflows.blends.expected import estimate_of_run, expected_of_run
from podium.workflows.status import next_commands
from podium.workflows.training import raise_failed, summarise_seeds, train_recipes
from podium.workspace.display import number
from podium.workspace.progress import format_duration
from podium.workspace.records import scores_of_all

if TYPE_CHECKING:
    from podium.competition.scores.estimates import ExpectedScore, OnTestLike
    from podium.competition.spec import Competition
    from podium.training.runs.train import Trained
    from podium.workflows.training import SeedSummary
    from podium.workspace.layout import Workspace

__all__ = ["TrainingEnd", "train"]


def train(
    workspace: Workspace,
    competition: Competition,
    recipes: Sequence[str],
    *,
    overrides: tuple[str, ...],
    folds: Sequence[int] | None,
    full: bool,
    seeds: Sequence[int] | None,
    max_time_s: float | None,
    fit_time_s: float | None,
    again: int,
    on: str,
    as_json: bool,
    as_json_lines: bool,
) -> None:
    """Train recipes, and print what it brought: as JSON, or with two commands to go on with.

    The arguments but the last two are those of `train_recipes`.

    Raises:
        PodiumError: a training failed, after all is printed.
    """
    began = monotonic()
    attempts = train_recipes(
        workspace,
        competition,
        recipes,
        overrides=overrides,
        folds=folds,
        full=full,
        seeds=seeds,
        max_time_s=max_time_s,
        fit_time_s=fit_time_s,
        again=again,
        on=on,
        progress=progress(),
    )
    end = TrainingEnd(
        workspace,
        competition,
        trained=[one.trained for one in attempts if one.trained is not None],
        over_seeds=summarise_seeds(attempts) if seeds else None,
        seconds=monotonic() - began,
    )
    if as_json or as_json_lines:
        print_json(end.facts() if seeds or as_json_lines else end.facts()["runs"])
    else:
        end.print()
    raise_failed(attempts)


@dataclass(frozen=True)
class TrainingEnd:
    """What a `podium train` ends with.

    Attributes:
        workspace, competition: of the runs.
        trained: the runs that did not fail.
        over_seeds: mean and spread of each recipe; None: no seeds were named.
        seconds: that the command took.
    """

    workspace: Workspace
    competition: Competition
    trained: Sequence[Trained]
    over_seeds: Sequence[SeedSummary] | None
    seconds: float

    def facts(self) -> dict[str, Any]:
        """Return everything as JSON has it: runs, over_seeds, brought and next."""
        estimates = self._estimates()
        runs = [
            {
                **asdict(one),
                "run": one.run.name,
                "advice": run_advice(self.competition, one.run),
                **_estimate_as_json(estimates.get(one.run.name)),
            }
            for one in self.trained
        ]
        return {
            "runs": runs,
            "over_seeds": [asdict(one) for one in self.over_seeds or ()],
            "brought": self._gain(),
            "next": self._next_commands(),
        }

    def print(self) -> None:
        """Print the runs, what to expect of them, advice, and two commands to go on with."""
        if not self.trained:
            return
        metric = scores_of_all(self.trained[0].scores).get("metric", self.competition.metric.name)
        print_table(("run", "folds", f"OOF {metric}", "state"), map(_table_row, self.trained))
        if decided := self._decided():
            print_to_type(decided)
        for name, expected in self._expected().items():
            print_to_type(f"{name} {expected}")
        for name, found in self._estimates().items():
            print_to_type(f"{name} {describe_estimate(found)}")
        for one in self.trained:
            for line in run_advice(self.competition, one.run):
                print_to_type(f"{one.run.name}: {line}")
        if any(len(one.oof) > 1 for one in self.over_seeds or ()):
            print_over_seeds(self.over_seeds or ())
        gain = self._gain()
        if gain is not None:
            print(gain)
        print("next:", *self._next_commands(), sep="\n  ")

    def _decided(self) -> str:
        """Return how the answers of these scores were decided; "" where nothing is decided."""
        if len(self.competition.scored_tasks) > 1 or not self._finished():
            return ""
        metric = score_metric(self.competition)
        how = self.competition.tasks[self.competition.scored_task].plain_decision
        if not (metric.scores_decisions and how):
            return ""
        return (
            f"these scores are of the plain decision ({how}); podium blend tunes the decision, or "
            "keeps it plain where tuning gains too little"
        )

    def _finished(self) -> list[Path]:
        return [one.run for one in self.trained if not one.missing and not one.without_labels]

    def _estimates(self) -> dict[str, OnTestLike]:
        """Return the estimates of the finished runs that have one, by id."""
        each = {
            run.name: estimate_of_run(self.workspace, self.competition, run)
            for run in self._finished()
        }
        return {name: found for name, found in each.items() if found is not None}

    def _expected(self) -> dict[str, ExpectedScore]:
        """Return what to expect of the finished runs that predicted the test set, by id."""
        each = {
            run.name: expected_of_run(self.workspace, self.competition, run)
            for run in self._finished()
        }
        return {name: found for name, found in each.items() if found is not None}

    def _next_commands(self) -> list[str]:
        """Return two commands to go on with, the first as `podium status` has it; none of none."""
        if not self.trained:
            return []
        last = self.trained[-1]
        show = command_line("show", last.run.name)
        if last.stopped is not None:
            return [typed(), show]
        steps = next_commands(self.workspace, self.competition, 2)
        found = [to_type_here(one.command or one.purpose) for one in steps]
        return [*found, show][:2]

    def _gain(self) -> str | None:
        return describe_gain(self.workspace, self.competition, self.trained, self.seconds)


def describe_gain(
    workspace: Workspace, competition: Competition, trained: Sequence[Trained], seconds: float
) -> str | None:
    """Return what the finished runs of a command brought, in a line; None where none has a score.

    Args:
        workspace: of the runs.
        competition: of the workspace.
        trained: the runs of the command.
        seconds: that it took.
    """
    metric, own = score_metric(competition), {one.run.name for one in trained}
    name = scores_of_all(trained[0].scores).get("metric") if trained else None
    scores = {
        folder.name: float(oof)
        for folder, record in finished_runs(workspace)
        if (own_scores := scores_of_all(record.scores)).get("metric") == name
        and (oof := own_scores.get("oof")) is not None
    }
    best_of = max if metric.greater_is_better else min
    mine = {run: score for run, score in scores.items() if run in own}
    if not mine:
        return None
    best = best_of(mine, key=mine.__getitem__)
    found = f"{best}, OOF {name} {number(mine[best])}"
    if all(one.was_finished for one in trained):
        return f"{found}: it was finished before, and there was nothing to do"
    found += f", in {format_duration(seconds)}"
    if name != metric.name:
        return f"{found}: {name} is one part of {metric.name}; a blend scores them together"
    others = {run: score for run, score in scores.items() if run not in own}
    if not others:
        return f"best: {found}; no run was finished before this command"
    before = best_of(others, key=others.__getitem__)
    was, change = f"{before} ({number(others[before])})", mine[best] - others[before]
    by = number(abs(change))
    if by == number(0.0):
        return f"best: {found}; as good as the best run before, {was}"
    if (change > 0) == metric.greater_is_better:
        share = share_of_draws(workspace, competition, best, before)
        return f"best: {found}; better by {by} than the best run before, {was}{in_draws(share)}"
    share = share_of_draws(workspace, competition, before, best)
    which = "higher" if metric.greater_is_better else "lower"
    verdict = "not the best" if is_beyond_chance(share) else "perhaps not the best"
    return (
        f"{verdict}: {found}; worse by {by} than {was}{in_draws(share)}: a {which} {name} is better"
    )


def _estimate_as_json(found: OnTestLike | None) -> dict[str, Any]:
    return {} if found is None else {"on_test_like": found.to_json()}


def _table_row(one: Trained) -> tuple[str, str, str, str]:
    """Return the cells of the table for a run."""
    if one.without_labels:
        return (
            one.run.name,
            "",
            "",
            one.stopped or f"finished without labels: {_describe_use(one.run.name)}",
        )
    scores = scores_of_all(one.scores)
    folds = scores.get("folds", {})
    return (
        one.run.name,
        ", ".join(number(folds.get(str(fold))) for fold in one.finished),
        number(scores.get("oof")),
        one.stopped or _describe_state(one),
    )


def _describe_state(one: Trained) -> str:
    """Return what a run with labels lacks, or that its network of all labels is there alone."""
    if one.full and not one.finished:
        return "trained on all labels, without a score"
    return _describe_missing(one.missing)


def _describe_use(run: str) -> str:
    """Return the next command to use a run trained without labels."""
    return f"start from it, model.from={run}"


def _describe_missing(missing: tuple[int, ...]) -> str:
    """Return what a run still lacks.

    Example:
        >>> _describe_missing((0, 2)), _describe_missing(())
        ('folds 0, 2 to do', 'finished')
    """
    if not missing:
        return "finished"
    return f"fold{'s' if len(missing) > 1 else ''} {', '.join(map(str, missing))} to do"


def print_over_seeds(spread: Sequence[SeedSummary]) -> None:
    """Print mean and standard deviation of each recipe and task; of finished runs alone."""
    rows = [
        (
            one.recipe,
            one.metric,
            ", ".join(map(str, one.oof)) or None,
            number(one.mean),
            number(one.std),
        )
        for one in spread
    ]
    if rows:
        columns = ("recipe", "metric", "seeds", "mean", "std (n - 1)")
        print_table(columns, rows, title="OOF over the seeds of finished runs")
