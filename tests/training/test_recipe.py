from __future__ import annotations

from pathlib import Path

import pytest

from podium.errors import RecipeError
from podium.training.recipe import Recipe, load_recipe
from podium.workspace.documents import dump

WHOLE = """\
seed: 3
model: {backbone: resnet18, weights: package:some/file.pth, heads: {classify: {dropout: 0.5}}}
input: {size: [96, 128], train: [{name: HorizontalFlip, p: 0.5}], fit: pad}
optimizer: {lr: 1e-3, schedule: one_cycle, layer_decay: 0.8}
class_weights: [1, 2.5]
phases:
  - {name: a, epochs: 2, freeze: [backbone], loss: {classify: {focal: {weight: 1, gamma: 3}}}}
  - {name: b, epochs: 1, optimizer: {name: sgd}, early_stopping: {patience: 2}}
predict: {tta: [hflip, "scale:1.25"]}
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "recipe.yaml"
    file.write_text(text)
    return file


def test_a_resolved_recipe_is_read_back_as_the_same(tmp_path: Path) -> None:
    recipe = load_recipe(written(tmp_path, WHOLE), ("phases[1].epochs=7",))
    dump(recipe, tmp_path / "resolved.yaml")
    assert load_recipe(tmp_path / "resolved.yaml") == recipe
    assert recipe.phases[1].epochs == 7
    assert recipe.input.height_width == (96, 128)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("seed: 3", "sed: 3", "seed"),
        ("epochs: 1", "epochs: 0", "phases[1].epochs"),
        ("name: b", "name: a", "more than once"),
        ("backbone: resnet18,", "backbone: resnet18, from: other,", "add -o model.weights=null"),
        ("fit: pad", "fit: stretch", "centre_crop"),
        ("optimizer: {lr: 1e-3", "optimizer: {lr: -1", "optimizer.lr"),
    ],
)
def test_a_mistake_is_named_with_its_key(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in WHOLE
    with pytest.raises(RecipeError) as caught:
        load_recipe(written(tmp_path, WHOLE.replace(old, new)))
    assert message in str(caught.value)
    assert "recipe.yaml" in str(caught.value)


def test_selection_on_the_fold_follows_from_the_recipe() -> None:
    plain = {"phases": [{"name": "a", "epochs": 1}]}
    stopping = {"phases": [{"name": "a", "epochs": 1, "early_stopping": {"patience": 1}}]}
    assert not Recipe.model_validate(plain).is_selected_on_fold
    assert Recipe.model_validate({**plain, "checkpoint": "best"}).is_selected_on_fold
    assert Recipe.model_validate(stopping).is_selected_on_fold
