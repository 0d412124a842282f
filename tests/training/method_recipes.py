"""A tiny recipe for every method, what of its state must survive, and the workspace they train in.

Policies, thresholds and sizes are such that everything a method keeps is at work within six steps:
queues wrap around, thresholds move, some pseudo-labels count and some do not.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mask_miniatures
import yaml
from training.fold_fits import job_on

from podium.competition.spec import load_competition
from podium.training.recipe import Recipe
from podium.training.runs.job import Job
from podium.workspace.layout import Workspace

__all__ = ["OTHERS", "RECIPES", "STATE", "STEPS", "job_of", "write"]

OTHERS = Path(__file__).with_name("methods_of_others")
UNIMATCH = {"name": "unimatch", "threshold": 0.4, "cutmix": 0.8}
UNIMATCH_V2 = {**UNIMATCH, "name": "unimatch_v2", "strong": "strong", "decay": 0.9}
DINO = {
    "name": "dino",
    "local_views": 2,
    "hidden": 8,
    "bottleneck": 6,
    "size": 12,
    "warmup_epochs": 2,
    "decay": 0.9,
}
DINO_OF_ANOTHER = {
    "name": "dino:METHOD",
    "policies": ["global_crop", "dino:LOCAL"],
    "decay": 0.9,
    "warmup_epochs": 1,
}
SURE = {"ratio": 2, "threshold": 0.4}
# 12 rows a step into a bank of 20: it wraps around in the second of six steps.
COMATCH = {
    "name": "comatch",
    **SURE,
    "size": 16,
    "bank": 20,
    "align_batches": 3,
    "graph_threshold": 0.3,
}
ALIGN = {"align": "labelled", "align_decay": 0.9}
MEAN_TEACHER = {"name": "mean_teacher", "ratio": 2, "decay": 0.9}
FREEMATCH = {"name": "freematch", "ratio": 2, "decay": 0.9, "fairness_weight": 0.5}
BYOL = {"name": "byol", "hidden": 16, "size": 8, "decay": 0.9}
SIMCLR = {"name": "simclr", "hidden": 16, "size": 8}
SIMSIAM = {"name": "simsiam", "hidden": 16, "size": 8, "bottleneck": 4}
BARLOW_TWINS = {"name": "barlow_twins", "hidden": 16, "size": 8}
AUTOENCODER = {"name": "autoencoder", "size": 6, "width": 4, "noise": 0.2, "mask": 0.3}
MAE = {"name": "mae", "width": 8, "depth": 1, "attention_heads": 2}
TRANSFORMER = {
    "backbone": "vit_tiny_patch16_224",
    "pretrained": False,
    "options": {"patch_size": 8, "embed_dim": 12, "depth": 2, "num_heads": 2},
}
APPEND = {"name": "pseudo_label", "threshold": 0.4}
CLASSICAL = {**APPEND, "mode": "classical", "schedule": "alternate", "ratio": 2}

LABELS = {"classify": {"dropout": 0.2}}
MASKS = {"segment": {"decoder": "linear", "dropout": 0.2}}
BOTH = {**LABELS, **MASKS}
STEPS = 3
TWO = {"name": "two", "epochs": 2, "steps_per_epoch": STEPS}
LAST = {**TWO, "name": "labels", "epochs": 1}
PROBE = {
    "name": "probe",
    "epochs": 1,
    "freeze": ["backbone"],
    "method": {"name": "linear_probe", "rounds": 2, "views": ["hflip"]},
}


def _by(method: dict[str, Any], heads: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"heads": heads, **rest, "phases": [{**TWO, "method": method}]}


def _growing(mode: str, *, epochs: int) -> dict[str, Any]:
    """Return a recipe whose epochs are as long as there are samples to learn from by then."""
    phase = {"name": "growing", "epochs": epochs, "epoch": "all"}
    return {"heads": LABELS, "phases": [{**phase, "method": {**APPEND, "mode": mode}}]}


RECIPES: dict[str, dict[str, Any]] = {
    "supervised": {"heads": BOTH, "mix": {"cutmix": 1.0}, "phases": [TWO]},
    "fixmatch": _by({"name": "fixmatch", **SURE}, LABELS),
    "fixmatch-align": _by({"name": "fixmatch", **SURE, **ALIGN}, LABELS),
    "fixmatch-cutmix": _by({"name": "fixmatch", **SURE, "cutmix": 1.0}, MASKS, accumulate=2),
    "softmatch": _by({"name": "softmatch", "ratio": 2, "decay": 0.9}, BOTH),
    "mean_teacher": _by(MEAN_TEACHER, BOTH),
    "mean_teacher-cutmix": _by({**MEAN_TEACHER, "cutmix": 0.5}, MASKS),
    "flexmatch": _by({"name": "flexmatch", **SURE, **ALIGN}, LABELS),
    "freematch": _by(FREEMATCH, BOTH),
    "comatch": _by(COMATCH, LABELS, ema_decay=0.9),
    "comatch-queue": _by({**COMATCH, "queue": 14, "decay": 0.9}, LABELS),
    "byol": {"heads": LABELS, "phases": [{**TWO, "method": BYOL}, LAST]},
    "simclr": {"heads": LABELS, "phases": [{**TWO, "method": SIMCLR}, LAST]},
    "simsiam": {"heads": LABELS, "phases": [{**TWO, "method": SIMSIAM}, LAST]},
    "barlow_twins": {"heads": LABELS, "phases": [{**TWO, "method": BARLOW_TWINS}, LAST]},
    "autoencoder": {"heads": LABELS, "phases": [{**TWO, "method": AUTOENCODER}, LAST]},
    "mae": {"heads": LABELS, "model": TRANSFORMER, "phases": [{**TWO, "method": MAE}, LAST]},
    "linear_probe": {"heads": LABELS, "phases": [PROBE, LAST]},
    "linear_probe-both": {
        "heads": BOTH,
        "phases": [
            {**PROBE, "loss": {"classify": {"weight": 1}}},
            {**LAST, "freeze": ["backbone", "classify"], "loss": {"segment": {"weight": 1}}},
        ],
    },
    "append": _by(APPEND, LABELS),
    "permanent": _growing("permanent", epochs=2),
    "local": _growing("local", epochs=4),
    "classical": _by(CLASSICAL, LABELS),
    "unimatch": _by(UNIMATCH, MASKS, accumulate=2),
    "unimatch_v2": _by(UNIMATCH_V2, BOTH),
    "dino": {"heads": LABELS, "phases": [{**TWO, "method": DINO}, LAST]},
    "dino-of-another": {"heads": LABELS, "phases": [{**TWO, "method": DINO_OF_ANOTHER}, LAST]},
}
"""By name, without what all have in common; `heads` are the model's."""


