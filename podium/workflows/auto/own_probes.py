"""Finished runs that solve for the very heads that a step would: the step takes them as they are.

Heads that are solved for on the features of a frozen network depend on that network, the size of
the images, the method's options and the seed of the rows that regularisation is chosen by. Keys of
augmentation, of steps and of predicting change nothing of them, and `podium recipes suggest` and
`podium auto` write other ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.errors import PodiumError
from podium.models.spec import ClassifyHead
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.content import content_digest
from podium.workflows.auto.proposal import SOLVED, loaded_recipe
from podium.workspace.ids import canonical_json
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

__all__ = ["OwnProbes"]

_WITHOUT_EFFECT: Any = {
    "input": {"train": True},
    "model": {"checkpointing": True, "compile": True, "heads": True},
    **dict.fromkeys(("optimizer", "batch_size", "accumulate", "devices", "sharded"), True),
    **dict.fromkeys(("workers", "phases", "predict", "keep", "loggers", "checkpoint"), True),
}
_OF_PHASE = {"freeze", "loss", "method"}
"""keys of a phase that change what it solves for"""
_OF_HEAD = {"dropout", "dropout_samples"}
"""keys of the head of labels that change nothing, as features have no dropout; without a head named
it is the default one"""


class OwnProbes:
    """The solved heads among the runs of a workspace, by what they are solved for.

    Args:
        workspace, competition: as everywhere.
        runs: ids of finished runs of today's tasks, classes and folds.
    """

    def __init__(self, workspace: Workspace, competition: Competition, runs: Iterable[str]) -> None:
        solved: dict[str, str] = {}
        for run in runs:
            with suppress(PodiumError):  # removed, or of code that is gone: the step is trained
                facts = _facts(load_recipe(workspace.runs / run / "recipe.yaml"))
                if facts is not None:
                    solved.setdefault(facts, run)
        self._runs = _of_these_data(workspace, competition, solved) if solved else {}

    def find(self, recipe: dict[str, Any]) -> str | None:
        """Return the run with the heads of a recipe, as it stands in a file, or None."""
        names = [one.get("method", {}).get("name") for one in recipe["phases"]]
        if not self._runs or names != [SOLVED]:
            return None
        return self._runs.get(_facts(loaded_recipe(recipe)) or "")


def _of_these_data(
    workspace: Workspace, competition: Competition, runs: dict[str, str]
) -> dict[str, str]:
    """Return those of the runs that learnt the images and labels as they are today."""
    samples = load_samples(competition, "train", workspace=workspace)
    digests: dict[tuple[str, ...], str] = {}
    found = {}
    for facts, run in runs.items():
        inputs = read_record(workspace.runs / run).inputs
        tasks = inputs["tasks"]
        if tuple(tasks) not in digests:
            digest = content_digest(workspace, competition, samples, answers=tasks)
            digests[tuple(tasks)] = digest
        if inputs["train"] == digests[tuple(tasks)]:
            found[facts] = run
    return found


def _facts(recipe: Recipe) -> str | None:
    """Return what the heads of a recipe depend on; None where more than these is trained."""
    if [one.method.name for one in recipe.phases] != [SOLVED]:
        return None
    facts = recipe.model_dump(mode="json", by_alias=True, exclude=_WITHOUT_EFFECT)
    heads = recipe.model.heads
    head = ClassifyHead() if heads is None or heads.classify is None else heads.classify
    facts["head"] = head.model_dump(mode="json", by_alias=True, exclude=_OF_HEAD)
    [phase] = recipe.phases
    return canonical_json([facts, phase.model_dump(mode="json", include=_OF_PHASE)])
