"""Views kept apart are members: their mean is that of one set of all, and a blend weighs them."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from command_line import podium
from views_by_numpy import mean_over

from podium.cli.predictions import describe_score
from podium.competition.samples import load_samples
from podium.competition.spec import load_competition
from podium.ensembling.record import read_parts
from podium.errors import RecipeError, UsageError
from podium.predictions import PredictionSet
from podium.predictions.views import ViewSet
from podium.training.inference.prediction_sets import predict, predict_each_view
from podium.training.runs.train import train
from podium.workflows.blends.blending import newest_set
from podium.workflows.predicting import SetScore
from podium.workflows.pseudo.teachers import find_teachers
from podium.workspace.layout import Workspace
from podium.workspace.records import read_record

QUICK = ("phases=[{name: only, epochs: 2}]", "optimizer.lr=0.05")
TTA = ["hflip", "five_crop:0.8"]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory, make_in: Callable) -> Path:
    """Return the folder of a workspace with a trained run."""
    workspace, competition = make_in(tmp_path_factory.mktemp("original") / "ws")
    train(workspace, competition, workspace.recipes / "tiny.yaml", overrides=QUICK)
    return Path(workspace.root)


@pytest.fixture
def made(original: Path, tmp_path: Path) -> tuple:
    """Return a copy of it, to predict in, with its competition and the run."""
    root = Path(shutil.copytree(original, tmp_path / "copy"))
    (run,) = (root / "runs").glob("tiny-*")
    return Workspace(root), load_competition(root), run


@pytest.mark.slow
def test_a_set_of_all_views_is_the_mean_of_the_sets_of_each(made: tuple) -> None:
    sets = predict_each_view(*made, tta=TTA)
    assert list(sets) == list(ViewSet.of(TTA).names)
    each = [PredictionSet(one) for one in sets.values()]
    together = {"mean": PredictionSet(predict(*made, tta=TTA))}
    for mean in ("geometric", "max"):
        together[mean] = PredictionSet(predict(*made, tta=TTA, tta_mean=mean))
    for mean, predicted in together.items():
        assert predicted.oof().ids == each[0].oof().ids
        every = [one.oof().probs for one in each]
        expected = mean_over(every, mean, multiclass=True)
        np.testing.assert_allclose(predicted.oof().probs, expected, rtol=1e-4, atol=1e-6)
    assert len({predicted.root for predicted in together.values()}) == 3
    kept = json.loads((together["max"].root / "set.json").read_text())["details"]
    assert ViewSet.from_facts(kept) == ViewSet.of(TTA, "max")


@pytest.mark.slow
def test_the_command_prints_how_to_blend_the_views_and_the_blend_names_them(
    made: tuple, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace, competition, run = made
    printed = podium(workspace.root, "predict", run.name, "--tta", "hflip,vflip", "--each-view")
    *listed, heading, command = printed.strip().splitlines()[-5:]
    assert heading == "next:"
    sets = [Path(line.split()[1]) for line in listed]
    assert [line.split()[0] for line in listed] == ["identity", "hflip", "vflip"]
    assert re.search(r" OOF accuracy [01]\.\d{4}$", listed[1])
    assert newest_set(run) == predict(*made) == sets[0]  # the run itself is still one with itself
    program, *words = shlex.split(command)
    assert (program, words[0], words[1:]) == ("podium", "blend", [str(one) for one in sets])
    podium(workspace.root, *words, "--name", "views", "--trials", "2")
    (folder,) = workspace.blends.glob("views-*")
    part = read_parts(folder)["classify"]
    assert part.blend.members == (run.name, f"{run.name}:hflip", f"{run.name}:vflip")
    (ensemble,) = find_teachers(workspace, competition, "views").ensembles
    assert [one.views.names for one in ensemble.fold_models] == [
        ("identity",),
        ("hflip",),
        ("vflip",),
    ]


def test_a_run_with_views_goes_on_to_stand_for_their_mean(make: Callable) -> None:
    workspace, competition = make()
    recipe = workspace.recipes / "tiny.yaml"
    with_views = (*QUICK, "predict={tta: [hflip]}")
    run = train(workspace, competition, recipe, overrides=with_views).run
    own = newest_set(run)
    sets = predict_each_view(workspace, competition, run, tta=["hflip"])
    assert len({own, *sets.values()}) == 3
    assert newest_set(run) == own


def test_new_prediction_set_is_scored_beside_its_run_and_the_latest_views_represent_it(
    made: tuple,
) -> None:
    workspace, _, run = made
    own = newest_set(run)
    told = _score_line(podium(workspace.root, "predict", run.name, "--tta", "d4"))
    oof = PredictionSet(newest_set(run)).oof()
    samples = load_samples(load_competition(workspace.root), "train", workspace=workspace)
    answer = dict(zip(samples["id"], samples["label"].astype(int), strict=True))
    right = np.mean([answer[one] for one in oof.ids] == oof.probs.argmax(axis=1))
    before = read_record(run).scores["oof"]
    assert told == (
        f"OOF accuracy: {right:.4f} with d4; {before:.4f} with the run's own views, "
        "the image as it is"
    )
    podium(workspace.root, "blend", run.name, "--name", "turned", "--trials", "2")
    shown = podium(workspace.root, "show", "turned")
    assert re.search(rf"{run.name} +1\.000 +d4\b", shown)

    podium(workspace.root, "predict", run.name)
    assert newest_set(run) == own


def _score_line(printed: str) -> str:
    [score] = [line for line in printed.splitlines() if line.startswith("OOF ")]
    return score


def test_worse_views_are_a_warning_that_tells_the_way_back() -> None:
    worse = SetScore("accuracy", 0.625, "d4, geometric mean", 0.9028, "", is_worse=True)
    line, warning = describe_score(worse, "small-b12495b8")
    assert line == (
        "OOF accuracy: 0.6250 with d4, geometric mean; 0.9028 with the run's own views, the image "
        "as it is"
    )
    assert warning.startswith("warning: these views are worse")
    assert warning.endswith(" predict small-b12495b8")
    assert len(describe_score(replace(worse, is_worse=False), "small")) == 1
    assert describe_score(None, "small") == []


def test_what_does_not_go_together_is_refused(made: tuple) -> None:
    workspace, _, run = made
    printed = podium(
        workspace.root, "predict", run.name, "--each-view", "--tta-mean", "max", code=2
    )
    assert "leave --tta-mean out" in printed
    with pytest.raises(RecipeError, match="no mean 'median'"):
        predict(*made, tta_mean="median")
    with pytest.raises(UsageError, match="no split"):
        predict_each_view(*made, splits=["valid"])
