"""Workspaces with masks: drawn images, runs whose out-of-fold masks are made up, their blend."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.competition.truths.masks import truth_masks
from podium.predictions import write_fold
from podium.predictions.store.mask_writing import write_masks
from podium.workflows.blends.blending import blend_runs
from podium.workspace.documents import dumps
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import Record, write_record

N = 18
CLASSES = ("ball", "bar")
METRICS = {
    "multiclass": "accuracy",
    "binary": "auc",
    "multilabel": "macro_f1",
    "regression": "rmse",
}
SCHEMES = {"multilabel": "multilabel_stratified"}
CURVES = """phase,epoch,lr,train_loss,segment/dice,valid_loss,mean_dice,accuracy
masks,1,0.001,2.0,1,1.9,0.3,0.4
masks,2,0.0005,1.5,1,1.6,0.5,
"""


@dataclass
class MadeMasks:
    """A workspace with masks, and what its runs say: run → id → `(H, W, C)`."""

    workspace: Workspace
    competition: Competition
    said: dict[str, dict[str, np.ndarray]] = field(default_factory=dict)

    @property
    def samples(self) -> Any:
        return load_samples(self.competition, "train")

    @property
    def folds(self) -> np.ndarray:
        return ensure_folds(self.workspace, self.competition, self.samples)

    def add_run(self, name: str, *, seed: int = 0, tasks: Sequence[str] | None = None) -> Path:
        """Write what training and predicting leave of a finished run."""
        samples, folds, c = self.samples, self.folds, self.competition
        tasks = list(c.tasks) if tasks is None else tasks
        run = self.workspace.runs / name
        root = run / "predictions" / "aabbccdd"
        probs = self._mask_probs(samples, seed) if "segment" in tasks else {}
        self.said[name] = probs
        for k in range(3):
            ids = [str(one) for one in samples["id"][folds == k]]
            if "segment" in tasks:
                bands = [probs[one] for one in ids]
                sizes = [one.shape[:2] for one in bands]
                write_masks(
                    root, "oof", k, ids=ids, sizes=sizes, bands=bands, model=name, dtype="float16"
                )
            if "classify" in tasks:
                predicted = _label_probs(c, samples[folds == k], seed)
                write_fold(root, "oof", "classify", k, ids=ids, probs=predicted, model=name)
            (run / f"fold-{k}").mkdir(parents=True)
            (run / f"fold-{k}" / "metrics.csv").write_text(CURVES)
        metric = {"segment": "mean_dice", "classify": "accuracy"}
        scores = {
            task: {"metric": metric[task], "folds": {"0": 0.5}, "oof": 0.6, "scored_rows": 12}
            for task in tasks
        }
        record = Record(
            kind="run",
            id=name,
            name=name,
            created=now(),
            status="finished",
            scores={**scores.get(c.scored_task, {}), "tasks": scores, "rows": N},
            details={"predictions": "aabbccdd"},
        )
        write_record(run, record)
        return run

    def add_blend(self, *names: str, plain: bool = False) -> Path:
        """Write the blend of runs, labels and masks as far as they predict them."""
        sets = [str(self.workspace.runs / name / "predictions" / "aabbccdd") for name in names]
        return blend_runs(
            self.workspace, self.competition, sets, method="mean", trials=3, plain=plain
        )

    def _mask_probs(self, samples: Any, seed: int) -> dict[str, np.ndarray]:
        """Return masks that are mostly right; those of images without a mask are noise."""
        truths, kind = truth_masks(self.competition, samples), self.competition.tasks["segment"]
        channels = self.competition.outputs("segment")
        made = {}
        for i, one in enumerate(samples["id"]):
            rng = np.random.default_rng([seed, i])
            truth = truths[i]
            truth = np.zeros(truths.sizes[i], np.uint8) if truth is None else truth
            if kind == "multilabel" and truth.ndim == 2:
                truth = np.zeros((*truth.shape, channels), np.uint8)
            if kind == "multiclass":
                layers = truth[..., None] == np.arange(channels)
            else:
                layers = truth.reshape(*truth.shape[:2], channels) == 1
            noisy = 0.4 * layers + 0.7 * rng.random(layers.shape)
            if kind == "multiclass":
                noisy = noisy / noisy.sum(axis=-1, keepdims=True)
            made[str(one)] = np.minimum(noisy, 1).astype(np.float16).astype(np.float32)
        return made


def made_masks(
    root: Path,
    *,
    segment: str = "multiclass",
    classify: str | None = None,
    scored: str | None = None,
    classes: Sequence[str] = CLASSES,
    **keys: Any,
) -> MadeMasks:
    """Return a workspace with its data; every fifth image has an empty mask.

    In a joint competition every sixth image has no mask, and every seventh no label.
    """
    rng = np.random.default_rng(3)
    rows = []
    for folder in ("train", "test", "masks"):
        (root / folder).mkdir()
    for i in range(N):
        size = (12 + i % 3, 16)
        pixels = rng.integers(60, 120, (*size, 3), dtype=np.uint8)
        mask, number = drawn(i, size, n_classes=len(classes))
        mask = mask.clip(max=1) if segment == "binary" else mask
        pixels[mask > 0] = [220, 60, 60]
        Image.fromarray(pixels).save(root / "train" / f"i{i:02d}.png")
        if not (classify and i % 6 == 4):
            Image.fromarray(mask).save(root / "masks" / f"i{i:02d}.png")
        rows.append([f"i{i:02d}", _cell(classify, number, i, classes)])
    Image.fromarray(pixels).save(root / "test" / "t0.png")
    with (root / "train.csv").open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([["id", "label"], *rows])
    tasks = {"classify": classify, "segment": segment}
    scored = scored or "segment"
    train = {"table": "train.csv", "id": "id", "images": "train/{id}.png", "mask": "masks/{id}.png"}
    spec = {
        "name": "shapes",
        "tasks": {task: kind for task, kind in tasks.items() if kind},
        "classes": [] if segment == "binary" and classify in (None, "binary") else list(classes),
        "data": {
            "train": {**train, **({"label": "label"} if classify else {})},
            "test": {"images": "test/*.png"},
        },
        "folds": {"n": 3, "scheme": SCHEMES.get(classify, "stratified")},
        "metric": {
            "name": METRICS[classify] if scored == "classify" else "mean_dice",
            "task": scored,
        },
        **keys,
    }
    file = root / "competition.yaml"
    file.write_text(dumps(Competition.model_validate(spec)), encoding="utf-8")
    return MadeMasks(Workspace(root), load_competition(file))


def drawn(i: int, size: tuple[int, int], *, n_classes: int) -> tuple[np.ndarray, int]:
    """Return mask `i`, a rectangle of one class (from 1), and the class; every fifth is empty."""
    number = i % n_classes
    mask = np.zeros(size, np.uint8)
    if i % 5 != 3:
        mask[2 : 5 + i % 4, 3 : 7 + i % 6] = number + 1
    return mask, number


def _cell(classify: str | None, number: int, i: int, classes: Sequence[str]) -> str:
    if classify is None or (i % 7 == 5 and i % 6 != 4):
        return ""
    if classify in ("multiclass", "multilabel"):
        return classes[number]
    return str(i % 2) if classify == "binary" else str(i / 4)


def _label_probs(competition: Competition, samples: Any, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.random((len(samples), competition.n_outputs)).astype(np.float32)
    if competition.kind == "multiclass":
        return values / values.sum(axis=1, keepdims=True)
    return values
