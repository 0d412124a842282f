"""What a step of a plan may ask, and what it proposes; the keys that steps' recipes share.

Networks are those that can be trained here, with weights within reach and small ones without. What
a recipe costs is measured at one size, scaled to others, and counted for its epochs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from podium.competition.spec import Competition
from podium.errors import UsageError
from podium.tasks.protocols.names import has_images, has_pixels
from podium.training.methods.linear_probe import MOST_ROWS
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.timing import RecipeTiming, recipe_timing
from podium.workflows.suggestions.recipes import CompetitionFacts
from podium.workspace.atomic import temporary_folder, write_text
from podium.workspace.layout import Workspace

__all__ = [
    "LONE_FOLD",
    "SOLVED",
    "MeasureCost",
    "NetworkAtHand",
    "NotTimedError",
    "Proposal",
    "RecipeCost",
    "Situation",
    "base_recipe",
    "fit_to_time",
    "head_sizes",
    "heads_recipe",
    "input_sizes",
    "loaded_recipe",
    "measure_cost",
    "networks_at_hand",
    "recipe_from_nothing",
    "solved_heads",
    "solved_seconds",
    "takes_steps",
    "trained_networks",
    "usual_losses",
]

_FROM_HUB = ("resnet18", "regnety_008")
_FROM_HUB_ON_GPU = ("tf_efficientnetv2_s", "convnext_tiny", "resnet18")
_MOST = 3
_TINY = 16
"""Pixels up to which a small network that is trained from nothing comes first. Of larger ones it
brings nothing beside one that has learnt from photographs: on cats and dogs of 32 px it had an AUC
of .72 where that one has .96, and the blend of both lost as often as it gained."""
_SLOW_ON_CPU = ("tf_efficientnetv2_s", "convnext_tiny", "vit_small_patch16_224.augreg_in21k")


@dataclass(frozen=True)
class NetworkAtHand:
    """A backbone that can be built here.

    Attributes:
        name: in descriptions of steps.
        model: keys of a recipe's `model:`.
        is_pretrained: whether its features are of any use before it is trained.
    """

    name: str
    model: dict[str, Any] = field(default_factory=dict)
    is_pretrained: bool = True


def networks_at_hand(facts: CompetitionFacts) -> tuple[NetworkAtHand, ...]:
    """Return the networks to choose of, the best first.

    Those of the hub where it answers, else those with weights on this machine; for tiny images, and
    where there is no other, also a small one that is trained from nothing.
    """
    found = []
    if facts.hub:
        names = _FROM_HUB_ON_GPU if facts.has_gpu else _FROM_HUB
        found = [NetworkAtHand(one, {"backbone": one, "pretrained": True}) for one in names]
    for local in facts.local:
        is_cached = local.weights is None
        start: dict[str, Any] = {"pretrained": True} if is_cached else {"weights": local.weights}
        model = {"backbone": local.backbone, **start}
        found.append(NetworkAtHand(local.backbone, model))
    if not facts.has_gpu:  # the quick ones first
        found.sort(key=lambda one: one.name in _SLOW_ON_CPU)
    found = found[:_MOST]
    is_tiny = facts.side <= _TINY
    if is_tiny or not found:
        options = {"widths": [32, 64, 128] if is_tiny else [32, 64, 128, 256], "depth": 2}
        small = {"backbone": "cnn", "pretrained": False, "options": options}
        # What was learnt on photographs is little use for 8 pixels of a digit.
        first = 0 if is_tiny else len(found)
        found.insert(first, NetworkAtHand("cnn", small, is_pretrained=False))
    return tuple(found)


MARGIN = 1.15
"""for what is not measured: files, scores, the machine's other work"""
EPOCHS = 10
"""of a phase that is timed: more steps than are taken"""


