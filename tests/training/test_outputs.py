"""What a network's outputs of each kind mean: the parts are there, and are those of their task."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest
import torch

from podium.errors import RecipeError
from podium.tasks.protocols.find import find_kind, find_part, image_kind, kind_names, pixel_kind
from podium.tasks.protocols.kind import Kind
from podium.training import losses
from podium.training.data.mixing import soft_targets
from podium.training.fit.collapse import OutputRange, find_label_collapse
from podium.training.fit.phase_plans import check_parts
from podium.training.objective import build_objective, class_weights_for
from podium.training.outputs import LabelOutputs, MaskOutputs, label_outputs_of, mask_outputs_of
from podium.training.recipe import Recipe

COMPASS = Kind(
    "compass",
    "classify",
    is_continuous=True,
    is_circular=True,
    fixed_outputs=2,
    turns_with_image=True,
    usual_loss={"pull": 1.0},
)
LOSS_FILE = """
from podium.training.losses._loss import Loss, weighted_mean

LOSS = Loss(
    lambda logits, target, given: weighted_mean((logits - target).abs(), given.weight),
    kinds=frozenset({"compass"}),
)
"""


def functions_of(protocol: type) -> dict[str, list[str]]:
    """Return the arguments of each function of a protocol, without `self`."""
    found = inspect.getmembers(protocol, inspect.isfunction)
    public = {name: one for name, one in found if not name.startswith("_")}
    return {name: list(inspect.signature(one).parameters)[1:] for name, one in public.items()}


@pytest.mark.parametrize(
    ("task", "protocol"), [("classify", LabelOutputs), ("segment", MaskOutputs)]
)
def test_a_kind_that_networks_learn_has_all_functions_and_no_other_has_any(
    task: Any, protocol: type
) -> None:
    for name in kind_names(task):
        kind = find_kind(task, name)
        if kind.is_ordered or kind.finds_objects:  # learnt as another kind
            with pytest.raises(LookupError, match="has no outputs"):
                find_part(kind, "outputs")
            continue
        part = find_part(kind, "outputs")
        for function, arguments in functions_of(protocol).items():
            assert list(inspect.signature(getattr(part, function)).parameters) == arguments


@pytest.mark.parametrize("name", ["binary", "multiclass", "multilabel"])
def test_a_name_of_both_tasks_has_the_outputs_of_each(name: str) -> None:
    of_images, of_pixels = label_outputs_of(image_kind(name)), mask_outputs_of(pixel_kind(name))
    assert hasattr(of_images, "explained")
    assert hasattr(of_pixels, "decided")
    assert find_part(image_kind(name), "outputs") is not find_part(pixel_kind(name), "outputs")


def test_targets_of_labels_are_classes_or_float32() -> None:
    classes = np.array([2, -1, 0])
    assert label_outputs_of(image_kind("multiclass")).target(classes) is classes
    for name in ("binary", "multilabel", "regression"):
        target = label_outputs_of(image_kind(name)).target(np.array([1.0, np.nan]))
        assert target.dtype == np.float32
        np.testing.assert_array_equal(target, np.array([1.0, np.nan], dtype=np.float32))


def test_a_kind_has_its_own_loss_and_no_loss_of_others(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "pull.py").write_text(LOSS_FILE)
    monkeypatch.setattr(losses, "__path__", [*losses.__path__, str(tmp_path)])
    assert build_objective(None, kinds={"classify": COMPASS}).names == ["classify/pull"]
    with pytest.raises(RecipeError, match="mse does not fit a compass task"):
        build_objective({"classify": {"mse": 1}}, kinds={"classify": COMPASS})
    with pytest.raises(RecipeError, match="pull does not fit a regression task"):
        build_objective({"classify": {"pull": 1}}, kinds={"classify": "regression"})


def test_options_of_classes_are_no_options_of_a_kind_without_any() -> None:
    with pytest.raises(RecipeError, match="a compass has no classes to weigh"):
        class_weights_for("balanced", np.zeros(3), kind=COMPASS, n_classes=0)
    assert class_weights_for("none", np.zeros(3), kind=COMPASS, n_classes=0) is None


def test_loss_that_the_competition_excludes_is_not_validated_first() -> None:
    spec = {
        "model": {"backbone": "cnn", "pretrained": False},
        "phases": [{"name": "only", "epochs": 1, "loss": {"segment": {"mse": 1}}}],
    }
    check_parts(Recipe.model_validate(spec))


def test_numbers_of_several_outputs_may_be_negative_and_stay_as_they_are() -> None:
    target = torch.tensor([[0.6, -0.8], [torch.nan, torch.nan]])
    soft = soft_targets(target, kind=COMPASS, n_outputs=2)
    torch.testing.assert_close(soft, target, equal_nan=True)
    alike = OutputRange()
    alike.update(torch.full((12, 2), -0.5))
    directions = np.random.default_rng(0).normal(size=(12, 2))
    sign = find_label_collapse(alike, directions, COMPASS)
    assert sign is not None
    assert "its values of 12 images differ by 0" in sign.how
