"""The recipe of S0 as it stands, with a backbone within reach: its phases, and what they freeze."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import mask_miniatures
import pytest
import torch
import yaml
from typer.testing import CliRunner

from podium.cli.app import app
from podium.cli.artefacts import stages_scored
from podium.training.fit.loop import Loop
from podium.training.recipe import Recipe

S0 = Path(__file__).parents[2] / "examples" / "s0" / "s0.yaml"
SMALL = [
    "model.pretrained=false",
    "input.size=48",
    "input.train[0].size=[48,48]",
    "batch_size=8",
    "optimizer.lr=3e-2",
    *(f"phases[{i}].epochs=1" for i in range(4)),
    "phases[2].method.threshold=0.4",
]
BACKBONES = {
    "cnn": ["model.backbone=cnn", "model.options={widths: [8, 16]}"],
    "timm": ["model.backbone=test_resnet.r160_in1k"],
}
NAMES = ["start", "warm-up", "joint", "pseudo", "masks"]
BOTH = ["classify.ce", "segment.ce", "segment.dice"]
LEARNT = [[], ["classify.ce"], BOTH, BOTH, ["segment.ce"]]
FROZEN = [[], ["backbone"], ["backbone"], ["backbone"], ["backbone", "classify"]]


def podium(root: Path, *words: object) -> str:
    done = CliRunner().invoke(app, ["-w", str(root), *(str(word) for word in words)])
    assert done.exit_code == 0, f"{done.output}\n{done.exception!r}"
    return done.stdout


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Give a workspace of labels and masks with two folds, where test images have no labels."""
    made = mask_miniatures.pictures_and_masks(tmp_path / "data")
    spec = {**made.spec, "folds": {"n": 2}}
    spec["data"]["unlabelled"] = {"images": spec["data"]["test"]["images"]}
    (tmp_path / "competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    return tmp_path


def train(root: Path, backbone: str, *changed: str) -> Path:
    """Train S0 on fold 0 and return the run's folder."""
    words = [word for one in (*SMALL, *BACKBONES[backbone], *changed) for word in ("-o", one)]
    [done] = json.loads(podium(root, "train", S0, *words, "--folds", 0, "--json"))
    assert done["finished"] == [0]
    return root / "runs" / str(done["run"])


@pytest.fixture
def after_epochs(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, torch.Tensor]]:
    """Return the list to which a training adds its network after each epoch."""
    found: list[dict[str, torch.Tensor]] = []
    run_epoch = Loop._run_epoch

    def noting(self: Loop, run: Any) -> None:
        run_epoch(self, run)
        found.append({name: one.clone() for name, one in self._network.state_dict().items()})

    monkeypatch.setattr(Loop, "_run_epoch", noting)
    return found


def part(name: str) -> str:
    """Return the part of a network that a tensor belongs to, as `freeze` names it."""
    return name.removeprefix("heads.").split(".")[0]


@pytest.mark.slow
@pytest.mark.parametrize("backbone", BACKBONES)
def test_frozen_parts_are_the_same_to_the_bit_after_each_phase(
    root: Path, backbone: str, after_epochs: list[dict[str, torch.Tensor]]
) -> None:
    run = train(root, backbone, "phases[0].epochs=2")
    first, longer, second, third, fourth = after_epochs
    last: Any = torch.load(run / "fold-0" / "last.pt", weights_only=True)
    assert all(torch.equal(one, last["network"][name]) for name, one in fourth.items())
    statistics = [name for name in fourth if name.endswith("running_var")]
    assert any(part(name) == "backbone" for name in statistics)
    steps = (
        (longer, second, set(FROZEN[2])),
        (second, third, set(FROZEN[3])),
        (third, fourth, set(FROZEN[4])),
    )
    for before, after, frozen in steps:
        assert before.keys() == after.keys()
        moved = {part(name) for name in after if not torch.equal(before[name], after[name])}
        assert moved == {"backbone", "classify", "segment"} - frozen
    # The head of the masks is as it was made until the phase that learns them.
    moved = {part(name) for name in longer if not torch.equal(first[name], longer[name])}
    assert moved == {"classify"}


def test_one_command_prints_the_table_of_stages(root: Path) -> None:
    run = train(root, "cnn")
    table = podium(root, "show", "s0")
    lines = [line.split() for line in table.splitlines()]
    [header] = [line for line in lines if line[:1] == ["stage"]]
    scores = ["mean_dice", "accuracy"]
    assert header == ["stage", "method", "pseudo-labels", "epochs", "learnt", "frozen", *scores]
    rows = [line for line in lines if line[:1] and line[0] in NAMES]
    selected = len((run / "fold-0" / "selected.csv").read_text().splitlines()) - 1
    assert selected > 0
    methods = ["0", "supervised 1", "supervised 1", f"pseudo_label {selected} 1", "supervised 1"]
    for row, name, method, learnt, frozen in zip(rows, NAMES, methods, LEARNT, FROZEN, strict=True):
        printed = " ".join([name, method, ", ".join(learnt), ", ".join(frozen)])
        assert " ".join(row[:-2]) == printed.strip()
    assert "images seen without labels: 8 a fold, no validation image among them" in table

    answer = json.loads(podium(root, "show", run.name, "--json"))
    assert answer["id"] == run.name
    assert [one["phase"] for one in answer["stages"]] == NAMES
    assert [one["learnt"] for one in answer["stages"]] == LEARNT
    assert [one["frozen"] for one in answer["stages"]] == FROZEN
    facts = json.loads((run / "fold-0" / "done.json").read_text())["stages"]
    for one, row, fact in zip(answer["stages"], rows, facts, strict=True):
        assert one["scores"] == {name: [score] for name, score in fact["scores"].items()}
        for cell, score in zip(row[-2:], fact["scores"].values(), strict=True):
            assert float(cell) == pytest.approx(score, abs=5e-5)
    assert answer["scores"]["tasks"].keys() == {"classify", "segment"}
    for of_task in ("accuracy (classify)", "mean_dice (segment)"):
        line = next(one for one in table.splitlines() if one.startswith(f"OOF {of_task}: "))
        assert line.endswith(" of all scored rows together"), "the table has means over folds"
    assert "with plain decisions, without the recipe's TTA" in table
    plain = Recipe.model_validate(yaml.safe_load("phases: [{name: all, epochs: 1}]"))
    assert "TTA" not in stages_scored(plain), "of a recipe without views nobody is to look for it"
