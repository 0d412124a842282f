"""Runs of one network of all labels, without folds: trained, sent, refused, and given folds."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import mask_miniatures
import numpy as np
import pytest
import torch
from command_line import podium
from PIL import Image

from podium.competition.spec import Competition, load_competition
from podium.errors import PodiumError, RunError, UsageError
from podium.hosting import init_host
from podium.predictions import PredictionSet
from podium.training.runs.history import HistoryRow
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs, tune_decisions
from podium.workflows.initialising import init_workspace
from podium.workflows.status import next_commands, workspace_status
from podium.workflows.submission.all_labels import stand_in_of
from podium.workflows.submission.submitting import load_board, submit
from podium.workspace.layout import Workspace
from podium.workspace.records import is_of_all_labels, read_record, write_record
from tests import search_workspaces
from tests.plain_runs import runs_of
from tests.recorded_progress import RecordedProgress

MASKS = """\
model:
  {backbone: cnn, pretrained: false, options: {widths: [8]}, heads: {segment: {decoder: linear}}}
input: {size: 32, train: none}
optimizer: {name: adamw, lr: 3e-2}
batch_size: 4
phases: [{name: only, epochs: 8}]
"""
ALONE = ("--folds", "none", "--full")
CLASS_OF = {"0": 0, "1": 1, "red": 0, "green": 1}


def made_in(root: Path, *, recipe: str = search_workspaces.RECIPE) -> tuple[Workspace, Competition]:
    """Return a workspace whose metric scores decisions, with ten test images."""
    search_workspaces.workspace(root, recipe=recipe)
    rng = np.random.default_rng(1)
    for i in range(2, 10):
        noise = rng.integers(0, 255, (16, 16, 3)).astype(np.uint8)
        Image.fromarray(noise).save(root / f"data/test/{i:02d}.png")
    file = root / "competition.yaml"
    file.write_text(file.read_text().replace("log_loss", "accuracy"))
    return Workspace(root), load_competition(root)


@pytest.fixture(scope="module")
def alone_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run of all labels alone, for copies."""
    root = tmp_path_factory.mktemp("alone") / "ws"
    made_in(root)
    podium(root, "train", "base", *ALONE)
    return root


@pytest.fixture
def alone(alone_root: Path, tmp_path: Path) -> tuple[Workspace, Competition, Path]:
    """Return a copy of it, and its run."""
    root = shutil.copytree(alone_root, tmp_path / "ws")
    workspace = Workspace(root)
    (run,) = workspace.runs.iterdir()
    return workspace, load_competition(root), run


def rows_of(file: Path) -> dict[str, str]:
    """Return id → label of a submission."""
    with file.open() as stream:
        header, *rows = csv.reader(stream)
    assert len(header) == 2
    return dict(rows)


def probs_of(run: Path) -> dict[str, np.ndarray]:
    """Return id → probabilities of the test set, the mean of the run's networks."""
    (root,) = (run / "predictions").iterdir()
    blocks = PredictionSet(root).mean_blocks("test", "classify")
    return {name: row for ids, probs in blocks for name, row in zip(ids, probs, strict=True)}


def most_probable(run: Path) -> dict[str, int]:
    """Return id → class of the test set by a run of one network, of all labels."""
    (root,) = (run / "predictions").iterdir()
    assert PredictionSet(root).folds("test", "classify") == ("full",)
    return {name: int(np.argmax(row)) for name, row in probs_of(run).items()}


def test_one_command_trains_on_all_labels_and_on_no_fold(alone: tuple) -> None:
    workspace, _, run = alone
    assert [one.name for one in run.glob("fold-*")] == ["fold-full"]
    done = json.loads((run / "fold-full/done.json").read_text())
    assert done["rows"] == {"train": 24, "valid": 0}
    assert not list(run.glob("predictions/*/oof"))
    printed = podium(workspace.root, "train", "base", *ALONE)
    assert "trained on all labels, without a score" in printed
    assert f"podium submit {run.name} --dry-run" in printed
    assert "OOF accuracy 0" not in printed


