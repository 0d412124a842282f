"""`podium recipes suggest`: recipes for the data and this machine, each choice with its reason.

One is quick, one strong, and one for each special property of the data that applies. The facts
known before any training come first, and the weights that can be had here: nothing starts from
weights that are out of reach. The choices are in `RULES`, one row a choice; for each key the last
row that applies wins. The same facts give the same recipes. Nothing here is a promise: the folds
decide. `podium.workflows.suggestions.times` measures how long each takes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from podium.competition import metrics
from podium.competition.checks.mask_facts import read_mask_facts
from podium.competition.images import first_file, image_size
from podium.competition.samples import load_samples
from podium.competition.scale import SameScale, shows_same_scale
from podium.competition.spec import Competition
from podium.competition.truths.labels import class_counts
from podium.errors import UsageError
from podium.tasks.protocols.kind import Kind
from podium.tasks.protocols.names import (
    PIXELS,
    TaskName,
    has_images,
    has_pixels,
    is_of_pixels,
    of_images,
)
from podium.workflows.suggestions.characters import are_characters
from podium.workspace.atomic import write_text
from podium.workspace.layout import Workspace
from podium.workspace.machine import Machine
from podium.workspace.progress import SILENT, Progress

__all__ = [
    "NAMED_BACKBONES",
    "PREFIX",
    "CompetitionFacts",
    "LocalBackbone",
    "Suggestion",
    "competition_facts",
    "find_suggestion",
    "inline_yaml",
    "recipe_text",
    "suggest_recipes",
    "write_suggestions",
]


LOOKED_AT = 100
"""Number of images (and masks) whose sizes are read, evenly over the data."""
FEW, FEW_A_CLASS = 500, 20
MANY_UNLABELLED = 3
IMBALANCED = 10
TINY = 0.01


SMALL_IMAGE = 64
"""pixels of a shorter side up to which podium's own networks are worth their time"""
NAMED_BACKBONES = (
    "tf_efficientnetv2_s", "convnext_tiny", "resnet34", "resnet18", "regnety_008",
    "vit_small_patch16_224.augreg_in21k",
)  # fmt: skip
"""those that `RULES` name; without the hub they are looked for in its cache"""


@dataclass(frozen=True)
class LocalBackbone:
    """A backbone whose weights are on this machine.

    Attributes:
        backbone: timm's name.
        weights: as a recipe names the file; None: the hub's cache has them.
    """

    backbone: str
    weights: str | None = None


@dataclass(frozen=True)
class CompetitionFacts:
    """Facts that the rules of `podium recipes suggest` use.

    Attributes:
        tasks: kind of the network's outputs, by task, with the losses that its metric asks for.
        scored: the task that the metric scores.
        n: training samples with a label or mask.
        n_unlabelled: images of `data.unlabelled`.
        side: median of the images' shorter sides, in pixels.
        largest: of their longer sides.
        counts: samples of each class of the labels; empty if they are numbers.
        coverage: median share of an image that its mask covers, of those with any; None: no masks.
        empty: share of the masks that are empty.
        machine: hardware to train on.
        hub: whether the hub of pretrained weights can be reached.
        local: backbones with weights on this machine, the best first.
        scale: the sizes of train and test where images are to be seen at their own scale.
        shows_characters: whether the classes are digits or letters.
    """

    tasks: dict[TaskName, Kind]
    scored: TaskName
    n: int
    n_unlabelled: int
    side: int
    largest: int
    machine: Machine
    counts: tuple[int, ...] = field(default=())
    coverage: float | None = None
    empty: float = 0.0
    hub: bool = True
    local: tuple[LocalBackbone, ...] = ()
    scale: SameScale | None = None
    shows_characters: bool = False

    @property
    def has_weights(self) -> bool:
        """Whether any pretrained weights are within reach."""
        return self.hub or bool(self.local)

    @property
    def is_small(self) -> bool:
        """Whether images are so small that a network made for such images sees them as they are."""
        return self.side <= SMALL_IMAGE and not self.has_masks

    @property
    def can_probe(self) -> bool:
        """Whether a head of labels can be solved for on pretrained features."""
        return self.has_weights and self.has_labels and not self.has_masks

    @property
    def a_class(self) -> str:
        """The labels of a class, in words; "" where there are no classes."""
        there = [n for n in self.counts if n]
        if not there:
            return ""
        least, most = min(there), max(there)
        return f"{least:,} a class" if least == most else f"{least:,} to {most:,} a class"

    @property
    def has_gpu(self) -> bool:
        return self.machine.gpu is not None

    @property
    def has_large_gpu(self) -> bool:
        return self.machine.gpu_memory >= 15 << 30

    @property
    def has_masks(self) -> bool:
        return has_pixels(self.tasks)

    @property
    def has_labels(self) -> bool:
        return has_images(self.tasks)

    @property
    def label_kind(self) -> Kind | None:
        """The kind of the labels, if there are some."""
        return of_images(self.tasks)

    @property
    def has_numbers(self) -> bool:
        """Whether labels are numbers: no classes to count, or to be confident of."""
        return self.label_kind is not None and self.label_kind.is_continuous

    @property
    def may_turn(self) -> bool:
        """Whether no answer changes when an image is flipped."""
        turns = self.label_kind is not None and self.label_kind.turns_with_image
        return not (turns or self.shows_characters)

    @property
    def why_upright(self) -> str:
        """Why images are not flipped."""
        if self.shows_characters:
            return "a flipped digit or letter is another one, or none"
        return "a flip would change the label"

    @property
    def has_softmax(self) -> bool:
        """Whether labels are one class of many, and are the only task."""
        is_exclusive = self.label_kind is not None and self.label_kind.is_exclusive
        return is_exclusive and not self.has_masks

    @property
    def imbalance(self) -> float:
        """Ratio of samples of the largest class to those of the smallest."""
        there = [n for n in self.counts if n]
        return max(there) / min(there) if len(there) > 1 else 1.0

    @property
    def is_imbalanced(self) -> bool:
        """Whether balanced sampling helps: each label is one class, and some are rare."""
        is_counted = self.label_kind is not None and self.label_kind.is_counted
        return is_counted and self.imbalance >= IMBALANCED

    @property
    def rarest(self) -> int:
        """The samples of the rarest class that has any."""
        return min((n for n in self.counts if n), default=0)

    @property
    def has_few(self) -> bool:
        """Whether there is too little data to train a whole backbone well."""
        n_classes = sum(n > 0 for n in self.counts)
        return self.n < FEW or (n_classes > 0 and self.n / n_classes < FEW_A_CLASS)

    @property
    def has_many_unlabelled(self) -> bool:
        return self.n_unlabelled >= max(MANY_UNLABELLED * self.n, 100)

    @property
    def is_tiled(self) -> bool:
        """Whether masks are scored of images too large for a network at their own scale."""
        return is_of_pixels(self.scored) and self.largest > 1024

    @property
    def is_tiny(self) -> bool:
        """Whether objects of masks are so small that most windows of an image would miss them."""
        return self.coverage is not None and self.coverage < TINY


