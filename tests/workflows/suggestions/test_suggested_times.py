"""Suggestions have their minutes, are cut to a time, and left out where they cannot run."""

from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from recorded_progress import RecordedProgress

from podium.competition.spec import Competition
from podium.errors import RecipeError
from podium.tasks.protocols.find import image_kind
from podium.training.recipe import Recipe
from podium.training.runs.timing import PhaseTiming, RecipeTiming
from podium.workflows import fit_time as fitting
from podium.workflows.suggestions import times as subject
from podium.workflows.suggestions.recipes import (
    CompetitionFacts,
    SuggestedValue,
    Suggestion,
    recipe_text,
    suggest_recipes,
)
from podium.workflows.suggestions.times import LocalBackbone, local_backbones, timed_suggestions
from podium.workspace.layout import Workspace
from podium.workspace.machine import Machine

COMPETITION: Competition = object()  # type: ignore[assignment]  # nothing of it is read


def _suggestion(name: str, epochs: int, backbone: str = "cnn") -> Suggestion:
    given = {
        "model.backbone": backbone,
        "model.pretrained": False,
        "optimizer": {"name": "adamw", "lr": 1e-3, "warmup_epochs": 2.0},
        "phases.whole.epochs": epochs,
    }
    return Suggestion(
        name, "for a test", tuple(SuggestedValue(k, v, "so") for k, v in given.items())
    )


@pytest.fixture(autouse=True)
def measured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let an epoch of five folds take 60 s in all, and one backbone be impossible."""

    def timing(_: Workspace, __: Competition, recipe: Recipe) -> RecipeTiming:
        if recipe.model.backbone == "wide_resnet":
            raise RecipeError("it cannot be built")
        phases = tuple(
            PhaseTiming(one.name, 1, 0, 0.0, scoring_s=12.0)
            if one.method.name == "linear_probe"
            else PhaseTiming(one.name, one.epochs, 12, 1.0)
            for one in recipe.phases
        )
        return RecipeTiming(phases, 5, 0.0, 0.0, 10)

    monkeypatch.setattr(subject, "recipe_timing", timing)
    monkeypatch.setattr(fitting, "recipe_timing", timing)


def test_without_a_limit_each_has_its_time(tmp_path: Path) -> None:
    given = (_suggestion("short", 2), _suggestion("long", 100))
    timed, left_out = timed_suggestions(Workspace(tmp_path), COMPETITION, given)
    assert [(one.suggestion, one.timing.total_s, one.cut) for one in timed] == [
        (given[0], 120.0, ()),
        (given[1], 6000.0, ()),
    ]
    assert left_out == []


def test_what_takes_longer_is_cut_and_nothing_is_stretched(tmp_path: Path) -> None:
    given = (_suggestion("short", 2), _suggestion("long", 100))
    # Nine tenths of 20 minutes are 18 epochs of a minute.
    timed, _ = timed_suggestions(Workspace(tmp_path), COMPETITION, given, time_s=1200)
    assert timed[0].suggestion == given[0]
    written = yaml.safe_load(recipe_text(timed[1].suggestion))
    assert written["phases"] == [{"name": "whole", "epochs": 18}]
    assert written["optimizer"] == {"name": "adamw", "lr": 1e-3, "warmup_epochs": 0.36}
    assert timed[1].timing.total_s == 1080.0
    assert len(timed[1].cut) == 2


def test_equal_networks_take_about_equal_times_however_busy_the_machine_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the second and the fourth are measured, another program has the processor."""
    step_s = {"first": 0.33, "busy": 9.2, "slower": 0.5, "other": 9.2}
    each = itertools.cycle(step_s.values())

    def timing(_: Workspace, __: Competition, recipe: Recipe) -> RecipeTiming:
        seconds = next(each)
        phases = (PhaseTiming("whole", recipe.phases[0].epochs, 10, seconds),)
        return RecipeTiming(phases, 5, 0.0, seconds / 100, 10)

    monkeypatch.setattr(subject, "recipe_timing", timing)
    given = tuple(
        _suggestion(name, 2, "cnn" if name != "other" else "mlp_mixer") for name in step_s
    )
    progress = RecordedProgress()
    timed, _ = timed_suggestions(Workspace(tmp_path), COMPETITION, given, progress=progress)
    found = {one.suggestion.name: one.timing for one in timed}
    assert {name: one.phases[0].step_s for name, one in found.items()} == {
        "first": 0.33,
        "busy": 0.66,
        "slower": 0.5,
        "other": 9.2,
    }
    assert found["busy"].image_s == pytest.approx(0.0066)
    assert [line for line in progress.lines if "unlike times" in line] != []
    timed, _ = timed_suggestions(
        Workspace(tmp_path), COMPETITION, given, time_s=40, progress=progress
    )
    cut = {one.suggestion.name: one.cut for one in timed}
    assert "phases[0].epochs: 2 to 1" in cut["busy"], "by 0.66 s a step, not by 9.2"