def test_its_file_has_the_most_probable_class_of_its_own_network(alone: tuple) -> None:
    workspace, _, run = alone
    printed = podium(workspace.root, "submit", run.name, "--dry-run")
    assert "trained on all labels and on no fold: it has no honest score" in printed
    assert "is decided plainly" in printed
    assert not workspace.blends.exists(), "nothing is kept whose score nobody knows"
    sent = rows_of(workspace.submissions / f"{run.name}.csv")
    expected = most_probable(run)
    assert len(sent) == 10
    assert {name: CLASS_OF[cell] for name, cell in sent.items()} == expected


def test_a_host_scores_it_and_the_board_has_no_honest_score_beside_that(alone: tuple) -> None:
    workspace, competition, run = alone
    root = workspace.root
    labels = "".join(f"{i:02d},{i % 2}\n" for i in range(10))
    (root / "solution.csv").write_text(f"id,label\n{labels}")
    init_host(root / "host", competition, root / "solution.csv", ["ann"])
    with (root / "competition.yaml").open("a") as file:
        file.write("kaggle: {slug: colours, host: host}\n")
    competition = load_competition(root)
    step, *_ = next_commands(workspace, competition, 2)
    assert step.command == f"podium submit {run.name}"
    receipt = submit(workspace, competition, run.name, yes=True)
    right = [label == int(name) % 2 for name, label in most_probable(run).items()]
    assert receipt.public_score == pytest.approx(np.mean(right))
    (row,) = load_board(workspace, competition, refresh=True).rows
    assert (row.honest, row.sources) == (None, (run.name,))
    assert "–" in podium(root, "board")
    commands = [one.command for one in next_commands(workspace, competition, 2)]
    assert f"podium submit {run.name}" not in commands
    assert commands[0] == "podium train base"


def test_a_run_of_the_same_recipe_with_folds_stands_in(alone: tuple) -> None:
    workspace, competition, run = alone
    assert stand_in_of(workspace, competition, run) is None
    recipe = workspace.recipes / "base.yaml"
    train(workspace, competition, recipe, overrides=["optimizer.lr=2e-2"])
    assert stand_in_of(workspace, competition, run) is None, "that is another recipe"
    folds = train(workspace, competition, recipe, overrides=["seed=5"]).run
    assert stand_in_of(workspace, competition, run) == folds
    printed = RecordedProgress()
    submit(workspace, competition, run.name, dry_run=True, progress=printed)
    told = " ".join(printed.lines)
    oof = read_record(folds).scores["oof"]
    assert f"{folds.name}, the same recipe with folds, stands in: OOF accuracy {oof:.4f}" in told
    (blend,) = workspace.blends.iterdir()
    record = read_record(blend)
    # Between its own rows in the middle: of other predictions it would decide other rows.
    ratios = np.sort([row[0] / row[1] for row in probs_of(run).values()])
    weight = float(ratios[4] + ratios[5]) / 2

    def decided(one: Path) -> dict[str, int]:
        return {name: int(row[1] * weight > row[0]) for name, row in probs_of(one).items()}

    assert decided(run) not in (decided(folds), most_probable(run)), "else anything would do"
    steps = [{"class_weights": [1.0, weight]}]
    weighted = record.model_copy(update={"details": {**record.details, "decision": steps}})
    write_record(blend, weighted)
    submit(workspace, competition, run.name, dry_run=True)
    sent = rows_of(workspace.submissions / f"{run.name}.csv")
    assert {name: CLASS_OF[cell] for name, cell in sent.items()} == decided(run)
    submit(workspace, competition, run.name, plain=True, dry_run=True)
    plain = rows_of(workspace.submissions / f"{run.name}.csv")
    assert {name: CLASS_OF[cell] for name, cell in plain.items()} == most_probable(run)
    # Of other folds than today's nothing can be fitted.
    workspace.folds_file.write_text(
        workspace.folds_file.read_text()
        .replace(",0\n", ",9\n")
        .replace(",1\n", ",0\n")
        .replace(",9\n", ",1\n")
    )
    assert stand_in_of(workspace, competition, run) is None


