"""Masks of classes that share the images out: no decided pixel is background."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.ensembling.plan import BlendRequest, plan_blend
from podium.predictions.decisions.masks import decide_masks
from podium.predictions.store.mask_writing import write_masks
from podium.predictions.store.masks import MaskArrays
from podium.workspace.layout import Workspace

SPEC = """\
name: ice
tasks: {{segment: multiclass}}
classes: [water, ice]
data:
  train:
    images: "data/train/*.png"
    id: "{{stem}}"
    mask: "data/masks/{{id}}.png"
    mask_values: {values}
  test: {{images: "data/test/*.png", id: "{{stem}}"}}
folds: {{n: 3}}
metric: {{name: mean_dice, over: class}}
submission:
  {{rows: image_class, id: "{{id}}_{{class}}", value: rle, columns: {{id: id, rle: value}}}}
"""
N, SIDE = 12, 16
IDS, FOLDS = [f"f{i:02d}" for i in range(N)], np.arange(N) % 3


def _probs(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return probabilities of background, water and ice; lone pixels seem to be background."""
    probs = np.zeros((SIDE, SIDE, 3), np.float32)
    for value in (0, 1):
        probs[..., value + 1] = np.where(mask == value, 0.7, 0.2)
    probs[..., 0] = 0.1
    probs[rng.random((SIDE, SIDE)) < 0.1] = (0.5, 0.3, 0.2)
    return probs


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize(
    ("values", "has_background"),
    [("{0: water, 1: ice}", False), ("{2: background, 0: water, 1: ice}", True)],
)
def test_pixels_are_of_a_class_where_no_value_is_background(
    tmp_path: Path, values: str, has_background: bool, plain: bool
) -> None:
    rng = np.random.default_rng(0)
    for folder in ("train", "masks", "test"):
        (tmp_path / "data" / folder).mkdir(parents=True)
    masks = [(rng.random((SIDE, SIDE)) < 0.5).astype(np.uint8) for _ in IDS]
    for name, mask in zip(IDS, masks, strict=True):
        cv2.imwrite(str(tmp_path / f"data/masks/{name}.png"), mask)
        cv2.imwrite(str(tmp_path / f"data/train/{name}.png"), np.dstack([mask] * 3))
    cv2.imwrite(str(tmp_path / "data/test/t.png"), np.zeros((SIDE, SIDE, 3), np.uint8))
    (tmp_path / "competition.yaml").write_text(SPEC.format(values=values))
    competition = load_competition(tmp_path)
    probs = [_probs(mask, rng) for mask in masks]
    made = tmp_path / "runs/m-00000000/predictions/0a0a0a0a"
    for fold in range(3):
        inside = np.flatnonzero(fold == FOLDS)
        write_masks(
            made,
            "oof",
            fold,
            ids=[IDS[i] for i in inside],
            sizes=[(SIDE, SIDE)] * len(inside),
            bands=[probs[i] for i in inside],
            model=f"m/fold-{fold}/x",
        )
    samples = load_samples(competition, "train")
    workspace = Workspace(tmp_path)
    request = BlendRequest(workspace, competition, samples, FOLDS, [made], trials=9, plain=plain)
    steps = plan_blend(request).fit()[0].blend.decision
    assert competition.masks_lack_background is not has_background
    # Tuning may find out by itself that background is never right.
    if has_background and not plain:
        return
    found = decide_masks(MaskArrays(IDS, probs), steps, "multiclass")
    assert any((mask == 0).any() for _, mask in found) is has_background