def test_what_cannot_run_is_left_out_with_the_reason(tmp_path: Path) -> None:
    given = (_suggestion("fine", 1), _suggestion("none", 1, backbone="wide_resnet"))
    timed, left_out = timed_suggestions(Workspace(tmp_path), COMPETITION, given, time_s=90)
    assert [one.suggestion.name for one in timed] == ["fine"]
    assert [(one.name, one.why) for one in left_out] == [("none", "it cannot be built")]
    timed, left_out = timed_suggestions(Workspace(tmp_path), COMPETITION, given[:1], time_s=30)
    assert timed == []
    assert "not one epoch" in left_out[0].why


def test_weights_out_of_reach_leave_a_suggestion_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise RecipeError("out of reach")

    monkeypatch.setattr(subject, "require_weights", refuse)
    _, left_out = timed_suggestions(Workspace(tmp_path), COMPETITION, (_suggestion("one", 1),))
    assert [one.why for one in left_out] == ["out of reach"]


def test_a_file_of_weights_names_its_backbone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import timm
    import torch

    torch.manual_seed(0)
    network = timm.create_model("resnet10t", num_classes=7)
    (tmp_path / "weights").mkdir()
    torch.save(network.state_dict(), tmp_path / "weights" / "my-ResNet10t.pth")
    torch.save(network.state_dict(), tmp_path / "weights" / "resnet18-lies.pth")
    monkeypatch.setattr("podium.models.weights.reach.metadata.distributions", lambda: ())
    monkeypatch.setattr(subject, "is_cached", lambda name: name == "resnet34")
    found = (LocalBackbone("resnet34"), LocalBackbone("resnet10t", "weights/my-ResNet10t.pth"))
    assert local_backbones(Workspace(tmp_path)) == found

    looked = []
    monkeypatch.setattr(
        subject.weights.matching, "backbone_of", lambda file, _: looked.append(file.text)
    )
    assert local_backbones(Workspace(tmp_path)) == found
    assert looked == [], "what was found is kept, and no network is built again"
    torch.save({"another": torch.zeros(10**6)}, tmp_path / "weights" / "my-ResNet10t.pth")
    assert local_backbones(Workspace(tmp_path)) == found[:1]
    assert looked == ["weights/my-ResNet10t.pth"], "only the file that changed"


def test_a_phase_that_is_solved_keeps_its_one_epoch() -> None:
    solved = PhaseTiming("probe", 1, 0, 0.0, scoring_s=10.0)
    timing = RecipeTiming((solved, PhaseTiming("whole", 10, 1, 10.0)), 1, 0.0, 0.0, 1)
    assert fitting.fit_epochs(timing, 60.0) == (1, 5)
    assert fitting.fit_epochs(timing, 600.0) == (1, 59)
    alone = replace(timing, phases=(solved,))
    assert fitting.fit_epochs(alone, 600.0) == (1,)


FEW = CompetitionFacts(
    tasks={"classify": image_kind("multiclass")}, scored="classify", n=300, n_unlabelled=3000,
    side=96, largest=96, counts=(100, 100, 100), machine=Machine(cores=2, memory=8 << 30),
)  # fmt: skip


@pytest.mark.parametrize("kind", ["multiclass", "regression"])
def test_suggested_recipe_uses_unlabelled_images_with_enough_epochs_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """An epoch of the folds takes a minute, so .9 t minutes have room for so many."""
    monkeypatch.setattr(subject, "require_weights", lambda *_: None)
    counts = FEW.counts if kind == "multiclass" else ()
    facts = replace(FEW, tasks={"classify": image_kind(kind)}, counts=counts)
    given = suggest_recipes(facts)
    [planned] = [one for one in given if one.name == "unlabelled"]
    epochs = {one.key: one.value for one in planned.choices if one.key.endswith(".epochs")}
    first = next(iter(epochs.values()))
    assert first >= 10
    found = {}
    for minutes in (2, 5, 10, 20, 40, 80, 200, 2000):
        timed, left_out = timed_suggestions(
            Workspace(tmp_path), COMPETITION, given, time_s=60 * minutes
        )
        assert timed[0].suggestion.name == "probe", "what fits as it is comes first"
        proposed = [one for one in timed if one.suggestion.name == "unlabelled"]
        found[minutes] = bool(proposed)
        if proposed:
            least = 10 if kind == "regression" else first // 2
            assert proposed[0].timing.phases[0].epochs >= least
        else:
            [why] = [one.why for one in left_out if one.name == "unlabelled"]
            assert "suggested-probe computes features once, and takes 60s" in why
    assert not found[2]
    assert not found[5]
    assert found[2000]
    assert sorted(found.values()) == list(found.values()), "more time takes nothing away"