@dataclass(frozen=True)
class RecipeCost:
    """Seconds of a recipe, measured at one size of its images.

    Attributes:
        timing: of its steps and predictions.
        size: pixels of a side.
    """

    timing: RecipeTiming
    size: int

    def at(self, size: int) -> RecipeCost:
        """Return the same at another size: in proportion to the pixels."""
        ratio = (size / self.size) ** 2
        phases = tuple(
            replace(one, step_s=ratio * one.step_s, scoring_s=ratio * one.scoring_s)
            for one in self.timing.phases
        )
        image_s = ratio * self.timing.image_s
        return RecipeCost(replace(self.timing, phases=phases, image_s=image_s), size)

    def with_folds(self, folds: int) -> RecipeCost:
        """Return the same for another number of folds."""
        return replace(self, timing=self.timing.with_folds(folds))

    def seconds(self, recipe: dict[str, Any], *, longer: float = 1.0) -> float:
        """Return the expected seconds of all folds of a recipe with such phases.

        Args:
            recipe: as in a file.
            longer: how many times the labelled images an epoch passes.
        """
        epochs = {one["name"]: one["epochs"] for one in recipe["phases"]}
        found = self.timing.with_epochs(epochs)
        phases = tuple(replace(one, step_s=longer * one.step_s) for one in found.phases)
        return MARGIN * replace(found, phases=phases).total_s


MeasureCost = Callable[[dict[str, Any]], RecipeCost]


class NotTimedError(UsageError):
    """A recipe is not timed, as timing others took its share of the time."""


def measure_cost(
    workspace: Workspace, competition: Competition, recipe: dict[str, Any]
) -> RecipeCost:
    """Return what `recipe` costs here, by some real steps of each of its phases.

    Raises:
        PodiumError: as training would.
    """
    phases = [{**one, "epochs": EPOCHS} for one in recipe["phases"]]
    loaded = loaded_recipe({**recipe, "phases": phases})
    timing = recipe_timing(workspace, competition, loaded)
    return RecipeCost(timing, max(loaded.input.height_width))


def loaded_recipe(recipe: dict[str, Any]) -> Recipe:
    """Return a recipe as training would read it from a file.

    Raises:
        RecipeError: it is none.
    """
    with temporary_folder("podium-auto") as folder:
        file = folder / "step.yaml"
        write_text(file, yaml.safe_dump(recipe, sort_keys=False))
        return load_recipe(file)


_SIDES = (32, 64, 96, 128, 160, 192, 224, 256, 320, 384)
_ENLARGED, _ENLARGED_TO = 6, 192
"""Times, and up to which side, images smaller than what features were learnt on are enlarged: heads
on frozen features of cats and dogs of 32 px reached .77, .82 and .85 at 64, 96 and 128 px; of
counted garments of 64 px the error fell from 1.11 to .86 at 192 px."""
_HEAD_STEP = 16
"""pixels between sizes from 96 on at which heads are solved for: 4,000 images of ten classes had
40 % of two minutes left at 96 px, and no time for 128"""
_LARGEST, _LARGEST_ON_GPU = 256, 384
_BATCH = 32
_LEAST_STEPS = 6  # of an epoch
LONE_FOLD = 0.8
"""Of the seconds that a training may take, for one of a single fold: of several those that are done
in time count, of one that runs over nothing does."""
_FINE = 192
"""pixels of a side up to which masks are drawn at the images' own resolution"""


@dataclass(frozen=True)
class Proposal:
    """A training that a step proposes.

    Attributes:
        name: of its recipe and run, unique in a plan.
        why: what it is, with what made it apply here.
        recipe: as in a file.
        expected_s: seconds of it.
        teacher: name of an earlier proposal whose pseudo-labels it learns from; its recipe's
            `pseudo` then has entries without `from`.
        folds: so many of the folds are trained, the first ones; None: all.
        repeats: name of an earlier proposal with the same recipe but for the seed: this one will
            take as long as that one took.
        extends: name of an earlier proposal, whose run gets further folds by this one, up to
            `folds`; it has that one's recipe. `repeats` names it, too, and a fold takes as long as
            one of it took.
        is_spare: no time is planned for it; it is done where the steps before leave enough.
        goodness: out-of-fold score of its run, the greater the better, where an earlier plan of the
            same time has trained it; `expected_s` is what it took then.
        run: a finished run that is this training, which takes no time then.
    """

    name: str
    why: str
    recipe: dict[str, Any]
    expected_s: float
    teacher: str | None = None
    folds: int | None = None
    repeats: str | None = None
    extends: str | None = None
    is_spare: bool = False
    goodness: float | None = None
    run: str | None = None


