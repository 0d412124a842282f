"""Plan the steps of `podium auto` for a time: each with its recipe, timed on this machine.

The speed of this machine is measured by the plan; its steps follow it, so that after a kill the
same ones are taken. The plan is a folder of `auto/`, known by the data and the time, with the
recipes and a record. For time that steps leave another plan is made there, by the speed they had.
"""

from __future__ import annotations

import importlib
import itertools
import time
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from podium.competition import metrics
from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.sections.tasks import combination_of
from podium.competition.spec import Competition
from podium.errors import DataError, PodiumError, RunError, UsageError, plural
from podium.predictions.candidates import is_current
from podium.training.runs.content import folds_digest
from podium.training.runs.history import read_metrics
from podium.training.runs.job import TrainingData
from podium.workflows.auto import steps as steps_folder
from podium.workflows.auto.own_probes import OwnProbes
from podium.workflows.auto.proposal import (
    MeasureCost,
    NotTimedError,
    Proposal,
    RecipeCost,
    Situation,
    measure_cost,
    networks_at_hand,
)
from podium.workflows.auto.steps import small
from podium.workflows.blends.blending import finished_runs
from podium.workflows.checking import refuse_unfit_answers
from podium.workflows.suggestions.times import facts_here
from podium.workspace import extensions
from podium.workspace.atomic import write_text
from podium.workspace.auto_record import (
    AutoRecord,
    AutoStep,
    auto_records,
    refuse_short_time,
)
from podium.workspace.ids import canonical_json, short_digest
from podium.workspace.layout import Workspace
from podium.workspace.machine import now, this_machine
from podium.workspace.marked_yaml import load_plain_yaml
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import read_record, scores_of_all

__all__ = [
    "RESERVE",
    "Done",
    "Plan",
    "backbone_of",
    "epochs_done",
    "make_plan",
    "n_folds_here",
    "needed_s",
    "plan_folder",
    "recipe_of",
    "recipe_text",
    "record_of",
    "step_modules",
    "steps_of",
    "write_recipes",
]

RESERVE = 0.1
"""Share of the time that no training is planned into: blends, files, and what was misjudged."""
PLANNED_AGAIN, MISJUDGED = 2, 0.02
"""How often steps are proposed anew; not where timing them took no more than this share."""
TIMING_SHARE = 0.2
"""Of the time, for timing steps: after it no further one is timed. On a busy machine six of them
took 95 s of 240."""
MOST_OTHERS = 5
"""Runs that no plan trained and that are blended with those of one: more take its time."""


@dataclass(frozen=True)
class Plan:
    """The steps, in order.

    Attributes:
        facts: lines on data, machine and networks.
        proposals: step file → its proposal, in the order of the steps.
        least_s: seconds of the smallest training, where none is proposed; None where it is unknown.
        longer: how many times as long as timed the steps are expected to take.
    """

    facts: tuple[str, ...]
    proposals: tuple[tuple[str, Proposal], ...]
    least_s: float | None = None
    longer: float = 1.0


@dataclass(frozen=True)
class Done:
    """What is trained of a time, before a plan for the rest of it.

    Attributes:
        trained: trainings that are over, each with the seconds that it took, divided by `longer`.
        longer: how many times as long as timed they took.
        failed: file of a step and backbone, where that failed: it would again.
        names: of steps, which no other may have.
    """

    trained: tuple[Proposal, ...]
    longer: float = 1.0
    failed: frozenset[tuple[str, str]] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass
