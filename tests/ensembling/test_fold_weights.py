"""Weights for fold k that no label of fold k had a part in."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import Competition, load_competition
from podium.ensembling.hill_climbing import hill_climb
from podium.ensembling.plan import BlendRequest, fitted_by_fold
from podium.predictions.store.writing import write_fold
from podium.workspace.layout import Workspace

SPEC = """\
name: animals
tasks: {classify: multiclass}
classes: [cat, dog, fox]
data:
  train: {table: data/train.csv, id: image_id, images: 'data/train_images/{image_id}.jpg',
    label: species}
  test: {images: 'data/test_images/*.jpg'}
folds: {scheme: stratified, n: 3}
metric: {name: log_loss}
"""
N, FOLDS = 60, np.arange(60) % 3


@pytest.fixture
def competition(tmp_path: Path, miniatures: ModuleType) -> Competition:
    miniatures.table_and_images(tmp_path / "data", n=N, groups=False)
    (tmp_path / "competition.yaml").write_text(SPEC)
    return load_competition(tmp_path)


def members(root: Path, samples: pd.DataFrame, seed: int = 0) -> tuple[list[Path], np.ndarray]:
    """Write the sets of two members that are right now and then; return them and their values."""
    rng = np.random.default_rng(seed)
    values = rng.dirichlet(np.ones(3), (2, N)).astype(np.float32)
    sets = []
    for number in range(2):
        sets.append(root / f"runs/m{number}-00000000/predictions/0a0a0a0a")
        for fold in range(3):
            inside = np.flatnonzero(fold == FOLDS)
            ids = [samples["id"][i] for i in inside]
            probs = values[number, inside]
            write_fold(
                sets[-1], "oof", "classify", fold, ids=ids, probs=probs, model=f"m/fold-{fold}/x"
            )
    return sets, values


def requested(
    competition: Competition, samples: pd.DataFrame, sets: list[Path], **more: str
) -> BlendRequest:
    return BlendRequest(Workspace(competition.root), competition, samples, FOLDS, sets, **more)


def weights_of(question: BlendRequest) -> dict[int, tuple[float, ...]]:
    return {fold: one.weights for fold, one in fitted_by_fold(question, "classify").items()}


def test_they_are_what_hill_climbing_finds_on_the_other_folds(competition: Competition) -> None:
    samples = load_samples(competition, "train")
    sets, values = members(competition.root, samples)
    found = weights_of(requested(competition, samples, sets))
    truth = samples["label"].to_numpy().astype(int)
    for fold, weights in found.items():
        others = fold != FOLDS
        alone = hill_climb(values[:, others], truth[others], "log_loss", patience=10)
        assert weights == pytest.approx(alone)
    assert len({tuple(np.round(one, 6)) for one in found.values()}) > 1


def test_labels_of_a_fold_change_every_weight_but_its_own(competition: Competition) -> None:
    samples = load_samples(competition, "train")
    sets, _ = members(competition.root, samples)
    before = weights_of(requested(competition, samples, sets))
    turned = samples.copy()
    turned.loc[FOLDS == 1, "label"] = [(label + 1) % 3 for label in samples["label"][FOLDS == 1]]
    after = weights_of(requested(competition, turned, sets))
    assert after[1] == before[1]
    assert after[0] != before[0]
    assert after[2] != before[2]


def test_a_mean_reads_no_label(competition: Competition) -> None:
    samples = load_samples(competition, "train")
    sets, _ = members(competition.root, samples)
    found = weights_of(requested(competition, samples, sets, method="mean"))
    assert found == dict.fromkeys((0, 1, 2), (0.5, 0.5))


def test_time_folds_are_fitted_on_earlier_folds_only(competition: Competition) -> None:
    samples = load_samples(competition, "train")
    sets, _ = members(competition.root, samples)
    folds = competition.folds.model_copy(update={"scheme": "time", "time": "day"})
    later = competition.model_copy(update={"folds": folds})
    found = weights_of(requested(later, samples, sets))
    assert found[0] == (0.5, 0.5)
    turned = samples.copy()
    turned.loc[FOLDS == 2, "label"] = [(label + 1) % 3 for label in samples["label"][FOLDS == 2]]
    assert weights_of(requested(later, turned, sets)) == found