@dataclass(frozen=True)
class Situation:
    """What a step of a plan may ask.

    Attributes:
        facts: on data and machine.
        n_folds: networks of a run.
        networks: that can be built here, the best first.
        left_s: seconds that no step before has taken.
        budget_s: seconds for all steps.
        measure: times a few real steps of a recipe.
        earlier: the proposals so far, in order; of a plan for the time that is left behind what
            is trained already.
        is_rest: whether it is such a plan.
    """

    facts: CompetitionFacts
    n_folds: int
    networks: tuple[NetworkAtHand, ...]
    left_s: float
    budget_s: float
    measure: MeasureCost
    earlier: tuple[Proposal, ...] = field(default=())
    is_rest: bool = False

    def measured(self, recipe: dict[str, Any]) -> RecipeCost:
        """Return what a recipe of solved heads costs, by that of the same heads that take steps."""
        phases = [
            {
                **{key: value for key, value in one.items() if key != "method"},
                "loss": usual_losses(self.facts),
            }
            for one in recipe["phases"]
        ]
        return self.measure({**recipe, "phases": phases})

    @property
    def pretrained(self) -> NetworkAtHand | None:
        """The best network whose features are of use before it is trained."""
        return next((one for one in self.networks if one.is_pretrained), None)

    def of_name(self, name: str) -> Proposal | None:
        """Return the last proposal of this name, which may have a number behind it, or None."""
        numbered = re.compile(rf"{re.escape(name)}(-\d+)?")
        return next((one for one in reversed(self.earlier) if numbered.fullmatch(one.name)), None)


def trained_networks(situation: Situation) -> list[Proposal]:
    """Return the earlier trainings in which more than heads on a frozen network takes steps."""
    return [one for one in situation.earlier if one.name != "probe" and takes_steps(one.recipe)]


def takes_steps(recipe: dict[str, Any]) -> bool:
    """Return whether the last phase of a recipe of `podium auto` is the usual one of epochs."""
    return "method" not in recipe["phases"][-1]


