"""Three recipes for a competition: quick, strong, and one for what is special about it.

What is chosen stands in `RULES`, one row a choice; for each key the last row that fits wins. The
same facts give the same recipes. Nothing here is a promise: the folds judge.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from podium.workflows.suggesting_facts import Facts

__all__ = ["Choice", "Special", "Suggestion", "specials_of", "suggest"]

QUICK_STEPS, STRONG_STEPS = (150, 1500), (1500, 15000)
"""optimiser steps to aim at without and with a GPU"""
MOST_WORKERS = 8
RATIO = 2
"""unlabelled images beside one labelled; the paper's 7 takes three times as long"""


@dataclass(frozen=True)
class Choice:
    """A key of the recipe (`phases.NAME.…` is of the phase of that name), its value, and why."""

    key: str
    value: Any
    why: str


@dataclass(frozen=True)
class Suggestion:
    """A recipe: its name, what it is for, and each choice."""

    name: str
    about: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Special:
    """Something special about a competition, and the recipe that answers it."""

    name: str
    fits: Callable[[Facts], bool]
    about: str


@dataclass(frozen=True)
class _Rule:
    """Row of the table; texts and values that are functions are asked with the facts."""

    recipes: str
    fits: Callable[[Facts], bool]
    key: str
    value: Any
    why: str


# The first that fits is the third recipe; the others are said.
SPECIALS = (
    Special("tiles", lambda f: f.is_tiled, "images of {f.largest:,} pixels: windows of them"),
    Special("unlabelled", lambda f: f.has_many_unlabelled and not f.is_regression,
            "{f.n_unlabelled:,} unlabelled images beside {f.n:,} with answers: FixMatch"),
    Special("unlabelled", lambda f: f.has_many_unlabelled and f.is_regression,
            "{f.n_unlabelled:,} unlabelled images beside {f.n:,} with answers: SimSiam first"),
    Special("few", lambda f: f.has_few, "few answers ({f.n:,}): learn little anew"),
    Special("balanced", lambda f: f.is_imbalanced,
            "the largest class is {f.imbalance:.0f} times the rarest: balanced sampling"),
    Special("other", lambda f: True, "another family of backbones: blends gain by other errors"),
)  # fmt: skip


def specials_of(facts: Facts) -> tuple[Special, ...]:
    """Return what is special about a competition, by weight; the last is of every one."""
    return tuple(one for one in SPECIALS if one.fits(facts))


def suggest(facts: Facts) -> tuple[Suggestion, ...]:
    """Return the recipes "quick", "strong" and one for what is most special."""
    special = specials_of(facts)[0]
    return (
        Suggestion("quick", "a first score in minutes", _choices("quick", facts)),
        Suggestion("strong", "one good model", _choices("strong", facts)),
        Suggestion(special.name, special.about.format(f=facts), _choices(special.name, facts)),
    )


def _choices(name: str, facts: Facts) -> tuple[Choice, ...]:
    chosen: dict[str, Choice] = {}
    for rule in RULES:
        if _is_for(rule.recipes, name) and rule.fits(facts):
            value = rule.value(facts) if callable(rule.value) else rule.value
            chosen[rule.key] = Choice(rule.key, value, rule.why.format(f=facts))
    return tuple(one for one in chosen.values() if one.value is not None)


def _is_for(recipes: str, name: str) -> bool:
    return name in recipes.split() or (recipes == "slow" and name != "quick") or recipes == "all"


def _always(_: Facts) -> bool:
    return True


def _gpu(f: Facts) -> bool:
    return f.has_gpu


def _masks(f: Facts) -> bool:
    return f.has_masks


def _rounded(side: float, least: int, most: int) -> int:
    """Return a multiple of 32, by which backbones divide, between two others."""
    return min(max(32 * round(side / 32), least), most)


def _quick_size(f: Facts) -> int:
    return _rounded(f.side, 64, 160)


def _strong_size(f: Facts) -> int:
    return _rounded(f.side, 96, 384 if f.has_large_gpu else 256 if f.has_gpu else 224)


def _tile_size(f: Facts) -> int:
    return 512 if f.has_large_gpu else 256


def _batch(f: Facts, size: int, full: int) -> int:
    """Return a power of two: `full` at 224 pixels, by area, at least eight steps an epoch."""
    most = min(full * (224 / size) ** 2, 2 * full, f.n / 8)
    return int(2 ** math.floor(math.log2(max(most, 8))))


def _quick_batch(f: Facts) -> int:
    return _batch(f, _quick_size(f), 64 if f.has_gpu else 32)


def _strong_batch(f: Facts) -> int:
    return _batch(f, _strong_size(f), 64 if f.has_large_gpu else 32 if f.has_gpu else 16)


