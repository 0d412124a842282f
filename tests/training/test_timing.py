"""Expected seconds of a recipe: counted by hand, kept, and without any effect on a training."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import Competition
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs import timing
from podium.training.runs.timing import PhaseTiming, RecipeTiming, recipe_timing
from podium.workspace.layout import Workspace

Made = tuple[Workspace, Competition]


@pytest.fixture
def made(make: Callable[..., Made]) -> Made:
    return make()


def _recipe(workspace: Workspace, *overrides: str) -> Recipe:
    return load_recipe(workspace.recipes / "tiny.yaml", overrides)


def test_the_total_is_counted_as_training_goes() -> None:
    head = PhaseTiming("head", epochs=2, steps=10, step_s=0.5, scoring_s=1.0)
    whole = PhaseTiming("whole", epochs=3, steps=20, step_s=0.25)
    found = RecipeTiming((head, whole), 5, start_s=2.0, image_s=0.1, predicted=30, decode_s=7.0)
    # A fold: 2 + 2 · (10 · .5 + 1) + 3 · 20 · .25 + 30 · .1 = 2 + 12 + 15 + 3 = 32.
    assert found.fold_s == pytest.approx(32)
    assert found.total_s == pytest.approx(7 + 5 * 32)
    assert found.fixed_s == pytest.approx(7 + 5 * (2 + 3))
    assert found.with_folds(1).total_s == pytest.approx(39)
    assert found.with_epochs({"whole": 1}).total_s == pytest.approx(7 + 5 * 22)


def test_steps_and_images_are_those_of_a_fold(made: Made) -> None:
    workspace, competition = made
    found = recipe_timing(workspace, competition, _recipe(workspace))
    # 36 rows in 3 folds: 24 to train on in batches of 8, 12 to predict and 6 test images.
    assert found.folds == 3
    assert found.predicted == 18
    assert [(one.name, one.epochs, one.steps) for one in found.phases] == [
        ("head", 1, 3),
        ("whole", 2, 3),
    ]
    assert all(one.step_s > 0 and one.scoring_s > 0 for one in found.phases)
    assert found.image_s > 0
    assert found.start_s > 0
    assert found.decode_s > 0  # no image is in the cache yet


def test_a_phase_that_keeps_pretrained_statistics_is_timed_without_the_weights(made: Made) -> None:
    workspace, competition = made
    recipe = _recipe(workspace, "phases[1].freeze_statistics=true", "phases[0].freeze=[backbone]")
    pretrained = recipe.model_copy(
        update={"model": recipe.model.model_copy(update={"pretrained": True})}
    )
    assert recipe_timing(workspace, competition, pretrained).phases[1].steps == 3


def test_unlabelled_images_pace_the_steps(make: Callable[..., Made]) -> None:
    workspace, competition = make(extra="")
    recipe = _recipe(
        workspace,
        "phases=[{name: semi, epochs: 1, method: {name: fixmatch, ratio: 2}}]",
        "unlabelled=[train, test]",
        "batch_size=4",
    )
    found = recipe_timing(workspace, competition, recipe)
    # 24 + 6 images, 8 of them a step.
    assert found.phases[0].steps == 4


@pytest.mark.slow
def test_learning_without_labels_is_one_network(made: Made) -> None:
    workspace, competition = made
    recipe = _recipe(
        workspace,
        "phases=[{name: pre, epochs: 2, method: {name: simsiam}}]",
        "unlabelled=[train, test]",
        "model.heads=null",
    )
    found = recipe_timing(workspace, competition, recipe)
    assert found.folds == 1
    assert found.predicted == 0
    assert found.phases[0].steps == (36 + 6) // 8
    assert found.phases[0].scoring_s == 0


def test_a_solved_layer_is_timed_on_as_many_features_as_the_backbone_has(
    make: Callable[..., Made],
) -> None:
    workspace, competition = make(kind="ordinal")  # 16 features, and a layer within its links
    recipe = _recipe(
        workspace,
        "phases=[{name: probe, epochs: 1, freeze: [backbone], method: {name: linear_probe}}]",
    )
    [phase] = recipe_timing(workspace, competition, recipe).phases
    assert phase.steps == 0
    assert phase.scoring_s > 0


def test_views_of_prediction_cost_as_often(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, competition = made
    from podium.training.fit import timed_steps

    monkeypatch.setattr(timed_steps._Measurement, "_image_seconds", lambda *_: 0.5)
    recipe = _recipe(workspace, "predict.tta=[hflip]")
    found = recipe_timing(workspace, competition, recipe)
    assert found.image_s == 1.0
    assert found.start_s >= 12 * 0.5  # the fold is scored before its first step, without views


def test_a_second_call_measures_nothing(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, competition = made
    first = recipe_timing(workspace, competition, _recipe(workspace))
    monkeypatch.setattr("podium.training.fit.timed_steps.measure_recipe", _refuse)
    assert recipe_timing(workspace, competition, _recipe(workspace)) == first
    longer = recipe_timing(workspace, competition, _recipe(workspace, "phases[1].epochs=9"))
    assert longer == first.with_epochs({"whole": 9})
    with pytest.raises(AssertionError, match="measured"):
        recipe_timing(workspace, competition, _recipe(workspace, "batch_size=4"))


def _refuse(*_: object, **__: object) -> RecipeTiming:
    raise AssertionError("measured again")


def test_measuring_leaves_no_trace(made: Made) -> None:
    workspace, competition = made
    torch.manual_seed(3)
    random.seed(3)
    np.random.seed(3)  # noqa: NPY002 — the global state is what is compared
    before = (torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy())  # noqa: NPY002
    recipe_timing(workspace, competition, _recipe(workspace))
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.array_equal(np.random.get_state()[1], before[2])  # noqa: NPY002
    assert not workspace.runs.exists()
    assert not workspace.folds_file.exists()
    files = [one for one in workspace.private.rglob("*") if one.is_file()]
    assert [one.parent.name for one in files] == ["timing"]


def test_what_the_cache_has_is_not_decoded_again(made: Made) -> None:
    workspace, competition = made
    recipe = _recipe(workspace)
    assert timing._undecoded(workspace, competition, recipe) == 42
    from podium.competition.cache import open_images
    from podium.training.runs.job import cached_side, image_paths

    samples = load_samples(competition, "train", workspace=workspace)
    open_images(
        workspace, competition, image_paths(samples), shorter_side=cached_side(recipe.input)
    )
    assert timing._undecoded(workspace, competition, recipe) == 6


def test_counts_without_a_folds_file_are_those_with_it(made: Made) -> None:
    workspace, competition = made
    samples = load_samples(competition, "train", workspace=workspace)
    before = timing.sample_counts(workspace, competition, _recipe(workspace), samples)
    ensure_folds(workspace, competition, samples)
    assert timing.sample_counts(workspace, competition, _recipe(workspace), samples) == before


def test_a_batch_that_does_not_fit_is_scaled(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    workspace, competition = made
    from podium.training.fit import timed_steps

    seen: list[int] = []

    def seconds(self: object, job: timed_steps.Job, *_: object) -> float:
        seen.append(job.recipe.batch_size)
        return 1.0 + 0.5 * job.recipe.batch_size

    monkeypatch.setattr(timed_steps._Measurement, "_step_seconds", seconds)
    monkeypatch.setattr(timed_steps._Measurement, "_forward_seconds", lambda *_: (0.0, 0.01))
    recipe = _recipe(workspace, "batch_size=16", "phases=[{name: whole, epochs: 1}]")
    # 3 · .01 s an image: 16 images take .48 s, a quarter of .8 s 6 of them.
    found = recipe_timing(workspace, competition, recipe, budget_s=1.6)
    assert seen == [3, 6]
    assert found.phases[0].step_s == pytest.approx(1.0 + 0.5 * 16)


def test_a_file_that_is_torn_is_measured_again(made: Made) -> None:
    workspace, competition = made
    first = recipe_timing(workspace, competition, _recipe(workspace))
    [file] = Path(workspace.cache / "timing").iterdir()
    file.write_text("{")
    again = recipe_timing(workspace, competition, _recipe(workspace))
    assert replace(again, phases=()).predicted == replace(first, phases=()).predicted