class _Timer:
    """Times recipes for a plan, each once, within a share of the time.

    Attributes:
        time_it: times a few real steps of a recipe.
        share_s: seconds after which no further recipe is timed.
        progress: gets a line for each.
        costs: what is known, by recipe.
        spent_s: seconds of timing so far.
        is_over: whether a recipe was not timed any more.
    """

    time_it: MeasureCost
    share_s: float
    progress: Progress
    costs: dict[str, RecipeCost] = field(default_factory=dict)
    spent_s: float = 0.0
    is_over: bool = False

    def measure(self, recipe: dict[str, Any]) -> RecipeCost:
        """Return what a recipe costs; after the share, in proportion to another size of it.

        Raises:
            NotTimedError: no time is left to time it, and it is known at no size.
            PodiumError: as training would.
        """
        key = _key(recipe)
        if key in self.costs or self.spent_s < self.share_s:
            return self.measure_anyhow(recipe)
        size = recipe["input"]["size"]
        for known, cost in self.costs.items():
            if _key({**recipe, "input": {**recipe["input"], "size": cost.size}}) == known:
                return cost.at(size)
        if not self.is_over:
            self.is_over = True
            spent = f"{self.spent_s:.0f} of {self.share_s:.0f} s are used"
            self.progress.say(f"  no further step is timed: {spent}")
        raise NotTimedError("timing other steps took its share of the time")

    def measure_anyhow(self, recipe: dict[str, Any]) -> RecipeCost:
        """Return what a recipe costs, also after the share."""
        key = _key(recipe)
        if key not in self.costs:
            model, size = recipe["model"]["backbone"], recipe["input"]["size"]
            parts = " and ".join(map(_part, recipe["phases"]))
            self.progress.say(
                f"  timing {len(self.costs) + 1}: {model} at {size} px, {parts} "
                f"({self.spent_s:.0f} of {self.share_s:.0f} s)"
            )
            begun = time.monotonic()
            try:
                self.costs[key] = self.time_it({**recipe, "pseudo": []})
            finally:
                self.spent_s += time.monotonic() - begun
        return self.costs[key]


def _part(phase: dict[str, Any]) -> str:
    """Return a phase in words."""
    is_part = phase.get("freeze") and phase["name"] != "heads"
    return f"{phase['name']} in part" if is_part else str(phase["name"])


def _key(recipe: dict[str, Any]) -> str:
    return canonical_json({**recipe, "seed": 0, "phases": _without_epochs(recipe["phases"])})


def step_modules() -> list[ModuleType]:
    """Return the files of `workflows/auto/steps`, in their order."""
    found = [
        importlib.import_module(f"{steps_folder.__name__}.{name}")
        for name in extensions.names(steps_folder)
    ]
    return sorted(found, key=lambda one: (one.PLACE, one.__name__))


def make_plan(
    workspace: Workspace,
    competition: Competition,
    seconds: float,
    *,
    started: float | None = None,
    done: Done | None = None,
    progress: Progress = SILENT,
) -> Plan:
    """Return the steps that fit into `seconds`, each with its recipe.

    Nothing is trained but a few steps, to time them, and those are not kept. What that takes is
    taken off the time: the steps are proposed again for what it leaves.

    Args:
        workspace, competition: as everywhere.
        seconds: of planning and of the steps.
        started: when they began, by `time.monotonic`; default: now.
        done: what is trained already, where the seconds are those that are left of a time: steps
            that only repeat it, and such as have failed, are left out.
        progress: gets lines.

    Raises:
        DataError: the data cannot be read, as an image that every step needs.
    """
    started = time.monotonic() if started is None else started
    facts = facts_here(workspace, competition, this_machine(), progress=progress)
    if done is None:
        progress.say("  a few real steps are timed for the plan")
    networks = networks_at_hand(facts)
    timer = _Timer(
        lambda recipe: measure_cost(workspace, competition, recipe),
        TIMING_SHARE * seconds,
        progress,
    )

    # A step that ran out of time shows what timed steps do not: a machine that others use, too.
    longer = _longer_than_expected(workspace) if done is None else done.longer
    own = OwnProbes(workspace, competition, _known_runs(workspace, competition))
    budget = (1 - RESERVE) * seconds / longer
    n_folds = n_folds_here(workspace, competition)
    begun = _begun(workspace, competition, n_folds, longer) if done is None else []

    def proposed() -> tuple[Situation, list[tuple[str, Proposal]], float]:
        began = time.monotonic()
        left = max(budget - (began - started) / longer, 0.0)
        of_left = Situation(facts, n_folds, networks, left, budget, timer.measure)
        if done is not None:
            of_left = replace(of_left, earlier=done.trained, is_rest=True)
        found = _all_steps(of_left, timer, progress, own, done, begun)
        return *found, time.monotonic() - began

    situation, planned, took = proposed()
    for _ in range(PLANNED_AGAIN):
        if took <= MISJUDGED * seconds:
            break
        situation, planned, took = proposed()
    planned = [(kind, replace(one, expected_s=longer * one.expected_s)) for kind, one in planned]
    least = None
    if done is not None:
        planned = planned if any(not one.is_spare for _, one in planned) else []
    elif not planned:
        with suppress(PodiumError):
            asked = replace(situation, measure=timer.measure_anyhow)
            least = longer * small.least_seconds(asked)
    return Plan(tuple(_describe(competition, situation)), tuple(planned), least, longer)


