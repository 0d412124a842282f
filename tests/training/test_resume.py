from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from training import killed
from training.fold_fits import tensors

from podium.predictions import PredictionSet

# Everything with a state or a draw: momentum, schedule, average, dropout, MixUp, accumulation, a
# frozen phase with an optimiser of its own.
RECIPE = """\
seed: 3
model:
  backbone: cnn
  pretrained: false
  options: {widths: [8, 16]}
  drop_path: 0.1
  heads: {classify: {dropout: 0.3}}
input: {size: 32, train: medium}
optimizer: {name: adamw, lr: 1e-2, schedule: one_cycle, clip_norm: 1.0}
batch_size: 4
accumulate: 2
ema_decay: 0.9
mix: {mixup: 0.4, cutmix: 1.0}
checkpoint: best
phases:
  - {name: head, epochs: 1, freeze: [backbone], optimizer: {name: sgd, lr: 1e-2}}
  - {name: whole, epochs: 3, early_stopping: {patience: 3}}
predict: {tta: [hflip]}
"""
# Of 4 epochs with 3 steps each: between phases and between epochs: 3, 6; inside one: 1, 8; after
# the last step: 12; while predicting: 13.
MOMENTS = (1, 3, 6, 8, 12, 13)


@pytest.mark.slow
def test_a_killed_run_ends_as_the_unbroken_one_to_the_bit(make: Callable) -> None:
    workspace, _ = make(recipe=RECIPE, metric="log_loss")
    killed.in_another_process(workspace.root, MOMENTS)
    unbroken = result_of(workspace.root)
    for moment in MOMENTS:
        broken = result_of(workspace.root.with_name(f"{workspace.root.name}-{moment}"))
        assert broken == unbroken, f"killed at moment {moment}"


def result_of(root: Path) -> dict[str, object]:
    """Return everything that a run leaves behind and that must not depend on interruptions."""
    (run,) = (root / "runs").iterdir()
    fold = run / "fold-0"
    assert not (fold / "resume.pt").exists()
    (predictions,) = (run / "predictions").iterdir()
    stored = PredictionSet(predictions)
    lines = (fold / "metrics.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [
        ["head", "1"],
        ["whole", "1"],
        ["whole", "2"],
        ["whole", "3"],
    ]
    return {
        "run": run.name,
        "metrics": lines,
        "oof": (stored.oof().ids, stored.oof().probs.tobytes()),
        "test": stored.fold("test", "classify", 0).probs().tobytes(),
        "last": tensors(fold / "last.pt"),
        "best": tensors(fold / "best.pt"),
    }