def _tile_batch(f: Facts) -> int:
    return _batch(f, _tile_size(f), 64 if f.has_large_gpu else 32 if f.has_gpu else 8)


def _fixmatch_batch(f: Facts) -> int:
    return max(_strong_batch(f) // 2, 8)  # a step sees RATIO times as many unlabelled images, too


def _fixmatch_epochs(f: Facts) -> int:
    """Return passes over the unlabelled and the training images, which pace it."""
    a_pass = (f.n_unlabelled + f.n) / (RATIO * _fixmatch_batch(f))
    return min(max(round(STRONG_STEPS[f.has_gpu] / a_pass), 5), 100)


def _epochs(steps: tuple[int, int], batch: Callable[[Facts], int], least: int, most: int) -> Any:
    def epochs(f: Facts) -> int:
        return min(max(round(steps[f.has_gpu] * batch(f) / max(f.n, 1)), least), most)

    return epochs


def _mask_loss(f: Facts) -> dict[str, Any]:
    return {task: _loss(task, kind) for task, kind in f.tasks.items()}


def _tile_loss(f: Facts) -> dict[str, Any]:
    return {"segment": _loss("segment", f.tasks["segment"])}


def _loss(task: str, kind: str) -> dict[str, int]:
    first = {"multiclass": "ce", "regression": "mse"}.get(kind, "bce")
    return {first: 1, "dice": 1} if task == "segment" else {first: 1}


# fmt: off
RULES = (
    # -- the network ------------------------------------------------------------------------------
    _Rule("quick", _always, "model.backbone", "resnet18", "small and quick on any machine"),
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
          "so few numbers are learnt that {f.n:,} answers suffice"),
    _Rule("strong balanced other", lambda f: f.has_gpu, "model.drop_path", 0.2,
          "long training: it keeps the network from learning by heart"),
    _Rule("all", lambda f: f.has_labels, "model.heads.classify", {"pool": "avg", "dropout": 0.2},
          "the usual head"),
    _Rule("all", _masks, "model.heads.segment", {"decoder": "unet"},
          "finds borders; the safest of the decoders"),
    _Rule("tiles", lambda f: f.has_labels, "model.heads.classify", None, ""),
    # -- what it sees -----------------------------------------------------------------------------
    _Rule("quick", _always, "input.size", _quick_size, "images of {f.side:,} pixels, seen small"),
    _Rule("quick", lambda f: f.side < 64, "input.size", _quick_size,
          "images of {f.side:,} pixels, enlarged: the backbone's last map is 32 times smaller"),
    _Rule("slow", _always, "input.size", _strong_size,
          "images of {f.side:,} pixels, as far as the machine goes"),
    _Rule("slow", lambda f: f.side < 96, "input.size", _strong_size,
          "images of {f.side:,} pixels, enlarged: the backbone's last map is 32 times smaller"),
    _Rule("few", lambda f: f.has_gpu and not f.has_masks, "input.size", 224,
          "what the backbone was trained at"),
    _Rule("tiles", _always, "input.size", _tile_size, "the side of a window"),
    _Rule("quick", _always, "input.train", "weak", "few epochs need little augmentation"),
    _Rule("slow", _always, "input.train", "medium", "windows, flips, light and colour"),
    _Rule("strong balanced other", lambda f: f.has_softmax, "input.train", "strong",
          "many epochs: RandAugment and Cutout"),
    _Rule("few tiles", _always, "input.train", "weak", "the little that is learnt needs no more"),
    _Rule("unlabelled", lambda f: not f.is_regression, "input.train", "weak",
          "FixMatch has a strong view of its own"),
    _Rule("tiles", _always, "input.train", "medium", "windows, flips, light and colour"),
    _Rule("all", _always, "input.fit", "resize", "nothing is cut off"),
    _Rule("tiles", _always, "input.fit", "tile", "borders and small things keep their pixels"),
    _Rule("tiles", _always, "input.foreground", 0.25, "windows that show something, too"),
    _Rule("tiles", lambda f: f.is_tiny, "input.foreground", 0.5,
          "masks cover {f.coverage:.2%} of an image: most windows would show none"),
    # -- how it learns ----------------------------------------------------------------------------
    _Rule("quick", _always, "optimizer", {"name": "adamw", "lr": 5e-4, "weight_decay": 1e-2},
          "fine-tuning; `podium tune lr` looks for a better rate"),
    _Rule("slow", _always, "optimizer", {"name": "adamw", "lr": 5e-4, "weight_decay": 2e-2,
          "warmup_epochs": 1, "clip_norm": 1.0}, "fine-tuning for long, gently begun"),
    _Rule("few", _always, "optimizer", {"name": "adamw", "lr": 1e-3, "weight_decay": 1e-4},
          "what is new learns fast; what is pretrained hardly moves"),
    _Rule("quick", _always, "batch_size", _quick_batch, "fits; enough steps an epoch"),
    _Rule("slow", _always, "batch_size", _strong_batch,
          "fits, if nothing else runs; `podium tune batch` knows more"),
    _Rule("tiles", _always, "batch_size", _tile_batch, "windows of this size that fit"),
    _Rule("unlabelled", lambda f: not f.is_regression, "batch_size", _fixmatch_batch,
          "beside twice as many unlabelled images, in two views"),
    _Rule("all", _always, "precision", "auto", "float32: there is no GPU"),
    _Rule("all", _gpu, "precision", "auto", "bfloat16 where the GPU is quick at it, else float16"),
    _Rule("all", lambda f: f.has_gpu and f.machine.cores >= 4, "workers",
          lambda f: min(f.machine.cores - 1, MOST_WORKERS), "{f.machine.cores} cores feed the GPU"),
    _Rule("balanced", _always, "sampling", "balanced",
          "the rarest class has {f.rarest:,} samples: every class as often"),
    _Rule("tiles", lambda f: f.empty > 0.5, "empty_share", 0.3,
          "{f.empty:.0%} of the masks are empty, which says little of what is there"),
    _Rule("strong balanced other", lambda f: f.has_softmax, "label_smoothing", 0.1,
          "labels have errors, and no class is sure"),
    _Rule("strong balanced other", lambda f: f.has_softmax and f.has_gpu, "mix",
          {"mixup": 0.2, "cutmix": 1.0, "probability": 0.5}, "many epochs: images between images"),
    _Rule("strong balanced other", lambda f: f.has_gpu, "ema_decay", 0.999,
          "the mean over the last steps predicts better than the last"),
    # -- phases -----------------------------------------------------------------------------------
    _Rule("unlabelled", lambda f: f.is_regression, "phases.images.epochs",
          lambda f: 50 if f.has_gpu else 10, "more help, as long as the probe rises"),
    _Rule("unlabelled", lambda f: f.is_regression, "phases.images.method", {"name": "simsiam"},
          "numbers cannot be sure, as FixMatch asks; SimSiam needs no large batch"),
    _Rule("unlabelled", lambda f: f.is_regression, "phases.images.optimizer",
          lambda f: {"name": "sgd", "lr": 0.05 * _strong_batch(f) / 256, "weight_decay": 1e-4,
                     "decay_norms": True, "nesterov": False}, "the paper's, for this batch"),
    _Rule("slow", lambda f: f.has_masks, "phases.head.epochs", 1,
          "what is new first, so that it does not spoil the backbone"),
    _Rule("slow", lambda f: f.has_masks, "phases.head.freeze", ["backbone"], "only heads learn"),
    _Rule("slow", lambda f: f.has_masks, "phases.head.loss", _mask_loss,
          "each pixel, and the overlap that is scored"),
    _Rule("tiles", _always, "phases.head.loss", _tile_loss,
          "each pixel, and the overlap that is scored"),
    _Rule("few", _always, "phases.head.epochs", None, ""),
    _Rule("few", _always, "phases.head.freeze", None, ""),
    _Rule("few", _always, "phases.head.loss", None, ""),
    _Rule("quick", _always, "phases.whole.epochs", _epochs(QUICK_STEPS, _quick_batch, 3, 15),
          "a few hundred steps or more"),
    _Rule("slow", _always, "phases.whole.epochs", _epochs(STRONG_STEPS, _strong_batch, 10, 40),
          "until more would be learnt by heart; watch the curves"),
    _Rule("tiles", _always, "phases.whole.epochs", _epochs(STRONG_STEPS, _tile_batch, 10, 60),
          "an image is one window an epoch"),
    _Rule("few", lambda f: not (f.has_gpu and not f.has_masks), "phases.whole.freeze",
          ["backbone"], "with {f.n:,} answers the pretrained features are hard to better"),
    _Rule("all", lambda f: not f.has_masks, "phases.whole.loss", _mask_loss,
          "the usual one of this kind of answer"),
    _Rule("all", _masks, "phases.whole.loss", _mask_loss,
          "each pixel, and the overlap that is scored"),
    _Rule("tiles", _always, "phases.whole.loss", _tile_loss,
          "each pixel, and the overlap that is scored"),
    _Rule("unlabelled", lambda f: not f.is_regression, "phases.whole.method",
          {"name": "fixmatch", "ratio": RATIO}, "learns its sure answers about unlabelled images"),
    _Rule("unlabelled", lambda f: not f.is_regression, "phases.whole.epochs",
          _fixmatch_epochs, "an epoch is a pass over the unlabelled images"),
    # -- prediction -------------------------------------------------------------------------------
    _Rule("slow", _always, "predict.tta", ["hflip"], "remove it where left and right matter"),
)
# fmt: on
