"""Advice names options that the method has, and none that the recipe sets already."""

from __future__ import annotations

import re
from typing import Any

import pytest
from training.handmade import method

from podium.errors import RecipeError
from podium.training import methods
from podium.training.data.augment import StreamAugmentations
from podium.training.fit.collapse import (
    collapse_advice,
    divergence_advice,
    few_pseudo_labels_advice,
)
from podium.training.fit.phase_run import PhasePlan
from podium.training.method import LABELLED, Method
from podium.training.methods.comatch import METHOD as COMATCH
from podium.training.methods.fixmatch import METHOD as FIXMATCH
from podium.training.methods.freematch import METHOD as FREEMATCH
from podium.training.methods.mean_teacher import METHOD as MEAN_TEACHER
from podium.training.methods.pseudo_label import METHOD as PSEUDO_LABEL
from podium.training.methods.softmatch import METHOD as SOFTMATCH
from podium.training.methods.supervised import METHOD as SUPERVISED
from podium.training.recipe import Recipe
from podium.workspace import extensions


def planned(of: Method, recipe: Recipe) -> PhasePlan:
    phase = recipe.phases[0]
    return PhasePlan(
        spec=phase,
        optimizer=recipe.optimizer,
        method=of,
        views=StreamAugmentations(recipe.input),
        epochs=phase.epochs,
        per_epoch=1,
        pools={},
        objectives=dict.fromkeys(of.setting.objective.tasks, of.setting.objective),
    )


def recipe_of(name: str = "supervised", loss: Any = None, **changes: Any) -> Recipe:
    phase = {"name": "a", "epochs": 1, "method": {"name": name}, "loss": loss}
    phase |= {"freeze": changes.pop("freeze", [])}
    return Recipe.model_validate({"phases": [phase], **changes})


def advised(kind: type[Method], name: str, task: str = "classify", **options: Any) -> str:
    recipe = recipe_of(name)
    return collapse_advice(task, planned(method(kind, task, **options), recipe), recipe)


USUAL = "lower optimizer.lr, or let it rise (optimizer.warmup_epochs)"


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        (SUPERVISED, "supervised", None),
        (FIXMATCH, "fixmatch", "a lower weight or a higher threshold"),
        (COMATCH, "comatch", "a lower weight or a higher threshold"),
        (PSEUDO_LABEL, "pseudo_label", "a lower weight or a higher threshold"),
        (FREEMATCH, "freematch", "a lower weight"),
        (SOFTMATCH, "softmatch", "a lower weight"),
        (MEAN_TEACHER, "mean_teacher", "a lower weight"),
    ],
)
def test_of_a_method_its_own_options_are_advised(kind: Any, name: str, change: str | None) -> None:
    tries = [USUAL, *([f"give {name} {change}"] if change else []), "write sampling: balanced"]
    assert advised(kind, name) == "; ".join(tries)


@pytest.mark.parametrize("task", ["classify", "segment"])
@pytest.mark.parametrize("name", extensions.names(methods))
def test_every_method_has_the_options_that_are_advised(name: str, task: str) -> None:
    kind = extensions.load(methods, name, "METHOD", error=LookupError)
    if LABELLED not in kind.needs:
        return
    try:
        made = method(kind, task)
    except RecipeError:
        return  # it cannot learn such a task
    recipe = recipe_of(name)
    told = collapse_advice(task, planned(made, recipe), recipe)
    told += few_pseudo_labels_advice({task}, made.options) or ""
    named = set(re.findall(r"(?:lower|higher|or) (\w*(?:weight|threshold))\b", told))
    assert named <= set(kind.Options.model_fields)


def test_of_masks_their_own_threshold_is_advised_where_there_is_one() -> None:
    assert "a higher threshold" in advised(FIXMATCH, "fixmatch", "segment")
    assert "a higher mask_threshold" in advised(FIXMATCH, "fixmatch", "segment", mask_threshold=0.5)
    both = method(FIXMATCH, "classify", mask_threshold=0.5).options
    assert few_pseudo_labels_advice({"segment"}, both) == "a lower mask_threshold keeps more"
    tasks = {"segment", "classify"}
    assert few_pseudo_labels_advice(tasks, both) == "a lower threshold or mask_threshold keeps more"
    assert few_pseudo_labels_advice({"classify"}, method(FREEMATCH, "classify").options) is None


def test_options_that_the_recipe_has_already_are_not_advised() -> None:
    def of(task: str, **changes: Any) -> str:
        recipe = recipe_of(**changes)
        return collapse_advice(task, planned(method(SUPERVISED, task), recipe), recipe)

    rising = {"optimizer": {"warmup_epochs": 2}, "sampling": "balanced"}
    assert of("classify", **rising) == "lower optimizer.lr"
    assert "freeze" not in of("classify")
    assert "freeze less than backbone" in of("classify", freeze=["backbone"])
    masks = "; show fewer empty masks (empty_share)"
    assert of("segment") == USUAL + masks
    assert of("segment", loss={"segment": {"ce": 1, "dice": 2}}) == USUAL + masks
    usual = "write loss: {segment: {ce: 1, dice: 1}}"
    assert of("segment", loss={"segment": {"ce": 1}}, empty_share=0) == f"{USUAL}; {usual}"


def test_numbers_that_are_none_are_fought_with_what_is_left() -> None:
    def of(**changes: Any) -> str:
        recipe = recipe_of(**changes)
        return divergence_advice(planned(method(SUPERVISED, "classify"), recipe), recipe)

    clip = "set optimizer.clip_norm: 1.0"
    assert of() == f"lower optimizer.lr, {clip}, or use precision: fp32"
    assert of(precision="fp32") == f"lower optimizer.lr, or {clip}"
    assert of(precision="fp32", optimizer={"clip_norm": 1}) == "lower optimizer.lr"
