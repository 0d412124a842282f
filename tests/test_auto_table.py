"""The table of `podium auto` beside its rivals: hidden answers, scores, and who is first."""

from __future__ import annotations

import csv
import re
import shutil
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from scripts import BENCHMARKS, script
from sklearn.metrics import accuracy_score, roc_auc_score

from podium.training.recipe import load_recipe


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    """The program."""
    return script(BENCHMARKS / "auto_table.py")


def test_hidden_answers_are_beside_the_workspace_and_not_in_it(
    bench: ModuleType, tmp_path: Path
) -> None:
    digits = bench.SETS["digits"]
    root = bench.lay_out(tmp_path, digits, tmp_path, seed=3)
    with (root / "data/train.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    counts = {f"c{digit}": 0 for digit in range(10)}
    for row in rows:
        counts[row["label"]] += 1
    assert set(counts.values()) == {30}
    with np.load(tmp_path / bench.HIDDEN) as kept:
        hidden = kept["hidden"]
    assert len(hidden) == len(list((root / "data/test").iterdir())) == 1000
    assert not list(root.rglob("*.npz"))


def test_scores_are_those_of_a_peer_library(bench: ModuleType) -> None:
    rng = np.random.default_rng(0)
    truth, classes = rng.integers(3, size=80), rng.integers(3, size=80)
    found = bench.drawn_scores(bench.SETS["digits"], truth, classes)
    assert found[0] == pytest.approx(accuracy_score(truth, classes))
    assert np.std(found[1:]) == pytest.approx(np.sqrt(found[0] * (1 - found[0]) / 80), rel=0.15)
    yes, probs = rng.integers(2, size=60), rng.random(60)
    found = bench.drawn_scores(bench.SETS["cats-dogs"], yes, probs)
    assert found[0] == pytest.approx(roc_auc_score(yes, probs))


@pytest.mark.parametrize(
    ("own", "others", "greater", "is_told"),
    [
        (0.8, {"linear": 0.7, "fastai": 0.75}, True, "first, +0.050"),
        (0.7, {"linear": 0.71}, True, "equal to linear, -0.010"),
        (0.6, {"linear": 0.8}, True, "behind linear, -0.200"),
        (0.9, {"linear": 1.2}, False, "first, +0.300"),
    ],
)
def test_who_is_first_by_the_paired_difference(
    bench: ModuleType, own: float, others: dict[str, float], greater: bool, is_told: str
) -> None:
    noise = np.random.default_rng(0).normal(0, 0.03, (3, 1000))
    names = {bench.AUTO: own, **others}
    found = {
        name: {"score": score, "draws": (score + spread).tolist()}
        for (name, score), spread in zip(names.items(), noise, strict=False)
    }
    assert bench.standing(found, greater=greater) == is_told


@pytest.mark.parametrize("name", ["cifar-few", "cats-dogs", "digits", "counts", "emoji"])
def test_recipe_by_hand_can_be_trained_on_its_set(
    bench: ModuleType, tmp_path: Path, name: str
) -> None:
    one = bench.SETS[name]
    shutil.copytree(BENCHMARKS / "parts/by_hand", tmp_path / "recipes")
    recipe = load_recipe(tmp_path / f"recipes/{one.recipe}.yaml")
    heads = {name for name, head in recipe.model.heads if head is not None}
    assert heads == set(re.findall("classify|segment", one.tasks))
    flips = {"weak", "flip", "hflip"}
    views = {str(recipe.input.train), *recipe.predict.tta}
    assert bool(views & flips) is not one.upright


def test_answers_of_the_recipe_are_those_of_the_file_to_send(
    bench: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "submissions").mkdir()
    (tmp_path / "submissions/blend-1a2b3c4d.csv").write_text("id,label\nb,c1\na,c7\n")
    found = bench.podium_answers(tmp_path, bench.SETS["digits"], bench.FILES["recipe"])
    assert found.tolist() == [7, 1]
    with pytest.raises(OSError, match=r"auto\.csv"):
        bench.podium_answers(tmp_path, bench.SETS["digits"])


@pytest.mark.slow
def test_a_contestant_that_is_not_done_is_stopped(bench: ModuleType, tmp_path: Path) -> None:
    endless = [sys.executable, "-c", "while True: pass"]
    quick = [sys.executable, "-c", "pass"]
    facts = bench.run_at_once({"a": endless, "b": quick}, tmp_path, 1 - bench.GRACE_S, "processor")
    assert list(facts) == ["a", "b"]
    assert facts["a"]["cpu_s"] >= 0.5
    assert facts["b"]["cpu_s"] < facts["a"]["cpu_s"]
