"""Workspaces of every kind of task, with what podium itself writes into them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser import CHROMIUM, HOW_TO_GET_IT, Chromium, chromium
from PIL import Image
from reporting.mask_workspace import MadeMasks, made_masks

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import Competition, load_competition
from podium.ensembling import blend
from podium.ensembling.record import write_blend
from podium.predictions import PredictionSet, write_fold
from podium.submissions.upload.receipt import prepare_receipt, save_receipt
from podium.workspace.documents import dumps
from podium.workspace.layout import Workspace
from podium.workspace.machine import now
from podium.workspace.records import Record, write_record

METRICS = {
    "multiclass": "accuracy",
    "binary": "auc",
    "multilabel": "macro_f1",
    "regression": "rmse",
}
SCHEMES = {"multilabel": "multilabel_stratified"}
N = 36


@dataclass
class Made:
    """A workspace, and what was written into it."""

    workspace: Workspace
    competition: Competition
    probs: dict[str, np.ndarray]

    def add_run(self, name: str, *, folds: Sequence[int] = (0, 1, 2), seed: int = 0) -> Path:
        """Write a run with its curves, OOF and record; without `folds` it has just begun."""
        samples = load_samples(self.competition, "train")
        of = ensure_folds(self.workspace, self.competition, samples)
        run = self.workspace.runs / name
        probs = _probs(self.competition, truth(samples, self.competition), seed)
        for k in folds:
            rows = np.flatnonzero(of == k)
            ids = list(samples["id"].iloc[rows])
            where = run / "predictions" / "aabbccdd"
            about = {"task": "classify", "fold": k, "model": f"{name}/{k}"}
            write_fold(where, "oof", **about, ids=ids, probs=probs[rows])
            (run / f"fold-{k}").mkdir(parents=True)
            (run / f"fold-{k}" / "metrics.csv").write_text(CURVES)
        run.mkdir(parents=True, exist_ok=True)
        self.probs[name] = probs
        scores: dict[str, Any] = {}
        if folds:
            scores = {"folds": {str(k): 0.5 + k / 10 for k in folds}, "oof": 0.6, "scored_rows": 36}
        record = Record(
            kind="run",
            id=name,
            name=name,
            created=now(),
            status="finished" if len(folds) == 3 else "unfinished",
            scores=scores,
        )
        write_record(run, record)
        return run

    def add_blend(self, *names: str, method: str = "mean") -> Path:
        """Write a blend of runs, by default their mean."""
        samples = load_samples(self.competition, "train")
        sets = [self.workspace.runs / name / "predictions" / "aabbccdd" for name in names]
        made = blend(
            [PredictionSet(one) for one in sets],
            truth(samples, self.competition),
            self.competition.metric.name,
            ensure_folds(self.workspace, self.competition, samples),
            ids=list(samples["id"]),
            kind=self.competition.kind,
            method=method,
            trials=2,
            names=names,
            n_resamples=50,
        )
        return write_blend(self.workspace, made, sets)

    def add_submission(self, source: str, **scores: Any) -> None:
        """Write a receipt with its scores."""
        file = self.workspace.root / f"{source}.csv"
        file.write_text("id,label\n")
        receipt = prepare_receipt(
            self.workspace, file, slug="x", target="host", message="first", sources=[source],
            honest=0.5,
        )  # fmt: skip
        self.workspace.submissions.mkdir(exist_ok=True)
        save_receipt(self.workspace, receipt.model_copy(update={"state": "complete", **scores}))


CURVES = """phase,epoch,lr,train_loss,valid_loss,accuracy
warm-up,1,0.001,2.0,1.9,0.3
joint,1,0.0005,1.5,1.6,0.5
joint,2,0.0001,1.2,,0.6
"""


def made_labels(
    root: Path, kind: str = "multiclass", classes: Sequence[str] = ("cat", "dog", "eel")
) -> Made:
    """Return an empty workspace in `root` with its data."""
    names = [] if kind in ("binary", "regression") else list(classes)
    rng = np.random.default_rng(5)
    for folder, count in (("train", N), ("test", 3)):
        (root / folder).mkdir()
        for i in range(count):
            pixels = rng.integers(0, 255, (8, 12, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(root / folder / f"{folder}{i:02d}.png")
    lines = [[f"train{i:02d}", *_cells(kind, names, i)] for i in range(N)]
    labels = [f"c{i}" for i in range(len(names))] if kind == "multilabel" else ["label"]
    _write_table(root / "train.csv", [["id", *labels], *lines])
    spec = {
        "name": "pets",
        "tasks": {"classify": kind},
        "classes": names,
        "data": {
            "train": {
                "table": "train.csv",
                "id": "id",
                "images": "train/{id}.png",
                "label": labels if kind == "multilabel" else "label",
            },
            "test": {"images": "test/*.png"},
        },
        "folds": {"n": 3, "scheme": SCHEMES.get(kind, "stratified")},
        "metric": {"name": METRICS[kind]},
    }  # fmt: skip
    file = root / "competition.yaml"
    file.write_text(dumps(Competition.model_validate(spec)), encoding="utf-8")
    return Made(Workspace(root), load_competition(file), {})


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A browser that all tests of pages share; each opens a tab of its own."""
    if CHROMIUM is None:
        pytest.skip(HOW_TO_GET_IT)
    with chromium(tmp_path_factory.mktemp("browser") / "profile") as started:
        yield started


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Made]:
    """Return a factory: kind of task and class names → an empty workspace with its data."""

    def of(*args: Any, **kwargs: Any) -> Made:
        return made_labels(tmp_path, *args, **kwargs)

    return of


@pytest.fixture
def make_masks(tmp_path: Path) -> Callable[..., MadeMasks]:
    """Return a factory: kinds of masks and labels → a workspace with masks, without runs."""

    def of(**kwargs: Any) -> MadeMasks:
        return made_masks(tmp_path, **kwargs)

    return of


def _cells(kind: str, names: Sequence[str], i: int) -> list[str]:
    if kind == "multilabel":
        return [str(int(i % (c + 2) == 0)) for c in range(len(names))]
    if kind == "regression":
        return [str(i / 4)]
    return [str(i % 2)] if kind == "binary" else [names[i % len(names)]]


def _probs(competition: Competition, answers: np.ndarray, seed: int) -> np.ndarray:
    """Return guesses that are mostly right."""
    rng = np.random.default_rng(seed)
    if competition.kind == "regression":
        return (answers + rng.normal(size=len(answers)))[:, None].astype(np.float32)
    if competition.kind == "multiclass":
        right = np.eye(len(competition.classes))[answers]
        noisy = 0.5 * right + rng.random(right.shape)
        return (noisy / noisy.sum(axis=1, keepdims=True)).astype(np.float32)
    right = answers.reshape(len(answers), -1)
    return (0.55 * right + 0.45 * rng.random(right.shape)).astype(np.float32)


def _write_table(file: Path, rows: Sequence[Sequence[str]]) -> None:
    import csv

    with file.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows(rows)
