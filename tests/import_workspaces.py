"""Small workspaces into which predictions are imported, and what others would say of their rows."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples, truth
from podium.competition.spec import load_competition
from podium.competition.truths.masks import truth_masks
from podium.predictions.store.mask_writing import write_masks
from podium.predictions.store.writing import write_fold
from podium.workspace import machine
from podium.workspace.layout import Workspace
from podium.workspace.records import Record, write_record

__all__ = ["Team", "labels", "masks"]

CLASSES = ("cat", "dog", "fox")
N_TEST, SIDE = 6, 8
METRICS = {
    "multiclass": "accuracy", "binary": "auc", "multilabel": "macro_f1", "regression": "rmse",
    "ordinal": "qwk",
}  # fmt: skip


class Team:
    """A workspace, its samples and folds, and noisy opinions on them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace, self.competition = Workspace(root), load_competition(root)
        self.samples = load_samples(self.competition, "train")
        self.folds = ensure_folds(self.workspace, self.competition, self.samples)
        self.ids = [str(one) for one in self.samples["id"]]
        self.test = [str(one) for one in load_samples(self.competition, "test")["id"]]

    def probs(self, seed: int = 0) -> NDArray[np.float64]:
        """Return mostly right probabilities of the train rows, `(N, C)`."""
        rng = np.random.default_rng(seed)
        right = truth(self.samples, self.competition)
        kind, n = self.competition.kind, len(self.ids)
        if kind in ("regression", "ordinal"):
            return (right + rng.normal(size=n))[:, None]
        if kind == "binary":
            return (0.25 + 0.4 * right + 0.3 * rng.random(n))[:, None]
        if kind == "multilabel":
            return 0.2 + 0.4 * right + 0.3 * rng.random(right.shape)
        predicted = rng.dirichlet(np.ones(3), n) + 0.8 * np.eye(3)[right]
        return np.asarray(predicted / predicted.sum(axis=1, keepdims=True))

    def test_probs(self, seed: int = 0) -> NDArray[np.float64]:
        """Return probabilities of the test rows, `(N, C)`."""
        rng = np.random.default_rng(1000 + seed)
        n_outputs = self.competition.n_outputs
        if n_outputs == 1:
            return rng.random((len(self.test), 1))
        return rng.dirichlet(np.ones(n_outputs), len(self.test))

    def columns(self) -> list[str]:
        return ["probability"] if self.competition.n_outputs == 1 else list(CLASSES)

    def table(self, probs: NDArray[np.float64], ids: Sequence[str] | None = None) -> pd.DataFrame:
        """Return a table of ids and probabilities; those of train have a column `fold`."""
        made = pd.DataFrame(probs, columns=self.columns())
        made.insert(0, "id", list(self.ids if ids is None else ids))
        if ids is None:
            made["fold"] = self.folds
        return made

    def add_run(self, name: str, seed: int, *, selected: bool = False) -> Path:
        """Write what training and predicting leave of a run of labels."""
        run = self.workspace.runs / f"{name}-0000000{seed}"
        probs = self.probs(seed)
        for fold in np.unique(self.folds).tolist():
            inside = np.flatnonzero(self.folds == fold)
            about = {"task": "classify", "fold": fold, "model": f"{run.name}/fold-{fold}/last"}
            root = run / "predictions" / "aabbccdd"
            write_fold(
                root, "oof", ids=[self.ids[int(i)] for i in inside], probs=probs[inside], **about
            )
            write_fold(
                root, "test", ids=self.test, probs=self.test_probs(10 * seed + fold), **about
            )
        self._record(run, name, {"selected_on_fold": True} if selected else {})
        return run

    def mask_probs(self, seed: int = 0) -> dict[str, NDArray[np.float32]]:
        """Return masks that are mostly right of every image, `(H, W, C)` by id."""
        made = {}
        channels = self.competition.outputs("segment")
        samples = pd.concat([self.samples, load_samples(self.competition, "test")])
        truths = dict(zip(self.ids, truth_masks(self.competition, self.samples), strict=True))
        for i, one in enumerate(str(name) for name in samples["id"]):
            rng = np.random.default_rng([seed, i])
            right = truths.get(one)
            shape = _size(i if one in truths else i - len(self.ids))
            right = np.zeros(shape, np.uint8) if right is None else right
            predicted = rng.random((*shape, channels))
            if channels == 1:
                made[one] = (0.3 * predicted + 0.6 * right[..., None]).astype(np.float32)
                continue
            predicted += 3 * np.eye(channels)[right]
            made[one] = (predicted / predicted.sum(axis=2, keepdims=True)).astype(np.float32)
        return made

    def add_mask_run(self, name: str, seed: int) -> Path:
        """Write what training and predicting leave of a run of masks."""
        run = self.workspace.runs / f"{name}-0000000{seed}"
        predicted = self.mask_probs(seed)
        for fold in np.unique(self.folds).tolist():
            inside = [self.ids[int(i)] for i in np.flatnonzero(self.folds == fold)]
            for split, ids in (("oof", inside), ("test", self.test)):
                bands = [predicted[one] for one in ids]
                sizes = [one.shape[:2] for one in bands]
                write_masks(
                    run / "predictions" / "aabbccdd", split, fold, ids=ids, sizes=sizes,
                    bands=bands, model=f"{run.name}/fold-{fold}/last", dtype="float16",
                )  # fmt: skip
        self._record(run, name, {})
        return run

    def _record(self, run: Path, name: str, scores: dict[str, object]) -> None:
        write_record(
            run,
            Record(
                kind="run", id=run.name, name=name, created=machine.now(), status="finished",
                scores=scores,
            ),
        )  # fmt: skip


