"""Transfer study: one recipe from random, supervised and self-supervised weights.

Each start is trained twice: with all parameters, and with the backbone frozen and its batch norm in
evaluation mode, which evaluates the features unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from pathlib import Path

from podium.competition.spec import Competition
from podium.errors import RecipeError, RunError, UsageError
from podium.models.network import build_network
from podium.models.weights.files import find_weights
from podium.training.data.sampling import LABELLED
from podium.training.fit.phase_plans import method_of
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.fold_files import Fold, FoldFiles
from podium.training.runs.job import Deadline
from podium.workflows.engines import HERE, Engine, Flow
from podium.workflows.studies.runs import (
    FROM_SCRATCH,
    SeedResult,
    StudyArm,
    StudySetting,
    refuse_unscored,
    run_study,
)
from podium.workflows.studies.table import (
    ArmScores,
    Study,
    StudyFolder,
    arm_difference,
    optimism_note,
    study_inputs,
)
from podium.workflows.training import find_recipe
from podium.workspace.ids import FileDigests
from podium.workspace.layout import Workspace
from podium.workspace.progress import SILENT, Progress
from podium.workspace.records import is_label_free_run, read_record

__all__ = ["transfer_study"]

RANDOM, SUPERVISED, SELF_SUPERVISED = "random", "supervised", "self-supervised"
ARMS = (
    ("A", RANDOM, False),
    ("B", SUPERVISED, False),
    ("C", SELF_SUPERVISED, False),
    ("D", SUPERVISED, True),
    ("E", SELF_SUPERVISED, True),
    ("F", RANDOM, True),
)
"""Letter, start, and whether the backbone is frozen."""

DIFFERENCES = (("C", "A"), ("E", "F"))
HUB = "hub"


def transfer_study(
    workspace: Workspace,
    competition: Competition,
    recipe: Path | str,
    *,
    supervised: str | None = None,
    pretrained: str | None = None,
    seeds: Sequence[int] = (0, 1, 2),
    folds: Sequence[int] | None = None,
    overrides: tuple[str, ...] = (),
    max_time_s: float | None = None,
    on: str | Engine | None = HERE,
    progress: Progress = SILENT,
) -> Study:
    """Train a recipe from every start, full and frozen, over seeds, and compare them.

    Every run is an ordinary one, named `<recipe>-<start>`, with the suffix `-frozen` if the
    backbone is frozen in every phase. The same call resumes after an interruption, trains nothing
    twice, and returns a finished study unchanged.

    Args:
        workspace: where runs and the study are kept.
        competition: to train for.
        recipe: a file, or a name of the workspace's recipes. Its own start is not used.
        supervised: "hub", for the backbone's weights there, or a value of `model.weights`; None
            leaves these arms out.
        pretrained: a finished run to start from, as `model.from`; None leaves these arms out.
        seeds: of the recipe, one run of each arm for each.
        folds: train and score these alone; None: all.
        overrides: changes to the recipe, the same for all arms.
        max_time_s: stop, resumably, before so many seconds have passed.
        on: the engine that trains all runs side by side, each fold a task; by default they follow
            each other in this process. Scores are the same, to the bit with as many threads.
        progress: shows bars and messages.

    Raises:
        UsageError: there is no start but random weights, or no such fold or run.
        RecipeError: the hub has no weights of the backbone, or cannot be reached.
        PodiumError: as `podium.training.runs.train.train`. A training that fails, as by a collapse,
            leaves its place in the table empty.
    """
    deadline = Deadline(max_time_s)
    if supervised is None and pretrained is None:
        raise UsageError(
            "there is no start to compare random weights with",
            fix="name --supervised WEIGHTS, or --supervised hub, or --pretrained RUN, or both",
        )
    file = find_recipe(workspace, recipe)
    resolved = load_recipe(file, overrides)
    _refuse_without_labels(resolved, workspace.root)
    _refuse_frozen_anyway(resolved)
    refuse_unscored(resolved, competition, file.stem)
    setting = StudySetting.of(workspace, competition, folds, progress)
    starts: dict[str, tuple[str, ...]] = {RANDOM: FROM_SCRATCH}
    facts: dict[str, str] = {}
    if supervised is not None:
        starts[SUPERVISED], facts["supervised"] = _supervised(workspace, supervised)
    if pretrained is not None:
        starts[SELF_SUPERVISED], facts["pretrained"] = _pretrained(
            workspace, pretrained, resolved, setting.folds
        )
    base = setting.run_id(file, (*overrides, *FROM_SCRATCH))
    folder = StudyFolder(
        workspace,
        f"{file.stem}-transfer",
        study_inputs("transfer", competition, seeds, setting.folds, recipe=base, **facts),
    )
    frozen = _frozen(resolved)
    arms = [
        _arm(setting, file, letter, start, (*overrides, *starts[start]), frozen if still else ())
        for letter, start, still in ARMS
        if start in starts
    ]
    source = facts.get("pretrained")
    notes = _notes(setting, resolved, starts, source and source.removeprefix("run "))

    def study_of(rows: Sequence[ArmScores], stopped: str | None) -> Study:
        by_name = {row.name: row for row in rows}
        differences = tuple(
            arm_difference(by_name[one], by_name[other])
            for one, other in DIFFERENCES
            if one in by_name and other in by_name
        )
        return setting.study(folder, rows, stopped, differences=differences, notes=notes)

    if supervised == HUB and not folder.known:
        # Weights that cannot be fetched are an error before any arm is trained.
        started = load_recipe(file, (*overrides, *starts[SUPERVISED]))
        build_network(
            started.model,
            n_outputs={},
            in_chans=competition.pixels.channels,
            image_size=started.input.height_width,
            weights_root=workspace.root,
        )
    return run_study(folder, study_of, arms, seeds, deadline, progress, on=on)


def _arm(
    setting: StudySetting,
    file: Path,
    letter: str,
    start: str,
    overrides: tuple[str, ...],
    frozen: tuple[str, ...],
) -> StudyArm:
    """Return the function that trains the recipe from `start`; `frozen` are its overrides."""
    name = f"{file.stem}-{start}{'-frozen' if frozen else ''}"
    columns = {"start": start, "backbone": "frozen" if frozen else "trained"}

    def run(seed: int, deadline: Deadline) -> Flow[SeedResult]:
        setting.progress.say(f"{letter} ({', '.join(columns.values())}), seed {seed}")
        every = (*overrides, *frozen, f"seed={seed}")
        trained = yield from setting.train(file, every, name, deadline)
        return SeedResult.of(setting, trained)

    return StudyArm(letter, columns, run)


def _notes(
    setting: StudySetting, recipe: Recipe, starts: Collection[str], source: str | None
) -> tuple[str, ...]:
    """Return the notes below the table; `source` is the run that C and E start from."""
    found = []
    for start in (SUPERVISED, SELF_SUPERVISED):
        if start not in starts:
            left_out = " and ".join(letter for letter, one, _ in ARMS if one == start)
            found.append(f"{left_out} are left out: no {start} weights were given.")
    if source is not None:
        if not is_label_free_run(read_record(setting.workspace.runs / source)):
            found.append(f"{source}, from which C and E start, was trained with labels, too.")
        if not setting.metric.greater_is_better:
            found.append("Lower is better: below 0, a difference speaks for its first arm.")
    if recipe.is_selected_on_fold:
        found.append(optimism_note(["all scores"]))
    return tuple(found)


def _supervised(workspace: Workspace, weights: str) -> tuple[tuple[str, ...], str]:
    """Return the overrides of the start from supervised weights, and which weights they are."""
    nothing = ("model.weights=null", "model.from=null")
    if weights == HUB:
        return ("model.pretrained=true", *nothing), HUB
    # As a recipe has it: from the workspace. A path from here is meant where that is not there.
    at = workspace.root / Path(weights).expanduser()
    text = str(Path(weights).resolve()) if not at.exists() and Path(weights).exists() else weights
    digest = FileDigests(workspace).of(find_weights(text, workspace.root))
    start = ("model.pretrained=false", "model.from=null", f"model.weights={json.dumps(text)}")
    return start, f"file {digest}"


def _pretrained(
    workspace: Workspace, named: str, recipe: Recipe, folds: Sequence[int]
) -> tuple[tuple[str, ...], str]:
    """Return the overrides of the start from a run, and the run."""
    source = workspace.artefact(named, rooms=("runs",))
    theirs = load_recipe(source / "recipe.yaml").model
    if theirs.backbone != recipe.model.backbone:
        raise RecipeError(
            f"{source.name} has the backbone {theirs.backbone}, and the recipe "
            f"{recipe.model.backbone}",
            where="--pretrained",
            fix="name a run of the same backbone, or change model.backbone",
        )
    record = read_record(source)
    needed: Sequence[Fold] = ("full",) if is_label_free_run(record) else folds
    lacking = [str(fold) for fold in needed if not FoldFiles(source, fold).is_done]
    if lacking:
        raise RunError(
            f"fold {', '.join(lacking)} of {source.name} is not trained",
            fix="finish that run: its own `podium train` goes on",
        )
    start = ("model.pretrained=false", "model.weights=null", f"model.from={source.name}")
    return start, f"run {source.name}"


def _frozen(recipe: Recipe) -> tuple[str, ...]:
    """Return the overrides that freeze the backbone in every phase, beside what is frozen there."""
    found = []
    for number, phase in enumerate(recipe.phases):
        others = [part for part in phase.freeze if not _is_of_backbone(part)]
        found.append(f"phases[{number}].freeze={json.dumps(['backbone', *others])}")
    return tuple(found)


def _is_of_backbone(part: str) -> bool:
    return part.partition("[")[0] == "backbone"


def _refuse_frozen_anyway(recipe: Recipe) -> None:
    if all("backbone" in phase.freeze for phase in recipe.phases):
        raise RecipeError(
            "every phase freezes the backbone, so that A, B and C would be F, D and E",
            where="phases",
            fix="leave freeze out: the study adds it to D, E and F",
        )


def _refuse_without_labels(recipe: Recipe, root: Path) -> None:
    for phase in recipe.phases:
        if LABELLED not in method_of(phase, root).needs:
            raise RecipeError(
                f"{phase.method.name} learns without labels, and a start is judged by what is "
                "learnt with them",
                where=f"phase {phase.name}",
                fix="train that as a recipe of its own, and name its run: --pretrained RUN",
            )