def competition_facts(
    workspace: Workspace,
    competition: Competition,
    machine: Machine,
    *,
    hub: bool = True,
    local: tuple[LocalBackbone, ...] = (),
    progress: Progress = SILENT,
) -> CompetitionFacts:
    """Return the facts on `competition` for recipes; a hundred images and masks are read.

    Args:
        workspace: of the competition.
        competition: whose data.
        machine: hardware to train on.
        hub: whether the hub of pretrained weights can be reached.
        local: backbones with weights on this machine, the best first.
        progress: gets a bar while masks are read.

    Raises:
        DataError: the data cannot be read.
    """
    samples = load_samples(competition, "train", workspace=workspace)
    sizes = [
        image_size(competition.root / first_file(paths), competition.reader)
        for paths in _sample_rows(samples)["images"]
    ]
    counts: tuple[int, ...] = ()
    if competition.has_labels and not competition.kind.is_continuous:
        counts = tuple(int(n) for n in class_counts(competition, samples["label"])[1])
    coverage, empty = None, 0.0
    if competition.has_masks:
        with_mask = _sample_rows(samples[samples["mask"].notna()].reset_index(drop=True))
        coverage, empty = _covered(workspace, competition, with_mask, progress)
    answered = samples["label"].notna() | samples["mask"].notna()
    return CompetitionFacts(
        tasks={task: metrics.kind_to_learn(competition, task) for task in competition.tasks},
        scored=competition.scored_task,
        n=int(answered.sum()),
        n_unlabelled=len(load_samples(competition, "unlabelled")),
        side=int(np.median([min(size) for size in sizes])),
        largest=int(np.median([max(size) for size in sizes])),
        counts=counts,
        coverage=coverage,
        empty=empty,
        machine=machine,
        hub=hub,
        local=local,
        scale=shows_same_scale(competition),
        shows_characters=competition.has_labels
        and are_characters(competition.classes, competition.name),
    )


def _sample_rows(samples: pd.DataFrame) -> pd.DataFrame:
    at = np.unique(np.linspace(0, len(samples) - 1, min(LOOKED_AT, len(samples))).astype(int))
    return samples.iloc[at].reset_index(drop=True)


def _covered(
    workspace: Workspace, competition: Competition, samples: pd.DataFrame, progress: Progress
) -> tuple[float, float]:
    """Return the median share that masks with anything cover, and the share of empty ones."""
    shares = read_mask_facts(workspace, competition, samples, progress=progress).coverage
    shares = shares[~np.isnan(shares)]
    covered = shares[shares > 0]
    return (
        float(np.median(covered)) if len(covered) else 1.0,
        float(np.mean(shares == 0)) if len(shares) else 0.0,
    )


QUICK_STEPS, STRONG_STEPS = (150, 1500), (1500, 15000)
"""optimiser steps to aim at without and with a GPU"""
SHORT_STEPS = 150
"""of the heads of masks on a frozen backbone, whatever the number of images"""
FINE = 192
"""pixels of a side up to which masks are drawn at the images' own resolution"""
MOST_WORKERS = 8
ROUNDS = 5
"""of the self-training of a solved head"""
RATIO = 2
"""unlabelled images beside one labelled; the paper's 7 takes three times as long"""


