"""A training of masks that is killed, and its predictions, end as the unbroken ones to the bit."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import mask_miniatures
import pytest
import yaml
from training import killed
from training.fold_fits import tensors

# Two heads with dropout, an average, mixing, a frozen part that changes from phase to phase.
JOINT = """\
seed: 3
model:
  backbone: cnn
  pretrained: false
  options: {widths: [8, 16]}
  heads: {classify: {dropout: 0.3}, segment: {decoder: linear, dropout: 0.2}}
input: {size: 32, train: medium}
optimizer: {name: adamw, lr: 1e-2, schedule: one_cycle}
batch_size: 4
ema_decay: 0.9
mix: {cutmix: 1.0, probability: 0.5}
checkpoint: best
phases:
  - {name: warm-up, epochs: 1, freeze: [backbone], loss: {classify: {ce: 1}}}
  - {name: joint, epochs: 2, loss: {classify: {ce: 1}, segment: {ce: 0.5, dice: 0.5}}}
  - {name: masks, epochs: 1, freeze: [backbone, classify], loss: {segment: {lovasz: 1}}}
predict: {tta: [hflip], batch_size: 2}
"""
TILES = """\
seed: 3
model:
  backbone: cnn
  pretrained: false
  options: {widths: [8, 16]}
  heads: {segment: {decoder: linear}}
input: {size: 32, fit: tile, foreground: 0.5, train: medium}
batch_size: 2
phases: [{name: all, epochs: 2}]
predict: {batch_size: 2, dtype: float16}
"""


@dataclass(frozen=True)
class Case:
    """A recipe, and when its training is killed: after so many steps, images or batches.

    Attributes:
        moments: in warm-up, joint and the last phase or in both epochs; after the last step; in the
            middle of the masks out of fold, and of those of the test images.
    """

    write: Callable[..., mask_miniatures.MaskMiniature]
    recipe: str
    moments: tuple[int, ...]


CASES = {
    "joint": Case(mask_miniatures.pictures_and_masks, JOINT, (1, 3, 5, 6, 7, 8, 10)),
    "tiles": Case(mask_miniatures.tissue, TILES, (3, 8, 12, 14, 17, 20)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["joint", pytest.param("tiles", marks=pytest.mark.long)])
def test_a_killed_run_of_masks_ends_as_the_unbroken_one_to_the_bit(
    name: str, tmp_path: Path
) -> None:
    case, root = CASES[name], tmp_path / "ws"
    made = case.write(root / "data", n=12, n_test=3)
    spec = {**made.spec, "folds": {**made.spec["folds"], "n": 2}}
    (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    (root / "recipes").mkdir()
    (root / "recipes" / "tiny.yaml").write_text(case.recipe)
    killed.in_another_process(root, case.moments)
    unbroken = result_of(root)
    tasks = ("segment", "classify") if name == "joint" else ("segment",)
    for task in tasks:
        for split in ("oof", "test"):
            assert any(f"{split}/{task}/fold-0" in file for file in unbroken), (split, task)
    for moment in case.moments:
        broken = result_of(root.with_name(f"{root.name}-{moment}"))
        assert broken.keys() == unbroken.keys(), f"killed at moment {moment}"
        for what, content in broken.items():
            assert content == unbroken[what], f"killed at moment {moment}: {what}"


def result_of(root: Path) -> dict[str, object]:
    """Return everything that a run leaves behind and that must not depend on interruptions."""
    (run,) = (root / "runs").iterdir()
    fold = run / "fold-0"
    assert not (fold / "resume.pt").exists()
    files = [path for path in (run / "predictions").rglob("*") if path.is_file()]
    assert not [path for path in run.rglob("*") if "tmp" in path.name]
    stored: dict[str, object] = {
        str(path.relative_to(run)): path.read_bytes()
        for path in files
        if path.suffix in (".npy", ".parquet")
    }
    facts = json.loads((fold / "done.json").read_text())
    return {
        "run": run.name,
        "files": sorted(str(path.relative_to(run)) for path in files),
        "metrics": (fold / "metrics.csv").read_text(),
        "stages": facts["stages"],
        "best": facts["best_epoch"],
        "weights": tensors(fold / "last.pt"),
        **stored,
    }