def labels(
    root: Path,
    *,
    n: int = 24,
    kind: str = "multiclass",
    groups: bool = False,
    classes: Sequence[str] = CLASSES,
    seed: int = 0,
    n_folds: int = 3,
) -> Team:
    """Write a competition of labels, and return its workspace.

    Ids are `img_000`, and of test `tst_000`; with `groups` two neighbours are of one.
    """
    rows = []
    for i in range(n):
        label = {"binary": str(i % 2), "regression": str(i % 5)}.get(kind, CLASSES[i // 2 % 3])
        several = [str(int(one == label or i % 4 == 0)) for one in CLASSES]
        cells = several if kind == "multilabel" else [label]
        rows.append([f"img_{i:03d}", *cells, f"g{i // 2}"])
        _image(root / f"data/train/img_{i:03d}.png", (SIDE, SIDE), i)
    for i in range(N_TEST):
        _image(root / f"data/test/tst_{i:03d}.png", (SIDE, SIDE), 500 + i)
    names = list(CLASSES) if kind == "multilabel" else ["label"]
    table = pd.DataFrame(rows, columns=["id", *names, "group"])
    table.to_csv(root / "data/train.csv", index=False)
    label = f"[{', '.join(CLASSES)}]" if kind == "multilabel" else "label"
    of_classes = f"classes: [{', '.join(classes)}]\n" if kind[0] in "mo" else ""
    scheme = "multilabel_stratified" if kind == "multilabel" else "stratified"
    scheme = "stratified_group, group: group" if groups else scheme
    (root / "competition.yaml").write_text(
        f"name: labels\ntasks: {{classify: {kind}}}\n{of_classes}"
        "data:\n"
        '  train: {table: data/train.csv, id: id, images: "data/train/{id}.png", '
        f"label: {label}}}\n"
        '  test: {images: "data/test/*.png"}\n'
        f"folds: {{n: {n_folds}, seed: {seed}, scheme: {scheme}}}\n"
        f"metric: {{name: {METRICS[kind]}}}\n"
    )
    return Team(root)


def masks(root: Path, *, kind: str = "binary", n: int = 12) -> Team:
    """Write a competition of masks of many sizes, and return its workspace."""
    for i in range(n):
        mask = np.zeros(_size(i), np.uint8)
        mask[2 + i % 2 : 6, 2:7] = 1 + (i % 2 if kind == "multiclass" else 0)
        _image(root / f"data/train/img_{i:03d}.png", _size(i), i)
        path = root / f"data/masks/img_{i:03d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(mask * (255 if kind == "binary" else 1)).save(path)
    for i in range(N_TEST):
        _image(root / f"data/test/tst_{i:03d}.png", _size(i), 500 + i)
    pd.DataFrame({"id": [f"img_{i:03d}" for i in range(n)]}).to_csv(
        root / "data/train.csv", index=False
    )
    of_classes = "classes: [ball, bar]\n" if kind == "multiclass" else ""
    (root / "competition.yaml").write_text(
        f"name: masks\ntasks: {{segment: {kind}}}\n{of_classes}"
        "data:\n"
        '  train: {table: data/train.csv, id: id, images: "data/train/{id}.png", '
        'mask: "data/masks/{id}.png"}\n'
        '  test: {images: "data/test/*.png"}\n'
        "folds: {n: 2, seed: 0}\n"
        "metric: {name: mean_dice}\n"
    )
    return Team(root)


def _size(i: int) -> tuple[int, int]:
    return 8 + i % 3, 10 + i % 4


def _image(path: Path, size: tuple[int, int], seed: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (*size, 3), np.uint8)
    Image.fromarray(pixels).save(path)
