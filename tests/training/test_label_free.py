"""Runs whose phases all learn without labels: one network, no folds, something to start from."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import mask_miniatures
import numpy as np
import pytest
import torch
import yaml
from PIL import Image
from recorded_progress import RecordedProgress
from training.method_recipes import RECIPES, write
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition.spec import load_competition
from podium.errors import RecipeError, RunError, UsageError
from podium.predictions.snapshots import read_epoch_features
from podium.reporting.entries import runs_of
from podium.training.inference.prediction_sets import predict
from podium.training.loss_search import trial_metrics
from podium.training.recipe import load_recipe
from podium.training.runs.history import phase_scores, read_metrics
from podium.training.runs.soup import make_soup
from podium.training.runs.train import Trained, train
from podium.workflows.blends.blending import blend_runs
from podium.workflows.pseudo.teachers import find_teachers
from podium.workspace.layout import Workspace
from podium.workspace.ledger import Ledger
from podium.workspace.records import read_record, scan

BYOL = "{name: byol, hidden: 16, size: 8}"
MODEL = """\
model:
  backbone: cnn
  pretrained: false
  options: {widths: [8, 16]}
"""
IMAGES = f"""\
seed: 0
{MODEL}input: {{size: 32}}
batch_size: 8
unlabelled: [train, test]
phases:
  - {{name: images, epochs: 2, steps_per_epoch: 2, method: {BYOL}}}
"""
LABELS = f"""\
seed: 1
{MODEL}input: {{size: 32}}
batch_size: 8
phases:
  - {{name: labels, epochs: 1, steps_per_epoch: 1}}
"""
BY_FOLDS = f"""\
{MODEL}input: {{size: 32}}
batch_size: 8
phases:
  - {{name: images, epochs: 1, steps_per_epoch: 1, method: {BYOL}}}
  - {{name: labels, epochs: 1, steps_per_epoch: 1}}
