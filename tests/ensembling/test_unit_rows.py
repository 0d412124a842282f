"""The rows of a blend whose units are several images each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.ensembling.plan import BlendRequest, LabelPlan
from podium.predictions.store.writing import write_fold
from podium.workspace.layout import Workspace

SPEC = """\
name: breasts
tasks: {classify: binary}
data:
  train: {table: data/train.csv, id: image, images: "data/i/{image}.png", label: cancer,
    unit: "{patient}_{side}"}
  test: {table: data/train.csv, id: image, images: "data/i/{image}.png", unit: "{patient}_{side}"}
units: {aggregate: mean}
folds: {scheme: stratified_group, group: patient, n: 2}
metric: {name: auc}
"""
UNITS = [f"p{i // 2}_{'LR'[i % 2]}" for i in range(6)]
PATIENTS = np.array([one[:2] for one in UNITS], dtype=object)
FOLDS, TRUTH = np.array([0, 0, 1, 1, 0, 0]), np.array([0, 1, 1, 0, 1, 0])


def test_a_unit_is_left_out_with_a_note_where_a_member_lacks_one_of_its_images(
    tmp_path: Path,
) -> None:
    (tmp_path / "data/i").mkdir(parents=True)
    lines = ["image,patient,side,cancer"]
    for i in range(12):
        lines.append(f"i{i:02d},{UNITS[i // 2].replace('_', ',')},{TRUTH[i // 2]}")
        cv2.imwrite(str(tmp_path / f"data/i/i{i:02d}.png"), np.full((4, 4, 3), 9 * i, np.uint8))
    (tmp_path / "data/train.csv").write_text("\n".join(lines) + "\n")
    (tmp_path / "competition.yaml").write_text(SPEC)
    competition = load_competition(tmp_path)
    samples = load_samples(competition, "train")
    ids, folds = list(samples["id"]), np.repeat(FOLDS, 2)
    values = np.random.default_rng(0).random((2, 12)).astype(np.float32)

    def rows(without: str) -> LabelPlan:
        sets = []
        for number in range(2):
            sets.append(tmp_path / f"runs/m{number}{without}-00000000/predictions/0a0a0a0a")
            for fold in range(2):
                inside = [i for i in range(12) if folds[i] == fold]
                inside = [i for i in inside if number == 0 or ids[i] != without]
                write_fold(
                    sets[-1],
                    "oof",
                    "classify",
                    fold,
                    ids=[ids[i] for i in inside],
                    probs=values[number, inside, None],
                    model=f"m/fold-{fold}/x",
                )
        return LabelPlan.of(BlendRequest(Workspace(tmp_path), competition, samples, folds, sets))

    means = values.reshape(2, 6, 2).mean(axis=2)
    for without, kept in (("", range(6)), ("i05", [0, 1, 3, 4, 5])):
        found, at = rows(without).rows, np.array(kept)
        order = [list(found.ids or ()).index(UNITS[i]) for i in at]
        assert len(order) == len(found.ids or ())
        np.testing.assert_allclose(found.members[:, order, 0], means[:, at], rtol=1e-6)
        np.testing.assert_array_equal(found.truth[order], TRUTH[at])
        np.testing.assert_array_equal(found.folds[order], FOLDS[at])
        assert found.groups is not None
        assert found.groups[order].tolist() == PATIENTS[at].tolist()
        torn = [one for one in found.notes if one.startswith("left out 1 unit of which some")]
        assert len(torn) == bool(without)
        assert bool(without) == any("unit" in one for one in found.notes)