@dataclass(frozen=True)
class SuggestedValue:
    """A key of the recipe (`phases.NAME.…` is of the phase of that name), its value, and why.

    Attributes:
        least: of epochs: fewer teach it too little to be worth any time.
    """

    key: str
    value: Any
    why: str
    least: int = 1


@dataclass(frozen=True)
class Suggestion:
    """A recipe: its name, what it is for, and each choice."""

    name: str
    about: str
    choices: tuple[SuggestedValue, ...]


@dataclass(frozen=True)
class SpecialCase:
    """A special property of a competition, and the recipe for it."""

    name: str
    fits: Callable[[CompetitionFacts], bool]
    about: str


@dataclass(frozen=True)
class _Rule:
    """Row of the table; texts and values that are functions are called with the facts."""

    recipes: str
    fits: Callable[[CompetitionFacts], bool]
    key: str
    value: Any
    why: str
    least: int | Callable[[CompetitionFacts], int] = 1


# In the order in which they are shown, behind "quick" and "strong".
SPECIALS = (
    SpecialCase("short", lambda f: f.has_masks and not f.has_gpu,
            "the quickest score: the heads alone learn, on small images"),
    SpecialCase("tiles", lambda f: f.is_tiled, "images of {f.largest:,} pixels: windows of them"),
    SpecialCase("probe", lambda f: f.can_probe and f.has_few,
            "few labels ({f.n:,}): the last layer solved for on features that are computed once"),
    SpecialCase("probe", lambda f: f.can_probe and not f.has_few,
            "the last layer solved for on features that are computed once: the quickest score"),
    SpecialCase("few", lambda f: f.has_few and f.has_weights,
            "few labels ({f.n:,}): train few parameters anew, and the rest gently"),
    SpecialCase("own", lambda f: f.is_small and f.has_weights,
            "images of {f.side:,} pixels: a network made for such images, at their own size"),
    SpecialCase("unlabelled", lambda f: f.has_many_unlabelled and not f.has_numbers,
            "{f.n_unlabelled:,} unlabelled images beside {f.n:,} with labels: FixMatch"),
    SpecialCase("unlabelled", lambda f: f.has_many_unlabelled and f.has_numbers,
            "{f.n_unlabelled:,} unlabelled images beside {f.n:,} with labels: SimSiam first"),
    SpecialCase("balanced", lambda f: f.is_imbalanced,
            "the largest class is {f.imbalance:.0f} times the rarest: balanced sampling"),
    SpecialCase("other", lambda f: f.hub or len(f.local) > 1 or (f.is_small and not f.local),
            "another family of backbones: a blend gains by it"),
)  # fmt: skip


def special_cases(facts: CompetitionFacts) -> tuple[SpecialCase, ...]:
    """Return what is special about a competition, by weight."""
    return tuple(one for one in SPECIALS if one.fits(facts))


def suggest_recipes(facts: CompetitionFacts) -> tuple[Suggestion, ...]:
    """Return the recipes "quick", "strong" and one for each special case that applies.

    Where labels are few and weights within reach, the solved head comes first; of masks without a
    GPU what takes minutes.
    """
    special = [
        Suggestion(one.name, one.about.format(f=facts), _choices(one.name, facts))
        for one in special_cases(facts)
    ]
    quickest = ("probe", "short") if facts.has_few else ("short",)
    first = [one for one in special if one.name in quickest]
    return (
        *first,
        Suggestion("quick", "a first score, of a small network", _choices("quick", facts)),
        Suggestion("strong", "one good model", _choices("strong", facts)),
        *(one for one in special if one not in first),
    )


def find_suggestion(facts: CompetitionFacts, name: str) -> Suggestion:
    """Return a suggestion by its name, with or without "suggested-".

    Raises:
        UsageError: it does not apply here; those that do are named.
    """
    found = {one.name: one for one in suggest_recipes(facts)}
    bare = name.removeprefix(PREFIX)
    if bare not in found:
        known = ", ".join(PREFIX + one for one in found)
        raise UsageError(
            f"there is no suggestion {name!r} for these data", fix=f"choose of {known}"
        )
    return found[bare]


def _choices(name: str, facts: CompetitionFacts) -> tuple[SuggestedValue, ...]:
    chosen: dict[str, SuggestedValue] = {}
    for rule in RULES:
        if _is_for(rule.recipes, name) and rule.fits(facts):
            value = rule.value(facts) if callable(rule.value) else rule.value
            least = rule.least(facts) if callable(rule.least) else rule.least
            chosen[rule.key] = SuggestedValue(rule.key, value, rule.why.format(f=facts), least)
    return tuple(one for one in chosen.values() if one.value is not None)


def _is_for(recipes: str, name: str) -> bool:
    is_slow = recipes == "slow" and name not in ("quick", "short")
    return name in recipes.split() or is_slow or recipes == "all"


