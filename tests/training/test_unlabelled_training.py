"""FixMatch and BYOL in the loop: records, moving weights, and interruptions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import pytest
import torch
import yaml
from training.fold_fits import fit, fit_in_steps, history, job_on, left_behind

from podium.competition.spec import load_competition
from podium.errors import RecipeError
from podium.training.fit import phase_run
from podium.training.method import Method
from podium.training.methods import byol
from podium.training.recipe import Recipe
from podium.training.runs.job import Job
from podium.workspace.layout import Workspace

BOTH = {"classify": {"dropout": 0.2}, "segment": {"decoder": "linear"}}
BYOL = {"name": "byol", "hidden": 16, "size": 8, "decay": 0.9}
PRETRAINED = [
    {"name": "images", "epochs": 2, "steps_per_epoch": 2, "method": BYOL},
    {"name": "labels", "epochs": 1, "steps_per_epoch": 2},
]
FIXMATCH = {"name": "fixmatch", "ratio": 2, "threshold": 0.4}
SURE = [{"name": "sure", "epochs": 2, "steps_per_epoch": 2, "method": FIXMATCH}]
RECIPES = {"byol": PRETRAINED, "fixmatch": SURE}

MakeJob = Callable[..., Job]


@pytest.fixture
def job_of(tmp_path: Path) -> MakeJob:
    """Return a function that writes 24 images with labels and masks and returns a job on them."""

    def write(phases: list[dict[str, Any]], where: str = "ws", **recipe: Any) -> Job:
        root = tmp_path / where
        made = mask_miniatures.pictures_and_masks(root / "data", n=24, n_test=6, size=40)
        spec = {**made.spec, "folds": {**made.spec["folds"], "n": 2}}
        (root / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
        given = {
            "model": {
                "backbone": "cnn",
                "pretrained": False,
                "options": {"widths": [8, 16]},
                "heads": BOTH,
            },
            "input": {"size": 32},
            "optimizer": {"lr": 1e-2},
            "batch_size": 4,
            "ema_decay": 0.9,
            "unlabelled": ["train", "test"],
            "phases": phases,
            **recipe,
        }
        return job_on(Workspace(root), load_competition(root), Recipe.model_validate(given))

    return write


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("name", RECIPES)
def test_stopped_after_every_step_it_ends_as_the_unbroken_run_to_the_bit(
    name: str, job_of: MakeJob
) -> None:
    unbroken, broken = job_of(RECIPES[name], "a"), job_of(RECIPES[name], "b")
    fit(unbroken)
    assert fit_in_steps(broken) == sum(2 * phase["epochs"] for phase in RECIPES[name])
    assert left_behind(broken) == left_behind(unbroken)


def test_fixmatch_records_what_it_kept_of_each_head(job_of: MakeJob) -> None:
    job = job_of([{"name": "sure", "epochs": 2, "method": FIXMATCH}])
    stages = fit(job)["stages"]
    assert [one["phase"] for one in stages] == ["start", "sure"]
    for row in history(job):
        labelled, unlabelled = float(row["labelled"]), float(row["unlabelled"])
        assert float(row["train_loss"]) == pytest.approx(labelled + unlabelled)
        shares = [float(row[f"{task}/kept"]) for task in BOTH]
        assert float(row["kept"]) == pytest.approx(sum(shares) / 2)
        assert all(0 < share <= 1 for share in shares)
        assert float(row["classify/unlabelled"]) > 0
        assert float(row["segment/unlabelled"]) > 0


def test_an_epoch_of_fixmatch_passes_over_the_unlabelled_images(
    job_of: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[int] = []
    steps = phase_run.PhaseRun.steps

    def count(self: Any, epoch: int, first: int) -> Any:
        counted.append(self.per_epoch)
        return steps(self, epoch, first)

    monkeypatch.setattr(phase_run.PhaseRun, "steps", count)
    fit(job_of([{"name": "sure", "epochs": 1, "method": FIXMATCH}]))
    # 12 images of the other fold and 6 of the test set, 2 · 4 a step.
    assert counted == [round((12 + 6) / (2 * 4))]


def test_fixmatch_learns_masks_in_windows(job_of: MakeJob) -> None:
    phases = [{"name": "sure", "epochs": 1, "method": {**FIXMATCH, "forward": "split"}}]
    heads = {"segment": {"decoder": "linear"}}
    cnn = {"backbone": "cnn", "pretrained": False, "options": {"widths": [8, 16]}}
    job = job_of(phases, model={**cnn, "heads": heads}, input={"size": 24, "fit": "tile"})
    fit(job)
    [row] = history(job)
    assert float(row["unlabelled"]) > 0
    assert 0 < float(row["kept"]) <= 1


def test_byol_moves_the_backbone_and_labels_learn_from_there(
    job_of: MakeJob, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, dict[str, torch.Tensor], dict[str, torch.Tensor]]] = []
    after = byol.METHOD.after_step

    def look(self: Any, step: Any) -> None:
        after(self, step)
        heads = {k: v.clone() for k, v in self.network.heads.state_dict().items()}
        body = {k: v.clone() for k, v in self.network.backbone.state_dict().items()}
        norms = [m for m in self._own.modules() if isinstance(m, torch.nn.BatchNorm2d)]
        seen.append((all(one.training for one in norms), heads, body))

    monkeypatch.setattr(byol.METHOD, "after_step", look)
    starts: list[dict[str, torch.Tensor]] = []
    build = Method.build

    def note(self: Any, network: Any, sizes: Any) -> Any:
        starts.append({k: v.clone() for k, v in network.backbone.state_dict().items()})
        return build(self, network, sizes)

    monkeypatch.setattr(Method, "build", note)
    job = job_of(PRETRAINED)
    stages = fit(job)["stages"]
    assert len(seen) == 4
    assert all(in_training for in_training, _, _ in seen)
    heads = seen[0][1]
    assert all(torch.equal(heads[k], one[k]) for _, one, _ in seen for k in heads)
    first, second = starts
    assert not all(torch.equal(first[k], second[k]) for k in first)
    assert all(torch.equal(seen[-1][2][k], second[k]) for k in second)
    images, _, labels = history(job)
    assert 0 < float(images["train_loss"]) < 8
    assert not images.get("valid_loss"), "nothing that learns without labels is scored"
    assert float(labels["valid_loss"]) > 0
    assert stages[-1]["phase"] == "labels"


def test_byol_on_a_frozen_backbone_is_refused(job_of: MakeJob) -> None:
    phases = [{**PRETRAINED[0], "freeze": ["backbone"]}, PRETRAINED[1]]
    with pytest.raises(RecipeError, match="frozen"):
        fit(job_of(phases))


@pytest.mark.parametrize(
    ("wrong", "message", "fix"),
    [
        ({"treshold": 0.9}, "unknown key 'treshold', did you mean 'threshold'?", "write threshold"),
        ({"naem": "mae"}, "unknown key 'naem', did you mean 'name'?", "write name"),
        ({"threshold": 80}, "threshold must be in [0, 1], got 80", "write 0.8"),
    ],
)
def test_a_wrong_option_of_a_method_is_reported_like_any_key(
    job_of: MakeJob, wrong: dict[str, Any], message: str, fix: str | None
) -> None:
    job = job_of([{"name": "sure", "epochs": 1, "method": {"name": "fixmatch", **wrong}}])
    with pytest.raises(RecipeError) as raised:
        fit(job)
    assert raised.value.message == message
    assert raised.value.where == "phase sure, method fixmatch"
    assert raised.value.fix == fix
