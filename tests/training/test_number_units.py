"""A number is learnt in its unit: deviations around the mean of the rows that are learnt from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from miniatures import save, write_table

from podium.competition.spec import load_competition
from podium.models import checkpoints
from podium.predictions import PredictionSet
from podium.training.runs.train import train
from podium.workspace.layout import Workspace

GRAMS = {f"i{n:02d}": 600.0 + 5 * n for n in range(24)}


def test_a_network_begins_at_the_mean_and_predicts_within_the_range_of_its_rows(
    tmp_path: Path,
) -> None:
    for name, grams in GRAMS.items():
        save(tmp_path / f"data/{name}.png", np.full((16, 16, 3), grams - 600, dtype=np.uint8))
    write_table(tmp_path / "train.csv", ["id", "g"], [[k, str(v)] for k, v in GRAMS.items()])
    (tmp_path / "competition.yaml").write_text(
        "name: grams\ntasks: {classify: regression}\ndata:\n"
        "  train: {table: train.csv, id: id, images: 'data/{id}.png', label: g}\n"
        "folds: {n: 2}\nmetric: {name: rmse}\n"
    )
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/small.yaml").write_text(
        "seed: 0\nmodel: {backbone: cnn, pretrained: false, options: {widths: [4, 8]}}\n"
        "input: {size: 16, train: none}\noptimizer: {name: adamw, lr: 1e-3}\nbatch_size: 6\n"
        "phases: [{name: all, epochs: 1}]\n"
    )
    workspace, competition = Workspace(tmp_path), load_competition(tmp_path)
    run = train(workspace, competition, tmp_path / "recipes/small.yaml").run
    oof = PredictionSet(next(run.glob("predictions/*"))).oof("classify")
    truth = np.array([GRAMS[one] for one in oof.ids])
    predicted, fold = np.asarray(oof.probs)[:, 0], oof.folds
    # Four steps teach next to nothing, and a prediction of 0 would be 650 off.
    assert np.sqrt(np.mean((predicted - truth) ** 2)) < 2 * truth.std()
    for k in (0, 1):
        rows, held = truth[fold != k], predicted[fold == k]
        beyond = 0.1 * np.ptp(rows)
        assert held.min() >= rows.min() - beyond - 1e-3
        assert held.max() <= rows.max() + beyond + 1e-3
        state = checkpoints.load(run / f"fold-{k}/last.pt")
        found = {
            name.rpartition(".")[2]: one
            for name, one in _tensors(state)
            if ".units." in name and one.shape == (1,)
        }
        assert float(found["mean"]) == pytest.approx(rows.mean())
        assert float(found["scale"]) == pytest.approx(rows.std())


def _tensors(state: object, name: str = "") -> list[tuple[str, torch.Tensor]]:
    """Return all tensors of a checkpoint with the path of each."""
    if isinstance(state, torch.Tensor):
        return [(name, state)]
    if isinstance(state, dict):
        return [found for key, one in state.items() for found in _tensors(one, f"{name}.{key}")]
    return []
