"""Soups: the mean of weights, of runs that the other folds choose."""

from __future__ import annotations

import itertools
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from podium.cli.app import app
from podium.competition import metrics
from podium.competition.samples import load_samples, truth
from podium.competition.spec import load_competition
from podium.errors import DataError, RunError, UsageError
from podium.models import checkpoints
from podium.models.checkpoints import mean_state
from podium.predictions.decisions.labels import decide
from podium.predictions.store.reading import PredictionSet
from podium.training.runs import soup as soups
from podium.training.runs.soup import make_soup
from podium.training.runs.train import train
from podium.workflows.blends.blending import blend_runs
from podium.workflows.pseudo.teachers import find_teachers
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

START = """\
seed: 0
model: {backbone: cnn, pretrained: false, options: {widths: [8, 16]}, heads: {classify: {}}}
input: {size: 32, train: weak}
optimizer: {name: adamw, lr: 1e-2}
batch_size: 8
phases:
  - {name: whole, epochs: 2}
"""


@pytest.fixture(scope="module")
def cooked(make_in, tmp_path_factory):
    """Return a workspace with three runs from one start, and their names."""
    root = tmp_path_factory.mktemp("soup") / "ws"
    workspace, competition = make_in(root, n=36, folds=3, recipe=START)
    recipes = workspace.recipes
    train(workspace, competition, recipes / "tiny.yaml")
    runs = []
    for seed, lr in ((1, 1e-3), (2, 3e-3), (3, 1e-3)):
        text = START.replace("seed: 0", f"seed: {seed}").replace("1e-2", str(lr))
        text = text.replace("model: {", "model: {from: tiny, ")
        (recipes / f"s{seed}.yaml").write_text(text)
        runs.append(train(workspace, competition, recipes / f"s{seed}.yaml").run.name)
    return root, runs


@pytest.fixture
def kitchen(cooked, tmp_path):
    """Return a copy of it that a test may change, with its competition and the folders of runs."""
    root, runs = cooked
    workspace = Workspace(shutil.copytree(root, tmp_path / "ws"))
    return workspace, load_competition(workspace.root), [workspace.runs / name for name in runs]


def weights(run: Path, fold: int) -> dict[str, torch.Tensor]:
    return checkpoints.load(run / f"fold-{fold}/last.pt")["network"]


@pytest.mark.slow
def test_a_uniform_soup_has_the_mean_of_the_weights_and_is_a_run(kitchen):
    workspace, competition, runs = kitchen
    made = make_soup(workspace, competition, ["s1", "s2", "s3"], method="uniform")
    for fold in range(3):
        found, parts = weights(made, fold), [weights(run, fold) for run in runs]
        for key, tensor in found.items():
            if tensor.is_floating_point():
                wanted = np.mean([part[key].numpy().astype(np.float64) for part in parts], axis=0)
                np.testing.assert_allclose(tensor.numpy(), wanted, rtol=1e-6, atol=1e-7)
    record = read_record(made)
    assert (record.kind, record.status) == ("run", "finished")
    assert sorted(record.parents) == sorted(run.name for run in runs)
    assert record.scores["scored_rows"] == 36
    blend_runs(workspace, competition, ["s1", made.name], method="mean")
    assert find_teachers(workspace, competition, made.name).round == 1
    assert make_soup(workspace, competition, ["s3", "s1", "s2"], method="uniform") == made


def score_of_soup(workspace, competition, names, fold: int) -> float:
    """Return what the soup of `names` scores on a fold, made and predicted as a run of its own."""
    if len(names) == 1:
        root = workspace.artefact(names[0], rooms=("runs",))
    else:
        root = make_soup(workspace, competition, names, method="uniform", name="check")
    oof = PredictionSet(next((root / "predictions").glob("*/oof")).parent).oof("classify")
    inside = np.flatnonzero(oof.folds == fold)
    samples = load_samples(competition, "train").set_index("id")
    right = truth(samples.loc[[oof.ids[i] for i in inside]].reset_index(), competition)
    predicted = decide(oof.probs[inside], None, "multiclass")
    return metrics.score("accuracy", right, predicted)


@pytest.mark.slow
def test_a_greedy_soup_is_what_the_other_folds_find(kitchen):
    workspace, competition, runs = kitchen
    names = [run.name for run in runs]
    scores = {
        (subset, fold): score_of_soup(workspace, competition, list(subset), fold)
        for n in (1, 2, 3)
        for subset in itertools.combinations(sorted(names), n)
        for fold in range(3)
    }
    made = make_soup(workspace, competition, names, method="greedy")
    for fold in range(3):
        others = [one for one in range(3) if one != fold]

        def mean(pot, others=others):
            return sum(scores[tuple(sorted(pot)), one] for one in others) / len(others)

        order = sorted(sorted(names), key=lambda one: -mean([one]))
        pot = [order[0]]
        for one in order[1:]:
            if mean([*pot, one]) >= mean(pot):
                pot.append(one)
        done = json.loads((made / f"fold-{fold}/done.json").read_text())
        assert done["soup"] == sorted(pot)


