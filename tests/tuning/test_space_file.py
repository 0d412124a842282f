"""A space in a file: its content, and the line of what the recipe would not take."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from podium.errors import RecipeError
from podium.training.recipe import Recipe, load_recipe
from podium.tuning.recipe_space import overrides_of, read_space, values_of
from podium.tuning.space import CategoricalValues, NumberRange, SearchParameter, SearchSpace
from podium.workspace.marked_yaml import dump_yaml

RECIPE = """\
model:
  backbone: resnet18
  pretrained: false
  heads: {classify: {dropout: 0.2}, segment: {decoder: linear}}
input: {size: 64, train: weak}
optimizer: {lr: 1e-3}
phases:
  - {name: joint, epochs: 2, loss: {classify: {ce: 1}, segment: {ce: 1, dice: {weight: 1}}}}
  - {name: masks, epochs: 3, method: {name: fixmatch, threshold: 0.9}}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages show paths relative to the current folder."""
    monkeypatch.chdir(tmp_path)
    Path("base.yaml").write_text(RECIPE)


def read(text: str, *overrides: str) -> SearchSpace:
    Path("space.yaml").write_text(text, encoding="utf-8")
    return read_space(Path("space.yaml"), Path("base.yaml"), overrides)


def complaint(text: str, *overrides: str) -> str:
    with pytest.raises(RecipeError) as caught:
        read(text, *overrides)
    return str(caught.value)


def described(space: SearchSpace) -> dict[str, Any]:
    """Return each domain as a tuple whose numbers are compared with their types."""
    found: dict[str, Any] = {}
    for one in space.parameters:
        domain = one.domain
        if isinstance(domain, CategoricalValues):
            found[one.name] = list(domain.values)
        else:
            found[one.name] = (repr(domain.low), repr(domain.high), domain.log, repr(domain.step))
    return found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("optimizer.lr: {low: 1e-5, high: 1e-2, log: true}", ("1e-05", "0.01", True, "None")),
        ("optimizer.weight_decay: {low: 0, high: 1}", ("0.0", "1.0", False, "None")),
        ("optimizer.momentum: {low: 0, high: 1, step: 0.1}", ("0.0", "1.0", False, "0.1")),
        ("optimizer.momentum: {low: 0, high: 1, step: 0.3}", ("0.0", "0.9", False, "0.3")),
        (
            "optimizer.momentum: {low: 0.02, high: 0.03, step: 0.01}",
            ("0.02", "0.03", False, "0.01"),
        ),
        ("phases[1].epochs: {low: 1, high: 30, log: true}", ("1", "30", True, "None")),
        ("phases[1].epochs: {low: 1.0, high: 3e1}", ("1", "30", False, "None")),
        ("input.size: {low: 160, high: 330, step: 32}", ("160", "320", False, "32")),
        ("phases[1].method.threshold: {low: 0, high: 1}", ("0.0", "1.0", False, "None")),
        ("phases[1].method.ratio: {low: 1, high: 7}", ("1", "7", False, "None")),
        ("phases[1].method.weight: {low: 1, high: 7}", ("1.0", "7.0", False, "None")),
        ("phases[0].loss.segment.dice: {low: 0, high: 2}", ("0.0", "2.0", False, "None")),
        ("phases[0].loss.segment.weight: {low: 0, high: 2}", ("0.0", "2.0", False, "None")),
        ("phases[0].loss.segment.focal: {low: 0, high: 2}", ("0.0", "2.0", False, "None")),
        ("phases[0].loss.segment.dice.weight: {low: 0, high: 2}", ("0.0", "2.0", False, "None")),
        ("model.heads.classify.dropout: {low: 0, high: 0.6}", ("0.0", "0.6", False, "None")),
        # The recipe takes anything among a decoder's options: the ends are as they are written.
        ("model.heads.segment.options.depth: {low: 3, high: 5}", ("3", "5", False, "None")),
        ("model.heads.segment.options.rate: {low: 3, high: 5.0}", ("3.0", "5.0", False, "None")),
        ("ema_decay: {low: 0.9, high: 0.999}", ("0.9", "0.999", False, "None")),
        ("seed: {low: 0, high: 1}", ("0", "1", False, "None")),
        ("model.backbone: [resnet18, convnext_tiny, cnn]", ["resnet18", "convnext_tiny", "cnn"]),
        ("input.train: [weak, [HorizontalFlip]]", ["weak", ["HorizontalFlip"]]),
        ("ema_decay: {choices: [null, 0.99]}", [None, 0.99]),
        ("mix: [{mixup: 0.2}, {cutmix: 1}]", [{"mixup": 0.2}, {"cutmix": 1}]),
        ("model.pretrained: [true, false]", [True, False]),
        ("optimizer.name:\n  - adamw\n  - sgd", ["adamw", "sgd"]),
        ("phases[0].freeze: [[], [backbone]]", [[], ["backbone"]]),
    ],
)
def test_a_place_has_the_values_that_are_written_with_the_recipes_type(
    written: str, expected: Any
) -> None:
    found = described(read(written))
    assert list(found.values()) == [expected]


def test_places_keep_their_order_and_their_names() -> None:
    space = read(
        "# a comment\nseed: [0, 1]\nphases[0].epochs: {low: 1, high: 2}\nema_decay: [.5, null]"
    )
    assert [one.name for one in space.parameters] == ["seed", "phases[0].epochs", "ema_decay"]


def test_overrides_are_of_the_recipe_that_is_searched_around() -> None:
    heads = "model.heads.classify.dropout: {low: 0, high: 0.5}"
    assert "model.heads is not written" in complaint(heads, "model.heads=null")
    assert complaint("optimizer.lr: [1, 2]", "optimizer.lr=-1").startswith("-o optimizer.lr=-1: ")


RANGE = "write another range, or a list of choices"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # keys that the recipe has not
        ("\noptimizer.lrr: [1, 2]", "2: unknown key 'lrr' in optimizer, did you mean 'lr'?"
            "\n  fix: write lr"),
        ("optimiser.lr: [1, 2]", "1: unknown key 'optimiser', did you mean 'optimizer'?"
            "\n  fix: write optimizer"),
        (
            "model.bakbone:\n  low: 1\n  high: 2",
            "1: unknown key 'bakbone' in model, did you mean 'backbone'?"
            "\n  fix: write backbone",
        ),
        (
            "phases[1].method.treshold: {low: 0.7, high: 0.9}",
            "1: phase masks, method fixmatch: unknown key 'treshold', did you mean 'threshold'?"
            "\n  fix: write threshold",
        ),
        (
            "phases[0].method.threshold: {low: 0.7, high: 0.9}",
            "1: phase joint, method supervised: unknown key 'threshold'\n"
            "  fix: remove it; the keys here are strong",
        ),
        (
            "phases[2].epochs: {low: 1, high: 5}",
            "1: phases[2].epochs: phases has 2 entries, counted from 0\n"
            "  fix: write phases[1].epochs",
        ),
        (
            "phases.epochs: {low: 1, high: 5}",
            "1: phases.epochs: phases has 2 entries, counted from 0\n  fix: write phases[1].epochs",
        ),
        (
            "phases[one].epochs: {low: 1, high: 5}",
            "1: 'phases[one].epochs' is no place of a recipe\n"
            "  fix: write it as after -o: optimizer.lr, or phases[0].epochs",
        ),
        (
            "optimizer.lr=1: {low: 1, high: 5}",
            "1: 'optimizer.lr=1' is no place of a recipe\n"
            "  fix: write it as after -o: optimizer.lr, or phases[0].epochs",
        ),
        (
            "batch_size.x: [1, 2]",
            "1: batch_size must be a whole number, got a mapping\n  fix: write a whole number",
        ),
        (
            "phases[0].loss.segmnt.dice: {low: 0.7, high: 1}",
            "1: loss: there is no task 'segmnt'\n  fix: write classify or segment",
        ),
        (
            "phases[0].loss.segment.dise: {low: 0.7, high: 1}",
            "1: there is no 'dise' among the losses\n  fix: write dice",
        ),
        (
            "phases[0].loss.segment.dice.pwer: {low: 0.7, high: 1}",
            "1: loss.segment.dice: the loss has no option 'pwer'\n  fix: it has weight, ",
        ),
        (
            "phases[0].loss.classify.dice: {low: 0.7, high: 1}",
            "1: loss.classify.dice: dice compares regions of masks, and classify has labels\n"
            "  fix: write ce, or dice under segment",
        ),
        # what would be made of one value alone
        (
            "phases[1].loss.segment.dice: {low: 0, high: 1}",
            "1: phases[1].loss is not written in the recipe, and would be made of "
            "phases[1].loss.segment.dice alone\n  fix: write phases[1].loss in the recipe first",
        ),
        (
            "phases[0].optimizer.lr: {low: 0.1, high: 1}",
            "1: phases[0].optimizer is not written in the recipe, and would be made of "
            "phases[0].optimizer.lr alone\n  fix: write phases[0].optimizer in the recipe first",
        ),
        # what changes no run
        (
            "predict.tta: [[hflip], []]",
            "1: predict does not change the training: all trials would be the same run\n"
            "  fix: leave predict.tta out",
        ),
        # ranges that are none
        (
            "optimizer.lr:\n  low: 2\n  high: 1",
            "3: optimizer.lr: high 1 is below low 2\n  fix: write low: 1, high: 2",
        ),
        (
            "optimizer.lr: {low: 1, high: 1.0}",
            "1: optimizer.lr: low and high are both 1\n  fix: leave it out, or widen the range",
        ),
        (
            "optimizer.lr:\n  log: true\n  low: 0\n  high: 1",
            "3: optimizer.lr: a logarithmic range begins above 0, not at 0\n"
            "  fix: leave out log: true",
        ),
        (
            "optimizer.lr: {low: 1e-5, high: 1, log: 1}",
            "1: optimizer.lr: log must be true or false, got 1\n  fix: write log: true",
        ),
        (
            "input.size: {low: 160, high: 320, step: 200}",
            "1: input.size: a step of 200 leaves one value between 160 and 320\n"
            "  fix: write a step of at most 160",
        ),
        (
            "optimizer.lr: {low: 0.1, high: 1, step: -0.1}",
            "1: optimizer.lr: a step must be above 0, got -0.1\n"
            "  fix: write step: 1, or leave it out",
        ),
        (
            "optimizer.lr: {low: 0.1, high: 1, step: 0.1, log: true}",
            "1: optimizer.lr: a logarithmic range has no step\n  fix: leave out log or step",
        ),
        (
            "optimizer.lr: {low: 1e-5}",
            "1: optimizer.lr has no high\n"
            "  fix: write optimizer.lr: {low: 1e-5, high: 1e-2, log: true}",
        ),
        (
            "optimizer.lr: {}",
            "1: optimizer.lr has no low\n"
            "  fix: write optimizer.lr: {low: 1e-5, high: 1e-2, log: true}",
        ),
        (
            "optimizer.lr: {low: 1e-5, hihg: 1}",
            "1: optimizer.lr has the unknown key 'hihg'\n  fix: write high",
        ),
        (
            "optimizer:\n  lr: {low: 1e-5, high: 1}",
            "2: optimizer is a mapping with the key 'lr', and no range\n"
            "  fix: write {low: …, high: …} or a list; a place inside it as optimizer.lr",
        ),
        (
            "optimizer.lr: {low: '1e-5', high: 1}",
            "1: low of optimizer.lr must be a number, got '1e-5'\n"
            "  fix: write a number without quotes, as 1e-3",
        ),
        (
            "optimizer.lr: {low: true, high: 2}",
            "1: low of optimizer.lr must be a number, got True\n"
            "  fix: write a number without quotes, as 1e-3",
        ),
        (
            "optimizer.lr: {low: 1e-5, high: .inf}",
            "1: high of optimizer.lr must be a number, got inf\n"
            "  fix: write a number without quotes, as 1e-3",
        ),
        (
            f"seed: {{low: 0, high: 1{'0' * 400}}}",
            f"1: high of seed must be a number, got 1{'0' * 400}\n"
            "  fix: write a number without quotes, as 1e-3",
        ),
        (
            "optimizer.lr: {low: 0.1, high: 1, step: 1e-300}",
            "1: optimizer.lr: a step of 1e-300 is nearly none\n  fix: leave it out",
        ),
        (
            "phases[0].freeze: [[backbone], '[\"backbone\"]']",
            "1: phases[0].freeze must be a list, got '[\"backbone\"]'\n  fix: write freeze: […, …]",
        ),
        # values that the recipe refuses
        (
            "optimizer.lr:\n  low: -1\n  high: 1",
            f"2: optimizer.lr must be above 0, got -1\n  fix: {RANGE}",
        ),
        (
            "phases[0].epochs: {low: 1.5, high: 3}",
            f"1: phases[0].epochs must be a whole number, got 1.5\n  fix: {RANGE}",
        ),
        (
            "phases[0].epochs: {low: 1, high: 3.5}",
            f"1: phases[0].epochs must be a whole number, got 3.5\n  fix: {RANGE}",
        ),
        (
            "phases[0].epochs: {low: 1, high: 5, step: 1.5}",
            "1: phases[0].epochs is a whole number, and a step of 1.5 leaves the whole numbers\n"
            "  fix: write a whole step",
        ),
        (
            "model.backbone: {low: 1, high: 2}",
            f"1: model.backbone must be text, got 1\n  fix: {RANGE}",
        ),
        (
            "phases[1].method.threshold:\n  low: 0.7\n  high: 1.1",
            "3: phase masks, method fixmatch: threshold must be in [0, 1], got 1.1\n"
            f"  fix: {RANGE}",
        ),
        (
            "phases[0].loss.segment.dice: {low: -1, high: 1}",
            "1: loss.segment.dice: a loss's weight is a number of at least 0, got -1\n"
            f"  fix: {RANGE}",
        ),
        (
            "model.backbone:\n  - resnet18\n  - resnet118",
            "3: model.backbone: there is no backbone 'resnet118'\n  fix: write resnet",
        ),
        (
            "phases[1].method.name: [fixmatch, fixmatsch]",
            "1: there is no 'fixmatsch' among the methods\n"
            "  fix: write fixmatch",
        ),
        (
            "input.train: [weak, week]",
            "1: there is no 'week' among the policies\n  fix: write weak",
        ),
        (
            "input.train: [weak, [HorizontalFlop]]",
            "1: input.train: albumentations has no transform 'HorizontalFlop'\n"
            "  fix: write HorizontalFlip",
        ),
        (
            "optimizer.lr: [0.1, fast]",
            "1: optimizer.lr must be a number, got 'fast'\n"
            "  fix: write a number in digits, as 0.001",
        ),
        (
            "optimizer.name: [adamw, sdg]",
            "1: optimizer.name must be one of 'adamw', 'adam', 'sgd', 'lars', got 'sdg'\n"
            "  fix: write sgd",
        ),
        (
            "optimizer.lr: [0.1, .nan]",
            "1: optimizer.lr: nan is not finite\n  fix: write a finite number",
        ),
        # nothing to choose from
        (
            "optimizer.lr: 0.1",
            "1: optimizer.lr has one value, 0.1, and nothing to choose from\n"
            "  fix: write {low: …, high: …} or a list, or give the value as -o optimizer.lr=…",
        ),
        (
            "optimizer.lr: []",
            "1: optimizer.lr has 0 choices, and nothing to choose from\n"
            "  fix: write two values or more, as [weak, strong]",
        ),
        (
            "optimizer.lr: [0.1]",
            "1: optimizer.lr has 1 choice, and nothing to choose from\n"
            "  fix: write two values or more, as [weak, strong]",
        ),
        (
            "optimizer.lr: {choices: 0.1}",
            "1: optimizer.lr has no list, and nothing to choose from\n"
            "  fix: write two values or more, as [weak, strong]",
        ),
        (
            "optimizer.lr: {choices: [0.1, 0.2], low: 1}",
            "1: optimizer.lr has choices beside a range\n  fix: keep one of the two",
        ),
        (
            "optimizer.lr:\n  - 0.1\n  - 1e-1",
            "3: optimizer.lr: 0.1 stands twice\n  fix: keep one of the two",
        ),
        # the same place twice
        (
            "seed: [0, 1]\nseed: [0, 2]",
            "2: 'seed' stands twice, first on line 1\n  fix: keep one of the two",
        ),
        (
            "phases[0].epochs: [1, 2]\nphases[00].epochs: [1, 2]",
            "2: phases[00].epochs and, on line 1, phases[0].epochs are the same place\n"
            "  fix: keep one of the two",
        ),
        (
            "optimizer.lr: [0.1, 0.2]\noptimizer: [{lr: 0.1}, {lr: 0.2}]",
            "2: optimizer and, on line 1, optimizer.lr lie one in the other\n"
            "  fix: keep one of the two",
        ),
        # no space at all
        (
            "[]",
            "1: a space maps places of the recipe to what is tried there\n"
            "  fix: write optimizer.lr: {low: 1e-5, high: 1e-2, log: true}",
        ),
        (
            "seed: [0, 1",
            "1: this is not YAML: while parsing a flow sequence, expected ',' or ']', but got "
            "'<stream end>'\n  fix: close every [, { and quote",
        ),
    ],
)  # fmt: skip
def test_an_invalid_entry_is_reported_with_its_line_and_a_fix(written: str, expected: str) -> None:
    predicted = complaint(written)
    # Lists of what there is grow with podium and timm: only their beginning is held.
    is_open = expected.endswith(("it has weight, ", "write resnet"))
    assert (predicted.startswith if is_open else predicted.__eq__)(f"space.yaml:{expected}"), (
        predicted
    )


def test_an_empty_file_and_one_that_is_not_there_are_named() -> None:
    assert complaint("# nothing yet") == (
        "space.yaml: a space maps places of the recipe to what is tried there\n"
        "  fix: write optimizer.lr: {low: 1e-5, high: 1e-2, log: true}"
    )
    with pytest.raises(RecipeError, match=r"^nowhere\.yaml: there is no such file"):
        read_space(Path("nowhere.yaml"), Path("base.yaml"))


def test_a_recipe_that_is_wrong_by_itself_is_reported_as_such() -> None:
    Path("base.yaml").write_text(RECIPE.replace("threshold: 0.9", "threshold: 9"))
    predicted = complaint("seed: [0, 1]")
    fault = "base.yaml:9: phase masks, method fixmatch: threshold must be in [0, 1], got 9"
    assert predicted.startswith(fault)


def test_parts_of_the_users_own_are_looked_for_in_the_workspace(tmp_path: Path) -> None:
    Path("base.yaml").write_text(RECIPE)
    Path("space.yaml").write_text("phases[0].loss.classify: [{ce: 1}, {'our_space_loss:loss': 1}]")
    (tmp_path / "our_space_loss.py").write_text("def loss(logits, target, given): return 0\n")
    read_space(Path("space.yaml"), Path("base.yaml"), root=tmp_path)
    Path("space.yaml").write_text("phases[0].loss.classify: [{ce: 1}, {'our_space_loss:los': 1}]")
    with pytest.raises(RecipeError, match=r"space\.yaml:1: .*there is no los in it"):
        read_space(Path("space.yaml"), Path("base.yaml"), root=tmp_path)


_WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=8)
_FINITE = st.floats(allow_nan=False, allow_infinity=False)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | _FINITE | _WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_WORDS, inner, max_size=3),
    max_leaves=5,
)


@settings(max_examples=60, deadline=None)
@given(value=_JSON)
@example(value=["\U0001f600", "a\nb", "yes", "1e3", ""])
def test_whatever_is_drawn_reaches_the_recipe_unchanged(
    value: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "round-trip.yaml"
    file.write_text(RECIPE)
    place = "model.options.anything"
    overrides = overrides_of({place: value, "optimizer.lr": 1e-07})
    recipe = load_recipe(file, overrides)
    assert recipe.model.options["anything"] == value
    assert json.dumps(recipe.model.options["anything"]) == json.dumps(value)  # 1 is no 1.0
    assert recipe.optimizer.lr == 1e-07


@st.composite
def _domains(draw: st.DrawFn) -> tuple[str, Any]:
    """Give a place of the recipe and what a file may write there."""
    kind = draw(st.sampled_from(["lr", "epochs", "size", "momentum", "choices"]))
    if kind == "choices":
        words = st.sampled_from(["weak", "strong", "medium", "none"])
        return "input.train", draw(st.lists(words, min_size=2, max_size=4, unique=True))
    if kind == "lr":
        ends = st.floats(1e-8, 10, exclude_max=True)
        low, high = sorted(draw(st.tuples(ends, ends).filter(lambda pair: pair[0] != pair[1])))
        return "optimizer.lr", {"low": low, "high": high, "log": draw(st.booleans())}
    if kind == "momentum":
        hundredths = st.integers(0, 100)
        first, last = sorted(draw(st.sets(hundredths, min_size=2, max_size=2)))
        step = draw(st.integers(1, last - first))
        ends = {"low": first / 100, "high": last / 100, "step": step / 100}
        return "optimizer.momentum", ends
    place = "phases[1].epochs" if kind == "epochs" else "input.size"
    low = draw(st.integers(1, 100))
    high = low + draw(st.integers(1, 300))
    if kind == "epochs":
        return place, {"low": low, "high": high, "log": draw(st.booleans())}
    return place, {"low": low, "high": high, "step": draw(st.integers(1, high - low))}


@settings(max_examples=25, deadline=None)
@given(written=st.lists(_domains(), min_size=1, max_size=3, unique_by=lambda one: one[0]))
def test_what_a_space_draws_is_taken_by_the_recipe_and_found_in_it_again(
    written: list[tuple[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    import optuna

    folder = tmp_path_factory.getbasetemp()
    recipe_file, file = folder / "drawn.yaml", folder / "drawn-space.yaml"
    recipe_file.write_text(RECIPE)
    file.write_text(dump_yaml(dict(written)))
    space = read_space(file, recipe_file)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    for _ in range(3):
        values = space.drawn(study.ask())
        recipe = load_recipe(recipe_file, overrides_of(values))
        found = values_of(recipe, space)
        assert found is not None
        assert found == pytest.approx(values) if "input.train" not in values else found == values
        assert {name: type(value) for name, value in found.items()} == {
            name: type(value) for name, value in values.items()
        }


def recipe_values(space: SearchSpace, *overrides: str) -> dict[str, Any] | None:
    recipe: Recipe = load_recipe(Path("base.yaml"), overrides)
    return values_of(recipe, space)


def one(name: str, domain: NumberRange | CategoricalValues) -> SearchSpace:
    return SearchSpace((SearchParameter(name, domain),))


@pytest.mark.parametrize(
    ("space", "override", "expected"),
    [
        (one("optimizer.lr", NumberRange(1e-5, 1e-2)), "optimizer.lr=1e-3", 0.001),
        (one("optimizer.lr", NumberRange(1e-5, 1e-2)), "optimizer.lr=1e-5", 1e-5),
        (one("optimizer.lr", NumberRange(1e-5, 1e-2)), "optimizer.lr=0.1", None),
        (one("optimizer.momentum", NumberRange(0.0, 1.0)), "seed=0", 0.9),  # the default
        (one("optimizer.momentum", NumberRange(0.0, 0.9, step=0.3)), "seed=0", 0.9),
        (one("optimizer.momentum", NumberRange(0.0, 1.0, step=0.25)), "seed=0", None),
        (one("phases[1].epochs", NumberRange(1, 5)), "seed=0", 3),
        (one("phases[1].epochs", NumberRange(2, 6, step=2)), "seed=0", None),
        (one("phases[2].epochs", NumberRange(1, 5)), "seed=0", None),
        (one("input.size", NumberRange(32, 96, step=32)), "seed=0", 64),
        (one("input.size", NumberRange(32, 96, step=32)), "input.size=[64, 64]", None),
        (one("phases[1].method.threshold", NumberRange(0.7, 0.99)), "seed=0", 0.9),
        (one("phases[1].method.weight", NumberRange(0.7, 0.99)), "seed=0", None),  # not written
        (one("phases[0].loss.segment.ce", NumberRange(0.0, 2.0)), "seed=0", 1.0),
        (one("model.pretrained", NumberRange(0, 1)), "seed=0", None),  # false is no 0
        (one("model.backbone", CategoricalValues(("cnn", "resnet18"))), "seed=0", "resnet18"),
        (one("model.backbone", CategoricalValues(("cnn", "resnet34"))), "seed=0", None),
        (
            one("mix", CategoricalValues(({"mixup": 0.2}, {"cutmix": 1}))),
            "mix.cutmix=1",
            {"cutmix": 1},
        ),
        (one("ema_decay", CategoricalValues((0.99, None))), "seed=0", None),
        (one("input.size", CategoricalValues((32, [64, 48]))), "input.size=[64, 48]", [64, 48]),
        (one("phases[5].freeze", CategoricalValues(([], ["backbone"]))), "seed=0", None),
    ],
)
def test_a_recipe_stands_where_its_values_are(
    space: SearchSpace, override: str, expected: Any
) -> None:
    found = recipe_values(space, override)
    name = space.parameters[0].name
    if name == "ema_decay":  # where null is the value
        assert found == {"ema_decay": None}
    else:
        assert found == (None if expected is None else {name: expected})
        assert found is None or type(found[name]) is type(expected)


def test_a_recipe_that_is_outside_of_one_place_is_outside() -> None:
    inside = SearchParameter("optimizer.lr", NumberRange(1e-5, 1e-2))
    outside = SearchParameter("phases[1].epochs", NumberRange(4, 6))
    recipe = load_recipe(Path("base.yaml"))
    assert values_of(recipe, SearchSpace((inside,))) == {"optimizer.lr": 0.001}
    assert values_of(recipe, SearchSpace((inside, outside))) is None
