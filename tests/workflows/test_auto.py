"""`podium auto`: its plan, its file after every step, a stop at any moment, and its time."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import yaml
from command_line import podium
from loaded_python import loaded_python
from recorded_progress import RecordedProgress

from podium.competition.samples import load_samples
from podium.competition.scale import SameScale
from podium.competition.sections.tasks import CombinedMetricSpec
from podium.competition.spec import Competition, load_competition
from podium.ensembling.record import read_parts
from podium.errors import DataError, RunError, UsageError
from podium.predictions.kept_scores import kept_expected
from podium.submissions.board.best_to_send import BestToSend
from podium.submissions.board.view import BlendScore
from podium.submissions.format.checking import check
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.tasks.protocols.names import IMAGES
from podium.training.fit.collapse import CollapsedError
from podium.training.runs.timing import PhaseTiming, RecipeTiming
from podium.workflows.auto import plan as planning
from podium.workflows.auto import run as running
from podium.workflows.auto import steps as steps_folder
from podium.workflows.auto.own_probes import OwnProbes
from podium.workflows.auto.plan import Plan, make_plan, step_modules
from podium.workflows.auto.prior import write_prior
from podium.workflows.auto.proposal import (
    NetworkAtHand,
    Proposal,
    RecipeCost,
    Situation,
    loaded_recipe,
    measure_cost,
    networks_at_hand,
)
from podium.workflows.auto.rest import done_so_far, lost_s
from podium.workflows.auto.run import auto, submission_file
from podium.workflows.auto.steps import fine_tune, seeds
from podium.workflows.blends.blending import blend_runs
from podium.workflows.constant_answers import prior_probs
from podium.workflows.submission.submitting import find_blend, write_blend_file
from podium.workflows.suggestions.recipes import CompetitionFacts, LocalBackbone, competition_facts
from podium.workflows.training import train_recipes
from podium.workspace.auto_record import (
    AutoRecord,
    AutoStep,
    PlanOfRest,
    auto_records,
    read_auto,
    write_auto,
)
from podium.workspace.layout import Workspace
from podium.workspace.machine import Machine
from podium.workspace.records import read_record

SPEC = """\
name: shapes
tasks: {classify: multiclass}
classes: [cat, dog, fox]
data:
  train: {images: "data/train/{class}/*.png"}
  unlabelled: {images: "data/test/*.png"}
  test: {images: "data/test/*.png"}
folds: {n: 2}
metric: {name: accuracy}
"""
TINY = {
    "model": {"backbone": "cnn", "pretrained": False, "options": {"widths": [8]}},
    "input": {"size": 16, "train": "none"},
    "optimizer": {"name": "adamw", "lr": 3e-2},
    "batch_size": 8,
    "phases": [{"name": "network", "epochs": 2}],
}
BUDGET_S = 600.0


@pytest.fixture(autouse=True)
def no_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look for no weights on this machine."""

    def facts(*known: Any, progress: Any) -> CompetitionFacts:
        return competition_facts(*known, hub=False, progress=progress)

    monkeypatch.setattr(planning, "facts_here", facts)


def labels(root: Path, miniatures: ModuleType, *, n: int = 18) -> tuple[Workspace, Competition]:
    """Return a competition of three classes."""
    miniatures.class_folders(root / "data", n=n, size=16, n_test=6)
    (root / "competition.yaml").write_text(SPEC)
    return Workspace(root), load_competition(root / "competition.yaml")


def masks(root: Path, mini: Callable[..., Any]) -> tuple[Workspace, Competition]:
    """Return a competition with masks."""
    found = mini(root / "data", n=8, n_test=3)
    (root / "competition.yaml").write_text(yaml.safe_dump(found.spec))
    return Workspace(root), load_competition(root / "competition.yaml")


def planned(
    workspace: Workspace,
    competition: Competition,
    proposals: list[Proposal],
    *,
    running_s: float = 1.0,
    is_all: bool = True,
) -> Path:
    """Write the plan of `BUDGET_S`, as a first call would have; return its folder.

    Args:
        workspace, competition: as everywhere.
        proposals: of the plan.
        running_s: seconds that it took.
        is_all: time that its steps leave is not planned.
    """
    folder = planning.plan_folder(workspace, competition, BUDGET_S)
    plan = Plan(("a plan of the test",), tuple(("of_test", one) for one in proposals))
    planning.write_recipes(folder, plan)
    record = planning.record_of(workspace, competition, folder, plan, BUDGET_S, running_s)
    rest = (PlanOfRest(left_s=0.0, planning_s=0.0),) if is_all else ()
    write_auto(folder, record.model_copy(update={"rest": rest}))
    return folder


def two_steps() -> list[Proposal]:
    """Return two trainings, the second with pseudo-labels of the first."""
    student = {**TINY, "seed": 1, "pseudo": [{"threshold": 0.0}]}
    return [
        Proposal("first", "one", TINY, 1.0),
        Proposal("second", "two", student, 1.0, teacher="first"),
    ]


class _Stop(BaseException):
    """The end of the process, as the test wants it."""


class Stopping:
    """Raises at the message or advance of this number."""

    def __init__(self, at: int) -> None:
        self.left, self.lines = at, []

    def _count(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise _Stop

    def say(self, message: str) -> None:
        self.lines.append(message)
        self._count()

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Callable[[int], None]]:
        yield lambda n=1: self._count()


class StoppingAt(Stopping):
    """Raises at the first message with this text."""

    def __init__(self, text: str) -> None:
        super().__init__(-1)
        self.text = text

    def say(self, message: str) -> None:
        super().say(message)
        if self.text in message:
            raise _Stop


# -- the plan ----------------------------------------------------------------------------------


def costs(each_s: float, size: int = 64) -> RecipeCost:
    """Return a cost of `each_s` seconds a step in each phase, of ten steps an epoch."""
    phases = tuple(PhaseTiming(name, 1, 10, each_s, 0.0) for name in ("heads", "network"))
    return RecipeCost(RecipeTiming(phases, 2, 0.5, each_s / 100, 100), size)


def situation(left_s: float, **facts: Any) -> Situation:
    """Return what steps are asked with: 128 px, a pretrained network, labels of three classes."""
    known = {
        "tasks": {"classify": image_kind("multiclass")},
        "scored": "classify",
        "n": 300,
        "n_unlabelled": 0,
        "side": 128,
        "largest": 128,
        "machine": Machine(2),
        "counts": (100, 100, 100),
        **facts,
    }
    return Situation(
        CompetitionFacts(**known),
        2,
        (NetworkAtHand("net", {"backbone": "resnet18"}),),
        left_s,
        left_s,
        lambda recipe: costs(0.01 * (recipe["input"]["size"] / 64) ** 2, recipe["input"]["size"]),
    )


def proposals_of(name: str, asked: Situation) -> list[Proposal]:
    [module] = [one for one in step_modules() if one.__name__.endswith(f".{name}")]
    return list(module.propose(asked))


def test_more_time_gives_a_larger_size_and_never_more_than_its_share() -> None:
    sizes = []
    for left in (1.0, 10.0, 40.0, 400.0):
        found = proposals_of("fine_tune", situation(left))
        assert sum(one.expected_s for one in found) <= left
        sizes.append(found[0].recipe["input"]["size"] if found else 0)
    assert sizes == sorted(sizes)
    assert sizes[0] == 0
    assert sizes[-1] == 192


def test_pieces_of_larger_scenes_are_seen_in_windows_no_larger_than_they_are() -> None:
    masks = {"tasks": {"segment": pixel_kind("binary")}, "scored": "segment", "counts": ()}
    for side, size in ((96, 96), (400, 256), (24, 32)):
        asked = situation(4000.0, **masks, side=side, scale=SameScale((side, side), (608, 608)))
        [found] = proposals_of("fine_tune", asked)
        assert (found.recipe["input"]["fit"], found.recipe["input"]["size"]) == ("tile", size)
        alike = replace(asked, facts=replace(asked.facts, scale=None))
        [found] = proposals_of("fine_tune", alike)
        assert "fit" not in found.recipe["input"]


def test_epochs_fill_the_share_of_the_time() -> None:
    # 10 steps of .01 s at 64 px, of two folds, times the margin: .23 s an epoch at 64 px.
    asked = situation(40.0)
    [found] = proposals_of("fine_tune", asked)
    epochs = found.recipe["phases"][-1]["epochs"]
    step_s = 0.01 * (found.recipe["input"]["size"] / 64) ** 2
    by_hand = 1.15 * 2 * (0.5 + 10 * step_s * (1 + epochs) + 100 * step_s / 100)
    assert found.expected_s == pytest.approx(by_hand)
    assert by_hand <= fine_tune.SHARE_ALONE * 40 < by_hand + 1.15 * 2 * 10 * step_s


def test_a_short_training_from_solved_heads_keeps_statistics_and_the_shortest_has_a_low_rate() -> (
    None
):
    found = []
    # 1.15 × 2 folds × (.51 s + .1 s an epoch of ten steps, one of heads): 2.10 s of 3 epochs.
    for seconds in (2.10, 2.35, 100.0):
        [one] = proposals_of("fine_tune", situation(seconds / fine_tune.SHARE_ALONE))
        recipe = loaded_recipe(one.recipe)
        last = recipe.phases[-1]
        found.append((10 * last.epochs, last.freeze_statistics, recipe.optimizer.lr))
    assert found == [(30, True, 2e-4), (40, True, 1e-3), (400, False, 1e-3)]


def test_statistics_are_free_where_the_last_stage_alone_learns_and_of_masks() -> None:
    def measure(recipe: dict[str, Any]) -> RecipeCost:  # a step of the last stage takes a tenth
        size, is_part = recipe["input"]["size"], bool(recipe["phases"][-1].get("freeze"))
        return costs((0.001 if is_part else 0.01) * (size / 64) ** 2, size)

    [of_part] = proposals_of("fine_tune", replace(situation(5.0), measure=measure))
    assert of_part.recipe["phases"][-1]["freeze"] == [fine_tune.LAST_STAGE]
    assert of_part.recipe["optimizer"]["lr"] == 5e-3
    masks = {"tasks": {"segment": pixel_kind("binary")}, "scored": "segment", "counts": ()}
    [of_masks] = proposals_of("fine_tune", situation(40.0, **masks))
    for one in (of_part, of_masks):
        assert 10 * one.recipe["phases"][-1]["epochs"] < fine_tune.SHORT
        assert "freeze_statistics" not in one.recipe["phases"][-1]


def test_a_network_is_measured_at_the_size_it_is_trained_at() -> None:
    # .01 s of a step are of no pixel: in proportion to 64 px, 192 px would take .18 s and not .1.
    def measure(recipe: dict[str, Any]) -> RecipeCost:
        size = recipe["input"]["size"]
        return costs(0.01 + 0.01 * (size / 64) ** 2, size)

    asked = replace(situation(80.0), measure=measure)
    [found] = proposals_of("fine_tune", asked)
    epochs, size = found.recipe["phases"][-1]["epochs"], found.recipe["input"]["size"]
    step_s = 0.01 + 0.01 * (size / 64) ** 2
    assert found.expected_s == pytest.approx(
        1.15 * 2 * (0.5 + 10 * step_s * (1 + epochs) + 100 * step_s / 100)
    )
    rough = costs(0.02).at(size).seconds(found.recipe)
    assert rough > 1.2 * found.expected_s


def heads_of(left_s: float, step_s: float) -> tuple[Proposal, Situation]:
    """Return the probe of 300 images that take .02 s each at 64 px in two views, .01 in one."""

    def measure(recipe: dict[str, Any]) -> RecipeCost:
        size = recipe["input"]["size"]
        found = costs(step_s, size)
        return replace(found, timing=replace(found.timing, image_s=0.02 * (size / 64) ** 2))

    asked = replace(situation(left_s), measure=measure)
    [probe] = proposals_of("probe", asked)
    return probe, asked


