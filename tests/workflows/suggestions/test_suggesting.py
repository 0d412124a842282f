from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import mask_miniatures
import miniatures
import pytest
import yaml
from command_line import podium

from podium.cli import suggestions
from podium.competition.spec import load_competition
from podium.competition.truths.pixels import RGB8
from podium.errors import UsageError
from podium.tasks.protocols.find import image_kind, pixel_kind
from podium.training.fit.phase_plans import check_parts
from podium.training.policies._load import transforms_of, turning_transforms
from podium.training.recipe import load_recipe
from podium.training.runs.train import train
from podium.workflows.initialising import init_workspace
from podium.workflows.suggestions.recipes import (
    RULES,
    SPECIALS,
    CompetitionFacts,
    LocalBackbone,
    Suggestion,
    competition_facts,
    find_suggestion,
    recipe_text,
    suggest_recipes,
    write_suggestions,
)
from podium.workspace.layout import Workspace
from podium.workspace.machine import Machine

CPU = Machine(cores=2, memory=8 << 30)
GPU = Machine(cores=16, memory=64 << 30, gpu="H200", gpu_memory=139 << 30)
LABELS = CompetitionFacts(
    tasks={"classify": image_kind("multiclass")}, scored="classify", n=9000, n_unlabelled=0,
    side=300, largest=400, counts=(3000, 3000, 3000), machine=GPU,
)  # fmt: skip
NUMBERS = replace(LABELS, tasks={"classify": image_kind("regression")}, counts=())
MASKS = replace(
    LABELS, tasks={"segment": pixel_kind("binary")}, scored="segment", counts=(), coverage=0.2
)


def values(one: Suggestion) -> dict[str, Any]:
    return {choice.key: choice.value for choice in one.choices}


def named(facts: CompetitionFacts, name: str) -> Suggestion:
    return find_suggestion(facts, f"suggested-{name}")


def names(facts: CompetitionFacts) -> list[str]:
    return [one.name for one in suggest_recipes(facts)]


@pytest.mark.parametrize(
    ("facts", "name", "key", "value"),
    [
        (LABELS, "other", "model.backbone", "convnext_tiny"),
        (replace(LABELS, counts=(8000, 900, 100)), "balanced", "sampling", "balanced"),
        (replace(LABELS, n=200, counts=(100, 100)), "few", "model.lora", {"rank": 8}),
        (replace(LABELS, n=200, counts=(100, 100), machine=CPU), "few", "phases.probe.method",
         {"name": "linear_probe", "views": ["hflip"]}),
        (replace(LABELS, n=200, counts=(100, 100), machine=CPU), "few",
         "phases.whole.freeze_statistics", True),
        (replace(LABELS, n=200, counts=(100, 100)), "probe", "phases.probe.method",
         {"name": "linear_probe", "views": ["hflip"]}),
        (replace(LABELS, n=200, counts=(100, 100), n_unlabelled=900), "probe",
         "phases.probe.method", {"name": "linear_probe", "views": ["hflip"], "rounds": 5}),
        (replace(LABELS, side=32), "own", "input.size", 32),
        (replace(MASKS, n=200), "few", "phases.whole.freeze", ["backbone"]),
        (replace(LABELS, n=1000, n_unlabelled=5000), "unlabelled", "phases.whole.method",
         {"name": "fixmatch", "ratio": 2}),
        (replace(LABELS, n=1000, n_unlabelled=5000, side=28, hub=False), "unlabelled",
         "phases.whole.method", {"name": "fixmatch", "ratio": 2, "weak": "weak_batched",
                                 "strong": "strong_batched"}),
        (replace(NUMBERS, n=1000, n_unlabelled=5000),
         "unlabelled", "phases.images.method", {"name": "simsiam"}),
        (replace(MASKS, largest=4000, side=3000), "tiles", "input.fit", "tile"),
        (replace(MASKS, largest=4000, coverage=0.001), "tiles", "input.foreground", 0.5),
        (replace(MASKS, largest=4000, coverage=0.1), "tiles", "input.foreground", 0.25),
        (replace(MASKS, largest=4000, empty=0.9), "tiles", "empty_share", 0.3),
    ],
)  # fmt: skip
def test_suggested_recipe_follows_the_peculiarities_of_the_data(
    facts: CompetitionFacts, name: str, key: str, value: Any
) -> None:
    assert values(named(facts, name))[key] == value


@pytest.mark.parametrize(
    ("side", "size", "why"),
    [
        (500, 160, "downscaled"),
        (128, 128, "at their own size"),
        (120, 128, "enlarged to a multiple of 32"),
        (132, 128, "downscaled"),
        (32, 64, "enlarged: the backbone's last map is 32 times smaller"),
    ],
)
def test_the_reason_for_the_size_of_quick_compares_it_with_the_images(
    side: int, size: int, why: str
) -> None:
    facts = replace(LABELS, side=side)
    [choice] = [one for one in named(facts, "quick").choices if one.key == "input.size"]
    assert (choice.value, choice.why) == (size, f"images of {side} pixels, {why}")
    [choice] = [one for one in named(facts, "strong").choices if one.key == "input.size"]
    assert (choice.value == side) == choice.why.endswith("at their own size")