def _all_steps(
    situation: Situation,
    timer: _Timer,
    progress: Progress,
    own: OwnProbes,
    done: Done | None,
    begun: Sequence[tuple[str, Proposal]] = (),
) -> tuple[Situation, list[tuple[str, Proposal]]]:
    """Return what every step proposes for the time that those before leave, and what is then.

    What was begun and fits comes first, so that no blend is scored on the rows of a few folds.
    """
    planned: list[tuple[str, Proposal]] = []
    refused: list[DataError] = []
    left, trained = situation.left_s, situation.earlier
    for kind, one in begun:
        if one.expected_s <= left:
            left -= one.expected_s
            planned.append((kind, one))
    situation = replace(situation, left_s=left, earlier=(*trained, *(one for _, one in planned)))
    names = frozenset(one.name for _, one in planned) | (done.names if done else frozenset())
    for module in step_modules():
        kind = module.__name__.rpartition(".")[2]
        asked = situation
        if getattr(module, "IS_LAST_RESORT", False):
            asked = replace(situation, measure=timer.measure_anyhow)
        for one in _proposals(module, asked, progress, refused):
            if done is not None and _is_known(done, kind, one):
                continue
            taken = _taken(own, _renamed(names, one))
            left -= 0.0 if taken.is_spare else taken.expected_s
            planned.append((kind, taken))
        earlier = (*trained, *(one for _, one in planned))
        situation = replace(situation, left_s=max(left, 0.0), earlier=earlier)
    if refused and not planned and done is None:
        raise refused[0]  # as of an image that cannot be read: more time would not help
    return situation, planned


def _begun(
    workspace: Workspace, competition: Competition, n_folds: int, longer: float
) -> list[tuple[str, Proposal]]:
    """Return what trains the folds that runs of earlier plans lack, as their time was over."""
    known = _known_runs(workspace, competition)
    found: dict[str, tuple[str, Proposal]] = {}
    for earlier in auto_records(workspace):
        for step in earlier.steps:
            if not step.lacks_folds or step.run not in known or step.teacher is not None:
                continue
            n_trained = len(read_record(workspace.runs / step.run).scores.get("folds", {}))
            if step.folds is None or not step.folds <= n_trained < n_folds:
                continue
            recipe = recipe_of(workspace.auto / earlier.id, step.extends or step.name)
            fold_s = max(step.seconds - step.blend_s, 0.0) / (step.folds * longer)
            why = f"the folds that {step.run} lacks: {n_trained} of {n_folds} are trained"
            rest = Proposal(step.name, why, recipe, fold_s * (n_folds - n_trained))
            found[step.run] = (step.kind, rest)
    return [*found.values()]


def _taken(own: OwnProbes, one: Proposal) -> Proposal:
    """Return a proposal as the run that is it, where there is one."""
    run = own.find(one.recipe)
    if run is None:
        return one
    return replace(one, run=run, expected_s=0.0, why=f"{one.why}: those of {run}, which is there")


def _is_known(done: Done, kind: str, one: Proposal) -> bool:
    """Return whether a proposal only repeats what is trained, or what has failed."""
    is_repeated = any(one.recipe == known.recipe for known in done.trained)
    has_failed = (kind, backbone_of(one.recipe)) in done.failed
    return has_failed or (is_repeated and one.extends is None)


def backbone_of(recipe: dict[str, Any]) -> str:
    """Return the name of a recipe's backbone; "" where a step of one's own has none."""
    return str(recipe.get("model", {}).get("backbone", ""))


