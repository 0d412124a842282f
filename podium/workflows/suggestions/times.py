"""Suggested recipes with the time that each is expected to take here, and cut to a time limit.

What cannot be trained here, or not within the time, is left out, with the reason.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import metadata
from typing import Any

from podium.competition.spec import Competition
from podium.errors import DataError, RecipeError, UsageError
from podium.models import weights
from podium.models.weights.reach import (
    WeightFile,
    hub_answers,
    is_cached,
    require_weights,
    weight_files,
)
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.timing import RecipeTiming, recipe_timing
from podium.workflows.fit_time import SHARE, FittedRecipe, describe_seconds, fit_time
from podium.workflows.suggestions.recipes import (
    NAMED_BACKBONES,
    PREFIX,
    CompetitionFacts,
    LocalBackbone,
    Suggestion,
    competition_facts,
    recipe_text,
)
from podium.workspace.atomic import temporary_folder, write_json
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace
from podium.workspace.machine import Machine
from podium.workspace.progress import SILENT, Progress

__all__ = ["LeftOut", "TimedSuggestion", "facts_here", "timed_suggestions"]

BACKBONE_FORMAT = 1
"""Raised when another network may be found for a file, so that what was kept is looked for anew."""


@dataclass(frozen=True)
class TimedSuggestion:
    """A suggestion with its expected time.

    Attributes:
        suggestion: with epochs that fit into the time limit, if there is one.
        timing: the expected seconds, with these epochs.
        cut: the keys that the time limit changed, as "phases[0].epochs: 20 to 7".
    """

    suggestion: Suggestion
    timing: RecipeTiming
    cut: tuple[str, ...] = ()


@dataclass(frozen=True)
class LeftOut:
    """A suggestion that is none here: its name, and why."""

    name: str
    why: str


def facts_here(
    workspace: Workspace,
    competition: Competition,
    machine: Machine,
    *,
    progress: Progress = SILENT,
) -> CompetitionFacts:
    """Return the facts on `competition`, with the weights that can be had on this machine.

    Raises:
        DataError: the data cannot be read.
    """
    hub = hub_answers()
    local = () if hub else local_backbones(workspace)
    return competition_facts(
        workspace, competition, machine, hub=hub, local=local, progress=progress
    )


def local_backbones(workspace: Workspace) -> tuple[LocalBackbone, ...]:
    """Return the backbones with weights in the hub's cache, in packages and in the workspace."""
    found = [LocalBackbone(name) for name in NAMED_BACKBONES if is_cached(name)]
    named = ((_kept_backbone(workspace, file), file.text) for file in weight_files(workspace.root))
    found += [LocalBackbone(name, text) for name, text in named if name is not None]
    return tuple({one.backbone: one for one in reversed(found)}.values())[::-1]


def _kept_backbone(workspace: Workspace, file: WeightFile) -> str | None:
    """Return the backbone of a file of weights, which is kept: to build networks takes seconds."""
    facts = file.path.stat()
    own = [file.text, facts.st_size, facts.st_mtime_ns, metadata.version("timm"), BACKBONE_FORMAT]
    kept = workspace.cache / "weights" / f"{short_digest(own)}.json"
    with suppress(OSError, ValueError, KeyError, TypeError):
        name = json.loads(kept.read_text(encoding="utf-8"))["backbone"]
        return None if name is None else str(name)
    found = weights.matching.backbone_of(file, workspace.root)
    with suppress(OSError):  # a disk that cannot be written only costs the next call its time
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_json(kept, {"backbone": found})
    return found


def timed_suggestions(
    workspace: Workspace,
    competition: Competition,
    suggestions: tuple[Suggestion, ...],
    *,
    time_s: float | None = None,
    progress: Progress = SILENT,
) -> tuple[list[TimedSuggestion], list[LeftOut]]:
    """Return the suggestions that can be trained here, with their time, and those that cannot.

    Args:
        workspace: whose data and cache.
        competition: what is trained for.
        suggestions: as `suggest_recipes` returns them.
        time_s: seconds that a recipe may take over all folds. Longer ones are cut and come behind
            those that fit as they are; one that few epochs teach nothing is left out. None: no
            limit.
        progress: gets a bar.
    """
    timed: list[TimedSuggestion] = []
    left_out: list[LeftOut] = []
    too_long: set[str] = set()
    measured: dict[str, RecipeTiming] = {}
    with _recipes(suggestions) as recipes:
        with progress.bar("measuring", len(suggestions)) as advance:
            for suggestion, recipe in zip(suggestions, recipes, strict=True):
                try:
                    require_weights(recipe.model, workspace.root)
                    measured[suggestion.name] = recipe_timing(workspace, competition, recipe)
                except (RecipeError, UsageError, DataError) as error:
                    left_out.append(LeftOut(suggestion.name, error.message))
                advance(1)
        known = [
            (suggestion, recipe)
            for suggestion, recipe in zip(suggestions, recipes, strict=True)
            if suggestion.name in measured
        ]
        alike = _as_fast_as_alike([(recipe, measured[one.name]) for one, recipe in known])
        if any(timing != measured[one.name] for (one, _), timing in zip(known, alike, strict=True)):
            progress.say("equal networks took unlike times: each has about the least of these")
        for (suggestion, recipe), timing in zip(known, alike, strict=True):
            if time_s is None or timing.total_s <= SHARE * time_s:
                timed.append(TimedSuggestion(suggestion, timing))
                continue
            too_long.add(suggestion.name)
            try:
                fitted = fit_time(workspace, competition, recipe, time_s, timing=timing)
                _refuse_too_few(suggestion, fitted, time_s)
                cut = _with_epochs(suggestion, recipe, fitted)
                timed.append(TimedSuggestion(cut, fitted.timing, fitted.changes))
            except (RecipeError, UsageError, DataError) as error:
                left_out.append(LeftOut(suggestion.name, error.message))
    timed.sort(key=lambda one: bool(one.cut))
    return timed, [_with_way_out(one, timed) if one.name in too_long else one for one in left_out]