@pytest.mark.parametrize("side", [32, 64, 120, 132, 150, 300])
def test_short_is_called_smaller_only_where_it_is(side: int) -> None:
    facts = replace(MASKS, side=side, machine=CPU)
    short, quick = (
        next(each for each in named(facts, one).choices if each.key == "input.size")
        for one in ("short", "quick")
    )
    assert ("smaller than for quick" in short.why) == (short.value < quick.value)
    assert short.why == quick.why or short.value < quick.value
    assert ("enlarged" in short.why) == (short.value > side)


def test_all_that_apply_are_proposed() -> None:
    facts = replace(LABELS, n=200, n_unlabelled=5000, counts=(190, 10))
    assert names(facts) == ["probe", "quick", "strong", "few", "unlabelled", "balanced", "other"]
    many = replace(facts, n=9000, counts=(8000, 1000), n_unlabelled=0)
    assert names(many) == ["quick", "strong", "probe", "other"]
    assert names(MASKS) == ["quick", "strong", "other"]


@pytest.mark.parametrize(
    ("n", "epochs", "a_part"), [(100, 12, None), (1000, 2, None), (9000, 1, 150)]
)
def test_of_masks_without_a_gpu_what_takes_minutes_comes_first(
    n: int, epochs: int, a_part: int | None
) -> None:
    facts = replace(MASKS, n=n, machine=CPU)
    assert names(facts)[:3] == ["short", "quick", "strong"]
    short, quick = (values(named(facts, one)) for one in ("short", "quick"))
    assert short["phases.whole.epochs"] == epochs
    assert short.get("phases.whole.steps_per_epoch") == a_part
    steps = min(a_part or n, n // short["batch_size"])
    assert 100 <= epochs * steps <= 200
    assert short["phases.whole.freeze"] == ["backbone"]
    assert short["input.size"] == 128 < quick["input.size"]
    assert not any(key.startswith("phases.head.") for key in short)
    nothing = values(named(replace(facts, hub=False), "short"))
    assert "phases.whole.freeze" not in nothing
    assert "short" not in names(MASKS)


@pytest.mark.parametrize(("side", "decoder"), [(150, "unet"), (300, "fpn")])
def test_small_masks_are_drawn_at_their_own_resolution(side: int, decoder: str) -> None:
    facts = replace(MASKS, side=side, machine=CPU)
    assert values(named(facts, "short"))["model.heads.segment"]["decoder"] == decoder


def test_what_does_not_apply_is_refused_with_what_does() -> None:
    with pytest.raises(UsageError, match="there is no suggestion 'suggested-few'") as refused:
        named(LABELS, "few")
    assert "suggested-quick, suggested-strong, suggested-probe" in str(refused.value)


def test_images_of_labels_are_never_cut_into_windows() -> None:
    assert "tiles" not in names(replace(LABELS, largest=4000))


FILE = LocalBackbone("tf_efficientnet_lite0", "package:lite0/net.pth")


@pytest.mark.parametrize("machine", [CPU, GPU])
@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("facts", [LABELS, MASKS, NUMBERS, replace(LABELS, side=32, largest=32)])
def test_nothing_is_proposed_that_needs_weights_out_of_reach(
    facts: CompetitionFacts, few: bool, machine: Machine
) -> None:
    facts = replace(facts, hub=False, machine=machine, n_unlabelled=9000)
    facts = replace(facts, n=100) if few else facts
    for one in suggest_recipes(facts):
        model = values(one)
        assert model["model.pretrained"] is False
        assert "model.weights" not in model
        assert model["model.backbone"] in ("cnn", "wide_resnet")
        assert not any(key.endswith(".freeze") for key in model) or facts.has_masks
    for one in suggest_recipes(replace(facts, local=(FILE,))):
        model = values(one)
        is_own = one.name == "own"
        assert model.get("model.pretrained") is (False if is_own else None)
        assert model.get("model.weights") == (None if is_own else FILE.weights)
        assert (model["model.backbone"] == FILE.backbone) is not is_own
        assert one.name != "other"  # there is no second family
    two = replace(facts, local=(FILE, LocalBackbone("resnet18")))
    other = named(two, "other")
    assert values(other)["model.backbone"] == "resnet18"
    assert values(other)["model.pretrained"] is True
    assert "model.weights" not in values(other)


def test_few_labels_of_small_images_with_a_package_of_weights() -> None:
    """The case of 400 labels of 32 pixels, for which ResNet-34 with FixMatch was proposed alone."""
    facts = replace(LABELS, machine=CPU, hub=False, local=(FILE,), n=400, counts=(40,) * 10,
                    side=32, largest=32, n_unlabelled=20_000)  # fmt: skip
    assert names(facts) == ["probe", "quick", "strong", "few", "own", "unlabelled"]
    assert facts.a_class == "40 a class"
    probe = values(named(facts, "probe"))
    assert probe["model.weights"] == FILE.weights
    assert probe["phases.probe.freeze"] == ["backbone"]
    assert not any(key.startswith("phases.whole") for key in probe)
    nothing = replace(facts, local=())
    assert names(nothing) == ["quick", "strong", "unlabelled", "other"]
    assert values(named(nothing, "unlabelled"))["input.size"] == 32


def test_numbers_are_neither_mixed_nor_smoothed_nor_balanced() -> None:
    facts = NUMBERS
    for one in suggest_recipes(facts):
        assert not {"mix", "label_smoothing", "sampling"} & set(values(one))


TURNED = {"classify": image_kind("multiclass").with_facts(turns_with_image=True)}


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (replace(LABELS, shows_characters=True), "digit or letter is another one, or none"),
        (replace(LABELS, tasks=TURNED), "a flip would change the label"),
    ],
)
@pytest.mark.parametrize("machine", [CPU, GPU])
@pytest.mark.parametrize("more", [{}, {"n": 90, "counts": (30, 30, 30)}, {"side": 32}])
def test_recipes_of_characters_and_of_what_turns_have_no_flips(
    facts: CompetitionFacts, why: str, machine: Machine, more: dict[str, Any]
) -> None:
    facts = replace(facts, machine=machine, n_unlabelled=90_000, **more)
    for one in suggest_recipes(facts):
        chosen = values(one)
        assert "hflip" not in str(chosen)
        assert chosen["input.train"] == ("none" if one.name == "probe" else "photometric")
        assert why in recipe_text(one)
        method = chosen.get("phases.whole.method", {})
        for view in ("weak", "strong") if method else ():
            assert not turning_transforms(transforms_of(method[view], (32, 32), RGB8))
    assert "hflip" in str(
        values(named(replace(facts, tasks=LABELS.tasks, shows_characters=False), "strong"))
    )