# What a checkpoint must not lose: in the modules of a method, in its own state, in the optimiser.
STATE = {
    "permanent": [("method", "kept")],
    "fixmatch-align": [("own", "unlabelled"), ("own", "labelled")],
    "softmatch": [
        ("own", "classify.mean"),
        ("own", "classify.variance"),
        ("own", "segment.mean"),
        ("own", "segment.variance"),
        ("own", "alignment.unlabelled"),
    ],
    "mean_teacher": [
        ("own", "heads.classify.linear.weight"),
        ("own", "backbone.stages.0.1.running_mean"),
    ],
    "comatch": [
        ("own", "bank.embeddings"),
        ("own", "bank.answers"),
        ("own", "bank.written"),
        ("own", "means.answers"),
    ],
    "comatch-queue": [
        ("own", "queue.embeddings"),
        ("own", "queue.answers"),
        ("own", "queue.written"),
        ("own", "slow.projector.0.weight"),
    ],
    "flexmatch": [
        ("own", "memory.answers"),
        ("own", "memory.counts"),
        ("own", "alignment.unlabelled"),
    ],
    "freematch": [
        ("own", "classify.level"),
        ("own", "classify.mean_probs"),
        ("own", "segment.level"),
        ("own", "segment.mean_probs"),
    ],
    "simclr": [("own", "0.weight"), ("own", "4.weight"), ("optimizer", "state")],
    "simsiam": [("own", "projector.0.weight"), ("own", "predictor.3.bias")],
    "barlow_twins": [("own", "3.weight"), ("own", "6.weight")],
    "autoencoder": [
        ("own", "code.weight"),
        ("own", "decoder.first.0.weight"),
        ("own", "decoder.last.weight"),
    ],
    "mae": [("own", "hidden"), ("own", "embed.weight"), ("own", "blocks.0.attn.qkv.weight")],
    "unimatch_v2": [
        ("own", "heads.segment.convolution.weight"),
        ("own", "backbone.stages.0.1.running_mean"),
    ],
    "dino": [
        ("own", "centre"),
        ("own", "teacher_head.last.weight"),
        ("own", "teacher.backbone.stages.0.0.weight"),
        ("optimizer", "state"),
    ],
    "dino-of-another": [
        ("own", "centre"),
        ("own", "teacher_head.last"),
        ("optimizer", "state"),
    ],
}


def _recipe_of(name: str) -> dict[str, Any]:
    heads, rest = RECIPES[name]["heads"], {**RECIPES[name]}
    del rest["heads"]
    convolutions = {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]}}
    return {
        "seed": 3,
        "model": {**rest.pop("model", convolutions), "heads": heads},
        "input": {"size": 32, "train": "weak"},
        "optimizer": {"lr": 1e-2},
        "batch_size": 4,
        "unlabelled": ["train", "test"],
        **rest,
    }


def write(name: str, root: Path) -> Workspace:
    """Write a workspace of 24 images in 2 folds, with the recipe `name` and others' methods."""
    made = mask_miniatures.pictures_and_masks(root / "data", n=24, n_test=3, size=40)
    spec = {**made.spec, "folds": {**made.spec["folds"], "n": 2}}
    if "segment" not in RECIPES[name]["heads"]:
        spec["metric"] = {"name": "log_loss", "task": "classify"}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    shutil.copytree(OTHERS, root, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*"))
    (root / "recipes").mkdir()
    (root / "recipes/tiny.yaml").write_text(yaml.safe_dump(_recipe_of(name), sort_keys=False))
    return Workspace(root)


def job_of(workspace: Workspace) -> Job:
    """Return a job of the workspace's recipe."""
    competition = load_competition(workspace.root)
    text = (workspace.root / "recipes/tiny.yaml").read_text()
    return job_on(workspace, competition, Recipe.model_validate(yaml.safe_load(text)))