def _renamed(names: AbstractSet[str], one: Proposal) -> Proposal:
    """Return a proposal under a name that no step has: with a number behind it, if need be."""
    if one.name not in names:
        return one
    numbers = (f"{one.name}-{n}" for n in itertools.count(2))
    return replace(one, name=next(name for name in numbers if name not in names))


def _proposals(
    module: ModuleType, situation: Situation, progress: Progress, refused: list[DataError]
) -> Iterator[Proposal]:
    """Yield what a step proposes; errors of the data are appended to `refused`."""
    try:
        yield from module.propose(situation)
    except PodiumError as error:  # a network that cannot be built here costs its step alone
        if isinstance(error, DataError):
            refused.append(error)
        why = f"{error}".partition("\n")[0]
        progress.say(f"  {module.__name__.rpartition('.')[2]} is left out: {why}")


def _without_epochs(phases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "epochs": 1} for one in phases]


def n_folds_here(workspace: Workspace, competition: Competition) -> int:
    """Return the number of folds that are validated; of `folds.csv`, where it is there."""
    if not workspace.folds_file.is_file():
        return competition.folds.n
    return max(len(TrainingData.load(workspace, competition).fold_numbers), 1)


def _describe(competition: Competition, situation: Situation) -> Iterator[str]:
    facts, n_test = situation.facts, len(load_samples(competition, "test"))
    tasks = ", ".join(f"{task}: {kind}" for task, kind in facts.tasks.items())
    unlabelled = f", {facts.n_unlabelled:,} unlabelled" if facts.n_unlabelled else ""
    yield (
        f"{tasks}; {plural(facts.n, 'sample')} in {plural(situation.n_folds, 'fold')}{unlabelled}, "
        f"{n_test:,} to predict; images of {plural(facts.side, 'pixel')}"
    )
    yield f"{facts.machine.gpu or 'no GPU'}, {plural(facts.machine.cores, 'core')}"
    names = ", ".join(one.name for one in situation.networks)
    yield f"networks within reach: {names}; scored by {metrics.of(competition).name}"


def _longer_than_expected(workspace: Workspace) -> float:
    """Return how many times as long as expected the step took that the last plan ran out in.

    1 where that plan finished one.
    """
    plans = auto_records(workspace)
    steps = [] if not plans else [one for one in plans[-1].steps if not one.is_spare]
    stopped = next((one for one in steps if one.state == "stopped"), None)
    if stopped is None or any(one.state == "finished" for one in steps):
        return 1.0
    folder = workspace.auto / plans[-1].id
    return max(1.0, needed_s(workspace, folder, stopped) / max(stopped.expected_s, 1.0))


def needed_s(workspace: Workspace, folder: Path, step: AutoStep) -> float:
    """Return how long a step that ran out of time would have taken, by the epochs that it did.

    Where it did none, twice what it had, or what was expected, if that is more.
    """
    done, n = epochs_done(workspace, folder, step)
    return max(step.expected_s, step.seconds * n / done if done else 2 * step.seconds)


def epochs_done(workspace: Workspace, folder: Path, step: AutoStep) -> tuple[int, int]:
    """Return how many epochs of a step were done in all folds, and how many there are."""
    recipe = recipe_of(folder, step.extends or step.name)
    files = [] if step.run is None else [*(workspace.runs / step.run).glob("fold-*/metrics.csv")]
    done = sum(len(read_metrics(one)) for one in files)
    n_folds = max(step.folds or 0, len(files))
    return done, n_folds * sum(one["epochs"] for one in recipe["phases"])


def plan_folder(workspace: Workspace, competition: Competition, budget_s: float) -> Path:
    """Return the folder of the plan for these data and this time."""
    refuse_short_time(budget_s)
    competition.require_chosen()
    if competition.data.test is None:
        raise UsageError(
            "there are no test images, and so no file to write",
            where=competition.root / "competition.yaml",
            fix="name them in data.test; to train alone: podium train baseline",
        )
    refuse_unfit_answers(competition)
    samples = load_samples(competition, "train", workspace=workspace)
    facts = {
        "budget_s": budget_s,
        "ids": list(map(str, samples["id"])),
        "folds": competition.folds.model_dump(mode="json"),
        "tasks": dict(competition.tasks),
        "classes": list(competition.classes),
        "metric": metrics.facts_of(competition),
    }
    if left_out := competition.data.test.exclude:  # a plan that failed at these begins anew
        facts["left out of test"] = list(left_out)
    return workspace.auto / short_digest(facts)