def test_the_mirrored_view_is_left_out_before_images_are_made_smaller() -> None:
    # 192 px in one view: 27 s of images, 2 folds of .6 s and 600 rows of 3 classes; in two 64 s.
    probe, _ = heads_of(46.0, 100.0)
    assert probe.recipe["input"]["size"] == 192
    assert "views" not in probe.recipe["phases"][0]["method"]
    assert "predict" not in probe.recipe
    assert probe.expected_s == pytest.approx(1.15 * (27 + 2 * (0.6 + 6e-5 * 3 * 600)))
    probe, _ = heads_of(70.0, 100.0)
    assert probe.recipe["phases"][0]["method"]["views"] == ["hflip"]
    assert probe.recipe["predict"] == {"tta": ["hflip"]}


def test_heads_have_all_of_the_time_only_where_no_network_fits_behind_them() -> None:
    alone, _ = heads_of(46.0, 100.0)
    first, asked = heads_of(46.0, 1e-4)
    assert alone.recipe["input"]["size"] == 192
    assert first.recipe["input"]["size"] == 144  # between the sizes that networks are trained at
    assert first.expected_s <= 0.45 * asked.left_s


def test_a_second_network_costs_the_first_none_of_its_rows() -> None:
    def measure(recipe: dict[str, Any]) -> RecipeCost:
        cost = costs(0.01 * (recipe["input"]["size"] / 64) ** 2, recipe["input"]["size"])
        return replace(cost, timing=cost.timing.with_folds(3))

    asked = replace(
        situation(4.0, tasks={"segment": pixel_kind("multiclass")}, scored="segment"),
        n_folds=3,
        measure=measure,
    )
    folds: list[int | None] = []
    for known in (None, 2, 1):
        first = Proposal("fine-tune", "", {"input": {"size": 128}}, 10.0, folds=known)
        found = proposals_of("second_network", replace(asked, earlier=(first,)))
        folds += [one.folds for one in found]
    assert folds == [2, 1]  # and nothing beside a first one of all folds


def test_self_training_does_not_pay_again_for_features_that_are_kept() -> None:
    probe, asked = heads_of(46.0, 1e-4)
    facts = replace(asked.facts, n_unlabelled=300)
    [more] = proposals_of("self_training", replace(asked, facts=facts, earlier=(probe,)))
    assert more.recipe["input"]["size"] == 144
    # 300 unlabelled images, and two folds of 300 + 300 + 5/3 · 600 rows of three classes.
    expected = 1.15 * (300 * 0.01 * (144 / 64) ** 2 + 2 * (0.6 + 6e-5 * 3 * 1600))
    assert more.expected_s == pytest.approx(expected)


def test_students_need_unlabelled_images_and_confidence() -> None:
    for facts, n in (({}, 0), ({"n_unlabelled": 300}, 1)):
        asked = situation(400.0, **facts)
        [fine] = proposals_of("fine_tune", asked)
        later = Situation(**{**vars(asked), "earlier": (fine,), "left_s": 200.0})
        found = proposals_of("semi_supervised", later)
        assert len(found) == n
        assert all(one.teacher == "fine-tune" for one in found)
    asked = situation(
        400.0, n_unlabelled=300, counts=(), tasks={"classify": image_kind("regression")}
    )
    [fine] = proposals_of("fine_tune", asked)
    later = Situation(**{**vars(asked), "earlier": (fine,)})
    assert proposals_of("semi_supervised", later) == []


def test_seeds_fill_what_is_left() -> None:
    fine = Proposal("fine-tune", "", TINY, 10.0)
    asked = Situation(**{**vars(situation(35.0)), "earlier": (fine,)})
    found = [one for one in proposals_of("seeds", asked) if not one.is_spare]
    assert [one.recipe["seed"] for one in found] == [1, 2, 3]


def test_more_seeds_than_fit_are_spare_and_take_no_time_of_the_plan() -> None:
    fine = Proposal("fine-tune", "", TINY, 10.0)
    second = Proposal("second-size", "", TINY, 4.0)
    heads = Proposal("probe-size", "", {"phases": [{"method": {"name": "linear_probe"}}]}, 1.0)
    asked = replace(situation(5.0), earlier=(fine, second, heads))
    found = proposals_of("seeds", asked)
    assert [(one.name, one.is_spare) for one in found][:3] == [
        ("second-size-seed-1", False),
        ("fine-tune-seed-1", True),
        ("fine-tune-seed-2", True),
    ]
    assert {one.repeats for one in found} == {"fine-tune", "second-size"}
    assert len(found) == seeds.MOST
    assert proposals_of("seeds", replace(asked, earlier=(heads,))) == []


def test_further_folds_come_in_the_place_of_seeds_where_not_all_are_trained() -> None:
    fine = Proposal("fine-tune", "", TINY, 10.0, folds=2)
    asked = replace(situation(14.0), n_folds=5, earlier=(fine,))
    found = proposals_of("seeds", asked)
    # Two folds take ten seconds, so that two more fit into 14.
    assert [(one.name, one.folds, one.expected_s, one.is_spare) for one in found] == [
        ("fine-tune-fold-3", 3, 5.0, False),
        ("fine-tune-fold-4", 4, 5.0, False),
        ("fine-tune-fold-5", 5, 5.0, True),
    ]
    assert {(one.repeats, one.extends) for one in found} == {("fine-tune", "fine-tune")}
    assert all(one.recipe == fine.recipe for one in found)


def test_a_step_that_is_added_as_a_file_is_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "wish.py").write_text(
        "from podium.workflows.auto.proposal import Proposal\n"
        "PLACE = 1\n"
        "def propose(situation):\n"
        "    yield Proposal('wish', 'of the test', {'phases': []}, situation.left_s / 2)\n"
    )
    monkeypatch.setattr(steps_folder, "__path__", [str(folder)])
    workspace, competition = labels(tmp_path, miniatures)
    plan = make_plan(workspace, competition, 100.0)
    [(kind, wish)] = plan.proposals
    assert (kind, wish.name) == ("wish", "wish")
    assert wish.expected_s == pytest.approx((1 - planning.RESERVE) * 100 / 2, rel=0.1)
    sys.modules.pop(f"{steps_folder.__name__}.wish")


def test_an_image_that_stops_every_step_is_named_and_not_the_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    why = "the image is truncated"

    def propose(_: Situation) -> Iterator[Proposal]:
        raise DataError(why)
        yield

    refusing = SimpleNamespace(__name__="steps.refusing", propose=propose)
    monkeypatch.setattr(planning, "step_modules", lambda: [refusing])
    with pytest.raises(DataError, match=why):
        make_plan(workspace, competition, 100.0)
    fitting = Proposal("fitting", "of the test", {"phases": []}, 1.0)
    other = SimpleNamespace(__name__="steps.fitting", propose=lambda _: iter([fitting]))
    monkeypatch.setattr(planning, "step_modules", lambda: [refusing, other])
    assert [one.name for _, one in make_plan(workspace, competition, 100.0).proposals] == [
        "fitting"
    ]


def test_plan_is_printed_and_nothing_is_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    labels(tmp_path, miniatures)
    network = NetworkAtHand("net", {"backbone": "cnn", "pretrained": False})
    monkeypatch.setattr(planning, "networks_at_hand", lambda facts: (network,))
    monkeypatch.setattr(planning, "measure_cost", lambda *_: costs(0.05))
    before = sorted(one for one in tmp_path.rglob("*") if ".podium" not in one.parts)
    printed = podium(tmp_path, "auto", "--time", "10m", "--plan")
    assert "fine-tune" in printed
    assert "600 s" in printed
    assert "a few real steps are timed" in printed
    as_json = podium(tmp_path, "auto", "--time", "10m", "--plan", "--json")
    found = json.loads(as_json[as_json.index("{") :])
    assert {one["state"] for one in found["steps"]} == {"planned"}
    assert sum(one["expected_s"] for one in found["steps"] if not one["is_spare"]) <= 600
    assert any(one["is_spare"] for one in found["steps"])
    assert "further seeds of fine-tune" in printed
    after = sorted(one for one in tmp_path.rglob("*") if ".podium" not in one.parts)
    assert before == after


def test_what_timing_took_is_no_time_of_the_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    clock = [1000.0]

    def measured(*_: Any) -> RecipeCost:
        clock[0] += 50.0  # a busy machine
        return costs(0.05)

    network = NetworkAtHand("net", {"backbone": "cnn", "pretrained": False})
    monkeypatch.setattr(planning, "networks_at_hand", lambda facts: (network,))
    monkeypatch.setattr(planning, "measure_cost", measured)
    monkeypatch.setattr(planning, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    plan = make_plan(*labels(tmp_path, miniatures), 600.0, started=990.0)
    took = clock[0] - 990.0
    assert took >= 70.0
    expected = sum(one.expected_s for _, one in plan.proposals if not one.is_spare)
    assert 0.0 < expected <= (1 - planning.RESERVE) * 600.0 - took


def test_numbers_of_small_images_have_a_small_network_of_their_own_first() -> None:
    numbers = {"tasks": {"classify": image_kind("regression")}, "counts": (), "side": 40}
    asked = situation(100.0, **numbers)
    [found] = proposals_of("from_nothing", asked)
    recipe = loaded_recipe(found.recipe)
    assert (recipe.model.backbone, recipe.model.pretrained) == ("cnn", False)
    assert recipe.input.height_width == (48, 48)
    assert 10 * recipe.phases[-1].epochs >= 200  # ten steps an epoch
    assert found.expected_s <= 0.3 * 100.0
    every = [one.__name__.rpartition(".")[2] for one in step_modules()]
    assert every.index("from_nothing") < every.index("probe")

    # Of too little time it gets nearly all that heads on frozen features leave.
    short = situation(0.9 * found.expected_s, **numbers)
    assert proposals_of("from_nothing", short) == []  # too few steps
    heads = Proposal("probe", "", {"phases": [{"name": "heads", "epochs": 1}]}, 1.0)
    [behind] = proposals_of("from_nothing", replace(short, earlier=(heads,)))
    assert 0.3 * short.left_s < behind.expected_s <= 0.95 * short.left_s
    assert proposals_of("from_nothing", replace(asked, earlier=(found,))) == []
    assert proposals_of("from_nothing", replace(asked, networks=())) == []  # it is the first then
    for others in ({"side": 128}, {"tasks": {"classify": image_kind("multiclass")}}):
        assert proposals_of("from_nothing", situation(100.0, **{**numbers, **others})) == []


def test_numbers_behind_a_small_network_are_not_fine_tuned_in_few_steps() -> None:
    numbers = {"tasks": {"classify": image_kind("regression")}, "counts": (), "side": 48}
    first = Proposal("from-nothing", "", {"phases": [{"name": "network", "epochs": 20}]}, 1.0)
    for left_s, is_short in ((3.0, True), (4.0, True), (5.0, False), (40.0, False)):
        alone = situation(left_s, **numbers)
        [found] = proposals_of("fine_tune", alone)
        behind = proposals_of("fine_tune", replace(alone, earlier=(first,)))
        assert (10 * found.recipe["phases"][-1]["epochs"] < 100) == is_short  # ten steps an epoch
        assert behind == ([] if is_short else [found])


def test_numbers_are_fine_tuned_whole_at_a_low_rate_with_statistics_at_rest() -> None:
    def measure(recipe: dict[str, Any]) -> RecipeCost:  # a step of the last stage takes a tenth
        size, is_part = recipe["input"]["size"], bool(recipe["phases"][-1].get("freeze"))
        return costs((0.001 if is_part else 0.01) * (size / 64) ** 2, size)

    numbers = {"tasks": {"classify": image_kind("regression")}, "counts": ()}
    for left_s in (5.0, 400.0):
        [found] = proposals_of("fine_tune", replace(situation(left_s, **numbers), measure=measure))
        recipe = loaded_recipe(found.recipe)
        last = recipe.phases[-1]
        assert (last.freeze, last.freeze_statistics, recipe.optimizer.lr) == ([], True, 2e-4)


@pytest.mark.parametrize("kind", ["labels", "masks"])
def test_where_nothing_else_fits_a_small_network_is_trained(kind: str) -> None:
    of_masks = {"tasks": {"segment": pixel_kind("binary")}, "scored": "segment", "counts": ()}
    facts = of_masks if kind == "masks" else {}

    def proposed(left_s: float, step_s: float) -> list[Proposal]:
        def measure(recipe: dict[str, Any]) -> RecipeCost:
            size = recipe["input"]["size"]
            of_small = recipe["model"]["options"]["widths"][0] == 16
            return costs((0.01 if of_small else 10.0) * step_s * (size / 64) ** 2, size)

        return proposals_of("small", replace(situation(left_s, **facts), measure=measure))

    whole = proposed(1000.0, 1.0)[0]
    assert (whole.folds, whole.recipe["input"]["size"]) == (None, 128)
    assert whole.recipe["model"]["pretrained"] is False
    before = whole
    for left in (100.0, 20.0, 6.0, 2.0, 1.2):
        [one] = proposed(left, 1.0)
        assert one.expected_s <= left
        assert one.recipe["input"]["size"] <= before.recipe["input"]["size"]
        before = one
    assert (before.folds, before.recipe["input"]["size"]) == (1, 32)
    assert proposed(0.2, 1.0) == []  # not one epoch of one fold
    asked = replace(situation(100.0), earlier=(whole,))
    assert proposals_of("small", asked) == []


@pytest.mark.slow
@pytest.mark.parametrize("of_masks", [False, pytest.param(True, marks=pytest.mark.long)])
def test_a_small_network_makes_a_file_where_nothing_else_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType, of_masks: bool
) -> None:
    def measured(workspace: Any, competition: Any, recipe: dict[str, Any]) -> RecipeCost:
        of_small = recipe["model"].get("options", {}).get("widths", [0])[0] == 16
        return measure_cost(workspace, competition, recipe) if of_small else costs(1000.0)

    monkeypatch.setattr(planning, "measure_cost", measured)
    here = masks(tmp_path, mask_miniatures.defects) if of_masks else labels(tmp_path, miniatures)
    result = auto(*here, 40.0)
    [step] = [one for one in result.record.steps if not one.is_spare and one.repeats is None]
    assert (step.name, step.state) == ("small", "finished")
    assert result.blend is not None
    assert [one for one in check(result.file, here[1]) if one.level == "error"] == []


