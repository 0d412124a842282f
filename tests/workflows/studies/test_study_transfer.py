"""`podium study transfer` on a miniature: every arm is what its letter says, and is done once."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pandas as pd
import pytest
import torch
import yaml
from command_line import podium
from loaded_python import loaded_python
from sklearn.metrics import log_loss
from study_workspaces import workspace

from podium.competition.spec import Competition, load_competition
from podium.errors import RecipeError, RunError, UsageError
from podium.models import checkpoints
from podium.predictions.store.reading import PredictionSet
from podium.training.runs.train import train
from podium.workflows.studies import runs as running
from podium.workflows.studies.table import Study, read_study
from podium.workflows.studies.transfer import transfer_study
from podium.workflows.training import training
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

Made = tuple[Workspace, Competition, str]
Weights = dict[str, torch.Tensor]
FILE = "supervised.pth"


@pytest.fixture(scope="module")
def pretrained(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Return a workspace with a run without labels, and a file of weights of the backbone."""
    root = tmp_path_factory.mktemp("transfer")
    made, competition = workspace(root)
    run = train(made, competition, root / "recipes/views.yaml").run.name
    weights = backbone(made, run, "full")
    torch.save({key: value * 0.5 for key, value in weights.items()}, root / FILE)
    return made, competition, run


@pytest.fixture(scope="module")
def done(pretrained: Made, tmp_path_factory: pytest.TempPathFactory) -> tuple[Study, Workspace]:
    """Return the study of all six arms with two seeds, never interrupted."""
    root = tmp_path_factory.mktemp("done") / "copy"
    shutil.copytree(pretrained[0].root, root)
    # The recipe's own start is none of the six.
    own = ("model.weights=nowhere.pth", "model.pretrained=true")
    return study(root, pretrained[2], supervised=FILE, overrides=own), Workspace(root)


def study(root: Path, run: str, **options: object) -> Study:
    given = {"pretrained": run, "seeds": (0, 1), "folds": (0,), **options}
    return transfer_study(Workspace(root), load_competition(root), "fine", **given)  # type: ignore[arg-type]


def backbone(workspace: Workspace, run: str, fold: str = "0") -> Weights:
    """Return the backbone's weights and statistics of a run."""
    state = checkpoints.load(workspace.runs / run / f"fold-{fold}/last.pt")["network"]
    found = {key: value for key, value in state.items() if key.startswith("backbone.")}
    return {key.removeprefix("backbone."): value for key, value in found.items()}


def equal(one: Weights, other: Weights) -> bool:
    assert one.keys() == other.keys()
    return all(torch.equal(one[key], other[key]) for key in one)


@pytest.mark.slow
def test_each_arm_starts_from_the_weights_of_its_letter(done: tuple[Study, Workspace]) -> None:
    found, made = done
    assert [(row.name, *row.columns.values()) for row in found.rows] == [
        ("A", "random", "trained"),
        ("B", "supervised", "trained"),
        ("C", "self-supervised", "trained"),
        ("D", "supervised", "frozen"),
        ("E", "self-supervised", "frozen"),
        ("F", "random", "frozen"),
    ]
    runs = {row.name: row.runs[1] for row in found.rows}
    recipes = {
        name: yaml.safe_load((made.runs / run / "recipe.yaml").read_text())
        for name, run in runs.items()
    }
    source = next(one.name for one in made.runs.iterdir() if one.name.startswith("views-"))
    starts = {"A": (None, None), "B": (FILE, None), "C": (None, source)}
    for name, same in (("A", "F"), ("B", "D"), ("C", "E")):
        for letter in (name, same):
            model = recipes[letter]["model"]
            assert (model["weights"], model["from"]) == starts[name]
            assert not model["pretrained"]
        assert [phase["freeze"] for phase in recipes[name]["phases"]] == [["backbone"], []]
        assert [phase["freeze"] for phase in recipes[same]["phases"]] == [["backbone"]] * 2
    assert {recipe["seed"] for recipe in recipes.values()} == {1}