def record_of(
    workspace: Workspace,
    competition: Competition,
    folder: Path,
    plan: Plan,
    budget_s: float,
    planning_s: float,
) -> AutoRecord:
    """Return the record of a plan of which no step is done.

    Args:
        workspace, competition: as everywhere.
        folder: of the plan.
        plan: its steps.
        budget_s: seconds of all of it.
        planning_s: seconds that it took to make.
    """
    metric, combination = metrics.of(competition), combination_of(competition.metric)
    name = metric.name if combination is None else combination.name
    return AutoRecord(
        id=folder.name,
        created=now(),
        budget_s=budget_s,
        metric=name,
        greater_is_better=metric.greater_is_better,
        facts=plan.facts,
        known=_known_runs(workspace, competition),
        planning_s=round(planning_s, 1),
        least_s=None if plan.least_s is None else round(plan.least_s, 1),
        longer=plan.longer,
        steps=steps_of(plan),
    )


def steps_of(plan: Plan, number: int = 0) -> tuple[AutoStep, ...]:
    """Return the steps of a plan as they are recorded, before any is done.

    Args:
        plan: with proposals.
        number: of the plan, from 0.
    """
    return tuple(
        AutoStep(
            name=one.name,
            kind=kind,
            plan=number,
            why=one.why,
            expected_s=round(one.expected_s, 1),
            teacher=one.teacher,
            folds=one.folds,
            repeats=one.repeats,
            extends=one.extends,
            is_spare=one.is_spare,
            run=one.run,
        )
        for kind, one in plan.proposals
    )


def _known_runs(workspace: Workspace, competition: Competition) -> tuple[str, ...]:
    """Return the runs that are there and predict today's rows in today's folds.

    These are the runs of earlier plans, and of the others the best ones that are whole.
    """
    runs = finished_runs(workspace)
    plans = auto_records(workspace)
    if not runs and not plans:
        return ()
    samples = load_samples(competition, "train", workspace=workspace)
    digest = folds_digest(list(samples["id"]), ensure_folds(workspace, competition, samples))
    found = []
    for earlier in plans:
        for step in earlier.steps:
            if step.state != "finished" or step.run is None:
                continue
            with suppress(RunError):  # it was removed
                record = read_record(workspace.runs / step.run)
                if is_current(record, competition, digest):
                    found.append(step.run)
    metric = metrics.of(competition)
    others = [
        (float(scores_of_all(one.scores)["oof"]), folder.name)
        for folder, one in runs
        if folder.name not in found
        and is_current(one, competition, digest)
        and one.scores.get("metric") == metric.name
        and scores_of_all(one.scores).get("oof") is not None
        and any(folder.glob("predictions/*/test"))
    ]
    others.sort(key=lambda one: -one[0] if metric.greater_is_better else one[0])
    return tuple(dict.fromkeys([*found, *(name for _, name in others[:MOST_OTHERS])]))


def write_recipes(folder: Path, plan: Plan) -> None:
    """Write the recipe of each step; of a student without the pseudo-labels that are not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for _, one in plan.proposals:
        if one.extends is None:
            write_text(folder / f"{one.name}.yaml", recipe_text(one.why, one.recipe))


def recipe_text(why: str, recipe: dict[str, Any]) -> str:
    """Return the file of a recipe, with why it is trained above it."""
    comment = f"# {why}.\n# `podium auto` wrote it.\n\n"
    return comment + yaml.safe_dump(recipe, sort_keys=False, width=100)


def recipe_of(folder: Path, name: str) -> dict[str, Any]:
    """Return the recipe of a step, as it stands in its file."""
    found: dict[str, Any] = load_plain_yaml((folder / f"{name}.yaml").read_text("utf-8"))
    return found
