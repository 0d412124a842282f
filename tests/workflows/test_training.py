"""Scores over seeds: by hand, and as `podium train --seeds` tells them."""

from __future__ import annotations

import json
import math
import re
import shutil
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from command_line import podium

from podium.cli import trainings
from podium.competition import metrics
from podium.errors import RunError
from podium.training.runs.train import Trained
from podium.workflows.training import TrainingAttempt, raise_failed, summarise_seeds

TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [4]}}
input: {size: 16, train: none}
phases: [{name: all, epochs: 1}]
"""


def trained(missing: tuple[int, ...] = (), **oof: float | None) -> Trained:
    """Return a run of two folds with these scores by task."""
    tasks = {task: {"metric": f"of_{task}", "oof": score} for task, score in oof.items()}
    return Trained(Path("run"), (0, 1), missing, None, {"tasks": tasks} if tasks else {})


def attempts(recipe: str, **seeds: Trained | None) -> list[TrainingAttempt]:
    """Return what became of `recipe` with the seeds s1, s2, …; None for one that failed."""
    return [TrainingAttempt(recipe, int(seed[1:]), run) for seed, run in seeds.items()]


def test_mean_and_deviation_are_those_of_a_sample_by_task_and_recipe() -> None:
    runs = attempts(
        "a",
        s4=trained(classify=0.5, segment=0.1),
        s5=trained(classify=0.8, segment=0.1),
        s6=trained(classify=0.6, segment=0.4),
    )
    runs += attempts(
        "b.yaml",
        s4=trained(classify=0.9),
        s5=trained(classify=0.7),
        s6=trained(classify=0.7),
    )
    first, masks, second = summarise_seeds(runs)
    assert (first.recipe, first.task, first.metric) == ("a", "classify", "of_classify")
    assert first.oof == {4: 0.5, 5: 0.8, 6: 0.6}
    mean = (0.5 + 0.8 + 0.6) / 3
    squares = sum((one - mean) ** 2 for one in (0.5, 0.8, 0.6))
    assert first.mean == pytest.approx(mean)
    assert first.std == pytest.approx(math.sqrt(squares / 2))
    assert masks.mean == pytest.approx(0.2)
    assert (second.recipe, second.oof) == ("b.yaml", {4: 0.9, 5: 0.7, 6: 0.7})


def test_runs_that_lack_folds_or_a_score_are_left_out() -> None:
    half, none = trained((1,), classify=0.9), trained(classify=None)
    runs = attempts("a", s1=trained(classify=0.5), s2=half, s3=none, s4=trained(), s5=None)
    (found,) = summarise_seeds(runs)
    assert (found.oof, found.mean, found.std) == ({1: 0.5}, 0.5, None)
    (nothing,) = summarise_seeds(attempts("a", s1=half))
    assert (nothing.oof, nothing.mean, nothing.std) == ({}, None, None)
    assert summarise_seeds(attempts("a", s1=trained((0, 1)), s2=None)) == []


def test_all_failures_are_reported_in_one_error() -> None:
    def failed(name: str) -> TrainingAttempt:
        return TrainingAttempt(name, None, None, RunError(f"{name} is nan", fix=f"mend {name}"))

    fine = TrainingAttempt("fine", 1, trained())
    raise_failed([fine])
    with pytest.raises(RunError, match=r"^a is nan\n  fix: mend a$"):
        raise_failed([failed("a"), fine])
    with pytest.raises(RunError) as caught:
        raise_failed([failed("a"), fine, failed("b")])
    assert str(caught.value) == (
        "2 of 3 trainings failed\na is nan\n  fix: mend a\nb is nan\n  fix: mend b"
    )


@pytest.mark.slow
def test_the_command_tells_the_spread_where_there_are_seeds(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    root = two_folds(miniatures, tmp_path / "here")
    words = ("train", "tiny", "--seeds", "3,5")
    told = podium(root, *words)
    assert "OOF over the seeds of finished runs" in told
    assert "3, 5" in told
    said = read(podium(root, *words, "--json"))
    (spread,) = said["over_seeds"]
    scores = [run["scores"]["oof"] for run in said["runs"]]
    assert list(spread["oof"].values()) == scores
    assert spread["mean"] == pytest.approx(sum(scores) / 2)
    assert spread["std"] == pytest.approx(abs(scores[0] - scores[1]) / math.sqrt(2))
    assert f"{spread['mean']:.4f}" in told
    assert f"{spread['std']:.4f}" in told
    # Without seeds the list of runs is all, as it was.
    assert [run["missing"] for run in read(podium(root, "train", "tiny", "--json"))] == [[]]


@pytest.mark.slow
def test_train_ends_with_the_result_and_the_next_two_commands(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    root = two_folds(miniatures, tmp_path / "here")
    told = podium(root, "train", "tiny", "--folds", "0").splitlines()
    assert told[-3] == "next:"
    assert re.fullmatch(r"  \S+ train tiny", told[-2])
    assert re.fullmatch(r"  \S+ show tiny-[0-9a-f]{8}", told[-1])
    assert not any(line.startswith("best: ") for line in told)

    # With overrides the recipe's name would train another run: the command names this one's file.
    of_run = podium(root, "train", "tiny", "--folds", "0", "-o", "optimizer.lr=0.01").splitlines()
    [command] = re.findall(r"\S+ (train runs/tiny-[0-9a-f]{8}/recipe\.yaml)", "\n".join(of_run))
    finished = read(podium(root, *command.split(), "--json"))
    assert [(one["run"], one["missing"]) for one in finished] == [(command.split("/")[1], [])]
    shutil.rmtree(root / "runs" / finished[0]["run"])

    told = podium(root, "train", "tiny").splitlines()
    [brought] = [line for line in told if line.startswith("best: ")]
    assert re.fullmatch(
        r"best: tiny-\S+, OOF accuracy \d\.\d{4}, in \d+ s; "
        "no run was finished before this command",
        brought,
    )
    assert told[-2].endswith(" blend")
    of_decision = "(an image has its most probable class); podium blend tunes the decision, or"
    assert f"these scores are of the plain decision {of_decision}" in "\n".join(told)
    assert told[-1].endswith(" check"), "it was not checked, and is trained all the same"
    told = podium(root, "train", "tiny").splitlines()
    [brought] = [line for line in told if "nothing to do" in line]
    was_there = r"tiny-\S+, OOF accuracy \d\.\d{4}: it was finished before, and there was"
    assert re.fullmatch(rf"{was_there} nothing to do", brought)

    lines = podium(root, "train", "tiny", "--seeds", "3", "--json-lines").splitlines()
    events = [json.loads(line) for line in lines]
    assert [one["step"] for one in events if one["event"] == "training"]
    result = events[-1]
    assert result["event"] == "result"
    (run,) = result["runs"]
    (first,) = read(podium(root, "train", "tiny", "--json"))
    gain = run["scores"]["oof"] - first["scores"]["oof"]
    said = "better" if gain > 0 else "worse" if gain < 0 else "as good"
    assert f"; {said} " in result["brought"]
    assert f"{first['run']} ({first['scores']['oof']:.4f})" in result["brought"]
    assert [one.split(maxsplit=1)[1] for one in result["next"]] == ["blend", "check"]

    lines = podium(root, "predict", first["run"], "--tta", "hflip", "--json-lines").splitlines()
    *others, last = (json.loads(line) for line in lines)
    assert "progress" in {one["event"] for one in others}
    assert [Path(one).is_dir() for one in last["sets"]] == [True]
    assert [one.split(maxsplit=1)[1] for one in last["next"]] == ["blend"]


@pytest.mark.parametrize(
    ("metric", "mine", "told"),
    [
        (
            "mae",
            126.377,
            "not the best: new, OOF mae 126.3770, in 4 min 0 s; "
            "worse by 48.6535 than old (77.7235) in 100% of draws: a lower mae is better",
        ),
        (
            "mae",
            77.0,
            "best: new, OOF mae 77.0000, in 4 min 0 s; "
            "better by 0.7235 than the best run before, old (77.7235) in 100% of draws",
        ),
        (
            "mae",
            77.72350001,
            "best: new, OOF mae 77.7235, in 4 min 0 s; "
            "as good as the best run before, old (77.7235)",
        ),
        (
            "accuracy",
            77.0,
            "not the best: new, OOF accuracy 77.0000, in 4 min 0 s; "
            "worse by 0.7235 than old (77.7235) in 100% of draws: a higher accuracy is better",
        ),
        (
            "accuracy",
            78.0,
            "best: new, OOF accuracy 78.0000, in 4 min 0 s; "
            "better by 0.2765 than the best run before, old (77.7235) in 100% of draws",
        ),
    ],
)
def test_a_run_that_is_worse_than_the_best_is_told_as_worse(
    monkeypatch: pytest.MonkeyPatch, metric: str, mine: float, told: str
) -> None:
    scores = {"old": 77.7235, "older": 77.7235 + (1 if metric == "mae" else -1), "new": mine}
    runs = [
        (Path(name), SimpleNamespace(scores={"metric": metric, "oof": score}))
        for name, score in scores.items()
    ]
    monkeypatch.setattr(trainings, "finished_runs", lambda workspace: runs)
    monkeypatch.setattr(trainings, "score_metric", lambda competition: metrics.get(metric))
    shares = iter((1.0, 0.8, None))
    monkeypatch.setattr(trainings, "share_of_draws", lambda *_: next(shares))
    trained = SimpleNamespace(
        run=Path("new"), scores={"metric": metric, "oof": mine}, was_finished=False
    )
    assert trainings.describe_gain(None, None, [trained], 240.0) == told  # type: ignore[arg-type, list-item]
    for draws in (" in 80% of draws", ""):
        doubted = told.replace(" in 100% of draws", f"{draws}, perhaps by chance")
        doubted = doubted.replace("not the best", "perhaps not the best")
        assert trainings.describe_gain(None, None, [trained], 240.0) == doubted  # type: ignore[arg-type, list-item]


# A method of the workspace: with one seed its loss is no number.
SPOILT = """\
from podium.training.methods.supervised import METHOD as SUPERVISED