def test_the_time_that_is_named_is_one_that_has_a_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    clock = [1000.0]

    def measured(*_: Any) -> RecipeCost:
        clock[0] += 8.0
        return costs(1.2)

    monkeypatch.setattr(planning, "measure_cost", measured)
    monkeypatch.setattr(planning, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    here = labels(tmp_path, miniatures)

    def recorded(seconds: float) -> AutoRecord:
        plan = make_plan(*here, seconds, started=clock[0])
        return planning.record_of(*here, tmp_path / "auto/00000000", plan, seconds, 16.0)

    short = recorded(25.0)
    assert short.steps == ()
    advice = running._advice(here[0], tmp_path, short)
    minutes = int(advice.removesuffix("m").rpartition(" ")[2])
    assert "no training fits into 25 s: podium auto --time" in advice
    assert any(not one.is_spare for one in recorded(60.0 * minutes).steps)


def test_data_that_no_step_can_read_are_named_in_place_of_a_longer_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    def measured(*_: Any) -> RecipeCost:
        raise DataError("the image is damaged", where="data/train/cat/1.png", fix="leave it out")

    monkeypatch.setattr(planning, "measure_cost", measured)
    with pytest.raises(DataError, match="the image is damaged"):
        make_plan(*labels(tmp_path, miniatures), 600.0)


def test_timing_steps_takes_no_more_than_its_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    clock, timed = [1000.0], []

    def measured(_workspace: Any, _competition: Any, recipe: dict[str, Any]) -> RecipeCost:
        clock[0] += 30.0
        timed.append(recipe)
        return costs(0.01 * (recipe["input"]["size"] / 64) ** 2, recipe["input"]["size"])

    networks = tuple(NetworkAtHand(f"net{n}", {"backbone": f"resnet{n}"}) for n in (18, 34))
    monkeypatch.setattr(planning, "networks_at_hand", lambda facts: networks)
    monkeypatch.setattr(planning, "measure_cost", measured)
    monkeypatch.setattr(planning, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    progress = Stopping(-1)
    plan = make_plan(*labels(tmp_path, miniatures), 240.0, started=1000.0, progress=progress)
    assert len(timed) == 2  # a third would begin behind 48 s
    told = [one for one in progress.lines if "timing " in one]
    assert [one.partition(":")[0] for one in told] == ["  timing 1", "  timing 2"]
    assert told[1].endswith("(30 of 48 s)")
    assert any(not one.is_spare for _, one in plan.proposals)


def test_networks_are_those_within_reach() -> None:
    local = (LocalBackbone("convnext_tiny"), LocalBackbone("lite", "package:lite/lite.pth"))
    asked = situation(1.0, hub=False, local=local).facts
    assert [(one.name, one.model) for one in networks_at_hand(asked)] == [
        ("lite", {"backbone": "lite", "weights": "package:lite/lite.pth"}),
        ("convnext_tiny", {"backbone": "convnext_tiny", "pretrained": True}),
    ]
    none = networks_at_hand(situation(1.0, hub=False).facts)
    assert [(one.name, one.is_pretrained) for one in none] == [("cnn", False)]
    small = networks_at_hand(situation(1.0, hub=False, local=local, side=32).facts)
    assert [one.name for one in small] == ["lite", "convnext_tiny"]
    tiny = networks_at_hand(situation(1.0, hub=False, local=local, side=16).facts)
    assert [one.name for one in tiny] == ["cnn", "lite", "convnext_tiny"]
    assert networks_at_hand(situation(1.0, hub=True).facts)[0].model["pretrained"] is True


# -- the first file ----------------------------------------------------------------------------


def test_priors_by_hand() -> None:
    classes = prior_probs(np.array([0, 2, 2, -1]), image_kind("multiclass"), 3)
    np.testing.assert_allclose(classes, [1 / 3, 0, 2 / 3], atol=1e-6)
    many = prior_probs(np.array([[1, 0], [1, 1]]), image_kind("multilabel"), 2)
    np.testing.assert_allclose(many, [1, 0.5])
    unknown = prior_probs(np.array([[1, -1], [0, 1], [-1, -1]]), image_kind("multilabel"), 2)
    np.testing.assert_allclose(unknown, [0.5, 1])
    assert prior_probs(np.array([1, 0, 0, 0]), image_kind("binary"), 1).tolist() == [0.25]
    assert prior_probs(np.array([1.0, 2.0, 9.0]), image_kind("regression"), 1).tolist() == [2.0]
    assert prior_probs(np.array([0, 3, 3]), image_kind("ordinal"), 1).tolist() == [3.0]


@pytest.mark.parametrize("name", ["pictures_and_masks", "defects", "ships", "tissue", "salt"])
def test_a_file_before_any_training_is_valid_for_masks(name: str, tmp_path: Path) -> None:
    _, competition = masks(tmp_path, getattr(mask_miniatures, name))
    file = write_prior(tmp_path / "submissions/auto.csv", competition)
    assert [one for one in check(file, competition) if one.level == "error"] == []


def test_without_time_for_a_step_the_file_holds_what_is_most_frequent(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    extra = tmp_path / "data/train/dog/more.png"
    extra.write_bytes((tmp_path / "data/train/dog/dog0001.png").read_bytes())
    planned(workspace, competition, [Proposal("long", "too long", TINY, 10_000.0)])
    result = auto(workspace, competition, BUDGET_S)
    assert [one.state for one in result.record.steps] == ["skipped"]
    assert "10000 s" in result.record.steps[0].note
    assert result.blend is None
    assert check(result.file, competition) == []
    with result.file.open(newline="") as stream:
        rows = list(csv.reader(stream))[1:]
    assert len(rows) == 6
    assert {row[-1] for row in rows} == {str(competition.classes.index("dog"))}
    assert not workspace.runs.exists()


def with_sample(root: Path, competition: Competition, ids: list[str]) -> Competition:
    """Return the competition with a sample submission of these ids."""
    header = ",".join(competition.submission.columns or {"id": "id", "label": "value"})
    (root / "sample.csv").write_text("\n".join([header, *(f"{one},cat" for one in ids)]) + "\n")
    file = root / "competition.yaml"
    file.write_text(
        f"{SPEC}submission:\n  columns: {{id: id, label: value}}\n  value: name\n"
        "  sample: sample.csv\n"
    )
    return load_competition(file)


def test_where_no_file_can_be_written_nothing_is_trained_and_none_is_named(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, [Proposal("first", "", TINY, 1.0)])
    with_sample(tmp_path, competition, ["6/A1", "6/A2"])
    printed = podium(tmp_path, "auto", "--time", "10m", code=2)
    assert "the file, checked" not in printed
    assert "no file can be written, so nothing is trained" in printed
    assert "'6/A1'" in printed
    assert "fix: make submission.id and data.test.id" in " ".join(printed.split())
    assert not workspace.runs.exists()
    assert not submission_file(workspace, competition).exists()


def test_a_plan_is_refused_where_no_file_can_be_written(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    with_sample(tmp_path, competition, ["6/A1", "6/A2"])
    printed = podium(tmp_path, "auto", "--time", "10m", "--plan", code=2)
    assert "no file can be written, so nothing is trained" in printed
    assert not submission_file(workspace, competition).exists()


@pytest.mark.parametrize(
    ("submission", "said"),
    [
        ("{sample: other.csv}", "columns that are no class: 'BCC', 'MEL'"),
        ("{value: rle}", "the submission format does not fit"),
    ],
)
def test_where_the_format_fits_no_file_nothing_is_trained(
    tmp_path: Path, miniatures: ModuleType, submission: str, said: str
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, [Proposal("first", "", TINY, 1.0)])
    (tmp_path / "other.csv").write_text("id,BCC,MEL\n6,0.5,0.5\n")
    (tmp_path / "competition.yaml").write_text(f"{SPEC}submission: {submission}\n")
    printed = " ".join(podium(tmp_path, "auto", "--time", "10m", code=2).split())
    assert f"no file can be written, so nothing is trained: {said}" in printed
    assert "fix: " in printed
    assert not workspace.runs.exists()
    # Folds of rows that are wrongly read would be in the way once they are read rightly.
    assert not workspace.folds_file.exists()


def test_a_first_file_that_would_be_refused_is_not_kept(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, [Proposal("first", "", TINY, 1.0)])
    (tmp_path / "competition.yaml").write_text(f"{SPEC}kaggle: {{max_bytes: 3}}\n")
    printed = " ".join(podium(tmp_path, "auto", "--time", "10m", code=2).split())
    assert "no file can be written, so nothing is trained: the file has" in printed
    assert not workspace.runs.exists()
    assert not submission_file(workspace, competition).exists()


def cells_without_empty_rows(root: Path) -> tuple[Workspace, Competition]:
    """Return a competition with objects whose file has no row of an image without one."""
    workspace, _ = masks(root, mask_miniatures.cells)
    file = root / "competition.yaml"
    spec = yaml.safe_load(file.read_text())
    spec["submission"]["empty_row"] = "drop"
    file.write_text(yaml.safe_dump(spec))
    return workspace, load_competition(file)


@pytest.mark.slow
def test_where_training_makes_the_first_object_it_goes_on_without_a_first_file(
    tmp_path: Path,
) -> None:
    workspace, competition = cells_without_empty_rows(tmp_path)
    recipe = {**TINY, "model": {**TINY["model"], "heads": {"segment": HEADS["segment"]}}}  # type: ignore[dict-item]
    planned(workspace, competition, [Proposal("first", "", recipe, 1.0)])
    progress = Stopping(-1)
    result = auto(workspace, competition, BUDGET_S, progress=progress)
    assert [one.run is not None for one in result.record.steps] == [True]
    told = [one for one in progress.lines if "no file before the first step" in one]
    assert len(told) == 1
    assert "fix:" not in told[0]


def test_a_file_that_is_not_there_at_the_end_is_not_named(tmp_path: Path) -> None:
    workspace, competition = cells_without_empty_rows(tmp_path)
    planned(workspace, competition, [Proposal("long", "too long", TINY, 10_000.0)])
    for options in ((), ("--json",)):
        printed = podium(tmp_path, "auto", "--time", "10m", *options, code=2)
        assert "no image has an object" in printed
        assert "no file was written" in printed
        assert "the file, checked" not in printed
        assert ('"file": null' in printed) == bool(options)


@pytest.mark.slow
def test_a_file_of_another_format_is_written_again_and_not_called_checked(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, [Proposal("first", "", TINY, 1.0)])
    first = auto(workspace, competition, BUDGET_S)
    assert first.blend is not None
    ids = [str(one) for one in load_samples(competition, "test")["id"]]
    named = with_sample(tmp_path, competition, ids)
    assert [one.level for one in check(first.file, named)].count("error") >= 1
    again = auto(workspace, named, BUDGET_S)
    assert (again.blend, again.problem) == (first.blend, None)
    assert check(again.file, named) == []
    written = again.file.read_bytes()
    again.file.unlink()  # gone, it is not taken for what is most frequent
    assert auto(workspace, named, BUDGET_S).file.read_bytes() == written


# -- doing it ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_steps_are_runs_and_blends_that_other_commands_know(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    folder = planned(workspace, competition, two_steps())
    result = auto(workspace, competition, BUDGET_S)
    first, second = result.record.steps
    assert [first.state, second.state] == ["finished", "finished"]
    assert first.run is not None
    assert second.run is not None
    assert (workspace.runs / first.run / "record.json").is_file()
    assert len(list(workspace.pseudo.iterdir())) == 1
    # The same blend, as `podium blend` makes it of the same runs.
    members = [first.run, second.run]
    own = blend_runs(workspace, competition, members, method="paying", name="auto")
    assert own.name == result.blend == second.blend
    assert all(kept_expected(workspace.runs / one) is not None for one in members), "on the board"
    written = write_blend_file(workspace, competition, own)
    assert written.read_bytes() == result.file.read_bytes()
    assert check(result.file, competition) == []
    assert result.record.used_s == pytest.approx(1.0 + first.seconds + second.seconds)
    # Repeated, it trains nothing, and says the same.
    stamps = {one: one.stat().st_mtime_ns for one in workspace.runs.rglob("*") if one.is_file()}
    printed = podium(tmp_path, "auto", "--time", "10m")
    assert "second" in printed
    assert f"hand in {result.file.name}, the file of the best blend; for more" in printed
    assert stamps == {
        one: one.stat().st_mtime_ns for one in workspace.runs.rglob("*") if one.is_file()
    }
    assert read_auto(folder) == result.record


def with_spare(proposals: list[Proposal]) -> list[Proposal]:
    """Return the first step, and a spare one that repeats it from another seed."""
    spare = {"name": "spare", "recipe": {**TINY, "seed": 1}, "repeats": "first", "is_spare": True}
    return [proposals[0], replace(proposals[0], **spare, expected_s=1e6)]


@pytest.mark.slow
def test_a_spare_step_takes_the_time_that_is_left(tmp_path: Path, miniatures: ModuleType) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, with_spare(two_steps()))
    result = auto(workspace, competition, BUDGET_S)
    first, spare = result.record.steps
    # What the first one took counts, and not the hours that it was expected to take.
    assert (first.state, spare.state) == ("finished", "finished")
    assert spare.blend is not None
    assert members(workspace, spare.blend) == [first.run, spare.run]
    assert spare.run != first.run


def test_the_time_of_a_blend_is_reserved_once(tmp_path: Path, miniatures: ModuleType) -> None:
    """A step of 84 s, 40 of them its blend: of 122 s that are left 60 are kept for the next one."""
    workspace, competition = labels(tmp_path, miniatures)
    record = read_auto(planned(workspace, competition, with_spare(two_steps())))
    took = {"state": "finished", "seconds": 84.0, "blend_s": 40.0}
    record = record.with_step(record.steps[0].model_copy(update=took))
    assert running._has_time_for_spare(record, record.steps[1], 62.0)
    assert not running._has_time_for_spare(record, record.steps[1], 46.0)
    assert running._reserve(record) == 60.0


def test_a_spare_step_without_time_is_left_out_without_a_line(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    folder = planned(workspace, competition, with_spare(two_steps()))
    record = read_auto(folder)
    took = record.steps[0].model_copy(update={"state": "finished", "seconds": BUDGET_S / 2})
    write_auto(folder, record.with_step(took))
    printed = podium(tmp_path, "auto", "--time", "10m")
    assert read_auto(folder).steps[1].state == "skipped"
    assert "[spare]" not in printed
    assert not workspace.runs.exists()


@pytest.mark.slow
def test_masks_and_labels_at_once(tmp_path: Path) -> None:
    workspace, competition = masks(tmp_path, mask_miniatures.pictures_and_masks)
    heads = {"classify": {}, "segment": {"decoder": "linear"}}
    recipe = {**TINY, "model": {**TINY["model"], "heads": heads}}  # type: ignore[dict-item]
    planned(workspace, competition, [Proposal("both", "masks and labels", recipe, 1.0)])
    result = auto(workspace, competition, BUDGET_S)
    [step] = result.record.steps
    assert step.state == "finished"
    assert step.honest is not None
    assert [one for one in check(result.file, competition) if one.level == "error"] == []


def test_a_failed_step_costs_itself_alone(tmp_path: Path, miniatures: ModuleType) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    broken = {**TINY, "model": {"backbone": "no_such_network"}}
    steps = [Proposal("broken", "", broken, 1.0), Proposal("sound", "", TINY, 1.0)]
    planned(workspace, competition, steps)
    first, second = auto(workspace, competition, BUDGET_S).record.steps
    assert (first.state, second.state) == ("failed", "finished")
    assert "no_such_network" in first.note


def collapsing(monkeypatch: pytest.MonkeyPatch, *, above: float) -> list[float]:
    """Let trainings with a higher learning rate than `above` collapse, but for steps `sound…`.

    Returns:
        The seconds that each training may take, as they are begun.
    """
    whole, limits = running.train_recipes, list[float]()

    def train(*arguments: Any, **options: Any) -> Any:
        [file] = arguments[2]
        limits.append(options["max_time_s"])
        rate = yaml.safe_load(file.read_text())["optimizer"]["lr"]
        if rate <= above or file.stem.startswith("sound"):
            return whole(*arguments, **options)
        what = "classify collapsed in epoch 3 of phase network"
        error = CollapsedError(
            f"{what}; the same command goes on", where="fold 0", what=what, phase="network"
        )

        def result() -> Any:
            raise error

        return [SimpleNamespace(result=result)]

    monkeypatch.setattr(running, "train_recipes", train)
    return limits


def rate_of(run: Path) -> float:
    return float(yaml.safe_load((run / "recipe.yaml").read_text())["optimizer"]["lr"])


def test_a_training_that_collapses_is_tried_once_more_with_a_lower_rate(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    collapsing(monkeypatch, above=0.01)
    folder = planned(workspace, competition, with_spare(two_steps()))
    printed = podium(tmp_path, "auto", "--time", "10m")
    first, spare = read_auto(folder).steps
    assert (first.state, spare.state) == ("finished", "finished")
    # A further seed of it has the lower rate, too.
    assert [rate_of(workspace.runs / str(one.run)) for one in (first, spare)] == [0.006, 0.006]
    assert spare.run != first.run
    assert "collapsed in epoch 3 of phase network; once more with optimizer.lr 0.006" in printed
    assert "finished with optimizer.lr 0.006" in " ".join(printed.split())
    assert "the same command goes on" not in printed
    assert read_auto(folder).steps[0].seconds > 0


@pytest.mark.slow
def test_a_second_try_is_not_followed_by_a_third_also_after_a_kill(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    collapsing(monkeypatch, above=0.001)
    steps = [Proposal("first", "", TINY, 1.0), Proposal("sound", "", TINY, 1.0)]
    folder = planned(workspace, competition, steps)
    with pytest.raises(_Stop):
        auto(workspace, competition, BUDGET_S, progress=StoppingAt("collapsed"))
    progress = Stopping(-1)
    first, sound = auto(workspace, competition, BUDGET_S, progress=progress).record.steps
    assert not any("collapsed in epoch 3" in one and "once more" in one for one in progress.lines)
    assert (first.state, sound.state) == ("failed", "finished")
    assert first.note.endswith("as with a higher rate before")
    assert "same command" not in first.note
    assert first.lower_rate == 0.006
    assert (folder / "first.yaml").is_file()


@pytest.mark.other_cases("slow")
@pytest.mark.parametrize(("behind_s", "epochs"), [(50.0, 2), (300.0, 1), (500.0, None)])
def test_a_second_try_takes_no_time_from_the_planned_steps(
    tmp_path: Path,
    miniatures: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    behind_s: float,
    epochs: int | None,
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    limits = collapsing(monkeypatch, above=0.01)
    standing = SimpleNamespace(monotonic=lambda: 0.0, process_time=lambda: 0.0)
    monkeypatch.setattr(running, "time", standing)
    steps = [Proposal("first", "", TINY, 400.0), Proposal("sound", "", TINY, behind_s)]
    planned(workspace, competition, steps)
    first, sound = auto(workspace, competition, BUDGET_S).record.steps
    assert sound.state == "finished"
    if epochs is None:
        assert (first.state, first.run) == ("failed", None)
        assert "no time was left to try it with a lower rate" in first.note
    else:
        recipe = yaml.safe_load((workspace.runs / str(first.run) / "recipe.yaml").read_text())
        assert recipe["phases"][-1]["epochs"] == epochs
        assert limits[0] > BUDGET_S - behind_s >= limits[1]


@pytest.mark.slow
def test_a_second_try_expects_what_steps_took_so_far(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    limits = collapsing(monkeypatch, above=0.01)
    standing = SimpleNamespace(monotonic=lambda: 0.0, process_time=lambda: 0.0)
    monkeypatch.setattr(running, "time", standing)
    names = ("before", "first", "sound")
    folder = planned(workspace, competition, [Proposal(one, "", TINY, 100.0) for one in names])
    record = read_auto(folder)
    took = {"state": "finished", "seconds": 150.0}
    write_auto(folder, record.with_step(record.steps[0].model_copy(update=took)))
    _, first, sound = auto(workspace, competition, BUDGET_S).record.steps
    assert (first.state, sound.state) == ("finished", "finished")
    # 150 s for the step behind it; of what planning, the first step and the blends leave.
    reserve = running.BLEND_SHARE * BUDGET_S
    assert limits[1] == pytest.approx(BUDGET_S - 1.0 - 150.0 - reserve - 150.0)


@pytest.mark.slow
def test_a_training_that_runs_over_is_stopped_and_the_file_stays(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    endless = {**TINY, "phases": [{"name": "network", "epochs": 1_000_000}]}
    reserve = running.BLEND_SHARE * BUDGET_S
    spent = BUDGET_S - reserve - 2.0  # two seconds are left
    planned(workspace, competition, [Proposal("endless", "", endless, 1.0)], running_s=spent)
    result = auto(workspace, competition, BUDGET_S)
    [step] = result.record.steps
    assert step.state == "stopped"
    assert "out of time" in step.note
    assert "continues" not in step.note
    assert result.advice is not None
    assert "so the same command does nothing more" in result.advice
    assert result.file.is_file()
    assert check(result.file, competition) == []


def test_plan_out_of_time_states_the_time_that_would_suffice(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    slow = {**TINY, "phases": [{"name": "network", "epochs": 40}]}
    folder = planned(workspace, competition, [Proposal("slow", "", slow, 100.0, folds=1)])
    record = read_auto(folder).model_copy(update={"planning_s": 80.0})
    metrics_file = workspace.runs / "slow-1/fold-0/metrics.csv"
    metrics_file.parent.mkdir(parents=True)
    metrics_file.write_text("phase,epoch\n" + "".join(f"network,{n + 1}\n" for n in range(10)))
    stopped = {"state": "stopped", "seconds": 500.0, "run": "slow-1", "note": "out of time"}
    write_auto(folder, record.with_step(record.steps[0].model_copy(update=stopped)))
    printed = " ".join(podium(tmp_path, "auto", "--time", "10m").split())
    assert "10 of 40 epochs took 500 s, and all of them would take about 2000 s" in printed
    assert "20 s of 600 s are left, so the same command does nothing more" in printed
    # 80 s of planning and 2000 s, of which 10 % are kept: 2311 s
    assert "podium auto --time 39m" in printed
    assert f"podium train auto/{folder.name}/slow.yaml --folds 0" in printed
    assert "the same command continues" not in printed


def test_the_next_plan_expects_what_the_last_one_ran_out_in(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = NetworkAtHand("net", {"backbone": "cnn", "pretrained": False})
    monkeypatch.setattr(planning, "networks_at_hand", lambda facts: (network,))
    monkeypatch.setattr(planning, "measure_cost", lambda *_: costs(0.05))
    workspace, competition = labels(tmp_path, miniatures)

    def an_epoch_s(plan: Plan) -> float:
        """Return the seconds that an epoch of the first step is expected to take."""
        first = plan.proposals[0][1]
        return first.expected_s / first.recipe["phases"][-1]["epochs"]

    before = make_plan(workspace, competition, 2400.0)
    folder = planned(workspace, competition, [Proposal("slow", "", TINY, 100.0, folds=1)])
    file = workspace.runs / "slow-1/fold-0/metrics.csv"
    file.parent.mkdir(parents=True)
    file.write_text("phase,epoch\nnetwork,1\n")  # one of two epochs in 200 s: 4 times as long
    [step] = read_auto(folder).steps
    stopped = {"state": "stopped", "seconds": 200.0, "run": "slow-1", "note": "out of time"}
    write_auto(folder, read_auto(folder).with_step(step.model_copy(update=stopped)))
    longer = make_plan(workspace, competition, 2400.0)
    assert an_epoch_s(longer) == pytest.approx(4 * an_epoch_s(before), rel=0.2)
    assert sum(one.expected_s for _, one in longer.proposals if not one.is_spare) <= 2160.0


def test_no_more_time_is_proposed_after_a_failed_step(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    labels(tmp_path, miniatures)
    workspace, competition = Workspace(tmp_path), load_competition(tmp_path / "competition.yaml")
    broken = {**TINY, "model": {"backbone": "no_such_network"}}
    planned(workspace, competition, [Proposal("broken", "", broken, 1.0)])
    printed = " ".join(podium(tmp_path, "auto", "--time", "10m").split())
    assert "more time alone does not help: broken: " in printed
    assert "no_such_network" in printed.partition("more time alone")[2]


def test_folds_trained_in_time_make_a_file(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, [Proposal("late", "", TINY, 1.0)])
    whole = running.train_recipes

    def out_of_time(*arguments: Any, **options: Any) -> Any:
        [attempt] = whole(*arguments, **{**options, "folds": [0]})
        stopped = replace(attempt.result(), stopped="out of time")
        return [SimpleNamespace(result=lambda: stopped)]

    monkeypatch.setattr(running, "train_recipes", out_of_time)
    result = auto(workspace, competition, BUDGET_S)
    [step] = result.record.steps
    assert (step.state, step.folds) == ("finished", 1)
    assert "out of time" in step.note
    assert result.blend is not None, step.note
    assert check(result.file, competition) == []


def out_of_time_from_the_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train one fold alone of each step behind the first one."""
    whole, calls = running.train_recipes, list[int]()

    def train(*arguments: Any, **options: Any) -> Any:
        calls.append(1)
        if len(calls) == 1:
            return whole(*arguments, **options)
        [attempt] = whole(*arguments, **{**options, "folds": [0]})
        stopped = replace(attempt.result(), stopped="out of time")
        return [SimpleNamespace(result=lambda: stopped)]

    monkeypatch.setattr(running, "train_recipes", train)


@pytest.mark.slow
def test_a_blend_that_lacks_folds_does_not_take_the_place_of_a_whole_one(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    still = {**TINY, "seed": 1, "optimizer": {"name": "adamw", "lr": 1e-9}}
    planned(
        workspace,
        competition,
        [Proposal("whole", "", TINY, 1.0), Proposal("late", "", still, 1.0)],
    )
    out_of_time_from_the_second(monkeypatch)
    result = auto(workspace, competition, BUDGET_S)
    first, second = result.record.steps
    assert second.blend not in (None, first.blend)
    assert (second.scored_rows or 0) < (first.scored_rows or 0)
    assert second.stays == result.blend == first.blend
    own = write_blend_file(workspace, competition, workspace.blends / str(first.blend))
    assert result.file.read_bytes() == own.read_bytes()
    printed = " ".join(podium(tmp_path, "auto", "--time", "10m").split())
    assert f"hand in {result.file.name}, the file of the best blend; for more" in printed
    assert f"{second.blend} has more runs, but is scored on {second.scored_rows} rows" in printed
    assert f"for {second.blend} instead: hand in " in printed
    # A file that is lost is that of the blend which stays.
    result.file.unlink()
    again = auto(workspace, competition, BUDGET_S)
    assert (again.blend, again.file.read_bytes()) == (first.blend, own.read_bytes())


@pytest.mark.parametrize(
    ("folds", "greater", "stays"),
    [
        ({"0": 0.7, "1": 0.8}, True, False),
        ({"0": 0.6, "1": 0.6}, True, True),
        ({"0": 0.6, "1": 0.6}, False, False),
        ({"0": 0.9, "1": None}, True, True),
    ],
)
def test_blends_are_compared_in_the_folds_of_both(
    tmp_path: Path,
    miniatures: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    folds: dict[str, float | None],
    greater: bool,
    stays: bool,
) -> None:
    """The whole one scores 0.7 and 0.6 in two of its three folds, and 0.9 in the third one."""
    workspace, competition = labels(tmp_path, miniatures)
    folder = planned(workspace, competition, [Proposal("whole", "", TINY, 1.0)])
    record = read_auto(folder)
    done = {"state": "finished", "run": "whole-1", "blend": "auto-whole", "scored_rows": 30}
    record = record.with_step(record.steps[0].model_copy(update=done))
    write_auto(folder, record)
    common = {"metric": "any", "greater_is_better": greater}
    scores = {
        "auto-whole": {**common, "folds": {"0": 0.7, "1": 0.6, "2": 0.9}, "scored_rows": 30},
        "auto-late": {**common, "folds": folds, "scored_rows": 20},
    }
    runner = running._Runner(workspace, competition, folder, tmp_path, None, Stopping(-1))
    monkeypatch.setattr(
        running, "read_record", lambda one: SimpleNamespace(scores=scores[one.name])
    )
    found = runner._still_sent(record, workspace.blends / "auto-late")
    assert found == ("auto-whole" if stays else None)
    scores["auto-late"]["scored_rows"] = 30
    assert runner._still_sent(record, workspace.blends / "auto-late") is None


def in_groups(
    workspace: Workspace, competition: Competition, groups: dict[str, str]
) -> Competition:
    """Return the competition with a group for each train image by id, and a fold for each group."""
    rows = ["id,group", *(f"{one},{group}" for one, group in groups.items())]
    (workspace.root / "groups.csv").write_text("\n".join(rows) + "\n")
    file = workspace.root / "competition.yaml"
    spec = yaml.safe_load(file.read_text())
    n = len(set(groups.values()))
    spec["folds"] = {"scheme": "group", "n": n, "group": "groups.csv"}
    file.write_text(yaml.safe_dump(spec))
    return load_competition(file)


HEADS = {"classify": {}, "segment": {"decoder": "linear"}}


def lone(
    name: str, root: Path, miniatures: ModuleType
) -> tuple[Workspace, Competition, dict[str, Any]]:
    """Return a competition whose three folds are a group each, and a recipe for it."""
    if name == "labels":
        workspace, competition = labels(root, miniatures)
        recipe: dict[str, Any] = TINY
    else:
        made = getattr(mask_miniatures, name)
        workspace, competition = masks(root, made)
        heads = {task: HEADS[task] for task in competition.tasks}
        recipe = {**TINY, "model": {**TINY["model"], "heads": heads}}  # type: ignore[dict-item]
    ids = list(map(str, load_samples(competition, "train")["id"]))
    groups = {one: f"place {i % 3}" for i, one in enumerate(ids)}
    return workspace, in_groups(workspace, competition, groups), recipe


@pytest.mark.other_cases("long", of="quick")
@pytest.mark.parametrize("name", ["labels", "defects", "pictures_and_masks", "cells"])
def test_a_lone_fold_of_one_group_is_decided_plainly(
    tmp_path: Path, miniatures: ModuleType, name: str
) -> None:
    workspace, competition, recipe = lone(name, tmp_path, miniatures)
    planned(workspace, competition, [Proposal("first", "", recipe, 1.0, folds=1)])
    printed = podium(tmp_path, "auto", "--time", "10m")
    [step] = auto(workspace, competition, BUDGET_S).record.steps
    assert (step.state, step.note) == ("finished", running.PLAIN)
    assert step.run is not None
    assert step.blend is not None
    # Nothing was fitted: the score of the run on its own fold is the honest one.
    assert step.honest == pytest.approx(step.alone)
    assert step.honest_interval is None
    assert f"{step.honest:.4f}" in printed
    assert "no tuned decision has an honest score" in " ".join(printed.split())
    blend = read_parts(workspace.blends / step.blend)[competition.scored_task].blend
    assert blend.plain
    file = submission_file(workspace, competition)
    assert [one for one in check(file, competition) if one.level == "error"] == []
    # The run itself goes the same way, and what asks for a tuned decision is refused.
    rehearsed = " ".join(podium(tmp_path, "submit", step.run, "--rehearse").split())
    assert f"{step.honest:.6f}" in rehearsed
    only = write_blend_file(
        workspace, competition, find_blend(workspace, competition, step.run, Stopping(-1))
    )
    assert only.read_bytes() == file.read_bytes()
    assert "cross-fitted" in podium(tmp_path, "tune", "thresholds", step.run, code=2)


@pytest.mark.slow
def test_a_run_of_more_folds_is_blended_without_one_of_a_lone_group(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition, recipe = lone("labels", tmp_path, miniatures)
    longer = {**recipe, "seed": 1, "phases": [{"name": "network", "epochs": 12}]}
    steps = [Proposal("lone", "", recipe, 1.0, folds=1), Proposal("more", "", longer, 1.0, folds=2)]
    planned(workspace, competition, steps)
    first, second = auto(workspace, competition, BUDGET_S).record.steps
    assert first.blend is not None
    assert second.blend is not None
    assert second.run is not None
    blend = read_parts(workspace.blends / second.blend)[IMAGES].blend
    assert blend.members == (second.run,)
    assert not blend.plain
    # One fold of a better network is sent alone, and not for the sake of more rows of a worse one.
    runner = running._Runner(workspace, competition, tmp_path, tmp_path, None, Stopping(-1))
    worse = {"folds": {"0": 0.4, "1": 1.0}}
    better = {"folds": {"0": 0.5}}
    scores = {"worse": worse, "better": better}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(running, "read_record", lambda one: SimpleNamespace(scores=scores[one.name]))
        assert runner._best_in_common(["worse", "better"]) == ("better", ["worse"])


@pytest.mark.slow
def test_time_that_is_left_is_taken_by_further_folds(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition, recipe = lone("labels", tmp_path, miniatures)
    first = Proposal("first", "", recipe, 1.0, folds=1)
    again = {"repeats": "first", "extends": "first", "is_spare": True, "expected_s": 1e6}
    folds = [replace(first, name=f"first-fold-{n}", folds=n, **again) for n in (2, 3)]
    folder = planned(workspace, competition, [first, *folds])
    printed = podium(tmp_path, "auto", "--time", "10m")
    assert "further folds of first" in printed
    one, two, three = read_auto(folder).steps
    assert one.run == two.run == three.run is not None
    assert [step.state for step in (one, two, three)] == ["finished"] * 3
    record = read_record(workspace.runs / str(one.run))
    assert record.status == "finished"
    assert [step.note == running.PLAIN for step in (one, two, three)] == [True, False, False]
    assert len({one.blend, two.blend, three.blend}) == 3
    assert not (folder / "first-fold-2.yaml").exists()


def test_auto_without_a_blend_prints_the_reason(tmp_path: Path, miniatures: ModuleType) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    folder = planned(workspace, competition, [Proposal("first", "", TINY, 1.0)])
    record = read_auto(folder)
    done = {"state": "finished", "seconds": 1.0, "run": "first-1", "note": "not blended: no room"}
    write_auto(folder, record.with_step(record.steps[0].model_copy(update=done)))
    printed = " ".join(podium(tmp_path, "auto", "--time", "10m").split())
    assert "no step was finished" not in printed
    assert "first was trained; not blended: no room; its run is first-1" in printed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n_trained", "is_spare", "state"),
    [(2, False, "finished"), (1, False, "stopped"), (2, True, "stopped")],
)
def test_half_of_the_folds_count_where_a_later_step_runs_over(
    tmp_path: Path,
    miniatures: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    n_trained: int,
    is_spare: bool,
    state: str,
) -> None:
    workspace, _ = labels(tmp_path, miniatures)
    file = tmp_path / "competition.yaml"
    file.write_text(file.read_text().replace("folds: {n: 2}", "folds: {n: 3}"))
    competition = load_competition(file)
    late = Proposal("late", "", {**TINY, "seed": 1}, 1, is_spare=is_spare)
    planned(workspace, competition, [Proposal("first", "", TINY, 1), late])
    whole = running.train_recipes

    def out_of_time(*arguments: Any, **options: Any) -> Any:
        if arguments[2][0].stem == "first":
            return whole(*arguments, **options)
        [attempt] = whole(*arguments, **{**options, "folds": list(range(n_trained))})
        stopped = replace(attempt.result(), stopped="out of time")
        return [SimpleNamespace(result=lambda: stopped)]

    monkeypatch.setattr(running, "train_recipes", out_of_time)
    result = auto(workspace, competition, BUDGET_S)
    first, second = result.record.steps
    assert (second.state, second.folds) == (state, n_trained if state == "finished" else None)
    assert result.blend == (second.blend if state == "finished" else first.blend) is not None
    assert check(result.file, competition) == []


@pytest.mark.slow
def test_a_longer_plan_begins_with_the_folds_that_a_run_lacks(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    whole = running.train_recipes

    def out_of_time(*arguments: Any, **options: Any) -> Any:
        [attempt] = whole(*arguments, **{**options, "folds": [0]})
        stopped = replace(attempt.result(), stopped="out of time: no time left for a step")
        return [SimpleNamespace(result=lambda: stopped)]

    planned(workspace, competition, [Proposal("first", "", TINY, 1)])
    with monkeypatch.context() as patched:
        patched.setattr(running, "train_recipes", out_of_time)
        (cut,) = auto(workspace, competition, BUDGET_S).record.steps
    assert (cut.lacks_folds, cut.folds) == (True, 1)
    monkeypatch.setattr(planning, "step_modules", list)
    printed = " ".join(podium(tmp_path, "auto", "--time", f"{2 * BUDGET_S}s").split())
    (step,) = auto_records(workspace)[-1].steps
    assert (step.run, step.state, step.lacks_folds) == (cut.run, "finished", False)
    assert f"the folds that {cut.run} lacks: 1 of 2 are trained" in printed
    assert step.scored_rows == 2 * (cut.scored_rows or 0)
    assert "to train the others" not in printed
    monkeypatch.undo()
    assert not planning._begun(workspace, competition, 2, 1.0)


@pytest.mark.slow
def test_a_longer_plan_keeps_what_a_shorter_one_trained(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, [Proposal("first", "", TINY, 1.0)])
    before = auto(workspace, competition, BUDGET_S).record.steps[0].run
    monkeypatch.setattr(running, "make_plan", lambda *_, **__: Plan(("",), ()))
    longer = auto(workspace, competition, 2 * BUDGET_S).record
    assert longer.known == (before,)
    assert [one.budget_s for one in auto_records(workspace)] == [BUDGET_S, 2 * BUDGET_S]


def test_own_runs_are_the_first_file_and_members_of_every_blend(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    recipe = tmp_path / "own.yaml"
    recipe.write_text(yaml.safe_dump(TINY))
    [own] = [one.result() for one in train_recipes(workspace, competition, [recipe])]
    without = tmp_path / "one_fold.yaml"
    without.write_text(yaml.safe_dump({**TINY, "seed": 5}))
    train_recipes(workspace, competition, [without], folds=[0])
    monkeypatch.setattr(running, "make_plan", lambda *_, **__: Plan(("",), ()))
    alone = auto(workspace, competition, 2 * BUDGET_S)
    assert alone.record.known == (own.run.name,)  # not the one of a single fold
    assert alone.blend is not None
    assert members(workspace, alone.blend) == [own.run.name]
    by_hand = blend_runs(workspace, competition, [own.run.name], method=running.METHOD)
    assert alone.file.read_bytes() == write_blend_file(workspace, competition, by_hand).read_bytes()
    # The same command again ends with the same blend, and so does one that was stopped before it.
    assert auto(workspace, competition, 2 * BUDGET_S).blend == alone.blend
    planned(workspace, competition, [Proposal("first", "", {**TINY, "seed": 1}, 1.0)])
    [step] = auto(workspace, competition, BUDGET_S).record.steps
    assert members(workspace, str(step.blend)) == sorted([own.run.name, str(step.run)])


PROBE = {
    **TINY,
    "phases": [{"name": "probe", "epochs": 1, "freeze": ["backbone"], "method": {}}],
}


def a_probe(**changes: Any) -> dict[str, Any]:
    """Return a recipe of heads that are solved for; of its phase and method, too, keys change."""
    method = {"name": "linear_probe", **changes.pop("method", {})}
    phase = {**PROBE["phases"][0], "method": method, **changes.pop("phase", {})}  # type: ignore[index]
    return {**PROBE, "phases": [phase], **changes}


@pytest.mark.slow
def test_a_probe_that_an_own_run_equals_is_not_trained(
    tmp_path: Path, miniatures: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    recipe = tmp_path / "own.yaml"
    recipe.write_text(yaml.safe_dump(a_probe()))
    [own] = [one.result() for one in train_recipes(workspace, competition, [recipe])]
    equal = a_probe(
        phase={"name": "heads"},
        input={"size": 16, "train": "weak"},
        optimizer={"name": "sgd", "lr": 0.1},
        batch_size=4,
        model={**TINY["model"], "heads": {"classify": {"dropout": 0.5}}},  # type: ignore[dict-item]
        predict={"tta": ["hflip"]},
    )
    other = {**equal, "input": {"size": 32}}
    steps = ModuleType("steps.of_test")
    steps.propose = lambda asked: iter(  # type: ignore[attr-defined]
        [Proposal("probe", "heads", equal, 100.0), Proposal("other", "", other, asked.left_s)]
    )
    monkeypatch.setattr(planning, "step_modules", lambda: [steps])
    progress = Stopping(-1)
    record = auto(workspace, competition, BUDGET_S, progress=progress).record
    first, second = record.steps
    assert (first.state, first.run, first.expected_s) == ("finished", own.run.name, 0.0)
    assert first.alone == own.scores["oof"]
    assert (second.state, str(second.run).partition("-")[0]) == ("finished", "other")
    assert f"[1/2] probe: heads: those of {own.run.name}, which is there" in progress.lines
    assert not list(workspace.runs.glob("probe-*"))
    assert members(workspace, str(second.blend)) == sorted([own.run.name, str(second.run)])


@pytest.mark.slow
def test_a_probe_of_other_data_or_options_is_no_other_one(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    recipe = tmp_path / "own.yaml"
    recipe.write_text(yaml.safe_dump(a_probe()))
    [own] = [one.result() for one in train_recipes(workspace, competition, [recipe])]
    run = own.run.name
    probes = OwnProbes(workspace, competition, [run, "no-such-run"])
    assert probes.find(a_probe(precision="auto", accumulate=2)) == run
    for recipe_of_step in (
        a_probe(seed=1),
        a_probe(input={"size": 24, "train": "none"}),
        a_probe(method={"views": ["hflip"]}),
        a_probe(method={"strength": 1.0}),
        a_probe(label_smoothing=0.1),
        {**a_probe(), "phases": [*a_probe()["phases"], TINY["phases"][0]]},  # type: ignore[index]
        TINY,
        {"phases": []},
    ):
        assert probes.find(recipe_of_step) is None
    first, second, *_ = sorted((tmp_path / "data/train/dog").iterdir())
    first.write_bytes(second.read_bytes())
    assert OwnProbes(workspace, competition, [run]).find(a_probe()) is None


def members(workspace: Workspace, blend: str) -> list[str]:
    """Return the runs that a blend is of."""
    return sorted(read_record(workspace.blends / blend).parents)


@pytest.mark.slow
def test_stopped_at_any_moment_it_goes_on_to_the_same_file(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    whole = labels(tmp_path / "whole", miniatures)
    planned(*whole, two_steps())
    counting = Stopping(-1)
    right = auto(*whole, BUDGET_S, progress=counting).file.read_bytes()
    moments = -counting.left - 1
    assert moments > 10
    stopped = labels(tmp_path / "stopped", miniatures)
    planned(*stopped, two_steps())
    at, times = 2, 0
    while True:
        try:
            result = auto(*stopped, BUDGET_S, progress=Stopping(at))
        except _Stop:
            times += 1
            file = submission_file(*stopped[:2])
            assert not file.exists() or check(file, stopped[1]) == []
            at = 2 + (5 * times) % moments
            assert times < 60
        else:
            break
    assert times >= 3
    assert result.file.read_bytes() == right


@pytest.mark.slow
@pytest.mark.long
def test_killed_at_ten_random_moments_it_ends_with_the_same_file(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    """A moment is the opening of a file, of all those that an undisturbed call opens."""
    code = (
        "import os, sys\n"
        "from podium.cli.app import main\n"
        "left = int(sys.argv.pop(1))\n"
        "def opened(event, args):\n"
        "    global left\n"
        "    left -= event == 'open'\n"
        "    if left == 0 and event == 'open':\n"
        f"        os.kill(os.getpid(), {int(signal.SIGKILL)})\n"
        "sys.addaudithook(opened)\n"
        "try:\n"
        "    main()\n"
        "finally:\n"
        "    print(-1 - left)\n"
    )

    def call(workspace: Workspace, at: int) -> subprocess.CompletedProcess[str]:
        words = [loaded_python(), "-c", code, str(at), "-w", str(workspace.root), "auto"]
        return subprocess.run(
            [*words, "--time", "10m"], env=os.environ, capture_output=True, text=True, check=False
        )

    def fresh(name: str) -> tuple[Workspace, Competition]:
        found = labels(tmp_path / name, miniatures)
        planned(*found, two_steps())
        return found

    workspace, competition = fresh("whole")
    done = call(workspace, -1)
    assert done.returncode == 0, done.stderr
    right = submission_file(workspace, competition).read_bytes()
    n_moments = int(done.stdout.splitlines()[-1])
    assert n_moments > 100
    rng, n_killed = np.random.default_rng(0), 0
    workspace, competition = fresh("killed")
    while n_killed < 10:
        done = call(workspace, int(rng.integers(1, n_moments)))
        file = submission_file(workspace, competition)
        if done.returncode == 0:  # it was over before: another one is killed
            assert file.read_bytes() == right
            workspace, competition = fresh(f"killed-{n_killed}")
            continue
        assert done.returncode == -signal.SIGKILL, done.stderr
        n_killed += 1
        assert not file.exists() or check(file, competition) == []
    assert auto(workspace, competition, BUDGET_S).file.read_bytes() == right


# -- time that steps leave ----------------------------------------------------------------------


def a_done(name: str, backbone: str = "net0", **changes: Any) -> Proposal:
    """Return a training of 20 epochs at 64 px that is over, and took 40 s."""
    recipe = {
        "seed": changes.pop("seed", 0),
        "model": {"backbone": backbone},
        "input": {"size": changes.pop("size", 64)},
        "phases": [{"name": "network", "epochs": changes.pop("epochs", 20)}],
    }
    return replace(Proposal(name, "", recipe, 40.0), **changes)


def rest_of(
    monkeypatch: pytest.MonkeyPatch,
    here: tuple[Workspace, Competition],
    seconds: float,
    done: planning.Done,
    *,
    n_networks: int = 1,
) -> list[Proposal]:
    """Return the planned steps for seconds that are left, of networks from nothing."""
    networks = tuple(
        NetworkAtHand(f"net{n}", {"backbone": f"net{n}"}, is_pretrained=False)
        for n in range(n_networks)
    )
    monkeypatch.setattr(planning, "networks_at_hand", lambda facts: networks)
    monkeypatch.setattr(planning, "measure_cost", lambda *_: costs(0.01, 16))
    standing = SimpleNamespace(monotonic=lambda: 0.0)
    monkeypatch.setattr(planning, "time", standing)
    plan = make_plan(*here, seconds, done=done)
    return [one for _, one in plan.proposals if not one.is_spare]


def test_time_that_is_left_goes_to_seeds_of_the_best_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    here = labels(tmp_path, miniatures)
    trained = (
        a_done("fine-tune", goodness=0.7, epochs=100),
        a_done("second-size", goodness=0.8, epochs=100),
        a_done("second-size-seed-1", seed=1, goodness=0.8, repeats="second-size", epochs=100),
    )
    done = planning.Done(trained, 2.0, names=frozenset(one.name for one in trained))
    found = rest_of(monkeypatch, here, 200.0, done)
    # 40 s by the clock of the timing are 80 s: of 180 s two fit.
    assert [(one.name, one.recipe["seed"]) for one in found] == [
        ("second-size-seed-2", 2),
        ("second-size-seed-3", 3),
    ]
    assert [one.expected_s for one in found] == [80.0, 80.0]
    assert rest_of(monkeypatch, here, 80.0, done) == []  # not one fits into nine tenths of it


def test_time_that_is_left_goes_to_a_further_network_that_has_not_failed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    here = labels(tmp_path, miniatures)
    trained = (a_done("fine-tune", size=16, epochs=100), a_done("second-network", "net1"))
    done = planning.Done(trained, names=frozenset(one.name for one in trained))
    found = rest_of(monkeypatch, here, 80.0, done, n_networks=3)
    assert found[0].name == "second-network-2"
    assert found[0].recipe["model"]["backbone"] == "net2"
    failed = replace(done, failed=frozenset({("second_network", "net2")}))
    found = rest_of(monkeypatch, here, 80.0, failed, n_networks=3)
    assert {one.recipe["model"]["backbone"] for one in found} == {"net0"}


def test_a_network_is_trained_once_more_only_for_much_longer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    here = labels(tmp_path, miniatures)
    for known, is_longer in ((40, True), (90, False), (100, False)):
        done = planning.Done(
            (a_done("fine-tune", size=16, epochs=known),), names=frozenset({"fine-tune"})
        )
        found = rest_of(monkeypatch, here, 120.0, done)
        longer = [one for one in found if one.name == "fine-tune-2"]
        assert bool(longer) == is_longer
        assert all(one.recipe["phases"][-1]["epochs"] >= 1.5 * known for one in longer)
        assert sum(one.expected_s for one in found) <= 108.0


def test_heads_are_not_solved_for_again_but_at_another_size() -> None:
    probe, asked = heads_of(46.0, 1e-4)
    other = replace(probe, name="probe-size", recipe={**probe.recipe, "input": {"size": 192}})
    more = replace(probe, name="self-training")
    facts = replace(asked.facts, n_unlabelled=300)
    later = replace(asked, left_s=1e6, facts=facts, earlier=(probe, other, more), is_rest=True)
    assert proposals_of("probe", later) == []
    assert proposals_of("self_training", later) == []
    [smaller] = proposals_of("probe_size", later)
    assert smaller.recipe["input"]["size"] == 112  # at most .8 of 144, and half of 192
    assert proposals_of("probe_size", replace(later, earlier=(*later.earlier, smaller))) == []


def with_clock(monkeypatch: pytest.MonkeyPatch, took: Callable[[str], float]) -> SimpleNamespace:
    """Let each training take so many seconds by a clock that else stands; plan seeds alone."""
    clock = SimpleNamespace(now=0.0, trained=list[str]())
    standing = SimpleNamespace(monotonic=lambda: clock.now, process_time=lambda: clock.now)
    for module in (running, planning):
        monkeypatch.setattr(module, "time", standing)
    whole = running.train_recipes

    def train(*arguments: Any, **options: Any) -> Any:
        [file] = arguments[2]
        found = whole(*arguments, **{**options, "max_time_s": None})
        clock.trained.append(file.stem)
        clock.now += took(file.stem)
        return found

    monkeypatch.setattr(running, "train_recipes", train)
    monkeypatch.setattr(planning, "step_modules", lambda: [seeds])
    monkeypatch.setattr(planning, "networks_at_hand", lambda facts: ())
    return clock


@pytest.mark.slow
def test_time_that_steps_leave_is_planned_again_until_none_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    folder = planned(workspace, competition, [Proposal("first", "one", TINY, 400.0)], is_all=False)
    clock = with_clock(monkeypatch, lambda name: 150.0 if name == "first" else 90.0)
    printed = podium(tmp_path, "auto", "--time", "10m")
    # 600 - 1 - 150 - 18 s for a blend are 431, and nine tenths of them 388: two of 150 s. They take
    # 90 s, and so do two spare ones, each begun where 1.05 times 150 s are left.
    record = read_auto(folder)
    assert clock.trained == ["first", *(f"first-seed-{n}" for n in range(1, len(clock.trained)))]
    assert [one.plan for one in record.steps if not one.is_spare][:3] == [0, 1, 1]
    assert record.rest[0].left_s == 431.0
    assert record.rest[0].longer == 0.375  # of 400 s that were expected 150 were taken
    assert record.used_s <= 600.0
    assert 600.0 - record.used_s < 90.0 * running.SPARE_MARGIN + running._reserve(record)
    assert "431 s are left" in printed
    assert "plan 2, for the time that is left: 300 s of training in 431 s" in printed
    assert printed.index("plan 2, for") < printed.index("[1/2] first-seed-1")
    why = "no step that fits is expected to gain; another seed of first takes about 90 s"
    assert why in " ".join(printed.split())
    assert record.ends()[-1] == pytest.approx(record.used_s)
    runs = {one.run for one in record.steps if one.state == "finished"}
    assert members(workspace, str(record.steps[len(clock.trained) - 1].blend)) == sorted(runs)
    # The same command does nothing more, and ends with the same record.
    before = list(clock.trained)
    podium(tmp_path, "auto", "--time", "10m")
    assert clock.trained == before
    assert read_auto(folder) == record
    again = podium(tmp_path, "auto", "--time", "10m", "--plan")
    assert "400 s of training in 600 s" in again
    assert "plan 2, for the time that is left: 300 s of training in 431 s" in again
    assert clock.trained == before


@pytest.mark.slow
def test_time_behind_a_plan_of_which_no_step_was_finished_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, [Proposal("first", "one", TINY, 400.0)], is_all=False)
    with_clock(monkeypatch, lambda name: 150.0)
    whole = running.train_recipes

    def train(*arguments: Any, **options: Any) -> Any:
        if arguments[2][0].stem != "first":
            raise RunError("no space is left")
        return whole(*arguments, **options)

    monkeypatch.setattr(running, "train_recipes", train)
    printed = " ".join(podium(tmp_path, "auto", "--time", "10m").split())
    why = "431 s are left, and nothing is planned for them: no step of the last plan was finished"
    assert why in printed


def test_no_plan_follows_one_of_which_nothing_was_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    broken = {**TINY, "model": {"backbone": "no_such_network"}}
    planned(workspace, competition, [Proposal("broken", "", broken, 1.0)], is_all=False)
    monkeypatch.setattr(running, "make_plan", lambda *_, **__: pytest.fail("planned again"))
    assert auto(workspace, competition, BUDGET_S).record.rest == ()


@pytest.mark.slow
def test_too_little_time_is_not_planned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    planned(workspace, competition, [Proposal("first", "", TINY, 1.0)], is_all=False)
    with_clock(monkeypatch, lambda name: 565.0)  # 34 s, of which 18 are kept
    monkeypatch.setattr(running, "make_plan", lambda *_, **__: pytest.fail("planned again"))
    assert auto(workspace, competition, BUDGET_S).record.rest == ()


@pytest.mark.slow
def test_stopped_at_any_moment_the_time_that_is_left_goes_to_the_same_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, miniatures: ModuleType
) -> None:
    def begun(folder: Path) -> tuple[Workspace, Competition]:
        here = labels(folder, miniatures)
        planned(*here, [Proposal("first", "one", TINY, 300.0)], is_all=False)
        return here

    with_clock(monkeypatch, lambda name: 170.0)
    whole = begun(tmp_path / "whole")
    counting = Stopping(-1)
    result = auto(*whole, BUDGET_S, progress=counting)
    right, record = result.file.read_bytes(), result.record
    assert [one.state for one in record.steps_of(1)].count("finished") == 2
    moments = -counting.left - 1
    stopped, at, times = begun(tmp_path / "stopped"), 2, 0
    while True:
        try:
            result = auto(*stopped, BUDGET_S, progress=Stopping(at))
        except _Stop:
            times += 1
            at = 2 + (7 * times) % moments
            assert times < 60
        else:
            break
    assert times >= 3
    assert result.file.read_bytes() == right
    named = [[(one.name, one.plan, one.state) for one in r.steps] for r in (record, result.record)]
    assert named[0] == named[1]


def test_what_a_killed_call_trained_is_no_time_that_is_left(
    tmp_path: Path, miniatures: ModuleType
) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    proposals = [Proposal("first", "", TINY, 100.0), Proposal("known", "", TINY, 100.0)]
    folder = planned(workspace, competition, proposals)
    record = read_auto(folder)
    for step in record.steps:  # the last call trained 30 of 120 s
        took = {"state": "finished", "run": f"{step.name}-1", "seconds": 40.0, "blend_s": 10.0}
        record = record.with_step(step.model_copy(update={**took, "alone": 0.5}))
        for fold in (0, 1):
            done = workspace.runs / f"{step.name}-1/fold-{fold}/done.json"
            done.parent.mkdir(parents=True)
            done.write_text('{"seconds": 60.0}')
    record = record.model_copy(update={"known": ("known-1",)})
    assert lost_s(workspace, record) == 90.0  # nothing of the run that was there before
    done = done_so_far(workspace, folder, record, 2, is_alone=True)
    assert done.longer == pytest.approx(1.2)
    assert [one.expected_s for one in done.trained] == pytest.approx([100.0, 100.0])
    side_by_side = done_so_far(workspace, folder, record, 2, is_alone=False)
    assert side_by_side.longer == pytest.approx(0.3)


# -- refusals ----------------------------------------------------------------------------------


def test_what_cannot_be_begun(tmp_path: Path, miniatures: ModuleType) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    with pytest.raises(UsageError, match="too short"):
        auto(workspace, competition, 5.0)
    (tmp_path / "competition.yaml").write_text(
        SPEC.replace('  test: {images: "data/test/*.png"}\n', "")
    )
    with pytest.raises(UsageError, match="no test images"):
        auto(workspace, load_competition(tmp_path / "competition.yaml"), BUDGET_S)
    assert not workspace.submissions.exists()
    assert "--time takes a duration" in podium(tmp_path, "auto", "--time", "soon", code=2)


def test_a_damaged_record_is_named(tmp_path: Path, miniatures: ModuleType) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    folder = planned(workspace, competition, [])
    (folder / "record.json").write_text("{")
    printed = podium(tmp_path, "auto", "--time", "10m", code=1)
    assert "damaged" in printed
    assert str(folder) in printed


def test_records_are_read_as_they_were_written(tmp_path: Path, miniatures: ModuleType) -> None:
    workspace, competition = labels(tmp_path, miniatures)
    folder = planned(workspace, competition, two_steps())
    record = read_auto(folder)
    assert isinstance(record, AutoRecord)
    assert not record.is_over
    assert record.ends() == [1.0, 1.0]


@pytest.mark.parametrize(
    ("best", "honest", "rows", "told"),
    [
        ("auto-last", 0.94, 120, ""),
        ("auto-first", 0.95, 120, "0.9400: worse, perhaps by chance"),
        ("auto-first", 0.94, 120, "0.9400, too: either may be sent"),
        ("auto-first", 0.95, 150, "0.9400 of 120 rows"),
    ],
)
@pytest.mark.parametrize("how", ["file", "code", "", "sent"])
def test_the_file_is_the_best_of_all_and_the_last_blend_is_told_where_it_is_another(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    best: str,
    honest: float,
    rows: int,
    told: str,
    how: str,
) -> None:
    from podium.cli.auto import _lines_of_sending

    def work(*_: object) -> object:
        blend = BlendScore(best, (), honest, None, None, scored_rows=rows)
        of_all = BestToSend(best, "the best of 2 blends", blend, was_sent=how == "sent")
        return SimpleNamespace(best=of_all)

    monkeypatch.setattr("podium.cli.auto.finished_work", work)
    steps = [
        AutoStep(
            name=name, kind="seeds", why="", expected_s=1, honest=score, blend=f"auto-{name}",
            scored_rows=120,
        )
        for name, score in (("first", honest), ("last", 0.94))
    ]  # fmt: skip
    record = SimpleNamespace(greater_is_better=True, steps=steps)
    result: Any = SimpleNamespace(blend=best, file=Path("auto.csv"), record=record)
    competition: Any = SimpleNamespace(
        data=SimpleNamespace(test="test/*.png"),
        kaggle=SimpleNamespace(is_named=how != "", kind=how),
        submission=SimpleNamespace(file=SimpleNamespace(suffix=".csv")),
    )
    *others, see, last = _lines_of_sending(result, Workspace(tmp_path), competition)
    assert see == "see how it scores: podium report --open"
    file = "auto.csv, the file of the best blend"
    commands = {
        "file": f"send {file}: podium submit {best}",
        "": f"hand in {file}; for more: ",
        "code": f"send it as a notebook: podium submit {best} --code",
        "sent": f"a host has the best, {best}; for more: podium recipes suggest",
    }
    assert last.startswith(commands[how])
    of_last = ["auto.csv is the file of auto-first: the best of 2 blends"]
    of_last.append(f"the blend of all runs, auto-last, has honest {told}")
    assert others == (of_last if told else [])
    steps[-1] = steps[-1].model_copy(update={"stays": "auto-earlier"})
    *others, _, _ = _lines_of_sending(result, Workspace(tmp_path), competition)
    of_earlier = "the blend of all runs, auto-last, has honest 0.9400"
    assert others[-1].startswith(of_earlier if told else "auto.csv is the file of auto-last: ")
    result.blend = "auto-other"  # that of the best could not be written
    holds, *_ = _lines_of_sending(result, Workspace(tmp_path), competition)
    not_best = f"auto.csv is the file of auto-other, not of the best, {best}"
    assert holds == f"{not_best}: the best of 2 blends"


@pytest.mark.parametrize("stays", [None, "auto-first"])
def test_of_two_blends_of_other_rows_the_output_names_which_is_sent_and_how_to_send_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stays: str | None
) -> None:
    from podium.cli.auto import _lines_of_sending

    sent, other = stays or "auto-last", "auto-last" if stays else "auto-first"
    blend = BlendScore(sent, (), 0.9, None, None)
    of_all = BestToSend(sent, "", blend, was_sent=False)
    monkeypatch.setattr("podium.cli.auto.finished_work", lambda *_: SimpleNamespace(best=of_all))
    steps = [
        AutoStep(
            name=name, kind="seeds", why="", expected_s=1, honest=0.9, blend=f"auto-{name}",
            scored_rows=rows, stays=stays if name == "last" else None,
        )
        for name, rows in (("first", 150), ("last", 120))
    ]  # fmt: skip
    record = SimpleNamespace(steps=steps)
    result: Any = SimpleNamespace(blend=sent, file=Path("auto.csv"), record=record)
    competition: Any = SimpleNamespace(
        data=SimpleNamespace(test="test/*.png"),
        kaggle=SimpleNamespace(is_named=False, kind="file"),
        submission=SimpleNamespace(file=SimpleNamespace(suffix=".csv")),
    )
    scored, which, how, *_ = _lines_of_sending(result, Workspace(tmp_path), competition)
    assert how == f"for {other} instead: podium submit {other} --dry-run"
    if stays is None:
        assert scored == "auto.csv is scored on 120 rows: a run of it lacks folds"
        better = "in the same folds it is better than auto-first, of 150"
        assert which == f"{better}: send auto.csv"
    else:
        assert scored == "auto-last has more runs, but is scored on 120 rows alone"
        better = "in the same folds it is not better than auto-first"
        assert which == f"{better}, so auto.csv stays that one's"


def test_it_is_told_where_the_file_stays_whose_place_another_one_takes(tmp_path: Path) -> None:
    nothing: Any = None
    progress = RecordedProgress()
    file, before, written = (tmp_path / f"{one}.csv" for one in ("auto", "auto-a", "auto-b"))
    runner = running._Runner(nothing, nothing, tmp_path, file, None, progress)
    before.write_text("id,label\nx,oak\n")
    written.write_text("id,label\nx,olive\n")
    runner._note_on_previous(written)
    file.write_text(written.read_text())
    runner._note_on_previous(written)
    assert progress.lines == [], "there was none before, or the same"
    file.write_text(before.read_text())
    runner._note_on_previous(written)
    assert progress.lines == [
        "  auto.csv is the file of auto-b now; the one before stays as auto-a.csv"
    ]


@pytest.mark.parametrize(("greater", "said"), [(True, "better"), (False, "worse")])
def test_each_change_of_the_score_is_printed_as_better_or_worse(
    capsys: pytest.CaptureFixture[str], greater: bool, said: str
) -> None:
    from podium.cli.auto import print_steps
    from podium.workflows.auto.run import _outcome

    scores = {"first": 3.0, "second": 3.051, "third": 3.05101}
    steps = [
        AutoStep(
            name=name, kind="seeds", why="", expected_s=1, honest=score, state="finished", seconds=1
        )
        for name, score in scores.items()
    ]
    record = AutoRecord(
        id="plan", created=datetime.now(UTC), budget_s=60, metric="mae", facts=(), planning_s=1,
        greater_is_better=greater, steps=tuple(steps),
    )  # fmt: skip
    print_steps(record)
    printed = capsys.readouterr().out
    assert f"+0.0510 {said}" in printed
    assert printed.count(said) == 1  # not of what shows as no change
    of_rest = "s are left, for which no step is planned: a longer --time plans more"
    assert f"56 {of_rest}" in printed
    print_steps(record.model_copy(update={"budget_s": 5}))
    unfinished = steps[2].model_copy(update={"state": "planned"})
    print_steps(record.model_copy(update={"steps": (*steps[:2], unfinished)}))
    assert of_rest not in capsys.readouterr().out
    assert f"3.0000 → 3.0510 ({said})" in _outcome(record, steps[1])


def test_scores_of_other_rows_are_not_compared(capsys: pytest.CaptureFixture[str]) -> None:
    """A run with some of its folds leaves fewer rows to score the blend of both on."""
    from podium.cli.auto import print_steps
    from podium.workflows.auto.run import _outcome

    steps = [
        AutoStep(
            name=name, kind="seeds", why="", expected_s=1, honest=score, scored_rows=rows,
            blend=f"auto-{name}", state="finished", seconds=1,
        )
        for name, score, rows in [("first", 0.95, 150), ("second", 0.93, 83)]
    ]  # fmt: skip
    record = AutoRecord(
        id="plan", created=datetime.now(UTC), budget_s=60, metric="qwk", facts=(), planning_s=1,
        greater_is_better=True, steps=tuple(steps),
    )  # fmt: skip
    print_steps(record)
    printed = capsys.readouterr().out
    assert "better in the same folds (83 rows, not 150)" in printed
    assert "worse" not in printed
    before = "0.9300 of 83 rows (before 0.9500 of 150: {})"
    assert before.format("better in the same folds") in _outcome(record, steps[1])
    first = steps[0].model_copy(update={"scored_rows": 80})
    more = record.model_copy(update={"steps": (first, steps[1])})
    assert "(before 0.9500 of 80: not compared)" in _outcome(more, steps[1])


def test_a_combined_score_is_called_so_and_not_as_its_last_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of labels and masks `metrics.of` returns the metric of the part that leads."""
    of_masks = SimpleNamespace(name="mean_dice", greater_is_better=True)
    monkeypatch.setattr(running.metrics, "of", lambda _: of_masks)
    parts = [
        {"name": "accuracy", "task": "classify", "weight": 0.5},
        {"name": "mean_dice", "task": "segment", "weight": 0.5},
    ]
    both: Any = SimpleNamespace(metric=CombinedMetricSpec.model_validate({"parts": parts}))
    here = Workspace(tmp_path)

    record = planning.record_of(
        here, both, here.auto / "00000000", planning.Plan((), ()), 60.0, 1.0
    )

    assert record.metric == "combined"
