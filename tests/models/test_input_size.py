"""`input.size: backbone` is the size that timm's weights were made for, or a refusal."""

from __future__ import annotations

from pathlib import Path

import pytest
import timm

from podium.errors import RecipeError
from podium.models.backbone_factory import input_size
from podium.training.recipe import Recipe, load_recipe
from podium.workspace.documents import dumps


@pytest.mark.parametrize(
    ("backbone", "size"),
    [
        ("resnet18", (224, 224)),
        ("inception_v3", (299, 299)),
        ("vit_small_patch14_dinov2.lvd142m", (518, 518)),
        ("vit_base_patch16_clip_384.openai_ft_in12k_in1k", (384, 384)),
        ("tf_efficientnet_b4", (380, 380)),
        ("convnext_tiny.in12k_ft_in1k_384", (384, 384)),
    ],
)
def test_the_size_is_that_of_the_weights(backbone: str, size: tuple[int, int]) -> None:
    assert input_size(backbone) == size


def test_every_network_of_timm_has_a_size() -> None:
    unknown = [name for name in timm.list_models() if min(input_size(name)) < 16]
    assert not unknown


@pytest.mark.parametrize(
    ("backbone", "complaint"),
    [
        ("cnn", "size that cnn was made for is not known: it is none of timm's"),
        ("my_net:build", "none of timm's"),
        ("local-dir:weights/mine", "no entry for its weights"),
        ("resnet81", "there is no backbone 'resnet81'"),
    ],
)
def test_other_backbones_need_a_number(backbone: str, complaint: str) -> None:
    with pytest.raises(RecipeError, match=complaint):
        input_size(backbone)


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "r.yaml"
    file.write_text(f"{text}\nphases: [{{name: a, epochs: 1}}]\n", encoding="utf-8")
    return file


def test_a_recipe_that_is_read_has_the_number(tmp_path: Path) -> None:
    file = written(tmp_path, "model: {backbone: tf_efficientnet_b4}\ninput: {size: backbone}")
    recipe = load_recipe(file)
    assert recipe.input.size == 380
    assert recipe.input.height_width == (380, 380)
    assert recipe == load_recipe(file, ("input.size=380",))  # and so it has the same id
    assert "size: 380" in dumps(recipe)
    assert load_recipe(file, ("model.backbone=inception_v3",)).input.size == 299
    plain = written(tmp_path, "model: {backbone: resnet18}")
    assert load_recipe(plain, ("input.size=backbone",)).input.size == 224


def test_a_size_that_is_no_number_and_no_backbone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"input\.size"):
        load_recipe(written(tmp_path, "input: {size: backbones}"))
    assert Recipe.model_fields["input"].default.size == 224