def _always(_: CompetitionFacts) -> bool:
    return True


def _gpu(f: CompetitionFacts) -> bool:
    return f.has_gpu


def _from_nothing(f: CompetitionFacts) -> bool:
    return not f.has_weights


def _from_here(f: CompetitionFacts) -> bool:
    return bool(f.local) and not f.hub


def _from_file(f: CompetitionFacts) -> bool:
    return _from_here(f) and f.local[0].weights is not None


def _small_from_nothing(f: CompetitionFacts) -> bool:
    return f.is_small and not f.has_weights


def _fine_tunes(f: CompetitionFacts) -> bool:
    """Whether the recipe for few labels solves for the head, and then trains all of it."""
    return f.can_probe and not f.has_gpu


def _masks(f: CompetitionFacts) -> bool:
    return f.has_masks


def _rounded(side: float, least: int, most: int) -> int:
    """Return a multiple of 32, by which backbones divide, between two others."""
    return min(max(32 * round(side / 32), least), most)


def _quick_size(f: CompetitionFacts) -> int:
    return _rounded(f.side, 64, 160)


def _short_size(f: CompetitionFacts) -> int:
    return _rounded(f.side, 64, 128)


def _short_decoder(f: CompetitionFacts) -> dict[str, Any]:
    """Return a decoder with few channels, of small images at their own resolution."""
    if f.side <= FINE and f.has_weights:
        return {"decoder": "unet", "options": {"decoder_channels": [128, 64, 32, 16, 16]}}
    options = {"pyramid_channels": 64, "segmentation_channels": 32}
    return {"decoder": "fpn", "options": options}


def _own_size(f: CompetitionFacts) -> int:
    return _rounded(f.side, 32, SMALL_IMAGE)


def _probe_size(f: CompetitionFacts) -> int:
    return _rounded(2 * f.side, 128, 224)


def _own_batch(f: CompetitionFacts) -> int:
    return _batch(f, 224, 64)  # small images: whatever their size


def _probe_options(f: CompetitionFacts) -> dict[str, Any]:
    options: dict[str, Any] = {"name": "linear_probe"}
    if f.may_turn:
        options["views"] = ["hflip"]
    if f.has_many_unlabelled and not f.has_numbers:
        options["rounds"] = ROUNDS
    return options


def _strong_size(f: CompetitionFacts) -> int:
    return _rounded(f.side, 96, 384 if f.has_large_gpu else 256 if f.has_gpu else 224)


def _tile_size(f: CompetitionFacts) -> int:
    return 512 if f.has_large_gpu else 256


def _batch(f: CompetitionFacts, size: int, full: int) -> int:
    """Return a power of two: `full` at 224 pixels, by area, at least eight steps an epoch."""
    most = min(full * (224 / size) ** 2, 2 * full, f.n / 8)
    return int(2 ** math.floor(math.log2(max(most, 8))))


def _short_batch(f: CompetitionFacts) -> int:
    return _batch(f, 224, 16)  # small images: whatever their size


def _quick_batch(f: CompetitionFacts) -> int:
    return _batch(f, _quick_size(f), 64 if f.has_gpu else 32)


def _strong_batch(f: CompetitionFacts) -> int:
    return _batch(f, _strong_size(f), 64 if f.has_large_gpu else 32 if f.has_gpu else 16)


def _tile_batch(f: CompetitionFacts) -> int:
    return _batch(f, _tile_size(f), 64 if f.has_large_gpu else 32 if f.has_gpu else 8)