def test_a_batch_shrinks_with_the_area_and_never_leaves_few_steps() -> None:
    def batch(**facts: Any) -> int:
        return int(values(named(replace(LABELS, **facts), "strong"))["batch_size"])

    assert batch(side=224) == 64
    assert batch(side=320) == 16  # 64 · (224 / 320)² = 31.4, rounded down to a power of two
    assert batch(side=224, n=200) == 16
    assert batch(side=224, n=10) == 8


@pytest.mark.parametrize("machine", [CPU, GPU])
@pytest.mark.parametrize("facts", [LABELS, MASKS, replace(LABELS, n=100, n_unlabelled=900)])
def test_every_choice_has_a_reason_and_the_recipe_is_what_was_chosen(
    facts: CompetitionFacts, machine: Machine, tmp_path: Path
) -> None:
    facts = replace(facts, machine=machine)
    assert suggest_recipes(facts) == suggest_recipes(facts)
    for one in suggest_recipes(facts):
        assert all(choice.why and "{" not in choice.why for choice in one.choices)
        written = yaml.safe_load(recipe_text(one))
        phases = {phase["name"]: phase for phase in written["phases"]}
        for choice in one.choices:
            at: Any = {**written, "phases": phases}
            for part in choice.key.split("."):
                at = at[part]
            assert at == choice.value
        (tmp_path / "it.yaml").write_text(recipe_text(one))
        check_parts(load_recipe(tmp_path / "it.yaml"))


def test_every_rule_of_the_table_can_be_reached_by_a_recipe() -> None:
    known = {"quick", "strong", "slow", "all", *(one.name for one in SPECIALS)}
    assert all(set(rule.recipes.split()) <= known for rule in RULES)


LAYOUTS: dict[str, Callable[[Path], Any]] = {
    "classes": lambda data: miniatures.table_and_images(data, n_unlabelled=130),
    "several": miniatures.multilabel_with_groups,
    "joint": mask_miniatures.pictures_and_masks,
    "masks": mask_miniatures.salt,
    "objects": mask_miniatures.cells,
}
SHORT = ("model.pretrained=false", "input.size=64", "batch_size=4")
SMALL = {"classes": ("model.backbone=cnn",)}
"""of the layout that is always tried: a network that takes seconds"""


def opened(layout: str, root: Path) -> Workspace:
    made = LAYOUTS[layout](root / "data")
    if getattr(made, "spec", None):
        (root / "competition.yaml").write_text(yaml.safe_dump(made.spec))
    else:
        init_workspace(root / "data", root)
    return Workspace(root)