def test_weights_missing_at_the_hub_are_refused_before_training(
    pretrained: Made, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    shutil.copytree(pretrained[0].root, root)
    before = sorted(root.rglob("*"))
    with pytest.raises(RecipeError, match="pretrained: false"):
        study(root, pretrained[2], supervised="hub")
    assert [one for one in sorted(root.rglob("*")) if "runs" in one.parts] == [
        one for one in before if "runs" in one.parts
    ]


@pytest.mark.slow
def test_a_frozen_backbone_keeps_its_start_with_the_statistics_of_batch_norm(
    done: tuple[Study, Workspace], pretrained: Made
) -> None:
    found, made = done
    weights = {row.name: [backbone(made, row.runs[seed]) for seed in (0, 1)] for row in found.rows}
    theirs = backbone(made, pretrained[2], "full")
    supervised = {
        key: value.to(theirs[key].dtype)
        for key, value in torch.load(made.root / FILE, weights_only=True).items()
    }
    for seed in (0, 1):
        assert equal(weights["E"][seed], theirs)
        assert equal(weights["D"][seed], supervised)
        assert not equal(weights["C"][seed], theirs)
        assert not equal(weights["B"][seed], supervised)
        counts = {key: one for key, one in weights["F"][seed].items() if "num_batches" in key}
        assert counts
        assert not any(counts.values()), "evaluation mode counts no batches"
        assert any("num_batches" in key and one > 0 for key, one in weights["A"][seed].items())
    assert not equal(*weights["F"]), "another seed draws other random weights"


@pytest.mark.slow
def test_scores_are_those_of_the_runs_own_predictions(done: tuple[Study, Workspace]) -> None:
    found, made = done
    truth = pd.read_csv(made.root / "data/train.csv", dtype=str).set_index("id")["label"]
    for row in found.rows:
        assert set(row.scores) == {0, 1}
        for seed, score in row.scores.items():
            run = made.runs / row.runs[seed]
            oof = PredictionSet(next((run / "predictions").iterdir())).oof("classify")
            right = [["red", "green"].index(truth[one]) for one in oof.ids]
            assert score == pytest.approx(log_loss(right, oof.probs, labels=[0, 1]), rel=1e-5)
    by_name = {row.name: row for row in found.rows}
    for one, pair in zip(found.differences, ("CA", "EF"), strict=True):
        assert (one.of, one.minus) == tuple(pair)
        high, low = (by_name[letter].scores for letter in pair)
        assert one.by_seed == {seed: high[seed] - low[seed] for seed in (0, 1)}


@pytest.mark.slow
def test_its_files_hold_the_same(done: tuple[Study, Workspace]) -> None:
    found, made = done
    record = read_record(found.folder)
    assert (record.kind, record.status, record.id) == ("study", "finished", found.id)
    assert set(record.parents) == {run for row in found.rows for run in row.runs.values()}
    assert read_study(found.folder) == found
    with (found.folder / "table.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert [line["arm"] for line in lines] == list("ABCDEF")
    for line, row in zip(lines, found.rows, strict=True):
        assert float(line["mean"]) == row.mean
        assert float(line["std"]) == row.std
        assert [float(line[f"seed {seed}"]) for seed in (0, 1)] == list(row.scores.values())
    table = (found.folder / "table.md").read_text(encoding="utf-8")
    assert "| C − A | " in table
    assert f"| E | self-supervised | frozen | {found.rows[4].mean:.4f} | " in table
    assert "<svg" in (found.folder / "figure.svg").read_text(encoding="utf-8")
    printed = podium(made.root, "ledger", "rebuild")
    assert "13 run, 1 study" in printed
    assert "self-supervised" in podium(made.root, "show", "fine-transfer")
    shown = json.loads(podium(made.root, "show", found.id, "--json"))
    assert shown["arms"][0]["mean"] == found.rows[0].mean
    assert shown["differences"][0]["by_seed"] == {
        str(seed): one for seed, one in found.differences[0].by_seed.items()
    }


@pytest.mark.slow
def test_arms_whose_start_may_have_trained_on_their_rows_are_named(
    done: tuple[Study, Workspace],
) -> None:
    """The file of supervised weights does not tell what they learnt."""
    found, made = done
    assert [row.name for row in found.rows if row.unknown_start] == ["B", "D"]
    note = found.notes[-1]
    assert note.startswith("B and D started from weights of unknown origin")
    assert note in (found.folder / "table.md").read_text(encoding="utf-8")
    assert "B and D started from weights" in podium(made.root, "show", found.id)
    shown = json.loads(podium(made.root, "show", found.id, "--json"))
    assert [arm["name"] for arm in shown["arms"] if arm["unknown_start"]] == ["B", "D"]


@pytest.mark.slow
def test_a_second_call_trains_nothing_and_changes_no_file(
    done: tuple[Study, Workspace], pretrained: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    found, made = done
    before = {one: one.stat().st_mtime_ns for one in found.folder.iterdir()}

    def never(*_: object, **__: object) -> None:
        raise AssertionError("a fold is done again")

    monkeypatch.setattr("podium.workflows.training.train_fold", never)
    assert study(made.root, pretrained[2], supervised=FILE) == found
    assert {one: one.stat().st_mtime_ns for one in found.folder.iterdir()} == before


@pytest.mark.slow
def test_a_study_that_was_killed_goes_on_to_the_same_table(
    done: tuple[Study, Workspace], pretrained: Made, tmp_path: Path
) -> None:
    root = tmp_path / "killed"
    shutil.copytree(pretrained[0].root, root)
    script = Path(__file__).with_name("killed_study.py")
    # A run has nine steps of training: this is in the third arm's, of the first seed.
    command = [loaded_python(), str(script), str(root), pretrained[2], "21"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == -signal.SIGKILL, ended.stderr[-2000:]
    (folder,) = (root / "studies").iterdir()
    half = read_study(folder)
    assert [(row.name, *row.scores) for row in half.rows] == [("A", 0), ("C", 0), ("E",), ("F",)]
    assert read_record(folder).status == "unfinished"
    assert "indexed" in podium(root, "ledger", "rebuild")
    whole = study(root, pretrained[2])
    assert whole.folder == folder
    assert whole.is_finished
    unbroken = {row.name: row.scores for row in done[0].rows}
    assert {row.name: row.scores for row in whole.rows} == {one: unbroken[one] for one in "ACEF"}
    assert whole.notes[0] == "B and D are left out: no supervised weights were given."
    assert len(list((root / "runs").iterdir())) == 1 + 8


def test_a_table_cut_off_by_time_is_marked(pretrained: Made, tmp_path: Path) -> None:
    root = tmp_path / "late"
    shutil.copytree(pretrained[0].root, root)
    words = ("study", "transfer", "fine", "--pretrained", pretrained[2], "--folds", "0")
    printed = podium(root, *words, "--seeds", "0", "--max-time", "0")
    assert "out of time" in printed
    (folder,) = (root / "studies").iterdir()
    assert read_record(folder).status == "unfinished"
    assert "no score yet" not in (folder / "table.md").read_text()
    assert "| A | random | trained | – | – | – |" in (folder / "table.md").read_text()


def test_notes_on_the_scores_are_written(pretrained: Made, tmp_path: Path) -> None:
    root = tmp_path / "said"
    shutil.copytree(pretrained[0].root, root)
    made, competition = Workspace(root), load_competition(root)
    labelled = train(made, competition, root / "recipes/fine.yaml", folds=[0]).run.name
    found = study(root, labelled, max_time_s=0, overrides=("checkpoint=best",))
    _, labels, below, chosen = found.notes
    assert labels == f"{labelled}, from which C and E start, was trained with labels, too."
    assert below.startswith("Lower is better")
    assert chosen.endswith("which flatters all scores.")
    with pytest.raises(RunError, match=f"fold 1 of {labelled} is not trained"):
        study(root, labelled, folds=(0, 1))


@pytest.mark.slow
def test_a_failed_training_leaves_its_place_empty_and_is_tried_again(
    pretrained: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "failing"
    shutil.copytree(pretrained[0].root, root)

    def failing(*given: object, **options: object) -> object:
        if "-frozen" in str(options["name"]) and "seed=1" in str(options["overrides"]):
            raise RunError("the loss is nan", fix="a lower rate")
        return training(*given, **options)  # type: ignore[arg-type]

    words = ("study", "transfer", "fine", "--pretrained", pretrained[2], "--folds", "0")
    with monkeypatch.context() as broken:
        broken.setattr(running, "training", failing)
        printed = podium(root, *words, "--seeds", "0,1", code=1)
    assert "E, seed 1: the loss is nan" in printed
    (folder,) = (root / "studies").iterdir()
    half = read_study(folder)
    assert [len(row.scores) for row in half.rows] == [2, 2, 1, 1]
    assert [len(one.by_seed) for one in half.differences] == [2, 1]
    assert "failed" in (folder / "table.md").read_text()
    assert read_record(folder).status == "unfinished"
    podium(root, *words, "--seeds", "0,1")
    assert read_study(folder).is_finished


def test_invalid_comparisons_are_refused_before_anything_is_trained(
    pretrained: Made, tmp_path: Path
) -> None:
    root, run = tmp_path / "refused", pretrained[2]
    shutil.copytree(pretrained[0].root, root)
    recipes = root / "recipes"
    with pytest.raises(UsageError, match="no start to compare"):
        study(root, run, pretrained=None)
    with pytest.raises(UsageError, match="there is no run"):
        study(root, "nothing-like-it")
    with pytest.raises(RecipeError, match="there is no"):
        study(root, run, supervised="missing.pth")
    with pytest.raises(UsageError, match="fold"):
        study(root, run, folds=(9,))
    text = (recipes / "fine.yaml").read_text()
    (recipes / "fine.yaml").write_text(text.replace("epochs: 2}", "epochs: 2, freeze: [backbone]}"))
    with pytest.raises(RecipeError, match="every phase freezes the backbone"):
        study(root, run)
    (recipes / "fine.yaml").write_text(text)
    with pytest.raises(RecipeError, match="fine has no head for classify"):
        study(root, run, overrides=("model.heads={segment: {decoder: linear}}",))
    (recipes / "fine.yaml").write_text((recipes / "views.yaml").read_text())
    with pytest.raises(RecipeError, match="byol learns without labels"):
        study(root, run)
    (recipes / "fine.yaml").write_text(
        text.replace("backbone: cnn", "backbone: resnet18").replace(", options: {widths: [4]}", "")
    )
    with pytest.raises(RecipeError, match="has the backbone cnn"):
        study(root, run)
    (recipes / "fine.yaml").write_text(text)
    (root / "runs" / run / "fold-full/done.json").unlink()
    with pytest.raises(RunError, match=f"fold full of {run} is not trained"):
        study(root, run)
    assert not (root / "studies").exists()
    assert [one.name for one in (root / "runs").iterdir()] == [run]
