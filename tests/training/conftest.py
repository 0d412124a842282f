"""A tiny competition on disk (coloured noise, whose label is its colour), and its recipe."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podium.competition.spec import Competition, load_competition
from podium.workspace.layout import Workspace

CLASSES = ("red", "green", "blue")
Made = tuple[Workspace, Competition]

RECIPE = """\
seed: 0
model:
  backbone: cnn
  pretrained: false
  options: {widths: [8, 16]}
  heads: {classify: {dropout: 0.2}}
input: {size: 32, train: weak}
optimizer: {name: adamw, lr: 1e-2}
batch_size: 8
phases:
  - {name: head, epochs: 1, freeze: [backbone]}
  - {name: whole, epochs: 2}
"""


@pytest.fixture
def make(tmp_path: Path, make_in: Callable[..., Made]) -> Callable[..., Made]:
    """Return a function that writes a workspace and returns it with its competition."""
    return lambda name="ws", **options: make_in(tmp_path / name, **options)


@pytest.fixture(scope="session")
def make_in() -> Callable[..., Made]:
    """Return the same for a folder that is given, which tests of a module may share."""

    def write(
        root: Path,
        *,
        kind: str = "multiclass",
        n: int = 36,
        n_test: int = 6,
        folds: int = 3,
        noise: int = 120,
        groups: bool = False,
        metric: str | None = None,
        recipe: str = RECIPE,
        extra: str = "",
    ) -> Made:
        _write_images(root, n + n_test, n, noise)
        header, cells, label, n_classes = _labels(kind, n)
        rows = [f"{i:04d},{cells[i]},g{i // 6}" for i in range(n)]
        (root / "data/train.csv").write_text(f"id,{header},group\n" + "\n".join(rows) + "\n")
        score = metric or {"multilabel": "macro_f1", "regression": "rmse"}.get(kind, "accuracy")
        scheme = "stratified_group, group: group" if groups else _scheme(kind)
        (root / "competition.yaml").write_text(
            f"name: colours\ntasks: {{classify: {kind}}}\n"
            f"classes: [{', '.join(CLASSES[:n_classes])}]\ndata:\n"
            "  train: {table: data/train.csv, id: id, images: 'data/train/{id}.png', "
            f"label: {label}}}\n"
            "  test: {images: 'data/test/*.png'}\n"
            f"folds: {{scheme: {scheme}, n: {folds}, seed: 1}}\n"
            f"metric: {{name: {score}}}\n" + extra
        )
        (root / "recipes").mkdir()
        (root / "recipes/tiny.yaml").write_text(recipe)
        return Workspace(root), load_competition(root)

    return write


def _write_images(root: Path, n: int, n_train: int, noise: int) -> None:
    for split in ("train", "test"):
        (root / "data" / split).mkdir(parents=True)
    for i, content in enumerate(_images(n, noise)):
        split = "train" if i < n_train else "test"
        (root / f"data/{split}/{i:04d}.png").write_bytes(content)


@functools.cache
def _images(n: int, noise: int) -> list[bytes]:
    """Return the files of so many images: hundreds of tests want the same few dozen."""
    rng = np.random.default_rng(0)
    files = []
    for i in range(n):
        image = rng.integers(0, noise, (40, 36, 3)).astype(np.uint8)
        image[..., i % 3] += 60
        Image.fromarray(image).save(file := io.BytesIO(), "PNG")
        files.append(file.getvalue())
    return files


def _labels(kind: str, n: int) -> tuple[str, list[str], str, int]:
    """Return the header, each row's cells, the spec's `label:` and how many classes there are."""
    colour = [i % 3 for i in range(n)]
    if kind in ("multiclass", "ordinal"):
        return "label", [CLASSES[c] for c in colour], "label", 3
    if kind == "binary":
        return "label", [str(int(c == 0)) for c in colour], "label", 0
    if kind == "regression":
        return "label", [f"{c}.5" for c in colour], "label", 0
    cells = [",".join(str(int(c == k)) for k in range(3)) for c in colour]
    return ",".join(CLASSES), cells, f"[{', '.join(CLASSES)}]", 3


def _scheme(kind: str) -> str:
    return {"multilabel": "multilabel_stratified"}.get(kind, "stratified")
