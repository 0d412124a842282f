from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import mask_miniatures
import numpy as np
import pytest
import yaml
from PIL import Image

from podium.competition.folds.file import ensure_folds
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.errors import RecipeError
from podium.training.recipe import Recipe, load_recipe
from podium.training.runs.content import content_digest
from podium.training.runs.ids import TRAINING_FORMAT, prediction_id, run_id
from podium.workspace.ids import short_digest
from podium.workspace.layout import Workspace


def identity(
    workspace: Workspace, overrides: tuple[str, ...] = (), again: int = 0, name: str = "tiny"
) -> str:
    competition = load_competition(workspace.root)
    samples = load_samples(competition, "train")
    return run_id(
        workspace,
        competition,
        load_recipe(workspace.recipes / "tiny.yaml", overrides),
        name=name,
        samples=samples,
        folds=ensure_folds(workspace, competition, samples),
        again=again,
    )[0]


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


@pytest.mark.parametrize(
    "override",
    [
        "predict.tta=[hflip]",
        "predict.batch_size=3",
        "workers=2",
        "devices=2",
        "loggers=[csv]",
        "batch_size=8",
    ],
)
def test_what_cannot_change_a_weight_keeps_the_id(make: Callable, override: str) -> None:
    workspace, _ = make()
    assert identity(workspace) == identity(workspace, (override,))


@pytest.mark.parametrize(
    "override",
    ["seed=1", "optimizer.lr=0.02", "input.size=48", "checkpoint=best", "phases[1].epochs=3"],
)
def test_what_changes_the_weights_changes_the_id(make: Callable, override: str) -> None:
    workspace, _ = make()
    assert identity(workspace) != identity(workspace, (override,))


def test_a_default_that_is_written_out_is_the_same_recipe(make: Callable) -> None:
    workspace, _ = make()
    assert identity(workspace) == identity(workspace, ("optimizer.momentum=0.9", "accumulate=1"))


def test_quota_metric_and_sample_path_keep_the_id(make: Callable) -> None:
    workspace, _ = make(extra="submission: {sample: a.csv}\nkaggle: {daily_limit: 5}\n")
    before = identity(workspace)
    rewrite(workspace.competition_file, "daily_limit: 5", "daily_limit: 2")
    rewrite(workspace.competition_file, "a.csv", "elsewhere/b.csv")
    rewrite(workspace.competition_file, "name: accuracy", "name: log_loss")
    assert identity(workspace) == before


def test_the_metric_counts_where_it_chooses_the_checkpoint(make: Callable) -> None:
    workspace, _ = make()
    before = identity(workspace, ("checkpoint=best",))
    rewrite(workspace.competition_file, "name: accuracy", "name: log_loss")
    assert identity(workspace, ("checkpoint=best",)) != before


def test_moving_the_images_keeps_the_id(make: Callable) -> None:
    workspace, _ = make()
    before = identity(workspace)
    (workspace.root / "data/train").rename(workspace.root / "data/moved")
    rewrite(workspace.competition_file, "data/train/{id}", "data/moved/{id}")
    assert identity(workspace) == before


def test_one_changed_training_image_changes_the_id(make: Callable) -> None:
    workspace, _ = make()
    before = identity(workspace)
    file = workspace.root / "data/train/0007.png"
    pixels = np.array(Image.open(file))
    pixels[0, 0, 0] ^= 1
    Image.fromarray(pixels).save(file)
    assert identity(workspace) != before


def test_one_changed_test_image_keeps_the_run_and_changes_the_predictions(make: Callable) -> None:
    workspace, competition = make()

    def digest() -> str:
        test = load_samples(competition, "test")
        return content_digest(workspace, competition, test)

    before, contents = identity(workspace), digest()
    Image.new("RGB", (40, 40)).save(workspace.root / "data/test/0036.png")
    assert identity(workspace) == before
    assert digest() != contents


def test_a_changed_label_changes_the_id(make: Callable) -> None:
    workspace, _ = make()
    before = identity(workspace)
    rewrite(workspace.root / "data/train.csv", "0003,red", "0003,green")
    assert identity(workspace) != before


def test_other_folds_change_the_id_and_another_row_order_in_their_file_does_not(
    make: Callable,
) -> None:
    workspace, _ = make()
    before = identity(workspace)
    header, *rows = workspace.folds_file.read_text().splitlines()
    workspace.folds_file.write_text("\n".join([header, *reversed(rows)]) + "\n")
    assert identity(workspace) == before
    first, second = rows[0].split(","), next(r for r in rows if r[-1] != rows[0][-1]).split(",")
    swapped = {first[0]: second[1], second[0]: first[1]}
    lines = [f"{i},{swapped.get(i, k)}" for i, k in (row.split(",") for row in rows)]
    workspace.folds_file.write_text("\n".join([header, *lines]) + "\n")
    assert identity(workspace) != before


def test_the_weight_files_content_counts_and_its_place_does_not(make: Callable) -> None:
    workspace, _ = make()
    weights = workspace.root / "start.pth"
    weights.write_bytes(b"one")
    before = identity(workspace, ("model.weights=start.pth",))
    weights.write_bytes(b"other")
    assert identity(workspace, ("model.weights=start.pth",)) != before
    assert before != identity(workspace)