@pytest.mark.slow
@pytest.mark.parametrize(
    "layout",
    [
        pytest.param(one, marks=[pytest.mark.long] * (one != "joint"))  # labels and masks
        for one in LAYOUTS
    ],
)
def test_the_written_recipes_train_a_step_whatever_the_task(layout: str, tmp_path: Path) -> None:
    workspace = opened(layout, tmp_path)
    competition = load_competition(workspace.competition_file)
    facts = competition_facts(workspace, competition, CPU)
    written, kept = write_suggestions(workspace.recipes, suggest_recipes(facts))
    short = (*SHORT, *SMALL.get(layout, ()))
    assert len(written) > 2
    assert kept == []
    for path in written:
        one_step = [
            f"phases[{at}].{key}=1"
            for at, phase in enumerate(load_recipe(path).phases)
            for key in ("epochs", "steps_per_epoch")
            if phase.method.name != "linear_probe"  # it has no steps
        ]
        # The network of the test starts from nothing, and so has no statistics to freeze.
        one_step += [
            f"phases[{at}].freeze_statistics=false"
            for at, phase in enumerate(load_recipe(path).phases)
            if phase.freeze_statistics
        ]
        done = train(workspace, competition, path, overrides=(*short, *one_step), folds=[0])
        assert done.finished == (0,)
    again, kept = write_suggestions(workspace.recipes, suggest_recipes(facts))
    assert (again, kept) == ([], written)


def test_the_facts_are_those_of_the_data(tmp_path: Path) -> None:
    workspace = opened("classes", tmp_path)
    facts = competition_facts(workspace, load_competition(workspace.competition_file), CPU)
    assert (facts.n, facts.n_unlabelled, facts.side, facts.largest) == (40, 130, 32, 32)
    assert not facts.shows_characters
    assert sum(facts.counts) == 40
    assert facts.has_many_unlabelled


def test_tables_of_suggestions_have_the_name_of_a_file_of_weights_and_its_path_stands_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = opened("classes", tmp_path)
    file = "package:a_package_of_weights_with_a_long_name/models/of/a/network/net-1234.pth"
    here = competition_facts(workspace, load_competition(workspace.competition_file), CPU)
    here = replace(here, hub=False, local=(LocalBackbone("resnet18", file),))
    monkeypatch.setattr(suggestions, "facts_here", lambda *_, **__: here)
    short = podium(tmp_path, "recipes", "suggest", "--no-measure")
    assert "Why they are so" not in short
    *_, why, _, last = short.splitlines()
    assert why == "why they are so: podium recipes suggest --no-measure --why"
    assert last.endswith("podium recipes suggest --write"), "the next command is the last line"
    printed = podium(tmp_path, *why.split()[-4:])
    assert printed.count(file) == 1
    assert printed.count("net-1234.pth") >= 2
    each = [one.name for one in suggest_recipes(here)]
    overview, reasons = printed.split("Why they are so")
    assert all(f"suggested-{name} " in overview for name in each), "before the reasons"
    assert all(name in reasons for name in each)
    assert reasons.count("its weights are on this machine") == 1, "of several recipes once"
    alone = podium(tmp_path, "recipes", "suggest", "quick", "--no-measure", "--why")
    rows = [line for line in alone.split("Why suggested-quick is so")[1].splitlines() if line]
    assert sum("input.size" in line for line in rows) == 1


@pytest.mark.slow
def test_the_command_writes_only_with_its_option_and_never_over_a_file(tmp_path: Path) -> None:
    workspace = opened("classes", tmp_path)
    before = sorted(workspace.recipes.glob("*"))
    assert "Why they are so" in podium(tmp_path, "recipes", "suggest", "--no-measure", "--why")
    assert sorted(workspace.recipes.glob("*")) == before
    mine = workspace.recipes / "suggested-quick.yaml"
    mine.write_text("mine")
    assert "is there already" in podium(tmp_path, "recipes", "suggest", "--no-measure", "--write")
    assert mine.read_text() == "mine"
    answer = json.loads(podium(tmp_path, "recipes", "suggest", "--no-measure", "--json"))
    proposed = [one["name"] for one in answer["recipes"]]
    assert {"quick", "strong", "unlabelled"} <= set(proposed)
    one = podium(tmp_path, "recipes", "print", f"suggested-{proposed[-1]}")
    assert one == answer["recipes"][-1]["text"]
    assert "suggested-strong" in podium(tmp_path, "recipes")
    assert "tf_efficientnet_b2" in podium(tmp_path, "recipes", "print", "strong")


@pytest.mark.slow
def test_nothing_needs_torch_to_suggest() -> None:
    code = "import sys, podium.workflows.suggestions.recipes; "
    code += "sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