@pytest.mark.slow
def test_planted_a_run_that_is_good_on_one_fold_alone_is_not_in_the_soup_of_that_fold(
    kitchen, monkeypatch
):
    workspace, competition, runs = kitchen
    names = [run.name for run in runs]

    def by_fold(tasting, pot):
        of_zero, of_others = (0.9, 0.4) if names[2] in pot else (0.5, 0.5)
        return {"0": of_zero, "1": of_others, "2": of_others}

    monkeypatch.setattr(soups._SoupScores, "_by_fold", by_fold)
    made = make_soup(workspace, competition, names)
    done = {k: json.loads((made / f"fold-{k}/done.json").read_text())["soup"] for k in range(3)}
    assert done[0] == sorted(names[:2])  # fold 0 does not count
    assert names[2] in done[1]  # folds 0 and 2 have: 0.65 over 0.5
    assert names[2] in done[2]


@pytest.mark.slow
def test_planted_a_run_that_forgot_everything_is_left_out(kitchen):
    workspace, competition, runs = kitchen
    names = [run.name for run in runs]
    shutil.rmtree(runs[2] / "predictions")
    torch.manual_seed(0)
    for fold in range(3):
        state = checkpoints.load(runs[2] / f"fold-{fold}/last.pt")
        state["network"] = {
            key: 10 * torch.randn_like(one) if "running" not in key and one.ndim else one
            for key, one in state["network"].items()
        }
        checkpoints.save(runs[2] / f"fold-{fold}/last.pt", state)
    made = make_soup(workspace, competition, names)
    for fold in range(3):
        done = json.loads((made / f"fold-{fold}/done.json").read_text())
        assert names[2] not in done["soup"]


@pytest.mark.slow
def test_an_interrupted_soup_is_finished_and_leaves_nothing_behind(kitchen, monkeypatch):
    workspace, competition, runs = kitchen
    names = [run.name for run in runs]
    inner, seen = soups._write, []

    def write(soup, fold, jobs):
        if soup.run.parent == workspace.runs and fold == 1 and not seen:
            seen.append(fold)
            raise KeyboardInterrupt
        inner(soup, fold, jobs)

    monkeypatch.setattr(soups, "_write", write)
    with pytest.raises(KeyboardInterrupt):
        make_soup(workspace, competition, names)
    made = make_soup(workspace, competition, names)
    assert read_record(made).status == "finished"
    assert not list(workspace.private.glob("soup-*"))


@pytest.mark.slow
def test_the_command_makes_a_soup_and_show_lists_its_runs(kitchen):
    workspace, _, runs = kitchen
    asked = ["-w", str(workspace.root)]
    made = CliRunner().invoke(app, [*asked, "soup", "s1", "s2", "s3", "--method", "uniform"])
    assert made.exit_code == 0, made.output
    shown = CliRunner().invoke(app, [*asked, "show", "soup", "--json"])
    facts = json.loads(shown.output)
    assert facts["method"] == "uniform"
    assert facts["made"] == {str(k): sorted(run.name for run in runs) for k in range(3)}
    text = CliRunner().invoke(app, [*asked, "show", "soup"]).output
    assert "a uniform soup" in text
    assert "OOF accuracy" in text


@pytest.mark.slow
def test_other_architectures_one_run_and_unknown_ways_are_refused(kitchen):
    workspace, competition, _ = kitchen
    text = START.replace("[8, 16]", "[8, 24]")
    (workspace.recipes / "wide.yaml").write_text(text)
    train(workspace, competition, workspace.recipes / "wide.yaml")
    before = sorted(workspace.runs.iterdir())
    for method in ("greedy", "uniform"):
        with pytest.raises(DataError, match="different architectures"):
            make_soup(workspace, competition, ["s1", "wide"], method=method)
    assert sorted(workspace.runs.iterdir()) == before
    (workspace.recipes / "large.yaml").write_text(START.replace("size: 32", "size: 40"))
    train(workspace, competition, workspace.recipes / "large.yaml", folds=[0])
    with pytest.raises((DataError, RunError), match=r"not trained|see images otherwise"):
        make_soup(workspace, competition, ["s1", "large"])
    with pytest.raises(UsageError, match="two different runs"):
        make_soup(workspace, competition, ["s1", "s1"])
    with pytest.raises(UsageError, match="no soup"):
        make_soup(workspace, competition, ["s1", "s2"], method="stone")  # type: ignore[arg-type]


def test_the_mean_keeps_dtypes_counts_and_refuses_what_is_not_finite():
    states = [
        {"w": torch.tensor([1.0, 2.0], dtype=torch.float16), "n": torch.tensor(3)},
        {"w": torch.tensor([2.0, 4.0], dtype=torch.float16), "n": torch.tensor(5)},
    ]
    mean = mean_state(states, ["a", "b"])
    assert mean["w"].dtype == torch.float16
    assert mean["w"].tolist() == [1.5, 3.0]
    assert mean["n"].item() == 3
    states[1]["w"][0] = float("nan")
    with pytest.raises(DataError, match="w of b is not finite"):
        mean_state(states, ["a", "b"])
