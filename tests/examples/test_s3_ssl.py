"""S3's self-supervised recipes: they are as the report has them, and one table comes of them."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import pytest
from scripts import EXAMPLES, script

from podium.training.fit.phase_plans import check_parts
from podium.training.recipe import load_recipe
from podium.training.runs.pretraining import is_label_free

S3 = EXAMPLES / "s3"
EPOCHS = {"simclr": 300, "simsiam": 200, "barlow_twins": 100, "autoencoder": 200}


@pytest.fixture
def pretrained() -> ModuleType:
    return script(S3 / "pretrained.py")


@pytest.mark.parametrize("file", sorted(S3.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_recipes_name_parts_that_are_there(file: Path) -> None:
    check_parts(load_recipe(file))


@pytest.mark.parametrize("name", EPOCHS)
def test_they_learn_without_labels_as_long_as_reported(name: str, tmp_path: Path) -> None:
    recipe = load_recipe(S3 / f"{name}.yaml")
    after = load_recipe(S3 / "after.yaml")
    assert is_label_free(recipe, tmp_path)
    assert not is_label_free(after, tmp_path)
    assert [(one.epochs, one.method.name) for one in recipe.phases] == [(EPOCHS[name], name)]
    assert recipe.model == after.model  # so that after.yaml may start from it
    assert recipe.input.size == after.input.size == 96


def test_rates_go_with_the_batch() -> None:
    simclr, barlow = (load_recipe(S3 / f"{name}.yaml") for name in ("simclr", "barlow_twins"))
    simsiam = load_recipe(S3 / "simsiam.yaml")
    assert simclr.optimizer.lr == pytest.approx(0.3 * simclr.batch_size / 256)
    assert barlow.optimizer.lr == pytest.approx(0.2 * barlow.batch_size / 256)
    assert barlow.optimizer.norm_lr == pytest.approx(0.0048 * barlow.batch_size / 256)
    assert barlow.optimizer.min_lr == pytest.approx(barlow.optimizer.lr / 1000)
    assert simsiam.optimizer.lr == pytest.approx(0.05 * simsiam.batch_size / 256)


@pytest.mark.slow
def test_all_ways_stand_in_one_table(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    pretrained: ModuleType,
) -> None:
    monkeypatch.setattr(pretrained, "EPOCHS", 1)
    once = "phases[0].steps_per_epoch=1"
    monkeypatch.setattr(pretrained, "AFTER", (*pretrained.AFTER, "phases[0].epochs=1", once))
    call = ["--folder", str(tmp_path), "--labels", "1", "--steps", "1"]
    pretrained.main(call)
    first = capsys.readouterr().out
    cells = [line.strip("| ").split(" | ") for line in first.splitlines() if line[:2] == "| "]
    arms = {one[0]: one[4] for one in cells[2:]}
    assert arms == {**dict.fromkeys(EPOCHS, "after"), "fixmatch": "–", "comatch": "–"}
    pretrained.main(call)
    assert capsys.readouterr().out == first