class METHOD(SUPERVISED):
    def losses(self, batches, step):
        factor = float("nan") if step.seed == 4 else 1.0
        return {name: factor * one for name, one in super().losses(batches, step).items()}
"""


@pytest.mark.slow
def test_a_seed_that_fails_ends_no_other(miniatures: ModuleType, tmp_path: Path) -> None:
    root = two_folds(miniatures, tmp_path / "here")
    (root / "spoilt.py").write_text(SPOILT)
    spoilt = TINY.replace("epochs: 1", "epochs: 1, method: {name: 'spoilt:METHOD'}")
    (root / "recipes/spoilt.yaml").write_text(spoilt)
    told = podium(root, "train", "spoilt", "tiny", "--seeds", "3,4,5", code=1)
    assert "spoilt, seed 4 failed, the rest goes on: " in told
    table, _, error = told.partition("OOF over the seeds")[2].partition("podium: ")
    assert [line.split()[2:4] for line in table.splitlines() if "  accuracy" in line] == [
        ["3,", "5"],
        ["3,", "4,"],
    ]
    assert "the loss became nan in epoch 1" in error
    # The runs that there are stay, and what failed is said without the words about the rest.
    told = podium(root, "train", "tiny", "spoilt", "-o", "seed=4", code=1)
    assert "goes on" not in told
    assert "finished" in told
    both = ("train", "tiny", "spoilt", "--seeds", "3,4", "--json")
    runs = read(podium(root, *both, code=1).partition("podium: ")[0])["runs"]
    assert [run["run"].partition("-")[0] for run in runs] == ["tiny", "tiny", "spoilt"]


def two_folds(miniatures: ModuleType, root: Path) -> Path:
    """Make a workspace of two folds with the recipe `tiny`."""
    made = miniatures.class_folders(root / "data", n=30)
    podium(root, "init", made.data)
    spec = root / "competition.yaml"
    spec.write_text(spec.read_text().replace("n: 5", "n: 2"))
    (root / "recipes/tiny.yaml").write_text(TINY)
    return root


def read(text: str) -> Any:
    """Return the JSON at the end of what a command said."""
    start = min(text.find(one) for one in "[{" if f"\n{one}\n" in f"\n{text}")
    return json.loads(text[start:])