def test_the_source_of_a_foreign_module_counts(
    make: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, _ = make()
    module = tmp_path / "my_losses_7.py"
    module.write_text("LOSS = 1\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    override = ('phases[0].loss={classify: {"my_losses_7:LOSS": 1}}',)
    before = identity(workspace, override)
    module.write_text("LOSS = 2\n")
    assert identity(workspace, override) != before


def test_a_missing_foreign_module_is_named(make: Callable) -> None:
    workspace, _ = make()
    with pytest.raises(RecipeError, match="no_such_module"):
        identity(workspace, ("phases[0].method.name=no_such_module:METHOD",))


def test_again_and_the_name_make_another_id(make: Callable) -> None:
    workspace, _ = make()
    first = identity(workspace)
    assert identity(workspace, again=1) != first
    assert identity(workspace, name="other") == first.replace("tiny", "other")


def test_views_checkpoint_rule_and_contents_name_a_prediction_set() -> None:
    def named(**change: object) -> str:
        usual = {"checkpoint": "last", "views": ("identity",), "contents": {"test": "aa"}}
        return prediction_id("run-1", **{**usual, **change})  # type: ignore[arg-type]

    others = [
        named(),
        named(checkpoint="best"),
        named(views=("identity", "hflip")),
        named(contents={"test": "bb"}),
        named(mean="geometric"),
        named(views=("hflip",)),
        prediction_id("run-2", checkpoint="last", views=("identity",), contents={"test": "aa"}),
    ]
    assert len(set(others)) == len(others)
    assert named() == named() == named(mean="mean") == "4ae61b97"


def test_a_changed_default_is_noticed() -> None:
    # The ids leave defaults out. If a default changed here, raise TRAINING_FORMAT; if a key is new
    # and its default keeps the old results, only this digest changes.
    recipe = Recipe.model_validate({"phases": [{"name": "a", "epochs": 1}]})
    known = (TRAINING_FORMAT, short_digest(recipe.model_dump(mode="json")))
    assert known == (2, "13274d1f")


@pytest.mark.slow
def test_naming_a_run_needs_no_torch() -> None:
    code = (
        "import sys; import podium.training.runs.ids, podium.training.runs.train;"
        "heavy = ('torch', 'timm', 'lightning_fabric', 'albumentations');"
        "print([m for m in heavy if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_balanced_sampling_balances_is_in_the_id(tmp_path: Path) -> None:
    """Of two tasks it is the scored one, which no other key of a run's id contains."""
    miniature = mask_miniatures.pictures_and_masks(tmp_path / "data", n=4, n_test=1, size=8)
    workspace = Workspace(tmp_path)
    workspace.recipes.mkdir()
    (workspace.recipes / "tiny.yaml").write_text("phases: [{name: a, epochs: 1}]\n")

    def ids(*overrides: str) -> list[str]:
        found = []
        for metric in ({"name": "mean_dice"}, {"name": "accuracy", "task": "classify"}):
            spec = {**miniature.spec, "metric": metric, "folds": {"n": 2}}
            workspace.competition_file.write_text(yaml.safe_dump(spec))
            found.append(identity(workspace, overrides))
        return found

    assert len(set(ids("sampling=balanced"))) == 2
    assert len(set(ids())) == 1
    assert len(set(ids("sampling=balanced", "model.heads={classify: {}}"))) == 1


OWN = {
    "my_parts.py": "from my_helper import ONE\nLOSS = METHOD = POLICY = METRIC = read = ONE\n",
    "my_helper.py": "ONE = 1\n",
}
NAMED = [
    ('phases[0].loss={classify: {"my_parts:LOSS": 1}}',),
    ("phases[0].method.name=my_parts:METHOD",),
    ("input.train=my_parts:POLICY",),
    ("model.backbone=my_parts:build",),
    ('model.heads={classify: {head: "my_parts:build"}}',),
]


def own_parts(workspace: Workspace) -> None:
    for name, text in OWN.items():
        (workspace.root / name).write_text(text)


@pytest.mark.parametrize("overrides", NAMED, ids=lambda one: one[0].split("=")[0])
def test_a_helper_of_an_own_part_changes_the_id_and_a_readme_does_not(
    make: Callable, overrides: tuple[str, ...]
) -> None:
    workspace, _ = make()
    own_parts(workspace)
    before = identity(workspace, overrides)
    (workspace.root / "README.md").write_text("About it.\n")
    (workspace.root / "my_other.py").write_text("import my_parts\n")
    assert identity(workspace, overrides) == before
    (workspace.root / "my_helper.py").write_text("ONE = 2\n")
    edited = identity(workspace, overrides)
    (workspace.root / "my_parts.py").write_text(OWN["my_parts.py"] + "# edited\n")
    assert len({before, edited, identity(workspace, overrides)}) == 3


def test_the_code_of_an_own_reader_counts(make: Callable) -> None:
    workspace, _ = make()
    own_parts(workspace)
    plain = identity(workspace)
    rewrite(workspace.competition_file, "data:\n", "data:\n  reader: my_parts:read\n")
    before = identity(workspace)
    (workspace.root / "my_helper.py").write_text("ONE = 2\n")
    assert len({plain, before, identity(workspace)}) == 3


def test_the_code_of_an_own_metric_counts_where_it_chooses_the_weights(make: Callable) -> None:
    workspace, _ = make(metric="my_parts:METRIC")
    own_parts(workspace)
    last, best = (), ("checkpoint=best",)
    before = [identity(workspace, one) for one in (last, best)]
    (workspace.root / "my_helper.py").write_text("ONE = 2\n")
    after = [identity(workspace, one) for one in (last, best)]
    assert after[0] == before[0]
    assert after[1] != before[1]


def test_a_user_file_with_a_syntax_error_is_reported_before_anything_is_read(
    make: Callable,
) -> None:
    workspace, _ = make()
    (workspace.root / "my_parts.py").write_text("x = 1\ndef f(:\n")
    with pytest.raises(RecipeError, match="no Python") as caught:
        identity(workspace, NAMED[0])
    assert caught.value.where == "my_parts.py:2"