"""

Made = tuple[Any, Any]


def with_recipes(made: Made) -> Made:
    for name, text in (("images", IMAGES), ("labels", LABELS), ("both", BY_FOLDS)):
        (made[0].recipes / f"{name}.yaml").write_text(text)
    return made


def go(made: Made, recipe: str, *overrides: str, **options: Any) -> Trained:
    workspace, _ = made
    competition = load_competition(workspace.root)
    file = workspace.recipes / f"{recipe}.yaml"
    return train(workspace, competition, file, overrides=overrides, **options)


def weights(trained: Trained, fold: int | str) -> dict[str, torch.Tensor]:
    state = torch.load(trained.run / f"fold-{fold}/last.pt", weights_only=True)
    return dict(state["network"])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory, make_in: Callable[..., Made]) -> Any:
    """Return a workspace in which `images` is trained, its messages, and the run."""
    made = with_recipes(make_in(tmp_path_factory.mktemp("module") / "ws"))
    progress = RecordedProgress()
    return made, progress.lines, go(made, "images", progress=progress)


@pytest.fixture
def copied(tmp_path: Path, trained: Any) -> tuple[Made, Trained]:
    """Return a copy of the same workspace, to change."""
    (workspace, _), _, run = trained
    shutil.copytree(workspace.root, tmp_path / "copy")
    root = tmp_path / "copy"
    return (type(workspace)(root), load_competition(root)), run


def test_one_network_is_trained_on_all_images_and_predicts_nothing(trained: Any) -> None:
    (workspace, _), told, run = trained
    assert run.without_labels
    assert (run.finished, run.missing, run.stopped, run.scores) == ((), (), None, {})
    assert sorted(one.name for one in run.run.glob("fold-*")) == ["fold-full"]
    assert not (run.run / "predictions").exists()
    record = read_record(run.run)
    assert record.status == "finished"
    assert record.details["without_labels"] is True
    facts = record.details["folds"]["full"]
    assert facts["pools"] == {"unlabelled": 42, "images": {"train": 36, "test": 6}}
    assert "sibling" not in facts
    lines = [line for line in told if "6 test" in line]
    assert len(lines) == 1, "that test images are seen is said once"
    (listed,) = Ledger(workspace).artefacts() if Ledger(workspace).refresh() else ()
    assert listed.details["without_labels"] is True


def test_its_network_is_a_backbone_without_heads_or_decoder(trained: Any) -> None:
    _, _, run = trained
    assert {name.split(".")[0] for name in weights(run, "full")} == {"backbone"}


@pytest.mark.slow
@pytest.mark.other_cases("long")
@pytest.mark.parametrize("backbone", ["cnn", "test_resnet"])
def test_a_start_without_decoder_fits_a_network_with_masks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backbone: str
) -> None:
    root = tmp_path / "ws"
    spec = mask_miniatures.pictures_and_masks(root / "data", n=24, n_test=3, size=40).spec
    root.joinpath("competition.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    workspace = Workspace(root)
    workspace.recipes.mkdir()
    made = with_recipes((workspace, None))
    network = [f"model.backbone={backbone}", "model.heads={segment: {decoder: unet}}"]
    network += ["model.options={}"] if backbone == "test_resnet" else []

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a decoder was looked for")

    with monkeypatch.context() as patched:
        patched.setattr("podium.models.network.load_decoder", never)
        patched.setattr("podium.models.heads.segment.load_decoder", never)
        source = go(made, "images", *network)
    theirs = weights(source, "full")
    assert {name.split(".")[0] for name in theirs} == {"backbone"}
    run = go(made, "labels", *network, "model.from=images", "optimizer.lr=1e-12", folds=[0])
    ours = weights(run, 0)
    learnt = [name for name in theirs if name.endswith("weight")]
    assert learnt
    assert all(torch.allclose(ours[name], theirs[name], atol=1e-6) for name in learnt)


def test_the_same_command_does_nothing_to_a_finished_run(copied: tuple[Made, Trained]) -> None:
    made, run = copied
    file = made[0].runs / run.run.name / "fold-full/last.pt"
    before = file.stat().st_mtime_ns
    progress = RecordedProgress()
    seen: list[tuple[object, object]] = []
    again = go(
        made, "images", progress=progress, watch=lambda k, row: seen.append((k, row["epoch"]))
    )
    assert again.run.name == run.run.name
    assert file.stat().st_mtime_ns == before
    assert seen == [("full", 1), ("full", 2)]
    assert not any("test" in line for line in progress.lines)


def test_a_run_that_was_stopped_goes_on_to_the_same_weights(
    trained: Any, tmp_path: Path, make_in: Callable[..., Made]
) -> None:
    _, _, whole = trained
    made = with_recipes(make_in(tmp_path / "ws"))

    def stop(_: object, row: dict[str, Any]) -> None:
        if row["epoch"] == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        go(made, "images", watch=stop)
    assert read_record(next(made[0].runs.iterdir())).status == "unfinished"
    timed = go(made, "images", max_time_s=0.0)
    assert timed.stopped is not None
    resumed = go(made, "images")
    assert resumed.run.name == whole.run.name
    one, other = weights(whole, "full"), weights(resumed, "full")
    assert all(torch.equal(one[name], other[name]) for name in one)


def relabel(root: Path) -> None:
    table = root / "data/train.csv"
    table.write_text(table.read_text().replace("red", "x").replace("blue", "red"))
    table.write_text(table.read_text().replace("x", "blue"))


def refold(root: Path) -> None:
    text = (root / "competition.yaml").read_text()
    (root / "competition.yaml").write_text(text.replace("n: 3", "n: 2"))
    (root / "folds.csv").unlink(missing_ok=True)


def rename(root: Path) -> None:
    for file in ("competition.yaml", "data/train.csv"):
        text = (root / file).read_text()
        (root / file).write_text(text.replace("green", "verdant"))


def repaint(root: Path, split: str = "train") -> None:
    file = min((root / "data" / split).iterdir())
    Image.fromarray(np.zeros((40, 36, 3), np.uint8)).save(file)


def repaint_test(root: Path) -> None:
    repaint(root, "test")


@pytest.mark.parametrize(
    ("change", "is_same"),
    [
        (relabel, True),
        (refold, True),
        (rename, True),
        (repaint, False),
        (repaint_test, False),
    ],
)
def test_its_id_hashes_images_and_nothing_of_labels_and_folds(
    copied: tuple[Made, Trained], change: Callable[[Path], None], is_same: bool
) -> None:
    made, run = copied
    change(made[0].root)
    went = go(made, "images", max_time_s=0.0)
    assert (went.run.name == run.run.name) == is_same


@pytest.mark.parametrize(
    ("override", "is_same"),
    [
        ("model.heads={classify: {dropout: 0.5}}", True),
        ("loggers=[csv]", True),
        ("unlabelled=[train]", False),
        ("input.size=48", False),
        ("seed=5", False),
    ],
)
def test_its_id_hashes_what_the_recipe_changes(
    copied: tuple[Made, Trained], override: str, is_same: bool
) -> None:
    made, run = copied
    went = go(made, "images", override, max_time_s=0.0)
    assert (went.run.name == run.run.name) == is_same


def test_test_images_count_only_where_they_are_named(copied: tuple[Made, Trained]) -> None:
    made, _ = copied
    alone = go(made, "images", "unlabelled=[train]", max_time_s=0.0)
    repaint_test(made[0].root)
    assert go(made, "images", "unlabelled=[train]", max_time_s=0.0).run == alone.run


def test_folds_csv_is_not_required(tmp_path: Path, make_in: Callable[..., Made]) -> None:
    made = with_recipes(make_in(tmp_path / "ws"))
    go(made, "images", max_time_s=0.0)
    assert not (made[0].root / "folds.csv").exists()


def test_folds_are_refused(copied: tuple[Made, Trained]) -> None:
    with pytest.raises(UsageError, match="without labels"):
        go(copied[0], "images", folds=[0])


@pytest.mark.parametrize(
    ("override", "where"),
    [
        ("class_weights=balanced", "class_weights"),
        ("label_smoothing=0.1", "label_smoothing"),
        ("sampling=balanced", "sampling"),
        ("phases.0.loss={classify: {ce: 1}}", "loss"),
        ("phases.0.early_stopping={patience: 2}", "images"),
        ("checkpoint=best", "images"),
    ],
)
def test_options_that_need_labels_are_refused(
    copied: tuple[Made, Trained], override: str, where: str
) -> None:
    overrides = [override]
    if override.startswith("phases.0."):
        key = override.removeprefix("phases.0.").replace("=", ": ", 1)
        overrides = [f"phases=[{{name: images, epochs: 1, method: {BYOL}, {key}}}]"]
    with pytest.raises(RecipeError) as raised:
        go(copied[0], "images", *overrides)
    assert where in str(raised.value)


def test_phases_with_and_without_labels_in_one_recipe_are_trained_by_folds(
    copied: tuple[Made, Trained],
) -> None:
    run = go(copied[0], "both", folds=[0])
    assert not run.without_labels
    assert run.finished == (0,)


def test_every_fold_starts_from_its_backbone(
    copied: tuple[Made, Trained], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, source = copied
    refold(made[0].root)  # other folds than there may have been
    starts: list[dict[str, torch.Tensor]] = []
    from podium.training.fit import fold as fitting

    load = fitting._start_from

    def note(*given: Any) -> Any:
        found = load(*given)
        network = next(one for one in given if isinstance(one, torch.nn.Module))
        starts.append({name: one.clone() for name, one in network.state_dict().items()})
        return found

    monkeypatch.setattr(fitting, "_start_from", note)
    progress = RecordedProgress()
    run = go(made, "labels", "model.from=images", full=True, progress=progress)
    assert run.finished == (0, 1)
    theirs = weights(source, "full")
    assert len(starts) == 3
    for one in starts:
        assert all(torch.equal(one[name], theirs[name]) for name in theirs)
    assert any(name.startswith("heads.") for name in starts[0])
    record = read_record(run.run)
    assert record.parents == [source.run.name]
    facts = record.details["folds"]["0"]["start"]
    assert facts["without_labels"] == [source.run.name]
    assert facts["images"] == ["train", "test"]
    assert facts["validation_images"] == record.details["folds"]["0"]["rows"]["valid"] == 18
    lines = [
        line for line in progress.lines if "was trained on 18 of its 18 validation images" in line
    ]
    assert len(lines) == 2, "once a fold"


def test_a_start_trained_on_none_of_a_folds_images_is_not_reported(
    copied: tuple[Made, Trained],
) -> None:
    made, _ = copied
    go(made, "images", "unlabelled=[test]", name="aside")
    progress = RecordedProgress()
    run = go(made, "labels", "model.from=aside", folds=[0], progress=progress)
    assert read_record(run.run).details["folds"]["0"]["start"]["validation_images"] == 0
    assert not any("was trained on" in line for line in progress.lines)


def test_a_chain_of_such_runs_is_followed(copied: tuple[Made, Trained]) -> None:
    made, first = copied
    second = go(made, "images", f"model.from={first.run.name}", "unlabelled=[test]", name="second")
    assert second.without_labels
    run = go(made, "labels", "model.from=second", folds=[0])
    facts = read_record(run.run).details["folds"]["0"]["start"]
    assert facts["without_labels"] == [second.run.name, first.run.name]
    assert facts["validation_images"] == 12, "the first saw the training images"


def test_label_free_run_cannot_start_from_a_supervised_run(copied: tuple[Made, Trained]) -> None:
    made, _ = copied
    go(made, "labels", full=True)
    with pytest.raises(RecipeError, match="learnt from labels"):
        go(made, "images", "model.from=labels")


def test_it_cannot_start_from_a_file_of_such_a_run_either(copied: tuple[Made, Trained]) -> None:
    made, images = copied
    labelled = go(made, "labels", folds=[0])
    with pytest.raises(RecipeError, match="learnt from labels"):
        go(made, "images", f"model.weights=runs/{labelled.run.name}/fold-0/last.pt")
    go(made, "images", f"model.weights=runs/{images.run.name}/fold-full/last.pt")


def test_predicting_with_a_run_without_labels_is_refused(copied: tuple[Made, Trained]) -> None:
    (workspace, _), run = copied
    other = go(copied[0], "images", max_time_s=0.0, again=1)
    competition = load_competition(workspace.root)
    there = workspace.runs / run.run.name
    calls: list[Callable[[], object]] = [
        lambda: predict(workspace, competition, there),
        lambda: blend_runs(workspace, competition, [run.run.name]),
        lambda: make_soup(workspace, competition, [run.run.name, other.run.name]),
        lambda: find_teachers(workspace, competition, run.run.name),
    ]
    for call in calls:
        with pytest.raises(RunError, match="trained without labels") as raised:
            call()
        assert f"model.from={run.run.name}" in str(raised.value.fix)
    with pytest.raises(RecipeError, match="no phase of this recipe learns from labels"):
        trial_metrics(competition, load_recipe(workspace.recipes / "images.yaml"))


def test_a_blend_of_all_runs_leaves_it_out(copied: tuple[Made, Trained]) -> None:
    (workspace, _), run = copied
    competition = load_competition(workspace.root)
    progress = RecordedProgress()
    with pytest.raises(UsageError, match="no finished run"):
        blend_runs(workspace, competition, progress=progress)
    assert not any(run.run.name in line for line in progress.lines)


def test_its_stages_are_those_of_its_one_network(trained: Any) -> None:
    _, _, run = trained
    assert [(one.phase, one.epochs) for one in phase_scores(run.run)] == [
        ("start", (0,)),
        ("images", (2,)),
    ]


def test_the_report_and_the_screen_list_its_training_images(
    copied: tuple[Made, Trained],
) -> None:
    (workspace, competition), run = copied

    def shown(*words: str) -> str:
        done = CliRunner().invoke(app, ["-w", str(workspace.root), *words])
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    (entry,) = runs_of(scan(workspace), competition)
    assert entry.images == {"train": 36, "test": 6}
    assert (entry.status, entry.oof, entry.folds) == ("finished", None, {})
    assert "36 train, 6 test" in shown("show", "images")
    assert f"model.from={run.run.name}" in shown("show", "images")
    assert "finished, without labels" in shown("ledger", "show")
    assert f"model.from={run.run.name}" in shown("train", "images")
    go((workspace, competition), "labels", "model.from=images")
    assert "was trained on 36 validation images" in shown("show", "labels")


LABEL_FREE = [
    name
    for name, one in RECIPES.items()
    if len(one["phases"]) == 2 and not name.startswith("linear_probe")
]
# They keep modules of the same kinds beside the backbone as BYOL, SimCLR and DINO do.
ALIKE = ("simsiam", "barlow_twins", "dino-of-another")


@pytest.mark.other_cases("slow", every=3)
@pytest.mark.parametrize(
    "name",
    [
        pytest.param(one, marks=[pytest.mark.slow, pytest.mark.long] if one in ALIKE else [])
        for one in LABEL_FREE
    ],
)
def test_every_method_without_labels_makes_a_start_with_probes_and_snapshots(
    tmp_path: Path, name: str
) -> None:
    workspace = write(name, tmp_path / "ws")
    file = workspace.recipes / "tiny.yaml"
    recipe = yaml.safe_load(file.read_text())
    images, labels = recipe["phases"]
    short = {**images, "epochs": 1, "steps_per_epoch": 2, "probe": {"knn": 3, "linear": False}}
    recipe["keep"] = {"epochs": ["last"], "features": 4}
    (workspace.recipes / "images.yaml").write_text(yaml.safe_dump({**recipe, "phases": [short]}))
    run = go((workspace, None), "images")
    assert run.without_labels
    theirs = weights(run, "full")
    assert {key.split(".")[0] for key in theirs} == {"backbone"}
    (row,) = read_metrics(run.run / "fold-full/metrics.csv")
    assert 0 <= float(row["knn"]) <= 1
    (one,) = read_epoch_features(run.run, "full")
    assert one.features.shape[0] == 4
    del recipe["keep"]
    recipe["model"]["from"] = "images"
    file.write_text(yaml.safe_dump({**recipe, "phases": [{**labels, "steps_per_epoch": 1}]}))
    assert go((workspace, None), "tiny", folds=[0]).finished == (0,)


def test_an_outer_fold_is_not_used_without_labels_either(copied: tuple[Made, Trained]) -> None:
    made, whole = copied
    run = go(made, "images", outer_fold=0)
    assert run.run.name != whole.run.name
    facts = read_record(run.run).details["folds"]["full"]["pools"]
    assert facts["images"] == {"train": 24, "test": 6}