def test_what_needs_out_of_fold_rows_is_refused_with_a_fix(alone: tuple) -> None:
    workspace, competition, run = alone
    fix = f"podium train runs/{run.name}/recipe.yaml"

    def refused(kind: type[PodiumError], *told: str) -> None:
        assert all(one in str(found.value) for one in told)
        assert fix in str(found.value.fix)
        assert f"podium submit {run.name}" in str(found.value.fix)
        assert isinstance(found.value, kind)

    with pytest.raises(PodiumError) as found:
        blend_runs(workspace, competition, [run.name])
    refused(RunError, "trained on all labels alone", "no out-of-fold predictions")
    with pytest.raises(PodiumError) as found:
        tune_decisions(workspace, competition, run.name)
    refused(RunError, "trained on all labels alone")
    with pytest.raises(PodiumError) as found:
        blend_runs(workspace, competition)
    refused(UsageError, "no finished run to blend")
    with pytest.raises(PodiumError) as found:
        submit(workspace, competition, dry_run=True)
    refused(UsageError, "no finished run to blend")
    with pytest.raises(UsageError, match="rates are those of out-of-fold rows") as found:
        submit(workspace, competition, run.name, match_rates=True, dry_run=True)
    assert fix in str(found.value.fix)
    printed = podium(workspace.root, "submit", run.name, "--rehearse", code=1)
    assert "trained on all labels alone" in printed


def test_status_show_board_and_report_have_no_score_and_do_not_fail(alone: tuple) -> None:
    workspace, competition, run = alone
    status = workspace_status(workspace, competition)
    assert (status.n_runs, [one.of_all_labels for one in status.begun]) == (0, [True])
    printed = podium(workspace.root, "status")
    assert f"1 of all labels, without a score: {run.name}" in printed
    assert "unfinished" not in printed
    assert f"next: podium submit {run.name} --dry-run" in printed
    assert "has no score" in podium(workspace.root, "show", run.name)
    assert "accuracy" in podium(workspace.root, "board", "--json")
    podium(workspace.root, "report")
    assert run.name in (workspace.root / "report/index.html").read_text()
    podium(workspace.root, "submit", run.name, "--dry-run")
    hand_in, folds = next_commands(workspace, competition, 2)
    assert hand_in.purpose.startswith("hand in ")
    assert f"{run.name}.csv" in hand_in.purpose
    assert folds.command == "podium train base"


def test_folds_that_are_trained_later_go_into_the_same_run(alone: tuple) -> None:
    workspace, competition, run = alone
    before = {name: (run / f"fold-full/{name}").read_bytes() for name in ("last.pt", "done.json")}
    predicted = most_probable(run)
    trained = train(workspace, competition, workspace.recipes / "base.yaml", folds=[1])
    assert (trained.run, trained.finished, trained.full) == (run, (1,), True)
    assert not is_of_all_labels(read_record(run))
    trained = train(workspace, competition, workspace.recipes / "base.yaml")
    assert (trained.run, trained.missing, trained.full) == (run, (), True)
    assert {name: (run / f"fold-full/{name}").read_bytes() for name in before} == before
    (root,) = (run / "predictions").iterdir()
    stored = PredictionSet(root)
    assert stored.folds("test", "classify") == (0, 1, 2, "full")
    blocks = stored.mean_blocks("test", "classify", folds=["full"])
    again = {n: int(np.argmax(p)) for ids, probs in blocks for n, p in zip(ids, probs, strict=True)}
    assert again == predicted
    printed = RecordedProgress()
    submit(workspace, competition, run.name, dry_run=True, progress=printed)
    assert any("honest 0" in line or "honest 1" in line for line in printed.lines)


class KilledError(Exception):
    pass


