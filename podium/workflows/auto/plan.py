"""The plan of `podium auto`: which steps, with which recipes, in which order, and how long each.

The speed of this machine is measured once, here; everything later follows the plan, so that after a
kill the same steps are taken.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

from podium.competition import metrics
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.training.runs.job import TrainingData
from podium.workflows.auto import steps as steps_folder
from podium.workflows.auto.networks import networks_at_hand
from podium.workflows.auto.proposal import Proposal, Situation
from podium.workflows.auto.speed import RecipeCost, measure_cost
from podium.workflows.suggestions.times import facts_here
from podium.workspace import extensions
from podium.workspace.ids import canonical_json
from podium.workspace.layout import Workspace
from podium.workspace.machine import this_machine
from podium.workspace.progress import SILENT, Progress

__all__ = ["Plan", "make_plan", "step_modules"]

RESERVE = 0.15
"""Share of the time that no training is planned into: blends, files, and what was misjudged."""


@dataclass(frozen=True)
class Plan:
    """The steps, in order.

    Attributes:
        facts: lines on data, machine and networks.
        proposals: step file → its proposal, in the order of the steps.
    """

    facts: tuple[str, ...]
    proposals: tuple[tuple[str, Proposal], ...]


def step_modules() -> list[ModuleType]:
    """Return the files of `workflows/auto/steps`, in their order."""
    found = [
        importlib.import_module(f"{steps_folder.__name__}.{name}")
        for name in extensions.names(steps_folder)
    ]
    return sorted(found, key=lambda one: (one.PLACE, one.__name__))


def make_plan(
    workspace: Workspace, competition: Competition, seconds: float, *, progress: Progress = SILENT
) -> Plan:
    """Return the steps that fit into `seconds`, each with its recipe.

    Nothing is trained but a few steps, to time them, and those are not kept.

    Raises:
        DataError: the data cannot be read.
    """
    facts = facts_here(workspace, competition, this_machine(), progress=progress)
    networks = networks_at_hand(facts)
    known: dict[str, RecipeCost] = {}

    def measure(recipe: dict[str, Any]) -> RecipeCost:
        key = canonical_json({**recipe, "seed": 0, "phases": _without_epochs(recipe["phases"])})
        if key not in known:
            known[key] = measure_cost(workspace, competition, {**recipe, "pseudo": []})
        return known[key]

    planned: list[tuple[str, Proposal]] = []
    left = (1 - RESERVE) * seconds
    situation = Situation(facts, _n_folds(workspace, competition), networks, left, left, measure)
    for module in step_modules():
        kind = module.__name__.rpartition(".")[2]
        for one in _proposals(module, situation, progress):
            left -= one.expected_s
            planned.append((kind, one))
        situation = replace(
            situation, left_s=max(left, 0.0), earlier=tuple(one for _, one in planned)
        )
    return Plan(tuple(_describe(competition, situation)), tuple(planned))


def _proposals(module: ModuleType, situation: Situation, progress: Progress) -> Iterator[Proposal]:
    try:
        yield from module.propose(situation)
    except PodiumError as error:  # a network that cannot be built here costs its step alone
        progress.say(f"  {module.__name__.rpartition('.')[2]} is left out: {error}")


def _without_epochs(phases: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**one, "epochs": 1} for one in phases]


def _n_folds(workspace: Workspace, competition: Competition) -> int:
    """Return the number of folds that are validated; of `folds.csv`, where it is there."""
    if not workspace.folds_file.is_file():
        return competition.folds.n
    return max(len(TrainingData.load(workspace, competition).fold_numbers), 1)


def _describe(competition: Competition, situation: Situation) -> Iterator[str]:
    facts, n_test = situation.facts, len(load_samples(competition, "test"))
    tasks = ", ".join(f"{task}: {kind}" for task, kind in facts.tasks.items())
    unlabelled = f", {facts.n_unlabelled:,} unlabelled" if facts.n_unlabelled else ""
    yield (
        f"{tasks}; {facts.n:,} samples in {situation.n_folds} folds{unlabelled}, "
        f"{n_test:,} to predict; images of {facts.side:,} pixels"
    )
    yield f"{facts.machine.gpu or 'no GPU'}, {facts.machine.cores} cores"
    names = ", ".join(one.name for one in situation.networks)
    yield f"networks within reach: {names}; scored by {metrics.of(competition).name}"