def _fixmatch_batch(f: CompetitionFacts) -> int:
    return max(_strong_batch(f) // 2, 8)  # a step also has RATIO times as many unlabelled images


def _fixmatch_epochs(f: CompetitionFacts) -> int:
    """Return passes over the unlabelled and the training images, which pace it."""
    a_pass = (f.n_unlabelled + f.n) / (RATIO * _fixmatch_batch(f))
    return min(max(round(STRONG_STEPS[f.has_gpu] / a_pass), 5), 100)


def _least_fixmatch_epochs(f: CompetitionFacts) -> int:
    """Return half of a short run: before, few predictions are confident, and some of them wrong."""
    return max(_fixmatch_epochs(f) // 2, 5)


def _epochs(
    steps: tuple[int, int], batch: Callable[[CompetitionFacts], int], least: int, most: int
) -> Any:
    def epochs(f: CompetitionFacts) -> int:
        return min(max(round(steps[f.has_gpu] * batch(f) / max(f.n, 1)), least), most)

    return epochs


def _mask_loss(f: CompetitionFacts) -> dict[str, Any]:
    return {task: _loss(kind) for task, kind in f.tasks.items()}


def _tile_loss(f: CompetitionFacts) -> dict[str, Any]:
    return {PIXELS: _loss(f.tasks[PIXELS])}


def _loss(kind: Kind) -> dict[str, Any]:
    """Return the usual losses; yes or no for each cut point where a kind names none."""
    usual = kind.usual_loss or {"bce": 1.0}
    return {name: int(one) if one == 1 else one for name, one in usual.items()}


def _size_rules(
    recipe: str, size: Callable[[CompetitionFacts], int], *others: _Rule
) -> tuple[_Rule, ...]:
    """Return the rules of a recipe's image size; of those that fit the last one counts.

    Args:
        recipe: its name.
        size: by the facts.
        others: rules of smaller images than the competition has.
    """
    of_side = "images of {f.side:,} pixels"
    enlarged = "enlarged: the backbone's last map is 32 times smaller"
    key = "input.size"
    return (
        _Rule(recipe, _always, key, size, f"{of_side}, downscaled"),
        *others,
        _Rule(recipe, lambda f: size(f) == f.side, key, size, f"{of_side}, at their own size"),
        _Rule(
            recipe,
            lambda f: size(f) > f.side,
            key,
            size,
            f"{of_side}, enlarged to a multiple of 32",
        ),
        _Rule(recipe, lambda f: f.side < 64, key, size, f"{of_side}, {enlarged}"),
    )


# fmt: off
RULES = (
    # -- the network ------------------------------------------------------------------------------
    _Rule("quick short", _always, "model.backbone", "resnet18", "small and quick on any machine"),
    _Rule("slow", _always, "model.backbone", "resnet34", "no GPU: what a CPU trains in hours"),
    _Rule("slow", _gpu, "model.backbone", "tf_efficientnetv2_s", "much for its time on a GPU"),
    _Rule("other", _always, "model.backbone", "regnety_008", "not a ResNet, and no slower"),
    _Rule("other", lambda f: f.has_gpu and not f.has_masks, "model.backbone", "convnext_tiny",
          "large kernels and layer norm: it errs elsewhere than EfficientNet"),
    _Rule("few", lambda f: f.has_gpu and not f.has_masks, "model.backbone",
          "vit_small_patch16_224.augreg_in21k", "its features of 21,841 classes transfer well"),
    _Rule("all", _always, "model.pretrained", True,
          "{f.n:,} samples: a start from ImageNet beats one from nothing"),
    _Rule("few", lambda f: f.has_gpu and not f.has_masks, "model.lora", {"rank": 8},
          "so few parameters are trained that {f.n:,} labels suffice"),
    _Rule("strong balanced other", lambda f: f.has_gpu, "model.drop_path", 0.2,
          "long training: it keeps the network from memorising"),
    _Rule("all", lambda f: f.has_labels, "model.heads.classify", {"pool": "avg", "dropout": 0.2},
          "the usual head"),
    _Rule("all", _masks, "model.heads.segment", {"decoder": "unet"},
          "finds borders; the safest of the decoders"),
    _Rule("short", _always, "model.heads.segment", _short_decoder, "few channels: quick"),
    _Rule("all", _from_here, "model.backbone", lambda f: f.local[0].backbone,
          "its weights are on this machine, and the hub does not answer"),
    _Rule("all", _from_file, "model.weights", lambda f: f.local[0].weights, "a file that is here"),
    _Rule("all", _from_file, "model.pretrained", None, ""),
    _Rule("other", lambda f: _from_here(f) and len(f.local) > 1, "model.backbone",
          lambda f: f.local[1].backbone, "its weights are on this machine, too"),
    _Rule("other", lambda f: _from_here(f) and len(f.local) > 1, "model.weights",
          lambda f: f.local[1].weights, "a file that is here"),
    _Rule("other", lambda f: _from_here(f) and len(f.local) > 1, "model.pretrained",
          lambda f: True if f.local[1].weights is None else None, "the hub's cache has them"),
    _Rule("all", _from_nothing, "model.backbone", "cnn",
          "small, and learns from nothing: no pretrained weights are within reach"),
    _Rule("all", _from_nothing, "model.pretrained", False, "no weights are within reach"),
    _Rule("own", _always, "model.backbone", "cnn", "plain convolutions, quick on a CPU"),
    _Rule("own", _always, "model.pretrained", False, "there are no weights of it"),
    _Rule("own", _always, "model.weights", None, ""),
    _Rule("own", _always, "model.options", {"widths": [32, 64, 128, 256], "depth": 2},
          "eight convolutions"),
    _Rule("all", _from_nothing, "model.options", {"widths": [32, 64, 128, 256], "depth": 2},
          "eight convolutions"),
    _Rule("own", _gpu, "model.backbone", "wide_resnet", "WRN-28-2, the usual one at 32 pixels"),
    _Rule("own", _gpu, "model.options", {"depth": 28, "widen": 2}, "1.5 million parameters"),
    _Rule("other", _from_nothing, "model.backbone", "wide_resnet", "WRN-28-2: residual blocks"),
    _Rule("other", _from_nothing, "model.options", {"depth": 28, "widen": 2},
          "1.5 million parameters"),
    _Rule("all", lambda f: not f.hub, "model.lora", None, ""),
    _Rule("all", _from_nothing, "model.drop_path", None, ""),
    _Rule("own probe", _always, "model.drop_path", None, ""),
    _Rule("own probe", _always, "model.lora", None, ""),
    _Rule("tiles", lambda f: f.has_labels, "model.heads.classify", None, ""),
    # -- inputs -----------------------------------------------------------------------------------
    *_size_rules("quick", _quick_size),
    *_size_rules("short", _short_size, _Rule(
          "short", lambda f: _short_size(f) < _quick_size(f), "input.size", _short_size,
          "images of {f.side:,} pixels, smaller than for quick: a step takes less time")),
    _Rule("slow", _always, "input.size", _strong_size,
          "images of {f.side:,} pixels, as far as the machine goes"),
    _Rule("slow", lambda f: _strong_size(f) == f.side, "input.size", _strong_size,
          "images of {f.side:,} pixels, at their own size"),
    _Rule("slow", lambda f: f.side < 96, "input.size", _strong_size,
          "images of {f.side:,} pixels, enlarged: the backbone's last map is 32 times smaller"),
    _Rule("few", lambda f: f.has_gpu and not f.has_masks, "input.size", 224,
          "what the backbone was trained at"),
    _Rule("few", lambda f: f.has_gpu and not f.has_masks and not f.hub, "input.size",
          _strong_size, "images of {f.side:,} pixels, as far as the machine goes"),
    _Rule("probe", _always, "input.size", _probe_size,
          "images of {f.side:,} pixels; features of larger ones are better, and computed once"),
    _Rule("all", _small_from_nothing, "input.size", _own_size,
          "images of {f.side:,} pixels, at their own size"),
    _Rule("own", _always, "input.size", _own_size, "images of {f.side:,} pixels, at their own"),
    _Rule("tiles", _always, "input.size", _tile_size, "the side of a window"),
    _Rule("quick short", _always, "input.train", "weak", "few epochs need little augmentation"),
    _Rule("slow", _always, "input.train", "medium", "windows, flips, light and colour"),
    _Rule("strong balanced other", lambda f: f.has_softmax, "input.train", "strong",
          "many epochs: RandAugment and Cutout"),
    _Rule("few tiles", _always, "input.train", "weak", "few trained parameters need no more"),
    _Rule("few", _fine_tunes, "input.train", "medium", "all of it learns: windows, flips, colour"),
    _Rule("probe", _always, "input.train", "none", "features are those of the plain image"),
    _Rule("unlabelled", lambda f: not f.has_numbers, "input.train", "weak",
          "FixMatch has a strong view of its own"),
    _Rule("tiles", _always, "input.train", "medium", "windows, flips, light and colour"),
    _Rule("quick short strong balanced other few own unlabelled tiles", lambda f: not f.may_turn,
          "input.train", "photometric", "light and colour alone: {f.why_upright}"),
    _Rule("all", _always, "input.fit", "resize", "nothing is cut off"),
    _Rule("tiles", _always, "input.fit", "tile", "borders and small things keep their pixels"),
    _Rule("tiles", _always, "input.foreground", 0.25, "windows that show something, too"),
    _Rule("tiles", lambda f: f.is_tiny, "input.foreground", 0.5,
          "masks cover {f.coverage:.2%} of an image: most windows would show none"),
    # -- optimisation ----------------------------------------------------------------------------
    _Rule("quick", _always, "optimizer", {"name": "adamw", "lr": 5e-4, "weight_decay": 1e-2},
          "fine-tuning; `podium tune lr` searches for a better rate"),
    _Rule("short", _always, "optimizer", {"name": "adamw", "lr": 5e-3, "weight_decay": 1e-4},
          "heads alone learn, so they may learn fast"),
    _Rule("slow", _always, "optimizer", {"name": "adamw", "lr": 5e-4, "weight_decay": 2e-2,
          "warmup_epochs": 1, "clip_norm": 1.0}, "fine-tuning for long, gently begun"),
    _Rule("few", _always, "optimizer", {"name": "adamw", "lr": 1e-3, "weight_decay": 1e-4},
          "what is new learns fast; what is pretrained hardly moves"),
    _Rule("few", _fine_tunes, "optimizer", {"name": "adamw", "lr": 1e-4, "weight_decay": 1e-2,
          "warmup_epochs": 1, "clip_norm": 1.0}, "gently: the head is right from the start"),
    _Rule("own", _always, "optimizer", {"name": "adamw", "lr": 3e-3, "weight_decay": 2e-2,
          "warmup_epochs": 1, "clip_norm": 1.0}, "from nothing: larger steps"),
    _Rule("all", _from_nothing, "optimizer", {"name": "adamw", "lr": 3e-3, "weight_decay": 2e-2,
          "warmup_epochs": 1, "clip_norm": 1.0}, "from nothing: larger steps"),
    _Rule("probe", _always, "optimizer", None, ""),
    _Rule("quick", _always, "batch_size", _quick_batch, "fits; enough steps an epoch"),
    _Rule("short", _always, "batch_size", _short_batch, "fits; enough steps an epoch"),
    _Rule("slow", _always, "batch_size", _strong_batch,
          "fits, if nothing else runs; `podium tune batch` measures it"),
    _Rule("own", _always, "batch_size", _own_batch, "fits; at least eight steps an epoch"),
    _Rule("probe", _always, "batch_size", 32, "images at a time; changes no result"),
    _Rule("tiles", _always, "batch_size", _tile_batch, "windows of this size that fit"),
    _Rule("unlabelled", lambda f: not f.has_numbers, "batch_size", _fixmatch_batch,
          "beside twice as many unlabelled images, in two views"),
    _Rule("all", _always, "precision", "auto", "float32: there is no GPU"),
    _Rule("all", _gpu, "precision", "auto", "bfloat16 where the GPU is quick at it, else float16"),
    _Rule("all", lambda f: f.has_gpu and f.machine.cores >= 4, "workers",
          lambda f: min(f.machine.cores - 1, MOST_WORKERS), "{f.machine.cores} cores feed the GPU"),
    _Rule("balanced", _always, "sampling", "balanced",
          "the rarest class has {f.rarest:,} samples: every class as often"),
    _Rule("tiles", lambda f: f.empty > 0.5, "empty_share", 0.3,
          "{f.empty:.0%} of the masks are empty, which carry little information"),
    _Rule("strong balanced other", lambda f: f.has_softmax, "label_smoothing", 0.1,
          "labels have errors, and no class is sure"),
    _Rule("strong balanced other", lambda f: f.has_softmax and f.has_gpu, "mix",
          {"mixup": 0.2, "cutmix": 1.0, "probability": 0.5}, "many epochs: images between images"),
    _Rule("strong balanced other", lambda f: f.has_gpu, "ema_decay", 0.999,
          "the mean over the last steps predicts better than the last"),
    # -- phases -----------------------------------------------------------------------------------
    _Rule("unlabelled", lambda f: f.has_numbers, "phases.images.epochs",
          lambda f: 50 if f.has_gpu else 10, "more help, as long as the probe rises", least=10),
    _Rule("unlabelled", lambda f: f.has_numbers, "phases.images.method", {"name": "simsiam"},
          "numbers have no confidence, which FixMatch needs; SimSiam needs no large batch"),
    _Rule("unlabelled", lambda f: f.has_numbers, "phases.images.optimizer",
          lambda f: {"name": "sgd", "lr": 0.05 * _strong_batch(f) / 256, "weight_decay": 1e-4,
                     "decay_norms": True, "nesterov": False}, "the paper's, for this batch"),
    _Rule("slow", lambda f: f.has_masks, "phases.head.epochs", 1,
          "what is new first, so that it does not spoil the backbone"),
    _Rule("slow", lambda f: f.has_masks, "phases.head.freeze", ["backbone"], "only heads learn"),
    _Rule("slow", lambda f: f.has_masks, "phases.head.loss", _mask_loss,
          "each pixel, and the overlap that is scored"),
    _Rule("tiles", _always, "phases.head.loss", _tile_loss,
          "each pixel, and the overlap that is scored"),
    _Rule("few own probe", _always, "phases.head.epochs", None, ""),
    _Rule("few own probe", _always, "phases.head.freeze", None, ""),
    _Rule("few own probe", _always, "phases.head.loss", None, ""),
    _Rule("few probe", lambda f: f.can_probe, "phases.probe.epochs", 1, "it is solved at once"),
    _Rule("few probe", lambda f: f.can_probe, "phases.probe.freeze", ["backbone"],
          "features stay as they are, so each image passes once"),
    _Rule("few probe", lambda f: f.can_probe, "phases.probe.method", _probe_options,
          "its regularisation is cross-fitted; in rounds it labels unlabelled images itself"),
    _Rule("few probe", lambda f: f.can_probe and not f.has_many_unlabelled, "phases.probe.method",
          _probe_options, "its regularisation is cross-fitted within the training rows"),
    _Rule("few probe", lambda f: f.can_probe and not f.may_turn, "phases.probe.method",
          _probe_options, "its regularisation is cross-fitted; {f.why_upright}: no mirrored view"),
    _Rule("few", lambda f: f.has_gpu, "phases.probe.epochs", None, ""),
    _Rule("few", lambda f: f.has_gpu, "phases.probe.freeze", None, ""),
    _Rule("few", lambda f: f.has_gpu, "phases.probe.method", None, ""),
    _Rule("quick", _always, "phases.whole.epochs", _epochs(QUICK_STEPS, _quick_batch, 3, 15),
          "a few hundred steps or more"),
    _Rule("short", _always, "phases.whole.epochs",
          _epochs((SHORT_STEPS, SHORT_STEPS), _short_batch, 1, 15), "a hundred steps or more"),
    _Rule("short", lambda f: f.n > SHORT_STEPS * _short_batch(f), "phases.whole.steps_per_epoch",
          SHORT_STEPS, "an epoch is a part of the {f.n:,} samples: no more time than of few"),
    _Rule("short", lambda f: f.has_weights, "phases.whole.freeze", ["backbone"],
          "its features are pretrained; only the heads learn, in half of the time"),
    _Rule("slow", _always, "phases.whole.epochs", _epochs(STRONG_STEPS, _strong_batch, 10, 40),
          "until the network would memorise more; watch the curves"),
    _Rule("tiles", _always, "phases.whole.epochs", _epochs(STRONG_STEPS, _tile_batch, 10, 60),
          "an image is one window an epoch"),
    _Rule("few", lambda f: not _fine_tunes(f) and not (f.has_gpu and f.hub and not f.has_masks),
          "phases.whole.freeze", ["backbone"],
          "with {f.n:,} labels the pretrained features are hard to improve"),
    _Rule("few", _fine_tunes, "phases.whole.freeze_statistics", True,
          "the head is solved on features by these; few images would move them away from it"),
    _Rule("few", _fine_tunes, "phases.whole.epochs", _epochs(QUICK_STEPS, _strong_batch, 3, 15),
          "a few hundred steps: more would memorise {f.n:,} labels"),
    _Rule("own", _always, "phases.whole.epochs", _epochs(STRONG_STEPS, _own_batch, 10, 60),
          "from nothing it takes many", least=10),
    _Rule("all", lambda f: not f.has_masks, "phases.whole.loss", _mask_loss,
          "the usual one for this kind of label"),
    _Rule("all", _masks, "phases.whole.loss", _mask_loss,
          "each pixel, and the overlap that is scored"),
    _Rule("tiles", _always, "phases.whole.loss", _tile_loss,
          "each pixel, and the overlap that is scored"),
    _Rule("unlabelled", lambda f: not f.has_numbers, "phases.whole.method",
          {"name": "fixmatch", "ratio": RATIO}, "trains on its confident unlabelled predictions"),
    _Rule("unlabelled", lambda f: f.has_softmax and _small_from_nothing(f), "phases.whole.method",
          {"name": "fixmatch", "ratio": RATIO, "weak": "weak_batched", "strong": "strong_batched"},
          "as it is confident; views of small images cost as much as the network, but by batch"),
    _Rule("unlabelled", lambda f: not (f.has_numbers or f.may_turn), "phases.whole.method",
          {"name": "fixmatch", "ratio": RATIO, "weak": "none", "strong": "photometric"},
          "views of light and colour alone: {f.why_upright}"),
    _Rule("unlabelled", lambda f: not f.has_numbers, "phases.whole.epochs",
          _fixmatch_epochs, "an epoch is a pass over the unlabelled images",
          least=_least_fixmatch_epochs),
    _Rule("probe", _always, "phases.whole.epochs", None, ""),
    _Rule("probe", _always, "phases.whole.loss", None, ""),
    # -- prediction -------------------------------------------------------------------------------
    _Rule("slow", lambda f: f.may_turn, "predict.tta", ["hflip"],
          "remove it where left and right matter"),
)
# fmt: on


PREFIX = "suggested-"
"""of their files: starters have names as short"""
_COLUMN = 52
_Tree = dict[str, Any]


def recipe_text(suggestion: Suggestion) -> str:
    """Return a recipe file, with a comment behind every choice."""
    lines = [f"# {suggestion.about[:1].upper()}{suggestion.about[1:]}."]
    lines += ["# `podium recipes suggest` wrote it; the folds judge.", "", "seed: 0"]
    for key, inside in _tree(suggestion.choices).items():
        if key == "phases":
            lines += ["phases:"]
            for name, phase in inside.items():
                first, *others = [f"name: {name}", *_lines(phase, 0)]
                lines += [f"  - {first}", *(f"    {one}" for one in others)]
        else:
            lines += _lines({key: inside}, 0)
    return "\n".join(_aligned(line) for line in lines) + "\n"


def write_suggestions(
    folder: Path, suggestions: tuple[Suggestion, ...]
) -> tuple[list[Path], list[Path]]:
    """Write the recipes into `folder`; return which were written, and which were there already.

    A file that is there is kept as it is.
    """
    written, kept = [], []
    for one in suggestions:
        path = folder / f"{PREFIX}{one.name}.yaml"
        if path.exists():
            kept.append(path)
        else:
            write_text(path, recipe_text(one))
            written.append(path)
    return written, kept


def _tree(choices: tuple[SuggestedValue, ...]) -> _Tree:
    tree: _Tree = {}
    for choice in choices:
        *above, last = choice.key.split(".")
        at = tree
        for part in above:
            at = at.setdefault(part, {})
        at[last] = choice
    return tree


def _lines(tree: Mapping[str, Any], depth: int) -> list[str]:
    lines, indent = [], "  " * depth
    for key, inside in tree.items():
        if isinstance(inside, SuggestedValue):
            lines.append(f"{indent}{key}: {inline_yaml(inside.value)}\0{inside.why}")
        else:
            lines += [f"{indent}{key}:", *_lines(inside, depth + 1)]
    return lines


def _aligned(line: str) -> str:
    text, mark, why = line.partition("\0")
    return f"{text:<{_COLUMN}}  # {why}" if mark else text


def inline_yaml(value: Any) -> str:
    """Return a value on one line of YAML."""
    text = yaml.safe_dump([value], default_flow_style=True, sort_keys=False, width=10**6)
    return text.strip()[1:-1]