def test_a_training_that_is_cut_short_is_continued_by_the_command_that_status_shows(
    tmp_path: Path,
) -> None:
    three = search_workspaces.RECIPE.replace("epochs: 1", "epochs: 3")
    broken, whole = (made_in(tmp_path / name, recipe=three) for name in ("broken", "whole"))
    epochs: list[object] = []

    def kill(fold: object, row: HistoryRow) -> None:
        epochs.append(row["epoch"])
        if row["epoch"] == 2:
            raise KilledError

    with pytest.raises(KilledError):
        train(*broken, broken[0].recipes / "base.yaml", folds=[], full=True, watch=kill)
    status = workspace_status(*broken)
    assert status.next.command == "podium train base --folds none --full"
    podium(broken[0].root, *status.next.command.split()[1:])
    train(*whole, whole[0].recipes / "base.yaml", folds=[], full=True)
    (run,), (other,) = ([*one.runs.iterdir()] for one, _ in (broken, whole))
    assert epochs == [1, 2]
    assert run.name == other.name
    assert [one.name for one in run.glob("fold-*")] == ["fold-full"]
    ours, theirs = (
        torch.load(one / "fold-full/last.pt", weights_only=True)["network"] for one in (run, other)
    )
    assert all(torch.equal(tensor, theirs[name]) for name, tensor in ours.items())


def test_a_method_learns_from_unlabelled_images_beside_all_labels(tmp_path: Path) -> None:
    workspace, _ = made_in(tmp_path)
    shutil.copytree(tmp_path / "data/test", tmp_path / "data/more")
    for file in (tmp_path / "data/more").iterdir():
        Image.open(file).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(file)
    spec = tmp_path / "competition.yaml"
    more = "  unlabelled: {images: 'data/more/*.png'}\n  test:"
    spec.write_text(spec.read_text().replace("  test:", more))
    method = "{name: fixmatch, threshold: 0.1}"
    recipe = search_workspaces.RECIPE.replace("epochs: 1", f"epochs: 1, method: {method}")
    (workspace.recipes / "few.yaml").write_text(recipe)
    podium(tmp_path, "train", "few", *ALONE)
    (run,) = workspace.runs.iterdir()
    done = json.loads((run / "fold-full/done.json").read_text())
    assert done["rows"] == {"train": 24, "valid": 0}
    assert done["pools"]["unlabelled"] == 10 + 24, "those of train are learnt from, too"
    assert done["last_epoch"]["kept"] > 0
    podium(tmp_path, "submit", "few", "--dry-run")
    assert len(rows_of(workspace.submissions / f"{run.name}.csv")) == 10


@pytest.mark.slow
def test_its_masks_are_the_pixels_from_one_half_on(tmp_path: Path) -> None:
    mask_miniatures.salt(tmp_path / "data")
    init_workspace(tmp_path / "data", tmp_path)
    (tmp_path / "recipes/masks.yaml").write_text(MASKS)
    podium(tmp_path, "train", "masks", *ALONE)
    podium(tmp_path, "submit", "masks", "--dry-run")
    (run,), (file,) = (tmp_path / "runs").iterdir(), (tmp_path / "submissions").glob("*.csv")
    (root,) = (run / "predictions").iterdir()
    stored = PredictionSet(root).mean_masks("test", "segment")
    sent = rows_of(file)
    masks = [
        stored.band(i, 0, height)[:, :, 0] >= 0.5 for i, (height, _) in enumerate(stored.sizes)
    ]
    assert any(mask.any() and not mask.all() for mask in masks), "else anything would do"
    assert sent == {one: runs_of(mask) for one, mask in zip(stored.ids, masks, strict=True)}


def test_no_folds_and_no_network_of_all_labels_is_refused(tmp_path: Path) -> None:
    workspace, _ = made_in(tmp_path)
    printed = podium(tmp_path, "train", "base", "--folds", "none", code=2)
    assert "--folds none alone leaves nothing to train" in printed
    assert "--folds none --full" in printed
    assert not workspace.runs.exists()