MOST_APART = 2.0
"""times the least seconds of an equal step: augmentations and losses may make it twice as long, and
other programs, while it is measured, thirty times"""


def _as_fast_as_alike(found: Sequence[tuple[Recipe, RecipeTiming]]) -> list[RecipeTiming]:
    """Return the timings with no step, and no prediction, much longer than an equal one.

    Equal are those of one network, frozen alike, that gets as many images of one size by one
    method. Each was measured by itself, for a few seconds in which other programs may have run.
    """
    least: dict[str, float] = {}

    def limited(key: str, seconds: float) -> float:
        return min(seconds, MOST_APART * least[key])

    for recipe, timing in found:
        for key, seconds in _seconds_alike(recipe, timing):
            least[key] = min(seconds, least.get(key, seconds))
    limits = []
    for recipe, timing in found:
        *of_phases, of_image = (limited(*one) for one in _seconds_alike(recipe, timing))
        phases = zip(timing.phases, of_phases, strict=True)
        changed = tuple(replace(phase, step_s=seconds) for phase, seconds in phases)
        limits.append(replace(timing, phases=changed, image_s=of_image))
    return limits


def _seconds_alike(recipe: Recipe, timing: RecipeTiming) -> Iterator[tuple[str, float]]:
    """Yield what the seconds of a step of each phase depend on, and these; then of an image."""
    # Which weights it starts from changes no time.
    model = recipe.model.model_copy(update={"pretrained": False, "weights": None, "from_run": None})
    network = f"{model!r} {recipe.input.height_width} {recipe.precision}"
    for phase, timed in zip(recipe.phases, timing.phases, strict=True):
        batch = f"{recipe.batch_size} × {recipe.accumulate}"
        yield f"{network} {batch} {phase.freeze} {phase.method!r}", timed.step_s
    yield f"{network} {recipe.predict!r}", timing.image_s


SOLVED = "probe"
"""the suggestion whose features are computed once"""


def _refuse_too_few(suggestion: Suggestion, fitted: FittedRecipe, time_s: float) -> None:
    """Raise UsageError where a phase gets fewer epochs than teach it anything."""
    least = {one.key: one.least for one in suggestion.choices}
    for phase, planned in zip(fitted.timing.phases, fitted.before, strict=True):
        needed = min(least.get(f"phases.{phase.name}.epochs", 1), planned)
        if phase.epochs < needed:
            raise UsageError(
                f"{phase.epochs} of its {planned} epochs fit into {describe_seconds(time_s)}, and "
                f"fewer than {needed} teach it too little"
            )


def _with_way_out(one: LeftOut, timed: list[TimedSuggestion]) -> LeftOut:
    """Return it with how to write it all the same, and what learns within the time, if anything."""
    print_it = f"podium recipes print {PREFIX}{one.name} > recipes/{PREFIX}{one.name}.yaml"
    one = LeftOut(one.name, f"{one.why}; to write it all the same: {print_it}")
    solved = next((each for each in timed if each.suggestion.name == SOLVED), None)
    if solved is None:
        return one
    seconds = describe_seconds(solved.timing.total_s, up=True)
    way = f"{PREFIX}{SOLVED} computes features once, and takes {seconds}"
    return LeftOut(one.name, f"{one.why}; {way}")


@contextmanager
def _recipes(suggestions: tuple[Suggestion, ...]) -> Iterator[list[Recipe]]:
    """Give the recipes as `podium train` would read them."""
    with temporary_folder("podium-suggested") as folder:
        recipes = []
        for one in suggestions:
            file = folder / f"{one.name}.yaml"
            file.write_text(recipe_text(one), encoding="utf-8")
            recipes.append(load_recipe(file))
        yield recipes


def _with_epochs(suggestion: Suggestion, recipe: Recipe, fitted: FittedRecipe) -> Suggestion:
    """Return the suggestion with the overrides that make it fit into the time."""
    named = {f"phases[{i}]": f"phases.{phase.name}" for i, phase in enumerate(recipe.phases)}
    choices = {one.key: one for one in suggestion.choices}
    for change in fitted.overrides:
        key, _, text = change.partition("=")
        first, dot, rest = key.partition(".")
        path = f"{named.get(first, first)}{dot}{rest}"
        # Of an optimiser or a method the choice is a mapping: the longest key that was chosen.
        whole = next(one for one in _ends(path) if one in choices)
        inner = path[len(whole) :].strip(".")
        chosen = choices[whole]
        why = f"{chosen.why}; cut to the time" if "cut to" not in chosen.why else chosen.why
        choices[whole] = replace(
            chosen, value=_replaced(chosen.value, inner, _number(text)), why=why
        )
    return replace(suggestion, choices=tuple(choices.values()))


def _ends(path: str) -> Iterator[str]:
    while path:
        yield path
        path = path.rpartition(".")[0]


def _replaced(value: Any, inner: str, new: float) -> Any:
    return {**value, inner: new} if inner else new


def _number(text: str) -> float:
    return int(text) if text.isdigit() else float(text)