def input_sizes(facts: CompetitionFacts, network: NetworkAtHand) -> list[int]:
    """Return the sides that are worth their time for these images, the smallest first."""
    if not network.is_pretrained:
        own = min(max(16 * -(-facts.side // 16), 16), 128)
        return [own]
    largest = _LARGEST_ON_GPU if facts.has_gpu else _LARGEST
    if facts.scale is not None:  # windows are of what is there
        return [max(one for one in _SIDES if one <= max(_SIDES[0], min(facts.side, largest)))]
    enlarged = min(_ENLARGED * facts.side, _ENLARGED_TO)
    top = min(max(enlarged, facts.side, _SIDES[1]), largest)
    return [one for one in _SIDES if _SIDES[1] <= one <= top]


def head_sizes(facts: CompetitionFacts, network: NetworkAtHand) -> list[int]:
    """Return `input_sizes` with those between them that a frozen network takes, too."""
    known = input_sizes(facts, network)
    between = range(_SIDES[2] + _HEAD_STEP, known[-1], _HEAD_STEP)
    return sorted({*known, *between}) if network.is_pretrained else known


def base_recipe(situation: Situation, network: NetworkAtHand, size: int) -> dict[str, Any]:
    """Return the keys of a recipe that every step has, without phases."""
    facts = situation.facts
    n_train = facts.n * (1 - 1 / max(situation.n_folds, 2))
    heads: dict[str, Any] = {}
    if has_images(facts.tasks):
        heads["classify"] = {"pool": "avg", "dropout": 0.2}
    if has_pixels(facts.tasks):
        heads["segment"] = (
            {"decoder": "unet", "options": {"decoder_channels": [128, 64, 32, 16, 16]}}
            if facts.side <= _FINE and network.is_pretrained
            else {
                "decoder": "fpn",
                "options": {"pyramid_channels": 64, "segmentation_channels": 32},
            }
        )
    recipe: dict[str, Any] = {
        "seed": 0,
        "model": {**network.model, "heads": heads},
        "input": {"size": size, "train": "weak" if facts.may_turn else "photometric"},
        "batch_size": int(min(_BATCH, max(8, n_train // _LEAST_STEPS))),
    }
    if facts.scale is not None:
        recipe["input"]["fit"] = "tile"
    if facts.may_turn:
        recipe["predict"] = {"tta": ["hflip"]}
    return recipe


def heads_recipe(situation: Situation, network: NetworkAtHand, size: int) -> dict[str, Any]:
    """Return the recipe of heads that take steps on a frozen network."""
    recipe, losses = base_recipe(situation, network, size), usual_losses(situation.facts)
    phase = {"name": "heads", "epochs": 1, "freeze": ["backbone"], "loss": losses}
    return {
        **recipe,
        "optimizer": {"name": "adamw", "lr": 5e-3, "weight_decay": 1e-4},
        "phases": [phase],
    }


def recipe_from_nothing(situation: Situation, network: NetworkAtHand, size: int) -> dict[str, Any]:
    """Return the recipe of a network that starts from random weights."""
    return {
        **base_recipe(situation, network, size),
        "optimizer": {"name": "adamw", "lr": 3e-3, "weight_decay": 5e-2, "warmup_epochs": 1},
        "phases": [{"name": "network", "epochs": 1, "loss": usual_losses(situation.facts)}],
    }


def usual_losses(facts: CompetitionFacts) -> dict[str, Any]:
    """Return the losses of each task, as its kind names them."""
    return {task: dict(kind.usual_loss or {"bce": 1.0}) for task, kind in facts.tasks.items()}


def fit_to_time(
    recipe: dict[str, Any],
    cost: RecipeCost,
    seconds: float,
    *,
    most: int,
    longer: float = 1.0,
) -> tuple[dict[str, Any], float]:
    """Return the recipe with as many epochs of its last phase as fit, and its expected seconds.

    Args:
        recipe: with phases.
        cost: of its images.
        seconds: that it may take.
        most: epochs of the last phase at most; at least one is left, whether it fits or not.
        longer: how many times the labelled images an epoch passes.
    """

    def with_epochs(epochs: int) -> dict[str, Any]:
        phases = [*recipe["phases"][:-1], {**recipe["phases"][-1], "epochs": epochs}]
        return {**recipe, "phases": phases}

    first, second = (cost.seconds(with_epochs(n), longer=longer) for n in (1, 2))
    fits = 1 + int(max(0.0, seconds - first) / max(second - first, 1e-9))
    chosen = with_epochs(min(max(fits, 1), most))
    return chosen, cost.seconds(chosen, longer=longer)


SOLVED = "linear_probe"
"""the method whose heads are solved for on features that are computed once"""
_START_S, _SOLVE_S = 0.6, 6e-5
"""of a fold; of a row, class and view that heads are solved on, as measured on features of 1,280
numbers with one core: regularisation is chosen by as long a time on no more than `MOST_ROWS` rows
in one view, a further round of self-training takes a third"""


def solved_heads(facts: CompetitionFacts, *, in_views: bool = True) -> dict[str, Any] | None:
    """Return the phase that solves for the heads; None where masks are predicted, too.

    Args:
        facts: on the data.
        in_views: learn mirrored images, too, where they have the same answer.
    """
    if facts.has_masks:
        return None
    method: dict[str, Any] = {"name": SOLVED}
    if facts.may_turn and in_views:
        method["views"] = ["hflip"]
    return {"name": "heads", "epochs": 1, "freeze": ["backbone"], "method": method}


def solved_seconds(
    situation: Situation,
    cost: RecipeCost,
    *,
    in_views: bool = True,
    rounds: int = 0,
    are_known: bool = False,
) -> float:
    """Return the seconds of solving for heads: each image is passed once, whatever the folds.

    Args:
        situation: of the step.
        cost: of the recipe of such heads, at the size of the images.
        in_views: as in `solved_heads`.
        rounds: of self-training.
        are_known: whether an earlier step has kept the features of all that is not unlabelled.
    """
    facts, timing = situation.facts, cost.timing
    views = 2 if facts.may_turn and in_views else 1
    image_s = timing.image_s * views / (2 if facts.may_turn else 1)
    valid = facts.n / max(situation.n_folds, 2)
    images = 0.0 if are_known else facts.n + max(timing.predicted - valid, 0)
    images += facts.n_unlabelled if rounds else 0
    rows: float = min(facts.n, MOST_ROWS) + views * facts.n
    rows += rounds / 3 * views * (facts.n + facts.n_unlabelled)
    of_fold = _START_S + _SOLVE_S * max(len(facts.counts), 1) * rows
    return MARGIN * (images * image_s + situation.n_folds * of_fold)
