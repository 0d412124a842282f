"""A kind whose answer turns with the image is not learnt from views that flip or turn images."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import albumentations as A
import pytest
from training.fold_fits import job_on

from podium.errors import RecipeError
from podium.tasks.protocols.find import image_kind
from podium.tasks.protocols.kind import Kind
from podium.training.data.augment import StreamAugmentations
from podium.training.data.sampling import ViewSpec
from podium.training.fit.fold import fit_fold
from podium.training.fit.phase_plans import refuse_turning
from podium.training.policies._load import turning_transforms
from podium.training.recipe import Input, load_recipe
from podium.training.runs.job import Deadline
from podium.workspace.progress import SILENT

COMPASS = Kind("compass", "classify", is_continuous=True, fixed_outputs=2, turns_with_image=True)


class OwnWarp(A.DualTransform):
    """A user's own geometry."""


@pytest.mark.parametrize(
    ("transform", "turns"),
    [
        (A.HorizontalFlip(), True),
        (A.RandomRotate90(), True),
        (A.D4(), True),
        (A.OneOf([A.CenterCrop(4, 4), A.Compose([A.VerticalFlip()])]), True),
        (A.Affine(rotate=(-5, 5)), True),
        (A.Affine(shear={"x": (0, 0), "y": (0, 3)}), True),
        (OwnWarp(), True),
        (A.Affine(translate_px=(-2, 2), scale=(0.5, 2)), False),
        (A.RandomResizedCrop((8, 8)), False),
        (A.CoarseDropout(), False),
        (A.ColorJitter(), False),
    ],
)
def test_what_turns_an_image(transform: Any, turns: bool) -> None:
    assert bool(turning_transforms([transform])) == turns


@pytest.mark.parametrize("policy", ["weak", "flip", "medium", "strong", "simclr", "byol"])
def test_a_policy_with_flips_is_refused_in_the_recipe_and_in_a_method(policy: str) -> None:
    named = StreamAugmentations(Input(size=32))
    with pytest.raises(RecipeError, match=f"Flip of the policy {policy} flips or turns"):
        refuse_turning([ViewSpec("one", policy)], named, COMPASS)
    of_recipe = StreamAugmentations(Input(size=32, train=policy))
    with pytest.raises(RecipeError, match=r"Flip of input\.train flips or turns the image"):
        refuse_turning([ViewSpec("train")], of_recipe, COMPASS)
    refuse_turning([ViewSpec("train")], of_recipe, image_kind("regression"))


@pytest.mark.parametrize("policy", ["none", "photometric"])
def test_a_policy_that_keeps_images_upright_is_taken(policy: str) -> None:
    refuse_turning([ViewSpec("one", policy)], StreamAugmentations(Input(size=32)), COMPASS)


def test_a_phase_is_refused_before_it_trains(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = make(kind="regression")
    job = job_on(workspace, competition, load_recipe(workspace.recipes / "tiny.yaml"))
    monkeypatch.setitem(vars(image_kind("regression")), "turns_with_image", True)
    with pytest.raises(RecipeError, match=r"HorizontalFlip of input\.train flips or turns"):
        fit_fold(job, 0, deadline=Deadline(None), progress=SILENT)
