"""Scores over seeds: by hand, and as `podium train --seeds` tells them."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from command_line import podium

from podium.training.run import Trained
from podium.workflows.training import over_seeds

TINY = """\
model: {backbone: cnn, pretrained: false, options: {widths: [4]}}
input: {size: 16, train: none}
phases: [{name: all, epochs: 1}]
"""


def trained(missing: tuple[int, ...] = (), **oof: float | None) -> Trained:
    """Return a run of two folds with these scores by task."""
    tasks = {task: {"metric": f"of_{task}", "oof": score} for task, score in oof.items()}
    return Trained(Path("run"), (0, 1), missing, None, {"tasks": tasks} if tasks else {})


def test_mean_and_deviation_are_those_of_a_sample_by_task_and_recipe() -> None:
    runs = [
        trained(classify=0.5, segment=0.1),
        trained(classify=0.8, segment=0.1),
        trained(classify=0.6, segment=0.4),
        trained(classify=0.9),
        trained(classify=0.7),
        trained(classify=0.7),
    ]
    first, masks, second = over_seeds(["a", Path("b.yaml")], [4, 5, 6], runs)
    assert (first.recipe, first.task, first.metric) == ("a", "classify", "of_classify")
    assert first.oof == {4: 0.5, 5: 0.8, 6: 0.6}
    mean = (0.5 + 0.8 + 0.6) / 3
    squares = sum((one - mean) ** 2 for one in (0.5, 0.8, 0.6))
    assert first.mean == pytest.approx(mean)
    assert first.std == pytest.approx(math.sqrt(squares / 2))
    assert masks.mean == pytest.approx(0.2)
    assert (second.recipe, second.oof) == ("b.yaml", {4: 0.9, 5: 0.7, 6: 0.7})


def test_runs_that_lack_folds_or_a_score_are_left_out() -> None:
    runs = [trained(classify=0.5), trained((1,), classify=0.9), trained(classify=None), trained()]
    (found,) = over_seeds(["a"], [1, 2, 3, 4], runs)
    assert (found.oof, found.mean, found.std) == ({1: 0.5}, 0.5, None)
    (nothing,) = over_seeds(["a"], [1], [trained((1,), classify=0.9)])
    assert (nothing.oof, nothing.mean, nothing.std) == ({}, None, None)
    assert over_seeds(["a"], [1], [trained((0, 1))]) == []


def test_the_command_tells_the_spread_where_there_are_seeds(
    miniatures: ModuleType, tmp_path: Path
) -> None:
    root = tmp_path / "here"
    made = miniatures.class_folders(root / "data", n=30)
    podium(root, "init", made.data)
    spec = root / "competition.yaml"
    spec.write_text(spec.read_text().replace("n: 5", "n: 2"))
    (root / "recipes/tiny.yaml").write_text(TINY)
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


def read(text: str) -> Any:
    """Return the JSON at the end of what a command said."""
    start = min(text.find(one) for one in "[{" if f"\n{one}\n" in f"\n{text}")
    return json.loads(text[start:])
